# %% [markdown]
r"""
# Exercises 07 · Learn the rule, not the examples

You build the tools that keep a network from learning its examples by heart: two penalties, dropout, batch
normalization there and back, early stopping. At the end you train on digits of which some have wrong labels.

- Write your answer where it says `YOUR CODE HERE`, run that cell, then run the check below it.
- A check says what is wrong and why. It knows the usual mistakes by name.
- Stuck? Add a cell and run `check.hint("dropout")` (or another task's name). Hints open one at a time.

In all tasks `N` is the number of examples in a batch and `D` the number of features. A name such as `dX` means: the
slope of the loss with respect to `X`, in the shape of `X`. The [lesson](lesson.ipynb) has all you need. Write the
pieces with NumPy; `introdl.nn`, `introdl.train` and PyTorch would do the work for you.
"""

# %%
import math

import numpy as np

from introdl.checks import regularization as check

# %% [markdown] prompt="l2" title="Make large weights expensive" minutes=6 difficulty=1
r"""
The L2 penalty of a network is `strength / 2` times the sum of all its squared weights. Biases pay nothing. Return the
penalty and what it adds to the gradient.

- in: `params`, a list of arrays in any order: weights have two axes, biases one; `strength`, a number of at least 0
- out: the penalty, a number, and a list of slopes, one array for each array of `params`, in its shape (for a bias:
  zeros)

With `params = [[[3, -1]], [5, 5]]` (one weight array, one bias array) and `strength = 0.2` the penalty is
0.1 · (9 + 1) = 1, and the slopes are `[[[0.6, -0.2]], [0, 0]]`.
"""

# %% task="l2"
def l2(params: list[np.ndarray], strength: float) -> tuple[float, list[np.ndarray]]:
    """Return (penalty, its slopes for each array of params).

    params: weights (two axes) and biases (one axis). strength: how much a squared weight costs, times two.
    """
    ### BEGIN SOLUTION
    penalty = strength / 2 * sum((p**2).sum() for p in params if p.ndim == 2)
    return penalty, [strength * p if p.ndim == 2 else np.zeros_like(p) for p in params]
    ### END SOLUTION

# %% checks="l2" points=2
check.l2(l2)

# %% [markdown] prompt="l1" title="Pull weights to exactly zero" minutes=8 difficulty=2
r"""
The L1 penalty of a weight array is `strength` times the sum of its absolute values. Return three things: the penalty;
its slope for each weight, where the slope at a weight of exactly 0 is 0; and the weights after the penalty's own step,
the soft threshold: every weight moves towards 0 by `lr * strength`, and stops at 0 if it would cross it.

- in: `W` of any shape; `strength` and `lr`, numbers
- out: the penalty (a number), the slopes and the weights after the step (arrays of the shape of `W`)

With `W = [[0.5, -0.1, 0]]`, `strength = 1` and `lr = 0.2` the penalty is 0.6, the slopes are `[[1, -1, 0]]`, and the
step leads to `[[0.3, 0, 0]]`.
"""

# %% task="l1"
def l1(W: np.ndarray, strength: float, lr: float) -> tuple[float, np.ndarray, np.ndarray]:
    """Return (penalty, its slopes, the weights after a soft threshold).

    W: weights, any shape. strength: the cost of a weight of size 1. lr: the learning rate of the step.
    """
    ### BEGIN SOLUTION
    size = np.abs(W)
    return strength * size.sum(), strength * np.sign(W), np.sign(W) * np.maximum(size - lr * strength, 0)
    ### END SOLUTION

# %% checks="l1" points=2
check.l1(l1)

# %% [markdown] prompt="dropout" title="Switch units off at random" minutes=8 difficulty=2
r"""
Write inverted dropout. In training each entry is dropped with probability `p`, and those kept are divided by `1 - p`.
In evaluation all stay as they are. Return the output and the mask that the input was multiplied by (the way back needs
it).

Convention: in training draw `rng.random(X.shape)` once; an entry is kept where its number is at least `p`.

- in: `X` of any shape; `p`, from 0 to below 1; `training`, True or False; `rng`, a NumPy random generator
- out: `Y` and `mask`, both of the shape of `X`; `mask` holds 0 and `1 / (1 - p)` in training, ones in evaluation

With `p = 0.5` and the draws `[0.64, 0.27, 0.04, 0.02]`, `X = [1, 2, 3, 4]` becomes `[2, 0, 0, 0]`.
"""

# %% task="dropout"
def dropout(X: np.ndarray, p: float, training: bool, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return (Y, mask) with Y = X * mask.

    X: any shape. p: the probability that an entry is dropped. training: False in evaluation. rng: draws the mask.
    """
    ### BEGIN SOLUTION
    mask = (rng.random(X.shape) >= p) / (1 - p) if training else np.ones(X.shape)
    return X * mask, mask
    ### END SOLUTION

# %% checks="dropout" points=2
check.dropout(dropout)

# %% [markdown] prompt="batchnorm_forward" title="Normalize by the batch" minutes=12 difficulty=2
r"""
Batch normalization computes, for each feature, `Y = gamma * (X - mean) / sqrt(var + eps) + beta`.

- In training, `mean` and `var` are those of the batch (`var` divided by `N`). And the running statistics move a step
  towards the batch: `new = (1 - momentum) * running + momentum * batch`, where the variance that moves the running
  one is divided by `N - 1`.
- In evaluation, `mean` and `var` are the running ones, and they stay as they are.

- in: `X` of shape `(N, D)`; `gamma`, `beta`, `running_mean`, `running_var`, each `(D,)`; `training`; `momentum`; `eps`
- out: `Y` of shape `(N, D)`, the new running mean and the new running variance, each `(D,)`. Do not change the given
  arrays.

With one feature, `X = [[1], [3]]`, `gamma = 1`, `beta = 0`, running statistics 0 and 1, and `momentum = 0.1`: in
training `Y` is `[[-1], [1]]` (to five digits), the running mean becomes 0.2 and the running variance
0.9 · 1 + 0.1 · 2 = 1.1. In evaluation `Y` is `[[1], [3]]`, and nothing moves.
"""

# %% task="batchnorm_forward"
def batchnorm_forward(X: np.ndarray, gamma: np.ndarray, beta: np.ndarray, running_mean: np.ndarray,
                      running_var: np.ndarray, training: bool, momentum: float = 0.1,
                      eps: float = 1e-5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (Y, new running mean, new running variance).

    X: (N, D), N at least 2 in training. gamma, beta, running_mean, running_var: (D,).
    """
    ### BEGIN SOLUTION
    mean, var = running_mean, running_var
    if training:
        mean, var = X.mean(axis=0), X.var(axis=0)
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * X.var(axis=0, ddof=1)
    return gamma * (X - mean) / np.sqrt(var + eps) + beta, running_mean, running_var
    ### END SOLUTION

# %% checks="batchnorm_forward" points=3
check.batchnorm_forward(batchnorm_forward)

# %% [markdown] prompt="batchnorm_backward" title="Send slopes back through a batch" minutes=15 difficulty=3
r"""
Find the slopes of batch normalization in training. Remember that the batch's mean and variance depend on every entry
of `X`.

- in: `dY` of shape `(N, D)`, the slopes at the output; `X` of shape `(N, D)`; `gamma` of shape `(D,)`; `eps`
- out: `dX` of shape `(N, D)`, `dgamma` and `dbeta`, each `(D,)`, in this order

With `X = [[-1], [1]]`, `gamma = 1` and `dY = [[1], [1]]` all of `dX` is 0, since a shift of the whole batch changes no
output; `dgamma` is 0 and `dbeta` is 2.
"""

# %% task="batchnorm_backward"
def batchnorm_backward(dY: np.ndarray, X: np.ndarray, gamma: np.ndarray,
                       eps: float = 1e-5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (dX, dgamma, dbeta) of batch normalization in training.

    dY: (N, D) slopes at the output. X: (N, D) the layer's input. gamma: (D,).
    """
    ### BEGIN SOLUTION
    N = len(X)
    std = np.sqrt(X.var(axis=0) + eps)
    X_hat = (X - X.mean(axis=0)) / std
    dgamma, dbeta = (dY * X_hat).sum(axis=0), dY.sum(axis=0)
    return gamma / std * (dY - dbeta / N - X_hat * dgamma / N), dgamma, dbeta
    ### END SOLUTION

# %% checks="batchnorm_backward" points=3
check.batchnorm_backward(batchnorm_backward)

# %% [markdown] prompt="EarlyStopping" title="Stop in time" minutes=12 difficulty=2
r"""
Complete a class that watches the validation loss, says when to stop, and brings the best weights back.

- `update(loss, params)` is called after each epoch. If the loss is lower than every one before, keep a copy of the
  parameters. Return True when `patience` epochs in a row have passed without a lower loss, else False. An equal loss
  is not a lower one, and a loss that is NaN is none either.
- `restore(params)` writes the kept values into the arrays of the list `params`.

The loop `fit` is given. It calls your two methods; `train_epoch(params)` and `validation_loss(params)` are functions
that it gets. Note that `train_epoch` changes the arrays of `params` in place, as an optimizer does: the same arrays
hold other numbers afterwards.

With `patience = 2` and the losses 0.9, 0.7, 0.8, 0.75, `update` returns False, False, False, True, and `restore`
brings back the parameters of the second epoch.
"""

# %% task="EarlyStopping"
class EarlyStopping:
    """Remember the parameters with the lowest validation loss, and say when to stop waiting for a lower one."""

    def __init__(self, patience: int):
        self.patience = patience
        self.best_loss = math.inf
        self.best = None  # copies of the best parameters
        self.waited = 0  # epochs since the best one

    def update(self, loss: float, params: list[np.ndarray]) -> bool:
        """Note an epoch's validation loss; return whether to stop."""
        ### BEGIN SOLUTION
        if loss < self.best_loss:
            self.best_loss, self.waited = loss, 0
            self.best = [p.copy() for p in params]
        else:
            self.waited += 1
        return self.waited >= self.patience
        ### END SOLUTION

    def restore(self, params: list[np.ndarray]) -> None:
        """Write the best parameters into the arrays of params."""
        ### BEGIN SOLUTION
        for p, best in zip(params, self.best):
            p[...] = best
        ### END SOLUTION

    def fit(self, params: list[np.ndarray], train_epoch, validation_loss, num_epochs: int) -> list[float]:
        """Given: train until `update` says stop, bring the best parameters back, return the losses of all epochs."""
        losses = []
        for _ in range(num_epochs):
            train_epoch(params)
            losses.append(validation_loss(params))
            if self.update(losses[-1], params):
                break
        self.restore(params)
        return losses

# %% checks="EarlyStopping" points=3
check.EarlyStopping(EarlyStopping)

# %% [markdown] prompt="train" title="Train on labels you cannot trust" minutes=15 difficulty=3
r"""
Put the pieces together. The model is one dense layer with a softmax: `logits = X @ W + b`. In each epoch, in this
order:

1. take one step of gradient descent, with all training examples as the batch, on the mean cross-entropy plus the L2
   penalty `strength / 2 * sum of W**2` (the bias pays nothing);
2. compute the mean cross-entropy on the validation set, without the penalty;
3. stop if `patience` epochs in a row had no lower validation loss than the best one.

Return the parameters of the best epoch. Use your answers to tasks 1 and 6 (`EarlyStopping.fit` holds the loop), and
leave the given `params` as they are: train copies.

- in: `X` `(N, D)`, labels `y` `(N,)`, `X_val`, `y_val` likewise; `params = [W, b]`, of shapes `(D, C)` and `(C,)`;
  `lr`, `strength`, `patience`, and `num_epochs`, the most epochs to train for
- out: the list `[W, b]` of the best epoch, and a list of the validation losses of all epochs that were run

The check tries it on small sets, and on 20 real digits of which six have a wrong label.
"""

# %% task="train"
def train(X: np.ndarray, y: np.ndarray, X_val: np.ndarray, y_val: np.ndarray, params: list[np.ndarray], lr: float,
          strength: float, patience: int, num_epochs: int) -> tuple[list[np.ndarray], list[float]]:
    """Return ([W, b] of the epoch with the lowest validation loss, validation loss of each epoch).

    X: (N, D) examples to learn from. y: (N,) labels. X_val, y_val: examples to judge by. params: W (D, C), b (C,).
    """
    ### BEGIN SOLUTION
    params = [p.copy() for p in params]

    def log_softmax(X, params):
        W, b = params
        logits = X @ W + b
        shifted = logits - logits.max(axis=1, keepdims=True)
        return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))

    def train_epoch(params):
        dlogits = np.exp(log_softmax(X, params))
        dlogits[np.arange(len(y)), y] -= 1
        dlogits /= len(y)
        slopes = X.T @ dlogits, dlogits.sum(axis=0)
        for p, slope, pull in zip(params, slopes, l2(params, strength)[1]):
            p -= lr * (slope + pull)

    def validation_loss(params):
        return float(-log_softmax(X_val, params)[np.arange(len(y_val)), y_val].mean())

    losses = EarlyStopping(patience).fit(params, train_epoch, validation_loss, num_epochs)
    return params, losses
    ### END SOLUTION

# %% checks="train" points=3
check.train(train)

# %% [markdown] prompt="too_good" title="Explain in words" minutes=5 difficulty=2
r"""
A friend trains on 300 digits. For each of 40 settings of dropout and penalty she trains a network, keeps the one with
the lowest error on her 1,000 test digits, and reports that error. She has no validation set, "because I have so few
digits". What is wrong with the number that she reports, and what should she do instead, with the same digits? Three or
four sentences are enough. When you have written and saved your answer, `check.model_answer("too_good")` shows one to
compare with.
"""

# %% [markdown] answer="too_good" points=2
r"""
The 1,000 digits took part in the choice, so they are no longer digits that the network knows nothing about: part of
what makes the best of 40 look best is luck on just these digits, and the reported error is too low. She should set
some digits aside, 100 of the training digits or 500 of the test digits, choose among the 40 settings (and the moment
to stop) on these, and read the rest of the test digits once, for the one network that she chose. Fewer digits for the
choice or for the test make a number less sure, but not too good on average.

**What to look for:** the choice was made on the test set, so the best of many is partly luck and the number is
optimistic (not merely uncertain); a validation set split off from what she has; the test set read once, after all
choices.
"""
