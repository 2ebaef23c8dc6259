# %% [markdown]
r"""
# Wire neurons into a network and run it forward

> **Time**: {{run_time}} to run, 70 minutes to study.
>
> **What you do**: split 5,000 handwritten digits into three parts, for the whole course; stack neurons into layers and layers
> into a network; set the weights of three networks by hand, one of which reads digits; turn scores into probabilities and
> errors into one number; predict that number before the network has learned anything.
>
> **What you need first**: [unit 00](../00_start/lesson.ipynb) (shapes, broadcasting, matrix product, softmax),
> [unit 01](../01_perceptron/lesson.ipynb) (neuron, layer, hidden layer, test set).
"""

# %%
import numpy as np

from introdl import data, gradcheck, metrics, nn, plot

seed = 0

# %% [markdown]
r"""
## A number you can know beforehand

At the end of this page stands a network of three layers. It takes a picture of a handwritten digit and gives each of
the ten digits a probability. All its weights, more than a hundred thousand, are thrown like dice. It has never seen a
label.

One number will say how wrong it is. Can you predict that number, before you run the network? If you can, you have a
test that costs one line and finds bugs before any training. Keep the question in mind. You first need digits, layers,
and a way to say "how wrong".
"""

# %% [markdown]
r"""
## 5,000 digits in three parts

*MNIST* is the best-known collection of handwritten digits: 70,000 pictures of 28×28 pixels, gathered by Yann LeCun,
Corinna Cortes and Chris Burges ([LeCun and others 1998](https://doi.org/10.1109/5.726791)). This course uses 5,000 of them, 500 of each digit, and calls them MNIST-5k.
"""

# %%
digits = data.mnist5k()
fig, axs = plot.figure("Twenty digits from MNIST-5k, no two alike", size=(6.4, 1.6), ncols=10, nrows=2)
plot.images(axs, digits.X_train[:20])
plot.show(fig, alt="Two rows of ten handwritten digits, dark ink on a light ground. They differ in slant, thickness and "
                   "shape; some sevens have a crossbar, some ones lean far to the right.")

# %% [markdown]
r"""
They are shuffled once, with one fixed seed, and cut into three parts that stay the same in every lesson of this
course:

- the [*training set*](../glossary.md#training-set) is what a network learns from;
- the [*validation set*](../glossary.md#validation-set) is what *you* choose with: this network or that one, a larger
  or a smaller learning rate;
- the [*test set*](../glossary.md#test-set) is read once, when every choice is made.
"""

# %%
for part, X in (("training", digits.X_train), ("validation", digits.X_val), ("test", digits.X_test)):
    print(f"{part:10} {len(X):5,} digits, each a row of {X.shape[1]} grey values")
print(f"from {digits.X_train.min():.0f} (paper) to {digits.X_train.max():.0f} (ink); the first label is {digits.y_train[0]}")

# %% [markdown]
r"""
### Why choosing needs digits of its own

A score on digits that you chose with is too good. To see how much, take 1,000 programs that all know nothing: each
guesses at random. Pick the one that scores best on the 500 validation digits, then try it on digits that had no
say in the choice. (Nobody learns here, so the training digits can play that part.)
"""

# %%
rng = np.random.default_rng(seed)
on_val = (rng.integers(0, 10, size=(1000, 500)) == digits.y_val).mean(axis=1)      # (1000,): each guesser's score
on_new = (rng.integers(0, 10, size=(1000, 3500)) == digits.y_train).mean(axis=1)
best = on_val.argmax()
print(f"the best of 1,000: {on_val[best]:.1%} on the digits it was chosen with, {on_new[best]:.1%} on new ones")

# %%
fig, ax = plot.figure("The winner of 1,000 guessers is lucky, not good", "score on the 500 validation digits",
                      "number of guessers")
ax.hist(on_val, bins=np.arange(0.049, 0.16, 0.004), color="C0", alpha=0.7, edgecolor="white")
for place, height, text in ((on_val[best], 40, "chosen as the best"), (on_new[best], 155, "the same guesser on new digits")):
    ax.plot([place, place], [0, height], color="C1", ls="--")
    ax.text(place, height + 3, text, color="C1", ha="center")
ax.set(xlim=(0.05, 0.18), ylim=(0, 175))
plot.show(fig, alt="Histogram of the scores of 1,000 guessers, a hump around 10 percent. A dashed line marks the best one, "
                   "at the far right end. Another marks the score of the same guesser on new digits, in the middle of the "
                   "hump.")

# %% [markdown]
r"""
Choosing among many makes luck look like skill. The same happens when you try twenty learning rates and report the
best. That is why the test set stays closed until the end: in this course it is read in one cell of a lesson, the one
with the *headline*.

Even then, 1,000 digits are a sample. The [*95 % interval*](../glossary.md#confidence-interval) from unit 01 says how
far a score can be trusted. Here it is for a network that reads 97.5 % of its test digits.
"""

# %%
for n in (100, 500, 1000, 10_000):
    low, high = metrics.wilson_interval(round(0.975 * n), n)
    print(f"{n:6,} test digits: {low:.1%} to {high:.1%}")

# %% [markdown]
r"""
With 1,000 test digits the score is known to about one point up or down. Two networks that differ by half a point are,
on this test set, not told apart.
"""

# %% [markdown]
r"""
## A layer is one matrix product

In unit 01 a neuron added up its weighted inputs: `x @ w + b`. Two neurons that read the same inputs stood side by
side as two columns of one matrix. Do that with any number of neurons and you have a
[*dense layer*](../glossary.md#dense-layer): every output reads every input.

The examples come many at a time, too, one a row. Such a set of examples is a [*batch*](../glossary.md#batch).
For a batch of $N$ examples with $D$ features, and a layer of $C$ neurons:

$$Y = XW + b, \qquad (N, D) \cdot (D, C) + (C) \to (N, C).$$
"""

# %%
def dense(X, W, b):
    return X @ W + b


# %%
X = np.array([[1.0, 2.0, 0.0],
              [0.0, -1.0, 3.0]])                 # (2, 3): two examples, three features
W = np.array([[1.0, 0.0, 2.0, -1.0],
              [0.0, 1.0, -1.0, 1.0],
              [1.0, 1.0, 0.0, 0.5]])             # (3, 4): a column for each of four neurons
b = np.array([0.0, -1.0, 0.5, 0.0])              # (4,): a bias for each neuron
print(dense(X, W, b))

# %% [markdown]
r"""
Read the shapes and you can find every number by hand. Row $n$ of the result belongs to example $n$, column $c$ to
neuron $c$. The entry where they meet is row $n$ of `X` times column $c$ of `W`, plus the bias of neuron $c$.
"""

# %%
def box(ax, left, bottom, rows, columns, name, row=None, column=None):
    """A matrix as a grid; `row` and `column` stand out."""
    for r, c in np.ndindex(rows, columns):
        color = "C1" if r == row and column in (None, c) or row is None and c == column else "white"
        ax.bar(left + c, 1, 1, bottom + rows - 1 - r, align="edge", color=color, ec="0.4", alpha=0.8)
    ax.text(left + columns / 2, bottom + rows + 0.3, name, ha="center")


# %%
fig, ax = plot.figure("One example meets one neuron: one entry of the result", size=(7.2, 2.4))
box(ax, 0, 0.5, 2, 3, "X (2, 3)", row=0)
box(ax, 4.5, 0, 3, 4, "W (3, 4)", column=2)
box(ax, 10, 1, 1, 4, "b (4,)", column=2)
box(ax, 15.5, 0.5, 2, 4, "Y (2, 4)", row=0, column=2)
for x, sign in ((3.75, "@"), (9.25, "+"), (14.75, "=")):
    ax.text(x, 1.5, sign, ha="center", va="center", size=15)
ax.set(xlim=(-0.2, 20), ylim=(-0.2, 4), aspect="equal")
ax.axis("off")
plot.show(fig, alt="Four grids in a row: X with two rows and three columns, times W with three rows and four columns, plus a "
                   "row b of four, equals Y with two rows and four columns. The first row of X, the third column of W and the "
                   "third entry of b are orange, and so is the entry of Y in the first row and third column.")

# %%
Y = np.zeros((2, 4))
for n in range(2):                               # example
    for c in range(4):                           # neuron
        Y[n, c] = X[n] @ W[:, c] + b[c]          # the neuron of unit 01, before its step
assert np.array_equal(Y, dense(X, W, b))
print("eight neurons' sums, one by one: the same as the matrix product")

# %% [markdown]
r"""
## From layer to layer

The outputs of one layer are the inputs of the next. The features come in at the *input layer*, which computes nothing;
the last one is the *output layer*; those between are hidden layers, as in unit 01.
"""

# %%
def draw_network(ax, sizes, names):
    """Circles for neurons, lines for weights."""
    for k, size in enumerate(sizes):
        heights = np.arange(size) - (size - 1) / 2
        ax.plot(np.full(size, 2 * k), heights, "o", ms=17, mfc="white", mec="C0", mew=1.5, zorder=3)
        ax.text(2 * k, max(sizes) / 2 + 0.4, names[k], ha="center")
        if k:
            before = np.arange(sizes[k - 1]) - (sizes[k - 1] - 1) / 2
            for start in before:
                for end in heights:
                    ax.plot([2 * k - 2, 2 * k], [start, end], color="0.6", lw=0.8)


fig, ax = plot.figure("Every neuron reads the whole layer before it", size=(6.4, 3.4))
draw_network(ax, [3, 5, 4, 2], ["input", "hidden", "hidden", "output"])
ax.set_ylim(-3, 3.5)
ax.axis("off")
plot.show(fig, alt="A network of four columns of circles: three inputs, five and four hidden neurons, two outputs. Lines connect "
                   "every circle with every circle of the next column, and with none of its own column.")

# %% [markdown]
r"""
### The step loses too much

In unit 01 each neuron ended in a step: 1 or 0, yes or no. A sum of 0.01 and a sum of 100 give the same answer, so the
next layer cannot tell "barely" from "by far". Today's networks pass the sum on, unless it is negative:

$$\mathrm{relu}(z) = \max(z, 0).$$

This is the [*rectified linear unit*](../glossary.md#relu), *ReLU* for short. Unit 04 compares it with its rivals. Some
bend is needed: without one between them, two dense layers can do no more than one.
"""

# %%
def relu(Z):
    return np.maximum(Z, 0)          # entry by entry: the larger of the two


Z = np.linspace(-3, 3, 301)
fig, ax = plot.figure("The step says whether, ReLU says how much", "weighted sum", "answer of the neuron", size=(5.2, 3.2))
ax.plot(Z[Z < 0], 0 * Z[Z < 0], color="C1", lw=5, alpha=0.5)
ax.plot(Z[Z >= 0], 0 * Z[Z >= 0] + 1, color="C1", lw=5, alpha=0.5)
ax.plot(Z, relu(Z), color="C0")
ax.text(1.5, 0.65, "step", color="C1")
ax.text(1.9, 2.3, "ReLU", color="C0", ha="right")
plot.show(fig, alt="Two functions of the weighted sum. Both are zero for negative sums. The step jumps to one at zero and stays "
                   "there. ReLU starts at zero without a jump and rises as a straight line.")

# %% [markdown]
r"""
## The forward pass

Computing a network's output from its input is the [*forward pass*](../glossary.md#forward-pass): dense, ReLU, dense,
ReLU, and at last dense alone. The last layer has no ReLU, because its outputs are scores, and a score may be
negative. The scores of the output layer are called [*logits*](../glossary.md#logits).

For a network with two hidden layers, $A_1$ and $A_2$ being their outputs:

$$A_1 = \mathrm{relu}(X W_1 + b_1), \qquad A_2 = \mathrm{relu}(A_1 W_2 + b_2), \qquad \text{logits} = A_2 W_3 + b_3 .$$

In code the network is a list, `params`, with a pair `(W, b)` for each layer, and the forward pass is a loop over it.
"""

# %%
def forward(X, params):
    """The logits (N, C) of a network for a batch X (N, D)."""
    for k, (W, b) in enumerate(params):
        X = dense(X, W, b)
        if k < len(params) - 1:                  # no ReLU after the last layer
            X = relu(X)
    return X


# %% [markdown]
r"""
Which weights? Nobody knows yet, so draw them at random. The scale $\sqrt{2/D}$ keeps the sums from growing or fading
on their way through the layers; unit 05 shows why. The biases start at 0.
"""

# %%
def make_params(sizes, rng):
    return [(rng.normal(0, np.sqrt(2 / n_in), (n_in, n_out)), np.zeros(n_out)) for n_in, n_out in zip(sizes, sizes[1:])]


sizes = [784, 128, 64, 10]                       # pixels, two hidden layers, one logit for each digit
params = make_params(sizes, np.random.default_rng(seed))
X_val, y_val = digits.X_val.astype(np.float64), digits.y_val
logits = forward(X_val, params)
print("logits", logits.shape, "for the batch", X_val.shape)
print("the first digit's:", logits[0].round(1))

# %% [markdown]
r"""
500 pictures went through three layers in one call. Now follow one of them. The slider chooses the picture. Each small
square in the middle is one hidden neuron, the darker the larger its output; blank squares are sums that ReLU cut off.
"""

# %%
A1 = relu(dense(X_val, *params[0]))              # (500, 128)
A2 = relu(dense(A1, *params[1]))                 # (500, 64)


def follow(i):
    fig, axs = plot.figure("Half of the hidden neurons stay silent, another half for each digit", ncols=4, size=(7.6, 2.4))
    grids = (X_val[i].reshape(28, 28), A1[i].reshape(8, 16), A2[i].reshape(8, 8))
    for ax, values, name in zip(axs, grids, ("784 pixels", "128 hidden", "64 hidden")):
        ax.imshow(values, cmap="gray_r", vmin=0)
        ax.set(title=name, xticks=[], yticks=[])
        ax.spines[:].set_visible(True)
    axs[3].barh(range(10), logits[i])
    axs[3].set(title="10 logits", yticks=range(10), xlim=(-1.5, 1.5))
    axs[3].invert_yaxis()
    return fig


plot.explore(follow, range(6), label="digit",
             alt="Four panels from left to right: a handwritten digit, a grid of 128 squares, a grid of 64 squares, about half of "
                 "them blank in both, and ten bars for the logits, some to the left and some to the right of zero. Another digit "
                 "gives another pattern in both grids.")
print(f"share of silent neurons: first layer {(A1 == 0).mean():.0%}, second {(A2 == 0).mean():.0%}")

# %% [markdown]
r"""
### Count what must be learned

All weights and biases together are the network's [*parameters*](../glossary.md#parameter). A layer from $n_\text{in}$
to $n_\text{out}$ has a weight for each pair and a bias for each output: $n_\text{in}\, n_\text{out} + n_\text{out}$.
"""

# %%
total = 0
for (W, b), n_in, n_out in zip(params, sizes, sizes[1:]):
    assert W.size + b.size == n_in * n_out + n_out
    total += W.size + b.size
    print(f"{n_in:3} -> {n_out:3}: {W.size:7,} weights + {b.size:3} biases")
print(f"{total:,} parameters, {784 * 128 / total:.0%} of them weights of the first layer")

# %% [markdown]
r"""
The first layer holds nearly all of them: each hidden neuron has one weight for each pixel. Units 09 and 10 do
something about that.
"""

# %% [markdown]
r"""
## What width buys

More than a hundred thousand numbers. What is all that for? Set a few by hand and see. Take a network with one input,
one hidden layer with ReLU and one output, so that you can draw what it computes. Which curves can it draw?

One hidden neuron, $\mathrm{relu}(x - t)$, is flat up to $t$ and then rises with slope 1: a line with one bend. The
output neuron adds such lines up, each times a weight $v$. Left of all bends the sum is flat. At each bend $t_k$ its
slope changes by $v_k$. So every curve made of straight pieces is within reach: **put a bend at each corner, and let
its weight be the change of slope there.**
"""

# %%
def by_hand(corners, heights):
    """Params of a network with one hidden layer that passes through the points (corners, heights)."""
    slopes = np.diff(heights) / np.diff(corners)             # of the straight pieces
    changes = np.diff(slopes, prepend=0)                     # of slope at each corner; before the first it is 0
    n = len(changes)
    return [(np.ones((1, n)), -corners[:-1]),                # relu(x - corner)
            (changes[:, None], heights[:1])]                 # the height at the start is the output's bias


corners, heights = np.array([0.0, 0.3, 0.6, 1.0]), np.array([0.5, 1.0, -0.4, 0.2])
print(forward(corners[:, None], by_hand(corners, heights))[:, 0].round(3), "should be", heights)

# %%
x = np.linspace(0, 1, 1025)
(W1, b1), (W2, b2) = by_hand(corners, heights)
shares = relu(dense(x[:, None], W1, b1)) * W2[:, 0]          # (1025, 3): what each hidden neuron adds
fig, (left, right) = plot.figure("Three lines with one bend each add up to a line with three pieces", "input", ncols=2,
                                 size=(7.2, 3.0))
left.plot(x, shares)
for k, share in enumerate(shares[-1]):
    left.text(1.03, share, f"weight {W2[k, 0]:.2g}", color=f"C{k}", va="center")
left.set(ylabel="share of a hidden neuron", xlim=(0, 1.6), xticks=[0, 0.5, 1])
right.plot(x, shares.sum(axis=1) + b2, color="k")
right.plot(corners, heights, "o", color="k")
right.set_ylabel("output: sum plus bias")
plot.show(fig, alt="Left, three lines that are zero at first and then rise or fall from 0, from 0.3 and from 0.6 on, each with its "
                   "weight. Right, their sum plus a bias: a zigzag of three straight pieces through four marked points.")

# %% [markdown]
r"""
Now a smooth curve: cut it into as many pieces as there are hidden neurons. How good is the fit? For numbers, the usual
measure is the [*mean squared error*](../glossary.md#mean-squared-error), MSE: the mean of the squared distances
between output and target, $\frac1N \sum_n (\hat y_n - y_n)^2$. It is one number that says how wrong, and 0 if all is
right; two more such numbers will follow on this page.
"""

# %%
def mean_squared_error(y_hat, y):
    return ((y_hat - y) ** 2).mean()


def wave(x):
    return np.sin(5 * x) + 0.4 * np.sin(17 * x)


def fitted(n):
    corners = np.linspace(0, 1, n + 1)
    return forward(x[:, None], by_hand(corners, wave(corners)))[:, 0]


# %%
def width_frame(n):
    error = mean_squared_error(fitted(n), wave(x))
    fig, ax = plot.figure(f"Hidden neurons: {n} · mean squared error {error:.1g}", "input", "output", size=(5.6, 3.4))
    ax.plot(x, wave(x), color="0.6", lw=4)
    ax.plot(x, fitted(n), color="C0")
    ax.plot(np.linspace(0, 1, n + 1), wave(np.linspace(0, 1, n + 1)), "o", color="C0", ms=4)
    ax.set_ylim(-1.6, 1.8)
    return fig


plot.explore(width_frame, [1, 2, 4, 8, 16, 32], label="hidden neurons", start=2,
             alt="A wavy grey curve and the network's output, a line of straight pieces. With one hidden neuron it is one straight "
                 "line across, with eight it follows every wave roughly, with thirty-two it covers the curve.")

# %%
for n in (8, 16, 32, 64, 128):
    error = mean_squared_error(fitted(n), wave(x))
    print(f"{n:4} hidden neurons: error {error:.1e}, {mean_squared_error(fitted(n // 2), wave(x)) / error:.0f} times "
          "smaller than with half as many")

# %% [markdown]
r"""
Once the pieces are short, twice the width leaves a sixteenth of the error: pieces half as long miss a smooth curve by
a quarter, and the square of a quarter is a sixteenth. It works for every continuous curve on a bounded range, and with any number of inputs: a hidden
layer that is wide enough comes as close as you like
([Leshno and others 1993](https://doi.org/10.1016/S0893-6080%2805%2980131-5)). That theorem says the weights exist. It
does not say how many neurons it takes, nor how to find their weights.
"""

# %% [markdown]
r"""
### A network that reads digits, by hand

The same idea works on pictures. A weighted sum `x @ w` is large when the ink of `x` lies where the weights of `w` are
large: the weights are a template. So let *every training digit* be the template of one hidden neuron. With each
picture scaled to length 1, the sum is 1 for two equal pictures and less for all others. ReLU with a bias of $-t$ keeps
only those templates that are more similar than $t$. The output neuron for "3" adds up all hidden neurons whose
template is a 3.
"""

# %%
def length_1(X):
    return X / np.linalg.norm(X, axis=1, keepdims=True)


def template_params(t):
    W1 = length_1(digits.X_train).T.astype(np.float64)                   # (784, 3500): a column is a picture
    W2 = (digits.y_train[:, None] == np.arange(10)).astype(np.float64)   # (3500, 10): 1 for the template's digit
    return [(W1, np.full(3500, -t)), (W2, np.zeros(10))]


# %%
thresholds = np.arange(0.3, 0.95, 0.05)
scores = [metrics.accuracy(y_val, forward(length_1(X_val), template_params(t)).argmax(axis=1)) for t in thresholds]
t = thresholds[np.argmax(scores)]
print(f"with t = {t:.2f} it reads {max(scores):.1%} of the validation digits")

# %%
fig, ax = plot.figure("3,500 templates read digits, if the threshold is right",
                      "threshold t", "validation accuracy")
ax.plot(thresholds, scores, "o-")
ax.set_ylim(0, 1)
ax.text(0.3, scores[0] - 0.12, "many templates have a say", color="C0")
ax.text(0.85, 0.25, "few digits find\na template at all", color="C0", ha="right")
plot.show(fig, alt="Validation accuracy over the threshold: about three quarters for low thresholds, a maximum above 90 percent "
                   "near 0.7, and a steep fall to less than a third at 0.9.")

# %%
count = sum(W.size + b.size for W, b in template_params(t))
print(f"{count:,} parameters, {count / total:.0f} times as many as the network with two hidden layers")

# %% [markdown]
r"""
Nothing was trained. It is a relative of the nearest neighbours of unit 00, wired as a network. (The score is a little
flattered: `t` was chosen on the same digits.)

So a wide layer can do it, with a template for everything it has ever seen and millions of parameters. The question of
this course is how a small network can find better weights than copies of its examples. That takes unit 03. First see
what depth adds.
"""

# %% [markdown]
r"""
## What depth buys

Take two hidden neurons and set their weights so that the output goes up from 0 to 1 and down again, like a tent:
$2\,\mathrm{relu}(x) - 4\,\mathrm{relu}(x - \tfrac12)$. Now let a second pair of neurons do the same with that output,
and a third. What does the curve look like after five?
"""

# %%
tent = np.array([2.0, -4.0])                     # weights from the two neurons to what comes next
kink = np.array([0.0, -0.5])                     # their biases


def tents(depth):
    """Params of a network of `depth` hidden layers of two neurons, each a tent over the one before."""
    params = [(np.ones((1, 2)), kink)]
    for _ in range(depth - 1):
        params.append((np.outer(tent, np.ones(2)), kink))    # (2, 2): both read the tent before them
    return [*params, (tent[:, None], np.zeros(1))]


# %%
def depth_frame(depth):
    curve = forward(x[:, None], tents(depth))[:, 0]
    pieces = 1 + (np.diff(np.sign(np.diff(curve))) != 0).sum()
    fig, ax = plot.figure(f"Hidden layers: {depth} · neurons: {2 * depth} · straight pieces: {pieces}",
                          "input", "output", size=(5.6, 3.0))
    ax.plot(x, curve)
    return fig


plot.explore(depth_frame, range(1, 7), label="hidden layers", start=0,
             alt="A zigzag line between 0 and 1. With one hidden layer it is one tent with two sides; each further layer doubles "
                 "the number of teeth, up to thirty-two teeth with six layers.")

# %% [markdown]
r"""
Each layer *folds* the line: after the first tent, $x$ and $1 - x$ have become the same number, so whatever the later
layers do happens to both halves at once. Two more neurons, twice the pieces. Side by side, each neuron adds one bend:
$n$ of them make at most $n + 1$ pieces. Wired with `by_hand`, as a single hidden layer, the same zigzag takes:
"""

# %%
for depth in (2, 4, 6, 8, 10):
    corners = np.linspace(0, 1, 2**depth + 1)
    wide = by_hand(corners, np.arange(2**depth + 1) % 2.0)                # the same corners, one hidden layer
    assert np.allclose(forward(x[:, None], wide), forward(x[:, None], tents(depth)))
    print(f"{depth:2} layers with {2 * depth:2} neurons draw the same curve as one layer with {2**depth:4}")

# %% [markdown]
r"""
That is what depth buys: a later layer uses what an earlier one has made, again and again, instead of building it anew
(you saw it with parity in unit 01). It buys this for curves that *have* such a pattern. Twenty neurons have few
weights, and few curves can be drawn with them; a wave without repetitions needs its many numbers in either shape.
Which patterns real pictures have is the subject of Part II.
"""

# %% [markdown]
r"""
## From logits to probabilities

Back to the digits. The network gives ten logits. In unit 00 softmax made probabilities of scores: take `exp`, then
divide by the sum of the row. Written down, it works. Then somebody forgets to scale the pixels, and they come as 0 to
255. (In float32, the type that networks usually compute with.)
"""

# %%
def naive_softmax(logits):
    powers = np.exp(logits)
    return powers / powers.sum(axis=1, keepdims=True)


raw_logits = forward(255 * X_val, params).astype(np.float32)
i = raw_logits.max(axis=1).argmax()                          # the digit with the largest logit
print("scaled pixels", naive_softmax(logits)[i].round(2))
with np.errstate(all="ignore"):                              # NumPy would warn
    print("raw pixels   ", naive_softmax(raw_logits)[i].round(2))
limits = [np.log(np.finfo(dtype).max) for dtype in (np.float32, np.float64)]
print(f"its largest logit: {raw_logits[i].max():.0f}; exp overflows above {limits[0]:.3g} in float32, {limits[1]:.3g} in float64")

# %% [markdown]
r"""
`nan` means *not a number*. The power is more than float32 can hold, it becomes infinite, and infinity divided by
infinity is no number at all. float64 holds more, and has its limit, too.

The cure costs one subtraction. Shift all logits of a row by the same number $m$:

$$\frac{e^{z_c - m}}{\sum_k e^{z_k - m}} = \frac{e^{-m}\, e^{z_c}}{e^{-m} \sum_k e^{z_k}} = \frac{e^{z_c}}{\sum_k e^{z_k}} .$$

Nothing changes: softmax sees only the differences between logits. So choose $m$ as the row's largest logit. Then no
exponent is above 0, one of them is exactly 0, and the sum is at least 1.
"""

# %%
def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))      # (N, C) - (N, 1)
    return powers / powers.sum(axis=1, keepdims=True)                # each row sums to 1


assert np.allclose(softmax(logits), naive_softmax(logits)) and np.allclose(softmax(raw_logits).sum(axis=1), 1)
print("raw pixels   ", softmax(raw_logits)[i].round(2))

# %% [markdown]
r"""
No `nan` any more. Notice how sure the network has become: nearly all of the probability sits on one digit, and it has
never seen a label. Large logits make bold answers, right or wrong.

Which class does it answer? The one with the largest probability, which is the one with the largest logit.
"""

# %%
y_hat = softmax(logits).argmax(axis=1)                               # (N,)
assert np.array_equal(y_hat, logits.argmax(axis=1))
print("answers", y_hat[:10])
print("labels ", y_val[:10])
print(f"right on {metrics.accuracy(y_val, y_hat):.1%} of the validation digits")

# %% [markdown]
r"""
Not far from the 10 % of a guesser, as it must be. But "right or wrong" is a coarse measure. Nudge a weight a little, and most
answers stay as they are: nothing tells you whether the nudge was good. You need a number that moves with every nudge.
"""

# %% [markdown]
r"""
## How wrong, in one number

Such a number is called a [*loss*](../glossary.md#loss). For classes it comes from one question: **how probable did
the network think the truth was?** It is shown a seven. If it gave the seven 0.9, fine; if 0.01, bad. For all
examples together, multiply these probabilities (unit 00): the larger the product, the better. A product of 500 small
numbers vanishes, so take its log, which is a sum; divide by $N$, so that the number of examples does not matter; and
put a minus in front, so that small is good:

$$L = -\frac{1}{N} \sum_{n=1}^{N} \log p_{n, y_n} .$$

Here $p_{n, y_n}$ is the probability that the network gave to the true class $y_n$ of example $n$. This loss is the
[*cross-entropy*](../glossary.md#cross-entropy).
"""

# %%
p = softmax(logits)
p_true = p[np.arange(len(y_val)), y_val]         # (N,): from row n the entry at place y[n]
print("probabilities of the true class:", p_true[:5].round(2))
print(f"cross-entropy {-np.log(p_true).mean():.3g}")

# %%
share = np.linspace(0.001, 1, 500)
fig, ax = plot.figure("Cross-entropy punishes being sure and wrong", "probability given to the true class", "loss of one example",
                      size=(5.6, 3.4))
ax.plot(share, -np.log(share), color="C0")
ax.plot(share, (1 - share) ** 2, color="C1")
ax.text(0.2, 1.9, "cross-entropy", color="C0")
ax.text(0.02, 0.15, "squared error", color="C1")
ax.set_ylim(0, 6)
plot.show(fig, alt="Two curves over the probability of the true class, both zero at 1. The squared error rises to one at probability "
                   "0. The cross-entropy climbs ever more steeply towards probability 0 and leaves the picture.")

# %% [markdown]
r"""
The squared error of that probability is never worse than 1, so it hardly tells "rather wrong" from "utterly wrong".
The log does: half the probability always costs the same, $\log 2$ more.

### Labels as rows

Often the same loss is written as a sum over all classes. Give each label a row with a 1 at its place and 0 elsewhere:
the [*one-hot*](../glossary.md#one-hot) code. You met it above, where each template voted for its digit. Then
$L = -\frac1N \sum_n \sum_c T_{nc} \log p_{nc}$: the zeros of $T$ switch off every class but the true one.
"""

# %%
def one_hot(y, num_classes):
    return (y[:, None] == np.arange(num_classes)).astype(float)      # (N, 1) == (C,) -> (N, C)


print(one_hot(np.array([2, 0, 1]), 4))
T = one_hot(y_val, 10)
assert np.isclose(-(T * np.log(p)).sum(axis=1).mean(), -np.log(p_true).mean())

# %% [markdown]
r"""
### Straight from the logits

With the raw pixels the network is sure of nearly everything. What loss does it get?
"""

# %%
raw_p = softmax(raw_logits)
with np.errstate(divide="ignore"):
    print("loss", -np.log(raw_p[np.arange(len(y_val)), y_val]).mean())
print(f"{(raw_p[np.arange(len(y_val)), y_val] == 0).sum()} of 500 true classes have the probability 0")

# %% [markdown]
r"""
Infinite, and wrong. No true class really has the probability 0: $e^{-200}$ was too small for float32 and was rounded
to it, and $\log 0$ is $-\infty$. So do not compute the probability at all. Take the log by hand first:

$$\log p_c = \log \frac{e^{z_c}}{\sum_k e^{z_k}} = z_c - \log \sum_k e^{z_k},$$

with the largest logit subtracted, as before. The sum is at least 1, so its log never fails. This is what "from logits"
means, and why a loss for classes takes logits and not probabilities.
"""

# %%
def cross_entropy(logits, y):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))     # (N, C)
    return -log_p[np.arange(len(y)), y].mean()


assert np.isclose(cross_entropy(logits, y_val), -np.log(p_true).mean())
print(f"scaled pixels {cross_entropy(logits, y_val):.3g}, raw pixels {cross_entropy(raw_logits, y_val):.3g}")

# %% [markdown]
r"""
### Two classes: one logit is enough

For a yes-or-no question a network has a single logit $z$. Think of a second one, for "no", that is always 0. Softmax of
the two gives $p = e^z / (e^z + 1)$ for "yes". This function has a name, the [*sigmoid*](../glossary.md#sigmoid), and
the cross-entropy becomes the [*binary cross-entropy*](../glossary.md#binary-cross-entropy), with $y$ 1 or 0:

$$L = -\frac1N \sum_n \bigl( y_n \log p_n + (1 - y_n) \log (1 - p_n) \bigr).$$

From the logit, $-\log p = \log(1 + e^z) - z$ and $-\log(1 - p) = \log(1 + e^z)$, so both cases together are
$\log(1 + e^z) - y z$. To keep `exp` from overflowing, write $\log(1 + e^z) = \max(z, 0) + \log(1 + e^{-|z|})$: the
largest of the two logits $z$ and 0 is subtracted once more.
"""

# %%
def binary_cross_entropy(z, y):
    return (np.maximum(z, 0) - y * z + np.log1p(np.exp(-np.abs(z)))).mean()      # log1p(a) is log(1 + a)


z, is_seven = logits[:, 7], (y_val == 7).astype(int)                 # let output 7 answer "is it a seven?"
two_logits = np.column_stack([np.zeros(len(z)), z])
assert np.isclose(binary_cross_entropy(z, is_seven), cross_entropy(two_logits, is_seven))
print(f"binary cross-entropy {binary_cross_entropy(z, is_seven):.3g}, also as two classes")

# %% [markdown]
r"""
Three losses, three kinds of answer:

| the answer is | last layer | loss |
|---|---|---|
| a number | one output each | mean squared error |
| yes or no | one logit | binary cross-entropy |
| one of $C$ classes | $C$ logits | cross-entropy |
"""

# %% [markdown]
r"""
## The number you can know beforehand

Now the question from the top. A network that knows nothing should give each of the ten digits about the same
probability, $\frac{1}{10}$. Then every example costs $-\log \frac{1}{10} = \ln 10$, whatever its label. So before any
training, **the loss should be near $\ln C$**, for ten classes:
"""

# %%
many = [forward(X_val, make_params(sizes, np.random.default_rng([seed, k]))) for k in range(20)]     # 20 networks
first_losses = [cross_entropy(z, y_val) for z in many]
print(f"ln 10 = {np.log(10):.3f}, first losses {min(first_losses):.3f} to {max(first_losses):.3f}, "
      f"mean {np.mean(first_losses):.3f}")

# %% [markdown]
r"""
All are close, and their mean lies a little above. The excess has a reason. The logits of a digit are not all equal:
they scatter, for no good cause, so some classes get a little more probability than others, and unjustified confidence
costs. On average over networks, and for small logits, the price is half their variance within a row:

$$L \approx \ln C + \tfrac12 \mathrm{Var}(z).$$

You can test that: multiply all logits by a factor $s$. Their variance grows by $s^2$.
"""

# %%
factors = np.geomspace(0.1, 30, 40)
variance = np.mean([z.var(axis=1).mean() for z in many])
losses = [np.mean([cross_entropy(s * z, y_val) for z in many]) for s in factors]
assert abs(np.mean(first_losses) - np.log(10) - variance / 2) < 0.05
fig, ax = plot.figure("Small logits start at ln C; large ones start with a price", "factor s on the logits",
                      "first loss, mean of 20 networks")
ax.semilogx(factors, losses)
ax.semilogx(factors, np.log(10) + factors**2 * variance / 2, "--", color="C1")
ax.axhline(np.log(10), color="0.6", lw=1)
ax.text(0.1, 2.0, "ln 10", color="0.4", va="top")
ax.text(6.5, 8, "ln C + variance / 2", color="C1", ha="right")
ax.text(14, 7, "first loss", color="C0")
ax.set_ylim(0, 12)
plot.show(fig, alt="The first loss over the factor, from a tenth to thirty. For small factors it lies on a flat line marked ln 10. "
                   "Above a factor of one it rises, at first along a dashed curve, the approximation, which then climbs faster.")

# %% [markdown]
r"""
So the first loss is a thermometer. It costs one forward pass, and it notices many bugs before you have trained for an
hour. Six versions of the same network, five of them with a fault:
"""

# %%
sum_of_losses = cross_entropy(logits, y_val) * len(y_val)
raw_params = [(W * np.sqrt(len(W) / 2), b) for W, b in params]               # weights of variance 1
faults = {"as it should be": cross_entropy(logits, y_val),
          "pixels 0 to 255": cross_entropy(forward(255 * X_val, params), y_val),
          "weights of variance 1": cross_entropy(forward(X_val, raw_params), y_val),
          "all weights zero": cross_entropy(0 * logits, y_val),
          "sum over the batch": sum_of_losses,
          "mean over the classes, too": sum_of_losses / logits.size}
for fault, first_loss in faults.items():
    print(f"{fault:27} {first_loss:8.3g}")

# %% [markdown]
r"""
Far above $\ln C$: the logits are too large, or something is summed that should be averaged. Far below it: something was
divided too often, or the network is not as new as you think. And *exactly* $\ln C$, to the last digit, means that all
logits of a row are equal, whatever the input: nothing of the picture reaches the output. Here all weights are zero;
unit 05 comes back to that case.
"""

# %% [markdown]
r"""
## Judged by PyTorch

Is all this right, or only consistent with itself? Ask the judge. For a forward pass through the whole network it
checks each layer, and then loss and network together. In float64 the two should agree to one part in a million and far
better.
"""

# %%
def judged(X, y, params):
    """The largest relative difference to PyTorch, in any layer and in the loss of the whole network."""
    errors, A = [], X
    for W, b in params:
        Z = dense(A, W, b)
        errors.append(gradcheck.same_as_torch("dense", A, W, b, value=Z))
        A = relu(Z)
        errors.append(gradcheck.same_as_torch("relu", Z, value=A))
    errors.append(gradcheck.same_as_torch("softmax", Z, value=softmax(Z)))
    errors.append(gradcheck.same_as_torch("mlp", X, y, *sum(params, ()), value=cross_entropy(Z, y)))
    return max(errors)


# %%
assert judged(X_val, y_val, params) <= 1e-6
gradcheck.same_as_torch("cross_entropy", raw_logits, y_val, value=cross_entropy(raw_logits.astype(np.float64), y_val))
gradcheck.same_as_torch("binary_cross_entropy", z, is_seven, value=binary_cross_entropy(z, is_seven))
gradcheck.same_as_torch("mse", fitted(8), wave(x), value=mean_squared_error(fitted(8), wave(x)))
print("layers, softmax and all three losses: equal to PyTorch's to one part in a million")

# %% [markdown]
r"""
The course's library, `introdl.nn`, holds the same functions for later units. There each layer is a small object
that keeps its weights, and `Sequential` hands the batch from one to the next. `Dense` draws its weights as
`make_params` does, so from the same seed comes the same network.
"""

# %%
rng = np.random.default_rng(seed)
net = nn.Sequential(nn.Dense(784, 128, rng, dtype=np.float64), nn.ReLU(),
                    nn.Dense(128, 64, rng, dtype=np.float64), nn.ReLU(),
                    nn.Dense(64, 10, rng, dtype=np.float64))
assert np.allclose(net.forward(X_val), logits)
assert np.allclose(nn.softmax(logits), p) and np.array_equal(nn.one_hot(y_val, 10), T)
assert np.isclose(nn.cross_entropy(logits, y_val), cross_entropy(logits, y_val))
assert np.isclose(nn.binary_cross_entropy(z, is_seven), binary_cross_entropy(z, is_seven))
assert np.isclose(nn.mean_squared_error(fitted(8), wave(x)), mean_squared_error(fitted(8), wave(x)))
print("introdl.nn computes the same network and the same losses")

# %% [markdown]
r"""
## The headline: predict, then open the test set

Everything is fixed: the sizes, the weights, the loss. Write the prediction down: the first loss on 1,000 digits that
nobody has looked at lies within a few percent of $\ln 10$. Then run the network on them, once, and let PyTorch check
every layer on the way. The 95 % interval of a mean comes from how widely the single losses scatter: 1.96 times their
standard deviation, divided by $\sqrt{N}$, to either side.
"""

# %%
X_test, y_test = digits.X_test.astype(np.float64), digits.y_test
assert judged(X_test, y_test, params) <= 1e-6
test_logits = forward(X_test, params)
test_loss = cross_entropy(test_logits, y_test)
off = 100 * abs(test_loss / np.log(10) - 1)
each = [cross_entropy(test_logits[[n]], y_test[[n]]) for n in range(len(y_test))]
half = 100 * 1.96 * np.std(each) / np.sqrt(len(each)) / np.log(10)
metrics.headline("first loss on test digits, distance from ln 10 (%)", off, 5.8, at_least=False,
                 interval=(max(off - half, 0), off + half))

# %% [markdown]
r"""
The prediction holds, on digits that had no say in anything, for a network that had seen no label. Its answers are of no
use yet. Unit 03 starts from exactly this network and lets it find its weights.
"""

# %% [markdown]
r"""
## What goes wrong

The faults of this page have one thing in common: no error message. Shapes that happen to fit hide them. So try each
piece with numbers of rows and columns that differ, and look at the sums.

**One bias per row.** A bias belongs to a neuron, a column of the result. Written as a column, `b[:, None]`, it is added
to each *example* instead. With as many examples as neurons that runs without complaint.
"""

# %%
rng = np.random.default_rng(seed)
X4, W4, b4 = rng.normal(size=(4, 3)), rng.normal(size=(3, 4)), np.array([10.0, 20.0, 30.0, 40.0])
wrong = X4 @ W4 + b4[:, None]
print("means of the columns, right:", dense(X4, W4, b4).mean(axis=0).round(), " wrong:", wrong.mean(axis=0).round())
try:
    X4[:3] @ W4 + b4[:, None]                    # three examples: now it is noticed
except ValueError as error:
    print("with three examples:", error)

# %% [markdown]
r"""
**Softmax along the wrong axis.** Then each *column* sums to one, and the probabilities of one digit depend on who else
is in the batch. Ask twice about the same picture, in different company:
"""

# %%
def column_softmax(logits):
    powers = np.exp(logits - logits.max(axis=0))
    return powers / powers.sum(axis=0)


for company in (2, 5, 50):
    right, wrong = softmax(logits[:company])[0], column_softmax(logits[:company])[0]
    print(f"batch of {company:2}: right {right[:3].round(3)} sum {right.sum():.3g}, wrong {wrong[:3].round(3)} sum {wrong.sum():.3g}")

# %% [markdown]
r"""
**Softmax twice.** A loss "from logits" applies softmax itself. Hand it probabilities, and they are squeezed once more.
The thermometer does not notice: the first loss is close to $\ln 10$. But even a perfect network, with probability 1
for every true class, cannot get near 0 any more.
"""

# %%
print(f"first loss:       from logits {cross_entropy(logits, y_val):.2f}, from probabilities {cross_entropy(p, y_val):.2f}")
print(f"perfect answers:  from logits {cross_entropy(20 * T, y_val):.2f}, from probabilities {cross_entropy(T, y_val):.2f}")

# %% [markdown]
r"""
So a good first loss rules out many bugs, not all. This one betrays itself later, when the loss stops falling at a
strange value.

## Summary

- 5,000 digits in three parts: learn from 3,500, choose with 500, and read the 1,000 test digits once.
- A dense layer is `X @ W + b`, examples in rows, neurons in columns; a network is dense, ReLU, dense, …, dense.
- Width adds bends one by one. Depth folds, and doubles them, where the task has a pattern to fold along.
- Softmax minus the row's maximum never overflows. The cross-entropy is minus the log of the probability of the truth,
  computed from logits.
- The first loss should be $\ln C$, or a little more. Look at it before you train anything.

## Three quick questions

**1.** A network has the sizes 20, 50, 50, 3. How many parameters does it have, and what shape are the logits of a
batch of 32?

<details>
<summary>Answer</summary>

$20 \cdot 50 + 50 = 1050$, $50 \cdot 50 + 50 = 2550$, $50 \cdot 3 + 3 = 153$, together 3,753. The logits have the
shape (32, 3). The batch size changes no parameter.

</details>

**2.** You add 5 to every logit of an example. You multiply every logit by 5. What does each do to its probabilities?

<details>
<summary>Answer</summary>

Adding changes nothing: softmax sees only differences. Multiplying makes the differences five times as large. The
answer stays the same class, but with far more confidence, and if it is wrong, with a far larger loss.

</details>

**3.** Your network for 100 classes starts with a loss of 4.61. A colleague's, for two classes, starts with 4.61, too.
Which of you should worry?

<details>
<summary>Answer</summary>

Your colleague. You expect $\ln 100$, about 4.61. For two classes it is $\ln 2$, about 0.69: her network is sure of
itself without a reason, so its logits are too large. Are the features scaled?

</details>

Now write it yourself: [the exercises](exercises.ipynb).
"""
