"""Task of unit 05: say from its first weights what is wrong with a network."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def _net(rng, sizes, std):
    return [rng.normal(0, std, size=shape) for shape in zip(sizes, sizes[1:], strict=False)]


def networks(rng):
    X = np.abs(rng.normal(size=(6, 10)))
    deep = [10] + [16] * 12
    good = np.sqrt(2 / 16)
    yield X, _net(rng, deep, good)
    yield X, _net(rng, deep, 0.01)
    yield X, _net(rng, deep, 3.0)
    yield X, [np.full((10, 4), 0.2), np.full((4, 3), 0.5)]
    yield 1e5 * X, _net(rng, [10, 16, 16], good)  # large inputs, a healthy net
    yield 1e-5 * X, _net(rng, [10, 16, 16], good)
    yield X, _net(rng, [10] + [16] * 120, 1e3)  # down to infinity and NaN
    yield X, [np.zeros((10, 5)), np.zeros((5, 2))]
    yield X, [np.tile(rng.normal(size=(10, 1)), 6), rng.normal(size=(6, 4))]  # equal columns in the first layer only
    yield X, [np.tile(rng.uniform(0.1, 0.5, size=8), (10, 1)), rng.normal(0, 0.5, size=(8, 4))]  # rows equal: no harm
    yield X, [*_net(rng, [10, 16], good), np.tile(rng.uniform(0.1, 0.3, size=(16, 1)), 3)]  # in the last layer: no harm
    yield X, [rng.normal(0, 0.5, size=(10, 1)), rng.uniform(0.5, 1, size=(1, 4))]  # one neuron has no twin
    yield X, _net(rng, [10] + [16] * 8, 1.4)  # squares beyond the limits, roots within
    yield X, _net(rng, [10] + [16] * 8, 0.10)
    yield X, [rng.uniform(0.1, 0.5, size=(10, 8)), -rng.uniform(0.1, 0.5, size=(8, 4))]  # only ReLU sees the end
    yield X, [*_net(rng, [10, 16], good), np.tile(rng.uniform(0.1, 0.4, size=(16, 1)), 5), rng.uniform(size=(5, 3))]


def layer_by_layer(X, weights):
    """The conditions of the prompt, with logarithms in the place of ratios."""
    if any(W.shape[1] > 1 and np.ptp(W, axis=1).max() == 0 for W in weights[:-1]):
        return "symmetric"
    A = X
    with np.errstate(all="ignore"):
        for W in weights:
            A = np.maximum(A @ W, 0)
        change = np.log10(np.mean(A * A)) - np.log10(np.mean(X * X))
    if not np.isfinite(A).all() or not change <= 6:
        return "exploding"
    return "vanishing" if change < -6 else "healthy"


diagnose = Task(
    "diagnose",
    ("X", "weights"),
    networks,
    layer_by_layer,
    hints=(
        "Three questions, in this order: are all neurons of a hidden layer equal? How large is the signal after the "
        "last layer, compared with the input? Is it a number at all?",
        "Neurons are columns: W[:, :1] is the first one, and it must not equal all others. Your signal_sizes gives the "
        "mean square after the last layer; divide it by np.mean(X**2). NaN is neither above nor below anything, so ask "
        "for it with np.isfinite.",
        "if any(W.shape[1] > 1 and (W == ...).all() for W in weights[:-1]): return 'symmetric'; "
        "ratio = signal_sizes(X, weights)[-1] / ...; if not np.isfinite(ratio) or ratio > ...: return 'exploding'",
    ),
)


def _diagnose(
    X,
    weights,
    *,
    hidden=slice(None, -1),
    twins=lambda W: W.shape[1] > 1 and (W[:, :1] == W).all(),
    input_size=lambda X: np.mean(X**2),
    finite=True,
    names=("exploding", "vanishing"),
    most=1e6,
    root=False,
    last_relu=True,
    symmetric_last=False,
):
    """The diagnosis with one thing done differently; the mistakes below say which."""
    symmetric = any(twins(W) for W in weights[hidden])
    if symmetric and not symmetric_last:
        return "symmetric"
    A = X
    with np.errstate(all="ignore"):
        for W in weights[:-1]:
            A = np.maximum(A @ W, 0)
        A = A @ weights[-1]
        A = np.maximum(A, 0) if last_relu else A
        ratio = np.mean(A**2) / input_size(X)
        ratio = np.sqrt(ratio) if root else ratio
    if (finite and not np.isfinite(ratio)) or ratio > most:
        return names[0]
    if ratio < 1 / most:
        return names[1]
    return "symmetric" if symmetric else "healthy"


for _sentence, _answer in {
    "A network whose signal has become NaN passes as healthy: NaN is neither above nor below any limit. Ask "
    "np.isfinite first, and call it exploding.": changed(_diagnose, "nan_is_healthy", finite=False),
    "You look at the size of the signal alone. Large inputs do not make a network sick: divide by the mean square of "
    "the input.": changed(_diagnose, "not_relative", input_size=lambda X: 1.0),
    "You compare roots. The limits 1e6 and 1e-6 are for the ratio of the mean *squares*.": changed(
        _diagnose, "roots", root=True
    ),
    "Your last layer has no ReLU. Here it has one, too (a convention): signal_sizes does it.": changed(
        _diagnose, "no_last_relu", last_relu=False
    ),
    "Vanishing and exploding are swapped: a ratio far above 1 means exploding.": changed(
        _diagnose, "swapped", names=("vanishing", "exploding")
    ),
    "You compare rows. A row holds the weights of one *input*; neurons are columns, and twins are equal "
    "columns.": changed(_diagnose, "rows", twins=lambda W: len(W) > 1 and (W[:1] == W).all()),
    "You look for equal columns in the last layer, too. Its neurons are classes, told apart by their labels: equal "
    "columns there do no harm. Look at hidden layers only.": changed(_diagnose, "last_layer_too", hidden=slice(None)),
    "You look at the first layer alone. Any hidden layer may consist of twins.": changed(
        _diagnose, "first_layer_only", hidden=slice(0, 1)
    ),
    "A layer with one neuron has no twins in it: ask for more than one column.": changed(
        _diagnose, "one_neuron", twins=lambda W: (W[:, :1] == W).all()
    ),
    "You look for weights that are all the same number. Neurons are twins also where their weights differ from input "
    "to input, as long as the columns are equal.": changed(
        _diagnose, "one_number", twins=lambda W: W.shape[1] > 1 and (W[0, 0] == W).all()
    ),
    "A network of equal neurons that also fades is called symmetric here (a convention: ask that question "
    "first).": changed(_diagnose, "symmetric_last", symmetric_last=True),
    "You never ask whether neurons are equal. Such a network keeps its signal and still learns next to "
    "nothing.": changed(_diagnose, "never_symmetric", twins=lambda W: False),
}.items():
    diagnose.mistake(_sentence)(_answer)
