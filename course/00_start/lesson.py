# %% [markdown]
r"""
# Get ready

> **Time**: {{run_time}} to run, 50 minutes to study.
>
> **What you do**: try out how this course works; compute with tables of numbers instead of loops; measure slopes and
> walk downhill with them; make chance repeatable; read handwritten digits with three lines of code; test yourself.
>
> **What you need first**: Python functions, loops and lists. Nothing else.

Do you know all this already? Then start with the self-test near the end. It tells you what to reread.

This page is a *notebook*: a list of cells, some with text, some with code. In JupyterLab, click on a code cell and
press Shift+Enter: the code runs, and what it prints appears below it. Run the cells in order, from the top. Then
change something and run it again. You work on a copy, so nothing can break. If all is in a muddle, choose *Restart
Kernel and Run All Cells* from the menu *Kernel*.
"""

# %%
import numpy as np
from IPython.display import HTML, display
from sklearn.cluster import KMeans
from sklearn.linear_model import LinearRegression
from sklearn.tree import DecisionTreeClassifier, export_text

from introdl import data, metrics, plot
from introdl.checks import start as check

seed = 0

# %% [markdown]
r"""
That cell fetched tools. *NumPy*, which everybody calls `np`, computes with tables of numbers. *scikit-learn*
(`sklearn`) holds well-tried methods of machine learning. `introdl` is this course's own box of helpers. You will see
what `seed` is for.

## What do you see?
"""


# %%
def draw_table(ax, values, shade, title=""):
    ax.imshow(shade, cmap="Blues", vmin=0, vmax=2)
    for (row, column), value in np.ndenumerate(values):
        ax.text(column, row, f"{value:.2g}", ha="center", va="center", fontsize=9)
    ax.set_title(title)
    ax.set_axis_off()


digits = data.digits8x8()
three = digits.X_train[digits.y_train == 3][0].reshape(8, 8)

fig, axs = plot.figure("You see a three, a computer gets 64 numbers", size=(6.4, 3.2), ncols=2)
plot.images(axs[:1], three[None], ["what you see"])
draw_table(axs[1], three.round(1), three, "what a computer gets")
plot.show(fig, alt="Two panels. On the left a coarse grey picture of a handwritten three, eight by eight squares. On "
                   "the right the same eight by eight squares as a table of numbers between 0 and 1, high where the "
                   "picture has ink.")

# %% [markdown]
r"""
The numbers say how dark each square is, from 0 for paper to 1 for ink. How could a program get from the numbers to
"three"?

A list of rules with `if` and `else` is hopeless: everybody writes threes differently. But you can show a program many
threes and let it work out the rest. That is [*machine learning*](../glossary.md#machine-learning). At the end of this
page such a program reads handwritten digits, and you understand each of its lines. You also see where it fails badly.
The rest of the course repairs that.

(You can skip code that draws a figure, like the cell above. It is there in case you want to change the picture.)

## How this course works

The course has 23 units, and each has two notebooks. A *lesson* such as this one explains and shows. In the
*exercises* you write the important pieces yourself: each time one function. Then a [*check*](../glossary.md#check)
tells you at once whether it is right. Try that now.

The task: write a function that turns a temperature from degrees Fahrenheit into degrees Celsius. Take away 32, then
multiply by 5/9. Here is somebody's answer.
"""


# %%
def celsius(fahrenheit):
    return fahrenheit - 32 * 5 / 9


# %% [markdown]
r"""
The next cell runs the check. It will not like this answer, and that is meant to happen. A check that is not passed stops
its cell, in red; here the cell catches that and prints it, so that the lesson runs on.
"""

# %%
try:
    check.celsius(celsius)
except AssertionError as failed:
    print(failed)

# %% [markdown]
r"""
Read it from the top. The first line says that the function is not right yet. The second says why: the check knows
this mistake. Below stand one input, what the function gave for it and what it should have given. The last line says
what to do if you are stuck. Do it.
"""

# %%
check.hint("celsius")

# %% [markdown]
r"""
A *hint* gives a direction, not the answer. There are three for every task; they open one at a time, each time you
run that line, and the third is nearly the answer. With the check's sentence you need no more. Repair the function and
check again.
"""


# %%
def celsius(fahrenheit):
    return (fahrenheit - 32) * 5 / 9


check.celsius(celsius)

# %% [markdown]
r"""
That is all there is to it. A check cares about what your function does, not about how you wrote it. Run it as often
as you like: a failed check costs nothing, and its sentence is where you learn most.

## Arrays: many numbers at once

You have four temperatures in Fahrenheit, as a list. What does "times 2" do to them?
"""

# %%
temperatures = [50, 59, 68, 77]
print("a list, times 2:  ", temperatures * 2)
print("an array, times 2:", np.array(temperatures) * 2)

# %% [markdown]
r"""
It repeats a list. An [*array*](../glossary.md#array) is different: it is a grid of numbers, all of one type,
and arithmetic applies to each number in it. No loop is needed. Your function, which was written for one number, takes
all four at once.
"""

# %%
print(celsius(np.array(temperatures)))

# %% [markdown]
r"""
### Shapes

The digits come as two arrays, `X` and `y`. The first thing to ask about any array is its
[*shape*](../glossary.md#shape): how many numbers it has in each direction. A direction is called an
[*axis*](../glossary.md#axis), and axes are counted from 0.
"""

# %%
X, y = digits.X_train, digits.y_train
print("X", X.shape)
print("y", y.shape, "starts with", y[:5])

# %% [markdown]
r"""
So `X` is a table. Axis 0 goes down: each row is one picture, one [*example*](../glossary.md#example). Axis 1 goes
across: each column is one pixel, one [*feature*](../glossary.md#feature) of the examples. `y` has a single axis and
holds the right answer for each row, its [*label*](../glossary.md#label).

From here on, shapes get names: `N` is the number of examples and `D` the number of features. `X` has shape `(N, D)`,
`y` has shape `(N,)`.

Square brackets pick parts. A colon means "all of this axis".
"""

# %%
print("one picture      X[0]      ", X[0].shape)
print("the first five   X[:5]     ", X[:5].shape)
print("pixel 20 of all  X[:, 20]  ", X[:, 20].shape)
print("all threes       X[y == 3] ", X[y == 3].shape)

# %% [markdown]
r"""
The last one deserves a look. `y == 3` compares each label with 3 and gives an array of `True` and `False`. Used as
an index, it keeps the rows where it says `True`.

### The same numbers in another grid

A picture came as a row of 64 numbers. To see it you need 8 rows of 8. `reshape` pours the numbers into a new grid,
filling it row by row. Try it on six numbers.
"""

# %%
a = np.arange(6)                                 # the numbers 0 to 5
print("a has shape", a.shape, a)
print("a.reshape(2, 3)", a.reshape(2, 3), sep="\n")
print("a.reshape(3, 2)", a.reshape(3, 2), sep="\n")
print("a.reshape(2, 3).T", a.reshape(2, 3).T, sep="\n")

# %% [markdown]
r"""
Compare the last two. Both have 3 rows of 2, but not the same numbers in the same places. `reshape` keeps the order
of reading and changes the line breaks. `.T` is the [*transpose*](../glossary.md#transpose): rows become columns.
Mixing them up gives no error, only scrambled pictures.
"""

# %%
pictures = X.reshape(-1, 8, 8)                   # -1: as many as it takes
wrong = X.reshape(8, 8, -1)[:, :, 0]
print("pictures", pictures.shape)

fig, axs = plot.figure("The right shape is not enough: the order of the axes counts", size=(6.4, 1.9), ncols=3)
plot.images(axs, [pictures[0], pictures[0].T, wrong], ["reshape(-1, 8, 8)", "its transpose", "reshape(8, 8, -1)"])
plot.show(fig, alt="Three small pictures. The first shows a handwritten nine, the second the same nine mirrored "
                   "along its diagonal, the third only a jumble of grey squares.")

# %% [markdown]
r"""
### Along an axis

Sums and means can run over one axis. **The axis that you name is the one that disappears.**
"""

# %%
table = np.array([[1, 2, 3],
                  [10, 20, 30]])                 # (2, 3)
print("sum over all   ", table.sum())
print("sum over axis 0", table.sum(axis=0))      # (3,): the rows are gone
print("sum over axis 1", table.sum(axis=1))      # (2,): the columns are gone

# %% [markdown]
r"""
With pictures as rows, the mean over axis 0 is a mean picture. Take it once for each digit.
"""

# %%
mean_pictures = [pictures[y == digit].mean(axis=0) for digit in range(10)]      # each (8, 8)
fig, axs = plot.figure("Mean pictures are blurred, yet you can read them", size=(6.4, 1.2), ncols=10)
plot.images(axs, mean_pictures)
plot.show(fig, alt="Ten small blurred grey pictures in a row. You can make out the digits from zero to nine.")

# %% [markdown]
r"""
### What goes wrong: two names, one array

This trap catches everybody once. What does the last line print?
"""


# %%
def halve(v):
    v /= 2                                       # changes the array that v names
    return v


a = np.array([2.0, 4.0])
b = a                                            # a second name, not a second array
halve(b)
print(a)

# %% [markdown]
r"""
`a` has changed, although no line mentions it. `b = a` makes no copy, a function gets the array itself, and `/=`
changes it *in place*. A slice such as `X[0]` is no copy either: it is a window on `X`.

Two habits keep you safe. Inside a function write `v = v / 2`, which makes a new array. And when you need a second
array, write `a.copy()`.
"""


# %%
def halve(v):
    v = v / 2                                    # a new array; the old one stays
    return v


a = np.array([2.0, 4.0])
print(halve(a), a)

# %% [markdown]
r"""
## Broadcasting: stretch the short side

`np.array(temperatures) * 2` combined an array with a single number. NumPy treated the 2 as if it were there once for
each entry. This is called [*broadcasting*](../glossary.md#broadcasting), and it works for more than single numbers.
"""

# %%
column = np.array([[10], [20], [30]])            # (3, 1)
row = np.array([1, 2, 3, 4])                     # (4,)
total = column + row                             # (3, 4)

fig, axs = plot.figure("A column and a row stretch to a full table", size=(6.4, 2.1), ncols=3)
draw_table(axs[0], np.broadcast_to(column, (3, 4)), [[1, 0, 0, 0]] * 3, "column (3, 1)")
draw_table(axs[1], np.broadcast_to(row, (3, 4)), [[1] * 4, [0] * 4, [0] * 4], "+ row (4,)")
draw_table(axs[2], total, np.ones((3, 4)), "= table (3, 4)")
plot.show(fig, alt="Three tables of three rows and four columns. In the first only the left column is coloured; its "
                   "numbers 10, 20, 30 are repeated to the right. In the second only the top row is coloured; its "
                   "numbers 1 to 4 are repeated downwards. The third, all coloured, is their sum.")

# %% [markdown]
r"""
**The rule.** Write the two shapes below each other, aligned at the *right* end. Two lengths fit if they are equal,
or if one of them is 1 or missing; that one is stretched.

Here are temperatures in three cities on four days. Subtract from each day the mean of the cities: `(3, 4)` and `(4,)`
fit, because from the right 4 meets 4 and 3 meets nothing.
"""

# %%
T = np.array([[1.0, 2.0, 3.0, 6.0],
              [11.0, 12.0, 13.0, 16.0],
              [21.0, 22.0, 23.0, 26.0]])         # (3 cities, 4 days)
print(T - T.mean(axis=0))

# %% [markdown]
r"""
Now the other way: subtract from each city the mean over its days. The means have shape `(3,)`. NumPy refuses, and that
is meant to happen. The cell catches the error and prints it.
"""

# %%
try:
    T - T.mean(axis=1)
except ValueError as error:
    print(error)

# %% [markdown]
r"""
Without the `try`, Python prints many lines above this one: of an error, read the last line first. `(3,4)` and `(3,)` do
not fit, because from the right 4 meets 3. The means must stand as a column, `(3, 1)`. `keepdims=True` keeps the axis that
would disappear, with length 1.
"""

# %%
print(T.mean(axis=1, keepdims=True).shape)
print(T - T.mean(axis=1, keepdims=True))

# %% [markdown]
r"""
### What goes wrong: a square table

That error was lucky. Take only the first three days, and the same mistake goes through without a word.
"""

# %%
square = T[:, :3]                                # (3 cities, 3 days)
wrong = square - square.mean(axis=1)             # city means, taken away from days
right = square - square.mean(axis=1, keepdims=True)
print("city means afterwards, wrong:", wrong.mean(axis=1))
print("city means afterwards, right:", right.mean(axis=1))

# %% [markdown]
r"""
After subtracting its mean, each city should have mean 0. So whenever you broadcast, print a shape or test a property
that must hold. The checks of this course do the same.

## Matrix product: all sums of products at once

Two people go shopping. How much would each of them pay in each of four shops? First one person in one shop: multiply
each amount by its price, and add up. That is the [*dot product*](../glossary.md#dot-product) of two arrays.
"""

# %%
baskets = np.array([[2, 0, 1],
                    [1, 3, 2]])                  # (2 people, 3 fruits)
prices = np.array([[1, 2, 3, 1],
                   [2, 1, 1, 2],
                   [4, 4, 3, 5]])                # (3 fruits, 4 shops)
print("amounts", baskets[0], "· prices", prices[:, 0], "=", (baskets[0] * prices[:, 0]).sum())

# %% [markdown]
r"""
Do that for every person with every shop. Here it is with loops, and then with the operator `@`, the [*matrix
product*](../glossary.md#matrix-product). (An array with two axes is also called a *matrix*.)
"""

# %%
bills = np.zeros((2, 4))
for person in range(2):
    for shop in range(4):
        for fruit in range(3):
            bills[person, shop] += baskets[person, fruit] * prices[fruit, shop]
print(baskets @ prices)
print("the same as with three loops:", (bills == baskets @ prices).all())

# %% [markdown]
r"""
Move the slider: each number on the right is one row on the left times one column in the middle.
"""


# %%
def draw_product(entry):
    i, j = divmod(entry, 4)
    marks = [np.zeros((2, 3)), np.zeros((3, 4)), np.zeros((2, 4))]
    marks[0][i], marks[1][:, j], marks[2][i, j] = 1, 1, 1
    sum_of = " + ".join(f"{a}·{p}" for a, p in zip(baskets[i], prices[:, j]))
    fig, axs = plot.figure(f"{sum_of} = {(baskets @ prices)[i, j]}", size=(6.4, 2.1), ncols=3)
    tables = {"baskets (2, 3)": baskets, "@ prices (3, 4)": prices, "= bills (2, 4)": baskets @ prices}
    for ax, (name, values), mark in zip(axs, tables.items(), marks):
        draw_table(ax, values, mark, name)
        ax.set(xlim=(-0.5, 3.5), ylim=(2.5, -0.5))
    return fig


plot.explore(draw_product, range(8), label="entry of the result", start=5,
             alt="Three tables: baskets, prices and their matrix product, the bills. For the chosen entry of the "
                 "bills, the matching row of the baskets and the matching column of the prices are coloured, and the "
                 "title writes out the sum of their products.")

# %% [markdown]
r"""
The shapes tell whether it works: `(2, 3) @ (3, 4)` gives `(2, 4)`. The inner lengths must be equal, and they vanish.
In letters: `(N, D) @ (D, C)` gives `(N, C)`.

Do not mix it up with `*`, which multiplies entry by entry and adds nothing up. The matrix product is the workhorse
of this course: you will see in unit 02 that a whole layer of a neural network is one matrix product and little more.

## Slope: how fast does it change?

A train leaves the station. After $t$ seconds it has come $f(t) = t^2$ metres. How fast is it at $t = 3$?

Speed is distance divided by time. So wait another $h$ seconds, and divide: $\dfrac{f(3 + h) - f(3)}{h}$. On the curve
that is the [*slope*](../glossary.md#slope) of a straight line through two points: how much it rises, divided by how
much it runs. But it is only the *average* speed of those $h$ seconds. Make $h$ smaller.
"""


# %%
def f(t):
    return t**2                                  # metres after t seconds


def draw_secant(h):
    slope = (f(3 + h) - f(3)) / h
    fig, ax = plot.figure(f"Average speed over {h:g} s: {slope:.3g} m/s", "time t (s)", "distance f(t) (m)")
    t = np.linspace(0, 6, 100)
    ax.plot(t, f(t))
    ax.axline((3, f(3)), slope=slope, color="C1", lw=1.5)
    ax.plot([3, 3 + h, 3 + h], [f(3), f(3), f(3 + h)], ":", color="gray")
    ax.plot([3, 3 + h], [f(3), f(3 + h)], "o", color="C1")
    ax.text(4.6, 3, f"run {h:g} s\nrise {f(3 + h) - f(3):.3g} m", color="0.35")
    ax.set(xlim=(0, 6.2), ylim=(-4, 38))
    return fig


plot.explore(draw_secant, [3.0, 2.5, 2.0, 1.5, 1.0, 0.5, 0.2, 0.1, 0.01], label="h in seconds",
             alt="A curve that rises ever faster, the train's distance over time, and a straight line through two of "
                 "its points. One point stays at 3 seconds. As h shrinks, the other moves towards it, and the line "
                 "turns until it touches the curve at one point; the average speed falls from 9 towards 6 metres a "
                 "second.")

# %% [markdown]
r"""
The two points melt into one, and the line becomes the *tangent*, the line that touches the curve. The slope settles
at a number. That number is the [*derivative*](../glossary.md#derivative) of $f$ at 3, written $f'(3)$ or
$\frac{df}{dt}$: the speed at that very moment.

Why that number? Multiply out: $\frac{(t + h)^2 - t^2}{h} = \frac{2th + h^2}{h} = 2t + h$. As $h$ vanishes, $2t$ is
left. At $t = 3$ that is the number where the slider ended.
"""


# %%
def slope(f, x, h=1e-6):
    return (f(x + h) - f(x)) / h


for h in (1, 0.1, 0.01, 1e-6):
    print(f"h = {h:<5}: slope {slope(f, 3, h):.3g}")

# %% [markdown]
r"""
`1e-6` is Python's way to write 0.000001, and `:.3g` prints a number with three digits.

A few derivatives are worth knowing by heart; they carry you far. ($e^x$ and $\ln x$ get a section of their own
below.)

| function | derivative | in words |
|---|---|---|
| $c$ (a constant) | $0$ | flat |
| $x$ | $1$ | always equally steep |
| $x^2$ | $2x$ | steeper and steeper |
| $x^n$ | $n\,x^{n-1}$ | the exponent comes down as a factor |
| $e^x$ | $e^x$ | as steep as it is high |
| $\ln x$ | $1/x$ | flatter and flatter |
| $a\,f(x) + b\,g(x)$ | $a\,f'(x) + b\,g'(x)$ | factors stay, sums stay sums |

You need not believe them: measure. (A `lambda` is a function in one line.)
"""

# %%
x = 2.0
rows = [("x**4", lambda x: x**4, 4 * x**3),
        ("exp(x)", np.exp, np.exp(x)),
        ("ln(x)", np.log, 1 / x),
        ("3*x**2 + 5*x", lambda x: 3 * x**2 + 5 * x, 6 * x + 5)]
for name, function, by_rule in rows:
    print(f"{name:13} measured {slope(function, x):6.3g}   by the rule {by_rule:6.3g}")

# %% [markdown]
r"""
### Which way is down?

Why does a course on learning care about slopes? Because a slope tells you which way is down. Where the curve rises,
the slope is positive, and you get lower by going left. Where it falls, the slope is negative, and you get lower by
going right. So *take a step against the slope*. Then do it again. This is [*gradient
descent*](../glossary.md#gradient-descent), and nearly every neural network learns by it: the curve is its error, and
$x$ is a number in it that can be set.
"""


# %%
def valley(x):
    return (x - 2) ** 2 + 1


path = [-1.5]
for _ in range(12):
    path.append(path[-1] - 0.15 * slope(valley, path[-1]))
path = np.array(path)

fig, ax = plot.figure("Each step goes against the slope, and ends up lower", "x", "height")
x = np.linspace(-2, 4.5, 100)
ax.plot(x, valley(x))
ax.plot(path, valley(path), "o-", color="C1", lw=1)
ax.text(path[0] + 0.15, valley(path[0]), "start", color="C1")
ax.text(2, 4, f"after {len(path) - 1} steps: x = {path[-1]:.3g}", color="C1", ha="center")
plot.show(fig, alt="A curve shaped like a valley with its lowest point at x = 2. A chain of points starts high on "
                   "the left slope and goes down in steps that become shorter, until the points pile up at the "
                   "bottom.")

# %% [markdown]
r"""
The steps become shorter by themselves, because the slope becomes smaller. At the bottom it is 0.

### What goes wrong: too small is as bad as too large

Smaller $h$, better slope? Try it to the end, with $x^3$ at $x = 3$. The table gives the true slope, $3x^2$.
"""

# %%
h = 10.0 ** np.arange(-1, -17, -1)               # 0.1, 0.01, ... all in one array
error = np.abs(slope(lambda x: x**3, 3.0, h) - 3 * 3.0**2)

fig, ax = plot.figure("Below a certain h, the slope gets worse again", "h", "error of the slope")
ax.loglog(h, error, "o-")
ax.text(0.1, 1e-6, "h too large:\nthe curve bends", color="0.35", ha="right")
ax.text(1e-16, 1e-6, "h too small:\nnumbers are rounded", color="0.35")
plot.show(fig, alt="Error of the slope against h, both on logarithmic axes, shaped like a V. From h = 0.1 down to "
                   "about 1e-8 the error shrinks, for smaller h it grows again, up to more than 1.")

# %% [markdown]
r"""
A computer keeps about 16 digits of a number. If $h$ is tiny, $f(x + h)$ and $f(x)$ agree in nearly all of them, and
their difference is made of rounding errors. The best $h$ lies in between. In the exercises you measure on both sides
of $x$, which is far more exact.

## Chain rule: slopes multiply

Pour pancake batter into a pan. The patch grows: after $t$ seconds its radius is $r = 3\sqrt{t}$ cm, and its area is
$A = \pi r^2$. How fast does the area grow?

The area depends on the radius, and the radius on the time. It is a chain: $t \rightarrow r \rightarrow A$. Each link
has its own slope.
"""


# %%
def radius(t):
    return 3 * np.sqrt(t)


def area(r):
    return np.pi * r**2


t = 4.0
r = radius(t)
fig, axs = plot.figure("A chain of two links, and each has its own slope", size=(7, 3.1), ncols=2)
for ax, function, at, end, names in [(axs[0], radius, t, 9, ("time t (s)", "radius r (cm)")),
                                     (axs[1], area, r, 9, ("radius r (cm)", "area A (cm²)"))]:
    ax.plot(np.linspace(0, end, 500), function(np.linspace(0, end, 500)))
    ax.axline((at, function(at)), slope=slope(function, at), color="C1", lw=1.5)
    ax.plot(at, function(at), "o", color="C1")
    ax.set(xlabel=names[0], ylabel=names[1], xlim=(0, end), ylim=(0, function(end) * 1.1))
    ax.set_title(f"slope {slope(function, at):.3g}", color="C1")
plot.show(fig, alt="Two panels, each with a curve and its tangent at one point. Left: radius over time, rising and "
                   "flattening. Right: area over radius, rising ever more steeply.")

# %% [markdown]
r"""
The left slope says how many cm the radius gains in a second. The right slope says how many cm² the area gains for
each of these cm. So in a second the area gains their *product*. The units say so, too: cm/s times cm²/cm is cm²/s.
This is the [*chain rule*](../glossary.md#chain-rule):

$$\frac{dA}{dt} = \frac{dA}{dr}\cdot\frac{dr}{dt}.$$
"""


# %%
def area_at(t):
    return area(radius(t))


print(f"dr/dt = {slope(radius, t):.3g} cm/s, dA/dr = {slope(area, r):.3g} cm²/cm")
print(f"their product              {slope(radius, t) * slope(area, r):.3g} cm²/s")
print(f"measured in one piece      {slope(area_at, t):.3g} cm²/s")
print(f"by the rules, 2πr · 3/(2√t) = {2 * np.pi * r * 3 / (2 * np.sqrt(t)):.3g} cm²/s")

# %% [markdown]
r"""
A deep network is such a chain with many links. Unit 03 multiplies their slopes, from the last link to the first, and
that is how networks learn.

## Partial derivatives: one direction at a time

Height on a map depends on two numbers: how far east you are, $x$, and how far north, $y$. So there are two slopes.
Hold $y$ still and take a small step east: that is the [*partial derivative*](../glossary.md#partial-derivative) with
respect to $x$, written $\frac{\partial f}{\partial x}$. Hold $x$ still and step north for the other.
"""


# %%
def height(x, y):
    return x**2 + 3 * y**2


h = 1e-6
x, y_north = 2.0, 1.0                            # the name y is taken by the labels
east = (height(x + h, y_north) - height(x, y_north)) / h
north = (height(x, y_north + h) - height(x, y_north)) / h
print(f"measured: east {east:.3g}, north {north:.3g}")
print(f"by rule:  east {2 * x:.3g}, north {6 * y_north:.3g}")

# %% [markdown]
r"""
For the rule, treat the other number like a constant: $3y^2$ does not change on the way east, so it drops out.

Both slopes together, as an array, are the [*gradient*](../glossary.md#gradient). It is an arrow, and it points in the
direction in which the ground rises most steeply.
"""

# %%
across, up = np.meshgrid(np.linspace(-4, 4, 100), np.linspace(-2.6, 2.6, 100))
fig, ax = plot.figure("The gradient points straight uphill", "x (east)", "y (north)", size=(6.4, 4.2))
lines = ax.contour(across, up, height(across, up), levels=[1, 3, 7, 12, 18, 25], colors="0.6", linewidths=1)
ax.clabel(lines, fontsize=9)
for spot in [(2, 1), (-3, 0.5), (-1, -1.2), (2.5, -1)]:
    gradient = np.array([2 * spot[0], 6 * spot[1]])
    ax.annotate("", spot + 0.13 * gradient, spot, arrowprops=dict(arrowstyle="->", color="C1", lw=2))
    ax.plot(*spot, "o", color="C1")
ax.set_aspect("equal")
plot.show(fig, alt="Map of a bowl: oval lines of equal height around the lowest point in the middle, labelled 1 to "
                   "25. At four spots an arrow starts; each leaves at a right angle to the line of equal height "
                   "there and points outward, uphill.")

# %% [markdown]
r"""
Each arrow crosses the line of equal height at a right angle. Walk against the arrow and you go down the steepest
way. A network may have millions of such directions; the rule is the same.

## exp and log: products become sums

The [*exponential function*](../glossary.md#exponential-function) $e^x$, in NumPy `np.exp(x)`, turns any number into a
positive one. Add 1 to $x$, and the result becomes $e$ times as large, where $e$ is a number a little below 3; it is
printed below. The [*logarithm*](../glossary.md#logarithm) $\ln x$, `np.log(x)`, goes back: it asks "$e$ to which
power is $x$?". Programmers and this course say *log* for it.
"""

# %%
x = np.linspace(-3, 3, 200)
fig, ax = plot.figure("log undoes exp: they are mirror images", "x", size=(4.8, 4.4))
ax.plot(x, np.exp(x), color="C0")
ax.plot(np.exp(x), x, color="C1")
ax.plot([-3, 5], [-3, 5], "--", color="0.6", lw=1)
ax.text(-2.8, 1.2, "$e^x$ is\nalways positive", color="C0")
ax.text(2.6, 0.45, "log x", color="C1")
ax.set(xlim=(-3, 5), ylim=(-3, 5), aspect="equal")
plot.show(fig, alt="Two curves. The exponential function runs close above zero on the left and shoots up on the "
                   "right. The logarithm falls steeply near zero and rises slowly to the right. They are mirror "
                   "images of each other in the dashed diagonal.")

# %%
a, b = 3.0, 0.5
print(f"e           = {np.e:.3g}")
print(f"log(exp(3)) = {np.log(np.exp(3)):.3g}")
print(f"log(a * b)  = {np.log(a * b):.3g},  log(a) + log(b) = {np.log(a) + np.log(b):.3g}")
print(f"exp(a + b)  = {np.exp(a + b):.3g},  exp(a) * exp(b) = {np.exp(a) * np.exp(b):.3g}")

# %% [markdown]
r"""
The middle line is why log is everywhere in this course: **the log of a product is the sum of the logs.** Here is
what that is good for. A text has 2,000 words, and a model gives each of them a probability of 0.5. How probable is
the whole text?
"""

# %%
p = np.full(2000, 0.5)                           # 0.5, two thousand times
print("product of the probabilities:", np.prod(p))
print(f"sum of their logs: {np.log(p).sum():.0f}")

# %% [markdown]
r"""
The product is smaller than the smallest number that the computer can hold, and becomes 0. The sum of the logs is an
ordinary number. Notice its sign: the log of a probability is never positive, and the less likely something is, the
further below zero.

## Chance that you can repeat

Learning starts from random numbers, and examples are shuffled. How can anyone repeat such an experiment? By starting
from a [*seed*](../glossary.md#seed). A random number generator, `rng` for short, is a recipe that makes numbers that
look random; the seed says where the recipe starts.
"""

# %%
for s in (0, 0, 1):
    rng = np.random.default_rng(s)
    print(f"seed {s}: first {rng.integers(1, 7, size=5)}, then {rng.integers(1, 7, size=5)}")

# %% [markdown]
r"""
The same seed gives the same throws of a die, run after run. Another seed gives others. And a
generator moves on: what you draw next depends on what you have drawn before. So every lesson sets `seed = 0` near the
top and makes its generators from it. Change that number, and you see which results were luck.

Shuffling needs care, since each example must keep its label. Draw *one* random order, and use it for both arrays.
"""

# %%
rng = np.random.default_rng(seed)
order = rng.permutation(len(X))                  # the numbers 0 to N - 1 in random order
X_shuffled, y_shuffled = X[order], y[order]
print("before", y[:8])
print("after ", y_shuffled[:8])
print("row 0 is now the old row", order[0])
print("picture and label belong together:", (X_shuffled[0] == X[order[0]]).all(), y_shuffled[0] == y[order[0]])

# %% [markdown]
r"""
## Probability: a share in the long run

Toss a coin again and again and count the heads. The share of heads jumps about, and then it settles. The number where
it settles is the [*probability*](../glossary.md#probability) of heads.
"""

# %%
rng = np.random.default_rng(seed)
tosses = rng.integers(0, 2, size=(6, 2000))      # 6 people toss 2,000 times; 1 is heads
share = tosses.cumsum(axis=1) / np.arange(1, 2001)

fig, ax = plot.figure("Six people toss a coin: all shares settle near one half",
                      "number of tosses (log scale)", "share of heads")
ax.plot(np.arange(1, 2001), share.T, lw=1.2, color="C0", alpha=0.7)
ax.axhline(0.5, color="C1", ls="--", lw=1.5)
ax.set_xscale("log")
plot.show(fig, alt="Six jagged curves, the share of heads against the number of tosses. After a few tosses they "
                   "spread over the whole height from 0 to 1; after 2,000 they all lie close to the dashed line at "
                   "one half.")

# %% [markdown]
r"""
Three facts are all you need:

- a probability lies between 0 (never) and 1 (always), and the probabilities of all that can happen add up to 1;
- if two things do not influence each other, the probability of both is the *product*;
- a mean in the long run weighs each value by its probability.
"""

# %%
dice = rng.integers(1, 7, size=(100_000, 2))     # two dice, thrown 100,000 times
both = (dice == 6).all(axis=1).mean()
print(f"two sixes: share {both:.2g}, product {1 / 6 * 1 / 6:.2g}")
print(f"mean of a die: measured {dice.mean():.2g}, weighed {(np.arange(1, 7) * 1 / 6).sum():.2g}")

# %% [markdown]
r"""
### From scores to probabilities

A program that reads digits will have a score for each digit: the higher, the more likely. Scores may be negative and
need not add up to anything. How do you make probabilities of them? Take `exp`, which makes them positive, and divide
by the sum. This is [*softmax*](../glossary.md#softmax).
"""

# %%
scores = np.array([2.0, 0.0, -1.0])
positive = np.exp(scores)
probabilities = positive / positive.sum()
print("scores       ", scores)
print("probabilities", probabilities.round(3), "with sum", probabilities.sum().round(3))

# %% [markdown]
r"""
The order stays, and every score, however low, keeps a little. You will write this for a whole table of scores in the
exercises. Think about the axis.

## Mean and variance: where, and how wide

Here are the petal lengths of 50 flowers, irises of the species versicolor, in centimetres. Two numbers say most about
them. The [*mean*](../glossary.md#mean) says where they lie. The [*variance*](../glossary.md#variance) says how wide
they spread: it is the mean of the squared distances from the mean. Its square root, the [*standard
deviation*](../glossary.md#standard-deviation), is in centimetres again.
"""

# %%
X_iris, y_iris = data.iris()                     # (150, 4) in cm, (150,)
petals = X_iris[y_iris == 1, 2]                  # (50,)
mean = petals.sum() / len(petals)
variance = ((petals - mean) ** 2).sum() / len(petals)
std = np.sqrt(variance)
print(f"mean {mean:.3g} cm, variance {variance:.3g} cm², standard deviation {std:.3g} cm")
print("NumPy agrees:", np.allclose([mean, variance, std], [petals.mean(), petals.var(), petals.std()]))

# %%
within = (np.abs(petals - mean) <= std).mean()
fig, ax = plot.figure(f"{100 * within:.0f} % of the flowers lie within one standard deviation",
                      "petal length (cm)", "number of flowers")
ax.hist(petals, bins=np.arange(2.95, 5.3, 0.2), color="C0", alpha=0.7, edgecolor="white")
ax.axvspan(mean - std, mean + std, color="C1", alpha=0.15)
ax.axvline(mean, color="C1")
ax.text(mean - 0.02, 12.1, "mean", color="C1", ha="right")
ax.annotate("", (mean + std, 11.7), (mean, 11.7), arrowprops=dict(arrowstyle="<->", color="C1"))
ax.text(mean + std / 2, 12.1, "std", color="C1", ha="center")
ax.set_ylim(0, 13)
plot.show(fig, alt="Histogram of petal lengths from 3 to 5.1 centimetres, highest near 4.5. A line marks the mean at "
                   "about 4.3; a shaded band reaches one standard deviation, about half a centimetre, to either "
                   "side.")

# %% [markdown]
r"""
With both numbers you can put any measurement on a common scale: subtract the mean, then divide by the standard
deviation. The result says how many standard deviations a flower lies above or below the mean. That is
*standardizing*, the last exercise.

### What goes wrong: divide by N or by N − 1?

Some books divide by $N - 1$. Who is right? Throw a die five times, take the variance of the five throws, and do that
100,000 times.
"""

# %%
throws = np.random.default_rng(seed).integers(1, 7, size=(100_000, 5))
faces = np.arange(1, 7)
print(f"variance of a die          {((faces - faces.mean()) ** 2).mean():.3g}")
print(f"mean variance, over N      {throws.var(axis=1).mean():.3g}")
print(f"mean variance, over N - 1  {throws.var(axis=1, ddof=1).mean():.3g}")

# %% [markdown]
r"""
Both are right, for different questions. Divide by $N$ to describe the numbers that you have: the *population
variance*, NumPy's default. Divide by $N - 1$ (`ddof=1`) to guess the variance of the source that they came from: the
*sample variance*. Dividing by $N$ guesses too low, because the mean was fitted to the same five throws. For thousands
of numbers the difference hardly matters. This course divides by $N$ and says so when it does not.

## What came before deep learning

Machine learning is older than deep networks. Here are four of its ideas. Each is still the right choice for some
problems, and each is a rival that a network has to beat.

### k-nearest neighbours: what do similar examples say?

Keep all examples. For a new picture find the most similar one, and give its label. How similar? Subtract pixel by
pixel, square, add up: the smaller, the more similar. Here is the program that was promised.
"""


# %%
def nearest(x):
    distances = ((X - x) ** 2).sum(axis=1)       # (N, D) - (D,) -> (N, D) -> (N,)
    return distances.argmin()                    # the place of the smallest one


new = digits.X_val                               # pictures that are not in X
neighbours = np.array([nearest(x) for x in new])
answers = y[neighbours]
print(f"{len(new)} new pictures, {100 * (answers == digits.y_val).mean():.3g} % read correctly")

# %%
some = np.append(np.flatnonzero(answers == digits.y_val)[:5], np.flatnonzero(answers != digits.y_val)[:3])
fig, axs = plot.figure("Most nearest neighbours tell the truth; the last three mislead",
                       size=(6.8, 2.6), ncols=8, nrows=2)
plot.images(axs[0], new[some].reshape(-1, 8, 8), [f"is {label}" for label in digits.y_val[some]])
plot.images(axs[1], X[neighbours[some]].reshape(-1, 8, 8), [f"says {label}" for label in answers[some]])
plot.show(fig, alt="Two rows of eight small handwritten digits. In the first five columns the upper and the lower "
                   "picture show the same digit in nearly the same shape. In the last three they look alike, but are "
                   "different digits.")

# %% [markdown]
r"""
That is [*k-nearest neighbours*](../glossary.md#k-nearest-neighbours) with $k = 1$; with $k = 5$ the five most
similar examples would vote. Three lines with broadcasting, a sum over an axis and a label. No slope, no network.

So why a whole course? Move each new picture to the right, by one pixel or two. You read it as before.
"""

# %%
shift = {}
for move in (0, 1, 2):
    moved = np.zeros((len(new), 8, 8))
    moved[:, :, move:] = new.reshape(-1, 8, 8)[:, :, :8 - move]
    says = np.array([y[nearest(x)] for x in moved.reshape(-1, 64)])
    shift[f"moved by {move}: {100 * (says == digits.y_val).mean():.0f} % right"] = moved[1]

fig, axs = plot.figure("A little further right, and the program is lost", size=(6.4, 2.2), ncols=3)
plot.images(axs, list(shift.values()), list(shift))
for ax in axs:
    ax.axvspan(-0.5, 7.5, fill=False, edgecolor="0.6")
plot.show(fig, alt="Three times the same handwritten eight, in the middle, one pixel and two pixels further right. "
                   "Above them: " + ", ".join(shift) + ".")

# %% [markdown]
r"""
It collapses. The program compares pixel 20 with pixel 20 and has no idea that an eight is still an eight a little
further right. A feature is good when it always means the same. A petal's length does; pixel 20 does not. A deep
network *learns* its own features, and units 09 and 10 build one that stands such a move far better.

### Regression: draw the best line

How wide is a petal of a given length? [*Regression*](../glossary.md#regression) predicts a number. The simplest kind
draws a line: $w \cdot \text{length} + b$. The *error* for a flower is the height of the line minus the true width,
and the best line has the smallest mean of the squared errors.

You can find it with what you have learned today: two partial derivatives, and steps against them. By the chain rule,
the slope of the squared error is $2 \cdot \text{error}$ times the slope of the error itself. That one is the length
when you change $w$, and 1 when you change $b$.
"""

# %%
length, width = X_iris[:, 2], X_iris[:, 3]       # (150,), (150,)
w, b = 0.0, 0.0
for _ in range(1000):
    error = w * length + b - width               # (150,)
    dw, db = (2 * error * length).mean(), (2 * error).mean()
    w, b = w - 0.05 * dw, b - 0.05 * db
line = LinearRegression().fit(length[:, None], width)      # it wants a table: (150,) -> (150, 1)
print(f"downhill:     w = {w:.3g}, b = {b:.3g}")
print(f"scikit-learn: w = {line.coef_[0]:.3g}, b = {line.intercept_:.3g}")

# %%
fig, ax = plot.figure(f"Each cm of petal length adds {w:.2g} cm of width", "petal length (cm)", "petal width (cm)")
ax.scatter(length, width, s=16, alpha=0.7)
ax.axline((0, b), slope=w, color="C1")
ax.set(xlim=(0.5, 7.2), ylim=(-0.2, 2.7))
plot.show(fig, alt="Scatter plot of 150 flowers, petal width against petal length, in a small cloud at the lower "
                   "left and a larger one at the upper right. A straight rising line passes through the middle of "
                   "both.")

# %% [markdown]
r"""
### Decision tree: ask questions

A [*decision tree*](../glossary.md#decision-tree) asks one feature at a time whether it exceeds a number. It tries all
questions and keeps the one that separates the labels best; then it goes on in each branch. Show it 100 flowers of
three species, and test it on the other 50.
"""

# %%
order = np.random.default_rng(seed).permutation(150)
shown, kept = order[:100], order[100:]
tree = DecisionTreeClassifier(max_depth=2, random_state=seed).fit(X_iris[shown], y_iris[shown])
print(export_text(tree, feature_names=data.IRIS_FEATURES, class_names=data.IRIS_SPECIES))
print(f"{100 * tree.score(X_iris[kept], y_iris[kept]):.3g} % of the {len(kept)} other flowers right")

# %% [markdown]
r"""
Two questions, and you can read the whole program. On tables of measurements, forests of such trees are hard to beat
to this day.

### Clustering: find groups without labels

So far somebody supplied labels: that is [*supervised learning*](../glossary.md#supervised-learning). Without labels
you can still ask which examples belong together: [*unsupervised learning*](../glossary.md#unsupervised-learning).
*k-means* is one way of [*clustering*](../glossary.md#clustering). Place $k$ centres; give each example to the nearest
centre; move each centre to the mean of its examples; repeat until nothing moves.
"""

# %%
group = KMeans(n_clusters=3, n_init=10, random_state=seed).fit_predict(X_iris)      # it never sees y_iris
for species in range(3):
    counts = np.bincount(group[y_iris == species], minlength=3)
    print(f"{data.IRIS_SPECIES[species]:10} flowers in groups 0, 1, 2: {counts}")

# %% [markdown]
r"""
It found one species exactly and the other two roughly, without ever having heard of species.

| idea | learns | answers with | good for | weak point |
|---|---|---|---|---|
| k-nearest neighbours | nothing: keeps all examples | the label of similar ones | few examples, good features | slow with many examples; needs features that compare well |
| regression | one weight per feature | a weighted sum | numbers; a first try at anything | only straight relations |
| decision tree | a list of questions | the label at the end of a branch | tables of measurements | pictures, sound, text |
| clustering | centres | the nearest centre | data without labels | the groups need not be yours |

All four take the features as they come. For flowers a botanist has chosen them. For pictures, sounds and sentences
nobody knows which to choose. Deep learning lets the program find them. Unit 21 measures all of these against each
other.

## Self-test

Twelve questions. Write down your answers before you scroll on.

1. `X` has shape `(32, 784)` and `W` has shape `(784, 10)`. What is the shape of `X @ W`?
2. `A` has shape `(5, 1)` and `v` has shape `(3,)`. What is the shape of `A + v`?
3. `X` has shape `(200, 64)`, one example per row. What is the shape of `X.mean(axis=0)`?
4. `a = np.array([1, 2, 3])`, then `b = a`, then `b *= 2`. What is `a[0]` now?
5. What is the slope of $f(x) = x^3$ at $x = 2$?
6. $y = u^2$ with $u = 3x + 1$. What is $\frac{dy}{dx}$ at $x = 1$?
7. $f(x, y) = x^2 y$. What is the gradient at $x = 3$, $y = 2$?
8. $\log a = 2$ and $\log b = 3$. What is $\log(a \cdot b)$?
9. You toss a fair coin three times. How probable are three heads?
10. What is the (population) variance of 2, 4 and 6?
11. Two generators start from the same seed. One draws three numbers, and then each draws one. Are these last two
    numbers equal (1) or not (0)?
12. You ask the nearest neighbour ($k = 1$) about the very examples that it keeps, all of them different. Which share
    does it get right?

Now run the cells below. For each question the page works out the answer twice, by the rule that you have learned and
by running it, and compares. Click on a line to open the answer.
"""

# %%
agree = []


def answer(number, by_rule, by_running, reread, because):
    agree.append(bool(np.allclose(by_rule, by_running, rtol=1e-3)))
    value = f"{by_rule:.3g}" if isinstance(by_rule, float) else by_rule
    display(HTML(f"<details><summary>Answer {number}</summary><p><b>{value}</b>. {because} "
                 f"Was yours different? Reread <i>{reread}</i>.</p></details>"))


# %%
X_1, W_1, X_3 = np.ones((32, 784)), np.ones((784, 10)), np.ones((200, 64))
answer(1, (X_1.shape[0], W_1.shape[1]), (X_1 @ W_1).shape, "Matrix product: all sums of products at once",
       "The inner lengths are equal and vanish.")
answer(2, (5, max(1, 3)), (np.ones((5, 1)) + np.ones(3)).shape, "Broadcasting: stretch the short side",
       "From the right: 1 meets 3 and is stretched; 5 meets nothing.")
answer(3, X_3.shape[1:], X_3.mean(axis=0).shape, "Along an axis", "The axis that you name disappears.")
a = np.array([1, 2, 3])
b = a
b *= 2
answer(4, 1 * 2, a[0], "What goes wrong: two names, one array",
       "b is another name for the same array, and *= works in place.")

# %%
east_at = slope(lambda x: x**2 * 2.0, 3.0)
north_at = slope(lambda y: 3.0**2 * y, 2.0)
answer(5, 3 * 2**2, slope(lambda x: x**3, 2.0), "Slope: how fast does it change?", "The derivative is 3x².")
answer(6, 2 * (3 * 1 + 1) * 3, slope(lambda x: (3 * x + 1) ** 2, 1.0), "Chain rule: slopes multiply",
       "It is 2u times 3, where u = 3x + 1.")
answer(7, [2 * 3 * 2, 3**2], [east_at, north_at], "Partial derivatives: one direction at a time",
       "With respect to x it is 2xy, with respect to y it is x².")
answer(8, 2 + 3, np.log(np.exp(2) * np.exp(3)), "exp and log: products become sums",
       "The log of a product is the sum of the logs.")

# %%
tosses = np.array([[i, j, k] for i in (0, 1) for j in (0, 1) for k in (0, 1)])      # all that can happen
one, other = np.random.default_rng(seed), np.random.default_rng(seed)
one.random(3)
own = np.array([nearest(x) for x in X])
answer(9, (1 / 2) ** 3, (tosses.sum(axis=1) == 3).mean(), "Probability: a share in the long run",
       "The tosses do not influence each other, so you multiply.")
answer(10, ((2 - 4) ** 2 + 0 + (6 - 4) ** 2) / 3, np.var([2, 4, 6]), "Mean and variance: where, and how wide",
       "It is the mean of the squared distances from the mean.")
answer(11, int(3 + 1 == 1), int(one.random() == other.random()), "Chance that you can repeat",
       "One generator gives its fourth number, the other its first.")
answer(12, len(np.unique(X, axis=0)) / len(X), (y[own] == y).mean(),
       "k-nearest neighbours: what do similar examples say?",
       "All are different, so each is its own nearest neighbour. To judge a program you need new examples.")

# %% [markdown]
r"""
How many of its own questions did the page answer in the same way twice?
"""

# %%
metrics.headline("self-test answers that are the same by rule and by running, of 12", sum(agree), 12)

# %% [markdown]
r"""
And you? Ten or more: go on. Fewer: each answer named a section. Reread it, change a number in its code, predict what
will come out, run it.

## Summary

- An array computes on all its numbers at once. Ask for its shape first; the axis that you name disappears; shapes are
  matched from the right.
- A matrix product is a table of dot products: `(N, D) @ (D, C)` gives `(N, C)`.
- A slope says how fast something changes, and a step against it goes down. Slopes of a chain multiply; with several
  inputs there is one slope for each.
- exp makes numbers positive, log turns products into sums, a seed makes chance repeatable, mean and standard
  deviation say where and how wide.
- Nearest neighbours, regression, trees and clustering came first and still matter; they need good features. Deep
  learning finds its own.

## Three quick questions

**1.** `X` has shape `(100, 100)`. You write `X - X.mean(axis=1)` to remove the mean of each row. There is no error.
Is it right?

<details><summary>Answer</summary>

No. The means have shape `(100,)` and are matched from the right, so each *column* loses the mean of a row. With 99
rows you would have got an error. Write `X.mean(axis=1, keepdims=True)`, then test that the row means are 0.

</details>

**2.** At some $x$ the slope of your error is −5. Should you make $x$ larger or smaller?

<details><summary>Answer</summary>

Larger. The slope is negative: the error falls towards the right. A step *against* the slope adds something positive
to $x$. How far to go is another question, and unit 06 is about it.

</details>

**3.** A friend's program reads 97 % of the digits on Monday and 96 % on Tuesday, with the same code. What might have
happened, and what should the friend do?

<details><summary>Answer</summary>

Something random, such as the order of the examples, was different: no seed was set. Set one, so that the result can
be repeated. Then run several seeds and report how far the results spread, since a difference of one percentage point
may be luck.

</details>

Now it is your turn: [the exercises](exercises.ipynb). Then teach [one neuron to
decide](../01_perceptron/lesson.ipynb).
"""
