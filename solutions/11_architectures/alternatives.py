"""Other correct ways to write the tasks of unit 11; each must pass its check."""

import math

import torch
from torch import nn


def count_macs__run_a_real_network(layers, shape):
    X, macs = torch.zeros(1, *shape), 0
    for kind, *numbers in layers:
        if kind == "pool":
            X = nn.functional.max_pool2d(X, numbers[0])
            continue
        if kind == "dense":
            X = X.flatten(1)
            layer = nn.Linear(X.shape[1], numbers[0], bias=False)
        else:
            c_out, k, stride, padding, groups = numbers
            layer = nn.Conv2d(X.shape[1], c_out, k, stride, padding, groups=groups, bias=False)
        with torch.no_grad():
            X = layer(X)
        macs += layer.weight.numel() * math.prod(X.shape[2:])
    return macs


def vgg_block__adds_modules(c_in, c_out, num_convs):
    block = nn.Sequential()
    for place in range(num_convs):
        block.add_module(f"conv{place}", nn.Conv2d(c_in, c_out, (3, 3), padding="same"))
        block.add_module(f"relu{place}", nn.ReLU(inplace=True))
        c_in = c_out
    block.add_module("pool", nn.MaxPool2d(kernel_size=2, stride=2))
    return block


class Residual__if_in_forward(nn.Module):
    def __init__(self, c_in, c_out, stride):
        super().__init__()
        if stride > 1 or c_in != c_out:
            self.projection = nn.Conv2d(c_in, c_out, kernel_size=1, stride=stride)
        self.conv2 = nn.Conv2d(c_out, c_out, kernel_size=3, padding=1)
        self.conv1 = nn.Conv2d(c_in, c_out, kernel_size=3, stride=stride, padding=1)

    def forward(self, X):
        around = self.projection(X) if hasattr(self, "projection") else X
        out = nn.functional.relu(self.conv1(X))
        out = self.conv2(out)
        out += around
        return out.clamp(min=0)


class Inception__fills_a_tensor(nn.Module):
    def __init__(self, c_in, c, few):
        super().__init__()
        self.c = c
        self.one, self.pooled = nn.Conv2d(c_in, c, 1), nn.Conv2d(c_in, c, 1)
        self.narrow3, self.narrow5 = nn.Conv2d(c_in, few, 1), nn.Conv2d(c_in, few, 1)
        self.three, self.five = nn.Conv2d(few, c, 3, padding="same"), nn.Conv2d(few, c, 5, padding="same")

    def forward(self, X):
        Y = X.new_empty(len(X), 4 * self.c, *X.shape[2:])
        Y[:, : self.c] = self.one(X)
        Y[:, self.c : 2 * self.c] = self.three(self.narrow3(X).relu())
        Y[:, 2 * self.c : 3 * self.c] = self.five(self.narrow5(X).relu())
        Y[:, 3 * self.c :] = self.pooled(nn.functional.max_pool2d(X, 3, 1, 1))
        return Y.relu()


class separable__a_class(nn.Module):
    def __init__(self, c_in, c_out, stride):
        super().__init__()
        self.depthwise = nn.Conv2d(c_in, c_in, 3, stride=stride, padding=1, groups=c_in)
        self.pointwise = nn.Conv2d(c_in, c_out, 1)

    def forward(self, X):
        return torch.relu(self.pointwise(torch.relu(self.depthwise(X))))


def choose__with_a_loop(rows, max_macs, max_params):
    best = None
    for row in rows:
        if row["macs"] > max_macs or row["params"] > max_params:
            continue
        mean = sum(row["val_accuracy"]) / len(row["val_accuracy"])
        if best is None or mean > best[0] or (mean == best[0] and row["macs"] < best[1]):
            best = mean, row["macs"], row["net"]
    return best and best[2]
