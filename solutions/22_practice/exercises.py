# %% [markdown]
r"""
# Exercises 22 · Ship it responsibly

You find a leak, judge a search for rare events, choose a threshold by its cost, see who pays for the errors, keep bad
inputs out, and mend three broken trainings. One task about drift is an extra. The last task is the capstone of the
course: a model of your own for a real task, under a budget.

- Write your answer where it says `YOUR CODE HERE`, run that cell, then run the check below it.
- A check says what is wrong and why. It knows the usual mistakes by name.
- Stuck? Add a cell and run `check.hint("ship")` (or another task's name). Hints open one at a time.

The [lesson](lesson.ipynb) has all you need. You write things yourself: `introdl.practice`, `introdl.train` and
scikit-learn may not be used in your answers.
"""

# %%
import numpy as np
import torch
from torch.nn.functional import cross_entropy

from introdl import augment, data
from introdl.checks import practice as check

# %% [markdown] prompt="held_out_scores" title="Find the leak" minutes=12 difficulty=2
r"""
`leaky_scores` below cross-validates a small model: it standardises the features, keeps those whose class means are
furthest apart, and scores each held-out row by which class mean is nearer. On pure noise it looks brilliant. Two of its
lines look at rows that should be held out. Write it without the leaks.

- in: `X` of shape `(N, D)`; `y` of shape `(N,)`, 0 or 1; `num_features` to keep; `num_folds`. Row `i` belongs to fold
  `i % num_folds`.
- everything that is learned from rows, in each fold, is learned from the rows of the *other* folds
- out: an array of shape `(N,)`: for each row the squared distance to the mean of class 0 minus the squared distance to
  the mean of class 1, in the kept features. Above 0 means class 1.
"""

# %%
def leaky_scores(X, y, num_features, num_folds):
    """Given: a cross-validation with two leaks."""
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    gap = np.abs(X[y == 1].mean(axis=0) - X[y == 0].mean(axis=0))
    kept = np.argsort(-gap)[:num_features]
    fold, scores = np.arange(len(X)) % num_folds, np.zeros(len(X))
    for k in range(num_folds):
        X_train, y_train, X_held = X[fold != k][:, kept], y[fold != k], X[fold == k][:, kept]
        m0, m1 = X_train[y_train == 0].mean(axis=0), X_train[y_train == 1].mean(axis=0)
        scores[fold == k] = ((X_held - m0) ** 2).sum(axis=1) - ((X_held - m1) ** 2).sum(axis=1)
    return scores


rng = np.random.default_rng(0)
X_noise, y_noise = rng.normal(size=(80, 2000)), np.arange(80) // 2 % 2     # labels that have nothing to do with X
print(f"right: {np.mean((leaky_scores(X_noise, y_noise, 20, 5) > 0) == y_noise):.0%}")

# %% task="held_out_scores"
def held_out_scores(X: np.ndarray, y: np.ndarray, num_features: int, num_folds: int) -> np.ndarray:
    """Return a score for each row, (N,), by a model that has not seen the row in any way.

    X: (N, D). y: (N,), 0 or 1.
    """
    ### BEGIN SOLUTION
    fold, scores = np.arange(len(X)) % num_folds, np.zeros(len(X))
    for k in range(num_folds):
        X_train, y_train, X_held = X[fold != k], y[fold != k], X[fold == k]
        mean, std = X_train.mean(axis=0), X_train.std(axis=0)
        X_train, X_held = (X_train - mean) / std, (X_held - mean) / std
        m0, m1 = X_train[y_train == 0].mean(axis=0), X_train[y_train == 1].mean(axis=0)
        kept = np.argsort(-np.abs(m1 - m0))[:num_features]
        near = ((X_held - m0) ** 2 - (X_held - m1) ** 2)[:, kept]
        scores[fold == k] = near.sum(axis=1)
    return scores
    ### END SOLUTION

# %% checks="held_out_scores" points=2
check.held_out_scores(held_out_scores)

# %% [markdown] prompt="precision_recall" title="Look for what is rare" minutes=10 difficulty=2
r"""
Return precision and recall at every threshold.

- in: `y` of shape `(N,)`, 1 for what you look for (at least one), else 0; `score` of shape `(N,)`: the higher, the
  likelier
- the thresholds are the *different* scores, from the highest down; at a threshold `t`, everything with `score >= t` is
  flagged
- out: `(precision, recall, threshold)`, three arrays of the same length

With `y = [1, 0, 1]` and `score = [0.9, 0.5, 0.5]` the thresholds are 0.9 and 0.5, the precisions 1 and 2/3, the recalls
1/2 and 1.
"""

# %% task="precision_recall"
def precision_recall(y: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return precision, recall and threshold, each (K,), from the highest threshold down. y, score: (N,)."""
    ### BEGIN SOLUTION
    thresholds = np.unique(score)[::-1]
    flagged = score >= thresholds[:, np.newaxis]                               # (K, N)
    hits = (flagged & (y == 1)).sum(axis=1)
    return hits / flagged.sum(axis=1), hits / y.sum(), thresholds
    ### END SOLUTION

# %% checks="precision_recall" points=2
check.precision_recall(precision_recall)

# %% [markdown] prompt="cost_threshold" title="What does a mistake cost?" minutes=10 difficulty=2
r"""
Choose the threshold that costs least on the validation part, and say what it costs on the test part.

- in: `y_val`, `score_val`, both `(N,)`, and `y_test`, `score_test`, both `(M,)`; labels are 0 or 1
- in: `miss`, what a one costs that is not flagged; `false_alarm`, what a zero costs that is. `score >= t` is flagged.
- candidates are infinity (nothing is flagged) and the different scores of the validation part; of equally cheap ones,
  take the highest
- out: `(threshold, cost)`, two numbers; the cost is the mean over the *test* part
"""

# %% task="cost_threshold"
def cost_threshold(
    y_val: np.ndarray, score_val: np.ndarray, y_test: np.ndarray, score_test: np.ndarray, miss: float, false_alarm: float
) -> tuple[float, float]:
    """Return the threshold that is cheapest on validation, and its mean cost on test."""
    ### BEGIN SOLUTION
    def cost(y, score, t):
        flagged = score >= t
        return np.mean(miss * ((y == 1) & ~flagged) + false_alarm * ((y == 0) & flagged))

    best = min([np.inf, *np.unique(score_val)[::-1]], key=lambda t: round(cost(y_val, score_val, t), 12))
    return float(best), float(cost(y_test, score_test, best))
    ### END SOLUTION

# %% checks="cost_threshold" points=2
check.cost_threshold(cost_threshold)

# %% [markdown] prompt="group_rates" title="Who pays for the errors?" minutes=8 difficulty=1
r"""
Return the two error rates of every group.

- in: `y` and `y_hat` of shape `(N,)`, labels and predictions, 0 or 1; `group`, a list of `N` texts: the group of each
- out: a dictionary: name of the group → `{"missed": …, "false_alarms": …}`. `missed` is the share of the group's ones
  that are predicted as 0; `false_alarms` the share of its zeros that are predicted as 1. Where a group has no ones, or
  no zeros, the rate is `np.nan`.
"""

# %% task="group_rates"
def group_rates(y: np.ndarray, y_hat: np.ndarray, group: list[str]) -> dict[str, dict[str, float]]:
    """Return {name: {"missed": share, "false_alarms": share}} for each group. y, y_hat: (N,)."""
    ### BEGIN SOLUTION
    found = {}
    for name in sorted(set(group)):
        inside = np.array(group) == name
        ones, zeros = y_hat[inside & (y == 1)], y_hat[inside & (y == 0)]
        found[name] = {
            "missed": float(np.mean(ones == 0)) if len(ones) else np.nan,
            "false_alarms": float(np.mean(zeros == 1)) if len(zeros) else np.nan,
        }
    return found
    ### END SOLUTION

# %% checks="group_rates" points=2
check.group_rates(group_rates)

# %% [markdown] prompt="validate_input" title="Keep the door" minutes=12 difficulty=2
r"""
A model answers whatever it is asked. Let only that through for which it was trained.

- in: `X`, which can be anything; `low` and `high`, arrays of shape `(D,)`: the range of each column, ends included
- `X` is fit if it is a NumPy array of `float32`, of shape `(N, D)` with at least one row, and each entry lies in the
  range of its column. NaN lies in no range.
- out: `X` itself, unchanged
- otherwise raise: `TypeError` if `X` is no array of `float32`; `ValueError` for a wrong shape or value. For a wrong
  value, the message names the first bad entry in reading order, written like `X[1, 0]`.
"""

# %% task="validate_input"
def validate_input(X, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return X, (N, D) float32, if every entry lies in its column's range low (D,) to high (D,); raise if not."""
    ### BEGIN SOLUTION
    if not isinstance(X, np.ndarray) or X.dtype != np.float32:
        raise TypeError(f"X is {type(X).__name__}, expected an array of float32")
    if X.ndim != 2 or X.shape[1] != len(low) or len(X) == 0:
        raise ValueError(f"X has shape {X.shape}, expected (N, {len(low)}) with at least one row")
    bad = ~((low <= X) & (high >= X))
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise ValueError(f"X[{row}, {column}] is {X[row, column]}, expected {low[column]} to {high[column]}")
    return X
    ### END SOLUTION

# %% checks="validate_input" points=2
check.validate_input(validate_input)

# %% [markdown] prompt="mended" title="Three broken trainings" minutes=20 difficulty=3
r"""
Three colleagues ask for help. Each training below has *one* wrong line, and none raises an error. Use the recipe of the
lesson: the loss at the start, one batch learned by heart, the gradient of every layer. Copy each into its place and mend
it; change nothing else.

- in: `X` of shape `(N, D)`, `float32`; `y` of shape `(N,)`; `values`, the first weights; `lr`; `num_steps`
- out: the list of losses, one for each step, as the given code has it

`mended(which, …)`, for `which` of `"a"`, `"b"`, `"c"`, is given: it calls what you write.
"""

# %%
def make_net(values):
    """Given: a network of two layers with the weights W1 (H, D), b1 (H,), W2 (C, H), b2 (C,)."""
    W1, b1, W2, b2 = values
    first, second = torch.nn.Linear(W1.shape[1], len(b1)), torch.nn.Linear(len(b1), len(b2))
    net = torch.nn.Sequential(first, torch.nn.ReLU(), second)
    with torch.no_grad():
        for p, value in zip(net.parameters(), values):
            p.copy_(torch.tensor(value))
    return net


def broken_a(X, y, values, lr, num_steps):
    """Given. "It learns, but the loss stays high whatever I do." """
    net, losses = make_net(values), []
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    for _ in range(num_steps):
        p = torch.softmax(net(torch.tensor(X)), dim=1)
        loss = cross_entropy(p, torch.tensor(y))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def broken_b(X, y, values, lr, num_steps):
    """Given. "Half of the examples in each step, in random order. It learns nothing at all." """
    net, losses, rng = make_net(values), [], np.random.default_rng(0)
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    for _ in range(num_steps):
        order = rng.permutation(len(X))[: len(X) // 2]
        X_batch, y_batch = torch.tensor(X[order]), torch.tensor(y[: len(X) // 2])
        loss = cross_entropy(net(X_batch), y_batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def broken_c(X, y, values, lr, num_steps):
    """Given. "It learns a little. More hidden units do not help." """
    net, losses = make_net(values), []
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    for _ in range(num_steps):
        hidden = torch.relu(net[0](torch.tensor(X))).detach()
        loss = cross_entropy(net[2](hidden), torch.tensor(y))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses

# %% task="mended"
def mended_a(X, y, values, lr, num_steps):
    """Return the losses of training a, mended."""
    ### BEGIN SOLUTION
    net, losses = make_net(values), []
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    for _ in range(num_steps):
        loss = cross_entropy(net(torch.tensor(X)), torch.tensor(y))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
    ### END SOLUTION


def mended_b(X, y, values, lr, num_steps):
    """Return the losses of training b, mended."""
    ### BEGIN SOLUTION
    net, losses, rng = make_net(values), [], np.random.default_rng(0)
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    for _ in range(num_steps):
        order = rng.permutation(len(X))[: len(X) // 2]
        loss = cross_entropy(net(torch.tensor(X[order])), torch.tensor(y[order]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
    ### END SOLUTION


def mended_c(X, y, values, lr, num_steps):
    """Return the losses of training c, mended."""
    ### BEGIN SOLUTION
    net, losses = make_net(values), []
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    for _ in range(num_steps):
        hidden = torch.relu(net[0](torch.tensor(X)))
        loss = cross_entropy(net[2](hidden), torch.tensor(y))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
    ### END SOLUTION


def mended(which: str, X: np.ndarray, y: np.ndarray, values: list, lr: float, num_steps: int) -> list[float]:
    """Given: the losses of the mended training a, b or c."""
    return {"a": mended_a, "b": mended_b, "c": mended_c}[which](X, y, values, lr, num_steps)

# %% checks="mended" points=3
check.mended(mended)

# %% [markdown] prompt="drift_test" title="Extra: drift, or chance?" minutes=15 difficulty=3
r"""
Has a stream of numbers changed? Measure how far it is from a reference, then ask how often chance alone gets that far.

- the *distance* of two arrays is the largest difference, over all places, of the share of values up to there
  (Kolmogorov and Smirnov)
- in: `reference` of shape `(N,)`, `live` of shape `(M,)`; `num_draws`; `rng`, a generator
- chance: `num_draws` times, shuffle all values with `rng.permutation(np.concatenate([reference, live]))`, take the first
  `N` as reference and the others as live, and measure again
- out: `(distance, p)`: the distance of `reference` and `live`, and `(1 + count) / (1 + num_draws)`, where `count` is how
  many shuffles are at least as far apart (count those that are nearer by less than 1e-12, too: that is rounding)

`[1, 2]` and `[1, 2, 3]` have the distance 1/3: at 2, all of the one are counted and two thirds of the other.
"""

# %% task="drift_test"
def drift_test(
    reference: np.ndarray, live: np.ndarray, num_draws: int, rng: np.random.Generator
) -> tuple[float, float]:
    """Return the distance of reference (N,) and live (M,), and its p-value by num_draws shuffles."""
    ### BEGIN SOLUTION
    def distance(a, b):
        places = np.concatenate([a, b])
        below = [np.searchsorted(np.sort(some), places, side="right") / len(some) for some in (a, b)]
        return float(np.abs(below[0] - below[1]).max())

    found, both, n = distance(reference, live), np.concatenate([reference, live]), len(reference)
    count = 0
    for _ in range(num_draws):
        drawn = rng.permutation(both)
        count += distance(drawn[:n], drawn[n:]) >= found - 1e-12
    return found, (1 + count) / (1 + num_draws)
    ### END SOLUTION

# %% checks="drift_test" points=2
check.drift_test(drift_test)

# %% [markdown] prompt="ship" title="The capstone: ship a model" minutes=60 difficulty=3
r"""
A post office has two scanners. The good one gives most of the examples. The worn one turns the paper by 30 degrees
counter-clockwise (give or take six), prints half as dark and adds noise with a spread of 0.08; only 15 % of the training
digits come from it. In use, half of the digits will. Choose a model and train it: **90 % of the new digits from the good
scanner and 82 % from the worn one** must be read. The digits are real ones; the scanners are simulated.

Your budget is **300 steps**.

- in: `draw`, a function: each call gives one fresh batch for one step, `(X, y, scanner)`, with `X` of shape
  `(32, 1, 12, 12)`, `float32`, from 0 to 1; `y` of shape `(32,)`, labels from 0 to 9; `scanner` of shape `(32,)`, 1 for
  the worn one. It may be called 300 times; then it raises an error. One step for each batch: do not keep them.
- in: `X_val`, `y_val`, `scanner_val`, 200 digits, each from both scanners, to make choices on
- in: `X_new`, digits whose labels you do not get, from both scanners
- out: a label for each of `X_new`, shape `(len(X_new),)`

Whatever you add to a batch by changing its own digits costs no step. Begin with `torch.manual_seed(0)` and a generator
with a seed. Your class is graded on digits, an order and noise that nobody has seen; in your own copy of the course the
labels can be found, and only you can keep the test honest.
"""

# %% [markdown]
r"""
Here you can try as often as you like, on draws of another seed. Keep a log: one change, one line, both scanners.
"""

# %%
def try_out(answer, seed=1):
    """Given: train with your function on other draws; print what is read on validation, by scanner."""
    train, val, _ = data.scanned_digits(seed)
    rng, left = np.random.default_rng(seed), [300]

    def draw():
        left[0] -= 1
        if left[0] < 0:
            raise RuntimeError("the budget of 300 batches is used up")
        rows = rng.integers(0, len(train.X), size=32)
        return train.X[rows], train.y[rows], train.scanner[rows]

    right = answer(draw, *val, val.X) == val.y
    print(f"{300 - left[0]} steps; good scanner {right[val.scanner == 0].mean():.1%}, worn {right[val.scanner == 1].mean():.1%}")


# try_out(ship)      # when you have written something below, take the first # away and run this cell

# %% task="ship"
def ship(draw, X_val: np.ndarray, y_val: np.ndarray, scanner_val: np.ndarray, X_new: np.ndarray) -> np.ndarray:
    """Train on at most 300 batches of draw(); return labels (M,) for X_new (M, 1, 12, 12).

    X_val: (N, 1, 12, 12) float32. y_val, scanner_val: (N,) int64.
    """
    ### BEGIN SOLUTION
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    net = torch.nn.Sequential(
        torch.nn.Conv2d(1, 16, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(16, 32, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Flatten(), torch.nn.Linear(32 * 3 * 3, 10),
    )
    optimizer = torch.optim.Adam(net.parameters(), lr=0.006)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.006, total_steps=300)
    for _ in range(300):
        X, y, scanner = draw()
        good = X[scanner == 0, 0]
        degrees = rng.normal(30, 8, size=len(good)).astype(np.float32)
        made = 0.5 * augment.rotate(good, degrees) + rng.normal(0, 0.08, size=good.shape)
        X = np.concatenate([X, made.clip(0, 1).astype(np.float32)[:, np.newaxis]])
        y = np.concatenate([y, y[scanner == 0]])
        loss = cross_entropy(net(torch.tensor(X)), torch.tensor(y))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
    with torch.no_grad():
        return net(torch.tensor(X_new)).argmax(dim=1).numpy()
    ### END SOLUTION

# %% checks="ship" points=3
check.ship(ship)

# %% [markdown] prompt="loan" title="Explain in words" minutes=8 difficulty=2
r"""
A bank's new model refuses 4 % of those who would have paid back in one district and 19 % in another. The vendor answers:
"The model cannot be unfair, it has never seen the district. Overall accuracy is 96 %, and a drift alarm has been
installed." What do you ask for before the model may be used, and what would you never do with it? Five or six sentences
are enough. When you have written and saved your answer, `check.model_answer("loan")` shows one to compare with.
"""

# %% [markdown] answer="loan" points=2
r"""
Leaving the district out proves nothing: income, rent or the name of the street can stand in for it, so the errors must
be measured by group, each rate with the number of people behind it and an interval. An accuracy of 96 % is an average,
and where few people fail to pay it may be no better than saying yes to everybody; I ask for missed and false refusals
separately, and what each costs whom. I ask where the labels come from: whoever was refused in the past never showed
whether they would have paid, so the data may repeat old decisions. A drift alarm says that inputs have changed, not that
the model is fair or right; it would stay quiet about a gap that has been there from the first day. I want a mitigation
tried (better data for the second district first, then weights or thresholds), its price shown for both groups, a model
card with the limits, and a person who can overrule a refusal. I would not use the model to decide alone, nor to infer
from its scores anything about the people of a district.

**What to look for:** a feature that is left out can be reconstructed from others; error rates by group, with numbers
behind them, against one overall accuracy; biased or missing labels; what drift monitoring does not tell; a person who
is responsible.
"""
