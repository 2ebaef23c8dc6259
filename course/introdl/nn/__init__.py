"""A neural network in NumPy: each layer has `forward`, and from unit 03 on `backward`."""

from introdl.nn.columns import col2im, im2col
from introdl.nn.convolution import Conv2d, conv2d, conv2d_backward, conv2d_naive, conv2d_naive_backward
from introdl.nn.dropout import Dropout
from introdl.nn.geometry import output_size, pad, same_padding
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
from introdl.nn.normalization import BatchNorm, BatchNorm2d
from introdl.nn.penalties import l1_penalty, l1_penalty_backward, l2_penalty, l2_penalty_backward, soft_threshold
from introdl.nn.pooling import AvgPool2d, Flatten, GlobalAvgPool2d, MaxPool2d
from introdl.nn.probabilities import Sigmoid, Softmax, sigmoid, softmax
from introdl.nn.rectifiers import ELU, SELU, LeakyReLU, PReLU, ReLU
from introdl.nn.smooth import GELU, GELUTanh, SiLU, Softplus, Softsign, Tanh

__all__ = [
    "AvgPool2d",
    "BatchNorm",
    "BatchNorm2d",
    "Conv2d",
    "Dense",
    "Dropout",
    "ELU",
    "Flatten",
    "GELU",
    "GELUTanh",
    "GlobalAvgPool2d",
    "Layer",
    "LeakyReLU",
    "MaxPool2d",
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
    "col2im",
    "conv2d",
    "conv2d_backward",
    "conv2d_naive",
    "conv2d_naive_backward",
    "cross_entropy",
    "cross_entropy_backward",
    "huber",
    "huber_backward",
    "im2col",
    "l1_penalty",
    "l1_penalty_backward",
    "l2_penalty",
    "l2_penalty_backward",
    "mean_absolute_error",
    "mean_absolute_error_backward",
    "mean_squared_error",
    "mean_squared_error_backward",
    "one_hot",
    "output_size",
    "pad",
    "same_padding",
    "sigmoid",
    "soft_threshold",
    "softmax",
]
