# %% [markdown]
r"""
# Exercises 21 · Count the cost

You write k-nearest neighbours without loops over examples, count what methods compute and keep, fit a power, measure a
call as one should, and choose a model under limits.

- Write your answer where it says `YOUR CODE HERE`, run that cell, then run the check below it.
- A check says what is wrong and why. It knows the usual mistakes by name.
- Stuck? Add a cell and run `check.hint("fit_slope")` (or another task's name). Hints open one at a time.

No check looks at real seconds: your computer may be slow, or busy. The [lesson](lesson.ipynb) has all you need;
`introdl.cost` and `introdl.classic` are put away.
"""

# %%
import numpy as np

from introdl.checks import complexity as check

# %% [markdown] prompt="knn_predict" title="Nearest neighbours without loops" minutes=12 difficulty=2
r"""
Predict labels by the vote of the `k` nearest examples.

- in: `X (N, D)` and `y (N,)`, examples and their labels 0, 1, 2, …; `queries (M, D)`; `k`, at most N
- out: `(M,)` labels: for each query the label that most of its `k` nearest examples have; the smallest such label where
  several have equally many votes

Near means a small sum of squared differences. Compute all distances at once; a loop over the queries is fine for the
vote alone. There may be no query at all.

With the examples 0, 1 and 10, their labels 0, 0 and 1, and `k = 1`, the queries 0.4 and 9 get the labels 0 and 1.
"""

# %% task="knn_predict"
def knn_predict(X: np.ndarray, y: np.ndarray, queries: np.ndarray, k: int) -> np.ndarray:
    """Return the label (M,) that most of the k nearest examples of each query have."""
    ### BEGIN SOLUTION
    squared = ((queries[:, None] - X) ** 2).sum(axis=2)                    # (M, N)
    near = np.argsort(squared, axis=1)[:, :k]                              # (M, k)
    return np.array([np.bincount(labels).argmax() for labels in y[near]], dtype=int)
    ### END SOLUTION

# %% checks="knn_predict" points=3
check.knn_predict(knn_predict)

# %% [markdown] prompt="count_operations" title="Count before you run" minutes=12 difficulty=2
r"""
Return how many multiply-adds a method needs.

- in: `method`, one of `"knn"`, `"kmeans"`, `"logistic"`, `"network"`; `phase`, `"train"` or `"predict"`; `size`, a
  dictionary with what the method has: `n` examples, `d` features, `k` groups, `iterations`, `epochs`, `sizes` (the
  layers of a network, such as `[20, 64, 1]`)
- out: a whole number, for training on all `n` examples, or for the prediction of *one* row
  - `knn` compares a query with all examples: `d` multiply-adds each; in training it only remembers
  - `kmeans` computes the distances to all `k` centers, for each example in each iteration; for one row in a prediction
  - `logistic` takes each of `d` weights once forward and, in training, once backward; for each example and epoch
  - `network` takes each weight once forward and, in training, twice backward; for each example and epoch

Biases are added, not multiplied: leave them out. `"network"` with `sizes` `[20, 64, 1]` predicts with
`20 * 64 + 64 * 1` multiply-adds.
"""

# %% task="count_operations"
def count_operations(method: str, phase: str, size: dict) -> int:
    """Return the multiply-adds of training, or of the prediction of one row."""
    ### BEGIN SOLUTION
    train = phase == "train"
    if method == "knn":
        return 0 if train else size["n"] * size["d"]
    if method == "kmeans":
        return size["k"] * size["d"] * (size["n"] * size["iterations"] if train else 1)
    rows = size["n"] * size["epochs"] if train else 1
    if method == "logistic":
        return rows * size["d"] * (2 if train else 1)
    weights = sum(n_in * n_out for n_in, n_out in zip(size["sizes"][:-1], size["sizes"][1:]))
    return rows * weights * (3 if train else 1)
    ### END SOLUTION

# %% checks="count_operations" points=3
check.count_operations(count_operations)

# %% [markdown] prompt="model_memory" title="What a model keeps" minutes=8 difficulty=1
r"""
Return how many bytes a trained model keeps for its predictions.

- in: `method`, one of `"knn"`, `"kmeans"`, `"naive_bayes"`, `"logistic"`, `"network"`; `size` as above, for naive Bayes
  with `classes`; `bytes_each`, the bytes of one number (labels count as numbers)
- out: a whole number
  - `knn` keeps all examples and their labels; `kmeans` its `k` centers
  - `naive_bayes` keeps for each class a mean and a variance of each feature, and the share of the class
  - `logistic` keeps its weights and one bias; `network` its weights and one bias a neuron

`"logistic"` with `d = 3` and 8 bytes a number keeps 32 bytes, whatever `n` is.
"""

# %% task="model_memory"
def model_memory(method: str, size: dict, bytes_each: int) -> int:
    """Return the bytes of all numbers that the model keeps."""
    ### BEGIN SOLUTION
    if method == "knn":
        numbers = size["n"] * (size["d"] + 1)
    elif method == "kmeans":
        numbers = size["k"] * size["d"]
    elif method == "naive_bayes":
        numbers = size["classes"] * (2 * size["d"] + 1)
    elif method == "logistic":
        numbers = size["d"] + 1
    else:
        numbers = sum(n_in * n_out + n_out for n_in, n_out in zip(size["sizes"][:-1], size["sizes"][1:]))
    return numbers * bytes_each
    ### END SOLUTION

# %% checks="model_memory" points=2
check.model_memory(model_memory)

# %% [markdown] prompt="fit_slope" title="Which power?" minutes=8 difficulty=2
r"""
Cost grows as $a \cdot \text{size}^b$. Return $b$, by a least squares line through the logarithms of both.

- in: `sizes (N,)` and `costs (N,)`, numbers above 0; N is at least 3
- out: a number

For the sizes 1, 2, 4 and the costs 3, 6, 12 the power is 1. `scipy` is not allowed; NumPy's own `polyfit` is fine,
though five lines by hand say more.
"""

# %% task="fit_slope"
def fit_slope(sizes: np.ndarray, costs: np.ndarray) -> float:
    """Return the exponent of the power law that fits best on logarithmic axes."""
    ### BEGIN SOLUTION
    x, y = np.log(sizes), np.log(costs)
    return ((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum()
    ### END SOLUTION

# %% checks="fit_slope" points=2
check.fit_slope(fit_slope)

# %% [markdown] prompt="time_it" title="Hold the watch right" minutes=10 difficulty=2
r"""
Measure how long a call takes.

- in: three functions. `make_data()` makes the data, which takes time; `call(data)` is what you measure; `clock()`
  gives the present time in seconds. And two whole numbers: `warm_up`, how many calls come first and do not count;
  `repeats`, how many are measured, each by itself
- out: the median of the measured times

Make the data once. The check winds the clock by hand: it moves only when something is made or called.
"""

# %% task="time_it"
def time_it(call, make_data, clock, warm_up: int, repeats: int) -> float:
    """Return the median seconds of call(data), after warm_up calls that do not count."""
    ### BEGIN SOLUTION
    data = make_data()
    for _ in range(warm_up):
        call(data)
    times = []
    for _ in range(repeats):
        start = clock()
        call(data)
        times.append(clock() - start)
    return float(np.median(times))
    ### END SOLUTION

# %% checks="time_it" points=2
check.time_it(time_it)

# %% [markdown] prompt="choose_under_limits" title="The best that fits" minutes=10 difficulty=2
r"""
Choose among models that were measured, some of them on real digits.

- in: `models`, a dictionary: name → `{"accuracy": …, "train_s": …, "predict_us": …, "bytes": …}`; `limits`, a dictionary
  with the most that is allowed of some of these costs, such as `{"bytes": 100_000}`; it may be empty
- out: the name of the most accurate model of those that keep *every* limit. A model that reaches a limit exactly keeps
  it. Of equally accurate ones the one with the smaller `predict_us`, and if that is equal, too, the first by name.
  `None` if no model keeps all limits
"""

# %% task="choose_under_limits"
def choose_under_limits(models: dict[str, dict], limits: dict[str, float]) -> str | None:
    """Return the name of the best model within all limits, None if there is none."""
    ### BEGIN SOLUTION
    left = {name: one for name, one in models.items() if all(one[key] <= most for key, most in limits.items())}
    if not left:
        return None
    return min(left, key=lambda name: (-left[name]["accuracy"], left[name]["predict_us"], name))
    ### END SOLUTION

# %% checks="choose_under_limits" points=3
check.choose_under_limits(choose_under_limits)

# %% [markdown] prompt="why_not_one" title="Why is it not 1?" minutes=6 difficulty=2
r"""
You measure how long logistic regression trains with 100, 200, 400 and 800 examples, and fit a power of 0.3. Theory says 1.
Name the most likely cause, and an experiment that would show whether you are right.
"""

# %% [markdown] answer="why_not_one" points=2
r"""
With so few examples most of the time is a fixed part: checking arguments, making arrays, the Python loop over the epochs.
Cost is $a + b n$, and $b n$ is still small, so the line on logarithmic axes is nearly flat.

Experiment: go on doubling, to 100,000 examples; the local slope must approach 1. Or fit $a + b n$ to the four points and
see whether it runs through all of them, with a large $a$.

*What to look for: a part that does not grow with n; an experiment that could also prove the claim wrong (larger sizes, a
fit with a constant). "Measurement noise" alone is no answer.*
"""
