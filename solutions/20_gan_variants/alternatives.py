"""Other correct ways to write the tasks of unit 20; each must pass its check."""

import numpy as np
import torch
from torch import nn


def transposed_size__run_a_layer(size, kernel_size, stride, padding):
    layer = nn.ConvTranspose1d(1, 1, kernel_size, stride, padding)
    return layer(torch.zeros(1, 1, size)).shape[2], not kernel_size % stride


class generator__a_class(nn.Module):
    def __init__(self, num_noise, c, num_doublings):
        super().__init__()
        self.c = c
        self.dense, self.norm = nn.Linear(num_noise, 4 * 4 * c), nn.BatchNorm2d(c)
        self.ups = nn.ModuleList()
        for place in range(1, num_doublings):
            c_out = self.c // 2**place
            self.ups.append(
                nn.Sequential(nn.ConvTranspose2d(2 * c_out, c_out, 4, 2, 1), nn.BatchNorm2d(c_out), nn.ReLU(True))
            )
        self.last = nn.ConvTranspose2d(c // 2 ** (num_doublings - 1), 1, 4, stride=2, padding=1)

    def forward(self, z):
        X = self.norm(self.dense(z).reshape(len(z), self.c, 4, 4)).relu()
        for up in self.ups:
            X = up(X)
        return self.last(X).tanh()


class UNet__fills_a_tensor(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.up1 = nn.ConvTranspose2d(2 * c, 3, 4, stride=2, padding=1)
        self.up2 = nn.ConvTranspose2d(2 * c, c, 4, stride=2, padding=1)
        self.down2 = nn.Conv2d(c, 2 * c, 4, stride=2, padding=1)
        self.down1 = nn.Conv2d(1, c, 4, stride=2, padding=1)
        self.leaky = nn.LeakyReLU(0.2)

    def forward(self, X):
        A = self.leaky(self.down1(X))
        both = torch.empty(len(A), 2 * A.shape[1], *A.shape[2:])
        both[:, : A.shape[1]] = self.up2(self.leaky(self.down2(A))).clamp(min=0)
        both[:, A.shape[1] :] = A
        return self.up1(both).tanh()


def patch_receptive_field__backwards(layers):
    field, step = 1, 1
    for k, stride in layers[::-1]:
        field = (field - 1) * stride + k
        step *= stride
    return field, step


def cycle_loss__one_formula(A, B, W_to_B, W_to_A):
    def away(X, there, back):
        return np.linalg.norm((np.tanh(np.tanh(X @ there) @ back) - X).ravel(), 1) / X.size

    return away(A, W_to_B, W_to_A) + away(B, W_to_A, W_to_B)


def adain__flat_maps(X, scale, shift):
    Z = X.reshape(*X.shape[:2], -1)
    Z = Z - Z.mean(-1)[..., None]
    Z = Z / np.sqrt(np.mean(Z * Z, -1) + 1e-5)[..., None]
    return (Z * scale[..., None] + shift[..., None]).reshape(X.shape)


def frechet_distance__by_a_root(X, Y):
    A, B = np.cov(X.T), np.cov(Y.T)
    values, vectors = np.linalg.eigh(A)
    root = vectors @ np.diag(np.sqrt(np.maximum(values, 0))) @ vectors.T
    overlap = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ B @ root), 0)).sum()
    return np.sum((X.mean(0) - Y.mean(0)) ** 2) + np.trace(A + B) - 2 * overlap
