"""Task of unit 08: probabilities of a trained network, without the three bugs."""

import numpy as np
import torch

from introdl.checks.task import Task
from introdl.checks.variant import changed


def networks(rng):
    for n, d, c in [(4, 3, 2), (1, 2, 3), (7, 3, 3), (9, 5, 2), (12, 2, 4), (3, 4, 5)]:
        yield _state(rng, d, c), rng.normal(1, 2, size=(n, d)).astype(np.float32)


def _state(rng, d, c):
    state = {
        "0.weight": rng.normal(size=(6, d)),
        "0.bias": rng.normal(size=6),
        "1.weight": rng.normal(1, 0.3, size=6),
        "1.bias": rng.normal(size=6),
        "1.running_mean": rng.normal(size=6),
        "1.running_var": rng.uniform(0.5, 4, size=6),
        "3.weight": rng.normal(size=(c, 6)),
        "3.bias": rng.normal(size=c),
    }
    state = {name: array.astype(np.float32) for name, array in state.items()}
    return {**state, "1.num_batches_tracked": np.array(100)}


def in_numpy(state, X):
    """Batch normalization with the running statistics, one example at a time."""
    rows = []
    for x in X.astype(float):
        z = state["0.weight"].astype(float) @ x + state["0.bias"]
        z = (z - state["1.running_mean"]) / np.sqrt(state["1.running_var"].astype(float) + 1e-5)
        a = np.maximum(z * state["1.weight"] + state["1.bias"], 0)
        logits = state["3.weight"].astype(float) @ a + state["3.bias"]
        p = np.exp(logits - logits.max())
        rows.append(p / p.sum())
    return np.array(rows)


probabilities = Task(
    "probabilities",
    ("state", "X"),
    networks,
    in_numpy,
    rtol=1e-4,
    atol=1e-5,
    hints=(
        "Read the three symptoms. Company matters: which layer looks at the other examples, and in which mode? Rows do "
        "not add up: along which axis does a row lie? The last ones are missing: what is 9 // 4?",
        "A new module is in training mode, where batch normalization uses the batch. Softmax over the classes is "
        "dim=1. split(4) cuts a tensor into parts of 4, the last one smaller; or do without batches.",
        "net.eval(); with torch.no_grad(): rows = [torch.softmax(net(batch), dim=...) for batch in "
        "torch.tensor(X).split(4)]; return torch.cat(...).numpy()",
    ),
)


def _net(d, c):
    return torch.nn.Sequential(torch.nn.Linear(d, 6), torch.nn.BatchNorm1d(6), torch.nn.ReLU(), torch.nn.Linear(6, c))


def _probabilities(state, X, *, training=False, dim=1, drop=False, size=4, strict=True, last=torch.softmax):
    """Her function with some bugs mended; the mistakes below say which are left."""
    net = _net(X.shape[1], len(state["3.bias"]))
    kept = {name: torch.tensor(array) for name, array in state.items() if strict or "running" not in name}
    net.load_state_dict(kept, strict=strict)
    net.train(training)
    batches = list(torch.tensor(X).split(size))
    if drop:
        batches = [batch for batch in batches if len(batch) == size]
    with torch.no_grad():
        rows = [last(_alone(net, batch) if training else net(batch), dim=dim).numpy() for batch in batches]
    return np.concatenate(rows) if rows else np.zeros((0, len(state["3.bias"])), np.float32)


def _alone(net, batch):
    """A batch of one, which batch normalization refuses in training mode: nothing but its level is left of it."""
    return net(batch) if len(batch) > 1 else net(batch.repeat(2, 1))[:1]


for _sentence, _answer in {
    "eval() is still forgotten: in training mode, batch normalization uses the batch, so each answer depends on its "
    "company. Call net.eval().": changed(_probabilities, "eval_forgotten", training=True),
    "Your softmax runs down the examples. The classes lie along dim=1.": changed(_probabilities, "dim_zero", dim=0),
    "The last pictures are missing: where the number is no multiple of 4, a smaller batch is left.": changed(
        _probabilities, "last_ones_dropped", drop=True
    ),
    "These are logits. Apply the softmax: the rows should add up to 1.": changed(
        _probabilities, "logits", last=lambda logits, dim: logits
    ),
    "These are logarithms. Use softmax, not log_softmax.": changed(
        _probabilities, "log_probabilities", last=torch.log_softmax
    ),
    "The running mean and variance were not loaded, so batch normalization does nothing in evaluation. Load the whole "
    "state.": changed(_probabilities, "no_running_statistics", strict=False),
    "You use one sigmoid for each class: the rows do not add up to 1. Use the softmax.": changed(
        _probabilities, "sigmoids", last=lambda logits, dim: torch.sigmoid(logits)
    ),
}.items():
    probabilities.mistake(_sentence)(_answer)
