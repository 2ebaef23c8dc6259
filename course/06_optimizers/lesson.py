# %% [markdown]
r"""
# Walk downhill faster

> **Time**: {{run_time}} to run, 80 minutes to study.
>
> **What you do**: see why plain gradient descent is slow; build momentum, Nesterov, Adagrad, RMSprop, Adam and AdamW, each as an
> answer to a fault of the one before; let them race through valleys and on handwritten digits; steer the learning rate while
> training runs; find a good one in two epochs.
>
> **What you need first**: [unit 02](../02_networks/lesson.ipynb) (losses, validation set),
> [unit 03](../03_backprop/lesson.ipynb) (gradient, gradient descent, mini-batch).
"""

# %%
import math
import time

import numpy as np

from introdl import data, gradcheck, metrics, nn, optim, plot, train

seed = 0

# %% [markdown]
r"""
## Slow on purpose

In unit 03 you trained a network with one rule: step against the gradient. Here is the same rule in a landscape with
two weights, a long ravine: fifty times as curved across as along. Its lowest point is (0, 0). You stand at (-4, 1).
"""

# %%
def ravine(w):                                       # w: two weights, shape (2,)
    return 0.5 * (w[0] ** 2 + 50 * w[1] ** 2)


def ravine_gradient(w):
    return np.array([w[0], 50 * w[1]])


w = np.array([-4.0, 1.0])
path = [w]
while ravine(w) > 0.001:
    w = w - 0.037 * ravine_gradient(w)
    path.append(w)
print(f"{len(path) - 1} steps of gradient descent")

# %%
def draw_ravine(ax, path, color="C0"):
    a, b = np.meshgrid(np.linspace(-4.6, 1.2, 160), np.linspace(-1.3, 1.3, 120))
    ax.contour(a, b, ravine([a, b]), levels=[0.5, 2, 5, 10, 18, 30], colors="0.7", linewidths=0.8)
    ax.plot(*np.array(path).T, "o-", ms=3, lw=1.2, color=color)
    ax.plot(0, 0, "*", color="k", ms=12)
    ax.set(xlim=(-4.6, 1.2), ylim=(-1.3, 1.3))


fig, ax = plot.figure("Gradient descent jumps across the ravine and creeps along it", xlabel="weight 1",
                      ylabel="weight 2", size=(6.4, 3))
draw_ravine(ax, path)
plot.show(fig, alt="Contour lines of a long flat ravine with its lowest point at the right, marked by a star. A path starts on "
                   "the left, jumps from wall to wall many times and creeps towards the star; the jumps get smaller.")

# %% [markdown]
r"""
More than a hundred steps: first from wall to wall, then ever shorter ones along the floor. And this is about the best
learning rate for this ravine: you will see why. Yet at every step the walker knew all slopes exactly.

Can you get there in a fifth of the steps, with no information but these same slopes? The loss of a network has its
ravines, too, so the answer decides how long training takes. A rule that turns gradients into steps is called an
[*optimizer*](../glossary.md#optimizer). You build six.
"""

# %% [markdown]
r"""
## How long may a step be?

Take one direction of the ravine alone: $L = \frac{c}{2} w^2$, with the slope $c\,w$. The number $c$ is the
[*curvature*](../glossary.md#curvature): how fast the slope itself changes. A step makes of $w$

$$w - \eta\, c\, w = (1 - \eta c)\, w.$$

Every step multiplies the distance to the lowest point by the same factor, $1 - \eta c$. Everything follows from that
number.
"""

# %%
curvature = 50
for lr in (0.002, 0.02, 0.03, 0.04, 0.041):
    factor = 1 - lr * curvature
    print(f"lr {lr:.3f}: factor {factor:6.2f}, after 20 steps {factor**20:.2g} of the distance is left")

# %% [markdown]
r"""
- factor between 0 and 1: the walker creeps down on one side;
- factor 0, at $\eta = 1/c$: there in one step;
- factor between -1 and 0: it jumps to the other wall and back, a little lower each time;
- factor below -1, at $\eta > 2/c$: each jump ends higher than the last. This is
  [*divergence*](../glossary.md#divergence).

The ravine has two curvatures, 50 across and 1 along, and one learning rate for both. Across, it must stay below 2/50.
Along, that leaves a factor of at least 1 - 2/50 = 0.96 a step. Move the slider and watch both.
"""

# %%
def walk(rule, gradient, start, num_steps, **settings):
    """The places that an optimizer visits, start included: (num_steps + 1, 2)."""
    path, memory = [np.array(start, float)], {}
    for _ in range(num_steps):
        path.append(rule(path[-1], gradient(path[-1]), memory, **settings))
    return np.array(path)


def descent(w, g, memory, lr):                       # memory: what later rules will need
    return w - lr * g


# %%
def learning_rate_frame(lr):
    path = walk(descent, ravine_gradient, (-4, 1), 40, lr=lr)
    fig, (left, right) = plot.figure("Too small crawls, too large bounces out", ncols=2, size=(7.2, 2.9))
    draw_ravine(left, path)
    left.set(xlabel="weight 1", ylabel="weight 2")
    right.semilogy(ravine(path.T))
    right.set(xlabel="step", ylabel="loss (log scale)", ylim=(1e-2, 1e3))
    return fig


plot.explore(learning_rate_frame, [0.002, 0.01, 0.02, 0.037, 0.041], label="learning rate", start=2,
             alt="Left, forty steps in the ravine; right, the loss over the steps. At 0.002 the path slides down the wall "
                 "and then hardly moves. At 0.02 it goes straight to the floor of the ravine and creeps along it. At 0.037 it zigzags "
                 "from wall to wall and the loss falls fastest. At 0.041 each jump ends higher than the one before, and the loss climbs.")

# %% [markdown]
r"""
The ratio of the largest to the smallest curvature, here 50, is the [*condition
number*](../glossary.md#condition-number). Gradient descent needs a number of steps in proportion to it, however well
you choose $\eta$. The best choice gives both directions the same factor up to its sign: $\eta = 2 / (1 + 50)$. Check
it:
"""

# %%
lrs = np.linspace(0.001, 0.042, 400)
slowest = np.maximum(abs(1 - lrs * 1), abs(1 - lrs * 50))        # the direction that lags behind decides
best = lrs[slowest.argmin()]
print(f"best learning rate {best:.3g}, by the formula {2 / 51:.3g}; the distance shrinks by {slowest.min():.3g} a step")
assert abs(best - 2 / 51) < 2e-4

# %% [markdown]
r"""
Two ideas can help. The walker could *remember* earlier steps: what goes to and fro cancels, what goes on adds up. Or
it could take a *step length of its own in each direction*: short across, long along. The first idea becomes momentum,
the second becomes Adagrad and RMSprop, and both together Adam.

But before you change the step, look at where the gradient comes from.
"""

# %% [markdown]
r"""
## Whose slope: all examples, one, or some?

The loss of a network is a mean over its training examples, so its gradient is a mean, too. Over which examples?

- all of them: [*batch gradient descent*](../glossary.md#batch-gradient-descent), one exact step an epoch;
- one at a time: [*stochastic gradient descent*](../glossary.md#stochastic-gradient-descent), *SGD*, one noisy step an
  example. *Stochastic* means "by chance";
- a few dozen: mini-batch descent, as in unit 03. Everybody uses it, and most people call it SGD all the same.

How wrong is the slope of a mini-batch? Take the network of unit 03 at its start and compare with the slope of all
3,500 training digits.
"""

# %%
digits = data.mnist5k()


def make_net(seed):
    rng = np.random.default_rng(seed)
    return nn.Sequential(nn.Dense(784, 128, rng), nn.ReLU(), nn.Dense(128, 64, rng), nn.ReLU(), nn.Dense(64, 10, rng))


def gradient_of(net, X, y):
    """All slopes of the net's mean cross-entropy, as one long vector."""
    net.backward(nn.cross_entropy_backward(net.forward(X), y))
    return np.concatenate([g.ravel() for g in net.grads])


# %%
net, rng = make_net(seed), np.random.default_rng(seed)
X, y = digits.X_train, digits.y_train
exact = gradient_of(net, X, y)
batch_sizes = [1, 4, 16, 64, 256, 1024]
errors = []
for batch_size in batch_sizes:
    batches = [rng.choice(len(X), batch_size, replace=False) for _ in range(20)]
    errors.append(np.mean([np.linalg.norm(gradient_of(net, X[b], y[b]) - exact) for b in batches]) / np.linalg.norm(exact))

# %%
fig, ax = plot.figure("Sixteen times the examples make the slope four times as exact",
                      xlabel="examples in the mini-batch (log scale)", ylabel="error / length of the gradient")
ax.loglog(batch_sizes, errors, "o-", label="measured")
ax.loglog(batch_sizes, errors[0] / np.sqrt(batch_sizes), "--", color="C1", label="one over the root of the batch size")
ax.legend()
plot.show(fig, alt="Measured error of a mini-batch's gradient over the batch size, both on logarithmic axes. It falls along a "
                   "straight dashed line, one over the root of the batch size, and for 1,024 examples lies a little below it.")

# %% [markdown]
r"""
The error falls with the *root* of the batch size, as for every average of independent numbers: their errors cancel,
but never quite. A batch of 64 has 64 times the work of a single example, and its slope is only 8 times as exact. (At
1,024 the sample is a large part of all 3,500, so it does better still.)

So many cheap and rough steps could beat few exact ones. Try: every batch size sees each example once, and gets the
best of three learning rates, by validation loss.
"""

# %%
def one_epoch(lr, batch_size):
    with np.errstate(all="ignore"):                      # too large a rate overflows
        return train.fit_numpy(make_net(seed), digits, num_epochs=1, batch_size=batch_size, lr=lr,
                               rng=np.random.default_rng(seed))


# %% tags=["nbval-ignore-output"]
tries = {1: (0.003, 0.01, 0.03), 64: (0.1, 0.3, 1.0), 3500: (0.1, 0.3, 1.0)}
for batch_size, lrs in tries.items():
    started = time.perf_counter()
    runs = {lr: one_epoch(lr, batch_size) for lr in lrs}
    seconds = (time.perf_counter() - started) / len(lrs)
    lr = min(runs, key=lambda lr: runs[lr]["val_loss"][-1])
    print(f"batches of {batch_size:4}: {math.ceil(len(X) / batch_size):5,} steps in {seconds:.2f} s, best learning rate {lr}, "
          f"validation accuracy {runs[lr]['val_accuracy'][-1]:.1%}")

# %% [markdown]
r"""
One exact step teaches little. Thousands of steps on single examples get as far as dozens on mini-batches, or a little
further, but not in proportion: single examples are so noisy that they allow only short steps, as the learning rates
say. And look at the clock. A computer works on 64 rows at once in little more time than on one, so in the seconds of
that one epoch the mini-batches could have had many.

That is why batches of 32 to 256 are the usual choice. Each epoch deals them out in a new random order, and the
examples left over at the end form a smaller last batch: nothing is thrown away.
"""

# %% [markdown]
r"""
## Momentum: a ball instead of a walker

A walker in the ravine forgets its last step. A heavy ball does not. It keeps rolling: pushes to the left and then to
the right cancel, pushes along the ravine add up. Give the weights a velocity $v$, keep a share $\mu$ of it at every
step, and let the gradient change the *velocity*:

$$v \leftarrow \mu v + g, \qquad w \leftarrow w - \eta\, v.$$

This is [*momentum*](../glossary.md#momentum) (Boris Polyak, 1964). $\mu$ ("mu"), usually 0.9, says how little
friction there is. At $\mu = 0$ you are back at plain descent.
"""

# %%
def momentum(w, g, memory, lr, mu=0.9):
    memory["v"] = mu * memory.get("v", 0) + g            # at the first step: g
    return w - lr * memory["v"]


def steps_needed(rule, most=2000, **settings):
    path = walk(rule, ravine_gradient, (-4, 1), most, **settings)
    return int(np.argmax(ravine(path.T) <= 0.001))


print(f"descent {steps_needed(descent, lr=0.037)} steps, momentum {steps_needed(momentum, lr=0.01)}")

# %% [markdown]
r"""
How much does the memory gain? Suppose the slope is the same $g$ at every step. Then the velocity grows: $g$, $g + \mu
g$, $g + \mu g + \mu^2 g$, … Watch where it ends:
"""

# %%
memory, w = {}, np.zeros(1)
for step in range(1, 61):
    w = momentum(w, np.ones(1), memory, lr=0.01)
    if step in (1, 2, 5, 10, 20, 60):
        print(f"step {step:2}: velocity {memory['v'][0]:.2f}")
assert abs(memory["v"][0] - 1 / (1 - 0.9)) < 0.02

# %% [markdown]
r"""
The sum of the series is $g / (1 - \mu)$: with $\mu = 0.9$ the ball is ten times as fast on a constant slope. So
momentum wants a *smaller* learning rate than plain descent. And a slope that changes its sign at every step gives
$g/(1 + \mu)$, about half. Along: ten times. Across: half. That is what the ravine needs.

More is not better, though. Move the slider: what happens when there is hardly any friction?
"""

# %%
def mu_frame(mu):
    path = walk(momentum, ravine_gradient, (-4, 1), 80, lr=0.01, mu=mu)
    fig, (left, right) = plot.figure("Too little memory crawls, too much rolls past the goal", ncols=2, size=(7.2, 2.9))
    draw_ravine(left, path, color="C1")
    left.set(xlabel="weight 1", ylabel="weight 2")
    right.semilogy(ravine(path.T), color="C1")
    right.set(xlabel="step", ylabel="loss (log scale)", ylim=(1e-5, 1e2))
    return fig


plot.explore(mu_frame, [0.0, 0.5, 0.9, 0.95, 0.99], label="mu, the share of the velocity that is kept", start=2,
             alt="Left, eighty steps with momentum in the ravine, right the loss over the steps. At mu 0 the path slides into the "
                 "ravine and creeps along it. At 0.9 it swings a few times and settles near the star, and the loss falls fastest. "
                 "At 0.99 it swings past the star to both sides again and again, and the loss goes up and down without settling.")

# %% [markdown]
r"""
### Nesterov: look where you are going

The ball takes the slope where it stands, although it already knows that $\mu v$ will carry it on. Yurii Nesterov
(1983) takes the slope *ahead*, at $w - \eta\mu v$: if the ground rises there, the ball brakes before it gets there.
That is [*Nesterov momentum*](../glossary.md#nesterov-momentum).
"""

# %%
w, v = np.array([-4.0, 1.0]), np.zeros(2)
ahead = []                                               # the places where slopes are taken
for _ in range(30):
    ahead.append(w - 0.01 * 0.9 * v)
    v = 0.9 * v + ravine_gradient(ahead[-1])
    w = w - 0.01 * v
rolled = walk(momentum, ravine_gradient, (-4, 1), 30, lr=0.01)[-1]
print(f"loss after 30 steps: {ravine(w):.2g}; plain momentum {ravine(rolled):.2g}")

# %% [markdown]
r"""
Libraries write it differently, because a network's gradient is taken where its weights are. So let `w` be the place
ahead. Put $w' = w - \eta\mu v$ into the two lines above, and they become a rule of the usual kind:

$$v \leftarrow \mu v + g, \qquad w' \leftarrow w' - \eta\,(g + \mu v).$$

Does it visit the same places? Ask.
"""

# %%
def nesterov(w, g, memory, lr, mu=0.9):
    memory["v"] = mu * memory.get("v", 0) + g
    return w - lr * (g + mu * memory["v"])


assert np.allclose(walk(nesterov, ravine_gradient, (-4, 1), 29, lr=0.01), ahead)
for rule in (descent, momentum, nesterov):
    with np.errstate(all="ignore"):                      # too large a rate overflows
        found = {lr: steps_needed(rule, lr=lr) for lr in (0.0025, 0.005, 0.01, 0.02, 0.037)}
    lr = min((lr for lr in found if found[lr]), key=found.get)       # 0: it never got there
    print(f"{rule.__name__:9} at its best rate {lr:.3g}: {found[lr]:3} steps")

# %% [markdown]
r"""
The first promise is kept: a fifth of the steps, from the same slopes. The rates came from a coarse grid, so take the
exact numbers with a grain of salt.
"""

# %% [markdown]
r"""
## Adagrad: rare things deserve long steps

Now the second idea. A shop has lost its price list. You have 4,000 receipts; each says which of 50 articles were
bought, and the total. Learn the prices. It is a network of one neuron: inputs 0 or 1, weights the prices, loss the
mean squared error of unit 02.

Milk is on every second receipt, saffron on one in 250. Inputs that are mostly 0 are called
[*sparse*](../glossary.md#sparse).
"""

# %%
rng = np.random.default_rng(seed)
how_often = np.geomspace(0.5, 0.004, 50)                          # from milk to saffron
prices = rng.uniform(1, 10, size=50)
receipts = (rng.random((5000, 50)) < how_often).astype(float)     # (N, D)
totals = receipts @ prices + rng.normal(0, 0.5, size=5000)        # some coins were miscounted
X_shop, y_shop, X_shop_val, y_shop_val = receipts[:4000], totals[:4000], receipts[4000:], totals[4000:]


def shop_gradient(w, X, y):
    return 2 * X.T @ (X @ w - y) / len(y)

# %% [markdown]
r"""
The slope of a price is 0 whenever its article is on no receipt of the batch. Milk stands on about 2,000 receipts, and
every batch moves its price. Saffron stands on about 16, so most batches leave its price alone. One learning rate for
both: what suits milk is far too short for saffron.

Adagrad (John Duchi, Elad Hazan and Yoram Singer, 2011) counts how much each weight was pushed so far, and divides by
the root of that:

$$s \leftarrow s + g^2, \qquad w \leftarrow w - \eta\, \frac{g}{\sqrt{s} + \epsilon}.$$

All of it entry by entry: `s` has the shape of `w`. The tiny $\epsilon$ ("epsilon") keeps the division finite where no
push ever came.
"""

# %%
def adagrad(w, g, memory, lr, eps=1e-10):
    memory["s"] = memory.get("s", 0) + g**2
    return w - lr * g / (np.sqrt(memory["s"]) + eps)


def learn_prices(rule, lr):
    """One epoch over the receipts, in batches of 20."""
    w, memory, rng = np.zeros(50), {}, np.random.default_rng(seed)
    for X_batch, y_batch in train.minibatches(X_shop, y_shop, 20, rng):
        w = rule(w, shop_gradient(w, X_batch, y_batch), memory, lr=lr)
    return w, memory

# %% [markdown]
r"""
Each rule gets seven learning rates, and the receipts set aside for validation choose.
"""

# %%
learned = {}
for rule in (descent, adagrad):
    with np.errstate(all="ignore"):                               # too large a rate overflows
        tried = {lr: learn_prices(rule, lr) for lr in (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)}
        error = {lr: np.mean((X_shop_val @ w - y_shop_val) ** 2) for lr, (w, _) in tried.items()}
    lr = min(error, key=lambda lr: np.nan_to_num(error[lr], nan=np.inf))
    learned[rule] = tried[lr]
    off = abs(tried[lr][0] - prices)
    print(f"{rule.__name__:8} lr {lr:4}: prices off by {off[:10].mean():.2f} for the ten most frequent articles, "
          f"{off[-10:].mean():.2f} for the ten rarest")

# %%
fig, (left, right) = plot.figure("Adagrad learns rare articles, because it gives them longer steps", ncols=2, size=(7.4, 3.2),
                                 xlabel="on one receipt in … (log scale)")
for rule, color in ((descent, "C1"), (adagrad, "C0")):
    left.semilogx(1 / how_often, abs(learned[rule][0] - prices), "o", color=color, label=rule.__name__)
left.set_ylabel("error of the price")
left.legend()
right.loglog(1 / how_often, 1 / np.sqrt(learned[adagrad][1]["s"]), "o", color="C0")
right.set_ylabel("factor of its steps, 1 / √s")
plot.show(fig, alt="Left, the error of each price over how rare the article is. With plain descent the errors grow to several units "
                   "for the rarest articles; with Adagrad they stay below one. Right, the factor by which Adagrad scales each "
                   "article's step: it rises from about 0.02 for the most frequent to about 1 for the rarest articles.")

# %% [markdown]
r"""
Adagrad has a fault of its own. `s` only grows, so all steps shrink for ever, and a network whose gradients were huge
at the start is left with tiny steps for the rest of its training.
"""

# %% [markdown]
r"""
## RMSprop: forget the distant past

Keep an *average* of the squares instead of their sum, one that forgets old ones. The same trick as in momentum: keep
a share $\alpha$ ("alpha") of the old average, and let the new square have the rest.

$$s \leftarrow \alpha s + (1 - \alpha)\, g^2, \qquad w \leftarrow w - \eta\, \frac{g}{\sqrt{s} + \epsilon}.$$

Such a mean is called a [*running average*](../glossary.md#running-average); roughly the last $1/(1-\alpha)$ gradients
count. Geoffrey Hinton presented RMSprop in a lecture in 2012.
"""

# %%
def rmsprop(w, g, memory, lr, alpha=0.99, eps=1e-8):
    memory["s"] = alpha * memory.get("s", 0) + (1 - alpha) * g**2
    return w - lr * g / (np.sqrt(memory["s"]) + eps)


def always_one(w):                                       # a slope that never changes
    return np.ones(1)


step_lengths = {rule: -np.diff(walk(rule, always_one, [0.0], 400, lr=1.0)[:, 0]) for rule in (adagrad, rmsprop)}

# %%
fig, ax = plot.figure("Adagrad's steps shrink for ever; RMSprop's settle, but begin ten times too long", xlabel="step (log scale)",
                      ylabel="step length, in learning rates")
for rule, color in ((adagrad, "C0"), (rmsprop, "C2")):
    ax.loglog(range(1, 401), step_lengths[rule], color=color)
    ax.text(430, step_lengths[rule][-1], rule.__name__, color=color, va="center")
ax.axhline(1, color="0.6", lw=1, ls=":")
ax.set_xlim(1, 1100)
plot.show(fig, alt="Length of each step on a constant slope, in units of the learning rate, both axes logarithmic. Adagrad starts at "
                   "1 and falls along a straight line to 0.05. RMSprop starts at 10 and falls to 1, where it stays.")

# %% [markdown]
r"""
After 400 steps on the same slope RMSprop moves by $\eta$ a step, Adagrad by a twentieth of that and less. But look at
RMSprop's start. Its average begins at 0 and needs a hundred steps to find out how large the squares are. Until then
it is too small, and dividing by it makes the first step ten times too long: $1/\sqrt{1 - 0.99} = 10$. At the very
moment when the network is fresh.
"""

# %% [markdown]
r"""
## Adam: both ideas, and an honest start

Adam (Diederik Kingma and Jimmy Ba, 2015) keeps two running averages, of the gradient, as momentum does, and of its
square, as RMSprop does:

$$m \leftarrow \beta_1 m + (1 - \beta_1)\, g, \qquad v \leftarrow \beta_2 v + (1 - \beta_2)\, g^2.$$

Both start at 0, so both are too small at first. By how much? On a constant slope $g$, after $t$ steps, $m = (1 -
\beta_1^t)\, g$: the share $\beta_1^t$ still belongs to the 0 at the start. Divide by what is really there, and the
average is right from the first step. This is [*bias correction*](../glossary.md#bias-correction).
"""

# %%
m = 0.0
for t in range(1, 6):
    m = 0.9 * m + 0.1 * 2.0                              # the slope is 2 at every step
    print(f"t = {t}: m = {m:.3f}, corrected {m / (1 - 0.9**t):.3f}")

# %% [markdown]
r"""
With $\hat m$ ("m hat") and $\hat v$ for the corrected averages, the step is

$$w \leftarrow w - \eta\, \frac{\hat m}{\sqrt{\hat v} + \epsilon}.$$
"""

# %%
def adam(w, g, memory, lr, beta1=0.9, beta2=0.999, eps=1e-8):
    t = memory["t"] = memory.get("t", 0) + 1
    memory["m"] = beta1 * memory.get("m", 0) + (1 - beta1) * g
    memory["v"] = beta2 * memory.get("v", 0) + (1 - beta2) * g**2
    m_hat, v_hat = memory["m"] / (1 - beta1**t), memory["v"] / (1 - beta2**t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps)


first = adam(np.zeros(3), np.array([1000.0, 1.0, -0.001]), {}, lr=0.01)
print("first step for the slopes 1000, 1 and -0.001:", first.round(4))

# %% [markdown]
r"""
The first step has the length $\eta$ in every weight, whatever the slope: only its sign counts. So Adam's learning
rate has a meaning that you can feel: about how far a weight moves in one step. That is why 0.001 is often a tolerable
first try for Adam. For plain descent no such number exists.
"""

# %% [markdown]
r"""
### AdamW: decay that is not divided away

Often one wants all weights to shrink a little at each step, unless the data hold against it. It is called [*weight
decay*](../glossary.md#weight-decay); what it is good for is the subject of the next unit. The old way adds $\lambda
w$ to the gradient, with a small number $\lambda$ ("lambda"), in code `decay`. In Adam this has a side effect: the
decay is divided by $\sqrt{\hat v}$ like everything else, so weights with large gradients hardly decay. AdamW (Ilya
Loshchilov and Frank Hutter, 2019) shrinks the weights directly and leaves the gradient alone.

Two weights, both 1. Their slopes are pure noise around 0, a hundred times as strong for one of them. What is left of
them?
"""

# %%
def adam_with_decay(w, g, memory, lr, decay):            # the old way
    return adam(w, g + decay * w, memory, lr)


def adamw(w, g, memory, lr, decay=0.01):
    return adam(w * (1 - lr * decay), g, memory, lr)


rng = np.random.default_rng(seed)
noise = rng.normal(size=(2000, 100, 2)) * [0.1, 10]      # 100 pairs of a quiet and a loud weight
for rule in (adam_with_decay, adamw):
    w, memory = np.ones((100, 2)), {}
    for g in noise:
        w = rule(w, g, memory, lr=0.001, decay=0.3)
    print(f"{rule.__name__:15} quiet weights {w[:, 0].mean():.2f}, loud weights {w[:, 1].mean():.2f}; "
          f"asked for: {(1 - 0.001 * 0.3) ** 2000:.2f}")

# %% [markdown]
r"""
You asked for a shrinkage to about a half. AdamW gives it to both. With decay in the gradient the quiet weights are
erased and the loud ones keep nearly everything.
"""

# %% [markdown]
r"""
## Ask somebody else: 100 steps of PyTorch

Seven rules, and more places for a slip. `gradcheck.same_steps_as_torch` lets PyTorch's optimizer take the same steps
from the same start with the same gradients, in float64. It returns the relative error, and stops with a message if
that is above one in a million. Here are 100 random gradients for a parameter of 4 × 3 weights.
"""

# %%
rng = np.random.default_rng(seed)
start, gradients = rng.normal(size=(4, 3)), rng.normal(size=(100, 4, 3))
pairs = [(descent, {}, "SGD", {}), (momentum, {}, "SGD", {"momentum": 0.9}),
         (nesterov, {}, "SGD", {"momentum": 0.9, "nesterov": True}), (adagrad, {}, "Adagrad", {}),
         (rmsprop, {}, "RMSprop", {}), (adam, {}, "Adam", {}), (adamw, {"decay": 0.01}, "AdamW", {"weight_decay": 0.01})]
worst = 0.0
for rule, ours, name, theirs in pairs:
    w, memory = start, {}
    for g in gradients:
        w = rule(w, g, memory, lr=0.02, **ours)
    worst = max(worst, gradcheck.same_steps_as_torch(name, {"lr": 0.02, **theirs}, start, gradients, w))
assert worst <= 1e-6
print(f"{len(pairs)} optimizers equal PyTorch's after {len(gradients)} steps, to one part in a million")

# %% [markdown]
r"""
## A race through three landscapes

A ravine, now turned, so that it lies across both axes. A [*saddle*](../glossary.md#saddle-point): flat in the middle,
uphill to the left and right, downhill to the front and back; you start close to its ridge. And Rosenbrock's valley,
curved like a banana, a classic test since 1960. You have their slopes from the chain rule.
"""

# %%
c, s = math.cos(0.6), math.sin(0.6)                      # the angle of the turn: 0.6 radians, 34 degrees


def turned(w):
    return ravine([c * w[0] + s * w[1], -s * w[0] + c * w[1]])


def turned_gradient(w):
    g = ravine_gradient([c * w[0] + s * w[1], -s * w[0] + c * w[1]])
    return np.array([c * g[0] - s * g[1], s * g[0] + c * g[1]])


def saddle(w):
    return 5 * w[0] ** 2 - 0.5 * w[1] ** 2 + 0.25 * w[1] ** 4 + 0.25


def saddle_gradient(w):
    return np.array([10 * w[0], -w[1] + w[1] ** 3])


def rosenbrock(w):
    return (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2


def rosenbrock_gradient(w):
    return np.array([-2 * (1 - w[0]) - 400 * w[0] * (w[1] - w[0] ** 2), 200 * (w[1] - w[0] ** 2)])

# %%
landscapes = {"ravine": (ravine, ravine_gradient, (-4, 1)),
              "turned ravine": (turned, turned_gradient, (-4 * c - s, -4 * s + c)),
              "saddle": (saddle, saddle_gradient, (-1.4, 0.001)),
              "Rosenbrock": (rosenbrock, rosenbrock_gradient, (-1.2, 1))}
for loss, gradient, start in landscapes.values():        # trust no slope that you have not nudged
    start = np.array(start, float)
    assert gradcheck.relative_error(gradient(start), gradcheck.numerical_gradient(loss, start)) < 1e-6

# %% [markdown]
r"""
A race is fair only if each runner may choose its learning rate. So each tries the same sixteen on each landscape, and
the one that brings the loss below 0.01, to stay there, in the fewest steps counts.
"""

# %%
rates = [digit * 10.0**power for power in range(-4, 1) for digit in (1, 2, 5)] + [10.0]
runners = {"descent": descent, "momentum": momentum, "Nesterov": nesterov, "Adagrad": adagrad, "RMSprop": rmsprop, "Adam": adam}


def steps_to_goal(rule, loss, gradient, start, lr, most=1000):
    """Steps until the loss is below 0.01 and stays there; `most` if that does not happen."""
    with np.errstate(all="ignore"):
        high = np.flatnonzero(~(loss(walk(rule, gradient, start, most, lr=lr).T) < 0.01))   # NaN is not below
    return min(high[-1] + 1, most)


# %%
best_rate = {}
print(f"{'steps needed':12}" + "".join(f"{place:>16}" for place in landscapes))
for name, rule in runners.items():
    row = ""
    for place, landscape in landscapes.items():
        steps = {lr: steps_to_goal(rule, *landscape, lr) for lr in rates}
        lr = best_rate[name, place] = min(steps, key=steps.get)
        row += f"{steps[lr] if steps[lr] < 1000 else 'over 1000':>16}"
    print(f"{name:12}{row}")

# %%
FRAMES = [0, 2, 4, 7, 11, 16, 23, 34, 50, 80, 120]
shown = {"descent": "C5", "momentum": "C1", "RMSprop": "C2", "Adam": "C0"}
boxes = {"turned ravine": (-4.5, 1.5, -3.5, 1.5), "saddle": (-1.6, 1.3, -0.5, 1.5), "Rosenbrock": (-1.8, 1.8, -0.8, 2.0)}
goals = {"turned ravine": (0, 0), "saddle": (0, 1), "Rosenbrock": (1, 1)}
paths = {(name, place): walk(runners[name], landscapes[place][1], landscapes[place][2], FRAMES[-1], lr=best_rate[name, place])
         for name in shown for place in boxes}


def race_frame(step):
    fig, axes = plot.figure(f"The ball overshoots, descent waits on the ridge (step {step})", ncols=3, size=(6.6, 2.5))
    for ax, place in zip(axes, boxes):
        left, right, low, high = boxes[place]
        a, b = np.meshgrid(np.linspace(left, right, 80), np.linspace(low, high, 80))
        ax.contour(a, b, np.log(landscapes[place][0](np.array([a, b])) + 0.1), levels=3, colors="0.75", linewidths=0.7)
        ax.plot(*goals[place], "*", color="k", ms=10)
        for name, color in shown.items():
            path = paths[name, place][:step + 1]
            ax.plot(*path.T, "-", lw=1.2, color=color)
            ax.plot(*path[-1], "o", ms=6, color=color, label=name)
        ax.set(xlim=(left, right), ylim=(low, high), title=place, xticks=[], yticks=[])
    axes[0].legend(loc="lower right", fontsize=8)
    return fig


plot.animate(race_frame, FRAMES, fps=2,
             alt="Three landscapes seen from above; in each, four paths grow from frame to frame towards a star. Turned ravine: "
                 "momentum swings along it and past the star, Adam follows with smaller swings, descent creeps, RMSprop stays "
                 "near the start. Saddle: RMSprop and Adam leave the ridge at once; momentum waits for about twenty steps, "
                 "descent for fifty. Rosenbrock: momentum runs down the curved valley and past the star, Adam is still on its "
                 "way after 120 steps, descent and RMSprop are still near the start.")

# %% [markdown]
r"""
What the table and the film say:

- Momentum and Nesterov help in every landscape. Turning the ravine changes nothing for them: a ball does not know
  where the axes are.
- Adagrad crosses the straight ravine in a handful of steps, because there each weight has one curvature, and a step
  length for each weight is all that is needed. In the turned ravine each weight has a share in the steep direction
  and in the flat one, and most of the advantage is gone. Step lengths per weight help when the *weights* differ, as
  in the shop.
- On the ridge of the saddle the slope is nearly 0, and descent waits. RMSprop and Adam divide the small slope by its
  own small size and leave at once.
- RMSprop needs surprisingly many steps. With slopes divided by their own size its steps are about $\eta$ long,
  however near the goal. A rate that is small enough to stay there makes the way long.

No rule wins everywhere. And the last point asks for something new: a rate that is large at first and small in the
end.
"""

# %% [markdown]
r"""
## Change the rate on the way: schedules

Far from the goal you want long steps, near it short ones. With mini-batches that is more than a matter of taste:
their slopes are noisy even at the lowest point, and steps of constant length keep shaking the weights.

Put noise on the slopes of a ravine, and let a thousand walkers go, so that you see the mean and not the luck of one.
"""

# %%
def mean_losses(schedule, num_steps=600):
    rng, w, losses = np.random.default_rng(seed), np.tile([20.0, 5.0], (1000, 1)), []      # w: (1000, 2)
    for step in range(num_steps):
        losses.append(np.mean(0.02 * w[:, 0] ** 2 + w[:, 1] ** 2) / 2)
        w = w - schedule(step) * (w * [0.02, 1] + rng.normal(size=w.shape))                # slopes and noise
    return losses


def cosine(step, lr, num_steps):
    return lr * (1 + math.cos(math.pi * step / num_steps)) / 2   # from lr at step 0 to 0 at num_steps


# %%
fig, ax = plot.figure("A constant rate is too shaky or too slow; the cosine is neither", xlabel="step",
                      ylabel="mean loss (log scale)")
for label, schedule, color in (("constant 0.5", lambda step: 0.5, "C1"), ("constant 0.1", lambda step: 0.1, "C2"),
                               ("cosine from 0.5", lambda step: cosine(step, 0.5, 600), "C0")):
    losses = mean_losses(schedule)
    ax.semilogy(losses, color=color)
    ax.text(608, losses[-1], label, color=color, va="center")
ax.set_xlim(0, 800)
plot.show(fig, alt="Mean loss of a thousand noisy walks over 600 steps. At the constant rate 0.5 it falls fast and then stays level. At "
                   "0.1 it is still falling at the end, and higher. With the cosine schedule it falls as fast as the first and keeps "
                   "falling, to a fraction of both.")

# %% [markdown]
r"""
A [*schedule*](../glossary.md#learning-rate-schedule) gives the learning rate as a function of the step. Four are in
common use. Each is a line or two:

- *step decay*: divide by ten after every so many steps;
- *cosine*: half a wave, slow at both ends;
- *warm-up*, then cosine: climb to the full rate in the first steps, when the slopes are steep and Adam's averages
  know little. It was introduced for training at very large rates (Priya Goyal and others, 2017);
- *one-cycle*: a long climb and a longer way down, to nearly nothing (Leslie Smith and Nicholay Topin, 2018).
"""

# %%
def step_decay(step, lr, every):
    return lr * 0.1 ** (step // every)


def warmup_cosine(step, lr, num_steps, warmup_steps):
    if step < warmup_steps:
        return lr * (step + 1) / warmup_steps
    return cosine(step - warmup_steps, lr, num_steps - warmup_steps)


def one_cycle(step, lr, num_steps):
    top = 0.3 * num_steps - 1                            # the step with the highest rate
    if step < top:
        return lr / 25 + (lr - lr / 25) * (1 - cosine(step, 1, top))
    return lr / 25e4 + (lr - lr / 25e4) * cosine(step - top, 1, num_steps - 1 - top)


# %%
num_steps = 300
schedules = {"step decay": lambda step: step_decay(step, 1, 100), "cosine": lambda step: cosine(step, 1, num_steps),
             "warm-up and cosine": lambda step: warmup_cosine(step, 1, num_steps, 30),
             "one-cycle": lambda step: one_cycle(step, 1, num_steps)}
fig, axes = plot.figure("Four ways to change the learning rate", ncols=4, xlabel="step", size=(7.4, 2.4))
for ax, (name, schedule) in zip(axes, schedules.items()):
    ax.plot([schedule(step) for step in range(num_steps)])
    ax.set(title=name, ylim=(0, 1.05))
axes[0].set_ylabel("share of lr")
plot.show(fig, alt="Four curves over 300 steps. Step decay: stairs from 1 to a tenth and a hundredth. Cosine: half a wave from 1 to 0. "
                   "Warm-up and cosine: a short straight ramp, then the half wave. One-cycle: a rise over the first third, "
                   "then a fall to 0.")

# %%
for step in range(num_steps):
    assert np.isclose(step_decay(step, 1, 100), optim.step_decay(step, 1, every=100))
    assert np.isclose(cosine(step, 1, num_steps), optim.cosine(step, 1, num_steps))
    assert np.isclose(warmup_cosine(step, 1, num_steps, 30), optim.warmup_cosine(step, 1, num_steps, 30))
    assert np.isclose(one_cycle(step, 1, num_steps), optim.one_cycle(step, 1, num_steps))
print("introdl.optim has the same four")

# %% [markdown]
r"""
## Give each parameter its own memory

So far one array `w` had one memory. Our network has six parameter arrays, and each needs its own, since its velocity
and its averages have its shape. Here is a whole training step: backprop fills `net.grads`, the rule moves each
parameter. `p[...] =` writes into the array, so that the network sees it.
"""

# %%
def train_step(net, X, y, rule, memories, lr):
    net.backward(nn.cross_entropy_backward(net.forward(X), y))
    for p, g, memory in zip(net.params, net.grads, memories):
        p[...] = rule(p, g, memory, lr=lr)


net = make_net(seed)
memories = [{} for _ in net.params]                      # one for each parameter
for X_batch, y_batch in train.minibatches(X, y, 64, np.random.default_rng(seed)):
    train_step(net, X_batch, y_batch, adam, memories, lr=0.003)
print(f"validation accuracy after one epoch of Adam: "
      f"{metrics.accuracy(digits.y_val, net.forward(digits.X_val).argmax(axis=1)):.1%}")

# %% [markdown]
r"""
`introdl.optim` holds all of these as classes that keep the memories themselves: `optim.Adam(net.params, lr=0.003)`.
`train.fit_numpy` takes one of them, and a schedule. The same batches must lead to the same network:
"""

# %%
twin = make_net(seed)
history = train.fit_numpy(twin, digits, num_epochs=1, batch_size=64, rng=np.random.default_rng(seed),
                          optimizer=optim.Adam(twin.params, lr=0.003))
assert np.allclose(twin.forward(digits.X_val), net.forward(digits.X_val), atol=1e-3)
print(f"validation accuracy {history['val_accuracy'][-1]:.1%}")

# %% [markdown]
r"""
## Find a learning rate in two epochs

Which rate to begin with? The [*learning-rate range test*](../glossary.md#learning-rate-range-test) (Leslie Smith,
2017) asks the network: take one step at a tiny rate, the next at a slightly larger one, and so on to a rate that is
far too large. Watch the loss. The losses of single batches are noisy, so smooth it, with a running average whose bias
is corrected: Adam's trick once more.
"""

# %%
def range_test(net, make_optimizer, lrs, rng):
    optimizer, mean, smooth = make_optimizer(net.params, lrs[0]), 0.0, []
    batches = [batch for _ in range(2) for batch in train.minibatches(X, y, 64, rng)]
    for t, (lr, (X_batch, y_batch)) in enumerate(zip(lrs, batches), start=1):
        logits = net.forward(X_batch)
        net.backward(nn.cross_entropy_backward(logits, y_batch))
        optimizer.lr = lr
        optimizer.step(net.grads)
        mean = 0.9 * mean + 0.1 * nn.cross_entropy(logits, y_batch)
        smooth.append(mean / (1 - 0.9**t))
        if smooth[-1] > 4 * min(smooth):                 # it has seen enough
            break
    return lrs[:len(smooth)], np.array(smooth)


lrs = np.geomspace(1e-5, 10, 100)
tested = {"SGD": range_test(make_net(seed), optim.SGD, lrs, np.random.default_rng(seed)),
          "Adam": range_test(make_net(seed), optim.Adam, lrs, np.random.default_rng(seed))}

# %%
fig, ax = plot.figure("Adam learns at rates at which SGD does not yet move", xlabel="learning rate (log scale)", ylabel="smoothed loss")
for (name, (lrs_tested, losses)), color in zip(tested.items(), ("C1", "C0")):
    ax.semilogx(lrs_tested, losses, color=color)
    low = losses.argmin()
    ax.plot(lrs_tested[low], losses[low], "o", color=color)
    ax.text(lrs_tested[low], losses[low] - 0.2, f"{name} {lrs_tested[low]:.2g}", color=color, va="top")
ax.set_ylim(0, 5)
plot.show(fig, alt="Smoothed training loss while the learning rate grows from one step to the next, on a logarithmic axis. Adam's "
                   "curve stays level, falls from about 0.0005 on to its lowest point near 0.02, rises, and shoots up near 0.4. "
                   "SGD's stays level much longer, is lowest near 0.6, and shoots up above 1. The lowest points are marked.")

# %% [markdown]
r"""
Read it from left to right: too small to learn anything; falling, the range that works; then the explosion. At the
lowest point the rate is already about to be too large. The usual choice lies a factor of three to ten below it. The
ranges of SGD and Adam lie far apart, so a rate that is good for one says nothing about the other.

It is a hint and not a verdict: the test sees only the first hundred steps. `train.find_lr_numpy` does the same on a
copy of the network.
"""

# %%
lrs_tested, losses = train.find_lr_numpy(make_net(seed), digits, batch_size=64, rng=np.random.default_rng(seed),
                                         make_optimizer=optim.Adam)
assert np.allclose(losses, tested["Adam"][1], rtol=1e-3)
suggested = {name: lrs_tested[losses.argmin()] / 3 for name, (lrs_tested, losses) in tested.items()}
print("a third of the lowest point:", {name: float(f"{lr:.2g}") for name, lr in suggested.items()})

# %% [markdown]
r"""
## A fair race on handwritten digits

What makes a race of optimizers fair?

- the same network, the same first weights, the same batches, the same budget: five epochs;
- a learning rate of its own for each, and for all the same number of tries: four, a factor of three apart;
- choices are made on the validation set, by the loss, which is less jumpy than the accuracy; and no choice lies at
  the edge of its range, since something better might lie beyond;
- several seeds, because luck differs: three sets of first weights each.

All of them use a schedule, one epoch of warm-up and then the cosine. And Adam runs a second time without one, to see
what the schedule is worth.
"""

# %%
def momentum_sgd(params, lr):
    return optim.SGD(params, lr, momentum=0.9)


def nesterov_sgd(params, lr):
    return optim.SGD(params, lr, momentum=0.9, nesterov=True)


racers = {"SGD": (optim.SGD, 0.03), "momentum": (momentum_sgd, 0.01), "Nesterov": (nesterov_sgd, 0.01),
          "Adagrad": (optim.Adagrad, 0.01), "RMSprop": (optim.RMSprop, 0.001), "Adam": (optim.Adam, 0.001),
          "AdamW": (optim.AdamW, 0.003), "Adam, constant": (optim.Adam, 0.0003)}     # and the lowest rate to try
all_rates = [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0]


def tries_of(name):
    first = all_rates.index(racers[name][1])
    return all_rates[first:first + 4]

# %%
num_epochs, steps_per_epoch = 5, math.ceil(len(X) / 64)


def run(name, lr, net_seed, warmup_steps=steps_per_epoch):
    """A network trained by this racer at this rate, and its history."""
    net = make_net(net_seed)
    schedule = None if "constant" in name else (
        lambda step: warmup_cosine(step, lr, num_epochs * steps_per_epoch, warmup_steps))
    with np.errstate(all="ignore"):
        return net, train.fit_numpy(net, digits, num_epochs=num_epochs, batch_size=64, rng=np.random.default_rng(net_seed),
                                    optimizer=racers[name][0](net.params, lr), schedule=schedule)


def mean_of_last(what, runs):
    return np.mean([history[what][-1] for _, history in runs])


# %%
tried = {(name, lr): [run(name, lr, net_seed) for net_seed in (seed, seed + 1, seed + 2)]
         for name in train.track(racers, "racing") for lr in tries_of(name)}
chosen = {name: min(tries_of(name), key=lambda lr: mean_of_last("val_loss", tried[name, lr])) for name in racers}
for name, lr in chosen.items():
    assert lr not in (tries_of(name)[0], tries_of(name)[-1]), f"{name} would like to go beyond its range"

# %%
fig, ax = plot.figure("Each optimizer has learning rates of its own", xlabel="learning rate", size=(6.4, 3.8))
table = np.full((len(racers), len(all_rates)), np.nan)
for row, name in enumerate(racers):
    for lr in tries_of(name):
        loss = table[row, all_rates.index(lr)] = mean_of_last("val_loss", tried[name, lr])
        ax.text(all_rates.index(lr), row, f"{loss:.2f}", ha="center", va="center", color="white" if loss < 0.4 else "black",
                weight="bold" if lr == chosen[name] else "normal")
ax.imshow(table, vmin=0.1, vmax=0.6, cmap="Blues_r", aspect="auto")
ax.set_xticks(range(len(all_rates)), all_rates)
ax.set_yticks(range(len(racers)), racers)
plot.show(fig, alt="A table of validation losses after five epochs: optimizers in rows, learning rates from 0.0003 to 1 in columns, darker is "
                   "better; each optimizer has tried four neighbouring rates. The darkest fields lie at 0.3 for SGD, at 0.1 for momentum, "
                   "Nesterov and Adagrad, near 0.01 for RMSprop, Adam and AdamW, and further left, and paler, for Adam without a schedule.")

# %% tags=["nbval-ignore-output"]
print(f"{'':16}rate   validation accuracy")
for name in racers:
    shares = [history["val_accuracy"][-1] for _, history in tried[name, chosen[name]]]
    print(f"{name:16}{chosen[name]:<7}{np.mean(shares):.1%} ({min(shares):.1%} to {max(shares):.1%})")

# %%
fig, ax = plot.figure("A schedule costs Adam its early lead and wins the end", xlabel="epoch", ylabel="validation loss")
for name, color in {"SGD": "C5", "momentum": "C1", "Adam": "C0", "Adam, constant": "C2"}.items():
    losses = np.mean([history["val_loss"] for _, history in tried[name, chosen[name]]], axis=0)
    ax.plot(range(1, num_epochs + 1), losses, "o-", ms=3, color=color, label=name)
ax.set(ylim=(0.1, 0.65), xticks=range(1, num_epochs + 1))
ax.legend()
plot.show(fig, alt="Validation loss over five epochs, the mean of three networks each. Adam at a constant rate is lowest after the first "
                   "epoch and then levels off. Adam with a schedule is behind at first and passes it in the third epoch; it ends lowest, "
                   "before momentum. SGD with a schedule ends as high as Adam without one.")

# %% [markdown]
r"""
Read the table before the winner. Plain SGD lags behind, and Adam without a schedule, too. Among the first four or
five the seeds differ about as much as the optimizers: even their order depends on whether you look at the loss or at
the accuracy. But from one *rate* to another the loss changes several times over. So a race at one rate for all is
decided by whoever picks the rate:
"""

# %% tags=["nbval-ignore-output"]
for lr in (0.003, 0.3):
    shares = {name: mean_of_last("val_accuracy", [run(name, lr, seed)]) for name in ("SGD", "Adam")}
    print(f"both at {lr}: " + ", ".join(f"{name} {share:.1%}" for name, share in shares.items()))

# %% [markdown]
r"""
And the range test? And the warm-up: did it help? Compare Adam with and without.
"""

# %% tags=["nbval-ignore-output"]
for name in ("SGD", "Adam"):
    print(f"{name}: suggested by the range test {suggested[name]:.2g}, chosen in the race {chosen[name]}")
cold = [run("Adam", chosen["Adam"], net_seed, warmup_steps=0) for net_seed in (seed, seed + 1, seed + 2)]
print(f"Adam's validation loss: {mean_of_last('val_loss', tried['Adam', chosen['Adam']]):.2f} with warm-up, "
      f"{mean_of_last('val_loss', cold):.2f} without")

# %% [markdown]
r"""
The range test pointed to the right neighbourhood, for the price of one run. Warm-up made no difference worth naming
here: a small network with well-scaled first weights does not need it. What helped was the falling rate.

Reports that "Adam is better than SGD", or the other way round, often come from a race at one rate. What holds more
often: Adam is easier to tune, SGD with momentum needs less memory (one array a parameter besides the weights; Adam
keeps two), and a schedule helps both.

Every choice is made. Now the test set, once, for the optimizer with the lowest validation loss.
"""

# %% tags=["nbval-ignore-output"]
winner = min(racers, key=lambda name: mean_of_last("val_loss", tried[name, chosen[name]]))
net, _ = tried[winner, chosen[winner]][0]
print(f"the winner: {winner} at {chosen[winner]}")

# %% tags=["nbval-ignore-output"]
y_hat = net.forward(digits.X_test).argmax(axis=1)
correct = int((y_hat == digits.y_test).sum())
metrics.headline("test accuracy of the race's winner", correct / len(y_hat), 0.927,
                 interval=metrics.wilson_interval(correct, len(y_hat)))

# %% [markdown]
r"""
## What goes wrong

**Inputs and labels shuffled apart.** Two calls of `permutation`, two orders, and each digit gets the label of
another. Nothing crashes. The loss settles at $\ln 10$, since the best that can be learned from random labels is to
give each class a tenth.
"""

# %%
rng = np.random.default_rng(seed)
apart = digits._replace(X_train=X[rng.permutation(len(X))], y_train=y[rng.permutation(len(y))])
net = make_net(seed)
history = train.fit_numpy(net, apart, num_epochs=2, batch_size=64, rng=rng, optimizer=optim.Adam(net.params, 0.003))
print(f"training loss {history['train_loss'][-1]:.2f}; ln 10 = {np.log(10):.2f}; "
      f"validation accuracy {history['val_accuracy'][-1]:.0%}")

# %% [markdown]
r"""
**One memory for all parameters.** `[{}] * 6` looks like six memories. It is one, listed six times. With shapes that
differ, NumPy may complain; with equal shapes nobody does. Here are the two weights of the ravine as two parameters:
"""

# %%
def two_parameters(memories):
    params = [np.array([-4.0]), np.array([1.0])]
    for _ in range(60):
        grads = [params[0] * 1, params[1] * 50]
        params = [momentum(p, g, memory, lr=0.01) for p, g, memory in zip(params, grads, memories)]
    return ravine(np.concatenate(params))


for name, memories in (("own memories", [{} for _ in range(2)]), ("one shared", [{}] * 2)):
    print(f"{name:12}: loss after 60 steps {two_parameters(memories):.2g}")

# %% [markdown]
r"""
**No bias correction.** Both averages of Adam start at 0, but the one below the fraction line is the slower one, so
the steps come out too *long*, and not only the first:
"""

# %%
def adam_uncorrected(w, g, memory, lr):
    memory["m"] = 0.9 * memory.get("m", 0) + 0.1 * g
    memory["v"] = 0.999 * memory.get("v", 0) + 0.001 * g**2
    return w - lr * memory["m"] / (np.sqrt(memory["v"]) + 1e-8)


lengths = -np.diff(walk(adam_uncorrected, always_one, [0.0], 1000, lr=1.0)[:, 0])
for t in (1, 10, 100, 1000):
    print(f"step {t:4}: {lengths[t - 1]:.1f} times the learning rate, instead of 1")

# %% [markdown]
r"""
**The gradient not squared.** Then slopes of both signs cancel, and a negative sum has no root:
"""

# %%
with np.errstate(invalid="ignore"):
    print("a slope of -0.5, not squared: step", 0.1 * -0.5 / np.sqrt(-0.5))

# %% [markdown]
r"""
**Epsilon under the root.** $\sqrt{s + \epsilon}$ or $\sqrt{s} + \epsilon$? Books write both. It is a convention, and
not a harmless one: under the root, $10^{-8}$ becomes $10^{-4}$, and a weight with slopes below that stands nearly
still.
"""

# %%
for g in (1.0, 1e-3, 1e-6):
    outside, inside = g / (np.sqrt(g**2) + 1e-8), g / np.sqrt(g**2 + 1e-8)
    print(f"slope {g:5.0e}: first step {outside:.2f} times lr, with epsilon under the root {inside:.2f}")

# %% [markdown]
r"""
**Where to begin?** For a new network: Adam or AdamW, a range test for the rate, warm-up and cosine, and three tries
around the rate before you try anything else. If the loss is NaN or jumps about, divide the rate by ten. If two
optimizers differ by less than the seeds do, take the simpler one.
"""

# %% [markdown]
r"""
## Summary

- The learning rate must stay below $2/c$, with $c$ the largest curvature; the smallest one then sets how long the way
  takes.
- Mini-batches: the slope's error falls with the root of the batch size, so many rough steps beat few exact ones.
- Momentum adds up what keeps its direction and cancels what does not. Nesterov takes the slope ahead.
- Adagrad, RMSprop and Adam give each weight a step length of its own; Adam corrects its averages for their start at
  0.
- Schedules take long steps early and short ones late. The learning rate matters more than the optimizer, so tune it,
  for each optimizer alone, on validation data.

## Three quick questions

**1.** A loss has curvatures between 0.5 and 20. From which learning rate on does plain gradient descent diverge?

<details>
<summary>Answer</summary>

From 2/20 = 0.1 on: the steepest direction decides. Its factor is 1 - 0.1 · 20 = -1, so the distance there no longer
shrinks.

</details>

**2.** You switch from SGD to SGD with momentum 0.9. What should you do with the learning rate, and why?

<details>
<summary>Answer</summary>

Divide it by about ten. On a slope that keeps its direction the velocity grows to $1/(1 - 0.9) = 10$ times the
gradient, so the same rate would give steps ten times as long.

</details>

**3.** You multiply the loss by 1,000. What happens to the steps of SGD, and to those of Adam?

<details>
<summary>Answer</summary>

All gradients grow by 1,000. SGD's steps grow with them, and it probably diverges. In Adam the factor stands above and
below the fraction line and cancels (up to epsilon): its steps stay as they were.

</details>

Now write it yourself: [the exercises](exercises.ipynb).
"""
