# %% [markdown]
r"""
# Exercises 00 · Get ready

Four short tasks and a question. They use what every later unit uses: shapes, broadcasting, slopes, and features on a common scale.

- Write your answer where it says `YOUR CODE HERE` (delete the line `raise NotImplementedError()`), run that cell, then run the check
  below it.
- A check says what is wrong and why. It knows the usual mistakes by name.
- Stuck? Add a cell and run `check.hint("reshape_batch")` (or another task's name). Hints open one at a time.

`N` is the number of examples, `D` the number of features, `C` the number of classes. The [lesson](lesson.ipynb) has all you need.
"""

# %%
import numpy as np

from introdl.checks import start as check

# %% [markdown] prompt="reshape_batch" title="Turn pictures into rows" minutes=5 difficulty=1
r"""
A batch of grey pictures has the shape `(N, H, W)`: number of pictures, height, width. The first networks of this course want
each picture as one row of numbers, as the digits of the lesson had it.

- in: `images` of shape `(N, H, W)`
- out: an array of shape `(N, H * W)`; row `i` holds the pixels of picture `i`, read row by row

The picture `[[1, 2], [3, 4]]` becomes the row `[1, 2, 3, 4]`.
"""

# %% task="reshape_batch"
def reshape_batch(images: np.ndarray) -> np.ndarray:
    """Return each picture as one row: (N, H, W) -> (N, H * W)."""
    ### BEGIN SOLUTION
    N, H, W = images.shape
    return images.reshape(N, H * W)
    ### END SOLUTION

# %% checks="reshape_batch" points=2
check.reshape_batch(reshape_batch)

# %% [markdown] prompt="row_softmax_by_hand" title="Turn scores into probabilities" minutes=10 difficulty=2
r"""
Each row holds the scores that a model gives to `C` classes. Make probabilities of them, by *softmax*: apply $e^s$ to every score,
then divide each row by its own sum. Unit 02 comes back to it.

- in: `scores` of shape `(N, C)`
- out: a new array of shape `(N, C)`, all entries positive, each row with the sum 1; `scores` stays as it is

The row `[0, log 3]` becomes `[0.25, 0.75]`, since $e^0 = 1$ and $e^{\log 3} = 3$.
"""

# %% task="row_softmax_by_hand"
def row_softmax_by_hand(scores: np.ndarray) -> np.ndarray:
    """Return the softmax of each row: (N, C) -> (N, C)."""
    ### BEGIN SOLUTION
    e = np.exp(scores)
    return e / e.sum(axis=1, keepdims=True)
    ### END SOLUTION

# %% checks="row_softmax_by_hand" points=3
check.row_softmax_by_hand(row_softmax_by_hand)

# %% [markdown] prompt="slope_at" title="Measure a slope from both sides" minutes=5 difficulty=1
r"""
The lesson measured a slope from $x$ to $x + h$, on one side only. Looking to both sides is more exact. Take the two points of the curve that lie
`h` to the left and `h` to the right of `x`, and return the slope of the line through them: rise divided by run.

- in: `f`, a function of one number; `x`, a number; `h`, a positive number
- out: one number

For $f(x) = x^2$ at `x = 3` with `h = 0.5`: the points are (2.5, 6.25) and (3.5, 12.25), so the slope is 6. That is
the derivative exactly; the one-sided slope would be 6.5.
"""

# %% task="slope_at"
def slope_at(f, x: float, h: float) -> float:
    """Return the slope of the line through the points of f at x - h and x + h."""
    ### BEGIN SOLUTION
    return (f(x + h) - f(x - h)) / (2 * h)
    ### END SOLUTION

# %% checks="slope_at" points=2
check.slope_at(slope_at)

# %% [markdown] prompt="standardize" title="Put features on a common scale" minutes=12 difficulty=3
r"""
Features come in different units. If one is in millimetres and another in kilometres, the first has huge numbers and drowns the second wherever both are
added up, as in the lesson's nearest neighbours. So features are often *standardized*: from each column subtract its mean, then divide by its standard deviation.

- in: `X` of shape `(N, D)`, at least one row
- out: a new array of shape `(N, D)`; each column has mean 0 and standard deviation 1
- use the population's standard deviation (over `N`, NumPy's default)
- a column whose values are all equal has standard deviation 0: it becomes a column of zeros
- leave the array `X` as it is

`[[1, 10], [3, 30]]` becomes `[[-1, -1], [1, 1]]`. The check tries small tables, and at the end the real iris flowers.
"""

# %% task="standardize"
def standardize(X: np.ndarray) -> np.ndarray:
    """Return X (N, D) with each column at mean 0 and standard deviation 1; constant columns become 0."""
    ### BEGIN SOLUTION
    std = X.std(axis=0)
    return (X - X.mean(axis=0)) / np.where(std == 0, 1, std)
    ### END SOLUTION

# %% checks="standardize" points=3
check.standardize(standardize)

# %% [markdown] prompt="why_seed" title="Explain in words" minutes=5 difficulty=1
r"""
A friend runs an experiment with `seed = 0`, and method A beats method B. "The seed is fixed, so the result is certain," they say.
What does a fixed seed guarantee, and what does it not? What would you ask them to do? Answer in two or three sentences.
When you have written and saved your answer, `check.model_answer("why_seed")` shows one to compare with.
"""

# %% [markdown] answer="why_seed" points=2
r"""
A fixed seed makes the random numbers, and with them the result, the same in every run: anyone can repeat it. It does not say what
would have happened with other random numbers; the lead of A may be luck of this one draw. Repeat the comparison with several seeds,
and report the mean and the spread, or how often A wins.

**What to look for:** repeatable is not the same as certain; one seed is one draw; several seeds and their spread.
"""
