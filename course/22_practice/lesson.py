# %% [markdown]
r"""
# Ship it responsibly

> **Time**: {{run_time}} to run, 120 minutes to study.
>
> **What you do**: try ten practices that decide whether a model is of use to anybody. Each is an experiment with a number
> before and a number after: clean labels, simple beginnings, a leak found, features, a log, a price for mistakes, errors
> by group, a model made small, an explanation put to the test, and a model that is ready to be handed over.
>
> **What you need first**: [unit 07](../07_regularization/lesson.ipynb) (overfitting, early stopping),
> [unit 08](../08_pytorch/lesson.ipynb) (PyTorch) and [unit 10](../10_cnn/lesson.ipynb) (convolutional networks,
> augmentation). Everything else is explained here.
"""

# %%
import io
import math
import platform
import time

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier, export_text
from torch import nn

from introdl import data, metrics, plot, practice, train

seed = 0
rng = np.random.default_rng(seed)
digits = data.mnist5k()

# %% [markdown]
r"""
## The model that was right 99 times in 100

A bank asks for a model that finds fraud. A week later it has one that is right for 99 payments in 100. It is tested,
it is fast, and it is worthless: it says *no fraud*, always. One payment in a hundred is fraud.

Nothing in 22 units would have stopped you from building it. The loss fell. The accuracy was computed correctly. What
was missing is not mathematics; it is practice: what to measure, on which data, against what, and for whom.

There are many lists of good advice. Advice is easy to nod at and easy to forget, so here each piece comes with an
experiment. For every practice you get one number *before* and one *after*. They end up in one table. Where a test set is
needed, the experiment seals an envelope: what to compare is fixed now, and the test set is opened once, at the end.
"""

# %%
envelopes = {}


def seal(practice_name, what, show, before, after):
    """Keep an experiment's two numbers, or functions that will find them on the test set, until the table."""
    envelopes[practice_name] = what, show, before, after


# %% [markdown]
r"""
## 1. Better data before a bigger model

Labels are made by people, and people are tired. Let whoever labelled the training digits have written a look-alike in
about a third of the cases: a 4 for a 9, a 3 for a 5, a 1 for a 7, and the other way round. The 500 validation labels have
been checked, so they can be trusted. What do you do: take a larger network, or look at the labels again?
"""

# %%
look_alike = np.array([6, 7, 8, 5, 9, 3, 0, 1, 2, 4])               # of 0, 1, 2 …
wrong = rng.random(3500) < 0.35
y_noisy = np.where(wrong, look_alike[digits.y_train], digits.y_train)
y_random = np.where(wrong, (digits.y_train + rng.integers(1, 10, size=3500)) % 10, digits.y_train)    # for comparison


def mlp(width, n_in=784, n_out=10):
    return nn.Sequential(nn.Linear(n_in, width), nn.ReLU(), nn.Linear(width, n_out))


def fitted(make, X, y, val=(digits.X_val, digits.y_val), num_epochs=12, **more):
    """A new network, trained until the validation loss has not fallen for three epochs; its best weights."""
    torch.manual_seed(seed)
    net = make()
    train.fit(net, (X, y, *val), num_epochs=num_epochs, patience=3, seed=seed, **more)
    return net


def logits(net, X):
    with torch.no_grad():
        return net.eval()(torch.from_numpy(X)).numpy()


def right(net, X, y):
    return logits(net, X).argmax(axis=1) == y


# %%
larger = {width: fitted(lambda width=width: mlp(width), digits.X_train, y_noisy) for width in (32, 128, 512)}
at_random = fitted(lambda: mlp(128), digits.X_train, y_random)

# %% tags=["nbval-ignore-output"]
on_val = {width: right(net, digits.X_val, digits.y_val).mean() for width, net in larger.items()}
for width, share in on_val.items():
    print(f"look-alikes confused, {width:3} hidden units: {share:.1%} on validation")
print(f"as many labels wrong at random, 128 units: {right(at_random, digits.X_val, digits.y_val).mean():.1%}")

# %% [markdown]
r"""
Sixteen times the width buys little or nothing. Errors without a system would average out (the last line); errors with a
system are learned like anything else.

Now the other way. Nobody can look at all 3,500 labels again. But a network can say where to look. Train on two thirds,
ask for the probability of the *given* label on the last third, and go round: so no label is judged by a network that has
learned it. Where that probability is small, somebody is wrong, the network or the label. Have a person look at the 1,000
most suspicious ones. (Northcutt and others [2021](https://arxiv.org/abs/1911.00068) have made a method of this.)
"""

# %% tags=["nbval-ignore-output"]
trust, part = np.zeros(3500), rng.permutation(3500) % 3
for k in range(3):
    net = fitted(lambda: mlp(128), digits.X_train[part != k], y_noisy[part != k])
    p = torch.softmax(torch.from_numpy(logits(net, digits.X_train[part == k])), dim=1).numpy()
    trust[part == k] = p[np.arange(len(p)), y_noisy[part == k]]

suspicious = np.argsort(trust)[:1000]
y_reviewed = y_noisy.copy()
y_reviewed[suspicious] = digits.y_train[suspicious]                # a person looks: here, the true label
reviewed = fitted(lambda: mlp(128), digits.X_train, y_reviewed)
print(f"of the 1,000 most suspicious labels {wrong[suspicious].mean():.0%} are wrong; of a random 1,000, {wrong.mean():.0%}")
print(f"labels reviewed, 128 hidden units: {right(reviewed, digits.X_val, digits.y_val).mean():.1%} on validation")
assert wrong[suspicious].mean() > 1.5 * wrong.mean()

# %%
fig, axs = plot.figure("The network points at labels that a person should look at again", ncols=10, size=(7.2, 1.5))
plot.images(axs, digits.X_train[suspicious[:10]], [f"“{label}”" for label in y_noisy[suspicious[:10]]])
plot.show(fig, alt="Ten handwritten digits, above each the label that it was given. Most labels are wrong: the picture shows a look-alike of it.")

# %% [markdown]
r"""
A day of looking beats four times the width, and the smaller network is cheaper ever after. The digits above are the ten
most suspicious. Remember one thing: a network that helps to find errors shares them. What all networks and all tired people
confuse will not be found like this.
"""

# %%
seal("1 data", "test accuracy: four times the width, or 1,000 labels reviewed", "{:.1%}",
     lambda: right(larger[512], digits.X_test, digits.y_test).mean(), lambda: right(reviewed, digits.X_test, digits.y_test).mean())

# %% [markdown]
r"""
## 2. Start simple

569 tumours, 212 of them malignant; thirty measurements of the cells in an image
([Street and others 1993](https://doi.org/10.1117/12.148698)). A textbook set, old and small, from one hospital: good for
learning, no basis for medicine. How well must a network do to be worth its trouble? You cannot know before you have
tried the simplest things.

With so few tumours, one split says little. So cut the rows into ten parts, *folds*. Ten times, learn from nine of them
and predict the tenth; in the end each tumour has a prediction by a model that has not seen it. This is
[*cross-validation*](../glossary.md#cross-validation).
"""

# %%
X_cells, y_cells = data.breast_cancer()
fold = np.arange(len(X_cells)) % 10


def cross_validated(model, scale_on_all=False):
    """Predictions (N,) for all rows, each by a model that has not seen it. model: (X, y, X_new) -> labels."""
    y_hat = np.zeros(len(y_cells), dtype=int)
    for k in range(10):
        rows = fold != k
        seen = X_cells if scale_on_all else X_cells[rows]          # of this switch more in practice 3
        Z = ((X_cells - seen.mean(axis=0)) / seen.std(axis=0)).astype(np.float32)
        y_hat[~rows] = model(Z[rows], y_cells[rows], Z[~rows])
    return y_hat


def majority(X, y, X_new):
    return np.full(len(X_new), np.bincount(y).argmax())


def one_number(X, y, X_new):
    tree = DecisionTreeClassifier(max_depth=1, random_state=0).fit(X, y)
    return tree.predict(X_new)


def logistic(X, y, X_new):
    return LogisticRegression(C=0.3).fit(X, y).predict(X_new)


def network(X, y, X_new, num_steps=150):
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Linear(30, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))
    optimizer = torch.optim.AdamW(net.parameters(), lr=0.003, weight_decay=0.1)
    for _ in range(num_steps):
        loss = nn.functional.cross_entropy(net(torch.tensor(X)), torch.tensor(y))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return logits(net, X_new).argmax(axis=1)


# %% tags=["nbval-ignore-output"]
num_parameters = {"majority": 1, "one_number": 2, "logistic": 31, "network": 30 * 64 + 64 + 64 * 64 + 64 + 64 * 2 + 2}
cells = {model.__name__: cross_validated(model) for model in (majority, one_number, logistic, network)}
for name, y_hat in cells.items():
    low, high = metrics.wilson_interval(int((y_hat == y_cells).sum()), len(y_cells))
    print(f"{name:10} {num_parameters[name]:5,} parameters: {np.mean(y_hat == y_cells):.1%} (95 % interval {low:.1%} to {high:.1%})")

# %% [markdown]
r"""
One measurement and one threshold go most of the way. A straight line in thirty dimensions goes the rest of it. The
network, with many times as many parameters, cannot be told from it: the intervals overlap almost wholly. That is
no argument against networks. It is an argument for knowing, before you build one, what there is to be gained. On
photographs and texts it is a lot.
"""

# %%
lost = np.mean(cells["network"] == y_cells) - np.mean(cells["logistic"] == y_cells)
assert lost < 0.02 and np.mean(cells["logistic"] == y_cells) > 0.95
seal("2 simple", "parameters of a tumour model (accuracies within 2 points)", "{:,}", num_parameters["network"], num_parameters["logistic"])

# %% [markdown]
r"""
## 3. Hold out what you judge by

Now a study that looks convincing. 80 patients, 2,000 measured genes, two diagnoses. The twenty genes in which the groups
differ most are kept; then a small model (the nearer class mean) is cross-validated, five folds. Nobody trained on a
held-out patient. Here it is, on numbers from a random generator, with diagnoses that mean nothing:
"""

# %%
def nearer_mean(X, y, X_new):
    m0, m1 = X[y == 0].mean(axis=0), X[y == 1].mean(axis=0)
    return (((X_new - m0) ** 2).sum(axis=1) > ((X_new - m1) ** 2).sum(axis=1)).astype(int)


def most_different(X, y, k=20):
    gap = np.abs(X[y == 1].mean(axis=0) - X[y == 0].mean(axis=0))
    return np.argsort(-gap)[:k]


def study(D, rng, honest, N=80):
    """The cross-validated accuracy on D columns of noise; features are chosen before the split, or in each fold."""
    X, y, fold, hits = rng.normal(size=(N, D)), rng.permutation(np.arange(N) % 2), np.arange(N) % 5, 0
    kept = most_different(X, y)
    for k in range(5):
        rows = fold != k
        if honest:
            kept = most_different(X[rows], y[rows])
        hits += (nearer_mean(X[rows][:, kept], y[rows], X[~rows][:, kept]) == y[~rows]).sum()
    return hits / N


# %%
widths = (20, 60, 200, 600, 2000)
claimed, honest = ([[study(D, np.random.default_rng([seed, i]), h) for i in range(20)] for D in widths] for h in (False, True))
print(f"2,000 genes, chosen before the split: {np.mean(claimed[-1]):.0%} right; chosen in each fold: {np.mean(honest[-1]):.0%}")

# %%
def draw(D):
    place = widths.index(D)
    fig, ax = plot.figure(f"{D:,} columns of noise: {np.mean(claimed[place]):.0%} claimed, {np.mean(honest[place]):.0%} true", "accuracy in 20 studies of noise, %", "", size=(6.4, 2.4))
    for height, (found, color) in enumerate(((honest, "C0"), (claimed, "C1"))):
        ax.plot(100 * np.array(found[place]), height + np.linspace(-0.2, 0.2, 20), "o", color=color, ms=5)
    ax.axvline(50, color="0.6", lw=1)
    ax.set(xlim=(15, 103), ylim=(-0.6, 1.6), yticks=[0, 1])
    ax.set_yticklabels(["chosen in\neach fold", "chosen before\nthe split"])
    return fig


plot.explore(draw, widths, "columns to choose 20 from", start=4,
             alt="Two rows of twenty dots, accuracies on pure noise. With features chosen in each fold, the dots lie around 50 percent at every setting. Chosen before the split, they move to the right with more columns to choose from: near 50 with 20, near 90 with 2,000.")

# %% [markdown]
r"""
Move the slider. Among 2,000 columns of noise some fit *these* 80 patients, held-out ones included. Choosing columns is
learning. Whoever chooses on all rows has let the model see the answers. This is [*leakage*](../glossary.md#leakage), and
studies have been published with exactly this error ([Ambroise and McLachlan 2002](https://doi.org/10.1073/pnas.102102699)).

The rule is one line long: **what is learned from data is learned inside the fold.** Choice of features, mean and
deviation for scaling, what to fill gaps with, which copies to make. There is a second, slower leak, and it is you. Try
enough models on one test set and the best of them is good by luck:
"""

# %%
y_flips = rng.integers(0, 2, size=(2, 100))                        # a test set of 100 coin flips, and 100 fresh ones
guesses = rng.integers(0, 2, size=(2000, 100))
scores = (guesses == y_flips[0]).mean(axis=1)
for tried in (1, 10, 100, 2000):
    best = scores[:tried].argmax()
    print(f"best of {tried:5,} guessers: {scores[best]:.0%} on the test set, {(guesses[best] == y_flips[1]).mean():.0%} on fresh flips")

# %% [markdown]
r"""
That is why the course reads its test set once a lesson. And the scaling? Mean and deviation of all rows leak, too. How
much does that help the logistic regression on the tumours?
"""

# %% tags=["nbval-ignore-output"]
leaky = cross_validated(logistic, scale_on_all=True)
print(f"scaled in each fold: {np.mean(cells['logistic'] == y_cells):.1%}; scaled before the split: {np.mean(leaky == y_cells):.1%}")
assert abs(np.mean(leaky == y_cells) - np.mean(cells["logistic"] == y_cells)) < 0.01

# %% [markdown]
r"""
Next to nothing: two numbers a column, from hundreds of rows, give little away. Keep the rule all the same. It costs one
line, and you cannot know beforehand which leak is a small one.
"""

# %%
assert np.mean(claimed[-1]) > 0.85 and abs(np.mean(honest[-1]) - 0.5) < 0.06
seal("3 held out", "accuracy claimed on pure noise (the truth: 50 %)", "{:.0%}", np.mean(claimed[-1]), np.mean(honest[-1]))

# %% [markdown]
r"""
## 4. Give it what you know

The air on Mauna Loa: CO2, weekly, since 1958 ([unit 16](../16_timeseries_speech/lesson.ipynb)). At the start of each
year, fit a linear model to all that has been measured so far, and forecast the next two years. The years from 1970 to
1987 are for choices, those from 1988 to 2000 for the test. The model gets the date. Then it gets what everybody knows:
growth has become faster (the square of the date), and plants breathe with the seasons (sine and cosine of the year).
"""

# %%
dates, ppm = data.co2()
known = ~np.isnan(ppm)
t, ppm = 1990 + (dates[known] - np.datetime64("1990-01-01")).astype(float) / 365.25, ppm[known]


def features(t, degree, harmonics):
    """Columns (T, …): powers of the date, and sines and cosines of the year."""
    seasons = [wave(2 * np.pi * k * t) for k in range(1, harmonics + 1) for wave in (np.sin, np.cos)]
    return np.stack([*(((t - 1990) / 10) ** d for d in range(degree + 1)), *seasons], axis=1)


def co2_error(years, degree, harmonics):
    """The mean absolute error, ppm, of forecasts two years ahead, from the start of each year."""
    errors = []
    for year in years:
        past, future = t < year, (t >= year) & (t < year + 2)
        w = np.linalg.lstsq(features(t[past], degree, harmonics), ppm[past], rcond=None)[0]
        errors.append(np.abs(features(t[future], degree, harmonics) @ w - ppm[future]))
    return np.concatenate(errors).mean()


for degree, harmonics in ((1, 0), (2, 0), (1, 2), (2, 1), (2, 2), (3, 2), (4, 2)):
    print(f"degree {degree}, {harmonics} waves a year: {co2_error(range(1970, 1988), degree, harmonics):.2f} ppm")

# %% [markdown]
r"""
Five more columns, and most of the error is gone. Not every column helps: with the powers 3 and 4 the forecast gets worse
again, because powers run away where there is no data. And a network with the date alone? Here is one forecast, from
1985:
"""

# %% tags=["nbval-ignore-output"]
torch.manual_seed(seed)
past, future = t < 1985, (t >= 1985) & (t < 1987)
scaled, target = (torch.tensor(some, dtype=torch.float32)[:, None] for some in ((t - 1972) / 15, (ppm - 330) / 15))
net = nn.Sequential(nn.Linear(1, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
optimizer = torch.optim.Adam(net.parameters(), lr=0.003)
for _ in range(400):
    loss = nn.functional.mse_loss(net(scaled[past]), target[past])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
with torch.no_grad():
    network_error = np.abs(15 * net(scaled).numpy()[:, 0] + 330 - ppm)[future].mean()
print(f"from 1985: a network of {sum(p.numel() for p in net.parameters()):,} parameters on the date {network_error:.2f} ppm, seven columns {co2_error([1985], 2, 2):.2f} ppm")
assert network_error > 1.5 * co2_error([1985], 2, 2)

# %% [markdown]
r"""
It draws a smooth line through the past. That a year repeats itself, it cannot know: nothing in the number 1985.5 says
*summer*. Networks find features in pixels, sounds and texts better than people do. Where you know something that the
data cannot show, tell the model.
"""

# %%
seal("4 features", "error of the CO2 forecast, ppm: the date alone, or five more columns", "{:.2f}",
     lambda: co2_error(range(1988, 2001), 1, 0), lambda: co2_error(range(1988, 2001), 2, 2))

# %% [markdown]
r"""
## 5. One change at a time

A training that does not work raises no error. So do not stare at the code; ask three questions that have known answers.

1. *The loss at the start.* A network that knows nothing gives each of $C$ classes the same probability: the loss is
   $\ln C$. Far above means that first outputs are wild: inputs in the wrong unit, first weights too large.
2. *One batch by heart.* Any network can learn 32 examples. If the loss does not go to 0 within a hundred steps, the
   fault is in the code, not in the data.
3. *The gradient of every layer.* How large is the slope of the first layer's weights beside that of the last one's? A
   zero is a cut wire; a millionth is a vanishing gradient ([unit 05](../05_initialization/lesson.ipynb)).
"""

# %%
def recipe(net, X, y, loss=nn.functional.cross_entropy):
    """The loss at the start, the loss on one batch after 100 steps, and the first layer's gradient beside the last's."""
    X, y = torch.from_numpy(X[:32]), torch.from_numpy(y[:32])
    start = loss(net(X), y)
    start.backward()
    slopes = [p.grad.norm().item() if p.grad is not None else 0.0 for p in net.parameters() if p.dim() > 1]
    optimizer = torch.optim.Adam(net.parameters(), lr=0.003)
    for _ in range(100):
        optimizer.zero_grad()
        last = loss(net(X), y)
        last.backward()
        optimizer.step()
    return start.item(), last.item(), slopes[0] / slopes[-1]


def deep_sigmoids():
    return nn.Sequential(nn.Linear(784, 64), *(layer for _ in range(6) for layer in (nn.Sigmoid(), nn.Linear(64, 64))), nn.Sigmoid(), nn.Linear(64, 10))


def softmax_twice(logits, y):
    return nn.functional.cross_entropy(torch.softmax(logits, dim=1), y)


# %% tags=["nbval-ignore-output"]
patients = {
    "healthy": (lambda: mlp(64), digits.X_train, nn.functional.cross_entropy),
    "pixels from 0 to 255": (lambda: mlp(64), digits.X_train * np.float32(255), nn.functional.cross_entropy),
    "softmax before the loss": (lambda: mlp(64), digits.X_train, softmax_twice),
    "eight layers of sigmoids": (deep_sigmoids, digits.X_train, nn.functional.cross_entropy),
}
found = {}
print(f"ln 10 = {math.log(10):.2f}; a double softmax of ten classes cannot go below {math.log(math.e + 9) - 1:.2f}\n")
print("                         loss at start   one batch   first / last gradient")
for name, (make, X, loss) in patients.items():
    torch.manual_seed(seed)
    found[name] = start, last, ratio = recipe(make(), X, digits.y_train, loss)
    print(f"{name:25} {start:12.2f} {last:11.2f} {ratio:19.1e}")
assert found["healthy"][1] < 0.1 and found["pixels from 0 to 255"][0] > 10
assert found["softmax before the loss"][1] > 1.4 and found["eight layers of sigmoids"][2] < 1e-3

# %% [markdown]
r"""
Each fault shows at a question of its own. The unscaled pixels fail the first. The double softmax fails the second: a
softmax of numbers between 0 and 1 is never sure, so its loss has a floor. The sigmoids fail the third, and with it the
second.

When a training works, it can be made better. Then keep a log: one line for each run, **one change a line**, and a rule
made beforehand for what to keep. The rule here: keep a change if it wins at least half a point on the 500 validation
digits. (A standard error is about a point, so half a point may be luck. A better rule would cost more seeds.)
"""

# %% tags=["nbval-ignore-output"]
def build(kind, dropout):
    """A network of one hidden layer of so many units, or with two convolutions."""
    if kind != "conv":
        return nn.Sequential(nn.Linear(784, kind), nn.ReLU(), nn.Dropout(dropout), nn.Linear(kind, 10))
    maps = [layer for c_in, c_out in ((1, 8), (8, 16)) for layer in (nn.Conv2d(c_in, c_out, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))]
    return nn.Sequential(nn.Unflatten(1, (1, 28, 28)), *maps, nn.Flatten(), nn.Dropout(dropout), nn.Linear(784, 10))


def shifted(X, rng):
    """Digits (N, 784), each moved by up to two pixels."""
    moved = np.zeros_like(images := X.reshape(-1, 28, 28))
    for n, (down, right) in enumerate(rng.integers(-2, 3, size=(len(X), 2))):
        moved[n] = np.roll(images[n], (down, right), axis=(0, 1))
    return moved.reshape(-1, 784)


X_more, y_more = np.concatenate([digits.X_train, shifted(digits.X_train, rng)]), np.tile(digits.y_train, 2)
START = {"kind": 64, "dropout": 0.0, "optimizer": torch.optim.SGD, "lr": 0.01, "more": False, "cycle": False}


def run(kind, dropout, optimizer, lr, more, cycle):
    torch.manual_seed(seed)
    net = build(kind, dropout)
    X, y = (X_more, y_more) if more else (digits.X_train, digits.y_train)
    steps = optimizer(net.parameters(), lr=lr)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(steps, max_lr=lr, total_steps=6 * math.ceil(len(y) / 64)) if cycle else None
    train.fit(net, (X, y, digits.X_val, digits.y_val), num_epochs=6, optimizer=steps, scheduler=scheduler, seed=seed)
    return net, right(net, digits.X_val, digits.y_val).mean()


# %% tags=["nbval-ignore-output"]
log, settings = [], START
first_net, best = run(**settings)
best_net = first_net
print(f"start: 64 hidden units, SGD at 0.01               {best:.1%}")
for change, new in (("learning rate 0.1", {"lr": 0.1}), ("Adam at 0.003", {"optimizer": torch.optim.Adam, "lr": 0.003}),
                    ("256 hidden units", {"kind": 256}), ("two convolutions instead", {"kind": "conv"}),
                    ("dropout of one half", {"dropout": 0.5}), ("a moved copy of every digit", {"more": True}),
                    ("one cycle of the learning rate", {"cycle": True})):
    net, score = run(**settings | new)
    keep = score >= best + 0.005
    log.append((change, score, keep))
    print(f"{change:32} {score - best:+6.1%}  →  {score:.1%}  {'kept' if keep else ''}")
    if keep:
        settings, best, best_net = settings | new, score, net

# %%
fig, ax = plot.figure("The log: what was tried, one change a line, and what was kept", "validation accuracy, %", size=(6.8, 3.2))
for place, (_, score, keep) in enumerate(log):
    ax.plot(100 * score, place, "o", ms=9, color="C0" if keep else "0.6")
    ax.annotate("kept" if keep else "not kept", (100 * score, place), xytext=(8, 0), textcoords="offset points", va="center", fontsize=8)
ax.set_yticks(range(len(log)), [change for change, *_ in log])
ax.invert_yaxis()
ax.margins(x=0.12)
plot.show(fig, alt="Dots, one for each change in the order in which it was tried from top to bottom, at the validation accuracy of the run, blue if the change was kept and grey if not. "
                   "On the whole the dots move to the right, from about 90 percent to more than 95; at least one is grey and lies to the left of the one above.")

# %% [markdown]
r"""
Had you changed the optimizer, the width and the dropout at once, you would know the sum and not the parts; a bad change
hides behind a good one. The grey lines are as much worth as the others: they need not be tried again. Write down what
makes a run repeatable, too: seed, versions, data, settings.
"""

# %%
seal("5 log", "test accuracy: first line of the log, or last one kept", "{:.1%}",
     lambda: right(first_net, digits.X_test, digits.y_test).mean(), lambda: right(best_net, digits.X_test, digits.y_test).mean())

# %% [markdown]
r"""
## 6. Measure what matters

Back to the bank. Real payments are not to be had for a course, and should not be. These are *synthetic*: 40,000 made-up
payments with an amount, a distance from home, an hour, and whether the device is new. What they teach holds all the same,
because it depends on two things only, which the generator has: fraud is rare, and it looks partly like everything else.
And here, unlike in life, the true probability of each payment is known: we will check against it.
"""

# %% tags=["nbval-ignore-output"]
def payments(n, rng):
    """Features (n, 5), labels (n,), 1 for fraud, and the true probability (n,) of each: all made up."""
    amount, distance = rng.normal(0, 1, n), rng.exponential(1, n)                    # log of the amount; in 10 km
    night, new, recent = rng.random(n) < 0.15, rng.random(n) < 0.08, rng.poisson(1.5, n)
    z = -8.2 + 1.2 * amount + 0.8 * distance + 1.5 * night + 2.5 * new + 0.4 * recent
    p = 1 / (1 + np.exp(-z))
    return np.stack([amount, distance, night, new, recent], axis=1), (rng.random(n) < p).astype(int), p


(X_pay, y_pay, _), (X_payval, y_payval, _), (X_paytest, y_paytest, p_paytest) = (payments(n, rng) for n in (20_000, 10_000, 10_000))
detector = LogisticRegression().fit(X_pay, y_pay)
score_val, score_test = (detector.predict_proba(X)[:, 1] for X in (X_payval, X_paytest))
print(f"fraud in validation: {y_payval.mean():.2%}")
for name, flagged in (("never", np.zeros(10_000, dtype=bool)), ("model, above one half", score_val > 0.5)):
    print(f"{name:22} accuracy {np.mean(flagged == y_payval):.1%}, finds {flagged[y_payval == 1].sum()} of {y_payval.sum()} frauds")

# %% [markdown]
r"""
Both are right 99 times in 100. Accuracy cannot tell them apart, since it counts mostly the payments that nobody worries
about. Two other questions can:

- [*recall*](../glossary.md#precision-and-recall): of the frauds, how many are flagged?
- *precision*: of the flagged, how many are frauds?

Each threshold gives one pair. From a strict threshold to a lax one recall grows and precision mostly falls; all pairs together
are the [*precision-recall curve*](../glossary.md#precision-recall-curve). Its mean height is the *average precision*.
"""

# %% tags=["nbval-ignore-output"]
def precision_recall(y, score):
    """At each different score, from the highest down: flag everything with at least that score."""
    pairs = []
    for t in np.unique(score)[::-1]:
        flagged = score >= t
        pairs.append((y[flagged].mean(), y[flagged].sum() / y.sum(), t))
    return np.array(pairs).T


some = np.argsort(-score_val)[:500]                                # a loop over 10,000 thresholds would take a while
assert np.allclose(precision_recall(y_payval[some], score_val[some]), practice.precision_recall(y_payval[some], score_val[some]))
precision, recall, threshold = practice.precision_recall(y_payval, score_val)
print(f"average precision {practice.average_precision(y_payval, score_val):.2f}; a coin would have about {y_payval.mean():.2f}")

# %% [markdown]
r"""
Which point of the curve? That is no question of statistics. It depends on what mistakes cost, and the bank knows: a
missed fraud 200 euros, a false alarm 5 for a telephone call. With a true probability $p$, flagging costs $5(1-p)$ on
average and not flagging $200\,p$. So flag where $p > 5 / 205 = 0.024$. A model's scores are seldom true probabilities,
so it is safer to try all thresholds on validation data. Move the slider and watch what each one costs.
"""

# %%
MISS, ALARM = 200.0, 5.0
places = (0.5, 0.2, 0.1, 0.05, 0.025, 0.01, 0.005, 0.002)
costs = {t: 1000 * practice.cost_of(y_payval, score_val >= t, MISS, ALARM) for t in np.geomspace(0.001, 0.6, 60)}


def draw(t):
    flagged = score_val >= t
    cost = 1000 * practice.cost_of(y_payval, flagged, MISS, ALARM)
    fig, axs = plot.figure(f"Flagged from {t:.1%}: 1,000 payments cost {cost:,.0f} euros", ncols=2, size=(7.0, 2.9))
    axs[0].plot(recall, precision)
    axs[0].plot(flagged[y_payval == 1].mean(), y_payval[flagged].mean(), "o", color="C1", ms=9)
    axs[0].set(xlabel="recall", ylabel="precision", xlim=(-0.03, 1.03), ylim=(0, 1.03))
    axs[1].plot(list(costs), list(costs.values()))
    axs[1].plot(t, cost, "o", color="C1", ms=9)
    axs[1].set(xlabel="threshold (log scale)", ylabel="euros for 1,000 payments", xscale="log", ylim=(0, None))
    return fig


plot.explore(draw, places, "flag from a score of", start=0,
             alt="Left, precision over recall, a falling curve, with a dot for the chosen threshold. Right, the cost of 1,000 payments over the threshold: a valley with its bottom at a few percent, higher on both sides. At a threshold of one half the dot sits high on the right slope, where nearly all frauds are missed.")

# %% tags=["nbval-ignore-output"]
cheapest = practice.cheapest_threshold(y_payval, score_val, MISS, ALARM)
print(f"cheapest on validation: flag from {cheapest:.3f}; the formula says {ALARM / (ALARM + MISS):.3f}")
seal("6 cost", "euros lost in 1,000 payments: threshold 0.5, or by cost", "{:,.0f}",
     lambda: 1000 * practice.cost_of(y_paytest, score_test >= 0.5, MISS, ALARM), lambda: 1000 * practice.cost_of(y_paytest, score_test >= cheapest, MISS, ALARM))

# %% [markdown]
r"""
## 7. Ask for whom it is wrong

An average can hide who pays for the errors. Here is a small case that you can take apart. A post office reads digits
with two scanners. The worn one turns the paper, prints half as dark, adds noise. Only 5 % of the training digits come
from it. (The scanner is simulated, so that nobody's face, name or income is used as a toy. The real thing: commercial
face analysis erred most often for dark-skinned women, who were rare in the usual collections of faces, [Buolamwini and
Gebru 2018](https://proceedings.mlr.press/v81/buolamwini18a.html).)
"""

# %%
def scanned(X, worn, rng):
    """Digits (N, 784), those where `worn` is True as the worn scanner sees them."""
    X = X.copy()
    X[worn] = data.worn_scanner(X[worn].reshape(-1, 28, 28), rng).reshape(-1, 784)
    return X


worn = rng.random(3500) < 0.05
X_post = scanned(digits.X_train, worn, rng)
X_postval = {"good": digits.X_val, "worn": scanned(digits.X_val, np.ones(500, dtype=bool), rng)}

fig, axs = plot.figure("The same five digits from the good and from the worn scanner", ncols=10, size=(7.2, 1.4))
plot.images(axs, np.concatenate([X_postval["good"][:5], X_postval["worn"][:5]]))
plot.show(fig, alt="Ten pictures. First five digits as in MNIST, black on white; then the same five, turned to the left, grey and grainy.")

# %% tags=["nbval-ignore-output"]
post_val = np.concatenate(list(X_postval.values())), np.tile(digits.y_val, 2)    # to stop early by both scanners
reader = fitted(lambda: mlp(128), X_post, digits.y_train, post_val)
errors = {name: 1 - right(reader, X, digits.y_val).mean() for name, X in X_postval.items()}
in_use = 0.95 * errors["good"] + 0.05 * errors["worn"]
assert errors["worn"] > 3 * errors["good"]
print(f"errors, 5 % worn as in training: {in_use:.1%}; good scanner {errors['good']:.1%}, worn scanner {errors['worn']:.1%}")

# %% [markdown]
r"""
The overall figure looks fine. For whoever lives where the worn scanner stands, several times as many digits are wrong.
And errors have kinds. Ask "is it a 1?", as if ones were cheap parcels: who is wrongly refused, who is wrongly accepted? That
can differ by group even where the overall error does not ([*error rates by group*](../glossary.md#error-rates-by-group)).
"""

# %% tags=["nbval-ignore-output"]
truth, said = (post_val[1] == 1).astype(int), (logits(reader, post_val[0]).argmax(axis=1) == 1).astype(int)
by_scanner = practice.group_rates(truth, said, np.repeat(["good", "worn"], 500))
assert by_scanner["worn"]["missed"] == np.mean(said[500:][truth[500:] == 1] == 0)              # of the ones, those not seen
for name, rates in by_scanner.items():
    print(f"{name} scanner: of its ones {rates['missed']:.0%} missed, of its other digits {rates['false_alarms']:.1%} taken for ones ({rates['n']} digits)")

# %% [markdown]
r"""
What can be done? Three mitigations, from cheap to dear. Let each worn digit count ten times in the loss. Or repeat
worn digits until they are half. Or go and collect: scan 1,000 of the training digits again on the worn scanner, so that
more *different* ones are seen. Judge by validation, each scanner by itself.
"""

# %% tags=["nbval-ignore-output"]
def weighted(outputs, y):
    """Labels of worn digits come with 10 added: they count ten times."""
    each = nn.functional.cross_entropy(outputs, y % 10, reduction="none")
    weight = torch.where(y >= 10, 10.0, 1.0)
    return (each * weight).sum() / weight.sum()


again = np.concatenate([np.arange(3500), rng.choice(np.flatnonzero(worn), 3000)])
collected = rng.permutation(np.flatnonzero(~worn))[:1000]
X_collected = np.concatenate([X_post, scanned(digits.X_train[collected], np.ones(1000, dtype=bool), rng)])
mitigated = {
    "as it is": reader,
    "worn count ten times": fitted(lambda: mlp(128), X_post, digits.y_train + 10 * worn, post_val, loss=weighted),
    "worn repeated": fitted(lambda: mlp(128), X_post[again], digits.y_train[again], post_val),
    "1,000 more worn scans": fitted(lambda: mlp(128), X_collected, np.concatenate([digits.y_train, digits.y_train[collected]]), post_val),
}
worst = {}
for name, net in mitigated.items():
    found = {scanner: 1 - right(net, X, digits.y_val).mean() for scanner, X in X_postval.items()}
    worst[name] = max(found.values())
    print(f"{name:22} errors: good scanner {found['good']:5.1%}, worn scanner {found['worn']:5.1%}")
chosen = mitigated[min(worst, key=worst.get)]

# %% [markdown]
r"""
Weights and copies help only so far: they shout the same few worn digits louder. New ones bring what is missing. Look at
the other column, too: the good scanner may pay a little. Where one group pays for another, say what it costs whom, and
let somebody decide who answers for it.

Two warnings. Groups that you did not think of are not in your table. And where groups are *people*, do not turn it round:
a model that works on faces, names or voices must not be used to infer origin, belief, health or character; a correlation
in old data is no permission.
"""

# %%
X_worntest = scanned(digits.X_test, np.ones(1000, dtype=bool), rng)
seal("7 groups", "errors for the worn scanner: as it is, or mitigated", "{:.1%}",
     lambda: 1 - right(reader, X_worntest, digits.y_test).mean(), lambda: 1 - right(chosen, X_worntest, digits.y_test).mean())

# %% [markdown]
r"""
## 8. Make it small

A weight is a number with 32 bits. Does it need them? Let each row of a layer have a scale of its own, the largest weight
divided by 127, and keep whole numbers from -127 to 127: eight bits. This is
[*quantization*](../glossary.md#quantization).
"""

# %%
def quantize(W):
    """Whole numbers int8 (R, D) and a scale (R,) for the weights W (R, D)."""
    scale = np.abs(W).max(axis=1) / 127
    return np.rint(W / scale[:, None]).astype(np.int8), scale


W = np.array([[0.5, -1.27, 0.013], [0.03, 0.0, 0.04]], dtype=np.float32)
Q, scale = quantize(W)
print(Q, (Q * scale[:, None]).round(3), sep="\n")
assert (practice.quantize(W)[0] == Q).all() and np.abs(Q * scale[:, None] - W).max() <= scale.max() / 2 + 1e-7

# %% tags=["nbval-ignore-output"]
big = fitted(lambda: mlp(256), digits.X_train, digits.y_train)


def replaced(net, change):
    """A copy of the net in which each matrix of weights is changed."""
    copy = mlp(256)
    state = {name: p.numpy() for name, p in net.state_dict().items()}
    copy.load_state_dict({name: torch.from_numpy(change(W) if W.ndim > 1 else W) for name, W in state.items()})
    return copy


def in_bytes(W, bits=32):
    """Bytes of a layer: 32 bits a weight, or 8 and a scale for each row."""
    return W.size * 4 if bits == 32 else W.size + 4 * len(W)


Ws = [p.detach().numpy() for p in big.parameters() if p.dim() > 1]
eight = replaced(big, lambda W: practice.dequantize(*practice.quantize(W)))
changed = np.mean(logits(big, digits.X_val).argmax(axis=1) != logits(eight, digits.X_val).argmax(axis=1))
print(f"{sum(in_bytes(W) for W in Ws):,} bytes → {sum(in_bytes(W, 8) for W in Ws):,}; answers that change: {changed:.1%} of 500")

# %% [markdown]
r"""
A quarter of the size, and hardly an answer changes. Next: which weights are needed at all? Set the smallest to zero
([*pruning*](../glossary.md#pruning)), and see how far you can go. After pruning, train the others for three epochs more,
with the zeros held at zero.
"""

# %% tags=["nbval-ignore-output"]
weakest = np.abs(Ws[0]) < np.quantile(np.abs(Ws[0]), 0.8)
assert (np.where(weakest, 0, Ws[0]) != practice.prune(Ws[0], 0.8)).sum() <= 1            # equal, but for one at the edge


def pruned(share, retrain):
    net = replaced(big, lambda W: practice.prune(W, share))
    masks = [p.detach() != 0 for p in net.parameters()]
    if retrain:
        optimizer, order = torch.optim.Adam(net.parameters(), lr=0.001), np.random.default_rng(seed)
        X, y = torch.from_numpy(digits.X_train), torch.from_numpy(digits.y_train)
        for _ in range(3):
            for batch in np.split(order.permutation(3500), range(64, 3500, 64)):
                optimizer.zero_grad()
                nn.functional.cross_entropy(net(X[batch]), y[batch]).backward()
                optimizer.step()
                with torch.no_grad():
                    for p, mask in zip(net.parameters(), masks):
                        p *= mask
    return net


shares = (0.5, 0.8, 0.9, 0.95, 0.98)
nets = {retrain: [pruned(share, retrain) for share in shares] for retrain in (False, True)}
curves = {retrain: [right(net, digits.X_val, digits.y_val).mean() for net in some] for retrain, some in nets.items()}

# %% tags=["nbval-ignore-output"]
fig, ax = plot.figure("Four weights in five can go, if the others are trained again", "weights set to zero, %", "validation accuracy, %")
for retrain, label in ((False, "pruned only"), (True, "and trained again")):
    ax.plot([100 * share for share in shares], [100 * v for v in curves[retrain]], "o-", label=label)
ax.axhline(100 * right(big, digits.X_val, digits.y_val).mean(), color="0.6", lw=1)
ax.legend()
ax.set_ylim(20, 100)
plot.show(fig, alt="Validation accuracy over the share of weights set to zero, from 50 to 98 percent. Without further training it falls early and steeply; with it, the curve stays near the grey line of the whole network up to 80 or 90 percent, and falls then.")
for share, net, accuracy in zip(shares, nets[True], curves[True]):
    print(f"{share:.0%} zero, trained again: {accuracy:.1%}, {sum(practice.stored_bytes(p.detach().numpy()) for p in net.parameters() if p.dim() > 1):,} bytes")

# %% [markdown]
r"""
Stored as the nonzero weights and one bit for each place, the network shrinks to a fraction. But is it *faster*? A
matrix with zeros is multiplied like any other. Measure:
"""

# %% tags=["nbval-ignore-output"]
def median_ms(net, X, repeats=30):
    """Median milliseconds for one answer, after a warm-up."""
    X, times = torch.from_numpy(X), []
    with torch.no_grad():
        for _ in range(repeats + 5):
            start = time.perf_counter()
            net(X)
            times.append(1000 * (time.perf_counter() - start))
    return np.median(times[5:])


def narrow(net, keep):
    """The net without its weakest hidden units: (in-weights' norm) times (out-weights' norm) decides."""
    first, second = net[0], net[2]
    units = (first.weight.norm(dim=1) * second.weight.norm(dim=0)).argsort(descending=True)[:keep]
    small = mlp(keep)
    small.load_state_dict({"0.weight": first.weight[units], "0.bias": first.bias[units], "2.weight": second.weight[:, units], "2.bias": second.bias})
    return small


small = narrow(big, 32)
before_training = right(small, digits.X_val, digits.y_val).mean()
train.fit(small, (digits.X_train, digits.y_train, digits.X_val, digits.y_val), num_epochs=4, seed=seed)
for name, net in (("whole", big), ("nine weights in ten zero", nets[True][2]), ("32 of 256 units left", small)):
    print(f"{name:25} {median_ms(net, digits.X_val):6.2f} ms for 500 digits, {right(net, digits.X_val, digits.y_val).mean():.1%} right")
print(f"(32 units before training again: {before_training:.1%})")

# %% [markdown]
r"""
Zeros save memory, not time. Whole units save both, because the matrices really get smaller. (Chips and libraries with
whole-number arithmetic make eight bits faster, too; ours turns them back into 32.) The envelope holds what a telephone
would store: as much pruned as costs at most half a point on validation, and eight bits for each weight that is left.
"""

# %%
def size_after(net):
    """Bytes with eight bits for each nonzero weight, one bit for each place, and a scale for each row."""
    return sum(practice.stored_bytes(practice.quantize(p.detach().numpy())[0]) + 4 * len(p) for p in net.parameters() if p.dim() > 1)


near = [net for net, accuracy in zip(nets[True], curves[True]) if accuracy >= right(big, digits.X_val, digits.y_val).mean() - 0.005]
light = (near or nets[True])[-1 if near else 0]
packed = replaced(light, lambda W: practice.dequantize(*practice.quantize(W)))
seal("8 small", "bytes of a digit reader (accuracies within 1.5 points)", "{:,}", sum(in_bytes(W) for W in Ws), size_after(light))

# %% [markdown]
r"""
## 9. Explain, and test the explanation

A doctor will not act on "0.93". What can you offer? Either a model that *is* its own explanation, or an explanation of
a model that is not. First the one, on the tumours. A tree of three questions:
"""

# %% tags=["nbval-ignore-output"]
def tree(X, y, X_new):
    return DecisionTreeClassifier(max_depth=3, random_state=0).fit(X, y).predict(X_new)


cells["tree"] = cross_validated(tree)
names = [name.replace(" ", "_") for name in data.CANCER_FEATURES]
print(export_text(DecisionTreeClassifier(max_depth=3, random_state=0).fit(X_cells, y_cells), feature_names=names, decimals=2))
price = np.mean(cells["network"] == y_cells) - np.mean(cells["tree"] == y_cells)
print(f"network {np.mean(cells['network'] == y_cells):.1%}, tree of depth 3 {np.mean(cells['tree'] == y_cells):.1%}: being readable costs {100 * price:.1f} points")

# %% [markdown]
r"""
Some points of accuracy for something that fits on a card. Here, the logistic regression is the better bargain: its
thirty weights can be read, too. Now for models that cannot be read. Shuffle one column among the patients: it says
nothing any more, but keeps its values. How much accuracy does that cost? This is
[*permutation importance*](../glossary.md#permutation-importance).
"""

# %% tags=["nbval-ignore-output"]
rows = fold > 2
mean, std = X_cells[rows].mean(axis=0), X_cells[rows].std(axis=0)
Z = ((X_cells - mean) / std).astype(np.float32)
torch.manual_seed(seed)
doctor = mlp(32, n_in=30, n_out=2)
train.fit(doctor, (Z[rows], y_cells[rows], Z[~rows], y_cells[~rows]), num_epochs=15, optimizer=torch.optim.Adam(doctor.parameters(), lr=0.003), seed=seed)


def diagnose(X):
    return logits(doctor, X.astype(np.float32)).argmax(axis=1)


def importance(X, y, feature, rng):
    """By how much accuracy falls when one column is shuffled."""
    shuffled = X.copy()
    shuffled[:, feature] = rng.permutation(shuffled[:, feature])
    return np.mean(diagnose(X) == y) - np.mean(diagnose(shuffled) == y)


falls = practice.permutation_importance(diagnose, Z[~rows], y_cells[~rows], times=30, seed=seed)    # the same, many times
shuffler = np.random.default_rng(seed)
assert np.allclose(falls[0], [importance(Z[~rows], y_cells[~rows], 0, shuffler) for _ in range(30)])
falls = falls.mean(axis=1)
for place in np.argsort(-falls)[:4]:
    print(f"{data.CANCER_FEATURES[place]:22} shuffled: {100 * falls[place]:.1f} points")
sizes = [place for place, name in enumerate(data.CANCER_FEATURES) if name.split()[-1] in ("radius", "perimeter", "area")]
together = Z[~rows].copy()
together[:, sizes] = rng.permutation(together[:, sizes])
fall = np.mean(diagnose(Z[~rows]) == y_cells[~rows]) - np.mean(diagnose(together) == y_cells[~rows])
print(f"all {len(sizes)} measures of size at once: {100 * fall:.1f} points; each alone at most {100 * falls[sizes].max():.1f}")

# %% [markdown]
r"""
Take care. Radius, perimeter and area say nearly the same, so each of them alone looks unimportant: the others stand in.
Together they matter more. And what matters to the model need not cause the disease.

For images there is the [saliency map](../glossary.md#saliency-map) of [unit 10](../10_cnn/lesson.ipynb): the size of
the slope of the answer's logit at each pixel. It makes a convincing picture. Whether it is *true* can be tested. Wipe out
the 30 dark pixels that count most, and see whether the digit can still be read; for comparison, wipe out 30 random dark
ones. And let a second map compete: slope times ink, the amount by which the logit would fall, to first order, if that
pixel's ink were gone.
"""

# %%
def slopes(net, X):
    """(N, 784): the slope of the winning logit at each pixel."""
    X = torch.from_numpy(X).requires_grad_()
    net.eval()(X).max(dim=1).values.sum().backward()
    return X.grad.numpy()


MAPS = {
    "random": lambda X: np.random.default_rng(seed).random(X.shape) * (X > 0.5),
    "size of the slope": lambda X: np.abs(slopes(best_net, X)) * (X > 0.5),
    "slope times ink": lambda X: np.maximum(slopes(best_net, X) * X, 0),
}


def wiped(X, heat, count=30):
    """X without the `count` pixels of the highest heat."""
    X = X.copy()
    np.put_along_axis(X, np.argsort(-heat, axis=1)[:, :count], 0, axis=1)
    return X


# %% tags=["nbval-ignore-output"]
X = digits.X_val
print(f"untouched: {right(best_net, X, digits.y_val).mean():.1%} read")
still = {name: right(best_net, wiped(X, heat(X)), digits.y_val).mean() for name, heat in MAPS.items()}
for name, share in still.items():
    print(f"30 pixels wiped out, {name:18} {share:.1%} still read")
assert still["slope times ink"] < still["random"] - 0.1 and still["size of the slope"] < still["random"]

# %%
fig, axs = plot.figure("Where the second map looks, and what is left when that is gone", ncols=6, nrows=2, size=(7.2, 2.7))
heat = MAPS["slope times ink"](X[:6])
for ax, picture, counts in zip(axs[0], X, heat):
    plot.saliency(ax, picture.reshape(28, 28), counts.reshape(28, 28))
plot.images(axs[1], wiped(X[:6], heat))
plot.show(fig, alt="Two rows of six digits. Above, each digit in pale grey with red spots on its strokes, where the ink counts most for the network's answer. Below, the same digits with these spots wiped out: gaps in the strokes, some hard to read.")

# %% [markdown]
r"""
Both maps pass: what they point at matters more than ink taken at random. The second does better, because it was made for
this question. At a dark pixel, the first map does not even say whether more ink or less would help. An explanation
answers *one* question; say which.
"""

# %%
seal("9 explain", "digits still read without 30 dark pixels: random ones, or those explained", "{:.1%}",
     *(lambda heat=MAPS[name]: right(best_net, wiped(digits.X_test, heat(digits.X_test)), digits.y_test).mean() for name in ("random", "slope times ink")))

# %% [markdown]
r"""
## 10. Hand it over

Somebody else will run your model, on another machine, next year. They need four things.

**The same result again.** Seeds fix what is random; versions fix what the seeds mean. Two runs must agree to the last
bit on one machine; between machines, the last bits may differ.
"""

# %% tags=["nbval-ignore-output"]
def short_run():
    torch.manual_seed(seed)
    net = mlp(16)
    train.fit(net, (digits.X_train[:640], digits.y_train[:640], digits.X_val, digits.y_val), num_epochs=1, seed=seed)
    return net.state_dict()


one, two = short_run(), short_run()
print("two runs equal to the last bit:", all(torch.equal(one[name], two[name]) for name in one))

# %% [markdown]
r"""
**The model without your code.** A `state_dict` needs the class that made it. `torch.export` writes the whole computation
into one file ([*export*](../glossary.md#export)): the receiver needs PyTorch and nothing of yours. Say which sizes may
change (here, the number of digits), load it again, and compare.
"""

# %% tags=["nbval-ignore-output"]
example = (torch.from_numpy(digits.X_val[:4]),)
program = torch.export.export(best_net.eval(), example, dynamic_shapes=({0: torch.export.Dim("N")},))
file = io.BytesIO()                                                # a file in memory; a path works as well
torch.export.save(program, file)
file.seek(0)
loaded = torch.export.load(file).module()
X = torch.from_numpy(digits.X_val)
with torch.no_grad():
    same = torch.equal(loaded(X), best_net(X))
assert np.allclose(logits(best_net, digits.X_val), loaded(X).detach().numpy(), atol=1e-4)
print("reloaded, 500 digits at once: equal" if same else "reloaded, 500 digits at once: equal up to rounding")

# %% [markdown]
r"""
**A door.** A model answers whatever it is asked. Here are eight inputs that no digit ever looked like. How many get an
answer?
"""

# %% tags=["nbval-ignore-output"]
good = digits.X_val[:3]
bad = {
    "pixels from 0 to 255": good * np.float32(255),
    "a NaN in one pixel": np.where(np.arange(784) == 400, np.float32(np.nan), good),
    "an infinity": np.where(np.arange(784) == 400, np.float32(np.inf), good),
    "negative values": good - np.float32(0.5),
    "ink and paper swapped": 1 - good,
    "a row of pixels short": good[:, :756],
    "double precision": good.astype(np.float64),
    "a list": good.tolist(),
}


def answered(check):
    """The names of the bad inputs that get an answer."""
    through = []
    for name, X in bad.items():
        try:
            best_net(torch.as_tensor(check(X))).argmax(dim=1)
            through.append(name)
        except (TypeError, ValueError, RuntimeError) as error:
            print(f"  {name}: {str(error).splitlines()[0][:100]}")
    return through


print("without a check, refused:")
without = answered(lambda X: X)
print("with the range of every pixel, refused:")
each_pixel = practice.InputCheck(digits.X_train)
left = answered(each_pixel)
print(f"answered as if nothing were wrong: {len(without)} of {len(bad)} without a check, {len(left)} with it")

# %% [markdown]
r"""
This check has learned the range of each pixel from the training digits, with a tenth of it to spare, and says what is
wrong, where, and what to do. Ink and paper swapped are refused because the corners, always paper, are suddenly full of
ink. All eight are stopped. Are we done? A door has two kinds of errors, like any classifier. How many honest digits does
it turn away?
"""

# %%
def turned_away(check, X):
    """The share of the rows of X, (N, 784), that the check refuses, one at a time."""
    refused = 0
    for row in X:
        try:
            check(row[np.newaxis])
        except (TypeError, ValueError):
            refused += 1
    return refused / len(X)


print(f"honest validation digits turned away: {turned_away(each_pixel, digits.X_val):.1%}")

# %% [markdown]
r"""
A few in a hundred: somebody wrote where none of the 3,500 had. So use a wider and a smarter range: 0 to 1 for all pixels,
and the training digits' range for two figures of the whole picture, the mean ink and the share of dark pixels.
"""

# %% tags=["nbval-ignore-output"]
def summary(X):
    """Mean ink and share of dark pixels, (N, 2)."""
    return np.stack([X.mean(axis=1), (X > 0.5).mean(axis=1, dtype=np.float32)], axis=1)


zero_to_one = practice.InputCheck(np.repeat(np.array([[0], [1]], dtype=np.float32), 784, axis=1), slack=0.0)
whole = practice.InputCheck(summary(digits.X_train))


def door(X):
    """X itself, if it is fit for the model; else TypeError or ValueError."""
    whole(summary(zero_to_one(X)))
    return X


print("with the door, refused:")
with_check = answered(door)
print(f"answered: {len(with_check)} of {len(bad)}; honest digits turned away: {turned_away(door, digits.X_val):.1%}")
assert turned_away(door, digits.X_val) <= 0.01

# %% [markdown]
r"""
How would you write it? Most people begin with the left one of these two questions:
"""

# %%
low, high = zero_to_one.low, zero_to_one.high
for name in ("pixels from 0 to 255", "a NaN in one pixel"):
    x = bad[name]
    print(f"{name:20}: outside anywhere? {((x < low) | (x > high)).any()!s:5}   not inside everywhere? {not ((x >= low) & (x <= high)).all()}")

# %% [markdown]
r"""
NaN is neither below nor above anything: every comparison with it is False. So ask what is *inside*, and refuse the rest.
"""

# %%
assert len(without) >= 4 and not with_check
seal("10 hand over", f"of {len(bad)} kinds of bad input, answered as if nothing were wrong", "{:.0f}", len(without), len(with_check))

# %% [markdown]
r"""
**A watch.** The scanner gets dirty, slowly. Each input is valid, the answers get worse, and nobody tells you: in use
there are no labels. But inputs can be compared with those of the training time. Take some figures of every digit, here
the mean ink, its spread, and how sure the network is. For a window of 50 digits, measure how far each figure's
distribution is from the reference: the largest difference of their shares up to any place, the
[*Kolmogorov-Smirnov distance*](../glossary.md#kolmogorov-smirnov-distance).

From which distance on is it an alarm? Let chance say. Draw 400 windows from the reference itself, and see how far
*they* are from the rest of it. Take the distance that only one in a hundred exceeds. That is
[*drift*](../glossary.md#drift) monitoring with a known rate of false alarms. The reference are the validation digits,
since the network is surer of those it has trained on.
"""

# %%
def figures(X):
    """Mean ink, its spread, and the network's largest probability, (N, 3)."""
    sure = torch.softmax(torch.from_numpy(logits(best_net, X)), dim=1).numpy().max(axis=1)
    return np.stack([X.mean(axis=1), X.std(axis=1), sure], axis=1).astype(float)


def distance(a, b):
    """The largest difference, over all places, of the shares of a (N,) and b (M,) up to there."""
    places = np.concatenate([a, b])
    below_a, below_b = (np.searchsorted(np.sort(some), places, side="right") / len(some) for some in (a, b))
    return np.abs(below_a - below_b).max()


def by_chance(reference, window, num_draws, rng):
    """The largest distance of any figure, for windows drawn from the reference (N, D) itself."""
    largest = []
    for _ in range(num_draws):
        order = rng.permutation(len(reference))
        drawn, rest = reference[order[:window]], reference[order[window:]]
        largest.append(max(map(distance, rest.T, drawn.T)))
    return np.array(largest)


# %%
reference = figures(digits.X_val)
monitor = practice.DriftMonitor(reference, window=50, rate=0.01, num_draws=400, seed=seed)
largest = by_chance(reference, 50, 400, np.random.default_rng(seed))
assert np.isclose(monitor.threshold, np.quantile(largest, 0.99))
stream = np.random.default_rng([seed, 1])


def alarms(X, num_windows=200):
    """The share of windows of 50, drawn from X, that raise an alarm."""
    seen = figures(X)
    return np.mean([monitor.alarm(seen[stream.choice(len(seen), 50, replace=False)]) for _ in range(num_windows)])


# %% [markdown]
r"""
The stream in use comes from digits that neither the network nor the monitor has met: those of the test set, but without
their labels. First as they are, then ever paler, then from the worn scanner:
"""

# %% tags=["nbval-ignore-output"]
levels = (1.0, 0.95, 0.9, 0.85, 0.8, 0.7)
noticed = [alarms(digits.X_test * np.float32(level)) for level in levels]
on_worn = alarms(X_worntest)
print(f"stable stream: {noticed[0]:.1%} of windows raise an alarm; worn scanner: {on_worn:.0%}")
assert noticed[0] <= 0.06 and on_worn == 1

# %% tags=["nbval-ignore-output"]
fig, ax = plot.figure("Quiet while nothing changes, sure when much does", "ink, % of what it was", "windows with an alarm, %")
ax.plot([100 * level for level in levels], [100 * share for share in noticed], "o-")
ax.invert_xaxis()
ax.set_ylim(-3, 103)
plot.show(fig, alt="The share of windows with an alarm over the darkness of the ink, from 100 percent on the left to 70 on the right. It starts near zero, rises steeply between 95 and 90 percent, and is at 100 from 85 on.")

# %% [markdown]
r"""
The rate on the stable stream is near the one asked for, not exactly it: the reference is a sample of 500 itself. A window
of 50 cannot see a change of a few percent; a larger one would, later. An alarm says that something has changed,
not that the answers are wrong; and where no input changes but its meaning does (a new way to write a seven), it stays
quiet. So label a few inputs by hand every week, whatever the watch says. (Banks often watch another figure, the population
stability index: shares in ten bins, compared by a sum of logarithms. `practice.stability_index` has it. Its usual bars,
0.1 and 0.25, are a custom and no calculation.)

## The headline

Now the envelopes are opened: all ten, and with them the test set, once.
"""

# %% tags=["nbval-ignore-output"]
results = {}
print("practice       before    after   what")
for name, (what, show, before, after) in envelopes.items():
    results[name] = before, after = [value() if callable(value) else value for value in (before, after)]
    print(f"{name:12} {show.format(before):>8} {show.format(after):>8}   {what}")

# %% [markdown]
r"""
Two numbers deserve a second look. For the payments we know what nobody knows in life, the true probabilities: how much is
there left to gain? And the CO2 forecasts are much better than before, but worse than on validation. A parabola suited
the years up to 1987 better than those after. In a series the test set is another *time*, and the world may have
changed its ways: drift again.

Then the count. Each practice has a bar of its own; "moved" means that it cleared it. Two of them promise less of something *at no loss*,
so the loss is part of the bar.
"""

# %% tags=["nbval-ignore-output"]
ideal = 1000 * practice.cost_of(y_paytest, p_paytest >= ALARM / (ALARM + MISS), MISS, ALARM)
print(f"payments, with the true probabilities: {ideal:,.0f} euros; with the model and its threshold: {results['6 cost'][1]:,.0f}")
test_accuracy = {name: right(net, digits.X_test, digits.y_test).mean() for name, net in (("big", big), ("packed", packed))}
before, after = ({name: pair[k] for name, pair in results.items()} for k in (0, 1))
moved = {
    "1 data": after["1 data"] - before["1 data"] > 0.04,
    "2 simple": after["2 simple"] * 100 < before["2 simple"] and lost < 0.02,
    "3 held out": before["3 held out"] > 0.85 and abs(after["3 held out"] - 0.5) < 0.06,
    "4 features": after["4 features"] < before["4 features"] / 2,
    "5 log": after["5 log"] - before["5 log"] > 0.15,
    "6 cost": after["6 cost"] < 0.7 * before["6 cost"],
    "7 groups": before["7 groups"] - after["7 groups"] > 0.1,
    "8 small": before["8 small"] > 5 * after["8 small"] and test_accuracy["packed"] > test_accuracy["big"] - 0.015,
    "9 explain": before["9 explain"] - after["9 explain"] > 0.2,
    "10 hand over": after["10 hand over"] == 0 and before["10 hand over"] >= 4,
}
print(f"CO2 forecasts: {co2_error(range(1970, 1988), 2, 2):.2f} ppm in the years of the choice, {results['4 features'][1]:.2f} in those of the test")
print("not moved:", [name for name, cleared in moved.items() if not cleared] or "none")
metrics.headline("practices of ten that move their number beyond its bar", sum(moved.values()), 10)

# %% [markdown]
r"""
### The model card

Last, the page that goes with the model: what it is for, how good it is and for whom, and where it ends
([Mitchell and others 2019](https://arxiv.org/abs/1810.03993)). Every number comes from this run. A
[*model card*](../glossary.md#model-card) with holes is refused: try to leave out a part.
"""

# %% tags=["nbval-ignore-output"]
low, high = metrics.wilson_interval(int(right(best_net, digits.X_test, digits.y_test).sum()), 1000)
facts = {
    "model": f"{'convolutional network' if settings['kind'] == 'conv' else 'one hidden layer'}, {sum(p.numel() for p in best_net.parameters()):,} parameters, exported by torch.export",
    "use": "teaching; reading single handwritten digits, 28×28 pixels, dark on light, centred",
    "not for": "amounts of money, addresses or anything else where a wrong digit harms somebody and nobody checks",
    "data": "MNIST-5k: 3,500 digits to train on, 500 for every choice, 1,000 read once",
    "results": {"test accuracy": float(after["5 log"]), "95 % interval": f"{low:.3f} to {high:.3f}"},
    "groups": {"good scanner, errors": float(1 - after["5 log"]), "worn scanner, errors": float(1 - right(best_net, X_worntest, digits.y_test).mean()),
               "note": "this model has not seen the worn scanner: do not use it there"},
    "limits": {"false alarms of the drift monitor": float(noticed[0]), "writers": "census employees and high-school students in the United States, about 1990", "bad inputs": f"{len(bad)} kinds tried, all refused"},
    "made with": f"Python {platform.python_version()}, torch {torch.__version__.split('+')[0]}, NumPy {np.__version__}, seed {seed}",
}
print(practice.model_card("Digit reader, unit 22", facts))

# %%
try:
    practice.model_card("Digit reader", {part: fact for part, fact in facts.items() if part != "not for"})
except ValueError as error:
    print(error)

# %% [markdown]
r"""
## What comes next

You have built neurons, layers and optimizers from nothing, and then networks that see, remember, translate and draw. What
now?

- **Do one thing of your own, to the end.** A small question that you care about, data that you may use, the log, the
  card. One finished project teaches more than ten courses.
- **Read papers.** You know the parts; most papers change one of them. Begin with those that the lessons name, and do
  again one figure of each.
- **Go up in size.** The same loops run on a graphics card and on many. What changes is engineering: mixed precision,
  data loading, checkpoints.
- **Go where the course did not.** Reinforcement learning, diffusion models, graphs, fine-tuning large language models.
  Each starts from something you have: a policy is a network, a denoiser is a U-Net.
- **Stay with the questions of this unit.** Who pays for the errors? Who was not in the data? What happens if it is used
  for something else? They do not get old, and no library answers them.

## Summary

- Look at the data before the model, at a simple model before a large one, and at what you know before both.
- What is learned from data, choices included, is learned inside the fold. The test set is opened once.
- Accuracy hides what is rare and who is few: ask for precision and recall, a price, and errors by group.
- One change a line. Loss at the start, one batch by heart, gradient of every layer: three questions find most faults.
- A model is handed over with a check at its door, a watch on its stream, and a card that says where it ends.

## Three quick questions

**1.** A colleague fills gaps in a table with the mean of each column, then splits it. Is that a leak? How would you find
out how much it costs?

<details>
<summary>Answer</summary>

Yes: the mean is learned, and held-out rows took part. To see the cost, do it both ways: fill inside each fold with the
mean of the training rows, and compare the scores over several splits. With few gaps and many rows the difference will be
tiny; with few rows, or if gaps are filled by a cleverer model, it can be large. Doing it right costs one line.

</details>

**2.** A missed fraud costs 50, a false alarm 50. Above which probability do you flag, if the model's probabilities are
true? And why might the threshold that you find on validation data be another one?

<details>
<summary>Answer</summary>

Flag where $50(1 - p) < 50\,p$, so above one half. A network's scores are often too sure or not sure enough: they order
payments well, but are no true probabilities. And with few frauds in the validation set the cheapest threshold is itself
uncertain.

</details>

**3.** Your drift monitor has a false alarm rate of 1 % a window and looks at one window an hour. How many false alarms do
you get in a month? What would you change?

<details>
<summary>Answer</summary>

About 7: one in a hundred of some 720 windows. People stop looking at alarms like that. Ask for a smaller rate, or larger
windows, or two alarms in a row; each makes real drift be noticed later. And have it known beforehand who does what when
it fires.

</details>

Now write it yourself, and ship a model of your own: [the exercises](exercises.ipynb).
"""
