# %% [markdown]
r"""
# Forecast and listen

> **Time**: {{run_time}} to run, 120 minutes to study.
>
> **What you do**: forecast the carbon dioxide in the air a year ahead without looking ahead, against rivals that are
> hard to beat; turn sound into a picture; recognise spoken digits in voices that were never heard, and whole strings of
> them with a loss that nobody has to tell which moment belongs to which digit.
>
> **What you need first**: [unit 03](../03_backprop/lesson.ipynb) (dynamic programming), [unit
> 10](../10_cnn/lesson.ipynb) (convolutional networks), [unit 14](../14_lstm_gru/lesson.ipynb) (GRU, both directions,
> padded batches).
>
> You may skip this unit on a first reading. Only [unit 17](../17_seq2seq_attention/lesson.ipynb) comes back to a
> question of it: how to get from one sequence to another.
"""

# %%
import itertools

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsRegressor
from torch import nn

from introdl import data, forecast, metrics, plot, speech, train
from introdl import nn as ours

seed = 0

# %% [markdown]
r"""
## A series with a future

Since 1958, people have measured on a mountain in Hawaii how much carbon dioxide is in the air, in parts per million
(ppm). Our copy of the series ends in 2001. Suppose that it is 1991, and you are to say the next twelve months.

The measurements are weekly, and some weeks are missing. Make months of them:
"""

# %%
dates, ppm = data.co2()
weeks = dates.astype("datetime64[M]")
months = np.arange(weeks[0], weeks[-1] + 1)
known = [ppm[(weeks == month) & ~np.isnan(ppm)] for month in months]
monthly = np.array([values.mean() if len(values) else np.nan for values in known])
print(len(months), "months; without a measurement:", *months[np.isnan(monthly)])

# %%
fig, ax = plot.figure("Carbon dioxide rises, and breathes once a year", "year", "CO₂ in the air, ppm", size=(7.2, 3.2))
ax.plot(months, monthly, lw=1)
ax.annotate("high in May, before\nnorthern plants grow", (np.datetime64("1986-05"), 350.5), (np.datetime64("1972-01"), 358),
            arrowprops={"arrowstyle": "->", "color": "0.4"}, fontsize=9)
plot.show(fig, alt="Monthly carbon dioxide from 1958 to 2001: a curve that rises from 315 to 371 ppm, ever a little faster, with a wave of about 6 ppm each year. A few months around 1958 and 1964 are missing.")

# %% [markdown]
r"""
### Fill a gap without looking ahead

Five months are empty. For a picture, a straight line between the neighbours would do. For a forecast it is cheating:
the month after the gap leaks into the gap. That is called [*look-ahead*](../glossary.md#look-ahead). So use the past
alone: the value before, plus the change that the same month brought a year earlier.
"""

# %%
line = np.interp(np.arange(len(monthly)), np.flatnonzero(~np.isnan(monthly)), monthly[~np.isnan(monthly)])
y = monthly.copy()
for t in np.flatnonzero(np.isnan(y)):
    y[t] = y[t - 1] + (y[t - 12] - y[t - 13] if t > 12 else 0)
print("month     line to the next value   from the past alone")
for t in np.flatnonzero(np.isnan(monthly)):
    print(f"{months[t]}   {line[t]:.1f}                    {y[t]:.1f}")

# %% [markdown]
r"""
Both are guesses, and they differ. The left column knows where the series goes next; a forecaster of that month did not.
A test for look-ahead: change the *future* of a series, and see whether anything before it moves.
"""

# %%
after = 74                                                 # the first month after the long gap
changed = np.where(np.arange(len(monthly)) >= after, monthly + 50, monthly)
line_again = np.interp(np.arange(len(changed)), np.flatnonzero(~np.isnan(changed)), changed[~np.isnan(changed)])
again = changed.copy()
for t in np.flatnonzero(np.isnan(again)):
    again[t] = again[t - 1] + (again[t - 12] - again[t - 13] if t > 12 else 0)
print("the line has moved before that month:", not np.array_equal(line[:after], line_again[:after]))
assert np.array_equal(y[:after], again[:after])            # ours has not

# %% [markdown]
r"""
### What is a good forecast?

An error of 1 ppm means nothing by itself. Compare with a forecast that anybody can make: each month will be as it was a
year ago. That is the [*seasonal naive forecast*](../glossary.md#seasonal-naive-forecast). Your mean absolute error,
divided by that of the naive forecast within the history, is the [*MASE*](../glossary.md#mase), the mean absolute scaled
error ([Hyndman and Koehler 2006](https://doi.org/10.1016/j.ijforecast.2006.03.001)):

$$\text{MASE} = \frac{\text{mean of } |y_t - \hat y_t| \text{ over the forecasts}}{\text{mean of } |y_t - y_{t-s}| \text{ over the history}},$$

where $s$ is the season, here 12. Below 1 is better than naive, and the unit, ppm, has cancelled.
"""

# %%
season = horizon = 12


def naive(o):
    """Twelve months from month o on, when those before it are known."""
    return y[o - 12 : o]


def mase(what_came, forecasts, history):
    scale = np.abs(history[season:] - history[:-season]).mean()
    return np.abs(what_came - forecasts).mean() / scale


o = 300
assert np.array_equal(naive(o), forecast.seasonal_naive(y[:o], season, horizon))
assert np.isclose(mase(y[o : o + 12], naive(o), y[:o]), forecast.mase(y[o : o + 12], naive(o), y[:o], season))
print(f"twelve months from {months[o]} on: off by {np.abs(y[o : o + 12] - naive(o)).mean():.2f} ppm, MASE {mase(y[o : o + 12], naive(o), y[:o]):.2f}")

# %% [markdown]
r"""
### Walk forward

One forecast proves nothing; the year may have been an easy one. So stand at many places in time, called
[*origins*](../glossary.md#origin).
From each, forecast twelve months with what is known by then, then walk on, and average. This is
[*walk-forward validation*](../glossary.md#walk-forward-validation). The order of time is the split:

- up to the first validation origin: everything that is *learned*, weights, and also means and deviations for scaling;
- then 49 origins on which we make *choices*;
- then 120 origins, one month apart, for the *test*. We do not look at them before the headline.

The futures of the validation origins end before the first test origin. (From a *test* origin one may look back at all
months before it, those of the validation years included: by then they are the past.)
"""

# %%
test = np.arange(len(y) - horizon - 119, len(y) - horizon + 1)
validation = np.arange(test[0] - 60, test[0] - horizon + 1)
first = validation[0]
for name, origins in (("validation", validation), ("test", test)):
    print(f"{name:10} {len(origins):3} origins, {months[origins[0]]} to {months[origins[-1]]}")


def score(forecast_from, origins=validation):
    """The MASE of a function that takes an origin and returns twelve months."""
    what_came = np.array([y[o : o + horizon] for o in origins])
    return forecast.mase(what_came, np.array([forecast_from(o) for o in origins]), y[:first], season)


print(f"as a year ago: MASE {score(naive):.2f}")

# %% [markdown]
r"""
Above 1: the air rises faster than in the history, and the naive forecast lags behind by a year's rise. So mend it, with
one number: how much higher was last month than the same month a year before?
"""

# %%
def with_rise(o):
    return naive(o) + (y[o - 1] - y[o - 13])


print(f"as a year ago, and the last rise once more: MASE {score(with_rise):.2f}")


def draw_origin(o):
    fig, ax = plot.figure("Walk forward: forecast, wait a month, forecast again", "year", "CO₂ in the air, ppm", size=(6.4, 3.2))
    ax.plot(months[validation[0] - 18 : o], y[validation[0] - 18 : o], color="0.3", lw=1.5)
    ax.plot(months[o : o + 12], y[o : o + 12], "o", color="0.3", ms=3, zorder=3)
    for rival, name, color in ((naive, "as a year ago", "C1"), (with_rise, "with the rise", "C0")):
        ax.plot(months[o : o + 12], rival(o), color=color, label=name)
    ax.axvline(months[o], color="0.8", lw=1)
    ax.set(xlim=(months[first - 18], months[test[0]]), ylim=(341, 360))
    ax.legend(loc="upper left")
    return fig


plot.animate(draw_origin, validation[::6], fps=1.5,
             alt="An animation over nine origins. A line of known months grows to the right; from its end two forecasts of twelve months go on, beside dots that show what came. The forecast as a year ago lies below the dots, the one with the rise among them.")

# %% [markdown]
r"""
## Two that learn

Both shall forecast the *change against a year ago*, $z_t = y_t - y_{t-12}$: it has no season and no long rise. Scaled
by mean and deviation of the past, and *only* the past. Examples are windows: so many values in a row, and the twelve
that came right after them. All of them, futures included, lie before the first origin.
"""

# %%
z = np.full(len(y), np.nan)
z[12:] = y[12:] - y[:-12]
mean, deviation = z[12:first].mean(), z[12:first].std()
z = (z - mean) / deviation


def windows(series, length, horizon):
    starts = range(len(series) - length - horizon + 1)
    X = np.array([series[n : n + length] for n in starts])
    Y = np.array([series[n + length : n + length + horizon] for n in starts])
    return X, Y


X, Y = windows(z[12:first], 36, horizon)
assert all(np.array_equal(a, b) for a, b in zip((X, Y), forecast.windows(z[12:first], 36, horizon)))
print("X", X.shape, " Y", Y.shape)

# %% [markdown]
r"""
### The linear model

The first is linear: $\hat Y = X W + b$ with the smallest squared error, and a little weight decay, since the columns of
$X$ are much alike ([unit 07](../07_regularization/lesson.ipynb)). With a column of ones beside $X$, which takes care of
$b$, the slope of all that is 0 where $(X^T X + \lambda I)\, W = X^T Y$: one solve, no steps. How many past months should
it see? Validation says:
"""

# %%
def fit_linear(X, Y, penalty=0.01):
    A = np.column_stack([X, np.ones(len(X))])
    return np.linalg.solve(A.T @ A + penalty * np.eye(A.shape[1]), A.T @ Y)


def in_ppm(o, change):
    """From scaled changes against a year ago, (…, 12), to ppm."""
    return naive(o) + change * deviation + mean


def linear_forecaster(length):
    W = fit_linear(*windows(z[12:first], length, horizon))
    return lambda o: in_ppm(o, np.append(z[o - length : o], 1) @ W)


linear = {length: linear_forecaster(length) for length in (12, 24, 36)}
for length, forecaster in linear.items():
    print(f"linear, {length} months: MASE {score(forecaster):.2f}")
length = min(linear, key=lambda length: score(linear[length]))
assert length == 36

# %% [markdown]
r"""
### The network

The other one is a GRU that reads the same 36 months, one by one; a dense layer turns its last state into twelve
numbers. Five of them, from different first weights. Their mean is the forecast, an
[*ensemble*](../glossary.md#ensemble); how far they are apart shall tell how sure they are.
"""

# %%
class Forecaster(nn.Module):
    def __init__(self, horizon):
        super().__init__()
        self.gru, self.out = nn.GRU(1, 24, batch_first=True), nn.Linear(24, horizon)

    def forward(self, X):                                  # (N, T) -> (N, horizon)
        H, _ = self.gru(X[:, :, np.newaxis])               # (N, T, 24)
        return self.out(H[:, -1])


# %%
def fit_gru(X, Y, seed, num_steps):
    torch.manual_seed(seed)
    net, X, Y = Forecaster(Y.shape[1]), torch.tensor(X, dtype=torch.float32), torch.tensor(Y, dtype=torch.float32)
    optimizer = torch.optim.AdamW(net.parameters(), lr=0.005)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.005, total_steps=num_steps)
    for _ in range(num_steps):
        batch = torch.randint(len(X), (32,))
        loss = (net(X[batch]) - Y[batch]).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
    return net


nets = [fit_gru(X, Y, 5 * seed + k, num_steps=200) for k in range(5)]

# %% [markdown]
r"""
A look inside. `nn.GRU` is the layer that you built in unit 14: with its weights, `ours.GRU` gives the same states.
(PyTorch keeps two biases for each gate, which add up; only the candidate's second one stays apart.)
"""

# %%
layer = nets[0].gru
W_x, W_h, b_x, b_h = (p.detach().numpy().T for p in layer.parameters())
mine = ours.GRU(1, 24, np.random.default_rng(seed))
for param, value in zip(mine.params, (W_x, W_h, b_x + b_h * (np.arange(72) < 48), b_h[48:])):
    param[...] = value
with torch.no_grad():
    theirs = layer(torch.tensor(X[:3, :, np.newaxis], dtype=torch.float32))[0].numpy()
assert np.allclose(mine.forward(X[:3, :, np.newaxis].astype(np.float32)), theirs, atol=1e-5)
print("states", theirs.shape, ": equal")

# %% tags=["nbval-ignore-output"]
@torch.no_grad()
def each_gru(o):
    """Five forecasts: (5, 12)."""
    window = torch.tensor(z[o - length : o], dtype=torch.float32)[np.newaxis]
    return in_ppm(o, np.array([net(window)[0].numpy() for net in nets]))


def gru(o):
    return each_gru(o).mean(axis=0)


rivals = {"as a year ago": naive, "with the last rise": with_rise, "linear, 36 months": linear[length], "GRU, mean of five": gru}
for name, rival in rivals.items():
    print(f"{name:19} MASE {score(rival):.2f}")

# %% [markdown]
r"""
The linear model and the network are close, and neither is far ahead of a rule with one number. Which is best, the test
will say. Do not expect much of the network: this series is a rise and a season, both nearly linear in the past, and
there are few examples, most of them much alike.
"""

# %% [markdown]
r"""
### How sure?

A forecast of one number for each month pretends to know. A *fan* says a range. First idea: the range from the lowest to
the highest of the five networks. How often is what came inside?
"""

# %% tags=["nbval-ignore-output"]
came = np.array([y[o : o + horizon] for o in validation])
each = np.array([each_gru(o) for o in validation])                                    # (49, 5, 12)
inside = (each.min(axis=1) <= came) & (came <= each.max(axis=1))
print(f"within the range of the five networks: {inside.mean():.0%} of the months")
assert inside.mean() < 0.5

# %% [markdown]
r"""
Far too seldom. The five agree, because they have learned from the same past. They do not know what the next year will
bring of its own: an El Niño, a warm winter. An ensemble shows how sure the *fit* is, not how sure the *future* is. That
second part we must measure: how large were the errors on the validation origins, one month ahead, two months ahead, and
so on? Both parts add up as variances do, and 1.64 deviations to each side shall hold 90 % of the months, as they would if errors were normally distributed.
"""

# %%
off = np.sqrt(np.square(each.mean(axis=1) - came).mean(axis=0))                       # by months ahead: (12,)


def fan(o):
    """Lower end, middle and upper end: each (12,)."""
    each = each_gru(o)
    half = 1.64 * np.sqrt(each.var(axis=0) + off**2)
    return each.mean(axis=0) - half, each.mean(axis=0), each.mean(axis=0) + half


# %%
o = validation[-1]
low, middle, high = fan(o)
fig, ax = plot.figure("The networks agree with each other more than with the year that came", "month", "CO₂ in the air, ppm", size=(7.2, 3.6))
ax.plot(months[o - 24 : o], y[o - 24 : o], color="0.3")
ax.fill_between(months[o : o + 12], low, high, color="C0", alpha=0.2, lw=0)
ax.plot(months[o : o + 12], each_gru(o).T, color="C0", lw=0.7)
ax.plot(months[o : o + 12], y[o : o + 12], "o", color="C1", ms=5)
ax.text(months[o - 23], 355.5, "known", color="0.3")
ax.text(months[o + 1], high.max() + 0.3, "90 % fan", color="C0")
ax.text(months[o + 8], low.min() - 0.6, "what came", color="C1")
ticks = months[o - 24 : o + 12 : 6]
ax.set(xticks=ticks, xticklabels=ticks.astype(str), ylim=(low.min() - 2, high.max() + 1.5))
plot.show(fig, alt="Two years of known months, then a fan for the next twelve. Five thin lines, one a network, lie close together; a shaded band around them is some 2 ppm wide and widens with time. The dots of what came mostly lie in the band, and often beside the five lines.")

# %% [markdown]
r"""
## Where does a network earn its keep?

### Not on sunspots

Try another real series: the number of sunspots, every year since 1700. It rises and falls in about eleven years, never
quite alike. Roots make peaks and valleys alike in size. Nine years in, six years out, as many lags for both; learned
from the years before the last eighty origins.
"""

# %%
def duel(series, first, num_origins, length, horizon, scale_season, num_steps):
    """The MASE of the linear model and of one GRU from origins that begin at `first`; all is learned before it."""
    scaled = (series - series[:first].mean()) / series[:first].std()
    X, Y = forecast.windows(scaled[:first], length, horizon)
    origins = np.arange(first, first + num_origins)
    seen, came = (np.array([scaled[o + a : o + b] for o in origins]) for a, b in ((-length, 0), (0, horizon)))
    bent = fit_gru(X, Y, seed, num_steps)(torch.tensor(seen, dtype=torch.float32)).detach().numpy()
    straight = np.column_stack([seen, np.ones(len(seen))]) @ fit_linear(X, Y)
    return {name: forecast.mase(came, y_hat, scaled[:first], scale_season) for name, y_hat in (("linear", straight), ("GRU", bent))}


years, spots = data.sunspots()
found = duel(np.sqrt(spots), len(spots) - 85, 80, length=9, horizon=6, scale_season=11, num_steps=300)

# %% tags=["nbval-ignore-output"]
print("sunspots:", ", ".join(f"{name} MASE {value:.2f}" for name, value in found.items()))
assert found["linear"] < found["GRU"]

# %% [markdown]
r"""
The linear model wins. It is no accident: [Makridakis and others
(2018)](https://doi.org/10.1371/journal.pone.0194889) compared methods on 1,045 real monthly series and found simple ones
ahead of neural networks. Of our own two real series, the network wins on neither.

### On a series that is bent

So here is a synthetic one, to see what it *would* take. It is an equation by
[Mackey and Glass (1977)](https://doi.org/10.1126/science.267326) for the number of blood cells: new ones are made from
what the body measured some time ago, and where it measured very many, it makes almost none. That is a strong bend:

$$x_{t+1} = x_t + \frac{0.2\, x_{t-17}}{1 + x_{t-17}^{10}} - 0.1\, x_t.$$

There is no noise, and yet it never repeats. We look at every sixth step.
"""

# %%
x = [1.2] * 18
while len(x) < 7500:
    x.append(x[-1] + 0.2 * x[-18] / (1 + x[-18] ** 10) - 0.1 * x[-1])
cells = np.array(x[500::6])
found = duel(cells, 900, 200, length=24, horizon=12, scale_season=1, num_steps=500)

# %% tags=["nbval-ignore-output"]
print("Mackey-Glass:", ", ".join(f"{name} MASE {value:.2f}" for name, value in found.items()))
assert found["GRU"] < found["linear"] / 2

# %%
fig, axs = plot.figure("Sunspots are noisy, Mackey-Glass is bent: only there the network wins", ncols=2, size=(7.6, 3.0))
axs[0].plot(years, spots, lw=1)
axs[0].set(xlabel="year", ylabel="sunspots", title="sunspots: real, linear wins")
axs[1].plot(cells[:300], lw=1, color="C1")
axs[1].set(xlabel="step", ylabel="x", title="Mackey-Glass: synthetic, GRU wins")
plot.show(fig, alt="Left, the yearly number of sunspots since 1700: some thirty spikes of very different height, about eleven years apart. Right, three hundred steps of the Mackey-Glass series: a smooth wave that never repeats, with peaks of different heights.")

# %% [markdown]
r"""
What to take from it: a network wins where the future depends on the past in a bent way, where there are enough examples
to learn the bend, and where noise does not drown it. Sound is such a case: rich, plentiful, and anything but linear.
"""

# %% [markdown]
r"""
## From sound to a picture

A loudspeaker moves to and fro; a sound is the list of its places, thousands a second. Ours are *synthetic*: a program,
espeak-ng, speaks digits in many invented voices, each at several speeds and pitches. No person has said them. That is a
weakness: they are clearer and more alike than people in a kitchen, so our figures say nothing about real speech. It
still teaches: the road from wave to word is the same, nobody's voice is used without consent, and the split can be
honest. A *voice* is in one part only, and near relatives of a voice are in the same part as it.

The voices come in an optional package. If it is missing, the first line below says how to get it, and the lesson goes
on with the tones of telephone keys: everything runs, but the figures and words of the text are then not those of your
notebook.
"""

# %%
def dialled(counts, longest, rng):
    """Telephone keys in the place of voices: recordings of up to `longest` digits, as many as `counts` says."""
    for count in counts:
        labels = [rng.integers(0, 10, size=rng.integers(min(2, longest), longest + 1)) for _ in range(count)]
        yield data.Spoken([speech.dial(label, rate, rng) for label in labels], labels, [str(n // 10) for n in range(count)])


rate = data.SPEECH_RATE
try:
    digits, strings, complete = data.spoken_digits(), data.spoken_strings(), True
except ImportError as error:
    print(error)
    rng = np.random.default_rng(seed)
    digits, strings, complete = [*dialled((1500, 270, 480), 1, rng)], [*dialled((1200, 150, 300), 5, rng)], False

# %%
for name, part in zip(("training", "validation", "test"), digits):
    print(f"{name:10} {len(part.waves):5} digits by {len(set(part.voices)):2} voices")
assert not complete or not {*digits[0].voices} & {*digits[1].voices, *digits[2].voices}

# %% [markdown]
r"""
Listen to one digit, said by three of the voices:
"""

# %% tags=["nbval-ignore-output"]
for n in (3, 33, 1203):
    speech.listen(digits[0].waves[n], rate, f"A synthetic voice says {digits[0].labels[n][0]}")

# %% [markdown]
r"""
### Frames

A wave of half a second has some 5,000 numbers, and which of them is up and which down says little: the same vowel looks
different at each moment. What the ear hears is *which frequencies* are in it, and how that changes. So cut the wave into
short pieces, [*frames*](../glossary.md#frame), here 25 milliseconds long. One begins every 10 milliseconds, so they
overlap, and nothing is lost at an edge. The last one is filled up with zeros.
"""

# %%
wave = digits[0].waves[33]
size, step = round(0.025 * rate), round(0.010 * rate)
count = 1 + max(0, -(-(len(wave) - size) // step))         # rounded up: every sample is in a frame
padded = np.pad(wave, (0, (count - 1) * step + size - len(wave)))
pieces = np.array([padded[f * step : f * step + size] for f in range(count)])
assert np.array_equal(pieces, speech.frames(wave, size, step))
print(f"{len(wave):,} samples -> {count} frames of {size} samples, a new one every {step}")

# %% [markdown]
r"""
### Which frequencies?

A frame is a sum of waves, each with a number of swings a second (hertz). The [*Fourier
transform*](../glossary.md#fourier-transform) says how much of each
is in it. You can write it as a product: the frame times a cosine and times a sine of that frequency. If they swing
together, the sums are large. Squared and added, they are the power at that frequency. `np.fft.rfft` does the same for
all frequencies, faster.

A frame is cut out of a longer sound; its ends would sound like clicks. So each frame is first faded in and out, by a
*Hann window*.
"""

# %%
window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
k = np.arange(size // 2 + 1)[:, np.newaxis]                # k swings in a frame: k * rate / size hertz
angle = 2 * np.pi * k * np.arange(size) / size
power = ((pieces * window) @ np.cos(angle).T) ** 2 + ((pieces * window) @ np.sin(angle).T) ** 2   # (F, K)
assert np.allclose(power, np.abs(np.fft.rfft(pieces * window)) ** 2)
assert np.allclose(power, speech.power_spectrum(pieces))
print("power", power.shape, f": {len(k)} frequencies from 0 to {rate / 2:,.0f} hertz")

# %% [markdown]
r"""
### The mel scale

The ear hears the step from 200 to 300 hertz as large, that from 4,000 to 4,100 hardly at all. The [*mel
scale*](../glossary.md#mel-scale) measures pitch as heard: $2595 \log_{10}(1 + f / 700)$ for $f$ hertz (O'Shaughnessy
1987). So put neighbouring frequencies together in *bands* that are equally wide in mel: narrow below, wide above. Each
band is a triangle of weights, and its power is a weighted sum.
"""

# %%
def mel(hertz):
    return 2595 * np.log10(1 + hertz / 700)


hertz = np.arange(size // 2 + 1) * rate / size
corners = 700 * (10 ** (np.linspace(0, mel(rate / 2), 42) / 2595) - 1)                # evenly spread in mel, back in hertz
rising = (hertz - corners[:-2, np.newaxis]) / np.diff(corners)[:-1, np.newaxis]
falling = (corners[2:, np.newaxis] - hertz) / np.diff(corners)[1:, np.newaxis]
bands = np.clip(np.minimum(rising, falling), 0, None)      # (40, K)
assert np.allclose(bands, speech.mel_filters(40, size, rate))

# %%
fig, ax = plot.figure("Forty bands, narrow where the ear is fine", "frequency, hertz", "weight", size=(6.4, 2.6))
for place in range(0, 40, 3):
    ax.plot(hertz, bands[place], lw=1.5, color=f"C{place // 3 % 2}")
plot.show(fig, alt="Every third of forty triangles over the frequency from 0 to 5,500 hertz. At the left they are about 100 hertz wide and close together, to the right they become up to ten times as wide.")

# %% [markdown]
r"""
Last, the logarithm: the ear also hears loudness by factors. The result is the
[*log-mel spectrogram*](../glossary.md#log-mel-spectrogram): a picture of sound, time to the right, pitch upwards.
`speech.log_mel` does all five steps.
"""

# %%
picture = np.log(power @ bands.T + 1e-6)                   # (F, 40)
assert np.allclose(picture, speech.log_mel(wave, rate), atol=1e-4)

fig, axs = plot.figure("One spoken digit: the wave, its frequencies, its mel bands", ncols=3, size=(7.8, 2.9))
seconds = len(wave) / rate
axs[0].plot(np.arange(len(wave)) / rate, wave, lw=0.5)
axs[0].set(xlabel="seconds", ylabel="place of the loudspeaker", title="wave", xlim=(0, seconds))
axs[1].imshow(np.log(power + 1e-6).T, origin="lower", aspect="auto", extent=(0, seconds, 0, rate / 2000), cmap="magma")
axs[1].set(xlabel="seconds", ylabel="kilohertz", title="log power")
axs[2].imshow(picture.T, origin="lower", aspect="auto", extent=(0, seconds, 0, 40), cmap="magma")
axs[2].set(xlabel="seconds", ylabel="mel band", title="log-mel")
plot.show(fig, alt="Three pictures of one spoken digit, about half a second. Left, the wave: bursts of dense swings. Middle, log power over time and frequency: fine horizontal stripes, the overtones of the voice, in brighter regions that bend with time. "
                   "Right, forty mel bands: the same bright regions, the low ones larger, the stripes merged above.")

# %% [markdown]
r"""
The bright regions that move are what makes a vowel: they follow mouth and tongue. The stripes are the pitch of the voice,
which the digit does not depend on, and the bands blur them on purpose.
"""

# %% [markdown]
r"""
## Which digit?

Now it is a picture, and pictures you can do. All digits get a hundred frames, one second: longer ones are cut, shorter
ones are filled with silence. Scaling by the training voices.
"""

# %%
def pictures(part, num_frames=100):
    """Log-mel spectrograms (N, num_frames, 40), filled up with silence, and labels (N,)."""
    X = np.full((len(part.waves), num_frames, 40), np.log(1e-6), np.float32)
    for n, wave in enumerate(part.waves):
        bands = speech.log_mel(wave, rate)[:num_frames]
        X[n, : len(bands)] = bands
    return X, np.concatenate(part.labels)


(X_train, y_train), (X_val, y_val), (X_test, y_test) = (pictures(part) for part in digits)
average, width = X_train.mean(), X_train.std()
X_train, X_val, X_test = ((X - average) / width for X in (X_train, X_val, X_test))
print(X_train.shape, X_val.shape, X_test.shape)

# %% [markdown]
r"""
First the honest rival: logistic regression on every fourth frame, its strength chosen on the validation voices. Then a
small network as in [unit 10](../10_cnn/lesson.ipynb): three convolutions of stride 2, an average over a few parts of the
map, dropout, a dense layer.
"""

# %%
def flat(X):
    return X[:, ::4].reshape(len(X), -1)


tried = [LogisticRegression(C=C, max_iter=500).fit(flat(X_train), y_train) for C in (0.001, 0.01)]
regression = max(tried, key=lambda model: model.score(flat(X_val), y_val))

torch.manual_seed(seed)
layers = []
for c_in, c_out in ((1, 16), (16, 32), (32, 64)):
    layers += [nn.Conv2d(c_in, c_out, 3, stride=2, padding=1), nn.BatchNorm2d(c_out), nn.ReLU()]
cnn = nn.Sequential(*layers, nn.AdaptiveAvgPool2d((3, 5)), nn.Flatten(), nn.Dropout(0.5), nn.Linear(64 * 15, 10))
num_steps = 7 * -(-len(X_train) // 32)
optimizer = torch.optim.AdamW(cnn.parameters(), lr=0.003)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.003, total_steps=num_steps)
history = train.fit(cnn, (X_train[:, np.newaxis], y_train, X_val[:, np.newaxis], y_val), num_epochs=7, batch_size=32,
                    optimizer=optimizer, scheduler=scheduler, seed=seed)

# %% tags=["nbval-ignore-output"]
print(f"voices never heard: logistic regression {regression.score(flat(X_val), y_val):.1%}, CNN {history['val_accuracy'][-1]:.1%} (validation)")
print(f"voices learned from: logistic regression {regression.score(flat(X_train), y_train):.1%}")

# %% [markdown]
r"""
Clear speech, one word at a time, ten words: a linear model nearly does it. The hard part of speech is another one.
"""

# %% [markdown]
r"""
## Nobody says where

Here is a string of digits, spoken in one breath:
"""

# %% tags=["nbval-ignore-output"]
n = ([0] + [n for n, label in enumerate(strings[1].labels) if len(label) == 4 and label[1] == label[2] and len(set(label)) == 3])[-1]
print("transcript:", *strings[1].labels[n])
speech.listen(strings[1].waves[n], rate, "A synthetic voice says a string of four digits, the second and the third the same")

# %% [markdown]
r"""
To train a network frame by frame, you would need to know which frame belongs to which digit. Somebody would have to mark
it by ear, for hours of speech. What one has is the *transcript*: the digits, in their order, without times.

[*Connectionist temporal classification*](../glossary.md#connectionist-temporal-classification), CTC ([Graves and others
2006](https://www.cs.toronto.edu/~graves/icml_2006.pdf)), needs no more. At each step the network gives probabilities for
eleven classes: the ten digits, and the [*blank*](../glossary.md#blank), class 0, "nothing new". One class for each step
is a *path*; its probability is the product of those of its steps. A path is read in two moves: take each run of one
class once, then drop the blanks. (In these small examples we call class 3 "3".)
"""

# %%
def collapse(path):
    return [c for t, c in enumerate(path) if c != 0 and (t == 0 or c != path[t - 1])]


for path in ([0, 3, 3, 0, 0, 1, 1], [3, 3, 3, 3, 1, 0, 0], [0, 3, 0, 3, 3, 0, 1], [3, 3, 1, 1, 0, 1, 1]):
    assert collapse(path) == list(ours.ctc_collapse(np.array(path)))
    print(*path, "  reads", *collapse(path))

# %% [markdown]
r"""
The first two read the same: the digit 3 may be long or short, early or late. The third says 3 twice, because a blank
stands *between* the two runs. Without it, they would be one. That is what the blank is for.

The loss: the probability of a transcript is the sum of the probabilities of *all* paths that read as it. Its negative
logarithm is the loss. Nobody says which path; all that are right share the reward.

For four steps and three classes one can list all paths. For a real string one cannot:
"""

# %%
def probability(p, label):
    """Over every path: (T, C) probabilities, a list of classes."""
    T, C = p.shape
    return sum(p[range(T), path].prod() for path in itertools.product(range(C), repeat=T) if collapse(path) == label)


rng = np.random.default_rng(seed)
logits = rng.normal(size=(4, 3))
p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
print(f"the paths of 4 steps that read as 1 2 have probability {probability(p, [1, 2]):.3f}")
print(f"paths of 40 steps and 11 classes: {11.0**40:.0e}")

# %% [markdown]
r"""
### Add up all paths without listing them

Many paths share their beginnings. That calls for *dynamic programming* ([unit 03](../03_backprop/lesson.ipynb)): keep
one number for all beginnings that have come equally far. How far? Write the label with blanks before, between and after
its digits: 3 3 becomes blank 3 blank 3 blank, five *states*. A path walks through them from left to right. In each step it may

- stay: a longer digit, a longer pause;
- go on to the next state;
- skip a blank, if the digits on both sides differ. (If they are the same, the blank must be walked through.)
"""

# %%
def with_blanks(label):
    states = np.zeros(2 * len(label) + 1, int)
    states[1::2] = label
    return states


def may_go(states, s, to):
    return to - s in (0, 1) or (to - s == 2 and states[to] != 0 and states[to] != states[s])


def draw_lattice(ax, label, T):
    states = with_blanks(label)
    S = len(states)
    edges = np.array([[may_go(states, s, to) for to in range(S)] for s in range(S)])
    begun, ends = np.zeros((T, S), bool), np.zeros((T, S), bool)                      # reached from the start; leads to the end
    begun[0, :2] = ends[-1, -2:] = True
    for t in range(1, T):
        begun[t], ends[-1 - t] = begun[t - 1] @ edges, edges @ ends[-t]
    for t, s, to in itertools.product(range(T - 1), range(S), range(S)):
        if edges[s, to] and begun[t, s] and ends[t + 1, to]:
            ax.plot([t, t + 1], [s, to], color="C1" if to - s == 2 else "0.7", lw=1.2, zorder=0)
    for t, s in zip(*np.nonzero(begun & ends)):
        ax.plot(t, s, "o", color="C0" if states[s] else "0.5", ms=9, mfc=None if states[s] else "white")
    ax.set(xticks=range(T), xticklabels=range(1, T + 1), yticks=range(S), yticklabels=[c or "blank" for c in states], xlabel="step")
    ax.invert_yaxis()


fig, axs = plot.figure("A blank may be skipped between 3 and 1, not between 3 and 3", ncols=2, size=(7.4, 3.2))
for ax, label in zip(axs, ([3, 1], [3, 3])):
    draw_lattice(ax, label, 6)
    ax.set_title(f"{label[0]} then {label[1]}")
axs[0].set_ylabel("state")
plot.show(fig, alt="Two lattices of five states, blank, first digit, blank, second digit, blank, over six steps. Grey lines stay in a state or go one down. Left, for 3 then 1, orange lines also go from the 3 to the 1, over the blank between. Right, for 3 then 3, there is no such line.")

# %% [markdown]
r"""
So $\alpha_t(s)$, the probability of all beginnings that are in state $s$ after step $t$, is the sum of two or three
$\alpha_{t-1}$, times the probability of the state's class at step $t$. After hundreds of steps, such products are
smaller than any float. So keep logarithms; to *add* probabilities that are given as logarithms, use `np.logaddexp`,
$\ln(e^a + e^b)$ without overflow.
"""

# %%
def forward(log_p, states):
    alpha = np.full((len(log_p), len(states)), -np.inf)
    alpha[0, :2] = log_p[0, states[:2]]                    # begin with a blank, or with the first digit
    for t in range(1, len(log_p)):
        for s, c in enumerate(states):
            skips = s > 1 and c != 0 and c != states[s - 2]
            ways = alpha[t - 1, max(0, s - 1 - skips) : s + 1]
            alpha[t, s] = np.logaddexp.reduce(ways) + log_p[t, c]
    return alpha


def total(alpha):
    return np.logaddexp(alpha[-1, -1], alpha[-1, -2])      # end in the last blank, or in the last digit


for label in ([1, 2], [1], [2, 2], [1, 2, 1]):
    log_total = total(forward(np.log(p), with_blanks(label)))
    assert np.isclose(np.exp(log_total), probability(p, label))
print("the sum over the lattice equals the sum over all paths")

# %% [markdown]
r"""
A bonus: give every class the "probability" 1, and the same sum *counts* paths.
"""

# %%
for label in ([3, 1], [3, 3], [3, 1, 4, 1, 5]):
    print(f"{np.exp(total(forward(np.zeros((40, 11)), with_blanks(label)))):13,.0f} paths of 40 steps read as", *label)

# %% [markdown]
r"""
### The slope

How should the network change its scores? Let $q_t(k)$ be the *share* of the label's probability that goes through class
$k$ at step $t$: of all right paths, weighted by their probability, how many say $k$ at that moment? Then the slope of
the loss with respect to the scores before softmax is

$$\frac{\partial\, \text{loss}}{\partial\, \text{score}_t(k)} = p_t(k) - q_t(k).$$

It looks like that of softmax with cross-entropy ([unit 03](../03_backprop/lesson.ipynb)), prediction minus target. Only
the target is not given: the network's own opinion of where the digits are, among the paths that read right. For $q$ one
needs all endings, too. They are the beginnings of the reversed label in reversed time.
"""

# %%
def slope(log_p, states):
    alpha = forward(log_p, states)
    beta = forward(log_p[::-1], states[::-1])[::-1, ::-1]
    share = np.exp(alpha + beta - log_p[:, states] - total(alpha))                    # step t is in both: once too often
    q = np.zeros_like(log_p)
    for s, c in enumerate(states):
        q[:, c] += share[:, s]
    return np.exp(log_p) - q


logits = torch.tensor(rng.normal(size=(12, 11)), requires_grad=True)
log_p, label = logits.log_softmax(dim=1), np.array([3, 3, 1])
loss = nn.functional.ctc_loss(log_p, torch.tensor(label), torch.tensor(12), torch.tensor(3), reduction="sum")
loss.backward()
mine = -total(forward(log_p.detach().numpy(), with_blanks(label)))
assert np.isclose(mine, loss.item()) and np.isclose(mine, ours.ctc_loss(log_p.detach().numpy(), label))
assert np.allclose(slope(log_p.detach().numpy(), with_blanks(label)), logits.grad)
assert np.allclose(ours.ctc_loss_backward(log_p.detach().numpy(), label), logits.grad)
print(f"loss {mine:.2f}: equal to PyTorch's, and the slope, too")

# %% [markdown]
r"""
### A network that listens

Two convolutions, each halving the number of steps, see what happens within a tenth of a second. A GRU in both directions
reads the whole string. A dense layer gives eleven scores a step. Spectrograms are scaled band by band, by the training
voices.
"""

# %%
class Listener(nn.Module):
    def __init__(self):
        super().__init__()
        layers = []
        for c_in in (40, 48):
            layers += [nn.Conv1d(c_in, 48, 5, stride=2, padding=2), nn.BatchNorm1d(48), nn.ReLU()]
        self.convolutions = nn.Sequential(*layers)
        self.gru = nn.GRU(48, 48, batch_first=True, bidirectional=True)
        self.out = nn.Sequential(nn.Dropout(0.3), nn.Linear(96, 11))

    def forward(self, X):                                  # (N, F, 40) -> (N, T, 11) log-probabilities, T = F / 4
        Z = self.convolutions(X.transpose(1, 2)).transpose(1, 2)
        H, _ = self.gru(Z)
        return self.out(H).log_softmax(dim=2)


# %%
spectrograms = [[speech.log_mel(wave, rate) for wave in part.waves] for part in strings]
average, width = (f(np.concatenate(spectrograms[0]), axis=0) for f in (np.mean, np.std))          # of each band
spectrograms = [[torch.from_numpy((X - average) / width) for X in part] for part in spectrograms]
silence = float(spectrograms[0][0].min())


# %% [markdown]
r"""
There are 1,200 strings to learn from, but only fifty voices. So make more, by augmentation ([unit
12](../12_transfer_augmentation/lesson.ipynb)) of a kind that leaves the digits what they are: move the bands up or down
by as many as two, as for a smaller or larger throat, and change the loudness and the share of high tones.
"""

# %%
def another_voice(X, rng):
    """A spectrogram (F, 40) as another voice might say it."""
    moved = np.clip(np.arange(40) + rng.integers(-2, 3), 0, 39)
    louder = rng.normal(0, 0.5) + rng.normal(0, 0.5) * np.linspace(-1, 1, 40)
    return X[:, moved] + torch.from_numpy(louder.astype(np.float32))


def batch_of(chosen, rng):
    """Padded spectrograms (N, F, 40), steps of each after two strides (N,), labels in a row, their lengths (N,)."""
    X = [another_voice(spectrograms[0][n], rng) for n in chosen]
    steps = torch.tensor([-(-len(x) // 4) for x in X])     # halved twice, rounded up
    labels = [torch.from_numpy(strings[0].labels[n] + 1) for n in chosen]             # 0 is the blank: digit d is class d + 1
    X = nn.utils.rnn.pad_sequence(X, batch_first=True, padding_value=silence)
    return X, steps, torch.cat(labels), torch.tensor([len(label) for label in labels])


# %% [markdown]
r"""
How wrong is a reading? Count the digits that were replaced, left out or put in: the smallest number of such edits that
turn what was read into the truth is the [*edit distance*](../glossary.md#edit-distance). Dynamic programming once more. Over all strings, edits divided
by digits are the [*digit error*](../glossary.md#error-rate).
"""

# %%
def edits(said, truth):
    row = list(range(len(truth) + 1))                      # from nothing to the first digits of the truth
    for i, a in enumerate(said, start=1):
        before, row = row, [i]
        for j, b in enumerate(truth, start=1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (a != b)))
    return row[-1]


assert [edits([1, 2, 3], truth) for truth in ([1, 2, 3], [1, 3], [1, 2, 2, 3], [9, 2, 3], [])] == [0, 1, 1, 1, 3]


@torch.no_grad()
def log_p_of(net, part, n):
    return net.eval()(spectrograms[part][n][np.newaxis])[0].numpy()                   # (T, 11)


def read(net, part, n):
    """The likeliest class of each step, collapsed."""
    return list(ours.ctc_collapse(log_p_of(net, part, n).argmax(axis=1)) - 1)


def digit_errors(net, part):
    """Edits and digits of each string of a part: two arrays (N,)."""
    truths = [list(label) for label in strings[part].labels]
    return np.array([edits(read(net, part, n), truth) for n, truth in enumerate(truths)]), np.array([len(t) for t in truths])


# %%
torch.manual_seed(seed)
rng = np.random.default_rng(seed)
listener, num_steps, moments, losses = Listener(), 500, {}, []
optimizer = torch.optim.AdamW(listener.parameters(), lr=0.008)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.008, total_steps=num_steps)
for k in train.track(range(num_steps), "training"):
    if k in (0, 25, 100, 125, 150, 200, 300):
        moments[k] = log_p_of(listener, 1, n)              # of the string that you have heard
    X, steps, labels, lengths = batch_of(rng.integers(0, len(spectrograms[0]), size=16), rng)
    loss = nn.functional.ctc_loss(listener.train()(X).transpose(0, 1), labels, steps, lengths)        # it wants (T, N, C)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(listener.parameters(), 1)
    optimizer.step()
    scheduler.step()
    losses.append(loss.item())
moments[num_steps] = log_p_of(listener, 1, n)

# %% [markdown]
r"""
Move the slider and watch how the network learns to spell, for the string that you have heard:
"""

# %%
def draw_moment(k):
    log_p = moments[k]
    said = " ".join(str(c - 1) for c in ours.ctc_collapse(log_p.argmax(axis=1)))
    fig, ax = plot.figure(f"After {k} steps it reads: {said or 'nothing'}", "step of the network", "class", size=(6.4, 3.4))
    ax.imshow(np.exp(log_p).T, aspect="auto", cmap="Blues", vmin=0, vmax=1)
    ax.set(yticks=range(11), yticklabels=["blank", *range(10)])
    return fig


plot.explore(draw_moment, list(moments), "training steps", start=len(moments) - 1,
             alt="For each step of a spoken string, how probable the network finds each of eleven classes, blank and the digits 0 to 9. Before training all are alike; after a few steps the blank is everywhere; then short spikes of digits appear, one a digit, with blanks between.")

# %% tags=["nbval-ignore-output"]
wrong, said = digit_errors(listener, 1)
print(f"loss: first {losses[0]:.1f}, last {np.mean(losses[-20:]):.2f};  validation: {wrong.sum()} edits for {said.sum()} digits, a digit error of {wrong.sum() / said.sum():.1%}")

# %% [markdown]
r"""
First it learns that "blank" is never badly wrong. Then, within a hundred steps or so, it finds the digits, and it says
each in a short spike, not over its whole length: one step is enough for the label, so the rest is left to the blank.

Whom does it misunderstand? Add up by voice:
"""

# %% tags=["nbval-ignore-output"]
voices = np.array(strings[1].voices)
by_voice = {voice: wrong[voices == voice].sum() / said[voices == voice].sum() for voice in set(voices)}
assert not complete or max(by_voice.values()) > 3 * np.median(list(by_voice.values()))
print("digit error by voice:", ", ".join(f"{voice} {by_voice[voice]:.0%}" for voice in sorted(by_voice, key=by_voice.get)))

# %% [markdown]
r"""
Most voices it understands almost perfectly, and one or two badly. An average hides that, here as well as with people.

Here is the whole way in one picture: spectrogram, what the network says at each step, and the transcript that is read
from it.
"""

# %%
def draw_listening(part, n):
    log_p, bands = log_p_of(listener, part, n), spectrograms[part][n].numpy()
    seconds, best = len(bands) * step / rate, log_p.argmax(axis=1)
    fig, axs = plot.figure("The network says each digit once, in a spike", nrows=2, size=(7.4, 4.2))
    axs[0].imshow(bands.T, origin="lower", aspect="auto", extent=(0, seconds, 0, 40), cmap="magma")
    axs[0].set(ylabel="mel band")
    times = (np.arange(len(log_p)) + 0.5) * seconds / len(log_p)
    axs[1].plot(times, np.exp(log_p[:, 0]), color="0.75")
    axs[1].text(times[-1], 1.06, "blank", color="0.6", ha="right", fontsize=9)
    for c in sorted(set(best) - {0}):
        axs[1].plot(times, np.exp(log_p[:, c]), label=str(c - 1))
    for t in (t for t, c in enumerate(best) if c != 0 and (t == 0 or c != best[t - 1])):
        axs[1].text(times[t], 1.18, best[t] - 1, ha="center", fontsize=12, weight="bold")
    axs[1].set(xlabel="seconds", ylabel="probability", xlim=(0, seconds), ylim=(0, 1.35))
    return fig


plot.show(draw_listening(1, n), alt="Above, the log-mel spectrogram of a string of four digits, about a second and a half. Below, the probabilities that the network gives at each moment: the blank is near 1 most of the time; once in each spoken digit the blank drops and the digit's own line rises to 1 for a moment. The four digits stand above their spikes.")

# %% [markdown]
r"""
## The headline

Three test sets, each read for the first time: 120 origins of carbon dioxide, with all rivals; single digits by voices
that were never heard, with logistic regression beside the network; and the one that this lesson stands on, the digit
error on strings of two to five digits.
"""

# %% tags=["nbval-ignore-output"]
for name, rival in rivals.items():
    print(f"CO₂, 120 origins: {name:19} MASE {score(rival, test):.2f}")
low, _, high = np.array([fan(o) for o in test]).transpose(1, 0, 2)
came = np.array([y[o : o + horizon] for o in test])
covered = ((low <= came) & (came <= high)).mean()
print(f"within the 90 % fan: {covered:.0%} of the months")
assert score(linear[length], test) < score(gru, test) < 0.52 and covered > 0.75

accuracy = train.evaluate(cnn, X_test[:, np.newaxis], y_test)["accuracy"]
interval = metrics.wilson_interval(round(accuracy * len(y_test)), len(y_test))
print(f"digits: CNN {accuracy:.1%} ({interval[0]:.1%} to {interval[1]:.1%}), logistic regression {regression.score(flat(X_test), y_test):.1%}")
assert not complete or accuracy >= 0.97

wrong, said = digit_errors(listener, 2)
drawn = np.random.default_rng(seed).integers(0, len(wrong), size=(2000, len(wrong)))
metrics.headline("digit error on spoken strings of unheard voices (%)", 100 * wrong.sum() / said.sum(), 5.5 if complete else 100, at_least=False,
                 interval=tuple(np.percentile(100 * wrong[drawn].sum(axis=1) / said[drawn].sum(axis=1), [2.5, 97.5])))

# %% [markdown]
r"""
On carbon dioxide the linear model wins, which takes one solve to learn. The network lies between it and the rule with
one number. On single digits, the network is a little ahead. On strings there is no linear rival to name:
to find out *where* the digits are is the task.

The test voices are easier than the validation voices. With so few voices in a part, one that sounds like no other moves
the figure by whole points; the interval, drawn from strings, does not show that. Nor is it said that a person would be
understood. Real recognisers are worse for accents and ages that their data lack, so test
them on the people who shall use them.
"""

# %% [markdown]
r"""
## What goes wrong

**Shuffled time.** Cut all windows, set aside a random part, and the test is easy: each of its windows has neighbours in
training that share 35 of its 36 months. A model that only looks for the most similar window seems brilliant. Walk
forward, and it is not:
"""

# %%
X, Y = forecast.windows(z[12 : test[0]], 36, horizon)
shuffled = np.random.default_rng(seed).permutation(len(X))
found, cut = [], len(X) * 4 // 5
for name, order in (("shuffled", shuffled), ("forward in time", np.arange(len(X)))):
    nearest = KNeighborsRegressor(1).fit(X[order[:cut]], Y[order[:cut]])
    found.append(np.abs(nearest.predict(X[order[cut:]]) - Y[order[cut:]]).mean())
    print(f"{name:16} mean error {found[-1]:.2f} deviations")
assert found[0] < found[1]

# %% [markdown]
r"""
**Voices in both parts.** The same with sound: let the parts share voices, and logistic regression looks better than it
is, because it has met each of them.
"""

# %% tags=["nbval-ignore-output"]
X, labels = flat(np.concatenate([X_train, X_val])), np.concatenate([y_train, y_val])
order = np.random.default_rng(seed).permutation(len(X))
learn, judge = order[: len(X_train)], order[len(X_train) :]
shared = LogisticRegression(C=regression.C, max_iter=500).fit(X[learn], labels[learn])
print(f"voices shared: {shared.score(X[judge], labels[judge]):.1%}   voices apart: {regression.score(flat(X_val), y_val):.1%}")
assert not complete or shared.score(X[judge], labels[judge]) > regression.score(flat(X_val), y_val)

# %% [markdown]
r"""
**One origin.** A single year can say anything. These are the best and the worst of the validation origins, for the
linear model:
"""

# %%
alone = [score(linear[length], [o]) for o in validation]
print(f"MASE from one origin: {min(alone):.2f} to {max(alone):.2f}; from all: {score(linear[length]):.2f}")

# %% [markdown]
r"""
**Too few steps for the label.** Strides make the network fast, and steps few. A string of L digits needs at least L
steps, and one more for each repeat. PyTorch returns an infinite loss, and its option `zero_infinity=True` drops such
strings without a word. Ours refuses:
"""

# %%
log_p = np.log(np.full((3, 11), 1 / 11))
theirs = nn.functional.ctc_loss(torch.tensor(log_p), torch.tensor([4, 4, 5]), torch.tensor(3), torch.tensor(3))
print("PyTorch's loss for 4 4 5 in three steps:", theirs.item())

# %%
try:
    ours.ctc_loss(log_p, np.array([4, 4, 5]))
except ValueError as error:
    print("ours refuses:", error)

# %% [markdown]
r"""
**The best path is not the best label.** We read the likeliest class of each step. That is a shortcut: the likeliest
*label* may be spread over many paths. Two steps, blank 0.6 and digit 0.4 in each:
"""

# %%
p = np.array([[0.6, 0.4], [0.6, 0.4]])
print(f"best path: blank, blank. Silence has probability {probability(p, []):.2f}, the digit {probability(p, [1]):.2f}")

# %% [markdown]
r"""
With sharp spikes it rarely matters. Where it does, one keeps several beginnings at once: that is beam search, in [unit
17](../17_seq2seq_attention/lesson.ipynb).
"""

# %% [markdown]
r"""
## Summary

- A forecast may use the past alone: gaps, scaling, windows and choices included. Time is the split; walk forward over
  many origins.
- MASE compares with "as a season ago". Simple rivals first: on carbon dioxide and sunspots a linear model beat the GRU;
  on a bent series without noise the GRU won.
- An ensemble's spread shows how sure the fit is. What the future adds must be measured as error on validation origins.
- Wave → frames → Hann window → power → mel bands → logarithm: sound becomes a picture.
- CTC sums over all alignments by dynamic programming; a blank separates repeats; the slope is $p - q$.

## Three quick questions

**1.** You scale a series by the mean and deviation of all its values, then split it by time. What has leaked, and which
way does the error go?

<details>
<summary>Answer</summary>

Mean and deviation of the future. If the series rises, its scaled past is lower than it would be with the mean of the past,
which tells the network that there will be higher values. Usually the test error comes out too small; with a network that
you then use on *new* data, you cannot even repeat the scaling, since you would need values that do not exist yet.

</details>

**2.** A wave has 11,025 samples; frames are 276 long and begin every 110 samples. How many frames, and how many steps after
two convolutions of stride 2? How many digits, at most, can CTC read from it, if no two neighbours are the same?

<details>
<summary>Answer</summary>

$1 + \lceil (11025 - 276) / 110 \rceil = 1 + 98 = 99$ frames. Halved and rounded up twice: 50, then 25 steps. Without
repeats each digit needs one step: 25 digits. (Nobody speaks 25 digits in a second.)

</details>

**3.** Which paths of three steps read as "1 1"? And as "1"? (Classes: blank and 1.)

<details>
<summary>Answer</summary>

As "1 1" only `1 ␣ 1`: without the blank between, the two are one. As "1": `1 ␣ ␣`, `␣ 1 ␣`, `␣ ␣ 1`, `1 1 ␣`, `␣ 1 1`,
`1 1 1`: six paths. With `␣ ␣ ␣`, which reads as nothing, these are all eight.

</details>

Now write it yourself: [the exercises](exercises.ipynb).
"""
