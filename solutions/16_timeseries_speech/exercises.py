# %% [markdown]
r"""
# Exercises 16 · Forecast and listen

You fill gaps without looking ahead, cut a series into windows, build the rival that every forecast must beat and the
measure that compares them; then you cut sound into frames, and write what makes CTC work: reading a path, and adding
up all paths that say the same.

- Write your answer where it says `YOUR CODE HERE`, run that cell, then run the check below it.
- A check says what is wrong and why. It knows the usual mistakes by name.
- Stuck? Add a cell and run `check.hint("mase")` (or another task's name). Hints open one at a time.

`T` is the number of steps, `N` the number of windows, `C` the number of classes, `L` the number of labels. Write all of
it with NumPy; `introdl.forecast`, `introdl.speech` and `introdl.nn` are put away. The [lesson](lesson.ipynb) has all
you need.
"""

# %%
import numpy as np
import torch

from introdl.checks import timeseries_speech as check

# %% [markdown] prompt="fill_gaps" title="Fill gaps from the past" minutes=10 difficulty=2
r"""
Fill the gaps of a series so that no later value leaks into an earlier one. Go from left to right. A missing value at
`t` becomes the value before it, plus the change that the same step brought a season earlier:

$$\text{filled}_t = \text{filled}_{t-1} + \bigl(\text{filled}_{t-s} - \text{filled}_{t-s-1}\bigr).$$

Where the series does not reach back so far ($t \le s$), the change is 0: repeat the value before. What was filled
before may be used.

- in: `series`, floats `(T,)` with `NaN` at the gaps; the first value is always there. `season`, the whole number $s$
- out: `(T,)` without gaps; known values stay as they are

With `series = [1, 2, nan, 4]` and `season = 2`, the gap at 2 gets the value before, 2: the series does not reach back
to $t - s - 1 = -1$.
"""

# %% task="fill_gaps"
def fill_gaps(series: np.ndarray, season: int) -> np.ndarray:
    """Return the series (T,) with its gaps (NaN) filled from the past alone.

    series: (T,) floats, the first one not NaN. season: steps after which the pattern repeats.
    """
    ### BEGIN SOLUTION
    filled = series.copy()
    for t in np.flatnonzero(np.isnan(filled)):
        change = filled[t - season] - filled[t - season - 1] if t > season else 0
        filled[t] = filled[t - 1] + change
    return filled
    ### END SOLUTION

# %% checks="fill_gaps" points=2
check.fill_gaps(fill_gaps)

# %% [markdown] prompt="make_windows" title="Windows that know nothing of the future" minutes=12 difficulty=2
r"""
Make the examples that a network learns a forecast from. Only the first `first` values may be used: what comes later is
for the test.

1. Scale: subtract the mean of the first `first` values and divide by their standard deviation (`np.std` as it is).
2. Cut: each example is a window of `length` values and its future, the `horizon` values right after it. A window
   starts at every place from which window *and* future lie within the first `first` values.

- in: `series`, floats `(T,)`; whole numbers `length`, `horizon` and `first`, with `length + horizon <= first <= T`
- out: the pair `(X, y)`, scaled: `X` of shape `(N, length)`, `y` of shape `(N, horizon)`

With `series = [2, 4, 2, 4, 9, 9]`, `length = 2`, `horizon = 1` and `first = 4` the mean is 3 and the deviation 1, so
`X = [[-1, 1], [1, -1]]` and `y = [[-1], [1]]`.
"""

# %% task="make_windows"
def make_windows(series: np.ndarray, length: int, horizon: int, first: int) -> tuple[np.ndarray, np.ndarray]:
    """Return X (N, length) and y (N, horizon): scaled windows and their futures, all within the first `first` values.

    series: (T,) floats without gaps. first: where the test begins.
    """
    ### BEGIN SOLUTION
    past = series[:first]
    past = (past - past.mean()) / past.std()
    starts = range(first - length - horizon + 1)
    X = np.array([past[n : n + length] for n in starts])
    y = np.array([past[n + length : n + length + horizon] for n in starts])
    return X, y
    ### END SOLUTION

# %% checks="make_windows" points=3
check.make_windows(make_windows)

# %% [markdown] prompt="seasonal_naive" title="As it was a season ago" minutes=6 difficulty=1
r"""
Forecast the next `horizon` values of a series: each will be as it was a season before. Where the horizon is longer than
a season, go on with what you have just forecast, so that the last season repeats.

- in: `history`, floats `(T,)`; `season`, a whole number of at most `T`; `horizon`, a whole number of at least 1
- out: `(horizon,)`

With `history = [9, 1, 2, 3]`, `season = 3` and `horizon = 7` the result is `[1, 2, 3, 1, 2, 3, 1]`.
"""

# %% task="seasonal_naive"
def seasonal_naive(history: np.ndarray, season: int, horizon: int) -> np.ndarray:
    """Return (horizon,): the last season of the history (T,), again and again."""
    ### BEGIN SOLUTION
    return np.resize(history[-season:], horizon)
    ### END SOLUTION

# %% checks="seasonal_naive" points=2
check.seasonal_naive(seasonal_naive)

# %% [markdown] prompt="mase" title="Better than anybody?" minutes=8 difficulty=2
r"""
Return the mean absolute scaled error of forecasts: their mean absolute error, divided by the mean absolute error that
the seasonal naive forecast of *one step* makes within the history (the first season has no forecast).

- in: `y` and `y_hat`, arrays of one shape (often `(N, horizon)`): what came, and what was forecast; `history`, floats
  `(T,)`, what was known before; `season`, a whole number below `T`
- out: one number

With `y = [3, 5]`, `y_hat = [4, 4]`, `history = [1, 2, 4, 3]` and `season = 1` the forecast is off by 1 on average, and
the history changes by 1, 2 and 1: the result is $1 / \tfrac{4}{3} = 0.75$.
"""

# %% task="mase"
def mase(y: np.ndarray, y_hat: np.ndarray, history: np.ndarray, season: int) -> float:
    """Return the mean absolute error of y_hat, over that of the seasonal naive forecast within the history (T,)."""
    ### BEGIN SOLUTION
    naive = np.abs(history[season:] - history[:-season]).mean()
    return np.abs(y - y_hat).mean() / naive
    ### END SOLUTION

# %% checks="mase" points=2
check.mase(mase)

# %% [markdown]
r"""
Put the four together: the carbon dioxide in the air, twelve months ahead, from 120 places in time. The linear model
learns from your windows of the *change against a year ago*, as in the lesson.
"""

# %%
def forecast_co2(length=24, horizon=12):
    from introdl import data

    dates, ppm = data.co2()
    weeks = dates.astype("datetime64[M]")
    known = [ppm[(weeks == month) & ~np.isnan(ppm)] for month in np.arange(weeks[0], weeks[-1] + 1)]
    series = fill_gaps(np.array([values.mean() if len(values) else np.nan for values in known]), 12)
    change, origins = series[12:] - series[:-12], np.arange(len(series) - horizon - 119, len(series) - horizon + 1)
    first = origins[0] - 12                                # of `change`, which begins a year later
    X, y = make_windows(change, length, horizon, first)
    W = np.linalg.lstsq(np.column_stack([X, np.ones(len(X))]), y, rcond=None)[0]
    mean, deviation = change[:first].mean(), change[:first].std()
    found = {"as a year ago": [], "linear": []}
    for o in origins:
        window = (change[o - 12 - length : o - 12] - mean) / deviation
        year_ago = seasonal_naive(series[:o], 12, horizon)
        found["as a year ago"].append(year_ago)
        found["linear"].append(year_ago + np.append(window, 1) @ W * deviation + mean)
    what_came = np.array([series[o : o + horizon] for o in origins])
    for name, forecasts in found.items():
        print(f"{name:14} MASE {mase(what_came, np.array(forecasts), series[: origins[0]], 12):.2f}")


# forecast_co2()     # when your four answers pass, take the first # away and run this cell

# %% [markdown] prompt="frame_signal" title="Cut sound into frames" minutes=10 difficulty=2
r"""
Cut a wave into frames that overlap: the first begins at sample 0, each of the others `step` samples after the one
before. Every sample must be in a frame, and no frame may be more than is needed for that. What the last frame lacks is
filled up with zeros.

- in: `wave`, floats `(T,)`, at least one sample; whole numbers `length` and `step`, with `step <= length`
- out: `(F, length)`; a wave that is shorter than a frame gives one frame

With `wave = [1, 2, 3, 4, 5, 6, 7]`, `length = 4` and `step = 2` the result is `[[1, 2, 3, 4], [3, 4, 5, 6],
[5, 6, 7, 0]]`.
"""

# %% task="frame_signal"
def frame_signal(wave: np.ndarray, length: int, step: int) -> np.ndarray:
    """Return (F, length): overlapping pieces of a wave (T,), the last one filled up with zeros."""
    ### BEGIN SOLUTION
    count = 1 + max(0, -(-(len(wave) - length) // step))   # rounded up
    padded = np.zeros((count - 1) * step + length)
    padded[: len(wave)] = wave
    return np.array([padded[f * step : f * step + length] for f in range(count)])
    ### END SOLUTION

# %% checks="frame_signal" points=2
check.frame_signal(frame_signal)

# %% [markdown] prompt="ctc_collapse" title="Read a path" minutes=6 difficulty=1
r"""
A network has named one class for each step. Read what it says: first every run of one class becomes a single one, then
the blanks (class 0) are dropped.

- in: `path`, whole numbers `(T,)`, possibly empty
- out: whole numbers `(L,)`, an array

With `path = [0, 3, 3, 0, 3, 1, 1]` the result is `[3, 3, 1]`.
"""

# %% task="ctc_collapse"
def ctc_collapse(path: np.ndarray) -> np.ndarray:
    """Return what a path (T,) says: runs taken once, then no blanks (class 0)."""
    ### BEGIN SOLUTION
    said = [c for t, c in enumerate(path) if c != 0 and (t == 0 or c != path[t - 1])]
    return np.array(said, dtype=int)
    ### END SOLUTION

# %% checks="ctc_collapse" points=2
check.ctc_collapse(ctc_collapse)

# %% [markdown] prompt="ctc_forward" title="Add up all paths" minutes=15 difficulty=3
r"""
Return the logarithm of the probability that `T` steps read as a label: the sum over all paths that `ctc_collapse` turns
into that label. There are far too many to list, so go step by step. Write the label with blanks before, between and
after its classes: the *states* `0, a, 0, b, 0`. `alpha[s]` is the log-probability of all beginnings of paths that are
in state `s` now. In each step a path

- stays in its state, or comes from the state before it,
- or from two states before, if the state is no blank and its class differs from the one two before;

then the log-probability of its class at this step is added. A path may begin in the first or second state and must end
in one of the last two. Add probabilities by `np.logaddexp`: it takes two logarithms and returns that of the sum.

- in: `log_p`, floats `(T, C)`, logarithms of each step's probabilities; `label`, whole numbers `(L,)` from 1 to
  `C - 1`, with `L` at least 1 and such that `T` steps are enough
- out: one number, a logarithm (not the loss: no minus)

With two steps, `log_p = np.log([[0.6, 0.4], [0.5, 0.5]])` and `label = [1]`, the paths are `0 1`, `1 0` and `1 1`, with
probability $0.3 + 0.2 + 0.2$: the result is $\ln 0.7 = -0.357$.
"""

# %% task="ctc_forward"
def ctc_forward(log_p: np.ndarray, label: np.ndarray) -> float:
    """Return log of the probability that the steps read as the label.

    log_p: (T, C), logarithms. label: (L,) classes from 1; 0 is the blank.
    """
    ### BEGIN SOLUTION
    states = np.zeros(2 * len(label) + 1, int)
    states[1::2] = label
    alpha = np.full(len(states), -np.inf)
    alpha[:2] = log_p[0, states[:2]]
    for t in range(1, len(log_p)):
        new = alpha.copy()                                 # stay
        for s in range(1, len(states)):
            new[s] = np.logaddexp(new[s], alpha[s - 1])
            if s > 1 and states[s] != 0 and states[s] != states[s - 2]:
                new[s] = np.logaddexp(new[s], alpha[s - 2])
        alpha = new + log_p[t, states]
    return np.logaddexp(alpha[-1], alpha[-2])
    ### END SOLUTION

# %% checks="ctc_forward" points=4
check.ctc_forward(ctc_forward)

# %% [markdown]
r"""
All pieces on spoken digits (they need the package espeakng-loader). A small network learns from your frames for some
seconds; then you read its paths for strings by voices that it has not heard, and ask how sure it is of the truth. Where
it reads wrongly, is the truth at least not improbable?
"""

# %%
def listen(num_steps=150):
    from introdl import data

    def pictures(recordings):
        pieces = [frame_signal(wave, 256, 128) * np.hanning(256) for wave in recordings.waves]
        return [torch.tensor(np.log(np.abs(np.fft.rfft(piece)) + 0.01)[:, :80], dtype=torch.float32) for piece in pieces]

    def batch(X, chosen):                                  # padded: (N, 80, F), and the steps after two strides
        frames = torch.nn.utils.rnn.pad_sequence([X[n] for n in chosen], batch_first=True, padding_value=-4.6)
        return frames.transpose(1, 2), torch.tensor([((len(X[n]) + 1) // 2 + 1) // 2 for n in chosen])

    train, others, _ = data.spoken_strings()
    X, rng = pictures(train), np.random.default_rng(0)
    torch.manual_seed(0)
    layers = [torch.nn.BatchNorm1d(80)]
    for c_in, c_out, stride in ((80, 64, 2), (64, 64, 2), (64, 64, 1)):
        layers += [torch.nn.Conv1d(c_in, c_out, 5, stride, padding=2), torch.nn.BatchNorm1d(c_out), torch.nn.ReLU()]
    net = torch.nn.Sequential(*layers, torch.nn.Conv1d(64, 11, 5, padding=2))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.003)
    for _ in range(num_steps):
        chosen = rng.integers(0, len(X), size=32)
        frames, steps = batch(X, chosen)
        labels = torch.tensor(np.concatenate([train.labels[n] + 1 for n in chosen]))
        log_p = net(frames).log_softmax(dim=1).permute(2, 0, 1)                       # (T, N, C)
        loss = torch.nn.functional.ctc_loss(log_p, labels, steps, torch.tensor([len(train.labels[n]) for n in chosen]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    X = pictures(others)
    for n in range(12):
        frames, steps = batch(X, [n])
        with torch.no_grad():
            log_p = net.eval()(frames).log_softmax(dim=1)[0].T[: int(steps)].double().numpy()
        said, truth = ctc_collapse(log_p.argmax(axis=1)) - 1, others.labels[n]
        print(f"said {str(truth):12} read {str(said):12} probability of the truth {np.exp(ctc_forward(log_p, truth + 1)):.2f}")


# listen()           # when all your answers pass, take the first # away and run this cell

# %% [markdown] prompt="why_linear" title="Explain in words" minutes=6 difficulty=2
r"""
A colleague has forecast the sales of a shop: "My LSTM has an error of 3 %, on a random fifth of the weeks that I had
set aside. Forecasting is solved." Name two things that you would ask or change before you believe it, and say why each
matters. Four or five sentences are enough. When you have written and saved your answer,
`check.model_answer("why_linear")` shows one to compare with.
"""

# %% [markdown] answer="why_linear" points=2
r"""
A random fifth of the weeks lies *between* weeks that the network was trained on, so it may fill a gap from both sides;
a forecast has only the past. I would go forward in time: train on what lies before an origin, forecast what comes after,
move the origin on, and take means and deviations for scaling from the training part alone. And 3 % means nothing by
itself: the same weeks a year ago, or last week again, might be off by 2 %. So I would compare with the seasonal naive
forecast (MASE) and with a linear model on the same windows, from many origins; only what beats them is worth a network.

**What to look for:** validation that respects time (walk-forward, no later value in training or scaling); a comparison
with a simple rival on the same origins, since an error by itself says nothing.
"""
