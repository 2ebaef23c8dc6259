"""Checks of unit 01: a neuron's weighted sum, its step, the perceptron rule, the margin, and XOR."""

import math

import numpy as np

from introdl import data
from introdl.checks.task import BadAnswer, Task
from introdl.checks.unit import Unit

NOT_FOR_YOU = ("sklearn", "mlxtend")  # they hold ready-made neurons, besides their data
WITHHELD = (
    "torch",
    "introdl.nn",
    "sklearn.linear_model",
    "sklearn.neural_network",
    "mlxtend.classifier",
    "mlxtend.regressor",
)


# weighted_sum ---------------------------------------------------------------------------------------------------


def batches(rng):
    yield np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([10.0, -1.0]), 0.5
    for shape in [(1, 3), (4, 4), (7, 2), (5, 1)]:
        yield rng.normal(size=shape), rng.normal(size=shape[1]), float(rng.normal())
    yield rng.integers(-9, 9, size=(6, 3)), rng.integers(1, 9, size=3), 2.0
    yield 1e8 * rng.normal(size=(3, 5)), rng.normal(size=5), float(rng.normal())
    yield np.zeros((0, 4)), rng.normal(size=4), 1.0


def sum_by_hand(X, w, b):
    return np.array(
        [math.fsum([b, *(float(x) * float(weight) for x, weight in zip(row, w, strict=True))]) for row in X]
    )


weighted_sum = Task(
    "weighted_sum",
    ("X", "w", "b"),
    batches,
    sum_by_hand,
    forbid=NOT_FOR_YOU,
    atol=1e-7,
    terms={"the bias b": lambda X, w, b: np.full(len(X), b)},
    hints=(
        "One example is one row of X. Multiply each of its D entries by the weight of the same "
        "place, add the products, "
        "then add b once.",
        "The matrix product does this for all rows at once: (N, D) times (D,) gives (N,).",
        "return X @ ... + ...",
    ),
)


@weighted_sum.mistake(
    "The bias b is missing: a neuron adds it to every weighted sum, so its boundary need not pass "
    "through the origin."
)
def without_bias(X, w, b):
    return X @ w


@weighted_sum.mistake(
    "You added the bias once per feature. It belongs to the neuron, not to a feature: add it once, "
    "after the sum."
)
def bias_per_feature(X, w, b):
    return (X * w + b).sum(axis=1)


@weighted_sum.mistake(
    "You summed over the examples (axis 0). Each example gets a sum of its own: sum over its features "
    "(axis 1)."
)
def sum_over_examples(X, w, b):
    return (X * w).sum(axis=0) + b


@weighted_sum.mistake(
    "You averaged over the features. A neuron adds up: with a mean, each new feature would weaken all "
    "the others."
)
def mean_over_features(X, w, b):
    return (X * w).sum(axis=1) / max(X.shape[1], 1) + b


@weighted_sum.mistake(
    "Your result is a column of shape (N, 1). One number per example has shape (N,): multiply by w itself, "
    "not by w as a column."
)
def column(X, w, b):
    return X @ w[:, None] + b


# step -----------------------------------------------------------------------------------------------------------


def sums(rng):
    yield (np.array([-2.0, -0.5, 0.5, 2.0]),)
    yield (np.array([-1.0, 0.0, 1.0]),)
    for shape in [(6,), (1,), (3, 4)]:
        yield (rng.normal(size=shape),)
    yield (np.array([1e-300, -1e-300, -0.0, 1e300, -1e300, 0.3]),)
    yield (np.zeros(0),)


step = Task(
    "step",
    ("z",),
    sums,
    lambda z: np.heaviside(z, 1.0),
    hints=(
        "The neuron fires (1) when its sum reaches 0, and stays silent (0) below.",
        "A comparison of an array gives an array of True and False. Which comparison counts the tie z = 0 as firing?",
        "return (z ... 0).astype(int)",
    ),
)


@step.mistake(
    "At z = 0 the neuron fires: this course's step is 1 where z >= 0. With > the boundary itself goes to class 0 "
    "(a convention; the prompt fixes it)."
)
def strictly_greater(z):
    return (z > 0).astype(int)


@step.mistake(
    "You returned -1 for a silent neuron. That is another convention: this course's labels are 0 and 1."
)
def minus_one(z):
    return np.where(z >= 0, 1, -1)


@step.mistake("Your neuron fires below 0 and is silent above: the comparison points the wrong way.")
def reversed_step(z):
    return (z < 0).astype(int)


@step.mistake("You compare with 0.5. The threshold is 0: any other one already sits in the bias.")
def at_one_half(z):
    return (z >= 0.5).astype(int)


@step.mistake("You clipped z to [0, 1] instead of deciding: a step knows only 0 and 1.")
def clipped(z):
    return np.clip(z, 0, 1)


# predict --------------------------------------------------------------------------------------------------------


def boundaries(rng):
    yield np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([1.0, 1.0]), -1.5
    yield np.array([[0.0, 0.0], [2.0, 1.0], [1.0, 2.0], [1.0, 1.0]]), np.array([1.0, -1.0]), 0.0
    for shape in [(20, 2), (20, 5), (1, 3), (12, 1)]:
        yield rng.normal(size=shape), rng.normal(size=shape[1]), float(rng.normal())
    yield np.zeros((0, 2)), np.array([1.0, 2.0]), 0.0


def decide_one_by_one(X, w, b):
    return np.array([1 if total >= 0 else 0 for total in sum_by_hand(X, w, b)])


predict = Task(
    "predict",
    ("X", "w", "b"),
    boundaries,
    decide_one_by_one,
    forbid=NOT_FOR_YOU,
    hints=(
        "You have written both halves of the neuron already.",
        "First the weighted sums of the batch, then the step of those sums.",
        "return step(...)",
    ),
)


@predict.mistake(
    "These are the weighted sums: you forgot the step, which turns each into a decision, 0 or 1."
)
def no_step(X, w, b):
    return X @ w + b


@predict.mistake("You left the bias out, so every boundary passes through the origin.")
def boundary_through_origin(X, w, b):
    return (X @ w >= 0).astype(int)


@predict.mistake("Points on the boundary (sum exactly 0) belong to class 1: use your own step, with >=.")
def boundary_to_class_zero(X, w, b):
    return (X @ w + b > 0).astype(int)


@predict.mistake("You subtracted the bias. A threshold is subtracted, a bias is added: b = -threshold.")
def bias_as_threshold(X, w, b):
    return (X @ w - b >= 0).astype(int)


# update ---------------------------------------------------------------------------------------------------------


def examples(rng):
    yield np.array([0.0, 0.0]), 0.0, np.array([2.0, 1.0]), 0, 1.0  # a false alarm
    yield np.array([-1.0, 0.5]), 0.0, np.array([2.0, 1.0]), 1, 1.0  # a miss
    yield np.array([1.0, 0.5]), 0.0, np.array([2.0, 1.0]), 1, 1.0  # right
    for y in (0, 1, 0, 1, 0, 1):
        D = int(rng.integers(1, 5))
        yield rng.normal(size=D), float(rng.normal()), rng.normal(size=D), y, float(rng.uniform(0.1, 0.9))


def correct_by_cases(w, b, x, y, lr):
    fires = math.fsum([b, *(wi * xi for wi, xi in zip(w, x, strict=True))]) >= 0
    direction = {(True, 0): -1, (False, 1): 1}.get((fires, y), 0)
    return np.array([wi + direction * lr * xi for wi, xi in zip(w, x, strict=True)]), b + direction * lr


update = Task(
    "update",
    ("w", "b", "x", "y", "lr"),
    examples,
    correct_by_cases,
    forbid=NOT_FOR_YOU,
    hints=(
        "There are three situations: right, fired although y = 0, silent although y = 1. What "
        "should happen to the sum in each?",
        "The error y - y_hat is 0, -1 or +1 in these situations: one formula covers all three.",
        "y_hat = ...; return w + lr * (...) * x, b + lr * (...)",
    ),
)


@update.mistake(
    "The sign is flipped: after a miss (y = 1) this lowers the sum, and the next answer is even more wrong. "
    "The error is y - y_hat."
)
def flipped_sign(w, b, x, y, lr):
    error = y - int(x @ w + b >= 0)
    return w - lr * error * x, b - lr * error


@update.mistake(
    "The bias is not updated. It is a weight, too, one whose input is always 1: it learns by lr * (y - y_hat)."
)
def bias_stays(w, b, x, y, lr):
    return w + lr * (y - int(x @ w + b >= 0)) * x, b


@update.mistake(
    "You update on right answers, too. The perceptron learns from mistakes only: with y_hat = y nothing changes."
)
def always_update(w, b, x, y, lr):
    return w + lr * (2 * y - 1) * x, b + lr * (2 * y - 1)


@update.mistake("The learning rate lr is missing: the step is lr * (y - y_hat) * x.")
def no_learning_rate(w, b, x, y, lr):
    error = y - int(x @ w + b >= 0)
    return w + error * x, b + error


@update.mistake(
    "You used the raw sum in the error. The perceptron's error compares decisions: y_hat is the step of the sum, "
    "0 or 1."
)
def error_of_the_sum(w, b, x, y, lr):
    error = y - (x @ w + b)
    return w + lr * error * x, b + lr * error


@update.mistake(
    "Your function changes the array w that it was given (w += ... works in place). Return a new array: w = w + ..."
)
def in_place(w, b, x, y, lr):
    error = y - int(x @ w + b >= 0)
    w += lr * error * x
    return w, b + lr * error


# margin ---------------------------------------------------------------------------------------------------------


def separations(rng):
    yield np.array([[2.0, 0.0], [0.0, 0.0], [3.0, 5.0]]), np.array([1, 0, 1]), np.array([3.0, 0.0]), -3.0
    for N, D in [(8, 2), (15, 3), (1, 4), (6, 1)]:
        X, w, b = rng.normal(size=(N, D)), 3 * rng.normal(size=D), float(rng.normal())
        yield X, (X @ w + b >= 0).astype(int), w, b
    yield rng.normal(size=(9, 2)), np.array([0, 1, 0] * 3), rng.normal(size=2), 0.3  # some on the wrong side


def smallest_distance(X, y, w, b):
    length = math.hypot(*w)
    return min(
        (total if label == 1 else -total) / length
        for total, label in zip(sum_by_hand(X, w, b), y, strict=True)
    )


margin = Task(
    "margin",
    ("X", "y", "w", "b"),
    separations,
    smallest_distance,
    forbid=NOT_FOR_YOU,
    hints=(
        "The distance of a point from the boundary is its weighted sum divided by the length of w.",
        "Give each distance the sign + on its right side and - on the wrong one: 2 * y - 1 is "
        "+1 for class 1 and -1 for class 0.",
        "signed = (2 * y - 1) * (X @ w + b) / np.linalg.norm(w), and then the smallest of these, as a float",
    ),
)


@margin.mistake(
    "Divide by the length of w. Without it the margin doubles when w and b double, although the boundary stays "
    "where it is."
)
def not_divided(X, y, w, b):
    return float(((2 * y - 1) * (X @ w + b)).min())


@margin.mistake(
    "You took absolute distances. A point on the wrong side counts as negative: that is how a margin tells whether "
    "the boundary separates at all."
)
def absolute(X, y, w, b):
    return float((np.abs(X @ w + b) / np.linalg.norm(w)).min())


@margin.mistake(
    "This is the mean distance. The margin is the distance of the closest point: the smallest one."
)
def mean_distance(X, y, w, b):
    return float(((2 * y - 1) * (X @ w + b) / np.linalg.norm(w)).mean())


@margin.mistake("Labels 0 and 1 as factors erase class 0. Turn them into -1 and +1 first: 2 * y - 1.")
def labels_as_signs(X, y, w, b):
    return float((y * (X @ w + b) / np.linalg.norm(w)).min())


@margin.mistake(
    "You divided by the squared length of w. The distance is the sum divided by the length itself."
)
def squared_length(X, y, w, b):
    return float(((2 * y - 1) * (X @ w + b) / (w @ w)).min())


# xor_weights ----------------------------------------------------------------------------------------------------

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])


def corners(rng):
    yield (CORNERS,)
    yield (rng.integers(0, 2, size=(12, 2)),)


def run_two_layers(answer, X):
    """Run the network whose weights the answer returns: two hidden neurons and an output neuron, all with a step."""
    weights = answer()
    if not isinstance(weights, (tuple, list)) or len(weights) != 4:
        raise BadAnswer("Return four things: W1, b1, w2, b2.")
    shapes = {"W1": (2, 2), "b1": (2,), "w2": (2,), "b2": ()}
    for (name, shape), value in zip(shapes.items(), weights, strict=True):
        if np.shape(value) != shape:
            raise BadAnswer(f"{name} has shape {np.shape(value)}, expected {shape}.")
    W1, b1, w2, b2 = (np.asarray(value, dtype=float) for value in weights)
    hidden = (X @ W1 + b1 >= 0).astype(int)  # (N, 2)
    return (hidden @ w2 + b2 >= 0).astype(int)  # (N,)


xor_weights = Task(
    "xor_weights",
    ("X",),
    corners,
    lambda X: np.array([int(a != b) for a, b in X]),
    run=run_two_layers,
    forbid=NOT_FOR_YOU,
    hints=(
        "XOR means: at least one input is on, but not both. Each half is a decision that one neuron can take.",
        "Let the first hidden neuron answer 'at least one' and the second 'both'. Column k of "
        "W1 holds the weights of hidden "
        "neuron k. What does the output neuron do with the two answers?",
        "Both columns of W1 are (1, 1); 'at least one' needs a bias between -1 and 0, 'both' "
        "one between -2 and -1; the output "
        "adds the first, subtracts the second, and needs a negative bias smaller than 1 in size.",
    ),
)


@xor_weights.mistake(
    "This network computes OR: it also fires for (1, 1). Let the output neuron subtract the neuron that sees 'both'."
)
def only_or():
    return np.ones((2, 2)), np.array([-0.5, -1.5]), np.array([1.0, 0.0]), -0.5


@xor_weights.mistake("This network computes AND: it fires only for (1, 1), where XOR is silent.")
def only_and():
    return np.ones((2, 2)), np.array([-0.5, -1.5]), np.array([0.0, 1.0]), -0.5


@xor_weights.mistake(
    "This network fires where both inputs agree, the opposite of XOR. Flip the signs of w2 and b2."
)
def agreement():
    return np.ones((2, 2)), np.array([-0.5, -1.5]), np.array([-1.0, 1.0]), 0.5


@xor_weights.mistake(
    "This network fires for every input. Remember that the step fires at 0 exactly (>=): a bias of 0 lets "
    "silent neurons through."
)
def always_on():
    return np.ones((2, 2)), np.array([0.0, -1.0]), np.array([1.0, -1.0]), 0.0


@xor_weights.mistake(
    "This network fires only for (1, 0): it sees the first input without the second. XOR also "
    "needs the other way round."
)
def half_of_xor():
    return np.array([[1.0, 0.0], [-1.0, 0.0]]), np.array([-0.5, -0.5]), np.array([1.0, 0.0]), -0.5


# train ----------------------------------------------------------------------------------------------------------


def problems(rng):
    yield CORNERS.astype(float), np.array([0, 0, 0, 1]), 1.0, 20  # AND
    yield CORNERS.astype(float), np.array([0, 1, 1, 0]), 1.0, 6  # XOR: never without a mistake
    for D in (1, 2, 3):
        X, w = rng.normal(size=(30, D)), rng.normal(size=D)
        y = (X @ w + 0.3 >= 0).astype(int)
        yield X + 0.3 * np.outer(2 * y - 1, w / np.linalg.norm(w)), y, float(rng.uniform(0.1, 2)), 50
    flowers, species = data.iris()
    order = rng.permutation(100)
    yield flowers[order], species[order], 1.0, 100  # setosa and versicolor
    yield rng.normal(size=(5, 2)), np.ones(5, dtype=int), 1.0, 10  # right from the start
    yield rng.normal(size=(4, 2)), np.array([0, 1, 0, 1]), 1.0, 0  # no epoch at all


def train_by_counting(X, y, lr, max_epochs):
    """The perceptron in dual form: count how often each example was a mistake; weights are built only at the end."""
    signs, counts, mistakes = 2 * y - 1, np.zeros(len(X)), []
    likeness = X @ X.T + 1  # (N, N); the 1 stands for the bias
    for _ in range(max_epochs):
        wrong = 0
        for i in range(len(X)):
            if (counts * signs @ likeness[:, i] >= 0) != (y[i] == 1):
                counts[i] += 1
                wrong += 1
        mistakes.append(wrong)
        if wrong == 0:
            break
    return lr * (counts * signs) @ X, lr * float(counts @ signs), mistakes


train = Task(
    "train",
    ("X", "y", "lr", "max_epochs"),
    problems,
    train_by_counting,
    forbid=NOT_FOR_YOU,
    hints=(
        "Two loops: the outer one over epochs, the inner one over the examples in their order. "
        "Call `update` for each example.",
        "Count the mistakes of the epoch before you update, append the count at the end of the "
        "epoch, and leave the outer loop "
        "when it is 0.",
        "for epoch in range(max_epochs): wrong = 0; for x_i, y_i in zip(X, y): wrong += "
        "(predict(x_i[None], w, b)[0] != y_i); "
        "w, b = update(...); mistakes.append(wrong); if wrong == 0: break",
    ),
)


def _perceptron(
    X,
    y,
    lr,
    max_epochs,
    *,
    fires=lambda z: z >= 0,
    step=lambda error, sign: error,
    learn_bias=1,
    stop=True,
    keep_last=True,
):
    """Train a perceptron with one thing done differently; the mistakes below say which."""
    w, b, mistakes = np.zeros(X.shape[1]), 0.0, []
    for _ in range(max_epochs):
        wrong = 0
        for x_i, y_i in zip(X, y, strict=True):
            error = y_i - int(fires(x_i @ w + b))
            wrong += int(error != 0)
            w, b = w + lr * step(error, 2 * y_i - 1) * x_i, b + lr * learn_bias * step(error, 2 * y_i - 1)
        if keep_last or wrong:
            mistakes.append(wrong)
        if stop and wrong == 0:
            break
    return w, b, mistakes


@train.mistake(
    "The update has the wrong sign: mistakes do not get fewer from epoch to epoch. The error is y - y_hat."
)
def learns_backwards(X, y, lr, max_epochs):
    return _perceptron(X, y, lr, max_epochs, step=lambda error, sign: -error)


@train.mistake(
    "The bias stays 0, so only boundaries through the origin can be learned. Take both results of `update`."
)
def bias_never_learns(X, y, lr, max_epochs):
    return _perceptron(X, y, lr, max_epochs, learn_bias=0)


@train.mistake("You update on right answers, too: the weights keep growing although nothing is wrong.")
def learns_from_everything(X, y, lr, max_epochs):
    return _perceptron(X, y, lr, max_epochs, step=lambda error, sign: sign)


@train.mistake("With zero weights every sum is 0, and at 0 the neuron fires: use >=, as in your step.")
def silent_at_zero(X, y, lr, max_epochs):
    return _perceptron(X, y, lr, max_epochs, fires=lambda z: z > 0)


@train.mistake(
    "Training goes on after an epoch without a mistake. Then nothing can change any more: stop there."
)
def never_stops(X, y, lr, max_epochs):
    return _perceptron(X, y, lr, max_epochs, stop=False)


@train.mistake(
    "The last epoch, the one without a mistake, is missing from your list: append its 0 before you leave the loop."
)
def last_epoch_not_counted(X, y, lr, max_epochs):
    return _perceptron(X, y, lr, max_epochs, keep_last=False)


@train.mistake(
    "You judged the whole epoch by the weights from its start. The perceptron updates after each example, and the next "
    "one already meets the new weights."
)
def one_update_per_epoch(X, y, lr, max_epochs):
    w, b, mistakes = np.zeros(X.shape[1]), 0.0, []
    for _ in range(max_epochs):
        error = y - (X @ w + b >= 0)
        w, b = w + lr * error @ X, b + lr * float(error.sum())
        mistakes.append(int(np.abs(error).sum()))
        if mistakes[-1] == 0:
            break
    return w, b, mistakes


unit = Unit("01_perceptron", weighted_sum, step, predict, update, margin, xor_weights, train, withheld=WITHHELD)
hint, model_answer = unit.hint, unit.model_answer
