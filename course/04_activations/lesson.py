# %% [markdown]
r"""
# Bend the line

> **Time**: {{run_time}} to run, 60 minutes to study.
>
> **What you do**: show that layers without a bend are one layer; watch two bends fold a line; write seven with their slopes
> and let PyTorch judge them; measure what goes wrong (saturation, values of one sign, dead units) and cure it; train one
> network with each of the seven, and with none, on handwritten digits.
>
> **What you need first**: [unit 02](../02_networks/lesson.ipynb) (dense layers, ReLU, the forward pass),
> [unit 03](../03_backprop/lesson.ipynb) (local slopes, backprop, mini-batches, learning rate, gradient checking).
"""

# %%
import copy
import math

import numpy as np

from introdl import data, gradcheck, metrics, nn, plot, train

seed = 0

# %% [markdown]
r"""
## Six layers that cannot draw a circle

Every network so far had a small thing between its layers: ReLU. [Unit 02](../02_networks/lesson.ipynb) said that
"some bend is needed" and left it at that. Is it? Here is a task that looks easy: a disc of points inside a ring.
"""

# %%
def disc_in_ring(n, rng):
    y = rng.integers(0, 2, n)                                          # 0: disc, 1: ring
    radius, angle = rng.uniform(0, 1, n) + 1.4 * y, rng.uniform(0, 2 * np.pi, n)
    return (radius * [np.cos(angle), np.sin(angle)]).T.astype(np.float32), y


rng = np.random.default_rng(seed)
points, new_points = disc_in_ring(300, rng), disc_in_ring(300, rng)
rings = data.Split(*points, *new_points, *new_points)                  # a toy: nothing is chosen, so no third set

# %% [markdown]
r"""
Two networks try it, with the training loop of [unit 03](../03_backprop/lesson.ipynb). The first is deep: six dense
layers, a thousand weights, no ReLU. The second has one hidden layer of eight neurons with ReLU.
"""

# %%
def sizes_to_net(sizes, bend, rng):
    """Dense layers with a new `bend()` between them, or with nothing between them for None."""
    layers = []
    for n_in, n_out in zip(sizes, sizes[1:]):
        layers += [nn.Dense(n_in, n_out, rng)] + ([bend()] if bend else [])
    return nn.Sequential(*(layers[:-1] if bend else layers))           # no bend after the last layer


deep = sizes_to_net([2, 16, 16, 16, 16, 16, 2], None, np.random.default_rng(seed))
bent = sizes_to_net([2, 8, 2], nn.ReLU, np.random.default_rng(seed))
histories = [train.fit_numpy(net, rings, num_epochs=60, batch_size=30, lr=lr, rng=np.random.default_rng(seed))
             for net, lr in ((deep, 0.01), (bent, 0.1))]

# %%
fig, axs = plot.figure("Six straight layers cut, one bent layer encloses", "feature 1", "feature 2",
                       ncols=2, size=(7.2, 3.6))
for ax, net, history, name in zip(axs, (deep, bent), histories, ("six layers, no ReLU", "one hidden layer, ReLU")):
    plot.boundary(ax, lambda X, net=net: net.forward(X).argmax(axis=1), *points, resolution=100)
    ax.set_title(f"{name}: {history['val_accuracy'][-1]:.0%}")
    ax.set_aspect("equal")
plot.show(fig, alt="Points of two classes, a disc and a ring around it, twice. Left, the network of six layers without ReLU: at most a "
                   "straight line divides the plane and many points are on the wrong side. Right, the network with one hidden layer "
                   "and ReLU: a closed border with corners runs between disc and ring, and all points are right.")

# %% [markdown]
r"""
Six layers, and no better than one neuron of [unit 01](../01_perceptron/lesson.ipynb): a straight cut. Wherever it runs,
the ring lies on both sides of it, so it is hardly better than no cut. More training or another learning rate would not
help. You can prove that.
"""

# %% [markdown]
r"""
## A stack of layers is one layer

Write two dense layers out and multiply the bracket:

$$(X W_1 + b_1)\,W_2 + b_2 \;=\; X\,\underbrace{W_1 W_2}_{W} \;+\; \underbrace{b_1 W_2 + b_2}_{b}.$$

That is one dense layer, with the matrix $W$ and the bias $b$. Put a third layer behind it and the same line swallows
that one, too. So a stack of dense layers of any depth equals a single one. Take the six layers from above:
"""

# %%
def collapse(params):
    """The one layer (W, b) that equals the dense layers `params`, pairs (W, b), in a row."""
    W, b = params[0]
    for W_next, b_next in params[1:]:
        W, b = W @ W_next, b @ W_next + b_next
    return W, b


# %%
pairs = list(zip(deep.params[::2], deep.params[1::2]))                 # W, b, W, b, … as pairs
W, b = collapse(pairs)
X = new_points[0]
assert np.allclose(X @ W + b, deep.forward(X), atol=1e-4)
print(f"{sum(p.size for p in deep.params):,} parameters do the work of {W.size + b.size}")

# %% [markdown]
r"""
A function of the form $XW + b$ is called [*linear*](../glossary.md#linear-function) in this course (strictly: affine).
Linear after linear is linear. To get anything else out of depth, something that is *not* linear must stand between
the layers. It works on each number by itself, and it is called the
[*activation function*](../glossary.md#activation-function), or *activation* for short.
"""

# %% [markdown]
r"""
### Watch a line bend

What an activation does is best seen on a line. Take points of a straight line in the plane and send them through three
dense layers of two neurons each. A dense layer turns, stretches and shifts the plane, so a line stays straight. Between
the layers comes the activation. All three columns have the same weights. Press play.
"""

# %%
place = np.linspace(-2.2, 2.2, 300)                                    # where on the line: this gives the colour
line = np.column_stack([place, 0.4 * place + 0.2])                     # (300, 2)
params = [(np.array([[0.8, -0.9], [1.3, 0.3]]), np.array([0.5, 0.4])),
          (np.array([[-0.9, 0.6], [0.3, 1.0]]), np.array([0.3, -0.9])),
          (np.array([[0.7, 1.0], [-2.9, 1.1]]), np.array([-0.1, -0.4]))]
bends = {"no activation": lambda Z: Z, "ReLU": lambda Z: np.maximum(Z, 0), "tanh": np.tanh}


def moved(bend, time):
    """The points at a time: by 1 the first dense layer is done, by 2 its activation, by 3 the second dense layer, …"""
    P = line
    for half in range(5):                                              # no bend after the last layer
        W, b = params[half // 2]
        target = P @ W + b if half % 2 == 0 else bend(P)
        P = P + np.clip(time - half, 0, 1) * (target - P)              # on the way, points move straight
    return P


# %%
def line_frame(frame):
    time = frame / 5
    half = max(int(np.ceil(time)) - 1, 0)
    doing = f"layer {half // 2 + 1}, {('dense', 'activation')[half % 2]}" if frame else "the start"
    fig, axs = plot.figure(f"Only the activation bends the line: {doing}", ncols=3, size=(6.8, 2.7))
    for ax, (name, bend) in zip(axs, bends.items()):
        ax.axhline(0, color="0.85", lw=1, zorder=0)
        ax.axvline(0, color="0.85", lw=1, zorder=0)
        ax.scatter(*moved(bend, time).T, c=place, cmap="viridis", s=4)
        ax.set(title=name, xlim=(-4.4, 4.4), ylim=(-4.4, 4.4), xticks=[], yticks=[], aspect="equal")
    return fig


plot.animate(line_frame, range(26), fps=5,
             alt="Animation in three columns: no activation, ReLU, tanh. A straight line, its colour running from dark to light, is "
                 "turned, stretched and shifted by three dense layers. Without activation it is straight to the end. ReLU folds it "
                 "where it crosses an axis, and it ends as a narrow U of three straight pieces with two corners. Tanh rounds it, and "
                 "it ends as a smooth, smaller U.")

# %% [markdown]
r"""
Look at the last frame. One straight cut now divides the *middle* of the line from *both* its ends, in the second and in
the third column. In the first column, and on the line that you started with, no straight cut can do that. It is the disc
in the ring, in small: the last layer cuts straight through a plane that the layers before have folded.

ReLU makes corners, tanh makes curves, and nothing at all makes nothing. Any bend breaks the proof above. So why are
there so many, and which one is good? Training decides: backprop multiplies by the activation's slope in every layer. So
look at the slopes.
"""

# %% [markdown]
r"""
## Four bends and their slopes

From here on, each activation returns a pair: the values $A$, and the local slopes at the input $Z$. Backprop then
needs one line for all of them: `dZ = dA * slope`. First the two with corners. The
[*leaky ReLU*](../glossary.md#leaky-relu) lets a share $\alpha$ ("alpha") of a negative sum through; 0.01 is usual.
"""

# %%
def relu(Z):
    return np.maximum(Z, 0), (Z > 0) * 1.0                             # at 0, the corner: slope 0, as in PyTorch


def leaky_relu(Z, alpha=0.01):
    return np.where(Z > 0, Z, alpha * Z), np.where(Z > 0, 1.0, alpha)


print(*relu(np.array([-2.0, 0.0, 3.0])), *leaky_relu(np.array([-2.0, 0.0, 3.0]), alpha=0.1))

# %% [markdown]
r"""
Then the two that squash. The [*sigmoid*](../glossary.md#sigmoid) you know from unit 02: it makes a probability of a
logit. For its slope, write $\sigma(z) = (1 + e^{-z})^{-1}$ and use the chain rule:

$$\sigma'(z) = \frac{e^{-z}}{(1 + e^{-z})^2} = \frac{1}{1 + e^{-z}} \cdot \frac{e^{-z}}{1 + e^{-z}} = \sigma(z)\,\bigl(1 - \sigma(z)\bigr).$$

The slope can be read off the value. But the formula as it stands is dangerous to compute:
"""

# %%
def naive_sigmoid(Z):
    return np.exp(Z) / (1 + np.exp(Z))


with np.errstate(over="ignore", invalid="ignore"):                     # silence the warnings for this one line
    print(*(f"{a:.3g}" for a in naive_sigmoid(np.array([-720.0, 0.0, 720.0]))))

# %% [markdown]
r"""
$e^{720}$ is larger than the largest float64: [*overflow*](../glossary.md#overflow), and infinity divided by infinity
is NaN, "not a number". The other form, $1/(1 + e^{-z})$, overflows on the other side. So use each where it is safe.
With $e = e^{-|z|}$, which is never above 1, they are $\frac{1}{1 + e}$ for positive sums and $\frac{e}{1 + e}$ for
negative ones.
"""

# %%
def sigmoid(Z):
    e = np.exp(-np.abs(Z))                                             # in (0, 1]: cannot overflow
    A = np.where(Z >= 0, 1, e) / (1 + e)
    return A, A * (1 - A)


print(*(f"{a:.3g}" for a in sigmoid(np.array([-720.0, 0.0, 720.0]))[0]))

# %% [markdown]
r"""
[*Tanh*](../glossary.md#tanh) has the same shape, from -1 to 1. In fact it is a sigmoid, twice as high, twice as quick
and shifted down. Divide $\tanh z = \frac{e^z - e^{-z}}{e^z + e^{-z}}$ by $e^z$ above and below:

$$\tanh z = \frac{1 - e^{-2z}}{1 + e^{-2z}} = \frac{2}{1 + e^{-2z}} - 1 = 2\,\sigma(2z) - 1, \qquad \tanh'(z) = 1 - \tanh^2 z .$$
"""

# %%
def tanh(Z):
    A = 2 * sigmoid(2 * Z)[0] - 1
    return A, 1 - A**2


z = np.linspace(-5, 5, 401)
assert np.allclose(tanh(z)[0], np.tanh(z))

# %%
def panel(ax, name, activation):
    A, slope = activation(z)
    ax.axhline(0, color="0.85", lw=1, zorder=0)
    ax.axvline(0, color="0.85", lw=1, zorder=0)
    ax.plot(z, A, color="C0")
    ax.plot(z, np.where(np.abs(np.gradient(slope, z)) > 5, np.nan, slope), "--", color="C1")   # no line up a jump
    ax.set(title=f"{name}: slope up to {slope.max():.2g}", ylim=(-1.3, 2.1), xticks=[-4, -2, 0, 2, 4])


fig, axs = plot.figure("Rectifiers keep their slope for large sums, squashers lose it", ncols=2, nrows=2, size=(6.8, 5.0))
four = {"ReLU": relu, "leaky ReLU (alpha 0.1)": lambda Z: leaky_relu(Z, 0.1), "sigmoid": sigmoid, "tanh": tanh}
for ax, (name, activation) in zip(axs.ravel(), four.items()):
    panel(ax, name, activation)
axs[0, 0].text(-4.8, 1.5, "value", color="C0")
axs[0, 0].text(-4.8, 1.1, "slope", color="C1")
plot.show(fig, alt="Four panels with value and dashed slope over the sum. ReLU: zero, then a rising line; its slope jumps from 0 to 1. Leaky "
                   "ReLU: the same with a gentle rise on the left. Sigmoid: an S from 0 to 1; its slope is a low hill of height "
                   "one quarter. Tanh: an S from -1 to 1; its slope is a hill of height 1.")

# %% [markdown]
r"""
| | formula | slope | values | mean near 0? |
|---|---|---|---|---|
| ReLU | $\max(z, 0)$ | 1 or 0 | 0 and up | no |
| leaky ReLU | $z$, or $\alpha z$ below 0 | 1 or $\alpha$ | all | almost no |
| sigmoid | $1/(1 + e^{-z})$ | $\sigma(1 - \sigma)$, at most ¼ | 0 to 1 | no |
| tanh | $2\sigma(2z) - 1$ | $1 - \tanh^2$, at most 1 | -1 to 1 | yes |
"""

# %% [markdown]
r"""
### Three smooth ones

Later inventions round ReLU's corner off. [*ELU*](../glossary.md#elu) approaches $-\alpha$ on the left by an exponential
([Clevert and others 2016](https://arxiv.org/abs/1511.07289)). [*SiLU*](../glossary.md#silu), also called Swish, and
[*GELU*](../glossary.md#gelu) multiply the sum by a gate
between 0 and 1 that the sum opens itself ([Hendrycks and Gimpel 2016](https://arxiv.org/abs/1606.08415)): the sigmoid,
or $\Phi(z)$, the share of a standard normal distribution below $z$. Their slopes come from the product rule,
$(uv)' = u'v + uv'$.
"""

# %%
def elu(Z, alpha=1.0):
    low = alpha * np.exp(np.minimum(Z, 0))                             # alpha * e^z below 0; minimum: no overflow above
    return np.where(Z > 0, Z, low - alpha), np.where(Z > 0, 1.0, low)


def silu(Z):
    gate, gate_slope = sigmoid(Z)
    return Z * gate, gate + Z * gate_slope


def gelu(Z):
    gate = 0.5 * (1 + np.vectorize(math.erf)(Z / math.sqrt(2)))        # Phi
    return Z * gate, gate + Z * np.exp(-(Z**2) / 2) / math.sqrt(2 * math.pi)


# %%
fig, (left, right) = plot.figure("ELU, SiLU and GELU are ReLUs with a round corner", "sum z", ncols=2, size=(7.2, 3.2))
for k, (name, activation) in enumerate({"ELU": elu, "SiLU": silu, "GELU": gelu}.items()):
    A, slope = activation(z)
    left.plot(z, A, color=f"C{k}", label=name)
    right.plot(z, slope, color=f"C{k}")
left.set(ylabel="value", ylim=(-1.2, 3), xlim=(-4, 3))
right.set(ylabel="slope", xlim=(-4, 4))
left.legend()
plot.show(fig, alt="Left, three curves that rise like ReLU on the right; on the left ELU levels off at -1, SiLU and GELU dip a little below "
                   "zero and come back to it. Right, their slopes: from near 0 to near 1; SiLU's and GELU's fall below 0 where "
                   "the dip is and rise slightly above 1.")

# %% [markdown]
r"""
SiLU and GELU even fall for a while: their slope is negative left of the dip. The exact GELU is slow to compute, so
there is an approximation of it with tanh, too.
"""

# %% [markdown]
r"""
## Checked, judged, and taken from the shelf

Seven activations, seven slopes worked out by hand: check them by nudging, as in unit 03, away from the corners. Then
ask PyTorch.
"""

# %%
seven = {"relu": relu, "leaky_relu": leaky_relu, "sigmoid": sigmoid, "tanh": tanh, "elu": elu, "silu": silu, "gelu": gelu}
rng = np.random.default_rng(seed)
Z, dA = rng.normal(0, 2, (20, 6)), rng.normal(size=(20, 6))
Z += 0.01 * np.sign(Z)                                                 # no sum within a nudge of the corner
for name, activation in seven.items():
    A, slope = activation(Z)
    nudged = gradcheck.numerical_gradient(lambda Z, activation=activation: (dA * activation(Z)[0]).sum(), Z)
    assert gradcheck.relative_error(dA * slope, nudged) < 1e-6
    gradcheck.same_as_torch(name, Z, value=A, grads=[dA * slope], upstream=dA)
print("seven values and seven slopes: equal to PyTorch's to one part in a million")

# %% [markdown]
r"""
`introdl.nn` has a layer for each. `forward` keeps what `backward` needs.
"""

# %%
shelf = {"none": None, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh, "relu": nn.ReLU, "leaky_relu": nn.LeakyReLU, "elu": nn.ELU,
         "silu": nn.SiLU, "gelu": nn.GELU}
for name, activation in seven.items():
    layer = shelf[name]()
    A, slope = activation(Z)
    assert np.allclose(layer.forward(Z), A) and np.allclose(layer.backward(dA), dA * slope)
print("introdl.nn agrees")

# %% [markdown]
r"""
## Saturation: far out, nothing passes back

Far from 0 the S-curves are flat: whether the sum is 6 or 9 hardly shows in the value, and hardly any slope passes
back. Such a unit is [*saturated*](../glossary.md#saturation). How many are depends on how widely the sums are spread.
Move the slider.
"""

# %%
normal = np.random.default_rng(seed).normal(size=20_000)


def spread_frame(spread):
    A, slope = tanh(spread * normal)
    fig, (left, right) = plot.figure(f"Sums spread by {spread:g}: {np.mean(slope < 0.1):.0%} of the slopes of tanh are below 0.1",
                                     ncols=2, size=(7.2, 3.0))
    left.hist(A, bins=np.linspace(-1, 1, 41), weights=np.full(len(A), 1 / len(A)), color="C0")
    left.set(xlabel="value of tanh", ylabel="share of the sums", ylim=(0, 0.5))
    right.hist(slope, bins=np.linspace(0, 1, 41), weights=np.full(len(A), 1 / len(A)), color="C1")
    right.set(xlabel="slope of tanh", ylim=(0, 0.9))
    return fig


plot.explore(spread_frame, [0.25, 0.5, 1, 2, 4, 8, 16], label="spread of the sums (standard deviation)", start=2,
             alt="Two histograms: values of tanh between -1 and 1, and its slopes between 0 and 1. For a small spread the values "
                 "are a hump around 0 and the slopes are near 1. For a large spread nearly all values sit at -1 or 1 and nearly all "
                 "slopes at 0.")

# %% [markdown]
r"""
In the middle of the slider's range the unit uses its whole curve. Too little spread is no good either: there tanh is
nearly a straight line, and you know what a stack of those is worth.

It takes one forgotten line to saturate a real network. Pixels from 0 to 255 instead of 0 to 1:
"""

# %%
digits = data.mnist5k()
dense = nn.Dense(784, 64, np.random.default_rng(seed))
for name, X in (("0 to 1", digits.X_train), ("0 to 255", 255 * digits.X_train)):
    slope = tanh(dense.forward(X))[1]
    print(f"pixels from {name:8}: {np.mean(slope < 0.1):4.0%} of the slopes below 0.1, median {np.median(slope):.2g}")

# %% [markdown]
r"""
And slopes multiply through the layers. Even at its steepest, in the middle, the sigmoid passes only a quarter on:
"""

# %%
for num_layers in (1, 2, 5, 10):
    print(f"sigmoid layers {num_layers:2}: at most {0.25**num_layers:.2g} of the slope passes, times what the weights do")

# %% [markdown]
r"""
That is the best case. It is one reason why deep networks with sigmoids were hard to train. Unit 05 follows the signal
through dozens of layers and finds weights that keep it alive.
"""

# %% [markdown]
r"""
## Zero-centred or not

The sigmoid has a second fault: all its values are positive. Consider a neuron of the *next* layer. Its weights get the
slopes $dW_d = A_d \cdot dz$: one factor $dz$ for all, times the input $A_d$. If all inputs are positive, then for one
example **all weights of the neuron move up together, or all down**. Values around 0, such as tanh's, let each weight
go its own way.
"""

# %%
rng = np.random.default_rng(seed)
hidden = dense.forward(digits.X_train[:1])                             # (1, 64) sums of one digit
dz = np.array([[0.3]])                                                 # slope at one neuron of the next layer
for name, activation in (("sigmoid", sigmoid), ("relu", relu), ("tanh", tanh)):
    dW = activation(hidden)[0].T @ dz                                  # (64, 1)
    print(f"{name:8} {np.sum(dW > 0):3} weights move down, {np.sum(dW < 0):2} up, {np.sum(dW == 0):2} stay")

# %% [markdown]
r"""
Does that matter? Compare two activations that differ in nothing else: the sigmoid, and the sigmoid minus one half. The
slopes are the same, $\sigma(1 - \sigma)$. Only the values are now centred: a sum of 0 gives 0.
"""

# %%
class CentredSigmoid(nn.Sigmoid):
    def forward(self, X):
        return super().forward(X) - 0.5                                # backward is the sigmoid's: a constant has slope 0


def fitted(bend, seed, lr, sizes=(784, 64, 64, 10), num_epochs=8, batch_size=64):
    """A new network, trained on the digits, and its history."""
    net = sizes_to_net(sizes, bend, np.random.default_rng(seed))
    with np.errstate(all="ignore"):                                    # a run that diverges may overflow
        return net, train.fit_numpy(net, digits, num_epochs=num_epochs, batch_size=batch_size, lr=lr,
                                    rng=np.random.default_rng(seed))


# %%
fig, ax = plot.figure("The same curve, lowered by one half, starts to learn sooner", "epoch", "validation accuracy")
for color, name, bend in (("C1", "sigmoid", nn.Sigmoid), ("C0", "sigmoid minus one half", CentredSigmoid)):
    for k in range(3):
        _, history = fitted(bend, seed + k, lr=0.3, sizes=(784, 64, 64, 64, 10))
        ax.plot(range(9), [0.1] + history["val_accuracy"], color=color, lw=1.5, label=name if k == 0 else None)
ax.set(ylim=(0, 1), xticks=range(0, 9, 2))                             # before the first epoch it guesses: 10 %
ax.legend(loc="lower right")
plot.show(fig, alt="Validation accuracy over eight epochs at the same learning rate for three hidden layers, three networks each. With the "
                   "centred sigmoid the accuracy rises from the first or second epoch on. With the plain sigmoid it stays near 10 "
                   "percent for about two epochs and then follows; at the end it is close behind.")

# %% [markdown]
r"""
With the plain sigmoid the first epochs are lost. Its values lie around one half, so a large part of every sum in the
next layer is the same for every digit, and the network must first learn to take that away. Later it catches up: not
being centred costs time, it does not forbid learning.
"""

# %% [markdown]
r"""
ReLU is not centred either, and half of its values are exactly 0. It is used all the same, because its slope is worth
more: 1, however large the sum.
"""

# %% [markdown]
r"""
## Dead units

ReLU's flat side has a price of its own. Suppose that a long step pushes a neuron's bias so low that its sum is negative for
*every* example. Then its slope is 0 for every example, so its weights get no slope, so they never change again. The unit is
[*dead*](../glossary.md#dead-unit). Count such units:
"""

# %%
def dead_units(X, net):
    """For each hidden layer, which units have no positive sum for any example of X."""
    dead = []
    for layer in net.layers:
        if not isinstance(layer, nn.Dense):
            dead.append((X <= 0).all(axis=0))                          # X: the sums that this activation reads
        X = layer.forward(X)
    return dead


new = sizes_to_net((784, 64, 64, 10), nn.ReLU, np.random.default_rng(seed))
trained, _ = fitted(nn.ReLU, seed, lr=0.1)

# %% tags=["nbval-ignore-output"]
for name, net in (("new", new), ("trained", trained)):
    print(f"{name:8} dead of 64, in each hidden layer: {[int(dead.sum()) for dead in dead_units(digits.X_train, net)]}")

# %% [markdown]
r"""
With a good learning rate hardly a unit dies. Now use a rate that is too high, and a small batch, whose slopes are noisy. After
each epoch, count the dead units of the first hidden layer:
"""

# %%
def deaths(lr):
    """Train six epochs in small batches: the network, the share of dead first-layer units by epoch, the accuracy."""
    net, rng, shares = sizes_to_net((784, 64, 64, 10), nn.ReLU, np.random.default_rng(seed)), np.random.default_rng(seed), [0.0]
    for _ in range(6):
        history = train.fit_numpy(net, digits, num_epochs=1, batch_size=16, lr=lr, rng=rng)
        shares.append(dead_units(digits.X_train, net)[0].mean())
    return net, shares, history["val_accuracy"][-1]


runs = {lr: deaths(lr) for lr in (0.1, 0.3, 0.5, 0.7)}
assert all((np.diff(shares) >= 0).all() for _, shares, _ in runs.values()), "a dead unit came back"

# %%
fig, ax = plot.figure("Long steps kill ReLU units, and the dead do not come back", "epoch", "dead share of hidden layer 1")
height = -1
for k, (lr, (_, shares, accuracy)) in enumerate(runs.items()):
    height = max(shares[-1], height + 0.09)                            # no label on top of another
    ax.plot(range(7), shares, "o-", color=f"C{k}")
    ax.text(6.2, height, f"rate {lr}: accuracy {accuracy:.0%}", color=f"C{k}", va="center")
ax.set(xlim=(0, 9.6), ylim=(-0.04, 1), xticks=range(7))
plot.show(fig, alt="Share of dead units over six epochs for four learning rates. At 0.1 it stays near zero, at 0.3 it is small, at 0.5 and 0.7 "
                   "it jumps up in the first epochs and never falls, at 0.7 to well over half. The accuracy falls as the share rises.")

# %% [markdown]
r"""
### They do not come back

Is that so? Take the network with the most dead units and go on with a sensible rate. In the first layer the inputs are the
digits themselves, which never change. So the weights of a dead unit there should not move by a single bit, however long
you train.
"""

# %%
killed = runs[0.7][0]
dead = dead_units(digits.X_train, killed)[0]
before = killed.params[0].copy()
relu_on = copy.deepcopy(killed)
train.fit_numpy(relu_on, digits, num_epochs=8, batch_size=64, lr=0.1, rng=np.random.default_rng(seed))
assert np.array_equal(relu_on.params[0][:, dead], before[:, dead])

# %% tags=["nbval-ignore-output"]
print(f"{dead.sum()} dead units: their {before[:, dead].size:,} weights are bit for bit the same after eight epochs")

# %% [markdown]
r"""
### The cure: a leak

Leave every weight as it is and replace only the ReLUs by leaky ones. Now a slope of $\alpha$ reaches the dead units. The
leak here is $\alpha = 0.1$, so that eight epochs are enough.
"""

# %%
def with_leak(net, alpha):
    """A copy of a network, its ReLUs replaced by leaky ones."""
    layers = [nn.LeakyReLU(alpha) if isinstance(layer, nn.ReLU) else copy.deepcopy(layer) for layer in net.layers]
    return nn.Sequential(*layers)


leaky_on = with_leak(killed, 0.1)
history = train.fit_numpy(leaky_on, digits, num_epochs=8, batch_size=64, lr=0.1, rng=np.random.default_rng(seed))

# %% tags=["nbval-ignore-output"]
off, scores = {}, {}
for name, net in (("killed", killed), ("8 more epochs, ReLU", relu_on), ("8 more epochs, leaky", leaky_on)):
    off[name] = [dead.mean() for dead in dead_units(digits.X_train, net)]
    scores[name] = metrics.accuracy(digits.y_val, net.forward(digits.X_val).argmax(axis=1))
    print(f"{name:21} never a positive sum: {off[name][0]:4.0%} and {off[name][1]:4.0%}   validation accuracy {scores[name]:.0%}")
assert off["killed"][0] == off["8 more epochs, ReLU"][0] >= 0.4 and off["8 more epochs, leaky"][0] < off["killed"][0]
assert scores["8 more epochs, leaky"] > scores["8 more epochs, ReLU"]

# %% [markdown]
r"""
Read the first number of each row. With ReLU it stands still, with the leak it falls: units find their way back. (In the
second layer units can return even with ReLU, because their inputs change while the first layer learns.) And a leaky unit
that never has a positive sum is not dead: its slope is $\alpha$ and it still learns, as the accuracy shows.

### A leak from the start

Could you have used the leak at once? Train at a rate that kills, with no leak, a small and a larger one, three draws of the
first weights each:
"""

# %%
def leaky_runs(alpha):
    return [fitted(lambda: nn.LeakyReLU(alpha), seed + k, lr=0.6, num_epochs=6, batch_size=16) for k in range(3)]


leaks = {alpha: leaky_runs(alpha) for alpha in (0, 0.01, 0.1)}         # a leak of 0 is ReLU

# %%
def told(net, history):
    if not all(np.isfinite(p).all() for p in net.params):
        return "exploded"
    return f"{np.mean(dead_units(digits.X_train, net)):.0%} and {history['val_accuracy'][-1]:.0%}"


# %% tags=["nbval-ignore-output"]
print("units that never have a positive sum, and validation accuracy, of three networks")
for alpha, trained in leaks.items():
    print(f"leak {alpha:<4}:  " + "    ".join(told(net, history) for net, history in trained))
final = {alpha: np.mean([history["val_accuracy"][-1] for _, history in trained]) for alpha, trained in leaks.items()}
assert final[0.01] > final[0] + 0.05

# %% [markdown]
r"""
The small leak makes a rate survivable that cripples ReLU. The larger one can make it worse: in a network that has
*exploded*, the weights grew until they overflowed to infinity and NaN. A dead unit is also a blown fuse. It stops a
long step from leading to a longer one, and a leak puts a wire across the fuse.

So the first thing to do about dead units is to lower the learning rate. The leak comes second.
"""

# %% [markdown]
r"""
## One net, one budget, seven bends

Which activation is best? Let the digits decide: one network, 784-64-64-10, eight epochs of mini-batches of 64. A learning
rate that suits one activation may be far off for another, so a race at one common rate would be unfair. Each activation
tries rates a factor of three apart until the best of them has a worse one on either side. And one run is one draw of the
first weights, so every rate gets three. What counts is the mean validation loss.
"""

# %%
shelf_rates = {name: (0.1, 0.3, 1.0) for name in shelf} | {"none": (0.01, 0.03, 0.1, 0.3), "sigmoid": (0.1, 0.3, 1.0, 3.0, 10.0)}
tried = {(name, lr): [fitted(shelf[name], seed + k, lr) for k in range(3)]
         for name in train.track(shelf, "racing") for lr in shelf_rates[name]}


def last(what, runs):
    """The last entry of each run's history, (number of runs,); a run that diverged has an infinite loss."""
    return np.nan_to_num([history[what][-1] for _, history in runs], nan=np.inf)


# %%
chosen = {name: min(lrs, key=lambda lr: last("val_loss", tried[name, lr]).mean()) for name, lrs in shelf_rates.items()}
for name, lr in chosen.items():
    assert lr not in (shelf_rates[name][0], shelf_rates[name][-1]), f"{name} would like to go beyond its range"

# %%
all_rates = [0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0]
table = np.full((len(shelf), len(all_rates)), np.nan)
fig, ax = plot.figure("The sigmoid needs a larger learning rate than its rivals", "learning rate", size=(6.6, 4.2))
for (name, lr), runs in tried.items():
    row, column = list(shelf).index(name), all_rates.index(lr)
    share = table[row, column] = last("val_accuracy", runs).mean()
    ax.text(column, row, f"{share:.1%}", ha="center", va="center", color="white" if share > 0.85 else "black",
            weight="bold" if lr == chosen[name] else "normal")
ax.imshow(table, vmin=0.6, vmax=1.0, cmap="Blues", aspect="auto")
ax.set_xticks(range(len(all_rates)), all_rates)
ax.set_yticks(range(len(shelf)), shelf)
plot.show(fig, alt="A table of mean validation accuracies after eight epochs: eight rows from no activation to GELU, learning rates from 0.01 to 10; "
                   "each has tried three to five neighbouring rates. The rate chosen, in bold, is 0.03 without an activation, 3 for the "
                   "sigmoid and 0.3 for all others. One step to the right of it, most have fallen to about 10 percent or far down.")

# %% [markdown]
r"""
The rate in bold is the one chosen. The sigmoid wants a much larger rate than all others: its slopes are at most a quarter.
At 0.1, harmless for the rest, you would have called it hopeless.

Every choice is made, the winner by validation loss among them. Now, once, the test set. The table shows the mean of the
three networks at the chosen rate, how far the three lie apart, and the gain over the network without a bend.
"""

# %% tags=["nbval-ignore-output"]
def right(net):
    return net.forward(digits.X_test).argmax(axis=1) == digits.y_test  # (1000,): True where the answer is right


on_test = {name: np.array([right(net) for net, _ in tried[name, chosen[name]]]) for name in shelf}     # each (3, 1000)
for name in sorted(shelf, key=lambda name: on_test[name].mean()):
    draws, gain = on_test[name].mean(axis=1), (on_test[name] - 1.0 * on_test["none"]).mean(axis=0)
    half = 1.96 * gain.std() / np.sqrt(len(gain))
    print(f"{name:10} rate {chosen[name]:<4}  test {draws.mean():.1%} ({draws.min():.1%} to {draws.max():.1%})"
          f"   gain {100 * gain.mean():4.1f} points, give or take {100 * half:.1f}")

# %% tags=["nbval-ignore-output"]
winner = min(shelf, key=lambda name: last("val_loss", tried[name, chosen[name]]).mean())
correct = int(on_test[winner][0].sum())
print(f"chosen on the validation digits: {winner} at {chosen[winner]}")
metrics.headline("test accuracy with the activation chosen", correct / 1000, 0.919,
                 interval=metrics.wilson_interval(correct, 1000))

# %% tags=["nbval-ignore-output"]
means = {name: on_test[name].mean() for name in shelf}
rectifiers = ["relu", "leaky_relu", "elu", "silu", "gelu"]
between = max(means[name] for name in rectifiers) - min(means[name] for name in rectifiers)
within = np.mean([np.ptp(on_test[name].mean(axis=1)) for name in rectifiers])
print(f"the worst bend gains {100 * (min(means[name] for name in seven) - means['none']):.1f} points; between rectifiers "
      f"{100 * between:.1f} points, between draws of one rectifier {100 * within:.1f} on average")
assert min(means[name] for name in seven) > means["none"]

# %% [markdown]
r"""
Two findings, and one that is missing. *Some* bend is worth points that lie outside the noise. And at a rate of its own,
even the sigmoid is not far behind in a network of this depth. What you do not see is a clear winner among the ReLU and its
four relatives: another draw of the first weights changes as much as another member of the family does. Whoever names a best
activation from one run on one data set has measured luck.
"""

# %% [markdown]
r"""
### Which to use where

| where | use | because |
|---|---|---|
| hidden layers, to begin with | ReLU | slope 1, cheap, hard to beat |
| hidden layers, units die | a lower learning rate first, then leaky ReLU | shorter steps kill less; a slope of exactly 0 is gone |
| hidden layers of transformers (unit 18) | GELU or SiLU | what has proved itself there; smooth |
| hidden state of recurrent networks (unit 13) | tanh | bounded and centred: it is applied again and again |
| gates, "how much" from 0 to 1 (unit 14) | sigmoid | it is a share |
| output, yes or no | none, sigmoid inside the loss | the loss wants logits (unit 02) |
| output, one of C classes | none, softmax inside the loss | as above |
| output, any number | none | a bend would forbid some answers |
"""

# %% [markdown]
r"""
## What goes wrong

**The slope taken at the output.** In backprop the slope belongs to the input $Z$ of the activation. Code that keeps only $A$
and calls the slope function on it computes $\sigma'(\sigma(z))$. The shapes fit, the numbers look sensible, and at a moderate
learning rate training even works, only worse. The gradient check notices at once.
"""

# %%
A, slope = sigmoid(Z)
wrong_slope = sigmoid(A)[1]                                            # the slope of a second sigmoid
print(f"right: {slope.min():.2f} to {slope.max():.2f}, wrong: {wrong_slope.min():.2f} to {wrong_slope.max():.2f}, "
      f"relative error {gradcheck.relative_error(wrong_slope, slope):.2g}")

# %%
class SlopeAtOutput(nn.Sigmoid):
    def forward(self, X):
        self.A = super().forward(X)
        return self.A

    def backward(self, dY):
        return dY * sigmoid(self.A)[1]                                 # the mistake: self.A is not the input


wrong = [fitted(SlopeAtOutput, seed + k, lr=1.0) for k in range(3)]
assert last("val_loss", wrong).mean() > last("val_loss", tried["sigmoid", 1.0]).mean()

# %% tags=["nbval-ignore-output"]
for name, runs in (("at the input", tried["sigmoid", 1.0]), ("at the output", wrong)):
    print(f"slope {name:13}: validation accuracy {last('val_accuracy', runs).mean():.1%}, loss {last('val_loss', runs).mean():.2f}")

# %% [markdown]
r"""
For ReLU the same slip is harmless, because $A > 0$ exactly where $Z > 0$. That is why it is easy to make.

**The input changed in place.** `Z *= gate` saves an array, and overwrites the $Z$ that the way back needs. Here is SiLU,
computed in place: its values are right, and afterwards its slopes are not.
"""

# %%
sums = np.array([-2.0, 3.0])
right_slope = silu(sums)[1]
sums *= sigmoid(sums)[0]                                               # now the sums are SiLU's values
print("slope on the way back:", silu(sums)[1].round(2), " it should be:", right_slope.round(2))

# %% [markdown]
r"""
ReLU and leaky ReLU keep the sign of each sum, or make it 0, so there the slope survives by luck. The array may still belong to
somebody else: if $Z$ was your data, the second epoch trains on other numbers than the first.
"""

# %% [markdown]
r"""
**An activation after the last layer.** With ReLU on the logits, no class can get a score below 0. All classes that are cut off
become equal. And where the right class is cut off, its slope is 0: nothing pulls it up again. Same network, same rate,
without and with:
"""

# %%
def last_layer(*extra):
    """Train the same network with these extra layers at its end."""
    net = sizes_to_net((784, 64, 64, 10), nn.ReLU, np.random.default_rng(seed))
    net = nn.Sequential(*net.layers, *extra)
    history = train.fit_numpy(net, digits, num_epochs=5, batch_size=64, lr=0.1, rng=np.random.default_rng(seed))
    return net, history["val_accuracy"][-1]


ends = {"logits as they are": last_layer(), "ReLU on the logits": last_layer(nn.ReLU())}
assert ends["ReLU on the logits"][1] < ends["logits as they are"][1]

# %% tags=["nbval-ignore-output"]
for name, (net, accuracy) in ends.items():
    logit = net.forward(digits.X_val)[np.arange(500), digits.y_val]    # of the right class
    print(f"{name}: validation accuracy {accuracy:.1%}; the right logit is cut off for {(logit == 0).mean():.1%} of the digits")

# %% [markdown]
r"""
## Summary

- Dense layers in a row are one dense layer. Depth is worth something only with a bend between them.
- An activation matters through its slope: backprop computes `dZ = dA * slope`, with the slope at the input.
- Sigmoid and tanh saturate: far out their slope is nearly 0. The sigmoid passes at most a quarter, and its values are all of one sign.
- ReLU passes everything or nothing. A unit without a positive sum for any example is dead. A lower learning rate
  prevents that, a leak brings units back.
- Begin with ReLU. Give every rival its own learning rate and several draws of the weights before you believe in a winner.

## Three quick questions

**1.** A network has the sizes 100, 50, 2, 50, 10 and no activations. What is the one layer it equals? Can *any* layer
from 100 to 10 be written this way?

<details>
<summary>Answer</summary>

The matrix is $W_1 W_2 W_3 W_4$, of shape (100, 10), with a bias of shape (10,). Not every layer: everything must pass through
two numbers in the middle, so the ten logits can only move in two directions. Without a bend, extra layers can take
something away, and never add anything.

</details>

**2.** The sum of a sigmoid unit is 10. What are its value and, roughly, its slope? And of a ReLU unit?

<details>
<summary>Answer</summary>

$e^{-10}$ is about 0.000045. The sigmoid's value is about $1 - 0.000045$, its slope $\sigma(1 - \sigma)$ about 0.000045: saturated. The
ReLU's value is 10, its slope 1.

</details>

**3.** After training, 30 % of the values in a ReLU layer are 0. A friend says: "30 % of your units are dead." Is she right?

<details>
<summary>Answer</summary>

Not from this number. A healthy ReLU unit is 0 for many examples; that is its way of saying "not this". Dead is a unit
that is 0 for *all* examples. Look down each unit's column: the layer can have 30 % zeros and not a single dead unit.

</details>

Now write it yourself: [the exercises](exercises.ipynb).
"""
