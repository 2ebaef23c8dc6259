"""Checks of unit 03: the sweep's order, a scalar autograd, layers backwards, nudging, a step, training."""

import copy
import math

import numpy as np

from introdl import data
from introdl.checks.task import BadAnswer, Task
from introdl.checks.unit import Unit

NOT_FOR_YOU = ("sklearn", "scipy")
WITHHELD = ("torch", "introdl.nn", "introdl.gradcheck", "introdl.train", "introdl.optim")
TINY = 1e-30  # an imaginary nudge: nothing is subtracted, so nothing is rounded away


def slope_by_imaginary_nudge(f, x):
    """Slopes of the real number f(x) with respect to x, to the last digit: imaginary part of f(x + ih) / h.

    Squire and Trapp, "Using complex variables to estimate derivatives of real functions", SIAM Review 1998.
    """
    slopes = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        nudged = x.astype(complex)
        nudged[place] += TINY * 1j
        slopes[place] = np.imag(f(nudged)) / TINY
    return slopes


def mean_cross_entropy(logits, y):
    """The mean loss of a batch, also for complex logits: log of the sum of powers, less the true logit."""
    top = logits.real.max(axis=1)
    log_sum = top + np.log(np.exp(logits - top[:, None]).sum(axis=1))
    return (log_sum - logits[np.arange(len(y)), y]).mean()


# topological_order -----------------------------------------------------------------------------------------

NEURON = {
    "L": ["e", "e"],
    "e": ["h", "t"],
    "h": ["z"],
    "z": ["u", "b"],
    "u": ["w", "x"],
    "w": [],
    "x": [],
    "b": [],
    "t": [],
}


def random_graph(rng, num_nodes):
    """A graph whose nodes are computed from up to three earlier ones each; its keys come in random order."""
    names = [f"n{k}" for k in range(num_nodes)]
    inputs = {
        name: [names[i] for i in rng.integers(0, k, size=int(rng.integers(0, 4)))] if k else []
        for k, name in enumerate(names)
    }
    inputs[names[-1]] += names[-2:-1]
    return {names[i]: inputs[names[i]] for i in rng.permutation(num_nodes)}, names[-1]


def graphs(rng):
    yield {"y": ["u", "v"], "v": ["u"], "u": ["x", "x"], "x": []}, "y"
    yield NEURON, "L"
    yield NEURON, "z"  # the rest of the graph is not needed for it
    yield {"x": []}, "x"
    yield {"c0": [], **{f"c{k}": [f"c{k - 1}"] for k in range(1, 200)}}, "c199"
    ladder = {f"a{k}": [f"a{k - 1}", f"b{k - 1}"] for k in range(1, 8)} | {
        f"b{k}": [f"b{k - 1}", f"a{k - 1}"] for k in range(1, 8)
    }
    yield ladder | {"a0": [], "b0": []}, "a7"
    for num_nodes in (4, 8, 15):
        yield random_graph(rng, num_nodes)


def needed(graph, end):
    """The nodes that `end` depends on, itself included."""
    found, queue = {end}, [end]
    while queue:
        new = set(graph[queue.pop()]) - found
        found |= new
        queue += new
    return found


def order_problem(args, order):
    graph, end = args
    if not isinstance(order, (list, tuple)):
        return "Return a list of names."
    unknown = [name for name in order if name not in graph]
    twice = [name for name in order if order.count(name) > 1]
    missing, more = needed(graph, end) - set(order), set(order) - needed(graph, end)
    if unknown:
        return f"There is no node {unknown[0]!r} in this graph."
    if missing:
        return (
            f"{min(missing)!r} is missing: {end!r} depends on it."
            if end not in missing
            else f"{end!r} itself is missing: it comes last."
        )
    if more:
        return f"{min(more)!r} is listed, but {end!r} does not depend on it."
    if twice:
        return (
            f"{twice[0]!r} is listed {order.count(twice[0])} times: every node belongs into the order once."
        )
    for place, name in enumerate(order):
        late = [source for source in graph[name] if source not in order[:place]]
        if late:
            return f"{name!r} stands before {late[0]!r}, from which it is computed."
    return None


topological_order = Task(
    "topological_order",
    ("graph", "end"),
    graphs,
    judge=order_problem,
    hints=(
        "A node may be listed only after all its inputs. So first deal with the inputs of `end`, and list "
        "`end` after them.",
        "Write an inner function visit(name): it visits each input first, then appends the name. A set "
        "remembers who has been visited, so that nobody is listed twice.",
        "def visit(name): if name not in seen: seen.add(name); for source in graph[name]: ...; "
        "order.append(...)",
    ),
)


def _depth_first(graph, end, *, before=False, remember=True):
    order, seen = [], set()

    def visit(name):
        if remember and name in seen:
            return
        seen.add(name)
        if before:
            order.append(name)
        for source in graph[name]:
            visit(source)
        if not before:
            order.append(name)

    visit(end)
    return order


@topological_order.mistake(
    "You list a value before its inputs. Append it after the loop over its inputs, not before."
)
def appends_too_early(graph, end):
    return _depth_first(graph, end, before=True)


@topological_order.mistake(
    "This order is right but backwards. It is the order of the reverse sweep; the "
    "task asks for the forward one, inputs first and the end last (a convention)."
)
def end_first(graph, end):
    return _depth_first(graph, end)[::-1]


@topological_order.mistake(
    "A value that is used twice is listed twice. Remember which values you have visited, and skip those."
)
def lists_twice(graph, end):
    return _depth_first(graph, end, remember=False)


@topological_order.mistake(
    "You ordered by the distance from the end. A value can be close to the end "
    "along one path and far along another: it must wait for its last input."
)
def by_distance(graph, end):
    order = [end]
    for name in order:
        order += [source for source in dict.fromkeys(graph[name]) if source not in order]
    return order[::-1]


@topological_order.mistake(
    "You listed the whole graph. Only what `end` depends on takes part in its "
    "sweep: start visiting at `end` alone."
)
def everything(graph, end):
    order = []
    for name in [*graph, end]:
        order += [node for node in _depth_first(graph, name) if node not in order]
    return order


@topological_order.mistake(
    "The end itself is missing. It comes last: append it when all its inputs are listed."
)
def without_end(graph, end):
    return _depth_first(graph, end)[:-1]


# Value -----------------------------------------------------------------------------------------------------


def programs(rng):
    yield "L = a + b", {"a": 2.0, "b": 3.0}
    yield "L = a * b", {"a": 2.0, "b": 3.0}
    yield "L = tanh(a)", {"a": 0.5}
    for lines in (
        "L = a * a",
        "u = w * x\nz = u + b\nh = tanh(z)\ne = h + t\nL = e * e",
        "u = x * x\nL = u * tanh(u)",
        "u = x * x\nv = tanh(u)\nL = tanh(v) * u + v",
        "u = a + b\nv = u * u\ns = v + u\nL = tanh(s) * v + s",
        "h1 = tanh(w1 * x)\nh2 = tanh(w2 * x)\ns = h1 + h2 + t\nL = s * s",
        "L = tanh(tanh(tanh(a) + a) + a)",
    ):
        names = dict.fromkeys(
            word for word in _words(lines) if word not in _targets(lines) and word != "tanh"
        )
        yield lines, {name: round(float(rng.normal()), 2) for name in names}
    yield "u = a * b\nL = u + c", {"a": 1e6, "b": -1e6, "c": 1e-6}


def _words(lines):
    return "".join(char if char.isalnum() else " " for char in lines).split()


def _targets(lines):
    return [line.split(" = ")[0] for line in lines.splitlines()]


def run_program(value_class, program, numbers):
    """Compute the program with the learner's Values, sweep back from L, and read every slope."""
    values = {name: value_class(number) for name, number in numbers.items()}
    for line in program.splitlines():
        target, expression = line.split(" = ")
        values[target] = eval(expression, {"tanh": lambda value: value.tanh()}, values)  # our own text, above
        if values[target] is None:
            raise BadAnswer(f"`{expression}` gave None: each operation returns a new Value.")
    values["L"].backward()
    return {"L": values["L"].data} | {f"slope of {name}": value.grad for name, value in values.items()}


def slopes_by_imaginary_nudge(program, numbers):
    def nudged(which):
        values = {name: number + TINY * 1j * (name == which) for name, number in numbers.items()}
        for line in program.splitlines():
            target, expression = line.split(" = ")
            values[target] = eval(expression, {"tanh": np.tanh}, values) + TINY * 1j * (target == which)
        return values["L"]

    names = [*numbers, *_targets(program)]
    return {"L": float(nudged("").real)} | {
        f"slope of {name}": float(nudged(name).imag / TINY) for name in names
    }


Value = Task(
    "Value",
    ("program", "numbers"),
    programs,
    slopes_by_imaginary_nudge,
    run=run_program,
    forbid=NOT_FOR_YOU,
    hints=(
        "Each operation returns a new Value that stores its inputs, each with the local slope towards it. "
        "backward then needs no case for each operation.",
        "Local slopes: 1 and 1 for a sum; for a product each factor's slope is the other factor; 1 - h**2 "
        "for tanh, where h is the result. In backward: topological order, self.grad = 1, then from the end "
        "pass each slope on with +=.",
        "for value in reversed(order): for source, slope in value.inputs: source.grad += slope * ...",
    ),
)


def _value_class(
    *,
    add=lambda a, b: (1.0, 1.0),
    multiply=lambda a, b: (b, a),
    tanh=lambda a, h: 1 - h * h,
    share="add",
    order="topological",
    start=1.0,
):
    """Return a class Value with one thing done differently; the mistakes below say which."""

    class Value:
        def __init__(self, data, inputs=()):
            self.data, self.inputs, self.grad = data, inputs, 0.0

        def __add__(self, other):
            first, second = add(self.data, other.data)
            return Value(self.data + other.data, ((self, first), (other, second)))

        def __mul__(self, other):
            first, second = multiply(self.data, other.data)
            return Value(self.data * other.data, ((self, first), (other, second)))

        def tanh(self):
            h = math.tanh(self.data)
            return Value(h, ((self, tanh(self.data, h)),))

        def pass_back(self):
            for source, slope in self.inputs:
                new = slope * self.grad if share != "slope only" else slope
                source.grad = new if share == "overwrite" else source.grad + new
                if order == "at once":
                    source.pass_back()

        def ordered(self):
            if order == "nearest":
                found = [self]
                for value in found:
                    found += [source for source, _ in dict(value.inputs).items() if source not in found]
                return found
            found, seen = [], set()

            def visit(value):
                if value not in seen:
                    seen.add(value)
                    for source, _ in value.inputs:
                        visit(source)
                    found.append(value)

            visit(self)
            return found[::-1]

        def backward(self):
            self.grad = start
            for value in [self] if order == "at once" else self.ordered():
                value.pass_back()

    return Value


def changed(base, name, **change):
    """Return `base` with some things done differently, under a name of its own."""

    def answer(*args):
        return base(*args, **change)

    answer.__name__ = name
    return answer


for _sentence, _change in {
    "You overwrite a slope where it should accumulate: = for +=. A value that is used twice gets a share "
    "along each path, and the shares add.": {"share": "overwrite"},
    "The nearest values pass on first, before all their own shares have arrived. Walk a topological order "
    "from its end.": {"order": "nearest"},
    "A value passes its slope on each time that a share arrives, so early shares are counted again with "
    "every later one. Let it pass on once, when all have arrived.": {"order": "at once"},
    "The local slopes of your product are swapped: a nudge of a changes a * b by b, the other factor.": {
        "multiply": lambda a, b: (a, b)
    },
    "The local slope of tanh is 1 - h**2 with h its result, not its input.": {"tanh": lambda a, h: 1 - a * a},
    "The local slope of tanh is missing: its slope is 1 - h**2, so a saturated tanh passes little on.": {
        "tanh": lambda a, h: 1.0
    },
    "You pass on the local slope alone. The chain rule multiplies it by the value's own slope: slope * "
    "value.grad.": {"share": "slope only"},
    "All slopes are 0: the sweep starts from the slope of the loss with respect to itself, which is 1.": {
        "start": 0.0
    },
    "Your sum passes its slope to the first input only. A sum passes it on to both, unchanged.": {
        "add": lambda a, b: (1.0, 0.0)
    },
}.items():
    Value.mistake(_sentence)(_value_class(**_change))


# dense_backward --------------------------------------------------------------------------------------------


def layers(rng):
    yield (
        np.array([[1.0, 0.0], [1.0, 2.0]]),
        np.array([[1.0, 2.0], [3.0, 4.0]]),
        np.array([[1.0, 5.0], [0.0, 2.0]]),
    )
    for N, D, C in [(4, 3, 2), (3, 3, 3), (1, 4, 2), (6, 1, 5), (5, 4, 1), (2, 5, 4)]:
        yield rng.normal(size=(N, C)), rng.normal(size=(N, D)), rng.normal(size=(D, C))
    yield 1e-6 * rng.normal(size=(7, 2)), 1e6 * rng.normal(size=(7, 3)), rng.normal(size=(3, 2))
    yield np.zeros((0, 3)), np.zeros((0, 2)), rng.normal(size=(2, 3))  # an empty batch changes no parameter


def sum_over_paths(dY, X, W):
    """Every path from an entry of X, W or b to an entry of Y, one at a time."""
    (N, D), C = X.shape, W.shape[1]
    dX, dW, db = np.zeros((N, D)), np.zeros((D, C)), np.zeros(C)
    for n, c in np.ndindex(N, C):
        db[c] += dY[n, c]
        for d in range(D):
            dX[n, d] += W[d, c] * dY[n, c]
            dW[d, c] += X[n, d] * dY[n, c]
    return dX, dW, db


dense_backward = Task(
    "dense_backward",
    ("dY", "X", "W"),
    layers,
    sum_over_paths,
    forbid=NOT_FOR_YOU,
    hints=(
        "Each slope has the shape of its own array: dX that of X, dW that of W, db that of the bias, (C,).",
        "From dY (N, C), X (N, D) and W (D, C) only one product gives (N, D) and only one gives (D, C). The "
        "bias meets every example with slope 1: add over the batch.",
        "dX = dY @ W.T, dW = ... @ dY, db = dY.sum(axis=...)",
    ),
)


@dense_backward.mistake(
    "db is not summed over the batch. All examples share one bias, so its slope is the "
    "sum of theirs: shape (C,)."
)
def bias_per_example(dY, X, W):
    return dY @ W.T, X.T @ dY, dY


@dense_backward.mistake(
    "db is summed over the wrong axis: add over the examples (axis 0), and keep one number per output."
)
def bias_over_outputs(dY, X, W):
    return dY @ W.T, X.T @ dY, dY.sum(axis=1)


@dense_backward.mistake(
    "The transpose in dX is missing. In a square layer the shapes still fit, which hides it: dX = dY @ W.T."
)
def no_transpose(dY, X, W):
    return dY @ W, X.T @ dY, dY.sum(axis=0)


@dense_backward.mistake("dW is transposed: it must have the shape (D, C) of W, so X.T stands on the left.")
def transposed_weights(dY, X, W):
    return dY @ W.T, dY.T @ X, dY.sum(axis=0)


@dense_backward.mistake(
    "You divided by the batch size here. The loss has already taken the mean, so dY "
    "carries the 1/N; a second one makes every step N times too short."
)
def divided_again(dY, X, W):
    return dY @ W.T, X.T @ dY / max(len(X), 1), dY.sum(axis=0) / max(len(X), 1)


@dense_backward.mistake("db is a mean over the batch. Slopes add over paths: use the sum.")
def bias_mean(dY, X, W):
    return dY @ W.T, X.T @ dY, dY.sum(axis=0) / max(len(X), 1)


@dense_backward.mistake("The results are right but in another order. Return dX, dW, db (a convention).")
def other_order(dY, X, W):
    return X.T @ dY, dY.sum(axis=0), dY @ W.T


# softmax_cross_entropy_backward ----------------------------------------------------------------------------


def guesses(rng):
    yield np.array([[0.0, 0.0], [0.0, 0.0]]), np.array([0, 1])
    yield np.array([[2.0, 1.0, 0.0]]), np.array([0])
    for N, C in [(3, 4), (5, 2), (4, 4), (8, 10), (1, 3)]:
        yield 2 * rng.normal(size=(N, C)), rng.integers(0, C, size=N)
    yield (
        np.array([[1000.0, 0.0, -1000.0], [-800.0, -800.0, -800.0]]),
        np.array([1, 2]),
    )  # overflows without the shift


softmax_cross_entropy_backward = Task(
    "softmax_cross_entropy_backward",
    ("logits", "y"),
    guesses,
    lambda logits, y: slope_by_imaginary_nudge(lambda z: mean_cross_entropy(z, y), logits),
    forbid=NOT_FOR_YOU,
    hints=(
        "The slope at the logits is predicted minus true: the probabilities, less 1 at the true class; then "
        "the mean.",
        "Compute the softmax of each row (subtract the row's maximum first), then take 1 off at [row, "
        "label] for every row at once.",
        "p = ...; p[np.arange(len(y)), y] -= ...; return p / ...",
    ),
)


def _softmax(logits, axis=1, shift=True):
    powers = np.exp(logits - (logits.max(axis=axis, keepdims=True) if shift else 0.0))
    return powers / powers.sum(axis=axis, keepdims=True)


def _true(logits, y):
    return np.eye(logits.shape[1])[y]


@softmax_cross_entropy_backward.mistake(
    "The division by the batch size is missing. The loss is a mean over N examples, so each logit's slope "
    "carries 1/N; without it a larger batch takes a longer step."
)
def never_divided(logits, y):
    return _softmax(logits) - _true(logits, y)


@softmax_cross_entropy_backward.mistake(
    "You divided by the batch size twice. The mean over N examples brings one 1/N."
)
def divided_twice(logits, y):
    return (_softmax(logits) - _true(logits, y)) / len(y) ** 2


@softmax_cross_entropy_backward.mistake(
    "You divided by N * C. The mean goes over the examples; within an example the loss has one term, not C."
)
def mean_over_classes(logits, y):
    return (_softmax(logits) - _true(logits, y)) / logits.size


@softmax_cross_entropy_backward.mistake(
    "The sign is flipped: it is predicted minus true. A step against your slopes would lower the true class."
)
def true_minus_predicted(logits, y):
    return (_true(logits, y) - _softmax(logits)) / len(y)


@softmax_cross_entropy_backward.mistake(
    "p[:, y] -= 1 takes 1 off whole columns, for every row. Pick one entry per row: p[np.arange(len(y)), y]."
)
def whole_columns(logits, y):
    p = _softmax(logits)
    p[:, y] -= 1
    return p / len(y)


@softmax_cross_entropy_backward.mistake(
    "Your softmax runs over the batch (axis 0). The probabilities of one example sum to one: axis 1."
)
def softmax_over_batch(logits, y):
    return (_softmax(logits, axis=0) - _true(logits, y)) / len(y)


@softmax_cross_entropy_backward.mistake(
    "The 1 at the true class is missing: these are the probabilities divided by N, which would lower every "
    "logit."
)
def only_predicted(logits, y):
    return _softmax(logits) / len(y)


@softmax_cross_entropy_backward.mistake(
    "Your softmax overflows for large logits. Subtract each row's maximum first: it changes no probability."
)
def overflowing(logits, y):
    return (_softmax(logits, shift=False) - _true(logits, y)) / len(y)


@softmax_cross_entropy_backward.mistake(
    "Your function changes the logits that it was given. Work on a new array."
)
def in_place(logits, y):
    logits[:] = _softmax(logits)
    logits[np.arange(len(y)), y] -= 1
    logits /= len(y)
    return logits


# numerical_gradient ----------------------------------------------------------------------------------------


def sum_of_cubes(x):
    return float((x**3).sum())


def sine_times_last(x):
    return float(np.sin(x).sum() * x.flat[-1])


def sum_of_powers(x):
    return float(np.exp(x).sum())


def points(rng):
    yield sum_of_cubes, np.array([1.0, 2.0, -1.0]), 1e-2
    yield sine_times_last, rng.normal(size=4), 0.1
    yield sum_of_powers, rng.normal(size=(2, 3)), 1e-3
    yield sum_of_cubes, rng.normal(size=(2, 2, 2)), 1e-4
    yield sine_times_last, rng.normal(size=(3, 1)), 1e-5
    yield sum_of_cubes, 1e3 * rng.normal(size=5), 0.3
    yield sum_of_powers, rng.normal(size=1), 1e-5
    yield sum_of_powers, np.zeros((0, 3)), 1e-5


def central_difference(f, x, eps):
    def shifted(place, by):
        copy = x.copy()
        copy[place] += by
        return f(copy)

    slopes = [(shifted(place, eps) - shifted(place, -eps)) / (2 * eps) for place in np.ndindex(x.shape)]
    return np.array(slopes).reshape(x.shape)


numerical_gradient = Task(
    "numerical_gradient",
    ("f", "x", "eps"),
    points,
    central_difference,
    forbid=NOT_FOR_YOU,
    hints=(
        "Take one entry at a time: f with this entry raised by eps, f with it lowered by eps, divided by "
        "the distance of the two.",
        "np.ndindex(x.shape) yields every index of an array of any shape. Keep the old entry in a variable, "
        "and put it back.",
        "old = x[i]; x[i] = old + eps; above = f(x); x[i] = ...; below = f(x); x[i] = old; "
        "grad[i] = (above - below) / (...)",
    ),
)


def _nudge(f, x, eps, *, sides=2, divide=2.0, restore="old", flat=False):
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        old = x[i]
        x[i] += eps
        above = f(x)
        if sides == 2:
            x[i] -= 2 * eps
            below = f(x)
        else:
            x[i] = old
            below = f(x)
        if restore == "old":
            x[i] = old
        elif restore == "add":
            x[i] += eps
        grad[i] = (above - below) / (divide * eps)
    return grad.ravel() if flat else grad


def all_at_once(f, x, eps):
    return np.full(x.shape, (f(x + eps) - f(x - eps)) / (2 * eps))


def own_step(f, x, eps):
    return _nudge(f, x, 1e-5)


for _sentence, _answer in {
    "You nudge to one side only. Use both sides, f(x + eps) - f(x - eps): the error then shrinks with the "
    "square of eps.": changed(_nudge, "one_side", sides=1, divide=1.0),
    "The two points are 2 * eps apart, so divide by 2 * eps.": changed(
        _nudge, "half_the_distance", divide=1.0
    ),
    "You do not put the entry back, so all later slopes are measured somewhere else. Restore x[i] before "
    "you go on.": changed(_nudge, "left_nudged", restore="never"),
    "x comes back changed by rounding: adding and subtracting eps does not always end where it began. Keep "
    "the old entry in a variable and put that back.": changed(_nudge, "rounded_back", restore="add"),
    "You nudge all entries at once. That measures one slope, along the diagonal; a gradient needs each "
    "entry nudged alone.": all_at_once,
    "The slopes are right but flat. A gradient has the shape of x.": changed(_nudge, "flattened", flat=True),
    "You use a step of your own. The caller chooses it: use eps.": own_step,
}.items():
    numerical_gradient.mistake(_sentence)(_answer)


# train_step ------------------------------------------------------------------------------------------------


def _params(rng, D, H, C):
    return [
        rng.normal(size=(D, H)),
        0.1 * rng.normal(size=H),
        rng.normal(size=(H, C)),
        0.1 * rng.normal(size=C),
    ]


def batches(rng):
    yield (
        np.array([[1.0, 2.0], [-1.0, 0.5]]),
        np.array([0, 1]),
        [np.array([[1.0, -1.0], [0.5, 1.0]]), np.zeros(2), np.array([[1.0, 0.0], [0.0, 1.0]]), np.zeros(2)],
        0.5,
    )
    for N, D, H, C in [(4, 3, 5, 3), (1, 2, 4, 2), (6, 2, 3, 3), (5, 4, 4, 4)]:
        yield (
            rng.normal(size=(N, D)),
            rng.integers(0, C, size=N),
            _params(rng, D, H, C),
            float(rng.uniform(0.1, 1.0)),
        )
    W1, b1, W2, b2 = _params(rng, 2, 3, 2)
    yield (
        rng.normal(size=(3, 2)),
        np.array([0, 1, 1]),
        [W1, b1 - [0, 100, 0], W2, b2],
        0.3,
    )  # one hidden neuron never fires
    yield 100 * rng.normal(size=(4, 2)), np.array([0, 1, 1, 0]), [W1, b1, W2, b2], 1e-3


def two_layer_loss(X, y, params):
    """The loss of the network, also for complex parameters."""
    W1, b1, W2, b2 = params
    Z = X @ W1 + b1
    return mean_cross_entropy(np.where(Z.real > 0, Z, 0) @ W2 + b2, y)


def step_by_imaginary_nudge(X, y, params, lr):
    """One step whose slopes come from nudging each parameter: no backward pass at all."""
    new = []
    for place, array in enumerate(params):
        slopes = slope_by_imaginary_nudge(
            lambda a, k=place: two_layer_loss(X, y, [*params[:k], a, *params[k + 1 :]]), array
        )
        new.append(array - lr * slopes)
    return float(np.real(two_layer_loss(X, y, params))), new


train_step = Task(
    "train_step",
    ("X", "y", "params", "lr"),
    batches,
    step_by_imaginary_nudge,
    forbid=NOT_FOR_YOU,
    hints=(
        "Three parts: forward (keep Z and A), backward (from the logits to W1), update (all four "
        "parameters, after all slopes are known).",
        "The way back: the logits' slopes, through the second dense layer to dA, through the gate to dZ, "
        "through the first dense layer. The gate looks at Z, the input of the ReLU.",
        "dlogits = softmax_cross_entropy_backward(...); dA, dW2, db2 = dense_backward(dlogits, A, W2); dZ = "
        "dA * (...); _, dW1, db1 = dense_backward(dZ, X, ...)",
    ),
)


def _step(
    X,
    y,
    params,
    lr,
    *,
    gate=lambda dA, Z: dA * (Z > 0),
    power=1,
    direction=-1,
    early=False,
    biases=True,
    only_last=False,
    loss_after=False,
):
    """One step with one thing done differently; the mistakes below say which. power: of 1/N in the slopes."""
    W1, b1, W2, b2 = params
    Z = X @ W1 + b1
    A = np.maximum(Z, 0)
    dlogits = (_softmax(A @ W2 + b2) - _true(A @ W2, y)) / len(y) ** power
    dW2, db2 = A.T @ dlogits, dlogits.sum(axis=0)
    dZ = gate(dlogits @ (W2 - lr * dW2 if early else W2).T, Z)
    slopes = [X.T @ dZ * (not only_last), dZ.sum(axis=0) * biases * (not only_last), dW2, db2 * biases]
    new = [array + direction * lr * slope for array, slope in zip(params, slopes, strict=True)]
    return float(np.real(two_layer_loss(X, y, new if loss_after else params))), new


for _name, (_sentence, _change) in {
    "uphill": (
        "You step along the gradient. It points uphill, so the loss rises: subtract lr times the slope.",
        {"direction": +1},
    ),
    "updated_too_early": (
        "You updated W2 before all slopes were known: dA was computed with the new W2. "
        "First all slopes, then all updates.",
        {"early": True},
    ),
    "gate_by_slope": (
        "Your ReLU gate looks at the sign of the slope dA. It must look at its own input: "
        "slopes pass where Z > 0.",
        {"gate": lambda dA, Z: dA * (dA > 0)},
    ),
    "no_gate": (
        "The ReLU is missing on the way back: where Z was negative, nothing passes. Multiply dA by (Z > 0).",
        {"gate": lambda dA, Z: dA},
    ),
    "clipped_slopes": (
        "You clipped the slopes as well: the way back multiplies by (Z > 0), and negative slopes pass, too.",
        {"gate": lambda dA, Z: np.maximum(dA, 0) * (Z > 0)},
    ),
    "gate_by_output": (
        "You multiplied by the ReLU's output. Its local slope is 1 or 0: multiply by (Z > 0).",
        {"gate": lambda dA, Z: dA * np.maximum(Z, 0)},
    ),
    "summed": (
        "The mean over the batch is missing in your slopes: the step is N times too long.",
        {"power": 0},
    ),
    "twice_divided": ("You divided by the batch size twice: the step is N times too short.", {"power": 2}),
    "biases_stay": ("The biases are not updated. They are parameters, too.", {"biases": False}),
    "last_layer_only": (
        "Only the last layer learned: carry the slopes on through the gate to W1 and b1.",
        {"only_last": True},
    ),
    "loss_after_step": (
        "The new parameters are right, but you returned the loss after the step. Return the "
        "one before it: it costs no second forward pass (a convention).",
        {"loss_after": True},
    ),
}.items():
    train_step.mistake(_sentence)(changed(_step, _name, **_change))


# train -----------------------------------------------------------------------------------------------------


def runs(rng):
    corners = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    yield corners, np.array([0, 1, 1, 0]), _params(rng, 2, 4, 2), 0.5, 2, 3, np.random.default_rng(1)
    for N, batch_size in [(7, 3), (5, 1), (6, 10)]:
        yield (
            rng.normal(size=(N, 2)),
            rng.integers(0, 2, size=N),
            _params(rng, 2, 3, 2),
            0.1,
            batch_size,
            2,
            np.random.default_rng(int(rng.integers(1000))),
        )
    flowers, species = data.iris()
    flowers = (flowers - flowers.mean(axis=0)) / flowers.std(axis=0)
    yield flowers, species, _params(rng, 4, 5, 3), 0.2, 40, 2, np.random.default_rng(int(rng.integers(1000)))
    yield (
        corners,
        np.array([0, 1, 1, 0]),
        _params(rng, 2, 4, 2),
        0.5,
        2,
        0,
        np.random.default_rng(2),
    )  # no epoch at all


def train_by_imaginary_nudge(X, y, params, lr, batch_size, num_epochs, rng):
    """Training whose every slope comes from nudging; a copy of the generator leaves the case as it is."""
    rng, losses = copy.deepcopy(rng), []
    for _ in range(num_epochs):
        left = rng.permutation(len(X))
        while len(left):
            batch, left = left[:batch_size], left[batch_size:]
            loss, params = step_by_imaginary_nudge(X[batch], y[batch], params, lr)
            losses.append(loss)
    return params, losses


train = Task(
    "train",
    ("X", "y", "params", "lr", "batch_size", "num_epochs", "rng"),
    runs,
    train_by_imaginary_nudge,
    forbid=NOT_FOR_YOU,
    hints=(
        "Two loops: over epochs, and over the mini-batches of the epoch. Every mini-batch is one "
        "train_step, which starts from the parameters of the step before.",
        "At the start of each epoch draw order = rng.permutation(len(X)). The mini-batch that starts at k is "
        "order[k:k + batch_size]; index X and y with the same numbers.",
        "for start in range(0, len(X), batch_size): batch = order[...]; "
        "loss, params = train_step(X[batch], y[batch], ...); losses.append(...)",
    ),
)


def _fit(
    X,
    y,
    params,
    lr,
    batch_size,
    num_epochs,
    rng,
    *,
    order="each epoch",
    labels="same",
    keep=True,
    remainder=True,
    batches=True,
    record="steps",
):
    """Train with one thing done differently; the mistakes below say which."""
    start, losses, N = params, [], len(X)
    batch_size = batch_size if batches else N
    fixed = rng.permutation(N) if order == "once" else np.arange(N)
    for _ in range(num_epochs):
        places = rng.permutation(N) if order == "each epoch" else fixed
        y_places = {"same": places, "unshuffled": fixed}.get(labels)
        y_places = rng.permutation(N) if y_places is None else y_places
        for k in range(0, N if remainder else N - batch_size + 1, batch_size):
            batch, y_batch = places[k : k + batch_size], y_places[k : k + batch_size]
            loss, params = _step(X[batch], y[y_batch], params if keep else start, lr)
            losses.append(loss)
        if record == "epochs":
            losses[-math.ceil(N / batch_size) :] = [loss]
    return params, losses


for _name, (_sentence, _change) in {
    "labels_left_behind": (
        "X is shuffled and y is not: each example learns somebody else's label. Index "
        "both with the same numbers.",
        {"labels": "unshuffled"},
    ),
    "two_orders": (
        "X and y are shuffled by two different permutations: draw one order and index both with it.",
        {"labels": "own order"},
    ),
    "same_order": (
        "You drew one order before the loop and used it in every epoch. Draw a new one at the "
        "start of each epoch.",
        {"order": "once"},
    ),
    "not_shuffled": (
        "You did not shuffle. Draw order = rng.permutation(len(X)) at the start of each epoch.",
        {"order": "none"},
    ),
    "remainder_dropped": (
        "You dropped the examples left over at the end of an epoch. They make a smaller "
        "last batch (a convention).",
        {"remainder": False},
    ),
    "nothing_kept": (
        "Every step starts from the first parameters, so nothing is kept of the steps before. "
        "Hand the new parameters on: loss, params = train_step(...).",
        {"keep": False},
    ),
    "whole_batch": (
        "You took one step per epoch, on all examples at once. Use mini-batches of batch_size.",
        {"batches": False},
    ),
    "one_loss_per_epoch": (
        "The training is right, but the list holds one loss per epoch. Return the loss of every step.",
        {"record": "epochs"},
    ),
}.items():
    train.mistake(_sentence)(changed(_fit, _name, **_change))


unit = Unit(
    "03_backprop",
    topological_order,
    Value,
    dense_backward,
    softmax_cross_entropy_backward,
    numerical_gradient,
    train_step,
    train,
    withheld=WITHHELD,
)
hint, model_answer = unit.hint, unit.model_answer
