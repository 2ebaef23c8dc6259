# %% [markdown]
r"""
# Keep the signal alive through depth

> **Time**: {{run_time}} to run, 70 minutes to study.
>
> **What you do**: watch numbers fade to nothing or grow to infinity on their way through fifty layers, and slopes on their way
> back; work out which first weights keep both alive; see why weights must not start equal; put a limit on steps that would go
> too far; train a network of twenty layers that learns nothing otherwise.
>
> **What you need first**: [unit 00](../00_start/lesson.ipynb) (mean, variance),
> [unit 03](../03_backprop/lesson.ipynb) (the backward pass, gradient descent),
> [unit 04](../04_activations/lesson.ipynb) (ReLU, tanh, saturation).
"""

# %%
import math

import numpy as np

from introdl import data, init, metrics, nn, optim, plot, train

seed = 0
digits = data.mnist5k()

# %% [markdown]
r"""
## Twenty layers that learn nothing

A network for handwritten digits, twenty dense layers deep, 64 neurons wide, ReLU between them. The first weights are
drawn at random, from a normal distribution with mean 0 and standard deviation 0.01: small numbers, nothing special.
"""

# %% tags=["nbval-ignore-output"]
def deep_net(draw, seed, num_layers=20, width=64, bend=nn.ReLU):
    """Dense layers with a bend between them; `draw(shape, rng)` makes the first weights."""
    sizes, rng, layers = [784] + [width] * (num_layers - 1) + [10], np.random.default_rng(seed), []
    for n_in, n_out in zip(sizes, sizes[1:]):
        dense = nn.Dense(n_in, n_out, rng)
        dense.params[0][...] = draw((n_in, n_out), rng)
        layers += [dense, bend()]
    return nn.Sequential(*layers[:-1])                     # no bend after the last layer


def small(shape, rng):
    return rng.normal(0, 0.01, size=shape)


net = deep_net(small, seed)
history = train.fit_numpy(net, digits, num_epochs=5, batch_size=64, lr=0.1, rng=np.random.default_rng(seed))
print("training loss, epoch by epoch:", *(f"{loss:.4f}" for loss in history["train_loss"]))
print(f"ln 10 is {math.log(10):.4f}")

# %% [markdown]
r"""
Five epochs, and the loss has not moved from $\ln 10$: the network guesses. Nothing is broken. The gradients pass
every check of [unit 03](../03_backprop/lesson.ipynb). So where does the learning get lost? Send some digits in and
look at how large the numbers are that come out of each layer.
"""

# %%
def forward_sizes(net, X):
    """The typical size (root of the mean square) of what enters the network, then of what each dense layer puts out."""
    sizes = [X]
    for layer in net.layers:
        X = layer.forward(X)
        sizes += [X] if isinstance(layer, nn.Dense) else []
    return np.array([np.sqrt(np.mean(np.square(Z, dtype=np.float64))) for Z in sizes])


net = deep_net(small, seed)
X, y = digits.X_train[:200], digits.y_train[:200]
for layer, size in list(enumerate(forward_sizes(net, X)))[::4]:
    print(f"after layer {layer:2}: {size:.1e}" if layer else f"the pixels    : {size:.1e}")

# %% [markdown]
r"""
Each layer shrinks the signal to a small part, and after twenty there is practically nothing left. What the last layer
hears does not depend on the digit any more. And on the way back, the slopes suffer the same. This is the
[*vanishing gradient*](../glossary.md#vanishing-gradient):
"""

# %%
def backward_sizes(net, X, y):
    """The typical size of the slopes of the loss at each dense layer's output, from the first layer to the last."""
    slope, sizes = nn.cross_entropy_backward(net.forward(X), y), []
    for layer in reversed(net.layers):
        sizes += [slope] if isinstance(layer, nn.Dense) else []
        slope = layer.backward(slope)
    return np.array([np.sqrt(np.mean(np.square(S, dtype=np.float64))) for S in reversed(sizes)])


sizes = backward_sizes(net, X, y)
print(f"slopes at layer 20: {sizes[-1]:.1e}, layer 10: {sizes[9]:.1e}, layer 1: {sizes[0]:.1e}")

# %% [markdown]
r"""
A step with such a gradient changes nothing that a float32 could hold. So make the weights larger? Watch the signal go
through fifty layers, for three sizes of the first weights. Press play: each frame is one layer further. The axis
counts powers of ten.
"""

# %%
def normal_weights(std):
    return lambda shape, rng: rng.normal(0, std, size=shape)


def outputs(std, num_layers=50):
    """What each dense layer puts out, in float64, as the base-10 logarithm of its absolute value."""
    Z, found, rng = X.astype(float), [], np.random.default_rng(seed)
    for layer in range(num_layers):
        Z = (np.maximum(Z, 0) if layer else Z) @ rng.normal(0, std, size=(Z.shape[1], 64))
        found.append(np.log10(np.abs(Z) + 1e-300).ravel())
    return found


stds = {0.05: "C1", 0.1768: "C0", 0.5: "C2"}
fading = {std: outputs(std) for std in stds}


# %%
def depth_frame(layer):
    middles = [np.median(fading[std][layer - 1]) for std in stds]
    fig, ax = plot.figure(f"After layer {layer}: largest and smallest are $10^{{{max(middles) - min(middles):.0f}}}$ apart",
                          "size of the outputs, as a power of ten", "share of the outputs", size=(6.8, 3.2))
    for k, (std, color) in enumerate(stds.items()):
        values = fading[std][layer - 1]
        ax.hist(values, bins=np.arange(-42, 42, 0.5), weights=np.full(len(values), 1 / len(values)), color=color, alpha=0.7)
        ax.text(middles[k], 0.57 - 0.04 * k, f"std {std:.2g}", color=color, ha="center")
    ax.set(xlim=(-40, 40), ylim=(0, 0.62))
    return fig


plot.animate(depth_frame, [1, 2, 3, 5, 8, 11, 15, 20, 25, 30, 35, 40, 45, 50], fps=3,
             alt="Histograms of the sizes of a layer's outputs on a scale of powers of ten, layer after layer, for three standard "
                 "deviations of the weights. All start close together near one. With 0.05 the histogram wanders left to ten to the "
                 "minus 28, with 0.5 it wanders right to ten to the plus 22. With 0.18 it stays where it began.")

# %% [markdown]
r"""
Too small, and the signal vanishes; too large, and it *explodes*. Between them lies a value at which it neither fades
nor grows, even after fifty layers, and 0.18 seems to be near it. Where does that number come from?
"""

# %% [markdown]
r"""
### Down to infinity and NaN

First see how bad it can get. Layers compute in float32, whose largest number is about $3.4 \cdot 10^{38}$. Weights of
standard deviation 2, fifty layers:
"""

# %%
huge = deep_net(normal_weights(2.0), seed, num_layers=50)
with np.errstate(all="ignore"):                            # overflow is what we are after
    sizes = forward_sizes(huge, X)
    loss = nn.cross_entropy(huge.forward(X), y)
first_infinite = int(np.flatnonzero(np.isinf(sizes) | np.isnan(sizes))[0])
print(f"largest float32 {np.finfo(np.float32).max:.1e}; layer {first_infinite} leaves it behind; the loss is {loss}")

# %% [markdown]
r"""
An output becomes `inf`, the next layer computes $\infty - \infty$, which is NaN, "not a number", and a NaN infects
all it touches: the loss, every gradient, after one step every weight. If you ever see a loss of NaN, look for a
number that grew too large, and look early: it is the first one that matters.
"""

# %% [markdown]
r"""
## How much does a layer change the size?

One neuron computes $z = \sum_{i=1}^{n} w_i x_i$ (the bias starts at 0). Draw the weights independently, with mean 0
and variance $\sigma_w^2$, and take the inputs as given. One term $w_i x_i$ then has mean 0 and variance
$\sigma_w^2 x_i^2$: a factor changes the variance by its square. The variances of independent terms add up. So with
$\overline{x^2}$, the mean *square* of the inputs (not their variance),

$$\operatorname{Var}(z) \;=\; n \,\sigma_w^2 \; \overline{x^2}.$$

A sum of $n$ terms has $n$ times the variance of one. Try it: 1,000 neurons, inputs with another mean than 0.
"""

# %%
rng = np.random.default_rng(seed)
inputs = rng.normal(0.5, 1.0, size=256)                    # n = 256
for std in (0.01, 0.1):
    z = inputs @ rng.normal(0, std, size=(256, 1000))
    print(f"std of the weights {std}: variance of z {z.var():.4f}, formula {256 * std**2 * np.mean(inputs**2):.4f}")

# %% [markdown]
r"""
Then comes ReLU. The sums $z$ are as often negative as positive, symmetric about 0. ReLU sets the negative half to 0,
and of the mean square just half is left: $\overline{\operatorname{ReLU}(z)^2} = \tfrac12 \operatorname{Var}(z)$. Put
both together for one layer after another:

$$\overline{x_\text{next}^2} \;=\; \underbrace{\tfrac12\, n\, \sigma_w^2}_{\text{factor a layer}} \;\; \overline{x^2}.$$

Fifty layers multiply by the fiftieth power of that factor. Only one value survives fiftyfold repetition: 1. So
$\sigma_w^2 = 2/n$. For $n = 64$ that is a standard deviation of 0.177: the number you saw. This is
[*Kaiming initialization*](../glossary.md#kaiming-initialization), also called He initialization ([He and others
2015](https://arxiv.org/abs/1502.01852)).

Does the formula foretell what a layer does? Measure the factor for ten sizes of weights, averaged over 30 layers:
"""

# %%
some_stds = np.geomspace(0.02, 1.0, 10)
measured = [10 ** (np.median(found[-1]) - np.median(found[19]))  # from layer 20 to layer 50
            for found in map(outputs, some_stds)]
per_layer = np.array(measured) ** (1 / 30)
predicted = np.sqrt(64 * some_stds**2 / 2)                 # root: sizes, not squares
print("largest deviation from the formula:", f"{np.abs(per_layer / predicted - 1).max():.1%}")

# %%
fig, ax = plot.figure("One formula foretells how fast the signal fades or grows", "standard deviation of the weights (log scale)",
                      "factor a layer (log scale)")
ax.loglog(some_stds, predicted, color="C0")
ax.loglog(some_stds, per_layer, "o", color="C1")
ax.axhline(1, color="0.6", lw=1, ls="--")
ax.axvline(math.sqrt(2 / 64), color="0.6", lw=1, ls="--")
ax.text(0.022, 1.1, "neither fades nor grows", color="0.4")
ax.text(math.sqrt(2 / 64) * 1.05, 0.13, "Kaiming", color="0.4")
ax.text(0.3, 1.0, "formula", color="C0")
ax.text(0.42, 3.6, "measured", color="C1", ha="right")
plot.show(fig, alt="The factor by which one layer changes the signal, over the standard deviation of its weights, both on log scales. "
                   "Ten measured dots lie on the straight line of the formula. It crosses the factor one at a standard deviation "
                   "of 0.18, marked Kaiming.")

# %% [markdown]
r"""
### The way back

Backprop multiplies the slopes by $W^T$ and by ReLU's slope, which is 0 for half of the sums and 1 for the rest. It is
the same sum again, only that each input collects slopes from the $n_\text{out}$ neurons that it feeds. The factor a
layer is $\tfrac12\, n_\text{out}\, \sigma_w^2$.

The number of inputs of a neuron is called its [*fan-in*](../glossary.md#fan-in), the number of neurons that an input
feeds the *fan-out*. For a matrix of shape $(n_\text{in}, n_\text{out})$, as in `nn.Dense`, they are its two sizes. In
a net whose layers are all equally wide, the two are the same, so one choice serves both ways. Move the slider and
compare signal and slopes.
"""

# %%
def both_ways_frame(std):
    net = deep_net(normal_weights(std), seed, num_layers=30)
    forward, backward = forward_sizes(net, X)[1:], backward_sizes(net, X, y)
    fig, ax = plot.figure(f"A layer changes sizes by about {math.sqrt(64 * std**2 / 2):.2g}, on both ways", "layer",
                          "typical size (log scale)", size=(6.4, 3.4))
    ax.semilogy(range(1, 31), forward, "o-", ms=4, color="C0")
    ax.semilogy(range(1, 31), backward, "s-", ms=4, color="C1")
    ax.text(30.4, forward[-1], "signal", color="C0", va="center")
    ax.text(0.6, backward[0], "slopes", color="C1", va="center", ha="right")
    ax.set(xlim=(-4, 35), ylim=(1e-28, 1e18), xticks=[1, 10, 20, 30])
    return fig


plot.explore(both_ways_frame, [0.03, 0.1, 0.15, 0.1768, 0.2, 0.3, 0.6], label="standard deviation of the weights", start=3,
             alt="Two curves on a log scale over thirty layers: the size of the signal, and the size of the slopes. For small weights "
                 "the signal falls from layer to layer, and the slopes fall in the other direction, from the last layer to the first. "
                 "At 0.177 both are flat. For large weights both grow along their way by many powers of ten.")

# %% [markdown]
r"""
Why does it matter that *both* stay alive? A weight's gradient is input times slope. The step of gradient descent has
one learning rate for all layers. Where signal or slopes differ by powers of ten between layers, no learning rate fits
all of them.
"""

# %% [markdown]
r"""
## Recipes for other bends

Without a bend, nothing is halved: the way forward wants $\sigma_w^2 = 1/n_\text{in}$, the way back $1/n_\text{out}$.
Glorot and Bengio ([2010](https://proceedings.mlr.press/v9/glorot10a.html)) took the middle:
[*Xavier initialization*](../glossary.md#xavier-initialization), $\sigma_w^2 = \frac{2}{n_\text{in} + n_\text{out}}$.
It also suits tanh and, after shifting, the sigmoid: near 0, tanh is nearly the identity.

Nearly. Tanh still shrinks whatever is not close to 0. A recipe makes up for that by a factor on the standard
deviation, its [*gain*](../glossary.md#gain). For ReLU it is $\sqrt2$, as derived. For tanh, PyTorch uses 5/3. See
what it does in fifty layers.
"""

# %% tags=["nbval-ignore-output"]
def xavier(shape, rng, gain=1.0):
    return rng.normal(0, gain * math.sqrt(2 / (shape[0] + shape[1])), size=shape)


def kaiming(shape, rng):
    return rng.normal(0, math.sqrt(2 / shape[0]), size=shape)                  # shape[0]: fan-in


ways = {"N(0, 0.01²)": small, "Xavier, gain 1": xavier, "Xavier, gain 5/3": lambda shape, rng: xavier(shape, rng, 5 / 3),
        "gain 5, too large": lambda shape, rng: xavier(shape, rng, 5.0)}
tanh_nets = {name: deep_net(draw, seed, num_layers=50, bend=nn.Tanh) for name, draw in ways.items()}
for name, net in tanh_nets.items():
    forward, backward = forward_sizes(net, X)[1:], backward_sizes(net, X, y)
    print(f"{name:18} signal at layer 10 {forward[9]:.1e}, at 49 {forward[48]:.1e}   slopes at layer 1 {backward[0]:.1e}")

# %%
fig, (left, right) = plot.figure("Fifty layers of tanh: too small fades, too large saturates", "layer", ncols=2, size=(7.4, 3.3))
for k, (name, net) in enumerate(tanh_nets.items()):
    left.semilogy(range(1, 50), forward_sizes(net, X)[1:50], color=f"C{k}", label=name)
    right.semilogy(range(1, 51), backward_sizes(net, X, y), color=f"C{k}")
left.set(ylabel="size of the sums", ylim=(1e-8, 1e2))
right.set(ylabel="size of the slopes", ylim=(1e-12, 1e6))
left.legend(fontsize=8, loc="lower right")
plot.show(fig, alt="Left, the size of the sums over 50 layers of tanh for four ways to draw the weights, on a log scale. N(0, 0.01 squared) "
                   "falls out of the picture at once, Xavier with gain 1 sinks slowly, with gain five thirds it levels off near one, with gain 5 near "
                   "five. Right, the sizes of the slopes: only the two Xavier lines stay within a few powers of ten; with gain 5 the slopes explode "
                   "towards the first layer.")

# %% [markdown]
r"""
For tanh the signal cannot explode, since its values end at 1. Instead it saturates, as in [unit
04](../04_activations/lesson.ipynb), and the *slopes* go wrong. With a gain of 5/3 the sums settle at a size where
tanh really bends; with a gain of 1 they fade slowly, over many layers.

The shape of the distribution plays no part in the derivation; only the variance does. A uniform distribution from
$-a$ to $a$ has variance $a^2/3$, so $a = \sqrt3\,\sigma_w$ does the same work. `introdl.init` has all of these
recipes:
"""

# %%
shape = (300, 100)
for ours, theirs in ((xavier, init.xavier_normal), (kaiming, init.kaiming_normal)):
    assert np.allclose(ours(shape, np.random.default_rng(1)), theirs(shape, np.random.default_rng(1)))
for name, recipe in (("kaiming_normal", init.kaiming_normal), ("kaiming_uniform", init.kaiming_uniform)):
    W = recipe(shape, np.random.default_rng(seed))
    print(f"{name:16} standard deviation {W.std():.4f} (wanted {math.sqrt(2 / 300):.4f}), largest {np.abs(W).max():.3f}")
print("gains:", {name: round(init.gain_of(name), 3) for name in ("linear", "tanh", "relu", "leaky_relu")})

# %% [markdown]
r"""
And `nn.Dense` has started with Kaiming weights ever since unit 02. That is why your networks learned.
"""

# %%
W = nn.Dense(784, 128, np.random.default_rng(seed)).params[0]
assert np.array_equal(W, init.kaiming_normal((784, 128), np.random.default_rng(seed)))
print(f"standard deviation of nn.Dense's first weights {W.std():.4f}, root of 2 / 784 is {math.sqrt(2 / 784):.4f}")

# %% [markdown]
r"""
## Why random at all?

If the size is all that matters, why not give every weight the same value? Take a small net with 8 hidden neurons, all
weights 0.05, and train it for three epochs.
"""

# %% tags=["nbval-ignore-output"]
def train_small(first):
    """The network 784-8-10 after three epochs; `first` draws its weights."""
    net = deep_net(first, seed, num_layers=2, width=8)
    train.fit_numpy(net, digits, num_epochs=3, batch_size=64, lr=0.1, rng=np.random.default_rng(seed))
    return net


for name, first in (("all weights 0.05", lambda shape, rng: np.full(shape, 0.05)), ("random", kaiming)):
    net = train_small(first)
    different = len(np.unique(net.params[0].round(4), axis=1).T)
    accuracy = metrics.accuracy(digits.y_val, net.forward(digits.X_val).argmax(axis=1))
    print(f"{name:17} {different} different hidden neurons of 8, validation accuracy {accuracy:.0%}")

# %% [markdown]
r"""
Neurons that start equal see the same inputs, put out the same value, get the same slope, and take the same step. They
stay equal for ever: eight neurons do the work of one. Random weights are there to make them different from the start.
This is called [*symmetry breaking*](../glossary.md#symmetry-breaking). Biases may all be 0, because the weights
already tell the neurons apart.
"""

# %%
hidden = deep_net(lambda shape, rng: np.full(shape, 0.05), seed, num_layers=2, width=8)
hidden.backward(nn.cross_entropy_backward(hidden.forward(X), y))
dW = hidden.grads[0]                                       # (784, 8): one column a hidden neuron
assert np.allclose(dW, dW[:, :1])
print("gradients of the eight neurons: all equal")

# %% [markdown]
r"""
## A limit for a single step

Good first weights keep slopes alive *at the start*. During training, a steep place can still give a gradient that is
a hundred times longer than usual, and one such step throws the weights far away. The remedy is simple: if the
gradient is too long, shorten it. This is [*gradient clipping*](../glossary.md#gradient-clipping).

*By norm*: write all gradients of the network one after the other as one long vector. If its length exceeds a limit,
multiply all of them by the same factor, so that the length is the limit.
"""

# %%
def clip_by_norm(grads, max_norm):
    norm = math.sqrt(sum((g**2).sum() for g in grads))     # one length for all gradients together
    factor = min(1.0, max_norm / norm) if norm > 0 else 1.0                    # never above 1: small ones stay small
    return [factor * g for g in grads]


def clip_by_value(grads, limit):
    return [np.clip(g, -limit, limit) for g in grads]      # each entry by itself


grads = [np.array([[3.0, 0.0]]), np.array([4.0])]          # together of length 5
print("by norm 1: ", *clip_by_norm(grads, 1.0), "   by value 1:", *clip_by_value(grads, 1.0))
for ours, theirs in ((clip_by_norm, optim.clip_by_norm), (clip_by_value, optim.clip_by_value)):
    assert all(np.allclose(a, b) for limit in (1.0, 10.0) for a, b in zip(ours(grads, limit), theirs(grads, limit)))

# %% [markdown]
r"""
What is the difference? By norm, the step keeps its direction and gets shorter. By value, the long entries are cut and
the short ones stay, so the direction turns towards a diagonal.
"""

# %%
arrows = np.array([[3.0, 0.5], [0.5, 2.0], [-2.5, -1.5], [0.5, -0.4]])         # four gradients of two weights
fig, axs = plot.figure("Clipping by norm keeps the direction, by value turns it", ncols=2, size=(6.8, 3.4))
for ax, name, clip in zip(axs, ("by norm", "by value"), (clip_by_norm, clip_by_value)):
    for g in arrows:
        ax.annotate("", g, (0, 0), arrowprops={"arrowstyle": "->", "color": "0.7"})
        ax.annotate("", clip([g], 1.0)[0], (0, 0), arrowprops={"arrowstyle": "->", "color": "C0", "lw": 2})
    border = np.linspace(0, 2 * np.pi, 200)
    corner = 1.0 if name == "by value" else None
    ax.plot(*([np.cos(border), np.sin(border)] if corner is None else [[1, 1, -1, -1, 1], [-1, 1, 1, -1, -1]]), color="C1", lw=1)
    ax.set(title=name, xlim=(-3.2, 3.2), ylim=(-2.4, 2.4), aspect="equal", xticks=[-1, 0, 1], yticks=[-1, 0, 1])
plot.show(fig, alt="Two panels with four grey arrows from the origin, gradients of two weights, three of them longer than one. Left, by norm: "
                   "blue arrows of the same directions end on a circle of radius one. Right, by value: blue arrows end inside a square, "
                   "the long ones in or near its corners, pointing in other directions than the grey ones. The short arrow is unchanged in both.")

# %% [markdown]
r"""
Does it help? Take the deep net with Kaiming weights and a learning rate that is brave for twenty layers. Five epochs,
from three draws of the first weights: once as it is, once with every gradient clipped to length 1.
"""

# %% tags=["nbval-ignore-output"]
for max_norm, name in ((None, "no limit"), (1.0, "clipped to 1")):
    accuracies = []
    for k in range(3):
        net = deep_net(kaiming, 10 * seed + k)
        with np.errstate(all="ignore"):                    # without a limit, numbers may overflow
            history = train.fit_numpy(net, digits, num_epochs=5, batch_size=64, lr=0.2, max_norm=max_norm,
                                      rng=np.random.default_rng(seed))
        accuracies.append(history["val_accuracy"][-1])
    print(f"{name:12} validation accuracy after five epochs", *(f"{a:.0%}" for a in accuracies))

# %% [markdown]
r"""
Without a limit, steps that are too long throw the weights to a place where little is learned any more. How often did
the limit bite? Count it on the last of the clipped networks:
"""

# %% tags=["nbval-ignore-output"]
lengths = []
for X_batch, y_batch in train.minibatches(digits.X_train, digits.y_train, 64, np.random.default_rng(seed)):
    net.backward(nn.cross_entropy_backward(net.forward(X_batch), y_batch), to_input=False)
    lengths.append(optim.global_norm(net.grads))
print(f"length of the gradient: median {np.median(lengths):.1f}; longer than 1: {np.mean(np.array(lengths) > 1):.0%}")

# %% [markdown]
r"""
In this network nearly always. Then every step has the same length, the learning rate times the limit: the gradient
says where to go, and no longer how far. That suits twenty layers, whose slopes are steep. In shallower networks one
sets the limit so that it only catches the rare gradient that is far longer than usual.
"""

# %% [markdown]
r"""
## Three ways to draw twenty layers

Now the contest: the network from the beginning, the same training for all, three ways to draw its first weights.
Plain gradient descent, steps clipped to length 1, forty epochs, and a learning rate that falls in a straight line to
0. (How to change the rate while you train is a subject of unit 06. The idea here is just that the last steps should
be small.) Each way tries three rates to start with and keeps the one with the best validation accuracy. (Beyond them
it gets worse: in trials with two seeds, Xavier fell back at 0.05 and Kaiming at 0.8.)
"""

# %%
NUM_EPOCHS, STEPS = 40, 40 * 55                            # 3,500 digits in batches of 64: 55 steps an epoch


def contest(draw, lr):
    net = deep_net(draw, seed)
    history = train.fit_numpy(net, digits, num_epochs=NUM_EPOCHS, batch_size=64, lr=lr, max_norm=1.0,
                              schedule=lambda step: lr * (1 - step / (STEPS + 1)), rng=np.random.default_rng(seed))
    return net, history["val_accuracy"]


ways = {"Kaiming": (kaiming, "C0"), "Xavier": (xavier, "C2"), "N(0, 0.01²)": (small, "C1")}
tried = {name: {lr: contest(draw, lr) for lr in (0.1, 0.2, 0.4)} for name, (draw, _) in ways.items()}

# %% tags=["nbval-ignore-output"]
best_lr = {name: max(runs, key=lambda lr: runs[lr][1][-1]) for name, runs in tried.items()}
for name, runs in tried.items():
    accuracies = "  ".join(f"{lr}: {curve[-1]:5.1%}" for lr, (_, curve) in runs.items())
    print(f"{name:12} validation accuracy by rate   {accuracies}   kept: {best_lr[name]}")

# %%
fig, ax = plot.figure("Twenty layers: the first weights decide whether anything is learned", "epoch", "validation accuracy")
for name, (_, color) in ways.items():
    curve = tried[name][best_lr[name]][1]
    ax.plot(range(1, NUM_EPOCHS + 1), curve, color=color)
    ax.text(NUM_EPOCHS + 0.6, curve[-1], name, color=color, va="center")
ax.axhline(0.1, color="0.7", lw=1, ls="--")
ax.text(1, 0.13, "guessing", color="0.4")
ax.set(xlim=(0, 51), ylim=(0, 1), xticks=range(0, 41, 10))
plot.show(fig, alt="Validation accuracy over forty epochs. Kaiming climbs within a few epochs and ends above 90 percent. Xavier starts late and ends clearly "
                   "below. N(0, 0.01 squared) lies on the line of guessing to the end.")

# %% [markdown]
r"""
One number, the size of the first weights, decides between a network that reads digits and one that guesses. Xavier's
weights are a factor of $\sqrt2$ too small for ReLU. That sounds like little, but twenty layers make it $2^{10}$,
about a thousand.

Every choice is made; now the test set, once.
"""

# %% tags=["nbval-ignore-output"]
test = {name: metrics.accuracy(digits.y_test, runs[best_lr[name]][0].forward(digits.X_test).argmax(axis=1))
        for name, runs in tried.items()}
print("test accuracy:", "  ".join(f"{name} {share:.1%}" for name, share in test.items()))
assert test["N(0, 0.01²)"] <= 0.12
metrics.headline("test accuracy of 20 layers with Kaiming weights", test["Kaiming"], 0.915,
                 interval=metrics.wilson_interval(round(1000 * test["Kaiming"]), 1000))

# %% [markdown]
r"""
Do not conclude that deeper is better: [unit 03](../03_backprop/lesson.ipynb) read digits as well with two layers. The
point is that depth is *possible*. Units that come later put it to use.
"""

# %% [markdown]
r"""
## What goes wrong

**Standard deviation for variance.** The recipe says $\sigma_w^2 = 2/n$, and `rng.normal` wants $\sigma_w$. Without
the root, the weights are far too small:
"""

# %%
for name, std in (("sqrt(2 / 64)", math.sqrt(2 / 64)), ("2 / 64", 2 / 64)):
    last = forward_sizes(deep_net(normal_weights(std), seed), X)[-1]
    print(f"std = {name:12} typical size after twenty layers {last:.1e}")

# %% [markdown]
r"""
**Fan-out for fan-in.** In layers of equal width nobody notices. In a layer that narrows from 1,024 to 16 it counts:
"""

# %%
wide = np.maximum(np.random.default_rng(seed).normal(size=(200, 1024)), 0)
for name, place in (("fan-in, 1024", 0), ("fan-out, 16", 1)):
    W = rng.normal(0, math.sqrt(2 / (1024, 16)[place]), size=(1024, 16))
    print(f"{name:12}  mean square before {np.mean(wide**2):.2f}, after {np.mean(np.maximum(wide @ W, 0) ** 2):.2f}")

# %% [markdown]
r"""
**Each gradient clipped by itself.** If every array is cut to the limit on its own, long ones shrink and short ones do
not, so the direction turns, and the whole is still longer than the limit:
"""

# %%
net = deep_net(kaiming, seed)
net.backward(nn.cross_entropy_backward(net.forward(X), y))
each = [optim.clip_by_norm([g], 0.1)[0] for g in net.grads]
together = optim.clip_by_norm(net.grads, 0.1)
print(f"length: free {optim.global_norm(net.grads):.2f}, together {optim.global_norm(together):.2f}, each {optim.global_norm(each):.2f}")

# %% [markdown]
r"""
**Clipping that scales up.** `max_norm / norm` is above 1 for a short gradient. Near the goal, where gradients are
short, each step is then as long as in the beginning, and the network never comes to rest. Take the minimum with 1.

**NaN, and no idea where from.** Look at the sizes layer by layer, as you did above, before the first step and after
each of the next few. The first layer whose size leaves the row is the one to ask.

## Summary

- A layer multiplies the size of the signal by a factor, and fifty layers by its fiftieth power. Only a factor near 1
  survives.
- For ReLU the factor is $\sqrt{n\,\sigma_w^2/2}$: draw weights with variance $2/n_\text{in}$ (Kaiming). For tanh,
  $\frac{2}{n_\text{in} + n_\text{out}}$ (Xavier), times the square of a gain. Normal or uniform makes no difference.
- Slopes on the way back obey the same rule, with the fan-out.
- Weights must differ, or neurons stay equal for ever. Biases may start at 0.
- Clip by norm: one length for all gradients, one factor, never above 1.

## Three quick questions

**1.** A dense layer has 200 inputs and 50 outputs, and ReLU follows. Which standard deviation do its first weights
need? Which limits, if they are uniform?

<details>
<summary>Answer</summary>

Variance $2/200 = 0.01$, so a standard deviation of 0.1. A uniform distribution needs $\sqrt3 \cdot 0.1$: from -0.173
to 0.173. The 50 plays no part.

</details>

**2.** You forget the gain: variance $1/n_\text{in}$ in a ReLU network of 20 layers. By how much is the signal smaller
at the end than with Kaiming?

<details>
<summary>Answer</summary>

Each layer's mean square is halved, its size divided by $\sqrt2$. Twenty layers make $2^{10} = 1024$: about a thousand
times smaller.

</details>

**3.** A friend sets the *biases* of a new network to random numbers, too, "for symmetry breaking", and all *weights*
to 0. Does it learn?

<details>
<summary>Answer</summary>

Not in a deep network. With weights of 0 nothing of the input gets through, and on the way back the slopes are
multiplied by 0: at first only the last layer's weights move, since their inputs, made by the biases, differ; one step
later the layer before it starts, and so on. But what moves are products of tiny numbers. Two layers get going after a
few epochs, five still guess after ten (try it). It is the weights that must be random, and of the right size.

</details>

Now write it yourself: [the exercises](exercises.ipynb).
"""
