"""Arrays to tensors and back, for tasks whose answers speak PyTorch."""

import torch

from introdl.checks.task import BadAnswer


def tensors(*arrays) -> list[torch.Tensor]:
    """Return copies of the arrays as tensors."""
    return [torch.tensor(array) for array in arrays]


def plain(value):
    """Return an answer as plain data: its tensors as arrays or numbers, in the tuples and lists in which they came."""
    if isinstance(value, torch.Tensor):
        array = value.detach().numpy()
        return array.item() if array.ndim == 0 else array.copy()
    if isinstance(value, (tuple, list)):
        return tuple(plain(item) for item in value)
    return value


def pair_of_pairs(value) -> tuple:
    """Return ((A, b), (v, c)) as plain data; raises BadAnswer for what has another form."""
    value = plain(value)
    if not isinstance(value, tuple) or [len(x) if isinstance(x, tuple) else 0 for x in value] != [2, 2]:
        raise BadAnswer("your function must return two pairs: (A, b) of the forger and (v, c) of the detective")
    return value
