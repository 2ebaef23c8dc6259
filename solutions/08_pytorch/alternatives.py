"""Other correct ways to write the tasks of unit 08; each must pass its check."""

import io

import numpy as np
import torch
from torch.nn import functional


def to_images__in_numpy_first(pixels, height, width):
    pictures = (pixels / 255).astype(np.float32)
    return torch.as_tensor(pictures).view(len(pixels), height, width).unsqueeze(1)


def gradient__autograd_grad(X, t, w):
    weights = torch.from_numpy(w.copy()).requires_grad_()
    loss = functional.mse_loss(torch.from_numpy(X) @ weights, torch.from_numpy(t))
    (slope,) = torch.autograd.grad(loss, weights)
    return float(loss), slope.numpy()


class TwoLayers__functional(torch.nn.Module):
    def __init__(self, n_in, n_hidden, n_out):
        super().__init__()
        self.hidden, self.out = torch.nn.Linear(n_in, n_hidden), torch.nn.Linear(n_hidden, n_out)

    def forward(self, X):
        return functional.linear(self.hidden(X).clamp(min=0), self.out.weight, self.out.bias)

    def probe(self, values, X):
        names, place = [], 0
        for name, p in self.named_parameters():
            names.append(f"{name} {tuple(p.shape)}")
            p.data = torch.tensor(values[place : place + p.numel()]).reshape(p.shape).float()
            place += p.numel()
        return names, self(torch.tensor(X, dtype=torch.float32)).detach().numpy()


def train__own_tensors(X, y, W, b, lr, num_epochs, batch_size):
    weight, bias = (torch.tensor(p, requires_grad=True) for p in (W, b))
    losses = []
    for _ in range(num_epochs):
        seen = []
        for start in range(0, len(X), batch_size):
            X_batch, y_batch = torch.tensor(X[start : start + batch_size]), torch.tensor(y[start : start + batch_size])
            each = functional.cross_entropy(X_batch @ weight.T + bias, y_batch, reduction="none")
            slopes = torch.autograd.grad(each.mean(), (weight, bias))
            with torch.no_grad():
                for p, slope in zip((weight, bias), slopes, strict=True):
                    p -= lr * slope
            seen += each.tolist()
        losses.append(sum(seen) / len(seen))
    return losses, weight.detach().numpy(), bias.detach().numpy()


def probabilities__all_at_once(state, X):
    net = torch.nn.Sequential(
        torch.nn.Linear(X.shape[1], 6), torch.nn.BatchNorm1d(6), torch.nn.ReLU(), torch.nn.Linear(6, len(state["3.bias"]))
    )
    net.load_state_dict({name: torch.from_numpy(np.array(array)) for name, array in state.items()})
    return functional.softmax(net.train(False)(torch.tensor(X)), dim=-1).detach().numpy()


def load_weights__look_first(content):
    try:
        found = torch.load(io.BytesIO(content), weights_only=True)
    except Exception as error:  # noqa: BLE001 (whatever it says of such bytes)
        raise ValueError(str(error)) from None
    if type(found).__name__ not in ("dict", "OrderedDict"):
        raise ValueError(f"a {type(found).__name__}")
    for name, value in found.items():
        if not torch.is_tensor(value):
            raise ValueError(f"{name} is no tensor")
    return dict(found)
