"""A neural network in NumPy: each layer has `forward`, and from unit 03 on `backward`."""

from introdl.nn.layers import Dense, Layer, Sequential
from introdl.nn.losses import cross_entropy, cross_entropy_backward, one_hot
from introdl.nn.probabilities import Sigmoid, Softmax, sigmoid, softmax
from introdl.nn.rectifiers import ELU, SELU, LeakyReLU, PReLU, ReLU
from introdl.nn.smooth import GELU, GELUTanh, SiLU, Softplus, Softsign, Tanh

__all__ = [
    "Dense",
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
    "cross_entropy",
    "cross_entropy_backward",
    "one_hot",
    "sigmoid",
    "softmax",
]
