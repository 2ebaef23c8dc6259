"""A neural network in NumPy: each layer has `forward`, and from unit 03 on `backward`."""

from introdl.nn.attention import (
    additive_attention,
    additive_attention_backward,
    masked_softmax,
    masked_softmax_backward,
    scaled_dot_product_attention,
    scaled_dot_product_attention_backward,
)
from introdl.nn.columns import col2im, im2col
from introdl.nn.convolution import Conv2d, conv2d, conv2d_backward, conv2d_naive, conv2d_naive_backward
from introdl.nn.ctc import ctc_collapse, ctc_loss, ctc_loss_backward
from introdl.nn.dropout import Dropout
from introdl.nn.embedding import Embedding
from introdl.nn.gates import GRU, LSTM, gru_cell, gru_cell_backward, lstm_cell, lstm_cell_backward
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
from introdl.nn.padding import reverse_padded, step_mask
from introdl.nn.penalties import l1_penalty, l1_penalty_backward, l2_penalty, l2_penalty_backward, soft_threshold
from introdl.nn.pooling import AvgPool2d, Flatten, GlobalAvgPool2d, MaxPool2d
from introdl.nn.probabilities import Sigmoid, Softmax, sigmoid, softmax
from introdl.nn.rectifiers import ELU, SELU, LeakyReLU, PReLU, ReLU
from introdl.nn.recurrent import RNN, rnn_cell, rnn_cell_backward
from introdl.nn.smooth import GELU, GELUTanh, SiLU, Softplus, Softsign, Tanh
from introdl.nn.stacks import Bidirectional, Stacked
from introdl.nn.transformer import (
    LayerNorm,
    MultiHeadAttention,
    TransformerBlock,
    causal_mask,
    merge_heads,
    positional_encoding,
    split_heads,
)

__all__ = [
    "AvgPool2d",
    "BatchNorm",
    "BatchNorm2d",
    "Bidirectional",
    "Conv2d",
    "Dense",
    "Dropout",
    "ELU",
    "Embedding",
    "Flatten",
    "GELU",
    "GELUTanh",
    "GRU",
    "GlobalAvgPool2d",
    "LSTM",
    "Layer",
    "LayerNorm",
    "LeakyReLU",
    "MaxPool2d",
    "MultiHeadAttention",
    "PReLU",
    "RNN",
    "ReLU",
    "SELU",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Softsign",
    "Stacked",
    "Tanh",
    "TransformerBlock",
    "additive_attention",
    "additive_attention_backward",
    "binary_cross_entropy",
    "binary_cross_entropy_backward",
    "causal_mask",
    "col2im",
    "conv2d",
    "conv2d_backward",
    "conv2d_naive",
    "conv2d_naive_backward",
    "cross_entropy",
    "cross_entropy_backward",
    "ctc_collapse",
    "ctc_loss",
    "ctc_loss_backward",
    "gru_cell",
    "gru_cell_backward",
    "huber",
    "huber_backward",
    "im2col",
    "l1_penalty",
    "l1_penalty_backward",
    "l2_penalty",
    "l2_penalty_backward",
    "lstm_cell",
    "lstm_cell_backward",
    "masked_softmax",
    "masked_softmax_backward",
    "mean_absolute_error",
    "mean_absolute_error_backward",
    "mean_squared_error",
    "mean_squared_error_backward",
    "merge_heads",
    "one_hot",
    "output_size",
    "pad",
    "positional_encoding",
    "reverse_padded",
    "rnn_cell",
    "rnn_cell_backward",
    "same_padding",
    "scaled_dot_product_attention",
    "scaled_dot_product_attention_backward",
    "sigmoid",
    "soft_threshold",
    "softmax",
    "split_heads",
    "step_mask",
]
