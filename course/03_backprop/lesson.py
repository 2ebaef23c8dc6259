# %% [markdown]
r"""
# Let the chain rule train the network

> **Time**: {{run_time}} to run, 70 minutes to study.
>
> **What you do**: build backpropagation twice, first for single numbers, in an engine of fewer than sixty lines, then for whole
> arrays; check every slope it gives you; let it train a network that reads handwritten digits; break it in the usual ways and
> see what each looks like.
>
> **What you need first**: [unit 00](../00_start/lesson.ipynb) (shapes, slopes, the chain rule), [unit 01](../01_perceptron/lesson.ipynb)
> (neuron, learning rate, epoch), [unit 02](../02_networks/lesson.ipynb) (the forward pass, softmax, the loss).
"""

# %%
import inspect
import itertools
import math

import numpy as np

from introdl import data, gradcheck, metrics, nn, plot, train

seed = 0

# %% [markdown]
r"""
## One slope for every weight

At the end of [unit 02](../02_networks/lesson.ipynb) you had a network of three layers that looks at a digit and guesses.
It guesses badly, because its weights are random. To improve it you need one number for each weight: *if I raise this weight a little, does the
loss go up or down, and how steeply?* That number is a slope, the partial derivative from unit 00.

You already know one way to measure a slope: nudge the weight, run the network again, compare the losses. It takes one
extra forward pass for each weight. Count what that costs for one digit, in multiplications.
"""

# %%
sizes = [784, 128, 64, 10]
forward_cost = sum(n_in * n_out for n_in, n_out in zip(sizes, sizes[1:]))   # one multiplication a weight
num_params = forward_cost + sum(sizes[1:])                                  # weights and biases
costs = {"one forward pass": forward_cost,
         "all slopes by nudging": forward_cost * (1 + num_params),
         "all slopes by backprop": 3 * forward_cost}
print(f"{num_params:,} parameters, so {num_params:,} slopes")

# %%
fig, ax = plot.figure("Backprop finds all slopes for about three forward passes",
                      xlabel="multiplications for one digit (log scale)", size=(6.4, 2.4))
ax.barh(list(costs), list(costs.values()), color=["0.5", "C1", "C0"])
ax.set_xscale("log")
ax.set_xlim(1e4, 1e12)
ax.invert_yaxis()
for row, cost in enumerate(costs.values()):
    ax.text(cost * 1.4, row, f"{cost:.1e}", va="center")
plot.show(fig, alt="Three horizontal bars on a logarithmic axis. One forward pass takes about a hundred thousand "
                   "multiplications, all slopes by nudging about ten billion, all slopes by backprop about "
                   "three hundred thousand.")

# %% [markdown]
r"""
The last bar is the subject of this unit. [*Backpropagation*](../glossary.md#backpropagation), *backprop* for short,
gives you all slopes at once, without a nudge, for the price of about three forward passes. Where the three comes
from, you will see when the layers are taken apart.

You start with one step downhill, then one neuron, then the reason why it pays to go backwards, then the engine.
"""

# %% [markdown]
r"""
## The gradient points uphill

Collect the slopes of the loss with respect to all weights in one vector: that is the
[*gradient*](../glossary.md#gradient). Before you compute one for a network, look at what it tells you, on a loss of
only two weights: a long valley whose lowest point lies at (0, 0).
"""

# %%
def valley(w):                                   # w: two weights, shape (2,)
    return 0.5 * (w[0] ** 2 + 6 * w[1] ** 2)


def valley_gradient(w):                          # the two partial derivatives
    return np.array([w[0], 6 * w[1]])


w = np.array([-2.0, 0.7])
g = valley_gradient(w)
lr = 0.15
print(f"loss here                   {valley(w):.3g}")
print(f"a step along the gradient   {valley(w + lr * g):.3g}")
print(f"a step against the gradient {valley(w - lr * g):.3g}")

# %%
fig, ax = plot.figure("The gradient points uphill, so the step goes against it",
                      xlabel="weight 1", ylabel="weight 2", size=(6.4, 3.8))
a, b = np.meshgrid(np.linspace(-3.4, 1.4, 120), np.linspace(-1.4, 1.6, 120))
ax.contour(a, b, valley([a, b]), levels=[0.2, 0.8, 1.8, 3.2, 5.0, 7.2], colors="0.6", linewidths=0.8)
for sign, color, label in ((+1, "C1", "along: uphill"), (-1, "C0", "against: downhill")):
    tip = w + sign * lr * g
    ax.annotate("", xy=tip, xytext=w, arrowprops={"arrowstyle": "-|>", "color": color, "lw": 2.5})
    ax.text(*(tip + [0.12, 0.0]), label, color=color, va="center", bbox={"fc": ax.get_facecolor(), "ec": "none", "pad": 1})
ax.plot(*w, "o", color="k")
ax.plot(0, 0, "*", color="k", ms=12)
ax.text(0.1, 0.1, "lowest loss")
ax.set_aspect("equal")
plot.show(fig, alt="Contour lines of a long horizontal valley with its lowest point marked by a star. At a point on the "
                   "upper left slope an orange arrow along the gradient leads up and out of the valley. A blue arrow the "
                   "opposite way leads down into the valley; it points across the valley, not at the star.")

# %% [markdown]
r"""
Along the gradient the loss rose. Against it, the loss fell. So the rule that trains every network in this course
carries a minus sign:

$$w \leftarrow w - \eta\,\nabla L(w).$$

Here $\nabla L(w)$ is the gradient of the loss $L$ at the weights $w$, and $\eta$ ("eta", in code `lr`) is the
learning rate of unit 01: how far you step. Repeating the rule is called
[*gradient descent*](../glossary.md#gradient-descent).

Two sentences that you will meet elsewhere are wrong, and the picture shows it. "The gradient is the direction of
steepest descent": no, of steepest *ascent*; the descent is its negative. "The negative gradient points at the
minimum": no, it crosses the contour line at a right angle, which here leads across the valley and not along it. It is
the best direction for a *small* step, and promises nothing about a long one.
"""

# %% [markdown]
r"""
## A formula is a graph

Now one neuron, one example, one loss: a weighted sum, the bent step $\tanh$ (a smooth cousin of the step in unit 01,
from -1 to 1), and the squared distance to a target $t$. Written as one formula it looks dense:
$L = (\tanh(wx + b) - t)^2$. Computed line by line, every line is a single small operation.
"""

# %%
x, w, b, t = 1.5, 0.8, -0.4, 1.0

u = w * x
z = u + b
h = math.tanh(z)
e = h - t
L = e * e
print(f"u = {u:.3g}   z = {z:.3g}   h = {h:.3g}   e = {e:.3g}   L = {L:.3g}")

# %% [markdown]
r"""
Draw an arrow from each number to the numbers that are computed from it and you have the
[*computational graph*](../glossary.md#computational-graph) of the formula. Computing the values from left to right is
the [*forward pass*](../glossary.md#forward-pass) that you know.

Each arrow has a [*local slope*](../glossary.md#local-slope): how fast the number at its head changes when only the
number at its tail is nudged. You can read it off one operation without knowing the rest of the graph.

| operation | local slopes |
|---|---|
| $z = u + b$ | $\partial z/\partial u = 1$, $\;\partial z/\partial b = 1$ |
| $u = w \cdot x$ | $\partial u/\partial w = x$, $\;\partial u/\partial x = w$ |
| $h = \tanh z$ | $\partial h/\partial z = 1 - h^2$ |
"""

# %%
def draw_graph(ax, places, edges, text, colors, flow="-|>"):
    """Boxes at `places` with their `text`, arrows with labels; `colors` names what stands out, `flow` its arrowheads."""
    boxes = {name: ax.text(*place, text[name], ha="center", va="center",
                           bbox={"boxstyle": "round,pad=0.4", "fc": colors.get(name, "white"), "ec": "0.4"})
             for name, place in places.items()}
    for (tail, head), label in edges.items():
        color, style = (colors[tail, head], flow) if (tail, head) in colors else ("0.45", "-|>")
        ax.annotate("", xy=places[head], xytext=places[tail],
                    arrowprops={"arrowstyle": style, "color": color, "lw": 1.8, "shrinkA": 2, "shrinkB": 2,
                                "patchA": boxes[tail].get_bbox_patch(), "patchB": boxes[head].get_bbox_patch()})
        if label:
            ax.text(*np.mean([places[tail], places[head]], axis=0), label, color=color, ha="center", va="center",
                    bbox={"fc": ax.get_facecolor(), "ec": "none", "pad": 1})
    ax.set_xlim(-0.4, max(column for column, _ in places.values()) + 0.4)
    ax.set_ylim(min(row for _, row in places.values()) - 0.5, max(row for _, row in places.values()) + 0.5)
    ax.set_axis_off()


# %%
places = {"w": (0, 2), "x": (0, 1), "b": (1, 0.4), "u": (1, 1.5), "z": (2, 1.2), "h": (3, 1.2), "t": (3, 0.3),
          "e": (4, 1.2), "L": (5, 1.2)}
edges = {("w", "u"): f"{x:.2g}", ("x", "u"): f"{w:.2g}", ("u", "z"): "1", ("b", "z"): "1",
         ("z", "h"): f"{1 - h**2:.2g}", ("h", "e"): "1", ("t", "e"): "-1", ("e", "L"): f"{2 * e:.2g}"}
text = {name: f"{name}\n{value:.2g}" for name, value in
        {"w": w, "x": x, "b": b, "u": u, "z": z, "h": h, "t": t, "e": e, "L": L}.items()}
route = ["w", "u", "z", "h", "e", "L"]
fig, ax = plot.figure("To get from w to L, multiply the slopes on the way", size=(7.2, 3.0))
draw_graph(ax, places, edges, text, dict.fromkeys(zip(route, route[1:]), "C1"))
plot.show(fig, alt="A graph with nine boxes. w and x lead to u, u and b to z, then z to h, h and the target t to e, and e to L. "
                   "Every box shows its value, every arrow its local slope. The arrows from w through u, z, h and e to L "
                   "are orange.")

# %% [markdown]
r"""
The [*chain rule*](../glossary.md#chain-rule) from unit 00, for one variable, says that slopes of a chain multiply. On
a graph it reads: **along a path, multiply the local slopes**.

Start at the loss, whose slope with respect to itself is 1, and walk back. The course writes `dz` for the slope of the
loss with respect to `z`, so each line below reads "slope so far, times one local slope".
"""

# %%
dL = 1.0
de = dL * 2 * e
dh = de * 1
dz = dh * (1 - h**2)
du, db = dz * 1, dz * 1
dw, dx = du * x, du * w
print(f"dw = {dw:.3g}   db = {db:.3g}   dx = {dx:.3g}")

# %% [markdown]
r"""
Trust nothing that you can measure. Nudge `w` a little to both sides and compare:
"""

# %%
def neuron_loss(w, b=b, x=x, t=t):
    return (math.tanh(w * x + b) - t) ** 2


nudge = 1e-5
measured = (neuron_loss(w + nudge) - neuron_loss(w - nudge)) / (2 * nudge)
print(f"dw by the chain rule {dw:.3g}, by nudging {measured:.3g}")
assert abs(dw - measured) < 1e-8

# %% [markdown]
r"""
The slope `dw` is negative: a larger `w` lowers the loss. And notice what you did not have to do again. `db` and `dx`
came almost for free, because the walk from `L` back to `z` was already paid for.

One line hid a second rule. Where does the local slope $2e$ of $L = e \cdot e$ come from? The product has two inputs,
and *both* are $e$. By the table each of the two arrows carries the slope $e$ (the other factor). A nudge of $e$
reaches $L$ along both, and the effects add: $e + e = 2e$. So: **over several paths, add**. Together:

$$\frac{\partial L}{\partial x} \;=\; \sum_{\text{paths from } x \text{ to } L}\;\; \prod_{\text{arrows on the path}} \text{local slope}$$
"""

# %% [markdown]
r"""
## Why backwards: count the paths

The formula is correct, but it is a poor recipe. In a network every neuron feeds every neuron of the next layer, so
paths multiply. Count it on a ladder: layers of two nodes, each connected to both nodes of the next layer.
`slopes[k, i, j]` is the local slope from node `i` of layer `k` to node `j` of layer `k + 1`.

First the recipe as it stands: list every path from start to end, multiply along it, add up.
"""

# %%
def by_paths(slopes):
    """Slope of the last layer's node 0 with respect to the first layer's node 0; multiplications used."""
    total, multiplications = 0.0, 0
    for between in itertools.product((0, 1), repeat=len(slopes) - 1):
        path, product = (0, *between, 0), 1.0
        for k in range(len(slopes)):
            product *= slopes[k, path[k], path[k + 1]]
            multiplications += 1
        total += product
    return total, multiplications


rng = np.random.default_rng(seed)
slopes = rng.uniform(-1.5, 1.5, size=(12, 2, 2))
print(f"{by_paths(slopes)[1]:,} multiplications for one slope through {len(slopes)} layers")

# %% [markdown]
r"""
Most of that work is repeated: thousands of paths share the same last steps. So compute the slope of the end with
respect to each node *once*, store it, and let the layer before use it. A node's slope is the sum over its arrows of
"local slope times the slope stored at the arrow's head". That only works if you begin at the end.
"""

# %%
def by_sweep(slopes):
    """The same slope as `by_paths`, from the end backwards."""
    grad, multiplications = np.array([1.0, 0.0]), 0      # slopes of the end with respect to the last layer
    for layer in slopes[::-1]:
        grad = layer @ grad                              # (2, 2) @ (2,): every arrow is used once
        multiplications += layer.size
    return grad[0], multiplications


assert np.isclose(by_paths(slopes)[0], by_sweep(slopes)[0])
print(f"{by_sweep(slopes)[1]} multiplications for the same slope")

# %%
depths = np.arange(1, 15)
ladders = [rng.uniform(-1.5, 1.5, size=(depth, 2, 2)) for depth in depths]
path_counts = [by_paths(slopes)[1] for slopes in ladders]
sweep_counts = [by_sweep(slopes)[1] for slopes in ladders]
fig, ax = plot.figure("Each layer doubles the paths but adds only four arrows", xlabel="layers",
                      ylabel="multiplications (log scale)")
for counts, label, color in ((path_counts, "path by path", "C1"), (sweep_counts, "one reverse sweep", "C0")):
    ax.semilogy(depths, counts, "o-", color=color)
    ax.text(depths[-1] + 0.3, counts[-1], label, color=color, va="center")
ax.set_xlim(0.5, 18.5)
ax.set_xticks(range(2, 15, 4))
plot.show(fig, alt="Two curves over the number of layers, from 1 to 14, with a logarithmic count of multiplications. Path by path "
                   "is a rising straight line that passes one hundred thousand. One reverse sweep flattens "
                   "out and stays below one hundred.")

# %% [markdown]
r"""
On the logarithmic axis a straight line means doubling: the recipe by paths is exponential in the depth. The sweep
uses each arrow once, so it is linear in the number of arrows. Solving every sub-problem once and keeping its answer
is called [*dynamic programming*](../glossary.md#dynamic-programming), and backprop is the chain rule done that way.
Seppo Linnainmaa described the reverse sweep in 1970; Rumelhart, Hinton and Williams made it the way to train networks
in 1986.

Why not sweep from the front? It costs the same and answers another question. A forward sweep starts at *one* input
and yields its effect on every node. A reverse sweep starts at *one* output and yields every node's effect on it. A
network has one loss and a hundred thousand weights, so one reverse sweep does the work of a hundred thousand forward
ones.
"""

# %% [markdown]
r"""
## An engine in under sixty lines

Nobody walks back through a large graph by hand. You now write a small engine that does it for any formula: first you
compute, it takes notes; then it reads its notes backwards. This is called
[*automatic differentiation*](../glossary.md#automatic-differentiation), or *autograd*.

**Step 1: a number that remembers how it was made.** It stores its inputs, each with the local slope towards it.
"""

# %%
class Value:
    """A number, the inputs it was computed from, and the slope of a loss with respect to it."""

    def __init__(self, data, inputs=()):
        self.data = data                 # the number
        self.inputs = inputs             # pairs (input, local slope)
        self.grad = 0.0                  # filled by the reverse sweep


# %% [markdown]
r"""
**Step 2: operations that take notes.** Each computes its result, as usual, and writes down the local slopes from the
table above. It knows nothing about the rest of the graph.
"""

# %%
def add(a, b):
    return Value(a.data + b.data, inputs=((a, 1.0), (b, 1.0)))


def multiply(a, b):
    return Value(a.data * b.data, inputs=((a, b.data), (b, a.data)))


def tanh(a):
    h = math.tanh(a.data)
    return Value(h, inputs=((a, 1 - h**2),))


# %% [markdown]
r"""
**Step 3: pass it on.** A value that knows its own slope adds its share to each input: local slope times own slope.
The `+=` is the rule "over several paths, add".
"""

# %%
def pass_back(value):
    for source, slope in value.inputs:
        source.grad += slope * value.grad


# %% [markdown]
r"""
**Step 4: in which order?** From the loss outwards, the nearest values first, sounds right. Try it on $y = u \tanh(u)$
with $u = x \cdot x$, where $u$ reaches $y$ directly and through the tanh.
"""

# %%
x = Value(0.9)
u = multiply(x, x)
v = tanh(u)
y = multiply(u, v)

y.grad = 1.0
for value in (y, u, v, x):               # nearest to y first
    pass_back(value)


def formula(x):
    return x * x * math.tanh(x * x)


measured = (formula(0.9 + nudge) - formula(0.9 - nudge)) / (2 * nudge)
print(f"nearest first {x.grad:.3g}, by nudging {measured:.3g}")

# %% [markdown]
r"""
Wrong. `u` passed its slope on to `x` before `v` had delivered its share to `u`: the late share never reached `x`.

A value may pass on only when *everyone who used it* has delivered. So line the values up such that each stands after
its inputs; that is a [*topological order*](../glossary.md#topological-order). Walk it from the end, and every value's
users come before it.

To build it, visit the inputs first and append yourself last. `seen` makes sure that a value used twice is listed
once.
"""

# %%
def topological_order(end):
    """All values that `end` was computed from, each after its inputs, and `end` last."""
    order, seen = [], set()

    def visit(value):
        if value not in seen:
            seen.add(value)
            for source, _ in value.inputs:
                visit(source)
            order.append(value)

    visit(end)
    return order


# %% [markdown]
r"""
**Step 5: the reverse sweep.** Clear the slopes, set the loss's own slope to 1, walk the order from its end.
"""

# %%
def backward(loss):
    order = topological_order(loss)
    for value in order:
        value.grad = 0.0
    loss.grad = 1.0
    for value in reversed(order):
        pass_back(value)


backward(y)
print(f"topological order {x.grad:.3g}, by nudging {measured:.3g}")
assert abs(x.grad - measured) < 1e-8

# %% [markdown]
r"""
**Step 6: let formulas look like formulas.** When Python meets `a * b` it calls `a.__mul__(b)`. Hand it your functions
under those names, and wrap plain numbers on the way in.
"""

# %%
def as_value(number):
    return number if isinstance(number, Value) else Value(number)


def with_numbers(operation):
    return lambda a, b: operation(as_value(a), as_value(b))


Value.__add__ = Value.__radd__ = with_numbers(add)
Value.__mul__ = Value.__rmul__ = with_numbers(multiply)
Value.__sub__ = lambda a, b: a + (-1.0) * b
Value.tanh, Value.backward = tanh, backward

# %%
w, b = Value(0.8), Value(-0.4)
e = (w * 1.5 + b).tanh() - 1.0
L = e * e
L.backward()
print(f"dw = {w.grad:.3g}   db = {b.grad:.3g}   (by hand: dw = {dw:.3g}, db = {db:.3g})")
assert np.allclose([w.grad, b.grad], [dw, db])

# %% [markdown]
r"""
The engine reproduces what you did by hand. Count its lines, docstrings and all:
"""

# %%
parts = [Value.__init__, add, multiply, tanh, pass_back, topological_order, backward, as_value, with_numbers]
num_lines = sum(len(inspect.getsource(part).splitlines()) for part in parts)
num_lines += 2 + 4                       # the head of the class; the four lines that set the operators
print(num_lines, "lines")
assert num_lines <= 60

# %% [markdown]
r"""
### Watch the slopes flow

Two tanh neurons look at the same input $x$, and their sum $s$ should equal the target. Press play. In each frame one
value, in orange, passes its slope to its inputs; a blue value is done. Watch $x$: it is used twice, so its slope
arrives in two parts.
"""

# %%
x, w1, w2, t = Value(1.5), Value(0.8), Value(0.4), Value(-1.0)
u1, u2 = w1 * x, w2 * x
h1, h2 = u1.tanh(), u2.tanh()
s = h1 + h2
e = s + t
L = e * e
names = {"w1": w1, "x": x, "w2": w2, "u1": u1, "u2": u2, "h1": h1, "h2": h2, "s": s, "-t": t, "e": e, "L": L}
places = {"w1": (0, 2), "x": (0, 1), "w2": (0, 0), "u1": (1, 1.6), "u2": (1, 0.4), "h1": (2, 1.6), "h2": (2, 0.4),
          "s": (3, 1), "-t": (3, 0), "e": (4, 1), "L": (5, 1)}
name_of = {value: name for name, value in names.items()}
edges = {(name_of[source], name_of[value]): "" for value in name_of for source, _ in value.inputs}


# %%
def sweep_frame(k):
    """The graph when k values have passed their slopes on; those without inputs have nobody to pass to."""
    for value in names.values():
        value.grad = 0.0
    L.grad = 1.0
    backwards = [value for value in topological_order(L)[::-1] if value.inputs]
    for value in backwards[:k]:
        pass_back(value)
    reached = {value for user in backwards[:k] for value, _ in user.inputs} | {L}
    text = {name: f"{name} = {value.data:.2f}\n" + (f"slope {value.grad:.2f}" if value in reached else "slope ?")
            for name, value in names.items()}
    colors = {name_of[value]: "#9ecae9" for value in backwards[:k]}
    if k:
        now = backwards[k - 1]
        colors |= {name_of[now]: "#ffbf79"} | {(name_of[source], name_of[now]): "C1" for source, _ in now.inputs}
    fig, ax = plot.figure("Slopes flow from the loss back to the inputs", size=(7.4, 3.2))
    draw_graph(ax, places, edges, text, colors, flow="<|-")
    return fig


plot.animate(sweep_frame, range(8), fps=1,
             alt="A graph of eleven boxes, from the weights w1 and w2 and the shared input x on the left to the loss L on the "
                 "right. Starting at L, box after box turns orange, passes its slope back along its incoming arrows, and then "
                 "turns blue. The slope of x changes twice: once from each of the two neurons.")

# %% [markdown]
r"""
### Let the engine learn XOR

In unit 01 one neuron could not learn XOR, and you set the weights of a hidden layer by hand. Now the weights can find
themselves. Four hidden neurons, one output neuron, all with tanh; the targets are -1 and 1.
"""

# %%
points = [(0, 0), (0, 1), (1, 0), (1, 1)]
targets = [-1, 1, 1, -1]
rng = np.random.default_rng(seed)
hidden = [[Value(v) for v in rng.normal(size=3)] for _ in range(4)]     # each: two weights and a bias
output = [Value(v) for v in rng.normal(size=5)]                         # four weights and a bias


def neuron(weights, inputs):
    total = weights[-1]                                                 # the bias
    for weight, number in zip(weights, inputs):
        total = total + weight * number
    return total.tanh()


# %% [markdown]
r"""
One round of learning is short: compute the loss, sweep back, step against the gradient. The loss is the mean squared
error over the four points.
"""

# %%
losses = []
for _ in range(200):
    loss = Value(0.0)
    for point, target in zip(points, targets):
        error = neuron(output, [neuron(weights, point) for weights in hidden]) - target
        loss = loss + 0.25 * (error * error)
    loss.backward()
    for weight in [*output, *sum(hidden, [])]:
        weight.data -= 0.3 * weight.grad
    losses.append(loss.data)
print(f"loss {losses[0]:.2g} -> {losses[-1]:.2g}, through a graph of {len(topological_order(loss))} values")
assert losses[-1] < 0.05

# %%
W_hidden = np.array([[weight.data for weight in weights] for weights in hidden])      # (4, 3)
w_output = np.array([weight.data for weight in output])                               # (5,)


def predict(grid):                                                                    # (N, 2) -> classes (N,)
    h = np.tanh(grid @ W_hidden[:, :2].T + W_hidden[:, 2])                            # (N, 4)
    return (h @ w_output[:4] + w_output[4] > 0).astype(int)


fig, axs = plot.figure("The engine finds weights that solve XOR", ncols=2, size=(7.2, 3.2))
axs[0].semilogy(losses)
axs[0].set(xlabel="step", ylabel="loss (log scale)")
plot.boundary(axs[1], predict, np.array(points), np.array([0, 1, 1, 0]))
axs[1].set(xlabel="input 1", ylabel="input 2", xlim=(-0.5, 1.5), ylim=(-0.5, 1.5), aspect="equal")
plot.show(fig, alt="Left, the loss falls over two hundred steps by more than a factor of one hundred. Right, the four points of "
                   "XOR and the learned regions: the two points of class 1 lie in one region, the two of class 0 outside it.")

# %% [markdown]
r"""
## From numbers to arrays

The engine is exact, and far too slow for digits: one Python object per number. But a layer repeats one pattern
thousands of times, so its backward pass can be written once, for whole arrays. First recall the forward pass of
[unit 02](../02_networks/lesson.ipynb). `N` is the number of examples in the batch.

| piece | formula | shapes |
|---|---|---|
| dense layer | $Y = XW + b$ | $(N, D) \cdot (D, C) + (C) \to (N, C)$ |
| ReLU | $A = \max(Z, 0)$ | same in and out |
| softmax | $p_{nc} = e^{z_{nc}} / \sum_k e^{z_{nk}}$ | logits $(N, C)$ to probabilities $(N, C)$ |
| cross-entropy | $L = -\frac{1}{N} \sum_n \log p_{n, y_n}$ | logits $(N, C)$ and labels $(N)$ to one number |
"""

# %%
def dense(X, W, b):
    return X @ W + b


def relu(Z):
    return np.maximum(Z, 0)


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))      # shifting a row changes no probability
    return powers / powers.sum(axis=1, keepdims=True)


def cross_entropy(logits, y):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_p[np.arange(len(y)), y].mean()


# %% [markdown]
r"""
The network is a list of weights and biases, one pair a layer, with a ReLU between the layers. The weights start
random, scaled by $\sqrt{2/D}$ (unit 05 explains that scale). All arrays are float64 here: slopes are easier to check
with sixteen digits than with the seven of float32.
"""

# %%
def make_params(sizes, rng):
    return [(rng.normal(0, np.sqrt(2 / n_in), (n_in, n_out)), np.zeros(n_out)) for n_in, n_out in zip(sizes, sizes[1:])]


def forward(X, params):
    """The logits, and what each layer saw: its input X and its weighted sums Z."""
    seen = []
    for k, (W, b) in enumerate(params):
        Z = dense(X, W, b)
        seen.append((X, Z))
        X = relu(Z) if k < len(params) - 1 else Z        # no ReLU after the last layer
    return X, seen


# %%
digits = data.mnist5k()
X, y = digits.X_train[:64].astype(np.float64), digits.y_train[:64]
params = make_params(sizes, np.random.default_rng(seed))
logits, seen = forward(X, params)
print(f"logits {logits.shape}, loss {cross_entropy(logits, y):.3g}; a uniform guess would score {np.log(10):.3g}")

# %% [markdown]
r"""
`forward` keeps what each layer saw. You know why from the table of local slopes: the slope of a product is *the other
factor*, so the way back needs the numbers of the way there. That costs memory: nothing may be thrown away before the
way back.

The way back is a chain, too. Each layer receives `dY`, the slopes of the loss with respect to its output, in the
shape of that output. It owes two answers: the slopes of its own parameters, and `dX`, the slopes of its input, which
the layer before receives as *its* `dY`.
"""

# %% [markdown]
r"""
### Dense: two matrix products and a sum

Write one entry of the layer out: $Y_{nc} = \sum_d X_{nd} W_{dc} + b_c$. Now collect paths.

- The weight $W_{dc}$ touches output $c$ of **every example**, each time with the local slope $X_{nd}$. Add over the
  paths: $dW_{dc} = \sum_n X_{nd}\, dY_{nc}$, which is $X^\top dY$.
- The bias $b_c$ touches the same outputs with slope 1: $db_c = \sum_n dY_{nc}$, a sum over the batch.
- The input $X_{nd}$ touches every output $c$ of its own example, with slope $W_{dc}$:
  $dX_{nd} = \sum_c dY_{nc} W_{dc}$, which is $dY\, W^\top$.
"""

# %%
def dense_backward(dY, X, W):
    dX = dY @ W.T              # (N, C) @ (C, D) -> (N, D)
    dW = X.T @ dY              # (D, N) @ (N, C) -> (D, C)
    db = dY.sum(axis=0)        # (N, C)          -> (C,)
    return dX, dW, db


# %% [markdown]
r"""
If you forget where the transpose goes, let the shapes tell you: `dW` has the shape of `W`, `dX` the shape of `X`, and
from `dY`, `X` and `W` only one product fits. The forward pass took one product of size $N \cdot D \cdot C$, the
backward pass takes two: that is the price of three from the first picture.

Your engine knows nothing of matrices, which makes it a good witness. Let it compute a tiny layer, number by number.
"""

# %%
rng = np.random.default_rng(seed)
small_X, small_W, small_dY = rng.normal(size=(2, 3)), rng.normal(size=(3, 2)), rng.normal(size=(2, 2))
weights = [[Value(number) for number in row] for row in small_W]
loss = Value(0.0)
for n, d, c in np.ndindex(2, 3, 2):
    loss = loss + small_dY[n, c] * (small_X[n, d] * weights[d][c])      # a loss whose slopes at Y are small_dY
loss.backward()

by_engine = np.array([[weight.grad for weight in row] for row in weights])
by_matrix = dense_backward(small_dY, small_X, small_W)[1]
print(f"dW by the engine\n{by_engine.round(2)}\ndW by the matrix product\n{by_matrix.round(2)}")
assert np.allclose(by_engine, by_matrix)

# %% [markdown]
r"""
### ReLU: a gate

Where the input was positive, ReLU copied it: local slope 1. Where it was negative, ReLU gave 0 whatever the input:
local slope 0. So slopes pass where the *input* `Z` was positive and stop elsewhere. The sign of `dY` has no say. (At
exactly 0 there is a kink and no slope; by convention the course takes 0 there.)
"""

# %%
def relu_backward(dY, Z):
    return np.where(Z > 0, dY, 0)


Z = np.array([[-2.0, -0.5, 0.5, 2.0]])
dY = np.array([[0.7, -0.3, -0.3, 0.7]])
print(relu_backward(dY, Z))

# %% [markdown]
r"""
### Softmax and cross-entropy: predicted minus true

Alone, each of the two has a lengthy derivative. Together they are short. For one example with true class $y$,

$$L = -\log \frac{e^{z_y}}{\sum_k e^{z_k}} = \log \sum_k e^{z_k} - z_y .$$

The slope of the first term with respect to $z_c$ is $e^{z_c} / \sum_k e^{z_k}$, which is the probability $p_c$. The
second term contributes $-1$ for the true class and $0$ for the others. With the mean over $N$ examples:

$$dZ_{nc} = \frac{1}{N}\bigl(p_{nc} - [c = y_n]\bigr)$$

where the bracket is 1 if $c$ is the true class and 0 otherwise: the one-hot label of unit 02.
"""

# %%
def cross_entropy_backward(logits, y):
    dlogits = softmax(logits)                      # a fresh array, safe to change
    dlogits[np.arange(len(y)), y] -= 1
    return dlogits / len(y)


dlogits = cross_entropy_backward(logits, y)
assert np.allclose(dlogits.sum(axis=1), 0)         # what one class gains, the others lose

# %%
fig, axs = plot.figure("The slope at the logits is predicted minus true", ncols=2, size=(7.2, 2.9))
classes = np.arange(10)
axs[0].bar(classes, softmax(logits)[0], color=np.where(classes == y[0], "C0", "0.5"))
axs[0].set_ylabel("predicted probability")
axs[1].bar(classes, len(y) * dlogits[0], color=np.where(classes == y[0], "C0", "C1"))
axs[1].axhline(0, color="0.4", lw=0.8)
axs[1].set_ylabel("slope of the example's loss")
for ax in axs:
    ax.set_xlabel("class (blue: the true one)")
    ax.set_xticks(classes)
plot.show(fig, alt="Two bar charts over the ten classes for one digit before training. Left, the predicted probabilities, spread "
                   "over all classes. Right, the slopes at the logits: the same heights for the nine wrong classes, and for "
                   "the true class a long bar below zero, so a step against the slope raises the true logit and lowers the others.")

# %% [markdown]
r"""
The right picture is the left one with 1 taken off the true class. A step against the slope raises the true class and
lowers every other in proportion to how strongly it was believed.

### The whole way back

Now hand `dY` from layer to layer, last layer first.
"""

# %%
def backward(dlogits, params, seen):
    """The slopes at the network's input, and the pair (dW, db) of each layer."""
    dY, grads = dlogits, []
    for k in reversed(range(len(params))):
        X, Z = seen[k]
        if k < len(params) - 1:
            dY = relu_backward(dY, Z)
        dY, dW, db = dense_backward(dY, X, params[k][0])
        grads.insert(0, (dW, db))
    return dY, grads


dX, grads = backward(dlogits, params, seen)
for (W, b), (dW, db) in zip(params, grads):
    print(f"W {W.shape!s:11} dW {dW.shape!s:11} b {b.shape!s:7} db {db.shape}")

# %% [markdown]
r"""
Every slope has the shape of its parameter. These are all the slopes that the first section counted, from one forward
and one backward pass over 64 digits.

From here on you use the same code from the course's library, `introdl.nn`, where each layer is a small class that
keeps what it saw (`forward`) and answers with `dX` (`backward`). Check that it agrees with yours before you rely on
it.
"""

# %%
def make_net(params):
    """An introdl network with a copy of these weights."""
    layers = []
    for W, b in params:
        layer = nn.Dense(*W.shape, rng=np.random.default_rng(0), dtype=np.float64)
        layer.params[0][:], layer.params[1][:] = W, b
        layers += [layer, nn.ReLU()]
    return nn.Sequential(*layers[:-1])


net = make_net(params)
assert np.allclose(net.forward(X), logits) and np.isclose(nn.cross_entropy(logits, y), cross_entropy(logits, y))
assert np.allclose(net.backward(nn.cross_entropy_backward(logits, y)), dX)
for ours, theirs in zip(sum(grads, ()), net.grads):           # sum(…, ()) joins the pairs: dW, db, dW, db, …
    assert np.allclose(ours, theirs, rtol=1e-10, atol=1e-14)
print(f"{len(net.grads)} gradient arrays agree with introdl.nn")

# %% [markdown]
r"""
## Check a gradient by nudging

Nudging is too slow for training, but it is the best test of a backward pass, because it knows only the forward pass.
Testing slopes this way is called [*gradient checking*](../glossary.md#gradient-checking). You nudge to both sides:
the errors of the two sides nearly cancel.
"""

# %%
def numerical_gradient(f, x, eps=1e-5):
    """Slopes of the number f(x) with respect to each entry of the array x, by nudging."""
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        old = x[i]
        x[i] = old + eps
        above = f(x)
        x[i] = old - eps
        below = f(x)
        x[i] = old                                   # leave x as it was
        grad[i] = (above - below) / (2 * eps)
    return grad


# %% [markdown]
r"""
How close is close enough? An absolute difference does not tell: where the slopes are tiny, every mistake looks small.
Below, one gradient is twice the other, and NumPy's `allclose` with its default tolerances calls them equal. The
[*relative error*](../glossary.md#relative-error) divides by the size of the numbers compared.
"""

# %%
def relative_error(a, b):
    return np.abs(a - b).max() / max(np.abs(a).max(), np.abs(b).max(), 1e-300)


right = np.array([3e-9, -1e-9])
wrong = 2 * right
print(f"allclose: {np.allclose(right, wrong)}, relative error: {relative_error(right, wrong):.2g}")

# %% [markdown]
r"""
Now check the whole backward pass, on a small network of the same build: nudging all weights of the large one would
take the ten billion multiplications from the start. Its biases are random, too: with biases of 0, an example that
silences a whole layer puts the next sums exactly on the corner of ReLU, and you will see below what a corner does to
the check.
"""

# %%
rng = np.random.default_rng(seed)
small_params = [(W, 0.1 * rng.normal(size=b.shape)) for W, b in make_params([6, 5, 4, 3], rng)]
small_X, small_y = rng.normal(size=(8, 6)), rng.integers(0, 3, size=8)
small_logits, small_seen = forward(small_X, small_params)
_, small_grads = backward(cross_entropy_backward(small_logits, small_y), small_params, small_seen)


def small_loss(_):                                    # reads the weights that are being nudged in place
    return cross_entropy(forward(small_X, small_params)[0], small_y)


for k, (pair, grad_pair) in enumerate(zip(small_params, small_grads)):
    for name, array, grad in zip(("W", "b"), pair, grad_pair):
        nudged = numerical_gradient(small_loss, array)
        assert relative_error(grad, nudged) < 1e-6
        assert np.array_equal(nudged, gradcheck.numerical_gradient(small_loss, array))     # the library's is the same
        print(f"layer {k + 1}  d{name} {grad.shape!s:7} agrees to better than one in a million")

# %% [markdown]
r"""
### Three pitfalls of the check

**The step size.** A large nudge measures the slope of a chord, not of the curve. So the smaller the better? Move the
slider. The left picture zooms in to a few nudges around one point of the neuron's loss from above; the right one
shows the relative error of the measured slope.
"""

# %%
def measured_slope(f, w, eps, dtype=np.float64):
    w, eps = dtype(w), dtype(eps)
    return (f(w + eps) - f(w - eps)) / (dtype(2) * eps)


def loss_of(w):                                       # the neuron's loss, in the precision of w
    return (np.tanh(w * w.dtype.type(1.5) - w.dtype.type(0.4)) - w.dtype.type(1)) ** 2


def loss_slope(w):                                    # by the chain rule
    h = np.tanh(1.5 * w - 0.4)
    return 2 * (h - 1) * (1 - h**2) * 1.5


all_eps = 10.0 ** -np.arange(1, 18)
w0 = np.float64(0.8)
errors = {dtype: [abs(measured_slope(loss_of, w0, eps, dtype) / loss_slope(w0) - 1) for eps in all_eps]
          for dtype in (np.float64, np.float32)}


# %%
def step_size_frame(power):
    eps = 10.0**power
    nudges = np.linspace(-3, 3, 601)
    fig, (left, right) = plot.figure("Too large measures a chord, too small measures rounding", ncols=2, size=(7.6, 3.4))
    left.plot(nudges, (loss_of(w0 + eps * nudges) - loss_of(w0)) / eps, label="loss")
    slope = measured_slope(loss_of, w0, eps)
    left.plot([-3, 3], [-3 * slope, 3 * slope], "--", color="C1", label="measured slope")
    left.set_xlabel("distance from w, in nudges")
    left.set_ylabel("change of the loss / nudge")
    left.set_ylim(-3.5 * abs(loss_slope(w0)), 3.5 * abs(loss_slope(w0)))
    left.legend(loc="lower left")
    right.loglog(all_eps, np.maximum(errors[np.float64], 1e-12), "o-")
    right.plot(eps, max(errors[np.float64][-power - 1], 1e-12), "o", color="C1", ms=11)
    right.set_xlabel("nudge")
    right.set_ylabel("relative error")
    return fig


plot.explore(step_size_frame, range(-1, -18, -2), label="nudge: 10 to the power", start=2,
             alt="Left, the loss curve around one point at a zoom that follows the nudge: bent for a large nudge, straight for a middle "
                 "one, a staircase for the smallest. Right, the relative error over the nudge on two "
                 "logarithmic axes: a V, falling to its lowest values near a nudge of one hundred-thousandth and rising again on both sides; "
                 "a large dot marks the chosen nudge.")

# %%
best = all_eps[np.argmin(errors[np.float64])]
assert 1e-8 < best < 1e-3
print(f"the cube root of float64's precision is {np.cbrt(np.finfo(float).eps):.0e}")

# %% [markdown]
r"""
At the right end of the curve the chord is the problem: the error shrinks with the *square* of the nudge. At the left
end the staircase is: float64 keeps about sixteen digits, the two losses agree in most of them, and what is left of
their difference is rounding. The best nudge lies between, near the cube root of the precision. Hence the default of
`1e-5`.

**Kinks.** At a corner of ReLU the two sides have different slopes, and a nudge that steps over the corner averages
them.
"""

# %%
for z in (0.5, 2e-6):
    z = np.array([z])
    exact = relu_backward(np.ones(1), z)[0]
    for eps in (1e-5, 1e-7):
        nudged = numerical_gradient(lambda z: relu(z).sum(), z, eps)[0]
        print(f"z = {z[0]:.0e}   nudge {eps:.0e}   exact {exact:.2f}   nudged {nudged:.2f}")

# %% [markdown]
r"""
The third line is a false alarm: the backward pass is right, the nudge went over the corner. If a check fails at a few
entries only, shrink the nudge or move the inputs: a false alarm goes away, a bug stays.

**Precision.** The same check in float32, the precision that networks are usually trained in:
"""

# %%
fig, ax = plot.figure("float32 is too coarse to check gradients",
                      xlabel="nudge", ylabel="relative error")
for dtype, color, place in ((np.float32, "C1", (1e-12, 0.2)), (np.float64, "C0", (1e-13, 1e-7))):
    ax.loglog(all_eps, np.maximum(errors[dtype], 1e-12), "o-", color=color)
    ax.text(*place, np.dtype(dtype).name, color=color)
ax.axhline(1e-6, color="0.5", ls=":")
ax.text(2e-10, 1.5e-6, "passes below this line", color="0.4")
plot.show(fig, alt="Relative error over the nudge on two logarithmic axes for two precisions. float64 dips far below the dotted "
                   "line at one in a million; float32 stays above it for every nudge and reaches an error of 1 at small nudges.")
assert min(errors[np.float32]) > 1e-6

# %% [markdown]
r"""
## Judged by PyTorch

Nudging tests your backward pass against your own forward pass. If both share an error, it stays hidden. So ask
somebody else: `gradcheck.same_as_torch` runs the same operation in PyTorch, in float64, and compares the value and
every gradient with yours. It returns the largest relative error, and stops with a message that names what differs if
that is more than one in a million. (You write PyTorch yourself from unit 08 on.)
"""

# %%
Z, dY = seen[0][1], rng.normal(size=(64, 128))
W, b = params[0]
worst = max(
    gradcheck.same_as_torch("dense", X, W, b, value=dense(X, W, b), grads=dense_backward(dY, X, W), upstream=dY),
    gradcheck.same_as_torch("relu", Z, value=relu(Z), grads=[relu_backward(dY, Z)], upstream=dY),
    gradcheck.same_as_torch("cross_entropy", logits, y, value=cross_entropy(logits, y), grads=[dlogits]),
    gradcheck.same_as_torch("mlp", X, y, *sum(params, ()), value=cross_entropy(logits, y), grads=[dX, *sum(grads, ())]),
)
assert worst <= 1e-6
print("dense, ReLU, cross-entropy and the whole network: all gradients equal PyTorch's to one part in a million")

# %% [markdown]
r"""
## One step: forward, backward, update

Training is one round, repeated. *Forward*: the logits and the loss. *Backward*: all slopes. *Update*: every parameter
takes one step against its slope. You do the round once, and the opposite once for comparison: a step *along* the
gradient.
"""

# %%
def stepped(params, grads, lr):
    """New parameters, one step of length lr against the gradient."""
    return [(W - lr * dW, b - lr * db) for (W, b), (dW, db) in zip(params, grads)]


def loss_after(lr):
    return cross_entropy(forward(X, stepped(params, grads, lr))[0], y)


print(f"before {loss_after(0):.3g}   against the gradient {loss_after(0.1):.3g}   along it {loss_after(-0.1):.3g}")
assert loss_after(0.1) < loss_after(0) < loss_after(-0.1)

# %% [markdown]
r"""
Also with a hundred thousand weights the gradient points uphill. It even predicts how much a step gains: `lr` times
the squared length of the gradient. How far can you trust that promise?
"""

# %%
lrs = np.linspace(-0.1, 2.5, 80)
squared_length = sum((grad**2).sum() for grad in sum(grads, ()))
fig, ax = plot.figure("The promise holds for short steps; a long step overshoots",
                      xlabel="learning rate of this one step", ylabel="loss of the same 64 digits after it")
ax.plot(lrs, [loss_after(lr) for lr in lrs], color="C0", label="what happens")
ax.plot(lrs, loss_after(0) - lrs * squared_length, "--", color="C1", label="what the gradient promises")
ax.plot(0, loss_after(0), "o", color="k")
ax.set_ylim(0, 5)
ax.text(0.03, loss_after(0) + 0.15, "before the step")
ax.legend(loc="upper left")
plot.show(fig, alt="The loss after one step, over the learning rate of that step. The curve falls from the starting point, reaches a "
                   "lowest point and climbs above its start for long steps. A dashed straight line, the gradient's promise, touches the "
                   "curve at the start and runs on downwards.")

# %% [markdown]
r"""
## Train on handwritten digits

The training set has 3,500 digits. You could use all of them for each step, but the slopes of a small random sample
point in nearly the same direction and cost a fraction. So each step uses a [*mini-batch*](../glossary.md#mini-batch).
One pass through all mini-batches of the shuffled training set is an epoch, as in unit 01. Here is the whole training
loop, with your own functions:
"""

# %%
def train_epoch(params, X, y, batch_size, lr, rng):
    for X_batch, y_batch in train.minibatches(X, y, batch_size, rng):
        logits, seen = forward(X_batch, params)
        _, grads = backward(cross_entropy_backward(logits, y_batch), params, seen)
        params = stepped(params, grads, lr)
    return params


digits = digits._replace(X_train=digits.X_train.astype(np.float64), X_val=digits.X_val.astype(np.float64),
                         X_test=digits.X_test.astype(np.float64))
trained = train_epoch(params, digits.X_train, digits.y_train, batch_size=64, lr=0.1, rng=np.random.default_rng(seed))
val_logits = forward(digits.X_val, trained)[0]
print(f"validation loss {cross_entropy(val_logits, digits.y_val):.3g}, "
      f"accuracy {metrics.accuracy(digits.y_val, val_logits.argmax(axis=1)):.1%} after one epoch")

# %% [markdown]
r"""
`train.fit_numpy` is the same loop for a network of `introdl.nn`. It also notes the losses and the validation accuracy
after each epoch. From the same weights and the same shuffles it must arrive at the same numbers:
"""

# %%
net = make_net(params)
history = train.fit_numpy(net, digits, num_epochs=1, batch_size=64, lr=0.1, rng=np.random.default_rng(seed))
assert np.allclose(net.forward(digits.X_val), val_logits)
print(f"validation accuracy {history['val_accuracy'][-1]:.1%} after one epoch")

# %% [markdown]
r"""
### Choose learning rate and batch size on the validation set

Two numbers are not learned: the learning rate and the batch size. Such settings are called
[*hyperparameters*](../glossary.md#hyperparameter), and you choose them by trying, on the validation set. The test set
stays closed. Twelve settings, 20 epochs each:
"""

# %%
def run(lr, batch_size):
    net = make_net(make_params(sizes, np.random.default_rng(seed)))
    with np.errstate(all="ignore"):                       # a run that diverges may overflow
        return net, train.fit_numpy(net, digits, num_epochs=20, batch_size=batch_size, lr=lr,
                                    rng=np.random.default_rng(seed))


lrs, batch_sizes = [0.03, 0.1, 0.3, 1.0], [16, 64, 256]
settings = [(lr, batch_size) for batch_size in batch_sizes for lr in lrs]
runs = {setting: run(*setting) for setting in train.track(settings, "settings")}

# %%
val_accuracy = np.array([[runs[lr, batch_size][1]["val_accuracy"][-1] for lr in lrs] for batch_size in batch_sizes])
fig, ax = plot.figure("Small steps learn too slowly, large ones fail first with small batches",
                      xlabel="learning rate", ylabel="batch size")
ax.imshow(val_accuracy, vmin=0.8, vmax=1.0, cmap="Blues", aspect="auto")
ax.set_xticks(range(len(lrs)), lrs)
ax.set_yticks(range(len(batch_sizes)), batch_sizes)
for row, column in np.ndindex(val_accuracy.shape):
    ax.text(column, row, f"{val_accuracy[row, column]:.1%}", ha="center", va="center",
            color="white" if val_accuracy[row, column] > 0.9 else "black")
plot.show(fig, alt="A table of validation accuracies after 20 epochs, darker is better: batch sizes 16, 64 and 256 in rows, learning rates "
                   "from 0.03 to 1 in columns. The best values lie at 0.1 and 0.3; small steps in large batches, lower left, are a little "
                   "paler. With the learning rate 1 and the smallest batch, upper right, the field is white: the network guesses.")

# %%
best_lr, best_batch_size = max(runs, key=lambda setting: runs[setting][1]["val_accuracy"][-1])
net, history = runs[best_lr, best_batch_size]
print(f"chosen: learning rate {best_lr}, batch size {best_batch_size}")

# %%
fig, (left, right) = plot.figure("Training loss goes to zero, validation loss does not", xlabel="epoch", ncols=2, size=(7.4, 3.2))
epochs = np.arange(1, 21)
left.plot(epochs, history["train_loss"], label="training")
left.plot(epochs, history["val_loss"], label="validation")
left.set_ylabel("cross-entropy")
left.legend()
right.plot(epochs, history["val_accuracy"], color="C1")
right.set_ylabel("validation accuracy")
plot.show(fig, alt="Left, two loss curves over 20 epochs: the training loss falls to almost zero, the validation loss levels off early "
                   "and stays above it. Right, the validation accuracy rises quickly and levels off above 90 percent.")

# %% [markdown]
r"""
The gap between the two curves is [*overfitting*](../glossary.md#overfitting): the network has learned its 3,500
training digits by heart, and that helps only so much with new ones. Unit 07 does something about it.

Every choice is made. Now, once, the test set: 1,000 digits that influenced nothing so far.
"""

# %% tags=["nbval-ignore-output"]
y_hat = net.forward(digits.X_test).argmax(axis=1)
correct = int((y_hat == digits.y_test).sum())
metrics.headline("test accuracy of the NumPy network", correct / len(y_hat), 0.932,
                 interval=metrics.wilson_interval(correct, len(y_hat)))

# %% [markdown]
r"""
Every one of these decisions was learned by code that you wrote and checked. The interval says how far the figure
could move with another thousand digits. Look at some that it gets wrong:
"""

# %%
missed = np.flatnonzero(y_hat != digits.y_test)[:12]
fig, axs = plot.figure("Some of the misread digits are hard, some are not", ncols=6, nrows=2, size=(6.4, 2.8))
plot.images(axs.ravel(), digits.X_test[missed].reshape(-1, 28, 28), [f"{digits.y_test[i]} as {y_hat[i]}" for i in missed])
plot.show(fig, alt="Twelve digits from the test set that the network misread, each with its true class and the answer given. "
                   "Several are slanted, broken or squeezed.")

# %% [markdown]
r"""
## What goes wrong

A wrong backward pass rarely crashes. The loss often still falls a little, and you look for the fault in the data. So
learn what the usual faults look like.

**A slope overwritten instead of accumulated.** One character, `=` for `+=`, and every value that is used twice keeps
only its last share.
"""

# %%
def pass_back_overwriting(value):
    for source, slope in value.inputs:
        source.grad = slope * value.grad             # wrong: forgets the other paths


for rule in (pass_back, pass_back_overwriting):
    x = Value(3.0)
    y = x * x + x                                    # slope 2 * 3 + 1
    y.grad = 1.0
    for value in reversed(topological_order(y)):
        rule(value)
    print(f"{rule.__name__:22} slope {x.grad:.3g}")

# %% [markdown]
r"""
**A missing transpose.** In most layers it raises an error about shapes. In a *square* layer every shape fits, and
only the check notices.
"""

# %%
square_W, square_X, square_dY = rng.normal(size=(4, 4)), rng.normal(size=(5, 4)), rng.normal(size=(5, 4))
dX, dW, db = dense_backward(square_dY, square_X, square_W)
wrong_dX = square_dY @ square_W                      # should be square_W.T
print(f"shapes {wrong_dX.shape} and {dX.shape}, relative error {relative_error(wrong_dX, dX):.2g}")
assert relative_error(wrong_dX, dX) > 1e-6

# %% [markdown]
r"""
**The batch mean forgotten.** Without the division by `N` the slopes are those of the *summed* loss: the larger the
batch, the longer the step, and a learning rate that suits one batch size is far too high for the next. With the mean,
the length settles as the batch grows; a small batch gives a longer gradient only because it is noisier.
"""

# %%
for batch_size in (16, 64, 256):
    X_batch, y_batch = digits.X_train[:batch_size], digits.y_train[:batch_size]
    batch_logits, batch_seen = forward(X_batch, params)
    _, mean_grads = backward(cross_entropy_backward(batch_logits, y_batch), params, batch_seen)
    length = np.sqrt(sum((grad**2).sum() for grad in sum(mean_grads, ())))
    print(f"batch of {batch_size:3}: gradient length {length:5.2f} with the mean, {batch_size * length:6.1f} without")

# %% [markdown]
r"""
**Updated before all slopes are known.** If a layer's weights change before `dX` is computed from them, the layers
before it receive slopes of a network that never ran. All slopes first, then all updates.
"""

# %%
W, b = params[2]
X_last = seen[2][0]
dX, dW, db = dense_backward(dlogits, X_last, W)
too_early = dlogits @ (W - 0.3 * dW).T               # W has already taken its step
print(f"relative error of dX {relative_error(too_early, dX):.2g}")

# %% [markdown]
r"""
**A learning rate too high, or too low.** Train for 20 epochs at batch size 64 with five learning rates, three of them
from the table above, and move the slider through them.
"""

# %%
curves = {lr: runs[lr, 64][1] if (lr, 64) in runs else run(lr, 64)[1] for lr in (0.001, 0.01, 0.1, 0.3, 1.0)}


def learning_rate_frame(lr):
    fig, (left, right) = plot.figure("Too low crawls, too high never settles", xlabel="epoch", ncols=2, size=(7.2, 3.0))
    left.plot(epochs, curves[lr]["train_loss"], "o-", ms=3)
    left.set(ylim=(0, 3), ylabel="training loss")
    right.plot(epochs, curves[lr]["val_accuracy"], "o-", ms=3, color="C1")
    right.set(ylim=(0, 1), ylabel="validation accuracy")
    return fig


plot.explore(learning_rate_frame, list(curves), label="learning rate", start=2,
             alt="Training loss and validation accuracy over 20 epochs for the chosen learning rate. At 0.001 the loss falls "
                 "slowly and is far from zero at the end; at 0.1 and 0.3 it falls to nearly zero and the accuracy climbs above 0.9; at 1 the "
                 "loss stays high or jumps, and so does the accuracy.")

# %% [markdown]
r"""
Too low wastes your time; you see it at once in the curve and raise the rate. Too high can look like a bug: the loss
jumps about, or settles at about $\ln 10$, the loss of a network that has stopped looking at its input. Before you
search for a bug, divide the learning rate by ten.
"""

# %% [markdown]
r"""
## Summary

- A formula is a graph of small operations. Slopes multiply along a path and add over paths.
- The reverse sweep visits values in reverse topological order and uses each arrow once: all slopes for about three
  forward passes.
- Dense: `dX = dY @ W.T`, `dW = X.T @ dY`, `db = dY.sum(axis=0)`. ReLU: a gate set by its input. Softmax with
  cross-entropy: predicted minus true, over `N`.
- The gradient points uphill; the step goes against it, after all slopes are known.
- Check every backward pass by nudging: float64, both sides, relative error, away from kinks.

## Three quick questions

**1.** A value is used by three others. Two of them have passed their slopes back. May it pass on its own?

<details>
<summary>Answer</summary>

No. Its slope is the sum over all paths, and the third share is missing. Reverse topological order guarantees that
every user comes first.

</details>

**2.** A dense layer has `X` of shape (32, 20) and `W` of shape (20, 5). What are the shapes of `dY`, `dX`, `dW` and
`db`, and which of them sum over the batch?

<details>
<summary>Answer</summary>

`dY` (32, 5), `dX` (32, 20), `dW` (20, 5), `db` (5,): always the shape of the thing itself. `dW` and `db` sum over the
32 examples, because every example uses the same weights and the same bias. `dX` does not: each example has its own
input.

</details>

**3.** Your gradient check reports a relative error of 0.5 at one entry of 200, and less than one in a million at the
others. Bug or kink? How do you find out?

<details>
<summary>Answer</summary>

Probably a kink of ReLU: a bug in a formula tends to hit many entries. Repeat the check with a nudge a hundred times
smaller, or at slightly different weights. If the entry then agrees, it was a kink; if it keeps its error, it is a
bug.

</details>

Now write it yourself: [the exercises](exercises.ipynb).
"""
