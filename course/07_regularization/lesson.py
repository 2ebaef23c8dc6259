# %% [markdown]
r"""
# Learn the rule, not the examples

> **Time**: {{run_time}} to run, 80 minutes to study.
>
> **What you do**: let a network learn 300 digits by heart, wrong labels included; then build, one after the other,
> what keeps it from doing so: early stopping, penalties on weights, dropout, batch normalization; find out which of
> them help here and which do not; combine them.
>
> **What you need first**: [unit 02](../02_networks/lesson.ipynb) (training, validation and test set),
> [unit 03](../03_backprop/lesson.ipynb) (backward passes, mini-batches),
> [unit 05](../05_initialization/lesson.ipynb) (the scale of first weights),
> [unit 06](../06_optimizers/lesson.ipynb) (Adam, weight decay).
"""

# %%
import numpy as np

from introdl import data, gradcheck, metrics, nn, optim, plot, train

seed = 0

# %% [markdown]
r"""
## Sixty labels that mean nothing

You have 300 handwritten digits, and somebody typed their labels in a hurry: for sixty of them, the label was drawn at
random. Nothing in the picture tells which. Can a network learn those sixty labels, too?
"""

# %%
digits = data.mnist5k()
label_rng = np.random.default_rng(7)                       # not `seed`: the same sixty digits in every run
drawn = label_rng.permutation(300)[:60]
y_noisy = digits.y_train[:300].copy()
y_noisy[drawn] = label_rng.integers(0, 10, size=60)
wrong = y_noisy != digits.y_train[:300]                    # a few are right by luck
few = digits._replace(X_train=digits.X_train[:300], y_train=y_noisy)
print(f"{len(y_noisy)} digits, {wrong.sum()} wrong labels")

# %%
shown = np.flatnonzero(wrong)[:12]
fig, axs = plot.figure("A rule that reads these labels does not exist", ncols=12, size=(7.2, 1.3))
plot.images(axs, few.X_train[shown], [str(label) for label in y_noisy[shown]])
plot.show(fig, alt="Twelve handwritten digits in a row, each with a number above it that is not the digit in the "
                   "picture.")

# %% [markdown]
r"""
The network has two hidden layers, 128 and 64 wide, and is trained by Adam for 60 epochs. After each epoch, two losses
are noted: on the 300 digits, and on the 500 of the validation set, whose labels are right.
"""

# %% tags=["nbval-ignore-output"]
def plain_net(seed):
    rng = np.random.default_rng(seed)
    return nn.Sequential(nn.Dense(784, 128, rng), nn.ReLU(), nn.Dense(128, 64, rng), nn.ReLU(), nn.Dense(64, 10, rng))


def error(net, X, y):
    """The share of wrong answers."""
    return float((net.forward(X).argmax(axis=1) != y).mean())


net = plain_net(seed)
print(f"{sum(p.size for p in net.params):,} parameters for {len(y_noisy)} labels")
history = train.fit_numpy(net, few, num_epochs=60, batch_size=32, optimizer=optim.Adam(net.params, lr=0.001),
                          rng=np.random.default_rng(seed))
print(f"error on the 300 digits          {error(net, few.X_train, few.y_train):.1%}")
print(f"error on the wrong labels alone  {error(net, few.X_train[wrong], few.y_train[wrong]):.1%}")
print(f"error on the validation set      {error(net, digits.X_val, digits.y_val):.1%}")

# %% [markdown]
r"""
It learned every one of them, the nonsense too. It cannot have found a rule: there is none. It learned the examples by
heart, and on new digits it pays for it.
"""

# %%
epochs = np.arange(1, 61)
best_epoch = int(np.argmin(history["val_loss"])) + 1
fig, ax = plot.figure("The training loss falls to zero while the validation loss turns and climbs", "epoch",
                      "cross-entropy")
ax.plot(epochs, history["train_loss"])
ax.plot(epochs, history["val_loss"])
ax.plot(best_epoch, min(history["val_loss"]), "o", color="k")
ax.text(best_epoch + 1, min(history["val_loss"]) - 0.16, f"lowest at epoch {best_epoch}")
ax.text(60, history["train_loss"][-1] + 0.06, "training", color="C0", ha="right")
ax.text(60, history["val_loss"][-1] + 0.06, "validation", color="C1", ha="right")
ax.set_ylim(0, 2.4)
plot.show(fig, alt="Two losses over 60 epochs. The training loss falls to nearly zero. The validation loss falls with "
                   "it for about ten epochs, reaches its lowest point, marked by a dot, and then climbs steadily.")

# %% [markdown]
r"""
This is [*overfitting*](../glossary.md#overfitting), which you met in unit 03, in its pure form. Whatever makes a
network do better on new examples, even at the price of doing worse on the training examples, is called
[*regularization*](../glossary.md#regularization).

You need a judge for it, and the training loss is none: it is lowest where the network is worst. So the three sets of
[unit 02](../02_networks/lesson.ipynb) have to keep their roles: learn from the 300, choose on the validation set, and
read the test set once, at the end. (A validation set larger than the training set is a luxury. It is there so that
your choices below do not hang on luck; the labels in it and in the test set are right, so that they measure the
rule.)
"""

# %% [markdown]
r"""
## The rule comes first, the exceptions later

Look at the curve again: for some epochs both losses fell. What did the network learn then? On points in a plane you
can watch it. Eighty points on two half circles; the labels of ten of them are flipped. Press play.
"""

# %%
moon_X, moon_y = data.two_moons(80, 0.12, seed=3)
flipped = np.random.default_rng(1).permutation(80)[:10]
moon_labels = moon_y.copy()
moon_labels[flipped] = 1 - moon_labels[flipped]
new_X, new_y = data.two_moons(1000, 0.12, seed=4)                 # new points, with right labels
moons = data.Split(moon_X, moon_labels, new_X, new_y, new_X[:0], new_y[:0])


def moon_net(seed, width=100):
    rng = np.random.default_rng(seed)
    return nn.Sequential(nn.Dense(2, width, rng), nn.ReLU(), nn.Dense(width, width, rng), nn.ReLU(),
                         nn.Dense(width, 2, rng))


# %%
moon = moon_net(seed)
optimizer, order = optim.Adam(moon.params, lr=0.01), np.random.default_rng(seed)


def moon_frame(num_epochs):
    """Train for some more epochs, then draw."""
    if num_epochs:
        train.fit_numpy(moon, moons, num_epochs=num_epochs, batch_size=40, optimizer=optimizer, rng=order)
    fig, ax = plot.figure(f"Error on flipped labels {error(moon, moon_X[flipped], moon_labels[flipped]):.0%}, "
                          f"on new points {error(moon, new_X, new_y):.0%}", "feature 1", "feature 2", size=(5.2, 3.6))
    plot.boundary(ax, lambda X: moon.forward(X).argmax(axis=1), moon_X, moon_labels, resolution=100)
    ax.plot(*moon_X[flipped].T, "o", mfc="none", mec="k", ms=9)
    return fig


plot.animate(moon_frame, [0, 3, 3, 5, 5, 10, 15, 20, 40, 60, 80, 120], fps=2,
             alt="Points of two classes on two half circles, ten of them ringed because their labels are flipped, and "
                 "the regions that the network gives to each class. At first the border is nearly straight, then one "
                 "simple curve between the half circles. Later it grows bays and islands around ringed points, one "
                 "after the other.")

# %% [markdown]
r"""
First comes a simple border that serves most points at once: every mini-batch pulls in its direction. The exceptions
each pull in their own, and it takes many more steps and a border with many corners until each has an island of its
own. That gives you two ideas. *Stop before the islands.* And: *make islands expensive.*
"""

# %% [markdown]
r"""
## Stop in time

[*Early stopping*](../glossary.md#early-stopping) watches the validation loss. That loss does not fall smoothly, so do
not stop at the first rise: wait for a number of epochs in a row without a new lowest value, the
[*patience*](../glossary.md#patience). By then the network has already learned some more nonsense, so go back to the
weights of the best epoch. For that you need a copy of them.
"""

# %%
class EarlyStopping:
    def __init__(self, patience):
        self.patience, self.best_loss, self.best_epoch, self.epoch = patience, np.inf, 0, 0

    def update(self, loss, net):
        """Note the validation loss of an epoch; return whether to stop."""
        self.epoch += 1
        if loss < self.best_loss:
            self.best_loss, self.best_epoch = loss, self.epoch
            self.best_params = [p.copy() for p in net.params]
        return self.epoch - self.best_epoch >= self.patience

    def restore(self, net):
        for p, best in zip(net.params, self.best_params):
            p[...] = best                                  # into the network's own arrays


# %% [markdown]
r"""
Why `.copy()`? The optimizer changes the arrays in place. A list of the *same* arrays would always hold the weights of
now.

`train.EarlyStopping` is meant to do the same. Play the same losses to both, and look at what they say and what they
bring back.
"""

# %%
def play(stopping, losses):
    one_layer, said = nn.Sequential(nn.Dense(2, 2, np.random.default_rng(0))), []
    for loss in losses:
        one_layer.params[0][...] += 1                      # training changes the weights in place
        said.append(stopping.update(loss, one_layer))
    stopping.restore(one_layer)
    return said, one_layer.params[0].tolist()


losses = [0.9, 0.7, 0.8, 0.6, 0.6, 0.7, 0.65]
assert play(EarlyStopping(3), losses) == play(train.EarlyStopping(3), losses)
print(play(EarlyStopping(3), losses)[0])

# %% [markdown]
r"""
The training loop from here on is your own, because you will add to it. One line is a preparation: `net.train()` and
`net.eval()` switch the network between two modes, which make no difference until dropout and batch normalization
come.
"""

# %%
def no_pull(W):
    return 0.0


def fit(net, split, seed, num_epochs=60, patience=None, pull=no_pull):
    """Train by Adam. `pull(W)` is added to the gradient of each array of weights; biases have one axis and get none."""
    rng, optimizer = np.random.default_rng(seed), optim.Adam(net.params, lr=0.001)
    stopping = train.EarlyStopping(patience or num_epochs)
    for _ in range(num_epochs):
        net.train()
        for X, y in train.minibatches(split.X_train, split.y_train, 32, rng):
            net.backward(nn.cross_entropy_backward(net.forward(X), y), to_input=False)
            optimizer.step([g + pull(p) if p.ndim == 2 else g for p, g in zip(net.params, net.grads)])
        net.eval()
        if patience and stopping.update(nn.cross_entropy(net.forward(split.X_val), split.y_val), net):
            break
    if patience:
        stopping.restore(net)
    return net, stopping


# %% tags=["nbval-ignore-output"]
stopped_net, stopping = fit(plain_net(seed), few, seed, patience=5)
print(f"stopped after epoch {stopping.epoch}, best epoch {stopping.best_epoch}")
for name, which in (("60 epochs", net), ("stopped in time", stopped_net)):
    print(f"{name:15}  error on wrong labels {error(which, few.X_train[wrong], few.y_train[wrong]):4.0%}, "
          f"on the validation set {error(which, digits.X_val, digits.y_val):.1%}")

# %% [markdown]
r"""
## Make large weights expensive: L2

A border with islands needs sharp turns, and sharp turns need large weights. So charge for them: add to the loss a
[*penalty*](../glossary.md#penalty). The usual one is the [*L2 penalty*](../glossary.md#l2-penalty), the sum of the
squared weights, times a strength $\lambda$ ("lambda"):

$$L_\text{total} = L + \frac{\lambda}{2} \sum_i w_i^2, \qquad
\frac{\partial}{\partial w_i}\Bigl(\frac{\lambda}{2} \sum_j w_j^2\Bigr) = \lambda w_i.$$

The half is there so that the slope carries no 2.
"""

# %%
def l2_penalty(W, strength):
    return strength / 2 * (W**2).sum()


def l2_penalty_backward(W, strength):
    return strength * W


W = np.random.default_rng(seed).normal(size=(4, 3))
gradcheck.same_as_torch("l2_penalty", W, np.array(0.3), value=l2_penalty(W, 0.3), grads=[l2_penalty_backward(W, 0.3)])
assert np.allclose(nn.l2_penalty_backward(W, 0.3), l2_penalty_backward(W, 0.3))
print("penalty and gradient equal PyTorch's, and nn.l2_penalty")

# %% [markdown]
r"""
What does it do in a step of plain gradient descent? Put the slope into the rule,
$w \leftarrow w - \eta\,(\partial L/\partial w + \lambda w)$, and sort:

$$w \leftarrow (1 - \eta\lambda)\, w - \eta\, \frac{\partial L}{\partial w}.$$

Before the usual step every weight shrinks by the same *proportion*. Hence the other name,
[*weight decay*](../glossary.md#weight-decay), which you know from [unit 06](../06_optimizers/lesson.ipynb). (Only for
plain descent are the two the same; for Adam it takes AdamW.) A weight that the data keep asking for stays; one that
nobody asks for fades.

Biases do not pay. A bias moves a neuron's threshold and makes nothing sharper, and pulling it towards 0 only spoils
the level.

Here are the moons again, each time after 300 epochs, by which the free network has its islands. Move the strength.
"""

# %%
def moon_with(strength):
    net, rng = moon_net(seed), np.random.default_rng(seed)
    optimizer = optim.Adam(net.params, lr=0.01)
    for _ in range(300):
        for X, y in train.minibatches(moon_X, moon_labels, 40, rng):
            net.backward(nn.cross_entropy_backward(net.forward(X), y))
            optimizer.step([g + l2_penalty_backward(p, strength) if p.ndim == 2 else g
                            for p, g in zip(net.params, net.grads)])
    return net


def strength_frame(strength):
    net = moon_with(strength)
    size = np.sqrt(sum((p**2).sum() for p in net.params if p.ndim == 2))
    fig, ax = plot.figure(f"Error on new points {error(net, new_X, new_y):.0%}, length of weights {size:.1f}",
                          "feature 1", "feature 2", size=(5.2, 3.6))
    plot.boundary(ax, lambda X: net.forward(X).argmax(axis=1), moon_X, moon_labels, resolution=100)
    ax.plot(*moon_X[flipped].T, "o", mfc="none", mec="k", ms=9)
    return fig


plot.explore(strength_frame, [0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3], label="L2 strength",
             alt="The points of the two moons and the network's regions for the chosen strength. Without a penalty "
                 "the border has bays and islands around the ringed points. With a growing strength they vanish, and "
                 "a smooth curve between the two half circles remains. With more, the border becomes straight and "
                 "cuts off the ends of the half circles; with the most, all points get one class.")

# %% [markdown]
r"""
Too weak, and it changes nothing; too strong, and it wipes out the rule together with the exceptions, until all
weights are 0. In between lies a range that only the validation set can find.
"""

# %% [markdown]
r"""
## Charge every weight the same: L1

The [*L1 penalty*](../glossary.md#l1-penalty) charges for the absolute value: $\lambda \sum_i |w_i|$. Its slope is
$\lambda$ times the *sign* of the weight. So its pull does not fade as a weight gets small. Where does that lead? Take
away the data, so that only the penalty acts, and follow three weights.
"""

# %%
def l1_penalty(W, strength):
    return strength * np.abs(W).sum()


def l1_penalty_backward(W, strength):
    return strength * np.sign(W)


gradcheck.same_as_torch("l1_penalty", W, np.array(0.3), value=l1_penalty(W, 0.3), grads=[l1_penalty_backward(W, 0.3)])
assert np.allclose(nn.l1_penalty_backward(W, 0.3), l1_penalty_backward(W, 0.3))


def paths(step, num_steps=40):
    W = [np.array([1.0, 0.5, -0.3])]
    for _ in range(num_steps):
        W.append(step(W[-1]))
    return np.array(W)                                     # (steps + 1, 3)


by_l2 = paths(lambda W: W - 0.1 * l2_penalty_backward(W, 0.4))
by_l1 = paths(lambda W: W - 0.1 * l1_penalty_backward(W, 0.4))
print("after 40 steps   L2:", by_l2[-1].round(3), "  L1:", by_l1[-1].round(3))

# %%
fig, axs = plot.figure("L2 shrinks by proportion and never arrives; L1 walks straight to zero and steps over it",
                       "step", "weight", ncols=2, size=(7.4, 3.2))
for ax, W, name in zip(axs, (by_l2, by_l1), ("L2", "L1")):
    ax.axhline(0, color="0.7", lw=1)
    ax.plot(W)
    ax.set(title=name, ylim=(-0.4, 1.1))
plot.show(fig, alt="Two panels with three weights each over forty steps. Under L2 all three curves bend towards zero "
                   "and flatten without reaching it. Under L1 they run to zero in straight lines of equal steepness, "
                   "and then jitter around it.")

# %% [markdown]
r"""
L1 takes every weight to zero in finite time, the small ones first. That would tell you which weights matter: a
network in which most weights are exactly 0 is called [*sparse*](../glossary.md#sparse). But look at the end of the
lines: a step of fixed length steps over the zero, then back, and so on. Exactly 0 never happens.

The remedy is to stop at the zero: shorten every weight by $\eta\lambda$, and let it end at 0 if it would cross. This
is the [*soft threshold*](../glossary.md#soft-threshold).
"""

# %%
def soft_threshold(W, threshold):
    return np.sign(W) * np.maximum(np.abs(W) - threshold, 0)


by_threshold = paths(lambda W: soft_threshold(W, 0.1 * 0.4))
print("after  6 steps, L1:", by_l1[6].round(2), "  soft threshold:", by_threshold[6].round(2))
print("after 40 steps, L1:", by_l1[-1].round(2), "  soft threshold:", by_threshold[-1].round(2))
assert np.allclose(soft_threshold(by_l2, 0.1), nn.soft_threshold(by_l2, 0.1))

# %% [markdown]
r"""
It is more than a trick. Ask for the weight $v$ that is a good compromise between staying near $w$ and being cheap:
the lowest point of $\frac12 (v - w)^2 + t\,|v|$. Search it on a fine grid, and you find the soft threshold.
"""

# %%
grid = np.linspace(-2, 2, 4001)
for w in (1.3, 0.25, -0.1, -0.9):
    lowest = grid[np.argmin((grid - w) ** 2 / 2 + 0.3 * np.abs(grid))]
    print(f"w = {w:5}: lowest at {lowest:5.2f}, soft threshold {soft_threshold(w, 0.3) + 0.0:5.2f}")
    assert abs(lowest - soft_threshold(w, 0.3)) < 0.001

# %% [markdown]
r"""
### How many weights does a network need?

Now with data, all 3,500 training digits. After each step of plain descent on the loss, the weights go through the
soft threshold.

One thing must be counted apart. Many pixels, near the border, are blank in every training digit. Their weights never
get a slope from the data, so any penalty takes them to 0 and nobody misses them. Honest counting leaves them out.
"""

# %%
blank = (digits.X_train == 0).all(axis=0)


def sparse_net(seed, strength, method, num_epochs=20, lr=0.3):
    net, rng = plain_net(seed), np.random.default_rng(seed)
    optimizer, num_batches = optim.SGD(net.params, lr), 219                     # 3,500 digits by 16
    for _ in range(num_epochs):
        for X, y in train.minibatches(digits.X_train, digits.y_train, 16, rng):
            optimizer.lr = optim.step_decay(optimizer.num_steps, lr, every=num_epochs * num_batches * 6 // 10)
            net.backward(nn.cross_entropy_backward(net.forward(X), y), to_input=False)
            slope = strength if method == "slope" else 0
            optimizer.step([g + l1_penalty_backward(p, slope) if p.ndim == 2 else g
                            for p, g in zip(net.params, net.grads)])
            if method == "threshold":
                for p in net.params:
                    if p.ndim == 2:
                        p[...] = nn.soft_threshold(p, optimizer.lr * strength)
    return net


def zeros(net):
    """The share of weights that are exactly 0: of pixels with ink, and all later ones; and of blank pixels."""
    first, *later = [p for p in net.params if p.ndim == 2]
    counted = np.concatenate([first[~blank].ravel(), *(p.ravel() for p in later)])
    return float((counted == 0).mean()), float((first[blank] == 0).mean())


# %% [markdown]
r"""
How strong? Six strengths from four seeds each take longer than a lesson should. So a command did it beforehand,
`python -m tests.bench.regularization`, judging on the validation set only, and the lesson reads its table.
"""

# %%
table = data.recorded("07_regularization")
for row in table:
    row["mean"] = np.mean(row["val_error"])
sweep = [row for row in table if row["labels"] == "all"]
for row in sweep:
    print(f"strength {row['settings']['threshold']:6.4f}   validation error {row['mean']:.1%}   "
          f"exactly zero {np.mean(row['zeros']):4.0%}")

# %%
fig, ax = plot.figure("Half of the weights go almost for free, the last ones do not",
                      "share of weights that are exactly 0", "validation error (four seeds)")
share, means = [np.mean(row["zeros"]) for row in sweep], [row["mean"] for row in sweep]
ax.plot(share, means, "o-")
ax.axhline(means[0] + 0.005, color="0.6", ls="--", lw=1)
ax.text(0, means[0] + 0.0055, "half a point more than without a penalty", color="0.4", va="bottom")
ax.set_ylim(0.045, 0.085)
plot.show(fig, alt="Validation error over the share of weights that are exactly zero. From 0 to about three quarters the "
                   "curve stays near its start, crossing the dashed line of half a point more once and coming back. "
                   "Beyond 80 percent it climbs steeply.")

# %% [markdown]
r"""
Take the strongest that costs at most half a point, and train with it again. For comparison, do it with the L1 slope
added to the gradient, too.
"""

# %% tags=["nbval-ignore-output"]
strength = max(row["settings"]["threshold"] for row in sweep if row["mean"] <= means[0] + 0.005)
sparse = {"free": [sparse_net(s, 0.0, "free") for s in (seed, seed + 1)],
          "slope": [sparse_net(seed, strength, "slope")],
          "threshold": [sparse_net(s, strength, "threshold") for s in (seed, seed + 1)]}
print(f"strength {strength}; {blank.sum()} of 784 pixels are blank in all training digits")
for way, nets in sparse.items():
    counted, of_blank = np.mean([zeros(which) for which in nets], axis=0)
    print(f"{way:10} validation error {np.mean([error(which, digits.X_val, digits.y_val) for which in nets]):.1%}   "
          f"exactly zero: {counted:4.0%} of the weights ({of_blank:.0%} of those of blank pixels)")

# %%
fig, axs = plot.figure("L1 keeps the weights of pixels that carry a digit", ncols=2, size=(6.0, 3.2))
sizes = [np.abs(sparse[way][0].params[0]).mean(axis=1) for way in ("free", "threshold")]
plot.images(axs, np.array(sizes), ["free", "soft threshold"])
plot.show(fig, alt="Two pictures of 28 by 28 pixels, the darker a pixel the larger its weights on average. Without a "
                   "penalty the whole square is grey, the border too. With the soft threshold the border is blank and "
                   "only a round patch in the middle is grey.")

# %% [markdown]
r"""
The slope alone leaves not one weight at 0. The threshold throws out about three quarters of the weights and the
digits are read about as well as before. What that costs on digits that had no say in the choice, the test set will
tell below.
"""

# %% [markdown]
r"""
## Do not rely on anyone: dropout

A unit that learned one digit by heart works together with a few partners that it can count on. So make partners
unreliable: in each training step, switch off each unit with probability $p$, at random, and anew for each example. A
clue that hangs on one unit is lost every other time, and the network has to spread its knowledge. This is
[*dropout*](../glossary.md#dropout) (Srivastava and others, 2014).
"""

# %%
rng = np.random.default_rng(seed)
A = np.array([[2.0, 1.0, 4.0, 3.0, 1.0, 2.0]])             # one example, six hidden units
kept = rng.random(A.shape) >= 0.5                          # p = 0.5
print("kept   ", kept[0].astype(int))
print("output ", (A * kept)[0])

# %% [markdown]
r"""
In use, nobody is switched off: you want one answer, the same each time. But then the next layer, which has only seen
half of the units at a time, suddenly gets sums twice as large. Let the numbers say so, and divide what is kept by
$1 - p$. Then the *expected* output is the input, and in use nothing is left to do. This form is called
[*inverted dropout*](../glossary.md#dropout).
"""

# %%
for name, scale in (("without the scale", 1.0), ("divided by 1 - p", 1 / (1 - 0.5))):
    masks = (rng.random((20_000, 6)) >= 0.5) * scale       # 20,000 training steps
    print(f"{name:18} mean sum of the six units {(A * masks).sum(axis=1).mean():4.1f}; in use {A.sum():.1f}")

# %% [markdown]
r"""
As a layer it needs a mode, a mask for the way back (what was dropped gets no slope, what was enlarged an enlarged
one), and no parameters.
"""

# %%
class Dropout(nn.Layer):
    def __init__(self, p, rng):
        self.p, self.rng = p, rng

    def forward(self, X):
        self.mask = np.ones_like(X)
        if self.training:
            draws = self.rng.random(X.shape, dtype=np.float32)
            self.mask = (draws >= self.p).astype(X.dtype) / (1 - self.p)
        return X * self.mask

    def backward(self, dY):
        return dY * self.mask


# %%
def dropped_sum(X):                                        # the same generator, so the same mask at every nudge
    return float((dY * Dropout(0.3, np.random.default_rng(1)).forward(X)).sum())


X, dY = rng.normal(size=(5, 4)), rng.normal(size=(5, 4))
layer = Dropout(0.3, np.random.default_rng(1))
layer.forward(X)
assert np.allclose(layer.backward(dY), gradcheck.numerical_gradient(dropped_sum, X))

theirs = nn.Dropout(0.3, np.random.default_rng(1))
assert np.array_equal(theirs.forward(X), Dropout(0.3, np.random.default_rng(1)).forward(X))
print("the way back agrees with nudging; nn.Dropout is the same layer")

# %% [markdown]
r"""
Train with it: half of the units of both hidden layers, and 60 epochs without any early stopping, as for the free
network. The pixels can be dropped, too, with a `Dropout` before the first layer.
"""

# %% tags=["nbval-ignore-output"]
def make_net(seed, p_input=0.0, p=0.0, batch_norm=False):
    """The network of this unit, with what is asked for between its dense layers."""
    rng = np.random.default_rng(seed)
    layers = [nn.Dropout(p_input, rng)] if p_input else []
    for n_in, n_out in ((784, 128), (128, 64)):
        layers += [nn.Dense(n_in, n_out, rng)] + ([nn.BatchNorm(n_out)] if batch_norm else []) + [nn.ReLU()]
        layers += [nn.Dropout(p, rng)] if p else []
    return nn.Sequential(*layers, nn.Dense(64, 10, rng))


dropped_net, _ = fit(make_net(seed, p=0.5), few, seed)
for name, which in (("free", net), ("dropout", dropped_net)):
    print(f"{name:8} error on wrong labels {error(which, few.X_train[wrong], few.y_train[wrong]):4.0%}, "
          f"on the validation set {error(which, digits.X_val, digits.y_val):.1%}")

# %% [markdown]
r"""
### Many networks in one

Each mask is another network: some units are there, others are not, and all of them share their weights. Ask many of
them and average their probabilities, and you have a committee, an [*ensemble*](../glossary.md#ensemble). Its members
err in different ways, and where they disagree, the average hears the majority. Is the network in use, with all units
on, a stand-in for that committee?
"""

# %% tags=["nbval-ignore-output"]
dropped_net.train()                                        # masks on
votes = np.array([nn.softmax(dropped_net.forward(digits.X_val)) for _ in range(100)])     # (100, 500, 10)
dropped_net.eval()                                         # masks off
one = (votes.argmax(axis=2) != digits.y_val).mean()
sizes = np.array([1, 2, 3, 5, 8, 13, 20, 30, 50, 100])
committee = [(votes[:size].mean(axis=0).argmax(axis=1) != digits.y_val).mean() for size in sizes]
in_use = error(dropped_net, digits.X_val, digits.y_val)
print(f"one member {one:.1%} (the mean of 100), all 100 together {committee[-1]:.1%}, network in use {in_use:.1%}")

# %%
fig, ax = plot.figure("One pass with all units does what a committee of many masks does",
                      "members of the committee (log scale)", "validation error")
ax.semilogx(sizes, committee, "o-")
ax.axhline(in_use, color="C1", ls="--")
ax.text(1, in_use - 0.006, "all units on, one pass", color="C1", va="top")
ax.set(ylim=(0.2, 0.45), xticks=[1, 10, 100], xticklabels=["1", "10", "100"])
plot.show(fig, alt="The validation error falls steeply as the committee grows from one to about ten members and then "
                   "levels off, close to a dashed line, the error of the network in use.")

# %% [markdown]
r"""
A single member, half of whose units are missing, reads poorly. The committee is far better, and one pass with all
units comes close to it for a hundredth of the work.
"""

# %% [markdown]
r"""
## Let each layer set its own scale: batch normalization

[Unit 05](../05_initialization/lesson.ipynb) took care that signals keep their size from layer to layer, *at the
start*. Training then moves the weights, and the sizes with them.
[*Batch normalization*](../glossary.md#batch-normalization) (Ioffe and Szegedy, 2015) puts them right at every step:
for each feature, subtract the mean of the batch and divide by its standard deviation. Then let the network choose
another scale $\gamma$ ("gamma") and level $\beta$ ("beta"), two learned parameters a feature, if it wants one:

$$\hat x_{nd} = \frac{x_{nd} - \mu_d}{\sqrt{\sigma_d^2 + \varepsilon}}, \qquad y_{nd} = \gamma_d\, \hat x_{nd} + \beta_d.$$

$\mu_d$ and $\sigma_d^2$ are the mean and the variance of feature $d$ over the $N$ examples of the batch; the small
$\varepsilon$ ("epsilon") keeps the division finite.
"""

# %%
def batch_norm(X, gamma, beta, eps=1e-5):
    mean, var = X.mean(axis=0), X.var(axis=0)              # (D,) each: down the batch
    X_hat = (X - mean) / np.sqrt(var + eps)
    return gamma * X_hat + beta


X = rng.normal(loc=[0, 50, -3], scale=[1, 10, 0.01], size=(64, 3))       # three features of very different size
Y = batch_norm(X, gamma=np.ones(3), beta=np.zeros(3))
print("before: means", X.mean(axis=0).round(2), "standard deviations", X.std(axis=0).round(2))
print("after:  means", Y.mean(axis=0).round(2) + 0, "standard deviations", Y.std(axis=0).round(2))

# %% [markdown]
r"""
### In use there is no batch

A network in use may get one picture at a time, and one picture has no spread. And an answer should not depend on who
else is asking. So during training the layer keeps [*running statistics*](../glossary.md#running-statistics): after
each batch, it moves a mean and a variance a small step towards the batch's. With a step of 0.1 (called `momentum`):

$$\text{running} \leftarrow 0.9 \cdot \text{running} + 0.1 \cdot \text{batch}.$$

In evaluation, the layer uses these numbers and leaves them alone.

There are two variances, and PyTorch uses both. Within the batch it is the mean of squares, a sum divided by $N$. The
running one is to estimate the variance of *all* examples, and a sample's spread about its own mean is a little too
small for that; dividing by $N - 1$ makes up for it. Measure it, with small batches from a distribution whose variance
is 1:
"""

# %%
samples = rng.normal(size=(20_000, 4))                     # 20,000 batches of 4
print(f"mean variance of batches of 4: divided by N {samples.var(axis=1).mean():.2f}, "
      f"divided by N - 1 {samples.var(axis=1, ddof=1).mean():.2f}")

# %% [markdown]
r"""
### The way back

In training, each entry of $X$ reaches the output along three paths: directly, through the mean, and through the
variance. Write $g_n = \partial L/\partial y_n$ for one feature. The parameters are easy, sums over the batch as
always: $d\beta = \sum_n g_n$ and $d\gamma = \sum_n g_n \hat x_n$. For the input, the three paths add up to

$$dx_n = \frac{\gamma}{\sqrt{\sigma^2 + \varepsilon}} \Bigl(\underbrace{g_n}_{\text{direct}} -
\underbrace{\tfrac1N \textstyle\sum_m g_m}_{\text{mean}} -
\underbrace{\hat x_n \tfrac1N \textstyle\sum_m g_m \hat x_m}_{\text{variance}}\Bigr).$$

You can see that it must be so. Shift the whole batch, and no output changes: so a slope that all examples share must
vanish, and the first subtraction takes it out. Stretch the batch about its mean, and (up to $\varepsilon$) no output
changes either: so the part of the slope along $\hat x$ must vanish, and the second takes that out.
"""

# %%
class BatchNorm(nn.Layer):
    def __init__(self, D, momentum=0.1, eps=1e-5):
        self.momentum, self.eps = momentum, eps
        self.params = [np.ones(D), np.zeros(D)]            # gamma, beta
        self.buffers = [np.zeros(D), np.ones(D)]           # running mean and variance

    def forward(self, X):
        mean, var = self.buffers
        if self.training:
            mean, var = X.mean(axis=0), X.var(axis=0)
            for running, batch in zip(self.buffers, (mean, X.var(axis=0, ddof=1))):
                running += self.momentum * (batch - running)
        self.std = np.sqrt(var + self.eps)
        self.X_hat = (X - mean) / self.std
        return self.params[0] * self.X_hat + self.params[1]

    def backward(self, dY):
        dgamma, dbeta, N = (dY * self.X_hat).sum(axis=0), dY.sum(axis=0), len(dY)
        self.grads = [dgamma, dbeta]
        if self.training:
            dY = dY - dbeta / N - self.X_hat * dgamma / N
        return dY * self.params[0] / self.std


# %% [markdown]
r"""
`running +=` is the formula above, sorted. The running statistics are no parameters, since no slope changes them; they
stand in `buffers`, and early stopping has to copy them, too. Now ask PyTorch, in both modes:
"""

# %%
layer, X, dY = BatchNorm(3), rng.normal(2, 3, size=(8, 3)), rng.normal(size=(8, 3))
layer.params = [rng.normal(size=3), rng.normal(size=3)]
for mode in (True, False):
    layer.training = mode
    Y = layer.forward(X)
    statistics = [] if mode else layer.buffers             # in evaluation, PyTorch is given ours
    gradcheck.same_as_torch("batch_norm", X, *layer.params, *statistics, value=Y,
                            grads=[layer.backward(dY), *layer.grads], upstream=dY)

theirs = nn.BatchNorm(3, dtype=np.float64)
theirs.params[0][...], theirs.params[1][...] = layer.params
theirs.forward(X)
assert np.allclose(theirs.buffers, layer.buffers)
print("outputs and gradients equal PyTorch's in training and in evaluation; nn.BatchNorm moves its statistics alike")

# %% [markdown]
r"""
### What it is good for: bad first weights

Multiply the first weights of both hidden layers by a factor that is wrong, from a hundredth to a hundred, and train
for five epochs of plain descent on all 3,500 digits, once without and once with a batch normalization after each
hidden dense layer.
"""

# %%
factors = [0.01, 0.1, 0.3, 1, 3, 10, 100]


def scaled_run(factor, batch_norm):
    net = make_net(seed, batch_norm=batch_norm)
    for layer in [layer for layer in net.layers if isinstance(layer, nn.Dense)][:2]:
        layer.params[0][...] *= factor
    with np.errstate(all="ignore"):                        # a run that diverges may overflow
        train.fit_numpy(net, digits, num_epochs=5, batch_size=64, lr=0.1, rng=np.random.default_rng(seed))
        return error(net, digits.X_val, digits.y_val)


scaled = {batch_norm: [scaled_run(factor, batch_norm) for factor in factors] for batch_norm in (False, True)}

# %%
fig, ax = plot.figure("Batch normalization forgives first weights of the wrong size",
                      "factor on the first weights (log scale)", "validation error after 5 epochs")
for batch_norm, color in ((False, "C1"), (True, "C0")):
    ax.semilogx(factors, scaled[batch_norm], "o-", color=color)
ax.text(7, 0.7, "without", color="C1", ha="right")
ax.text(110, 0.12, "with batch norm", color="C0", ha="right")
ax.set_ylim(0, 1)
plot.show(fig, alt="Validation error over the factor on the first weights, from a hundredth to a hundred. Without "
                   "batch normalization the curve is low near one only: it rises for small factors and jumps up to 90 "
                   "percent for large ones. With it the curve stays low, and rises to a third of that at the large "
                   "end.")

# %% [markdown]
r"""
Without it the network learns in a narrow range only. With it, most of the range will do, because a factor on the
weights cancels in $\hat x$. (At the large end it learns slowly: a step of the usual length turns weights that are a
hundred times too large a hundred times less.) That, and the larger steps that it allows, are what made batch
normalization famous.

Is it also a regularizer? Each example is normalized with the noise of its neighbours, which blurs a little. Whether
that helps *here* you are about to measure.
"""

# %% [markdown]
r"""
## Which of them help?

A fair comparison takes several seeds and several strengths for each method, and more minutes than a lesson has. The
command from above made it, too. It trained this unit's network on the 300 digits, from four seeds each, once with the
sixty labels drawn anew and once with the right ones, and kept validation errors only.
"""

# %%
def rows(labels, together):
    """Rows with these labels: of one method alone, or of several together."""
    return [row for row in table if row["labels"] == labels and (len(row["settings"]) > 2) == together]


# %%
NAMES = {"": "nothing", "patience": "early stopping", "l2": "L2", "l1": "L1", "p": "dropout, hidden units",
         "p_input": "dropout, pixels", "batch_norm": "batch normalization"}


def best_of(labels):
    """For each method alone: the lowest mean error over its strengths."""
    found = {}
    for row in rows(labels, together=False):
        name = NAMES["".join(row["settings"])]
        found[name] = min(found.get(name, row), row, key=lambda row: row["mean"])
    return found


alone = {labels: best_of(labels) for labels in ("noisy", "right")}
for name, row in sorted(alone["noisy"].items(), key=lambda item: item[1]["mean"]):
    print(f"{name:22} {row['mean']:6.1%} with noisy labels, {alone['right'][name]['mean']:6.1%} with right ones")

# %%
order = sorted(alone["noisy"], key=lambda name: -alone["noisy"][name]["mean"])
fig, ax = plot.figure("With noisy labels, dropout and early stopping help; batch normalization alone hurts",
                      "validation error, mean of four seeds", size=(7.2, 3.6))
for labels, color, marker in (("noisy", "C1", "o"), ("right", "C0", "s")):
    means = [alone[labels][name]["mean"] for name in order]
    ax.plot(means, range(len(order)), marker, color=color, ms=7)
    ax.axvline(alone[labels]["nothing"]["mean"], ymax=0.92, color=color, lw=1, ls="--")
    ax.text(alone[labels]["nothing"]["mean"], len(order) - 0.4, f"{labels} labels, nothing done", color=color,
            ha="center")
ax.set(yticks=range(len(order)), yticklabels=order, ylim=(-0.5, len(order)), xlim=(0.12, 0.38))
plot.show(fig, alt="A dot for each method, left is better, and a dashed line for the network to which nothing is "
                   "done; in orange for noisy labels, in blue for right ones. With noisy labels both kinds of dropout "
                   "and early stopping lie well left of the line, L1 and L2 close to it, and batch normalization far "
                   "right of it. With right labels only dropout on pixels lies clearly left.")

# %% [markdown]
r"""
Read it honestly. With noisy labels, early stopping and both kinds of dropout help. With right labels only dropout on
the pixels helps clearly. The penalties did little at any of the strengths that were tried. **Batch normalization
alone made it worse**, both times: a network that trains faster also fits noise faster.

And yet methods that do little alone may do something in company. These are the combinations of dropout on pixels and
on hidden units, L2 and batch normalization, all with early stopping at a patience of 30, for up to 200 epochs, since
a network with dropout learns more slowly:
"""

# %%
def describe(settings):
    on = [f"pixels {settings['p_input']}", f"hidden {settings['p']}", f"L2 {settings['l2']}"]
    return ", ".join(on + ["batch norm"] * settings["batch_norm"])


chosen = {}
for labels in ("noisy", "right"):
    ranked = sorted(rows(labels, together=True), key=lambda row: row["mean"])
    chosen[labels] = ranked[0]
    print(f"{labels} labels, best three of {len(ranked)} and the worst:")
    for row in (*ranked[:3], ranked[-1]):
        print(f"   {row['mean']:.1%}   {describe(row['settings'])}")

# %% [markdown]
r"""
The first line of each is chosen. With right labels, batch normalization is part of it: what did harm alone is of use
where dropout and a penalty do the regularizing. The two label sets want different recipes, which is why one measures.

A table that nobody can recompute is worth little, so train the chosen ones again, from two seeds, beside the free
network, and compare the first with the range in the table.
"""

# %%
def regularized(labels, seed):
    settings = chosen[labels]["settings"]
    net = make_net(seed, settings["p_input"], settings["p"], settings["batch_norm"])
    return fit(net, splits[labels], seed, settings["num_epochs"], settings["patience"],
               pull=lambda W: l2_penalty_backward(W, settings["l2"]))[0]


splits = {"noisy": few, "right": few._replace(y_train=digits.y_train[:300])}
seeds = [seed, seed + 1]
free = {labels: [fit(plain_net(s), splits[labels], s)[0] for s in seeds] for labels in splits}
best = {labels: [regularized(labels, s) for s in seeds] for labels in splits}

# %% tags=["nbval-ignore-output"]
for labels in splits:
    again, recorded = error(best[labels][0], digits.X_val, digits.y_val), chosen[labels]["val_error"]
    print(f"{labels:6} recorded {min(recorded):.1%} to {max(recorded):.1%}, again {again:.1%}")
    assert min(recorded) - 0.01 <= again <= max(recorded) + 0.01

# %% [markdown]
r"""
Every choice is made. Now the test set, once, for all that this unit claims: 1,000 digits that influenced nothing so
far. The headline is the share of the free network's test errors that regularization removes, the mean of two networks
each. Its interval comes from drawing the 1,000 digits again and again, with repetition, and looking at how far the
figure moves.
"""

# %% tags=["nbval-ignore-output"]
def test_errors(nets):
    """(N,): for each test digit, the share of networks that misread it."""
    return np.mean([net.forward(digits.X_test).argmax(axis=1) != digits.y_test for net in nets], axis=0)


before, after = ({labels: test_errors(nets[labels]) for labels in splits} for nets in (free, best))
cut = {labels: 1 - after[labels].mean() / before[labels].mean() for labels in splits}
again = np.random.default_rng(seed).integers(0, 1000, size=(2000, 1000))
interval = np.quantile(1 - after["noisy"][again].mean(axis=1) / before["noisy"][again].mean(axis=1), [0.025, 0.975])
for labels in splits:
    print(f"{labels:6} labels: test error {before[labels].mean():.1%} -> {after[labels].mean():.1%}, "
          f"cut by {cut[labels]:.0%}")
cost = test_errors(sparse["threshold"]) - test_errors(sparse["free"])           # digit by digit
standard_error = cost.std() / np.sqrt(1000)
l1_zeros = min(zeros(which)[0] for which in sparse["threshold"])
print(f"L1: {l1_zeros:.0%} of the weights exactly zero, test error {100 * cost.mean():+.1f} points, "
      f"give or take {196 * standard_error:.1f}")
assert cut["right"] >= 0.17 and l1_zeros >= 0.6 and cost.mean() - standard_error <= 0.005
metrics.headline("share of test errors removed, 300 digits with noisy labels", cut["noisy"], 0.275,
                 interval=tuple(interval))

# %% [markdown]
r"""
The first two figures stand well above what chance could do. The third is a lesson in modesty: what the zeros cost is
small, but with 1,000 digits it is known to about a point only, and another seed gives another figure. "About half a
point or less" is what the validation set said, and the test set does not contradict it; more it cannot say.
"""

# %% [markdown]
r"""
## What goes wrong

**Dropout left on in use.** `net.eval()` forgotten, and the network answers with half its units, other ones each time.
Nothing crashes.
"""

# %% tags=["nbval-ignore-output"]
dropped_net.train()
left_on = [error(dropped_net, digits.X_val, digits.y_val) for _ in range(3)]
dropped_net.eval()
print("left on, asked three times:", " ".join(f"{e:.1%}" for e in left_on), f"  switched off: {in_use:.1%}")

# %% [markdown]
r"""
**The scale forgotten.** Without the $1/(1-p)$ in training, a network in use hears sums twice as large as it was
trained for, after each dropout. The order of the logits often survives, so the error may look fine; the loss does
not, because the network is far too sure of itself.
"""

# %% tags=["nbval-ignore-output"]
class UnscaledDropout(nn.Dropout):
    def forward(self, X):
        super().forward(X)
        self.mask = (self.mask > 0).astype(X.dtype)        # wrong: kept units are not enlarged
        return X * self.mask


unscaled = make_net(seed, p=0.5)
unscaled.layers = [UnscaledDropout(0.5, layer.rng) if isinstance(layer, nn.Dropout) else layer
                   for layer in unscaled.layers]
fit(unscaled, few, seed)
for name, which in (("scaled", dropped_net), ("not scaled", unscaled)):
    logits = which.forward(digits.X_val)
    print(f"{name:11} validation loss {nn.cross_entropy(logits, digits.y_val):.2f}, "
          f"mean probability of its answers {nn.softmax(logits).max(axis=1).mean():.0%}")

# %% [markdown]
r"""
**Batch normalization left in training mode.** Each answer then depends on the other examples of the batch. Sort the
validation set by class, so that each batch holds few kinds of digits, and ask in batches of 50: each batch is
normalized as if its own digits were all there is. In evaluation mode the order makes no difference.
"""

# %% tags=["nbval-ignore-output"]
normed, _ = fit(make_net(seed, batch_norm=True), digits, seed, num_epochs=5)
by_class = np.argsort(digits.y_val)
for mode in (normed.eval, normed.train):
    for name, order in (("shuffled", np.arange(500)), ("sorted by class", by_class)):
        mode()
        answers = [normed.forward(digits.X_val[batch]).argmax(axis=1) for batch in np.split(order, 10)]
        print(f"{mode.__name__:5} mode, {name:15} error {np.mean(np.concatenate(answers) != digits.y_val[order]):.1%}")

# %% [markdown]
r"""
And that last run did harm that stays: in training mode each forward pass also moved the running statistics, although
nobody trained.
"""

# %% tags=["nbval-ignore-output"]
before_sorted = [b.copy() for b in normed.buffers]
normed.train()
normed.forward(digits.X_val[by_class[:50]])                # zeros only, and "only to look"
normed.eval()
print(f"the running means moved by up to {np.abs(normed.buffers[0] - before_sorted[0]).max():.2f}")

# %% [markdown]
r"""
**Penalizing the biases.** The smallest example has no weights that matter: predict a number near 20 by a bias alone.
A penalty on the bias pulls the prediction off its level, and more data would not repair it.
"""

# %%
t = rng.normal(20, 1, size=200)
for strength in (0.0, 0.1, 1.0):
    b = 0.0
    for _ in range(500):
        b -= 0.1 * ((b - t).mean() + strength * b)         # slope of the mean of (b - t)**2 / 2, and the penalty's
    print(f"strength {strength:3}: predicts {b:5.2f}, the mean is {t.mean():.2f}")

# %% [markdown]
r"""
**The last weights for the best.** Early stopping that only stops keeps the weights of the end of the wait. The longer
the patience, the more nonsense they have learned.
"""

# %% tags=["nbval-ignore-output"]
for patience in (2, 5, 20):
    last, stopping = fit(plain_net(seed), few, seed, patience=patience)
    at_best = nn.cross_entropy(last.forward(digits.X_val), digits.y_val)
    at_end = history["val_loss"][stopping.epoch - 1]       # of the free network: the same weights, epoch by epoch
    print(f"patience {patience:2}: stopped at {stopping.epoch:2}, loss of the best weights {at_best:.2f}, "
          f"of the last {at_end:.2f}")

# %% [markdown]
r"""
**Choosing on the test set.** If the table above had held test errors, the best line of many would be best partly by
luck, and the headline would be too good. You saw in unit 02 how lucky the best of a thousand guessers looks.
"""

# %% [markdown]
r"""
## Summary

- A network with more parameters than examples can learn labels by heart that follow no rule. It learns the rule
  first; the validation loss tells when the exceptions begin.
- Early stopping keeps a *copy* of the best weights. L2 shrinks each weight by a proportion; L1 by a constant, and
  with the soft threshold to exactly 0. Biases do not pay.
- Dropout switches units off in training and divides the others by $1 - p$; in use it does nothing, and acts like a
  committee. Batch normalization uses the batch in training and running statistics in use.
- Here dropout on pixels and early stopping did most, L1 and L2 alone did little, batch normalization alone did harm,
  and a combination, chosen on the validation set, did best. On other data the order can be another: measure.

## Three quick questions

**1.** Your network has a training error of 0 % and a validation error of 12 %. A friend advises a larger network.
Another advises dropout. A third says that you cannot know whom to believe. Who is right?

<details>
<summary>Answer</summary>

The third, until you have tried both on the validation set. The gap says that the network has learned things that do
not carry over, which speaks for dropout. But it does not say that these things are in the way of the rule, and wider
networks are often better in spite of a training error of 0.

</details>

**2.** A dropout layer with $p = 0.8$ gets an input of 3. Which outputs can there be in training, how likely is each,
and what comes out in use?

<details>
<summary>Answer</summary>

0 with probability 0.8, and $3 / 0.2 = 15$ with probability 0.2. The mean is $0.2 \cdot 15 = 3$, which is what comes
out in use.

</details>

**3.** You train with batch normalization in batches of 32, and the validation error is fine. In use, your program
reads one digit at a time, in training mode by mistake. What does the first batch normalization pass on?

<details>
<summary>Answer</summary>

With one example the mean is that example, so $\hat x$ is 0 for every feature and the layer passes on $\beta$,
whatever the picture shows: each digit gets the same answer. (PyTorch and `nn.BatchNorm` refuse such a batch, since
one row has no variance.)

</details>

Now write it yourself: [the exercises](exercises.ipynb).
"""
