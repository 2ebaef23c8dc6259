"""Other correct ways to write the tasks of unit 18; each must pass its check."""

import math

import numpy as np
import torch
from torch import nn


def scaled_dot_product__by_einsum(Q, K, V, mask=None):
    scores = np.einsum("...qd,...kd->...qk", Q / Q.shape[-1] ** 0.25, K / K.shape[-1] ** 0.25)
    hidden = 0 if mask is None else np.where(mask, 0, -1e30)
    scores = scores + hidden
    weights = np.exp(scores - np.logaddexp.reduce(scores, axis=-1, keepdims=True))
    return np.einsum("...qk,...kd->...qd", weights, V), weights


def causal_mask__by_comparing(T_q, T_k):
    return np.arange(T_k) <= np.arange(T_k - T_q, T_k)[:, np.newaxis]


def causal_mask__end_of_the_whole(T_q, T_k):
    return np.tril(np.ones((T_k, T_k), dtype=bool))[T_k - T_q :]


def split_heads__by_split(X, num_heads):
    return np.stack(np.split(X, num_heads, axis=-1), axis=1)


def merge_heads__by_concatenate(X):
    return np.concatenate(list(X.swapaxes(0, 1)), axis=-1)


def positional_encoding__in_one_stack(T, D, base):
    speeds = np.exp(-math.log(base) * np.arange(D // 2) * 2 / D)
    turned = np.exp(1j * np.outer(np.arange(T), speeds))
    return np.stack([turned.imag, turned.real], axis=-1).reshape(T, D)


class Block__attention_by_hand(nn.Module):
    def __init__(self, D, num_heads):
        super().__init__()
        self.norm1, self.attention = nn.LayerNorm(D), nn.MultiheadAttention(D, num_heads, batch_first=True)
        self.norm2, self.dense1, self.dense2 = nn.LayerNorm(D), nn.Linear(D, 4 * D), nn.Linear(4 * D, D)

    def forward(self, X):
        attention, h = self.attention, self.attention.num_heads
        stacked = nn.functional.linear(self.norm1(X), attention.in_proj_weight, attention.in_proj_bias)
        Q, K, V = (part.unflatten(2, (h, -1)).transpose(1, 2) for part in stacked.chunk(3, dim=2))
        out = nn.functional.scaled_dot_product_attention(Q, K, V, is_causal=True)
        X = X + attention.out_proj(out.transpose(1, 2).flatten(2))
        return X + self.dense2(nn.GELU()(self.dense1(self.norm2(X))))


class Block__with_a_mask_to_add(nn.Module):
    def __init__(self, D, num_heads):
        super().__init__()
        self.dense2, self.dense1 = nn.Linear(4 * D, D), nn.Linear(D, 4 * D)
        self.norm2, self.norm1 = nn.LayerNorm(D), nn.LayerNorm(D)
        self.attention = nn.MultiheadAttention(D, num_heads, batch_first=True)

    def forward(self, X):
        Z, mask = self.norm1(X), nn.Transformer.generate_square_subsequent_mask(X.shape[1])
        found, _ = self.attention(Z, Z, Z, attn_mask=mask)
        middle = X + found
        return middle + self.dense2(torch.nn.functional.gelu(self.dense1(self.norm2(middle))))


def generate__whole_text_by_slices(step, start, num_symbols):
    text, done, cache = list(start), 0, None
    while len(text) < len(start) + num_symbols:
        logits, cache = step(text[done:], done, cache)
        done = len(text)
        text.append(int(np.argmax(logits, axis=1)[-1]))
    return text[len(start) :]
