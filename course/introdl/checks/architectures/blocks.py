"""What the tasks about blocks share: how a module is filled and called, and a convolution to judge it by."""

import numpy as np
import torch

from introdl.checks.task import BadAnswer

AS_ASKED = "as asked"


def filled(make, sizes, values, X, names=()) -> dict:
    """Make the module, fill its parameters with values and call it; one with other parameters is not called.

    values: arrays. names: of the layers, weight and bias of each in this order; without names, the order is all that
    counts.
    """
    net = make(*sizes)
    if not isinstance(net, torch.nn.Module):
        raise BadAnswer(f"A module of PyTorch is expected here; this is a {type(net).__name__}.")
    state = dict(net.state_dict())
    wanted = dict(zip(_parameters(names) if names else state, values, strict=False))
    shapes = _shapes(state.values()) if not names else _compared(state, wanted)
    if shapes != expected(values, None, names)["parameters"]:
        return {"parameters": shapes, "outputs": None}
    net.load_state_dict({name: torch.tensor(array) for name, array in wanted.items()})
    outputs = net(torch.tensor(X))
    if not isinstance(outputs, torch.Tensor):
        raise BadAnswer(f"Your module returned a {type(outputs).__name__}, expected a tensor.")
    return {"parameters": shapes, "outputs": outputs.detach().numpy().astype(float)}


def expected(values, outputs, names=()) -> dict:
    """Return what `filled` gives for a right module with these outputs."""
    return {"parameters": AS_ASKED if names else _shapes(values), "outputs": outputs}


def _parameters(names) -> list[str]:
    return [f"{name}.{kind}" for name in names for kind in ("weight", "bias")]


def _shapes(arrays) -> list[str]:
    return [str(tuple(array.shape)) for array in arrays]


def _compared(state, wanted) -> str:
    """Say which parameters are missing, superfluous, or of another shape."""
    missing, more = _layers(wanted.keys() - state.keys()), _layers(state.keys() - wanted.keys())
    if missing or more:
        return "; ".join(said for said in (missing and f"no {missing}", more and f"also {more}") if said)
    other = [name for name in wanted if tuple(state[name].shape) != wanted[name].shape]
    return f"{other[0]} has shape {tuple(state[other[0]].shape)}" if other else AS_ASKED


def _layers(parameters) -> str:
    """Return names in the order of the alphabet, a layer's own where both of its parameters are among them."""
    names = sorted(parameters)
    both = {name[:-5] for name in names if name.endswith(".bias") and f"{name[:-5]}.weight" in names}
    return ", ".join(dict.fromkeys(layer if (layer := name.rpartition(".")[0]) in both else name for name in names))


def drawn(rng, *convolutions) -> list[np.ndarray]:
    """Return weight and bias for convolutions, each (c_out, c_in, k)."""
    values = []
    for c_out, c_in, k in convolutions:
        values.append(rng.normal(0, 1 / np.sqrt(c_in * k * k), size=(c_out, c_in, k, k)).astype(np.float32))
        values.append(rng.normal(0, 0.3, size=c_out).astype(np.float32))
    return values


def pictures(rng, *shape):
    return rng.normal(size=shape).astype(np.float32)


def convolve(X, W, b, stride=1, groups=1):
    """Return the convolution with padding (k - 1) / 2, added up over the places in the kernel."""
    pad, height, width = W.shape[2] // 2, *X.shape[2:]
    X = np.pad(X.astype(float), ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    parts = []
    for x, w in zip(np.split(X, groups, axis=1), np.split(W.astype(float), groups), strict=True):
        part = 0.0
        for i in range(W.shape[2]):
            for j in range(W.shape[3]):
                seen = x[:, :, i : i + height : stride, j : j + width : stride]
                part = part + np.einsum("nchw,oc->nohw", seen, w[:, :, i, j])
        parts.append(part)
    return np.concatenate(parts, axis=1) + b[:, np.newaxis, np.newaxis]


def relu(X):
    return np.maximum(X, 0)
