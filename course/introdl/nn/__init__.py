"""A neural network in NumPy: each layer has `forward`, and from unit 03 on `backward`."""

from introdl.nn.layers import Dense, ReLU, Sequential, Tanh
from introdl.nn.losses import cross_entropy, cross_entropy_backward, one_hot, softmax

__all__ = ["Dense", "ReLU", "Sequential", "Tanh", "cross_entropy", "cross_entropy_backward", "one_hot", "softmax"]
