"""Parameters, gradients and what optimizers keep of them, for the cases and oracles of several tasks."""

import numpy as np

SHAPES = ([(2,)], [(3, 2), (2,)], [(2, 2), (2, 2)], [(4,), (1, 3), (4,)], [(1,)])


def like(params, rng, scale=1.0):
    """Return a normal array of the shape of each parameter."""
    return [scale * rng.normal(size=p.shape) for p in params]


def drawn(rng):
    """Yield (params, grads), a list of arrays each, of several shapes; equal shapes twice in a list, too."""
    for shapes in SHAPES:
        params = [rng.normal(size=shape) for shape in shapes]
        yield params, like(params, rng)


def entry_by_entry(rule, *lists):
    """Apply a rule for single numbers to each entry of lists of arrays; return one list of arrays a result."""
    found = [np.vectorize(rule)(*arrays) for arrays in zip(*lists, strict=True)]
    return [list(column) for column in zip(*found, strict=True)]
