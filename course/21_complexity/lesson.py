# %% [markdown]
r"""
# Count the cost

> **Time**: {{run_time}} to run, 75 minutes to study.
>
> **What you do**: count what six methods compute, measure what they take, and hold one against the other; find out why
> a library does not do what the textbook says; weigh accuracy against processor seconds; choose under limits.
>
> **What you need first**: [unit 00](../00_start/lesson.ipynb) (the methods that came before),
> [unit 11](../11_architectures/lesson.ipynb) (multiply-accumulates). You can skip this unit on a first reading.
"""

# %%
import numpy as np
from sklearn import config_context
from sklearn.datasets import load_digits
from sklearn.neighbors import KDTree, KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier

from introdl import classic, cost, data, metrics, plot

seed = 0
rng = np.random.default_rng(seed)

# %% [markdown]
r"""
## A thousand times as much tomorrow

You have a model that trains in one second on a thousand examples. Tomorrow you get a million. How long will it take? A
thousand seconds, if cost grows as fast as the number of examples. Eleven days, if it grows as its square. And if it
does not grow at all, one second. The *power* decides, not the second you measured today.

Six methods go through this unit. Five are older than deep learning, and
[unit 00](../00_start/lesson.ipynb) introduced them: k-nearest neighbours, a decision tree, k-means, naive Bayes and
logistic regression. The sixth is a neural network. Call the number of examples $n$ and the number of features $d$.
"""

# %% [markdown]
r"""
## Count

Count the multiply-adds, as in [unit 11](../11_architectures/lesson.ipynb). k-nearest neighbours compares each query with
all $n$ examples, and a distance takes one multiply-add for each of $d$ numbers: $n \cdot d$ for a query. Train it? It
only remembers: nothing to multiply.
"""

# %%
ns = np.array([1000, 2000, 4000, 8000, 16000])
counted = {
    "k-NN, one query": [cost.knn_operations(n, 32) for n in ns],
    "k-means": [cost.kmeans_operations(n, 32, 8, 20) for n in ns],
    "network, two epochs": [cost.network_operations([32, 64, 1], n, 2) for n in ns],
    "all pairs of examples": [n * n * 32 for n in ns],
}
fig, axs = plot.figure("On logarithmic axes powers are straight lines, and the slope is the power", "examples", ncols=2, size=(7.4, 3.2))
for ax in axs:
    for name, operations in counted.items():
        ax.plot(ns, operations, marker="o", ms=3, label=name)
axs[0].set(ylabel="multiply-adds")
axs[1].set(xscale="log", yscale="log")
axs[0].legend(fontsize=7)
plot.show(fig, alt="The same four counts over the number of examples, left on plain axes, right on logarithmic ones. Left only the count of all pairs is seen to rise, the others lie on the floor. Right all are straight lines: three of the same slope, one twice as steep.")

# %% [markdown]
r"""
If cost $= a \cdot n^b$, then $\log \text{cost} = \log a + b \log n$: a straight line with slope $b$. So fit a line
through the logarithms ([unit 01](../01_perceptron/lesson.ipynb) has had one by hand; here it is the least squares
line), and take the uncertainty of its slope along:
"""

# %%
def fit_slope(sizes, costs):
    """Exponent of a power law, by least squares on logarithms."""
    x, y = np.log(sizes), np.log(costs)
    return ((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum()


for name, operations in counted.items():
    slope = cost.fit_slope(ns, operations)                  # with a 95 % interval
    assert np.isclose(slope.exponent, fit_slope(ns, operations))
    print(f"{name:22} n to the power {slope.exponent:.2f}")

# %% [markdown]
r"""
One writes $O(nd)$ for "at most a constant times $n \cdot d$, when they are large": the [*big O*](../glossary.md#big-o)
keeps the power and drops the factor. Here is what theory says of all six; $k$ groups, $i$ iterations, $e$ epochs, $w$
weights:

| method | training | prediction of one row | memory | used for |
|---|---|---|---|---|
| k-nearest neighbours | $O(1)$: it remembers | $O(nd)$ | $O(nd)$, all examples | few examples, or a first baseline |
| decision tree | $O(n d \log n)$ | $O(\text{depth})$, about $\log n$ | $O(\text{nodes})$, up to $n$ | tables; rules that people read |
| k-means | $O(n k i d)$ | $O(kd)$ | $O(kd)$ | groups without labels |
| naive Bayes | $O(nd)$, one pass | $O(d)$ a class | $O(d)$ a class | texts, streams, a second baseline |
| logistic regression | $O(nde)$ | $O(d)$ | $O(d)$ | probabilities, reasons |
| neural network | $O(new)$ | $O(w)$ | $O(w)$ | pictures, sound, language |

The last row is often quoted as "O(layers)". You will see below why it is the weights.
"""

# %% [markdown]
r"""
### A tree, counted

How does one count a tree? Each example walks from the root to a leaf, and at each node on its way all its features
are sorted or looked at. The tree remembers how many examples passed through each node: their sum is the number of
visits.
"""

# %%
def made(n, d, rng):
    """Two classes that a slanted plane nearly parts."""
    X = rng.normal(size=(n, d))
    return X, (X[:, :8].sum(axis=1) + rng.normal(size=n) > 0).astype(int)


visits, depths, nodes = [], [], []
for n in ns:
    tree = DecisionTreeClassifier(random_state=seed).fit(*made(n, 16, rng))
    visits.append(tree.tree_.n_node_samples.sum())
    depths.append(visits[-1] / n)
    nodes.append(tree.tree_.node_count)
slopes = [cost.fit_slope(ns, counts) for counts in (visits, depths, nodes)]
print("\n".join(f"{what:25} n to the power {slope.exponent:.2f}" for what, slope in zip(("visits in training", "steps for one prediction", "nodes"), slopes)))
expected = cost.fit_slope(ns, ns * np.log(ns)).exponent
print(f"{'n log n':25} n to the power {expected:.2f}")
assert abs(slopes[0].exponent - expected) < 0.1 and slopes[1].exponent < 0.25 and abs(slopes[2].exponent - 1) < 0.1

# %% [markdown]
r"""
$n \log n$ is no power, but over such a range it looks like one, a little above 1. So does the tree. A prediction takes
only a few more steps when the tree has sixteen times as many examples: that is what a logarithm does for you.
"""

# %% [markdown]
r"""
## Measure

Now with a clock. Four things go wrong when one measures for the first time:

1. the first call is slow: files are loaded, memory is asked for. Call once *before* (a warm-up);
2. single times jump, since a computer does other things, too. Measure several times and take the *median*;
3. the clock on the wall also counts what other programs do. Ask for *processor seconds*;
4. making the data is not training. Make them before the clock starts.
"""

# %% tags=["nbval-ignore-output"]
X, y = made(4000, 32, rng)


def timed(call):
    import time
    start = time.process_time()
    call()
    return 1000 * (time.process_time() - start)


model = classic.NaiveBayes()
print("one by one:      " + " ".join(f"{timed(lambda: model.fit(X, y)):.2f}" for _ in range(7)) + " ms")
print(f"with data made:  {timed(lambda: model.fit(*made(4000, 32, rng))):.2f} ms")
print(f"cost.seconds_of: {1000 * cost.seconds_of(model.fit, X, y):.2f} ms, the median of five after a warm-up")

# %% [markdown]
r"""
`introdl.classic` has our own versions of five methods, none longer than fifteen lines: read them. Measure two of them now;
how steep the lines are depends on your machine, so the figures below may differ from what you see at home.
"""

# %% tags=["nbval-ignore-output"]
sizes = [1000, 2000, 4000, 8000]
models = {"naive Bayes": classic.NaiveBayes, "network": lambda: classic.Network(num_epochs=1), "k-means": lambda: classic.KMeans(num_iterations=5)}
fig, ax = plot.figure("Training time, measured a moment ago", "examples", "processor seconds", size=(5.6, 3.2))
for name, make in models.items():
    seconds = []
    for n in sizes:
        X, y = made(n, 32, rng)
        seconds.append(cost.seconds_of(make().fit, X, y, repeats=3))
    slope = cost.fit_slope(sizes, seconds)
    ax.plot(sizes, seconds, marker="o", ms=4)
    ax.text(8400, seconds[-1], f"{name}: {slope.exponent:.2f}", va="center", fontsize=8)
ax.set(xscale="log", yscale="log", xlim=(900, 24000))
plot.show(fig, alt="Processor seconds of training over 1,000 to 8,000 examples on logarithmic axes, for naive Bayes, a network and k-means: three nearly straight lines with slopes of about one.")

# %% [markdown]
r"""
For honest exponents one needs larger sizes, more repeats and a machine that does nothing else. The command `python -m
tests.bench.complexity` did that: both our versions and scikit-learn's, training and prediction of 500 rows, over $n$
from 2,000 to 32,000 and $d$ from 64 to 1,024.
"""

# %%
table = data.recorded("21_complexity")
THEORY = {                                                  # (what, method) → powers of n and of d
    ("train", "k-NN"): (0, 0), ("predict", "k-NN"): (1, 1),
    ("train", "tree"): (cost.fit_slope([2000, 32000, 8000], [n * np.log(n) for n in (2000, 32000, 8000)]).exponent, 1), ("predict", "tree"): (0, 0),
    ("train", "k-means"): (1, 1), ("predict", "k-means"): (0, 1),
    ("train", "naive Bayes"): (1, 1), ("predict", "naive Bayes"): (0, 1),
    ("train", "logistic regression"): (1, 1), ("predict", "logistic regression"): (0, 1),
    ("train", "network"): (1, 1), ("predict", "network"): (0, 1),
}
rows = [row | {"theory": THEORY[row["what"], row["method"]]["nd".index(row["over"])]} for row in table if row["over"] in "nd"]
print(f"{'':21}{'':13}{'over n':>22}{'over d':>24}")
for what, method in THEORY:
    for who in ("ours", "scikit-learn"):
        cells = [row for row in rows if (row["what"], row["method"], row["who"]) == (what, method, who)]
        texts = [f"{row['exponent'][0]:5.2f} ({row['exponent'][1]:5.2f} to {row['exponent'][2]:5.2f})" for row in cells]
        if cells:
            print(f"{what:8}{method:20}{who:13}" + "  ".join(texts))

# %%
def draw_exponents(over):
    fig, ax = plot.figure(f"Measured powers of {over} (dots, 95 % interval) and theory (bars)", f"power of {over}", size=(6.6, 5.2))
    shown = [row for row in rows if row["over"] == over]
    for place, row in enumerate(shown):
        power, low, high = row["exponent"]
        color = "C0" if abs(power - row["theory"]) <= 0.25 else "C1"
        ax.plot([row["theory"]] * 2, [place - 0.4, place + 0.4], color="0.6", lw=3)
        ax.plot([low, high], [place, place], color=color, lw=1.5)
        ax.scatter(power, place, color=color, zorder=3, s=22)
    ax.set(yticks=range(len(shown)), yticklabels=[f"{row['what']} {row['method']}, {row['who']}" for row in shown], ylim=(len(shown) - 0.5, -0.5), xlim=(-0.5, 2))
    return fig


plot.explore(draw_exponents, ["n", "d"], "power of",
             alt="Dot plot with one row for each method, version and phase, for the powers of n or of d. Grey bars mark theory, at 0 or 1 (a little above 1 for training a tree). Over n nearly all dots lie on their bars; training k-NN by scikit-learn lies far right of its bar at 0. Over d more dots, orange, lie left of theirs.")

# %% [markdown]
r"""
## Where theory and library differ

Blue dots lie within 0.25 of theory. What about the orange ones? "Noise" would be too easy an answer. Each deviation has
a cause, and each cause can be shown.
"""

# %% [markdown]
r"""
### A part that does not grow

Most orange dots lie *left* of theory. Every call has a fixed part: arguments are checked, arrays made, a Python loop
runs once a batch. Where cost is $a + b \cdot \text{size}$ and $a$ is not small, the line on logarithmic axes bends: flat
at first, steep in the end. With few examples nothing but $a$ is seen:
"""

# %%
few = next(row for row in table if row["over"] == "few n")
many = next(row for row in rows if (row["what"], row["method"], row["who"], row["over"]) == ("train", "naive Bayes", "scikit-learn", "n"))
fig, ax = plot.figure("Naive Bayes: with few examples you measure the call, not the work", "examples", "seconds of training", size=(5.8, 3.2))
for row, color, place in ((few, "C1", 40), (many, "C0", 2500)):
    ax.plot(row["sizes"], row["seconds"], marker="o", color=color)
    ax.text(place, row["seconds"][2] * 1.25, f"power {row['exponent'][0]:.2f}", color=color, ha="center")
ax.set(xscale="log", yscale="log")
plot.show(fig, alt="Seconds of training naive Bayes over the number of examples on logarithmic axes. From 10 to 160 examples the line is flat; from 2,000 to 32,000 it rises.")

# %% [markdown]
r"""
So fit $a + b \cdot \text{size}^t$ with the power $t$ of theory, both numbers not negative. If that runs through all
points of an orange row, theory and a fixed part are enough to explain it. "Through all points" shall mean: no point is
off by more than 30 %. That is no proof: five points are few, and with a fixed part other powers may pass as well. Where
it matters, look for the fixed part itself, as the end of this section does for k-NN.
"""

# %%
def with_fixed_part(row):
    """Fit a + b · size^theory by relative least squares; return (a, b, largest relative error)."""
    seconds, power = np.array(row["seconds"]), np.array(row["sizes"], dtype=float) ** row["theory"]
    ones = np.ones(len(power))
    candidates = [np.linalg.lstsq(np.stack([ones, power], axis=1) / seconds[:, None], ones, rcond=None)[0]]
    if candidates[0].min() < 0:                             # one of the two is 0, then
        candidates = [np.array([0, 1 / np.mean(power / seconds)]), np.array([1 / np.mean(1 / seconds), 0])]
    fits = [(a, b, np.abs((a + b * power) / seconds - 1).max()) for a, b in candidates]
    return min(fits, key=lambda fit: fit[2])


reasons = {}
for row in rows:
    key = row["what"], row["method"], row["who"], row["over"]
    a, b, error = with_fixed_part(row)
    if abs(row["exponent"][0] - row["theory"]) <= 0.25:
        reasons[key] = "theory"
    elif row["theory"] and error <= 0.30:
        reasons[key] = "fixed part"
        print(f"{' '.join(key[:3]):38} over {key[3]}: power {row['exponent'][0]:.2f}; at the smallest size {a / (a + b * row['sizes'][0]):.0%} is a fixed part")
unexplained = [row for row in rows if (row["what"], row["method"], row["who"], row["over"]) not in reasons]
print("\nleft:", *(f"{row['what']} {row['method']} {row['who']} over {row['over']}: {row['exponent'][0]:.2f};" for row in unexplained))

# %% [markdown]
r"""
### A library looks at all that it gets

scikit-learn's k-NN should "train" in no time, for it only remembers. It does not, because it first makes sure that no
number is missing or infinite, and that means reading $n \cdot d$ numbers. You can tell it not to:
"""

# %% tags=["nbval-ignore-output"]
pairs = [made(n, 64, rng) for n in (4000, 32000)]
for careful in (True, False):
    with config_context(assume_finite=not careful):
        few_s, many_s = (cost.seconds_of(KNeighborsClassifier(algorithm="brute").fit, *pair) for pair in pairs)
    print(f"{'looks at all' if careful else 'trusts you'}: {1000 * few_s:.2f} ms for 4,000 examples, {1000 * many_s:.2f} ms for 32,000")

# %% [markdown]
r"""
The rest of it is the labels: they are sorted to find the classes. In the same way a tree's prediction should not depend
on $d$: it looks at one feature a step. But before the first step the whole table is read and turned into 32-bit
numbers:
"""

# %% tags=["nbval-ignore-output"]
for d in (64, 1024):
    X, y = made(2000, d, rng)
    tree = DecisionTreeClassifier(random_state=seed, max_depth=8).fit(X, y)
    ready = X[:500].astype(np.float32)
    checked, bare = cost.seconds_of(tree.predict, X[:500]), cost.seconds_of(tree.predict, ready, False)    # False: do not look at it
    print(f"{d:4} features: {1e6 * checked:5.0f} µs as usual, {1e6 * bare:5.0f} µs if the table is ready")

# %%
READS_ALL = {("train", "k-NN", "scikit-learn", "n"), ("train", "k-NN", "scikit-learn", "d"), ("predict", "tree", "scikit-learn", "d")}
for row in unexplained:
    key = row["what"], row["method"], row["who"], row["over"]
    if key in READS_ALL and 0 <= row["exponent"][0] <= 1.25:
        reasons[key] = "reads its input"

# %% [markdown]
r"""
### Not every search looks everywhere

Brute force compares a query with all examples. A [*k-d tree*](../glossary.md#k-d-tree) sorts the examples into boxes
first and leaves out boxes that are too far away. Its distances can be counted:
"""

# %%
calls = {}
for d in (2, 20):
    calls[d] = []
    for n in ns:
        tree = KDTree(rng.normal(size=(n, d)))
        tree.reset_n_calls()
        tree.query(rng.normal(size=(200, d)), k=5)
        calls[d].append(tree.get_n_calls() / 200)
fig, ax = plot.figure("In two dimensions a hundred distances do, in twenty it takes all", "examples", "distances for one query", size=(5.6, 3.2))
ax.plot(ns, ns, color="0.6", ls=":")
ax.text(ns[-1], ns[-1] * 1.3, "all", color="0.4", ha="right")
for d, color in ((2, "C0"), (20, "C1")):
    ax.plot(ns, calls[d], marker="o", color=color)
    ax.text(ns[0], calls[d][0] * (0.55 if d == 20 else 1.35), f"{d} dimensions: power {cost.fit_slope(ns, calls[d]).exponent:.2f}", color=color)
ax.set(xscale="log", yscale="log", ylim=(20, 40000))
plot.show(fig, alt="Distances computed for one query over the number of examples, on logarithmic axes. A dotted line shows all of them. In twenty dimensions the line lies on it; in two dimensions it is flat, at about a hundred.")
assert cost.fit_slope(ns, calls[2]).exponent < 0.25 and cost.fit_slope(ns, calls[20]).exponent > 0.7

# %% [markdown]
r"""
In twenty dimensions everything is about equally far from everything, and no box can be left out. This is one face of
the [*curse of dimensionality*](../glossary.md#curse-of-dimensionality): the clever search computes as many distances as
the stupid one. And its distances are dearer, one by one instead of in one matrix product. Hold the recorded seconds of
both against each other:
"""

# %%
brute, flat, deep = (next(row for row in table if (row["what"], row["method"], row["who"], row["over"]) == ("predict", "k-NN", "scikit-learn", over))
                     for over in ("n", "n, k-d tree in 2 dimensions", "n, k-d tree in 20 dimensions"))
print("k-d tree's seconds as a share of brute force's (which has 32 dimensions)")
for n, all_s, flat_s, deep_s in zip(brute["sizes"], brute["seconds"], flat["seconds"], deep["seconds"]):
    print(f"{n:6} examples: in 2 dimensions {flat_s / all_s:.2f}, in 20 dimensions {deep_s / all_s:.1f}")
assert flat["seconds"][-1] < brute["seconds"][-1] < deep["seconds"][-1]

# %% [markdown]
r"""
### Layers or weights?

"A network costs O(layers)": so one reads. Count: a dense layer from 32 to 256 neurons has eight thousand weights, one
from 256 to 256 has sixty-five thousand. Two networks of equally many layers may differ a hundredfold. What is counted
for each example is each weight, three times: once forward, twice backward.
"""

# %%
fig, axs = plot.figure("Seconds follow the weights, not the layers", ncols=2, size=(7.4, 3.2))
for width, color in ((32, "C0"), (256, "C1")):
    row = next(row for row in table if row["over"] == f"layers of {width}")
    weights = [cost.network_operations([32] + [width] * layers + [1], 1, 1) / 3 for layers in row["sizes"]]
    for ax, sizes in zip(axs, (row["sizes"], weights)):
        ax.plot(sizes, row["seconds"], marker="o", color=color)
    axs[0].text(row["sizes"][-1], row["seconds"][-1] * 0.4, f"{width} neurons", color=color, ha="right", fontsize=8)
axs[0].set(xscale="log", yscale="log", xlabel="hidden layers", ylabel="seconds of training")
axs[0].set_xticks(row["sizes"], row["sizes"])
axs[0].minorticks_off()
axs[1].set(xscale="log", yscale="log", xlabel="weights")
plot.show(fig, alt="Two plots of training seconds on logarithmic axes for networks with 32 and with 256 neurons a layer. Left, over the number of layers: two separate lines, the wide networks far above. Right, over the number of weights: both lie along one curve, flat at first and then rising.")
width_row = next(row for row in table if row["over"] == "width")
print(f"one hidden layer, from 64 to 1,024 neurons: power {width_row['exponent'][0]:.2f} of the width, and so of the weights")

# %% [markdown]
r"""
### What the fixed part is

Of our own k-NN over $d$ the fit above calls most a fixed part. Which? The distances grow with $d$, but *choosing* the five
nearest of $n$ does not, and it is no cheap part. Measure them apart:
"""

# %% tags=["nbval-ignore-output"]
for d in (64, 1024):
    X, queries = rng.normal(size=(4000, d)), rng.normal(size=(500, d))
    distances = classic.squared_distances(queries, X)
    multiply = cost.seconds_of(classic.squared_distances, queries, X)
    choose = cost.seconds_of(np.argpartition, distances, 4)
    print(f"{d:4} features: distances {1000 * multiply:5.1f} ms, choosing {1000 * choose:5.1f} ms")

# %% [markdown]
r"""
A power says nothing of the factor. Two methods of the same power may be a hundred times apart, as the loops at the end
of this lesson show.
"""

# %%
left = [row for row in rows if (row["what"], row["method"], row["who"], row["over"]) not in reasons]
print({reason: list(reasons.values()).count(reason) for reason in ("theory", "fixed part", "reads its input")}, f"{len(left)} left without a reason")
within = [abs(row["exponent"][0] - row["theory"]) <= 0.25 for row in rows]
assert not left
metrics.headline("measured powers within 0.25 of theory, %; the others explained", 100 * np.mean(within), 70,
                 interval=tuple(100 * bound for bound in metrics.wilson_interval(sum(within), len(within))))

# %% [markdown]
r"""
## Memory, measured

Ask a trained model for the bytes of its arrays, with more examples, then with more features. Bytes do not jitter as
seconds do, so that theory must hold to a twentieth:
"""

# %%
def model_bytes(model):
    """Bytes of all arrays that a model of introdl.classic keeps."""
    return sum(value.nbytes for value in vars(model).values() if isinstance(value, np.ndarray))


KEPT = {classic.NearestNeighbors: (1, 1), classic.KMeans: (0, 1), classic.NaiveBayes: (0, 1), classic.LogisticRegression: (0, 1), classic.Network: (0, 1)}
grown = {"n": [(n, 64) for n in (1000, 2000, 4000, 8000)], "d": [(1000, d) for d in (64, 128, 256, 512)]}
for kind, theory in KEPT.items():
    powers = []
    for axis, sizes in enumerate(grown.values()):
        kept = [model_bytes(kind().fit(*made(*size, rng))) for size in sizes]
        powers.append(cost.fit_slope([size[axis] for size in sizes], kept).exponent)
    print(f"{kind.__name__:20} over n {powers[0]:.2f}, over d {powers[1]:.2f}")
    assert np.allclose(powers, theory, atol=0.05)

# %% [markdown]
r"""
Only k-NN grows with the examples; the tree does, too, as its nodes have shown above. What a method keeps is not all that
it needs: *while* it trains, it holds arrays that are thrown away at the end. This *peak* decides whether training fits
into your memory at all.
"""

# %% tags=["nbval-ignore-output"]
for kind in KEPT:
    peaks = [cost.peak_bytes(kind().fit, *made(*size, rng)) for size in grown["n"]]
    print(f"{kind.__name__:20} keeps {model_bytes(kind().fit(*made(*grown['n'][-1], rng))):10,} bytes; peak in training {peaks[0]:10,} for 1,000 examples, {peaks[-1]:10,} for 8,000")

# %% [markdown]
r"""
k-means and naive Bayes copy parts of the data: eight times the examples, eight times the peak. Logistic regression holds
a few numbers an example. The network works on a batch at a time: its peak does not grow at all.
"""

# %% [markdown]
r"""
## Accuracy for a processor second

Powers tell what happens when data grow. For the data you have, ask for both: how good, and how long? Small digits, 8×8
pixels, ten kinds: 1,200 to learn from, 597 to judge on. Each method at its usual settings; k-means is left out, since it
sees no labels.
"""

# %% tags=["nbval-ignore-output"]
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier

X, y = load_digits(return_X_y=True)
order = np.random.default_rng(seed).permutation(len(X))
X_train, y_train, X_val, y_val = X[order[:1200]] / 16, y[order[:1200]], X[order[1200:]] / 16, y[order[1200:]]
candidates = {
    "k-NN": KNeighborsClassifier(5), "tree": DecisionTreeClassifier(random_state=seed), "naive Bayes": GaussianNB(var_smoothing=0.01),
    "logistic regression": LogisticRegression(max_iter=200), "network": MLPClassifier((64,), max_iter=60, early_stopping=False, tol=0, random_state=seed),
}
import warnings

warnings.simplefilter("ignore")                             # "did not converge": the budget is fixed on purpose
found = {}
for name, model in candidates.items():
    train_s = cost.seconds_of(model.fit, X_train, y_train, repeats=1, warm_up=0)
    predict_s = cost.seconds_of(model.predict, X_val, repeats=3)
    found[name] = train_s, predict_s / len(X_val), metrics.accuracy(y_val, model.predict(X_val))
fig, axs = plot.figure("Good and fast: it depends on which seconds you pay for", ncols=2, size=(7.6, 3.2))
for place, (name, (train_s, predict_s, accuracy)) in enumerate(found.items()):
    for ax, seconds in zip(axs, (train_s, 1e6 * predict_s)):
        ax.scatter(seconds, 100 * accuracy, color=f"C{place}")
        ax.annotate(name, (seconds, 100 * accuracy), textcoords="offset points", xytext=(0, 7), ha="center", color=f"C{place}", fontsize=7)
axs[0].set(xscale="log", xlabel="seconds of training", ylabel="accuracy, %", ylim=(78, 102), xlim=(1e-4, 20))
axs[1].set(xscale="log", xlabel="microseconds for one prediction", ylim=(78, 102), xlim=(0.02, 200))
plot.show(fig, alt="Two scatter plots of accuracy on small digits. Left, over training seconds: k-NN trains fastest and is among the best; tree and naive Bayes are fast and worse; the network takes longest. Right, over the time of one prediction: k-NN is slowest, the network, the tree and logistic regression are fast.")
assert found["k-NN"][2] > 0.95 and found["network"][2] > 0.93

# %% [markdown]
r"""
There is no winner. k-NN pays at prediction, once for every user and every day; the network pays once, in training. A
telephone has a limit on memory, a web shop one on milliseconds, a laboratory one on the days until the paper is due.
"""

# %% [markdown]
r"""
### Choose under limits

So write the limits down first. Of what satisfies all of them take the most accurate; if nothing does, say so, and do not
bend a limit in silence.
"""

# %%
X2, y2 = made(4000, 64, rng)
kept = {kind.__name__: model_bytes(kind().fit(X2, y2)) for kind in (classic.NearestNeighbors, classic.KMeans, classic.NaiveBayes, classic.LogisticRegression, classic.Network)}
assert kept["NearestNeighbors"] == (4000 * 64 + 4000) * 8 and kept["LogisticRegression"] == 64 * 8
print({name: f"{size:,} bytes" for name, size in kept.items()})

# %%
def choose(candidates, limits):
    """The most accurate candidate within all limits, or None."""
    fits = {name: one for name, one in candidates.items() if all(one[key] <= most for key, most in limits.items())}
    return max(fits, key=lambda name: fits[name]["accuracy"]) if fits else None


example = {                                                 # made up, to show the rule
    "k-NN": {"accuracy": 0.985, "bytes": 614_400, "microseconds": 40},
    "logistic regression": {"accuracy": 0.955, "bytes": 5_200, "microseconds": 0.4},
    "network": {"accuracy": 0.975, "bytes": 38_480, "microseconds": 1.5},
}
for limits in ({}, {"bytes": 100_000}, {"bytes": 10_000}, {"bytes": 10_000, "microseconds": 0.1}):
    print(f"{limits!s:44} {choose(example, limits)}")

# %% [markdown]
r"""
## What goes wrong

**A line through raw numbers.** The slope of cost against size is no power: it has a unit, seconds an example. Only on
logarithms is the slope a pure number.

**Two points.** Any two points lie on a line. With three or more you see whether it is one, and how sure the slope is.

**Small sizes.** You measure the call. Go on doubling until the doubling doubles the time.

**Loops where a product would do.** The same count of multiply-adds, the same power, another factor:
"""

# %% tags=["nbval-ignore-output"]
A, B = rng.normal(size=(40, 32)), rng.normal(size=(500, 32))
loops = cost.seconds_of(lambda: [[sum((a - b) ** 2) for b in B] for a in A], repeats=1, warm_up=0)
product = cost.seconds_of(classic.squared_distances, A, B)
print(f"loops {1000 * loops:.0f} ms, one matrix product {1000 * product:.2f} ms: {loops / product:,.0f} times as fast")

# %% [markdown]
r"""
## Summary

- Cost as a power of size: count multiply-adds, or measure and fit a line through logarithms, with its interval.
- Measure after a warm-up, several times, in processor seconds, with data made before; take the median.
- k-NN pays at prediction, all others in training; a network pays for weights, not for layers.
- A measured power below theory is mostly a part that does not grow; one above it is mostly a library that looks at its
  input. Show which, by an experiment.
- Choose under limits that were written down before.

## Three quick questions

**1.** Training takes 3 seconds with 1,000 examples and 12 with 2,000. What power is that, and how long would 16,000
take?

<details>
<summary>Answer</summary>

Twice the size, four times the cost: the power is 2. Sixteen times the size is $16^2 = 256$ times the cost, 768 seconds.
With two points you cannot know whether it is a power at all.

</details>

**2.** Your k-NN predicts in 50 ms and may take 5. Someone proposes a k-d tree. What do you ask first?

<details>
<summary>Answer</summary>

How many features there are. With two or three a k-d tree looks at a hundred examples or so instead of all. With twenty
or more it looks at nearly all of them, and is slower than brute force.

</details>

**3.** A network has one hidden layer of 1,000 neurons for 100 inputs and one output. You replace it by four hidden layers
of 158. How do the weights change, and what does that say about "O(layers)"?

<details>
<summary>Answer</summary>

$100 \cdot 1000 + 1000 = 101{,}000$ before. After: $100 \cdot 158 + 3 \cdot 158^2 + 158 = 90{,}850$. Four times as many
layers, and less work.

</details>

Now write it yourself: [the exercises](exercises.ipynb).
"""
