"""First weights: random, and scaled so that signals keep their size from layer to layer.

Built in unit 05. A weight matrix has shape (n_in, n_out), as in `nn.Dense`: its fan-in is n_in, its fan-out n_out.
PyTorch stores the transpose. A sum of n_in terms has n_in times the variance of one, hence var(W) = gain^2 / fan.
"""

import math

import numpy as np

from introdl._validate import positive, whole
from introdl.nn._ranges import float_type, generator, not_negative, number

GAINS = {
    "linear": 1.0,
    "sigmoid": 1.0,
    "tanh": 5 / 3,  # PyTorch's value: a tanh shrinks its input
    "relu": math.sqrt(2),  # half of the variance is cut off
    "selu": 3 / 4,  # PyTorch's value; LeCun's gain is 1
}


def gain_of(nonlinearity: str, alpha: float = 0.01) -> float:
    """Return the factor that makes up for what a non-linearity takes from the signal; the values are PyTorch's.

    nonlinearity: linear, sigmoid, tanh, relu, leaky_relu or selu. alpha: the negative slope of leaky_relu.
    """
    if nonlinearity == "leaky_relu":
        return math.sqrt(2 / (1 + number("alpha", alpha) ** 2))
    if not isinstance(nonlinearity, str) or nonlinearity not in GAINS:
        raise ValueError(f"nonlinearity is {nonlinearity!r}, expected one of {', '.join(GAINS)}, leaky_relu")
    return GAINS[nonlinearity]


def fan_in_out(shape: tuple[int, int]) -> tuple[int, int]:
    """Return how many inputs an output has, and how many outputs an input has, for a weight matrix's shape."""
    if not isinstance(shape, (tuple, list)) or len(shape) != 2:
        raise ValueError(f"shape is {shape!r}, expected (n_in, n_out)")
    return whole("shape[0]", shape[0]), whole("shape[1]", shape[1])


def normal(shape: tuple[int, ...], rng: np.random.Generator, std: float, dtype=np.float32) -> np.ndarray:
    """Return an array of this shape from the normal distribution with mean 0 and this standard deviation."""
    shape, std = _sizes(shape), not_negative("std", std)
    return generator("rng", rng).normal(scale=std, size=shape).astype(float_type("dtype", dtype))


def uniform(shape: tuple[int, ...], rng: np.random.Generator, bound: float, dtype=np.float32) -> np.ndarray:
    """Return an array of this shape, uniform between -bound and bound: its variance is bound^2 / 3."""
    shape, bound = _sizes(shape), not_negative("bound", bound)
    return generator("rng", rng).uniform(-bound, bound, size=shape).astype(float_type("dtype", dtype))


def constant(shape: tuple[int, ...], value: float = 0.0, dtype=np.float32) -> np.ndarray:
    """Return an array of this shape full of one value: right for biases; weights that start equal stay equal."""
    return np.full(_sizes(shape), number("value", value), float_type("dtype", dtype))


def xavier_normal(shape: tuple[int, int], rng: np.random.Generator, gain: float = 1.0, dtype=np.float32) -> np.ndarray:
    """Return normal weights with variance gain^2 * 2 / (fan_in + fan_out), for tanh and sigmoid (Glorot 2010)."""
    return normal(shape, rng, _xavier_std(shape, gain), dtype)


def xavier_uniform(shape: tuple[int, int], rng: np.random.Generator, gain: float = 1.0, dtype=np.float32) -> np.ndarray:
    """Return uniform weights with the variance of `xavier_normal`."""
    return uniform(shape, rng, math.sqrt(3) * _xavier_std(shape, gain), dtype)


def kaiming_normal(
    shape: tuple[int, int],
    rng: np.random.Generator,
    gain: float = GAINS["relu"],
    mode: str = "fan_in",
    dtype=np.float32,
) -> np.ndarray:
    """Return normal weights with variance gain^2 / fan, for ReLU and its relatives (He et al. 2015).

    mode: "fan_in" keeps the size of the signal on its way forward, "fan_out" that of the gradient backward.
    """
    return normal(shape, rng, _kaiming_std(shape, gain, mode), dtype)


def kaiming_uniform(
    shape: tuple[int, int],
    rng: np.random.Generator,
    gain: float = GAINS["relu"],
    mode: str = "fan_in",
    dtype=np.float32,
) -> np.ndarray:
    """Return uniform weights with the variance of `kaiming_normal`."""
    return uniform(shape, rng, math.sqrt(3) * _kaiming_std(shape, gain, mode), dtype)


def lecun_normal(shape: tuple[int, int], rng: np.random.Generator, dtype=np.float32) -> np.ndarray:
    """Return normal weights with variance 1 / fan_in, for SELU and linear layers (LeCun et al. 1998)."""
    return kaiming_normal(shape, rng, gain=1.0, dtype=dtype)


def lecun_uniform(shape: tuple[int, int], rng: np.random.Generator, dtype=np.float32) -> np.ndarray:
    """Return uniform weights with variance 1 / fan_in."""
    return kaiming_uniform(shape, rng, gain=1.0, dtype=dtype)


def _xavier_std(shape: tuple[int, int], gain: float) -> float:
    return positive("gain", gain) * math.sqrt(2 / sum(fan_in_out(shape)))


def _kaiming_std(shape: tuple[int, int], gain: float, mode: str) -> float:
    fan_in, fan_out = fan_in_out(shape)
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"mode is {mode!r}, expected 'fan_in' or 'fan_out'")
    return positive("gain", gain) / math.sqrt(fan_in if mode == "fan_in" else fan_out)


def _sizes(shape: tuple[int, ...]) -> tuple[int, ...]:
    if not isinstance(shape, (tuple, list)):
        raise TypeError(f"shape is {shape!r}, expected a tuple of whole numbers")
    return tuple(whole(f"shape[{place}]", size, least=0) for place, size in enumerate(shape))
