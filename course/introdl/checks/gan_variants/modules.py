"""What the two tasks about networks share: how a module is filled with given weights and called."""

import numpy as np
import torch

from introdl.checks.task import BadAnswer

COUNTED = ("running_mean", "running_var", "num_batches_tracked")  # what batch norm counts; no parameters


def filled(net, values, X) -> dict:
    """Fill a module's parameters, in their order, and call it in training mode; one with other shapes isn't called."""
    if not isinstance(net, torch.nn.Module):
        raise BadAnswer(f"A module of PyTorch is expected here; this is a {type(net).__name__}.")
    state = dict(net.state_dict())
    names = [name for name in state if not name.endswith(COUNTED)]
    shapes = [str(tuple(state[name].shape)) for name in names]
    if shapes != [str(value.shape) for value in values]:
        return {"parameters": shapes, "outputs": None}
    net.load_state_dict(state | {name: torch.tensor(value) for name, value in zip(names, values, strict=True)})
    outputs = net(torch.tensor(X))
    if not isinstance(outputs, torch.Tensor):
        raise BadAnswer(f"Your module returned a {type(outputs).__name__}, expected a tensor.")
    return {"parameters": shapes, "outputs": outputs.detach().numpy().astype(float)}


def transposed(X, W, b, stride=2, padding=1):
    """Return the transposed convolution in float64, one kernel laid down after the other; W (c_in, c_out, k, k)."""
    (N, _, height, width), k = X.shape, W.shape[2]
    Y = np.zeros((N, W.shape[1], (height - 1) * stride + k, (width - 1) * stride + k))
    for i in range(height):
        for j in range(width):
            stamp = np.einsum("nc,cokl->nokl", X[:, :, i, j].astype(float), W.astype(float))
            Y[:, :, i * stride : i * stride + k, j * stride : j * stride + k] += stamp
    return Y[:, :, padding : Y.shape[2] - padding, padding : Y.shape[3] - padding] + b[:, None, None]
