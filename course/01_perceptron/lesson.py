# %% [markdown]
r"""
# Teach one neuron to decide

> **Time**: {{run_time}} to run, 45 minutes to study.
>
> **What you do**: build one artificial neuron from a sum and a threshold. Let it learn from its mistakes, and watch.
> Prove how many mistakes it can make at most. Find what it can never learn, and repair that with a second layer.
>
> **What you need first**: [unit 00](../00_start/lesson.ipynb): arrays and shapes, the product `X @ w`, seeds.
"""

# %%
import numpy as np
from sklearn.svm import SVC

from introdl import data, gradcheck, metrics, plot

seed = 0

# %% [markdown]
r"""
## How often must you be wrong?

Here are handwritten zeros and ones. You tell them apart at a glance. A computer gets a list of 784 grey values for
each picture, and nobody tells it what a loop or a stroke is.

Suppose it has one way to learn. It guesses, and somebody says "right" or "wrong, that was a zero". How many times
must it be told "wrong" before it gets all of several hundred pictures right? Write down a guess. You will have the
answer at the end of this page, and a theorem that limits it before the first picture is shown.
"""

# %%
digits = data.mnist5k()
is_01 = digits.y_train < 2
X_digits, y_digits = digits.X_train[is_01], digits.y_train[is_01]      # (N, 784), (N,)

fig, axs = plot.figure("Each picture is 784 grey values between 0 and 1", size=(6.4, 1.3), ncols=10)
plot.images(axs, X_digits[:10])
plot.show(fig, alt="Ten small pictures of handwritten digits, zeros and ones mixed. The zeros are round or slanted "
                   "loops, the ones are upright or slanted strokes.")

# %% [markdown]
r"""
## A decision is a weighted sum and a threshold

Start smaller than a picture. In the 1930s Edgar Anderson measured irises; R. A. Fisher published the numbers in 1936.
Take two species and two measurements of each flower: the length of a sepal and the length of a petal, in centimetres.

Each flower is an [*example*](../glossary.md#example). Each measurement is a [*feature*](../glossary.md#feature). The
species is the [*label*](../glossary.md#label) `y`: 0 for setosa, 1 for versicolor.
"""

# %%
X_iris, y_iris = data.iris()                                 # (150, 4) in cm, (150,)
shuffle = np.random.default_rng(seed).permutation(100)       # the first 100 flowers are the two species
X_all, y = X_iris[:100][shuffle], y_iris[:100][shuffle]      # (100, 4), (100,)
X = X_all[:, [0, 2]]                                         # (100, 2): sepal length, petal length

# %%
fig, ax = plot.figure("A line could separate the two species", "sepal length (cm)", "petal length (cm)")
ax.scatter(*X[y == 0].T, color="C0", marker="o")
ax.scatter(*X[y == 1].T, color="C1", marker="s")
ax.text(5.9, 1.5, "setosa (y = 0)", color="C0")
ax.text(4.5, 4.4, "versicolor (y = 1)", color="C1")
plot.show(fig, alt="Scatter plot of 100 flowers. Setosa form a flat cloud at petal lengths between 1 and 2 cm, "
                   "versicolor a rising cloud between 3 and 5 cm. There is a wide empty band between the two clouds.")

# %% [markdown]
r"""
A person might say: "versicolor, when the petal is longer than half the sepal." Written as a sum:

$$-1 \cdot \text{sepal} + 2 \cdot \text{petal} \ge 0 .$$

That sentence is already a [*neuron*](../glossary.md#neuron). It multiplies each feature by a number, its
[*weight*](../glossary.md#weight); it adds the products and one more number, the [*bias*](../glossary.md#bias) (here
0); it answers 1 if the result reaches zero, else 0. The result before the threshold is the
[*score*](../glossary.md#score) $z$; the threshold is the [*step function*](../glossary.md#step-function). For two
features:

$$z = w_1 x_1 + w_2 x_2 + b = \mathbf{w}\cdot\mathbf{x} + b, \qquad
\hat y = \mathrm{step}(z) = \begin{cases}1 & z \ge 0\\ 0 & z < 0.\end{cases}$$
"""

# %%
fig, ax = plot.figure("A neuron: multiply, add, compare with zero", size=(6.4, 2.6))
places = {"$x_1$": (0, 2), "$x_2$": (0, 1), "$1$": (0, 0), "$z$": (2, 1), r"$\hat{y}$": (4, 1)}
for name, (x, height) in places.items():
    ax.text(x, height, name, ha="center", va="center", size=14, bbox=dict(boxstyle="circle", fc="white", ec="C0"))
for start, end, name in [("$x_1$", "$z$", "$w_1$"), ("$x_2$", "$z$", "$w_2$"), ("$1$", "$z$", "$b$"),
                         ("$z$", r"$\hat{y}$", "step")]:
    (x0, y0), (x1, y1) = places[start], places[end]
    ax.annotate("", (x1, y1), (x0, y0), arrowprops=dict(arrowstyle="->", color="gray", shrinkA=20, shrinkB=20))
    ax.text((x0 + x1) / 2, (y0 + y1) / 2 + 0.15, name, ha="center")
ax.set(xlim=(-0.5, 4.5), ylim=(-0.5, 2.5))
ax.axis("off")
plot.show(fig, alt="Diagram. Three circles on the left hold x1, x2 and the constant 1. Arrows labelled w1, w2 and b lead "
                   "to a circle z. One arrow labelled step leads on to a circle with y-hat.")

# %% [markdown]
r"""
In NumPy the whole neuron is two lines, and the second one already handles many flowers at once: `X @ w` gives one sum
per row of `X`.
"""


# %%
def step(z):
    return np.where(z >= 0, 1, 0)


def predict(X, w, b):
    return step(X @ w + b)          # (N, D) @ (D,) -> (N,)


# %%
w, b = np.array([-1.0, 2.0]), 0.0
print("scores of three flowers", (X[:3] @ w + b).round(2))
print("answers                ", predict(X[:3], w, b))
print("labels                 ", y[:3])
print("mistakes on all 100    ", (predict(X, w, b) != y).sum())

# %% [markdown]
r"""
No mistakes. But you chose those weights by looking at the plot. With 784 features there is no plot to look at. The
question of this unit is whether the neuron can find its weights itself.

## Where the neuron changes its mind

The answer flips where the score is exactly zero: $\mathbf{w}\cdot\mathbf{x} + b = 0$. For two features this is a
straight line, the [*decision boundary*](../glossary.md#decision-boundary). Two facts describe it:

- the vector $\mathbf{w}$ stands at a right angle to the line and points to the side where the answer is 1;
- the bias $b$ moves the line without turning it.

Turn $\mathbf{w}$ with the slider. Its length stays 1, and the bias is set so that the line always passes through the
middle of the flowers. Which angles make no mistake? What happens at the opposite angle?
"""


# %%
def draw_neuron(w, b, title):
    fig, ax = plot.figure(title, "sepal length (cm)", "petal length (cm)", size=(4.4, 3.5))
    plot.boundary(ax, lambda points: predict(points, w, b), X, y)
    foot = X.mean(axis=0)
    foot = foot - w * (foot @ w + b) / (w @ w)               # the point of the line nearest to the middle
    ax.annotate("", foot + w / np.linalg.norm(w), foot, arrowprops=dict(arrowstyle="->", lw=2))
    ax.set(xlim=(3.5, 8), ylim=(0, 6), aspect="equal")
    return fig


# %%
def turned(angle):
    w = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))])
    b = -w @ X.mean(axis=0)
    return draw_neuron(w, b, f"{(predict(X, w, b) != y).sum()} of 100 flowers wrong")


plot.explore(turned, range(0, 360, 30), label="direction of w in degrees",
             alt="The flowers with a straight boundary through their middle and an arrow at a right angle to it. As "
                 "the slider turns the arrow, the boundary turns; at 120 degrees no flower is wrong, at 300 all are.")

# %% [markdown]
r"""
There is not one right angle but a range of them: many lines separate these flowers. At the opposite angle the same
line gives all the opposite answers. Now keep the direction and move the bias.
"""


# %%
def shifted(b):
    w = np.array([-0.45, 0.89])
    return draw_neuron(w, b, f"{(predict(X, w, b) != y).sum()} of 100 flowers wrong")


plot.explore(shifted, np.linspace(-3, 3, 9), label="bias b", start=2,
             alt="The flowers with a rising boundary. As the slider raises the bias, the boundary moves down and to "
                 "the right without turning; for a bias near 0 no flower is wrong, at either end 50 are.")

# %% [markdown]
r"""
## Learn only from mistakes

Here is the rule. Show the neuron one example.

- Its answer is right: change nothing.
- It said 0 and the label is 1: the score was too low. Add the example to the weights, and 1 to the bias.
- It said 1 and the label is 0: the score was too high. Subtract the example from the weights, and 1 from the bias.

The difference $y - \hat y$ is 0, +1 or −1 in these three cases, so one line holds all of them. The number `lr` is the
[*learning rate*](../glossary.md#learning-rate): how far one correction goes. This is the *perceptron learning rule*,
and a neuron trained by it is called a [*perceptron*](../glossary.md#perceptron).

$$\mathbf{w} \leftarrow \mathbf{w} + \mathrm{lr}\,(y - \hat y)\,\mathbf{x}, \qquad b \leftarrow b + \mathrm{lr}\,(y - \hat y).$$
"""


# %%
def update(w, b, x, y, lr=1.0):
    error = y - predict(x, w, b)                 # -1, 0 or +1
    return w + lr * error * x, b + lr * error


# %% [markdown]
r"""
Why does that help? Compare the score of the same flower before and after the correction. A neuron with all weights
zero has score 0 everywhere, so it answers 1; on a setosa that is a mistake.
"""

# %%
x = X[y == 0][0]                                 # a setosa
w, b = np.zeros(2), 0.0
new_w, new_b = update(w, b, x, 0)
print(f"score before {x @ w + b:.3g}, after {x @ new_w + new_b:.3g}")
print(f"the change should be -(x·x + 1) = {-(x @ x + 1):.3g}")

# %% [markdown]
r"""
The score falls by $\mathbf{x}\cdot\mathbf{x} + 1$, because
$(\mathbf{w} - \mathbf{x})\cdot\mathbf{x} + (b - 1) = \mathbf{w}\cdot\mathbf{x} + b - (\mathbf{x}\cdot\mathbf{x} + 1)$.
A correction always pushes the score of its own example the right way. It may push the scores of other examples the
wrong way. So it is not clear that the whole process ever ends.

Try it. Go through the examples in order, again and again, until one whole pass has no mistake. One pass over all
examples is an [*epoch*](../glossary.md#epoch). The list `history` keeps the neuron after each correction, so its
length is the number of mistakes.
"""


# %%
def train(X, y, lr=1.0, max_epochs=1000):
    w, b, history = np.zeros(X.shape[1]), 0.0, []
    for epoch in range(max_epochs):
        mistakes = 0
        for i in range(len(X)):
            if predict(X[i], w, b) != y[i]:
                w, b = update(w, b, X[i], y[i], lr)
                history.append((epoch, i, w, b))
                mistakes += 1
        if mistakes == 0:
            break
    return w, b, history


# %%
w, b, history = train(X, y)
print("corrections", len(history), "· mistakes afterwards", (predict(X, w, b) != y).sum())

# %% [markdown]
r"""
It ended, after a handful of corrections. Watch them one by one. The ring marks the flower that the neuron got wrong.
The dashed line is the boundary before the correction, the coloured areas show the answers after it.
"""


# %%
def draw_line(ax, w, b, **style):
    if w[1] != 0:
        ax.axline((0, -b / w[1]), slope=-w[0] / w[1], **style)


# %%
def after_correction(k):
    steps = [(0, None, np.zeros(2), 0.0), *history]
    _, i, w, b = steps[k]
    wrong = (predict(X, w, b) != y).sum()
    fig, ax = plot.figure(f"After correction {k}: {wrong} of 100 flowers wrong", "sepal length (cm)",
                          "petal length (cm)", size=(4.8, 3.6))
    plot.boundary(ax, lambda points: predict(points, w, b), X, y)
    if i is not None:
        draw_line(ax, *steps[k - 1][2:], color="gray", ls="--", lw=1)
        ax.scatter(*X[i], s=160, facecolor="none", edgecolor="black", lw=2, zorder=3)
    ax.set(xlim=(-0.5, 8), ylim=(-0.5, 6), aspect="equal")
    return fig


plot.animate(after_correction, range(len(history) + 1), fps=1,
             alt="Animation, one frame for each correction. The boundary swings around the lower left corner like the "
                 "hand of a clock, past the flowers on one side, then past them on the other, until it stops between "
                 "the two species, where no flower is wrong.")

# %% [markdown]
r"""
The line swings to and fro like a seesaw: one correction makes all setosa wrong, the next all versicolor. Judged by
the number of wrong flowers there is no progress at all, and then suddenly it is done. But the swings get smaller.
Each correction adds a vector of about the same length, and the longer $\mathbf{w}$ has become, the less one more
vector turns it.

Notice also that all lines pass close to the corner (0, 0). A correction changes the bias by only 1, so it hardly
moves the line; most of the work is done by turning. This will matter at the end of the page.

### Where did the learning rate go?

The neuron starts from zero. After $k$ corrections its weights are `lr` times a sum of examples, each with a plus or a
minus. Only the sign of the score decides, and a positive factor does not change a sign. So the learning rate changes
neither one answer nor one correction.
"""

# %%
for lr in (0.1, 1.0, 100.0):
    w_lr, b_lr, history_lr = train(X, y, lr)
    print(f"lr {lr:5}: {len(history_lr)} corrections, b / w[0] = {b_lr / w_lr[0]:.3g}")

# %% [markdown]
r"""
Same number, same line. This is special to a start at zero and a step function: in later units the learning rate is
one of the first things to get right.

## Will it always stop?

It stopped here. Does it always? Call a data set [*linearly separable*](../glossary.md#linearly-separable) if some
straight boundary (in more dimensions: some flat one) gets every example right. Some such boundaries leave more room
than others. The [*margin*](../glossary.md#margin) of a boundary is its distance from the nearest example:

$$\text{margin} = \min_i \; \frac{s_i\,(\mathbf{w}\cdot\mathbf{x}_i + b)}{\|\mathbf{w}\|}, \qquad s_i = 2 y_i - 1 .$$

Here $\|\mathbf{w}\|$ is the length of $\mathbf{w}$. The sign $s_i$ is $+1$ for label 1 and $-1$ for label 0. So an
example on its own side counts with a positive distance and one on the wrong side with a negative one. A boundary is
perfect if its margin is positive.
"""


# %%
def margin(X, y, w, b):
    return ((2 * y - 1) * (X @ w + b)).min() / np.linalg.norm(w)


# %%
print(f"the learned line passes {margin(X, y, w, b):.2g} cm from the nearest flower")

# %% [markdown]
r"""
Now the answer. **If a perfect boundary exists, the rule finds one, and the margin says beforehand how many mistakes
it makes at most.**

You have seen that the number of wrong flowers does not show the progress. The proof finds out what does. It treats
the bias as one more weight: append the constant 1 to every example, $\tilde{\mathbf{x}} = (\mathbf{x}, 1)$, and the
bias to the weights, $\tilde{\mathbf{w}} = (\mathbf{w}, b)$. The score becomes
$\tilde{\mathbf{w}}\cdot\tilde{\mathbf{x}}$, and a correction (with lr = 1) is
$\tilde{\mathbf{w}} \leftarrow \tilde{\mathbf{w}} + s\,\tilde{\mathbf{x}}$.

Two numbers describe the data, both measured with the 1 appended:

- $R$ is the length of the longest $\tilde{\mathbf{x}}$;
- $\gamma$ ("gamma") is the margin of some perfect boundary: there is a vector $\mathbf{u}$ of length 1 with
  $s\,\mathbf{u}\cdot\tilde{\mathbf{x}} \ge \gamma > 0$ for every example.

**Theorem** (Novikoff 1962). Starting from zero, the perceptron makes at most $(R/\gamma)^2$ mistakes, in whatever
order and however often the examples come.

**Proof.** Watch $\tilde{\mathbf{w}}$ over $k$ mistakes.

1. *It moves towards* $\mathbf{u}$. Measure how far by its shadow on $\mathbf{u}$, which has the length
   $\mathbf{u}\cdot\tilde{\mathbf{w}}$. Each mistake adds $s\,\tilde{\mathbf{x}}$, so the shadow grows by
   $s\,\mathbf{u}\cdot\tilde{\mathbf{x}} \ge \gamma$. After $k$ mistakes
   $\mathbf{u}\cdot\tilde{\mathbf{w}} \ge k\gamma$.
2. *It does not grow fast.* Each mistake changes $\|\tilde{\mathbf{w}}\|^2$ by
   $2 s\,\tilde{\mathbf{w}}\cdot\tilde{\mathbf{x}} + \|\tilde{\mathbf{x}}\|^2$ (multiply out
   $\|\tilde{\mathbf{w}} + s\,\tilde{\mathbf{x}}\|^2$, with $s^2 = 1$). It was a mistake, so the score had the wrong
   sign or was zero: $s\,\tilde{\mathbf{w}}\cdot\tilde{\mathbf{x}} \le 0$. So the squared length grows by at most
   $R^2$. After $k$ mistakes $\|\tilde{\mathbf{w}}\| \le R\sqrt{k}$.
3. A vector is at least as long as its shadow on $\mathbf{u}$. So
   $k\gamma \le \mathbf{u}\cdot\tilde{\mathbf{w}} \le \|\tilde{\mathbf{w}}\| \le R\sqrt{k}$, hence
   $\sqrt{k} \le R/\gamma$. ∎

The proof is a race. One side grows like $k$, the other like $\sqrt{k}$; after $(R/\gamma)^2$ mistakes the first would
overtake the second, which is impossible.

### Measure the bound

To compute the bound you need a perfect boundary. Any will do, and one with more room gives a sharper bound. The tool
here is a *support vector machine* from scikit-learn: with a huge `C` it looks for the boundary with the largest
margin. Use it as a measuring instrument; what happens inside is not part of this unit.
"""


# %%
def append_one(X):
    return np.column_stack([X, np.ones(len(X))])             # (N, D) -> (N, D + 1)


def roomiest(X, y):
    towards_1 = (2 * y - 1)[:, None] * X                     # (N, D): u must give every row a positive score
    svm = SVC(kernel="linear", C=1e10)                       # each row also mirrored: so its own bias stays 0
    u = svm.fit(np.vstack([towards_1, -towards_1]), np.repeat([1, 0], len(X))).coef_[0]
    return u / np.linalg.norm(u)                             # (D,), length 1


# %%
X_one = append_one(X)                                        # (100, 3)
u = roomiest(X_one, y)
R, gamma = np.linalg.norm(X_one, axis=1).max(), margin(X_one, y, u, 0)
bound = (R / gamma) ** 2
print(f"R = {R:.3g}, gamma = {gamma:.3g}, at most {bound:.0f} mistakes; made: {len(history)}")
print(f"bound from the learned line instead: {(R / margin(X_one, y, np.append(w, b), 0)) ** 2:.0f}")

# %% [markdown]
r"""
Now draw the race with the history that you have. The proof says that four numbers stay in this order, from bottom to
top: $k\gamma$, the shadow, the length, $R\sqrt{k}$. Both axes are logarithmic, so each step is a factor of ten.
"""

# %%
k = np.arange(1, len(history) + 1)
path = np.array([np.append(w, b) for _, _, w, b in history])           # (k, 3): weights and bias
many = np.arange(1, 3 * bound)

fig, ax = plot.figure("The weights run between two lines that meet at the bound", "mistakes k", "length")
ax.loglog(many, R * np.sqrt(many), "--", color="C0", label=r"$R\sqrt{k}$")
ax.loglog(k, np.linalg.norm(path, axis=1), "o-", color="C0", ms=3, label="length of the weights")
ax.loglog(k, path @ u, "s-", color="C1", ms=3, label="their shadow on u")
ax.loglog(many, gamma * many, "--", color="C1", label=r"$k\gamma$")
ax.axvline(bound, color="gray", lw=1)
ax.text(bound * 0.9, gamma, "bound", color="gray", ha="right")
ax.legend(loc="upper left")
plot.show(fig, alt="Two dashed straight lines on logarithmic axes, a steep one from below and a flatter one from above, "
                   "meet at a vertical line marked bound. Between them run two short curves, the length of the weights "
                   "above their shadow on u; they end far to the left of the bound.")

# %% [markdown]
r"""
The bound is a promise about the worst order of the worst data with this $R$ and $\gamma$. A typical run needs far
fewer mistakes. Try 200 orders of the same flowers.
"""

# %%
counts = []
for order in range(200):
    p = np.random.default_rng([seed, order]).permutation(len(X))
    counts.append(len(train(X[p], y[p])[2]))
print(f"mistakes: fewest {min(counts)}, median {np.median(counts):.0f}, most {max(counts)}; bound {bound:.0f}")
assert max(counts) <= bound

# %% [markdown]
r"""
## What one neuron can never learn

Take four examples with two inputs each. The label is 1 if exactly one of the inputs is 1. This is called XOR,
"exclusive or".
"""

# %%
X_xor = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
y_xor = np.array([0, 1, 1, 0])
for max_epochs in (1, 2, 3, 4, 5, 1000):
    w_xor, b_xor, history_xor = train(X_xor, y_xor, max_epochs=max_epochs)
    print(f"after epoch {max_epochs:4}: w = {w_xor}, b = {b_xor}, corrections {len(history_xor)}")

# %% [markdown]
r"""
Look at the weights: they return to the same values after each epoch. From then on everything repeats, so it never
stops. And no other method could do better, because no line exists.

**Proof.** A neuron that gets all four right needs $b < 0$, $w_2 + b \ge 0$, $w_1 + b \ge 0$ and $w_1 + w_2 + b < 0$.
Add the two in the middle: $w_1 + w_2 + 2b \ge 0$, so $w_1 + w_2 + b \ge -b > 0$, which contradicts the last. ∎

How close can one line come? Try a hundred thousand random lines.
"""

# %%
rng = np.random.default_rng(seed)
W, B = rng.normal(size=(2, 100_000)), rng.normal(size=100_000)
right = (predict(X_xor, W, B) == y_xor[:, None]).sum(axis=0)          # (100000,) right answers of each line
print("lines with 0, 1, 2, 3, 4 right answers:", np.bincount(right, minlength=5))

# %% [markdown]
r"""
## Two neurons look first, a third decides

Three of four points is all that one line can do. Two lines can cut out the strip in between. Let one neuron answer
"at least one input is 1" (OR) and another "not both are 1" (NAND). XOR is true where both say yes (AND).

The first two neurons form a [*hidden layer*](../glossary.md#hidden-layer): their answers are seen by the next neuron,
not by you. A [*layer*](../glossary.md#layer) is a set of neurons that read the same inputs. Its weights stand side by
side as the columns of one matrix, so `predict` computes the whole layer without a change.
"""

# %%
W1 = np.array([[1, -1],
               [1, -1]])                     # (2 inputs, 2 neurons): first column OR, second column NAND
b1 = np.array([-0.5, 1.5])                   # (2,)
w2, b2 = np.array([1, 1]), -1.5              # AND


def two_layers(X):
    hidden = predict(X, W1, b1)              # (N, 2)
    return predict(hidden, w2, b2)           # (N,)


print("x1 x2  OR NAND  answer  label")
for x, h, y_hat, label in zip(X_xor, predict(X_xor, W1, b1), two_layers(X_xor), y_xor):
    print(f" {x[0]}  {x[1]}   {h[0]}    {h[1]}       {y_hat}      {label}")

# %%
views = {"hidden neuron 1: OR": lambda P: predict(P, W1[:, 0], b1[0]),
         "hidden neuron 2: NAND": lambda P: predict(P, W1[:, 1], b1[1]),
         "the network": two_layers}
fig, axs = plot.figure("Two lines cut out the strip that one line cannot", "$x_1$", "$x_2$", size=(8, 3.3), ncols=3)
for ax, (name, answer) in zip(axs, views.items()):
    plot.boundary(ax, answer, X_xor, y_xor)
    ax.set(title=name, xlim=(-0.5, 1.5), ylim=(-0.5, 1.5), aspect="equal", xticks=[0, 1], yticks=[0, 1])
plot.show(fig, alt="Three panels with the four XOR points. In the first a diagonal line cuts off the corner (0, 0), in "
                   "the second another one cuts off the corner (1, 1). In the third the strip between both lines is "
                   "coloured as class 1 and holds the points (0, 1) and (1, 0).")

# %% [markdown]
r"""
Now take the place of the output neuron. It never sees $x_1$ and $x_2$, only what the hidden neurons answer. For it,
two of the four points have become one.
"""

# %%
hidden = predict(X_xor, W1, b1)
fig, ax = plot.figure("For the output neuron, one line is enough", "answer of OR", "answer of NAND", size=(4.6, 3.6))
plot.boundary(ax, lambda P: predict(P, w2, b2), hidden, y_xor)
for (h1, h2), name in {(0, 1): "from (0, 0)", (1, 0): "from (1, 1)", (1, 1): "from (0, 1) and (1, 0)"}.items():
    ax.text(h1, h2 + 0.1, name, ha="center")
ax.set(xlim=(-0.6, 1.8), ylim=(-0.5, 1.5), xticks=[0, 1], yticks=[0, 1])
plot.show(fig, alt="The plane of the two hidden answers. Points from (0, 0) and (1, 1) lie at the upper left and the "
                   "lower right; both others lie on one spot at the upper right. One diagonal line separates that spot "
                   "from the rest.")

# %% [markdown]
r"""
Much of this course is in that picture. **A hidden layer changes what the data look like, until one neuron can
decide.** You set these weights by hand. Units 02 and 03 let the network find them.

## Why stack layers

Each hidden neuron draws one line. The AND of several lines is a region with straight sides. How well can such a
network cut out a disc? Take $n$ lines around it and let the output neuron say 1 only if all $n$ hidden neurons say 1.
"""

# %%
cloud = np.random.default_rng(seed).uniform(-2, 2, size=(300, 2))
inside = (np.linalg.norm(cloud, axis=1) < 1.2).astype(int)


def polygon(points, n):
    angles = 2 * np.pi * np.arange(n) / n
    W = -np.stack([np.cos(angles), np.sin(angles)])          # (2, n): every neuron looks towards the centre
    hidden = predict(points, W, 1.2)                         # (N, n)
    return predict(hidden, np.ones(n), -n)                   # all n say 1


# %%
def draw_polygon(n):
    wrong = (polygon(cloud, n) != inside).sum()
    fig, ax = plot.figure(f"Hidden neurons: {n} · wrong: {wrong} of 300", "$x_1$", "$x_2$", size=(4.4, 3.8))
    plot.boundary(ax, lambda P: polygon(P, n), cloud, inside)
    ax.set_aspect("equal")
    return fig


plot.explore(draw_polygon, range(1, 9), label="hidden neurons", start=2,
             alt="Points inside a disc are of one class, points outside of the other. With one hidden neuron the "
                 "answer is a half-plane, with three a triangle around the disc; with eight the polygon comes close to "
                 "the disc.")

# %% [markdown]
r"""
More neurons in one hidden layer give finer shapes. A second hidden layer can join such shapes to new ones; each layer
reuses what the layer before has found. A network with several hidden layers is called
[*deep*](../glossary.md#deep-learning).

Depth can save neurons. Ask whether an odd number of $n$ inputs is 1 (*parity*; for $n = 2$ it is XOR). The recipe
"one hidden neuron for each pattern that should give 1" needs $2^{n-1}$ of them side by side. Stacking does it with three neurons
per further input: XOR of the first two, then XOR of that answer with the third, and so on.
"""


# %%
def parity(X):
    answer = X[:, 0]
    for column in X.T[1:]:
        answer = two_layers(np.column_stack([answer, column]))         # two more layers each time
    return answer


for n in (2, 4, 8, 12):
    patterns = (np.arange(2**n)[:, None] >> np.arange(n)) & 1          # (2**n, n): all inputs there are
    right = (parity(patterns) == patterns.sum(axis=1) % 2).all()
    print(f"{n:2} inputs: {2 ** (n - 1) + 1:4} neurons wide, {3 * (n - 1):2} neurons deep, all right: {right}")

# %% [markdown]
r"""
Be careful with the conclusion. Parity has a cleverer wide solution too (its answer depends only on *how many* inputs
are 1, and $n$ lines can count that). But there are functions for which every network with few layers needs enormously
many neurons while a deep one needs few ([Telgarsky 2016](https://proceedings.mlr.press/v49/telgarsky16.html)). The
reason is what you have seen here: a deep network uses an intermediate result again instead of working it out anew.

### Where it comes from

In 1943 Warren McCulloch and Walter Pitts modelled a nerve cell as a unit that fires when enough of its inputs fire,
and showed that networks of such units can compute any formula of logic, with connections set by hand
([paper](https://doi.org/10.1007/BF02478259)). In 1958 Frank Rosenblatt's perceptron learned its connections from
examples ([paper](https://doi.org/10.1037/h0042519)). In 1969 Marvin Minsky and Seymour Papert proved what such a
machine cannot compute when each of its detectors sees only a part of the input, parity among it
([*Perceptrons*](https://mitpress.mit.edu/9780262630221/perceptrons/)), and a rule that trains hidden layers, the one
of unit 03, became widely known only in 1986 ([Rumelhart, Hinton and Williams](https://doi.org/10.1038/323533a0)).

## Judged by PyTorch

From unit 08 on you use PyTorch, the library that most people build networks with. Until then it is an independent
judge. The weighted sum of a layer is called `dense`. Does PyTorch, in double precision, get the same sums from the
same numbers?
"""

# %%
difference = gradcheck.same_as_torch("dense", X_xor.astype(float), W1.astype(float), b1, value=X_xor @ W1 + b1)
print("largest relative difference on XOR:", f"{difference:.1g}")

rng = np.random.default_rng(seed)
W_layer, b_layer = rng.normal(size=(784, 16)), rng.normal(size=16)
X_layer = X_digits[:100].astype(float)                       # (100, 784)
gradcheck.same_as_torch("dense", X_layer, W_layer, b_layer, value=X_layer @ W_layer + b_layer)
print("the same for 16 neurons on 100 digits: equal")

# %% [markdown]
r"""
The step is not part of the comparison. Training with PyTorch follows slopes, and the slope of a step is zero wherever
it exists; units 02 and 03 replace it.

## Experiment: flowers and digits

First the flowers, now with all four measurements. The theorem promises zero mistakes on these 100 flowers after at
most $(R/\gamma)^2$ corrections.
"""


# %%
def mistake_bound(X, y):
    X_one = append_one(X)
    R, gamma = np.linalg.norm(X_one, axis=1).max(), margin(X_one, y, roomiest(X_one, y), 0)
    return (R / gamma) ** 2


w, b, history = train(X_all, y)
bound, still_wrong = mistake_bound(X_all, y), (predict(X_all, w, b) != y).sum()
print(f"corrections {len(history)}, bound {bound:.0f}, mistakes afterwards {still_wrong}")
assert still_wrong == 0 and len(history) <= bound

# %% [markdown]
r"""
Now the question from the top. The examples come in a random order that depends on `seed`.
"""


# %%
def zeros_and_ones(X, y):
    return X[y < 2].astype(np.float64), y[y < 2]


X_train, y_train = zeros_and_ones(digits.X_train, digits.y_train)
X_val, y_val = zeros_and_ones(digits.X_val, digits.y_val)
order = np.random.default_rng(seed).permutation(len(X_train))
X_train, y_train = X_train[order], y_train[order]

w, b, history = train(X_train, y_train)
still_wrong = (predict(X_train, w, b) != y_train).sum()
print(f"{len(X_train)} pictures, {len(history)} corrections, mistakes afterwards {still_wrong}")
print(f"corrections that the theorem allowed: {mistake_bound(X_train, y_train):.0f}")

# %% [markdown]
r"""
Compare that with your guess. The neuron was told "wrong" that many times, and from then on it got every one of these
pictures right. Here is everything that it was ever corrected on: a plus where the picture was added to the weights, a
minus where it was subtracted.
"""

# %%
fig, axs = plot.figure("All that the neuron was ever told", size=(8, 1.5), ncols=len(history))
corrected = [i for _, i, _, _ in history]
plot.images(axs, X_train[corrected], ["+" if label == 1 else "−" for label in y_train[corrected]])
for ax in axs:
    ax.title.set_size(14)
plot.show(fig, alt="A row of a few handwritten digits. Each one has a plus above it and each zero a minus.")

# %% [markdown]
r"""
The weights are the sum of these few pictures, with these signs, and nothing else. There is one weight for each pixel,
so the weights are a picture too. Ink on a red pixel raises the score, ink on a blue one lowers it.
"""

# %%
limit = np.abs(w).max()
fig, axs = plot.figure("Ink in the middle says 1, ink on the ring says 0", size=(6.4, 2.6), ncols=3)
means = np.stack([X_train[y_train == label].mean(axis=0) for label in (0, 1)])
plot.images(axs[:2], means, ["mean of the zeros", "mean of the ones"])
picture = axs[2].imshow(w.reshape(28, 28), cmap="RdBu_r", vmin=-limit, vmax=limit)
axs[2].set_title("weights")
axs[2].set_axis_off()
fig.colorbar(picture, ax=axs[2], label="for 0       for 1")
plot.show(fig, alt="Three pictures. The mean zero is a soft ring, the mean one a slanted stroke. In the weights a "
                   "slanted stroke in the middle votes for 1, and patches on a ring around it vote for 0.")

# %% [markdown]
r"""
### One choice, made on other pictures

Zero mistakes on the pictures it has learned from prove little: it may have memorised them. What counts is new
pictures. So the data come in three parts: *training* pictures to learn from,
[*validation*](../glossary.md#validation-set) pictures to make choices with, and [*test*](../glossary.md#test-set)
pictures that are looked at once, at the very end. Unit 02 says more.

There is one choice to make. The epochs end by themselves and the learning rate does not matter. But the last
correction may have been a bad one, so some take the *average* of the neuron over all the examples that it was shown
([Freund and Schapire 1999](https://doi.org/10.1023/A:1007662407062)). Does it help? Compare both on the validation
pictures, over 20 orders.
"""


# %%
def average(history, N):
    shown = [epoch * N + i for epoch, i, _, _ in history] + [(history[-1][0] + 2) * N]
    lives = np.diff(shown)                   # for how many examples each neuron lasted until the next correction
    w = sum(life * w for life, (_, _, w, _) in zip(lives, history)) / lives.sum()
    b = sum(life * b for life, (_, _, _, b) in zip(lives, history)) / lives.sum()
    return w, b


# %%
val_mistakes = {"last": 0, "average": 0}
for repeat in range(20):
    p = np.random.default_rng([seed, repeat]).permutation(len(X_train))
    w_last, b_last, history_p = train(X_train[p], y_train[p])
    val_mistakes["last"] += (predict(X_val, w_last, b_last) != y_val).sum()
    val_mistakes["average"] += (predict(X_val, *average(history_p, len(p))) != y_val).sum()
print(f"wrong in 20 x {len(y_val)} answers: last {val_mistakes['last']}, average {val_mistakes['average']}")

# %% [markdown]
r"""
Both make next to no mistakes, so these pictures cannot tell the two apart. For such a case fix a rule beforehand: at
a tie, take the simpler one. The code below takes the average only if it made fewer validation mistakes.

Now look at the test pictures, for the first and only time. How far can a percentage from so few pictures be trusted?
The [*95 % interval*](../glossary.md#confidence-interval) says it: it is the range of true accuracies that such a
result does not contradict. The *bar* is what this page promises; it cannot be built with less.
"""

# %%
X_test, y_test = zeros_and_ones(digits.X_test, digits.y_test)
if val_mistakes["average"] < val_mistakes["last"]:
    w, b = average(history, len(X_train))
y_hat = predict(X_test, w, b)
correct = (y_hat == y_test).sum()
low, high = metrics.wilson_interval(correct, len(y_test))
metrics.headline("test accuracy, 0 against 1 (%)", 100 * correct / len(y_test), 98.5, interval=(100 * low, 100 * high))

# %%
scores = X_test @ w + b
hardest = np.argsort((2 * y_test - 1) * scores)[:4]          # on the wrong side first
fig, axs = plot.figure("The four hardest test pictures, from wrong to barely right", size=(6.4, 2.2), ncols=4)
titles = [f"label {y_test[i]}, score {scores[i]:+.2g}" for i in hardest]
plot.images(axs, X_test[hardest], titles)
plot.show(fig, alt="Four handwritten digits with their label and score: narrow or filled zeros that look like strokes, "
                   "and ones that are very slanted.")

# %% [markdown]
r"""
Would you have got all four right? And look at the score of the first: the neuron is wrong without the least doubt. A
score far from zero is not a proof.
"""

# %% [markdown]
r"""
## What goes wrong in practice

### No line exists, and it never stops

Versicolor and a third species, virginica, overlap. The theorem is silent, and the boundary wanders for ever: each
correction is right for its own flower and spoils others.

Two things help. Cap the number of epochs. And keep not the last neuron but the best one so far, in your *pocket*
([Gallant 1990](https://doi.org/10.1109/72.80230)).
"""

# %%
p = np.random.default_rng(seed).permutation(100)
X_hard, y_hard = X_iris[50:][p], y_iris[50:][p] - 1                       # 0 = versicolor, 1 = virginica
X_hard = (X_hard - X_hard.mean(axis=0)) / X_hard.std(axis=0)
_, _, history_hard = train(X_hard, y_hard, max_epochs=60)
now = np.array([(predict(X_hard, w, b) != y_hard).sum() for _, _, w, b in history_hard])
pocket = np.minimum.accumulate(now)

fig, ax = plot.figure("The last neuron is luck, the pocket only gets better",
                      "corrections", "flowers wrong (of 100)")
ax.plot(now, lw=0.8)
ax.plot(pocket, lw=2)
ax.text(len(now), now[len(now) // 2:].max() + 0.5, "the neuron now", color="C0", ha="right")
ax.text(len(now), pocket[-1] - 0.5, "the best so far", color="C1", ha="right", va="top")
ax.set(ylim=(-2, 16), yticks=range(0, 17, 4))
plot.show(fig, alt="A jagged curve of wrong flowers over the corrections jumps between a few and more than ten and never "
                   "settles. A second curve, the best so far, only steps down and stays at its lowest value.")

# %% [markdown]
r"""
### The same flowers in other units

Measure the sepals in millimetres, or both lengths in metres, or subtract the mean of each feature first. The flowers
are the same, and a perfect line exists each time. But $R$ and $\gamma$ change, so the theorem expects more or fewer
corrections. Does it tell by how much?
"""

# %%
cm = X_iris[:100, [0, 2]]
versions = {"metres": cm / 100, "sepal in mm": cm * [10, 1], "cm": cm, "cm, mean subtracted": cm - cm.mean(axis=0)}
orders = [np.random.default_rng([seed, repeat]).permutation(100) for repeat in range(9)]

bounds, medians = [], []
for name, X_unit in versions.items():
    bounds.append(mistake_bound(X_unit, y_iris[:100]))
    medians.append(np.median([len(train(X_unit[p], y_iris[:100][p])[2]) for p in orders]))
    print(f"{name:20} bound {bounds[-1]:8.0f}   corrections {medians[-1]:5.0f}")

# %%
fig, ax = plot.figure("Better scaled, sooner done: the bound ranks the versions",
                      "bound (R/γ)²", "corrections (median of 9 orders)")
ax.loglog(bounds, medians, "o")
ax.loglog([10, 1e5], [10, 1e5], color="gray", ls="--")
ax.text(900, 1300, "corrections = bound", color="gray", ha="right")
for name, bound_unit, median in zip(versions, bounds, medians):
    ax.annotate(name, (bound_unit, median), xytext=(8, -4), textcoords="offset points")
plot.show(fig, alt="Four points on logarithmic axes, all far below the dashed diagonal on which corrections would equal "
                   "the bound. From lower left to upper right: cm with the mean subtracted, cm, sepal in mm, metres.")

# %% [markdown]
r"""
The bound ranks the four versions correctly, and it is far too careful about the size: it is a promise, not a
forecast.

In metres, the appended 1 is many times larger than the features, so a correction moves the bias and hardly turns the
line. In centimetres it is the other way round; you saw all lines pass close to the corner. With the mean subtracted,
that corner lies in the middle of the flowers, where the line has to be anyway. This is why you standardize features
before you train, in this unit and in all that follow.
"""

# %% [markdown]
r"""
### The order matters

Every order ends with a perfect line, but not with the same one. Here are the boundaries from 20 orders of the same
100 flowers.
"""

# %%
fig, ax = plot.figure("20 orders, 20 perfect lines: some leave hardly any room",
                      "sepal length (cm)", "petal length (cm)")
room = []
for repeat in range(20):
    p = np.random.default_rng([seed, repeat]).permutation(100)
    w, b, _ = train(X[p], y[p])
    draw_line(ax, w, b, color="gray", lw=0.8)
    room.append(margin(X, y, w, b))
ax.scatter(*X[y == 0].T, color="C0", marker="o", s=12)
ax.scatter(*X[y == 1].T, color="C1", marker="s", s=12)
ax.set(xlim=(-0.3, 8), ylim=(-0.3, 6))
plot.show(fig, alt="The two species with twenty straight lines between them. All come from the lower left corner and "
                   "spread like a fan; some pass close to a setosa, others close to a versicolor.")
svm = SVC(kernel="linear", C=1e10).fit(X, y)
largest = margin(X, y, svm.coef_[0], svm.intercept_[0])
print(f"margins {min(room):.2g} to {max(room):.2g} cm; the largest there is: {largest:.2g} cm")

# %% [markdown]
r"""
The rule stops at the first line without a mistake, however close it passes to a flower. A new flower may fall on the
wrong side. The step only says "wrong" or "right", never "barely right". Unit 02 replaces it by a measure of *how*
wrong an answer is, and unit 03 follows the slope of that measure.

One order is worse than most: the flowers sorted by species, as the data set delivers them. During a long run of one
species there is soon nothing more to learn.
"""

# %%
sorted_history = train(cm, y_iris[:100])[2]
print("epochs until one without a mistake: sorted", sorted_history[-1][0] + 2, "· shuffled", train(X, y)[2][-1][0] + 2)

# %% [markdown]
r"""
So shuffle before you train, as all later units do.

## Summary

- A neuron is a weighted sum, a bias and a step; its decision boundary is straight, at a right angle to the weights.
- The perceptron rule adds or subtracts the examples it gets wrong. If the data are linearly separable, it makes at
  most $(R/\gamma)^2$ mistakes; here it needed far fewer.
- One neuron cannot learn XOR. A hidden layer changes what the data look like, until one neuron can decide; stacked
  layers use such results again.
- Without a perfect line the rule never stops; badly scaled features slow it down; and it is content with any perfect
  line.

## Three quick questions

**1.** You multiply all weights and the bias of a trained neuron by 10. Which answers change?

<details><summary>Answer</summary>

None. Every score is multiplied by 10, and no sign changes. For the same reason the learning rate did not matter.
Multiply by −10 and every answer flips, except where the score is exactly zero.

</details>

**2.** The neuron says 1 on an example with label 0 and is corrected once. Is its answer on this example now right?

<details><summary>Answer</summary>

Not necessarily. The score falls by $\mathbf{x}\cdot\mathbf{x} + 1$ (times the learning rate). If it was larger than
that, it is still positive, and the example is wrong again when its turn comes.

</details>

**3.** A perceptron has gone through the data 10,000 times and still makes mistakes. Is the data not separable?

<details><summary>Answer</summary>

You cannot tell from that alone: the margin may be tiny, and then the bound is huge. One thing would prove it: the
weights at the end of an epoch are the same as at the end of an earlier one, as with XOR. Then everything repeats for
ever.

</details>

Now it is your turn: [the exercises](exercises.ipynb).
"""
