"""A neural network in NumPy: each layer has `forward`, and from unit 03 on `backward`."""

from introdl.nn.dropout import Dropout
from introdl.nn.layers import Dense, Layer, Sequential
from introdl.nn.losses import (
    binary_cross_entropy,
    binary_cross_entropy_backward,
    cross_entropy,
    cross_entropy_backward,
    huber,
    huber_backward,
    mean_absolute_error,
    mean_absolute_error_backward,
    mean_squared_error,
    mean_squared_error_backward,
    one_hot,
)
from introdl.nn.normalization import BatchNorm
from introdl.nn.penalties import l1_penalty, l1_penalty_backward, l2_penalty, l2_penalty_backward, soft_threshold
from introdl.nn.probabilities import Sigmoid, Softmax, sigmoid, softmax
from introdl.nn.rectifiers import ELU, SELU, LeakyReLU, PReLU, ReLU
from introdl.nn.smooth import GELU, GELUTanh, SiLU, Softplus, Softsign, Tanh

__all__ = [
    "BatchNorm",
    "Dense",
    "Dropout",
    "ELU",
    "GELU",
    "GELUTanh",
    "Layer",
    "LeakyReLU",
    "PReLU",
    "ReLU",
    "SELU",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Softsign",
    "Tanh",
    "binary_cross_entropy",
    "binary_cross_entropy_backward",
    "cross_entropy",
    "cross_entropy_backward",
    "huber",
    "huber_backward",
    "l1_penalty",
    "l1_penalty_backward",
    "l2_penalty",
    "l2_penalty_backward",
    "mean_absolute_error",
    "mean_absolute_error_backward",
    "mean_squared_error",
    "mean_squared_error_backward",
    "one_hot",
    "sigmoid",
    "soft_threshold",
    "softmax",
]
