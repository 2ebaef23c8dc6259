"""Task of unit 12: a head of two dense layers with dropout, as a module (Head)."""

import numpy as np
import torch

from introdl.checks.task import Task

NAMES = ("hidden.weight", "hidden.bias", "out.weight", "out.bias")


def sizes(rng):
    for n_features, n_out, width, N in [(2, 2, 3, 1), (6, 4, 8, 3), (5, 3, 16, 4), (12, 10, 32, 2)]:
        yield (n_features, n_out, width), rng.normal(0, 0.5, size=400), rng.normal(size=(N, n_features))


def filled(module_class, sizes, values, F):
    """Make the module, fill its parameters with values, and call it in both modes, where the class lives."""
    names, outputs, dropped = module_class(*sizes).probe(values, F)
    return {"parameters": list(names), "outputs": np.asarray(outputs, dtype=float), "dropped": float(dropped)}


def in_numpy(sizes, values, F):
    n_features, n_out, width = sizes
    shapes = [(width, n_features), (width,), (n_out, width), (n_out,)]
    W1, b1, W2, b2 = (np.resize(values, shape) for shape in shapes)
    outputs = np.maximum(F @ W1.T + b1, 0) @ W2.T + b2
    return {"parameters": [f"{n} {s}" for n, s in zip(NAMES, shapes, strict=True)], "outputs": outputs, "dropped": 0.5}


Head = Task(
    "Head",
    ("sizes", "values", "F"),
    sizes,
    in_numpy,
    run=filled,
    rtol=1e-4,
    atol=1e-4,
    hints=(
        "__init__ makes the three layers; forward puts them in a row, with a ReLU after the first.",
        "Dropout is a layer, so that it knows the mode: torch.nn.Dropout(0.5). It acts on what the ReLU gives.",
        "self.hidden, self.dropout, self.out = torch.nn.Linear(...), torch.nn.Dropout(0.5), torch.nn.Linear(...); in "
        "forward: return self.out(self.dropout(torch.relu(self.hidden(F))))",
    ),
)


class Base(torch.nn.Module):
    """The right head, to be changed in one place by each mistake below."""

    p, bias = 0.5, True

    def __init__(self, n_features, n_out, width):
        super().__init__()
        self.hidden = torch.nn.Linear(n_features, width, bias=self.bias)
        self.dropout = torch.nn.Dropout(self.p)
        self.out = torch.nn.Linear(width, n_out, bias=self.bias)

    def forward(self, F):
        return self.out(self.dropout(torch.relu(self.hidden(F))))

    def probe(self, values, F):
        names = []
        with torch.no_grad():
            for name, p in self.named_parameters():
                names.append(f"{name} {tuple(p.shape)}")
                p.copy_(torch.tensor(np.resize(values, p.shape)))
            F, shares = torch.tensor(F, dtype=torch.float32), []
            keep = self.out.register_forward_hook(lambda layer, seen, result: shares.append(seen[0]))
            outputs = self.eval()(F).numpy()
            self.hidden.weight.zero_()
            if self.hidden.bias is not None:
                self.hidden.bias.fill_(1.0)
            self.train()(F[:1].repeat(4000, 1))
            keep.remove()
            share = (shares[-1] == 0).float().mean().item() if len(shares) > 1 else 0.0
            return names, outputs, round(10 * share) / 10


@Head.mistake("The ReLU is missing: without it the two dense layers are one linear step.")
class NoRelu(Base):
    def forward(self, F):
        return self.out(self.dropout(self.hidden(F)))


@Head.mistake("There is a ReLU after the last layer, too. Logits may be negative: end with `out` itself.")
class ReluAtTheEnd(Base):
    def forward(self, F):
        return torch.relu(super().forward(F))


@Head.mistake("Your head ends with a softmax. cross_entropy applies it itself: return the logits.")
class SoftmaxAtTheEnd(Base):
    def forward(self, F):
        return torch.softmax(super().forward(F), dim=1)


@Head.mistake(
    "In training, no hidden unit is dropped. Dropout belongs between the ReLU and `out`, neither before the first "
    "layer nor after the last."
)
class NoDropout(Base):
    def forward(self, F):
        return self.out(torch.relu(self.hidden(F)))


@Head.mistake("Dropout drops another share than one half: torch.nn.Dropout(0.5).")
class DropsLittle(Base):
    p = 0.2


@Head.mistake(
    "Dropout is at work in evaluation, too, so outputs are random. torch.nn.functional.dropout drops always, unless it "
    "is told training=self.training; the layer torch.nn.Dropout knows the mode."
)
class AlwaysDrops(Base):
    def forward(self, F):
        torch.manual_seed(0)
        return self.out(torch.nn.functional.dropout(torch.relu(self.hidden(F)), 0.5))


@Head.mistake("Your layers have no biases. Leave bias at its default, True.")
class NoBias(Base):
    bias = False


@Head.mistake("The widths are exchanged: `hidden` has `width` outputs, `out` has `n_out`.")
class WidthsExchanged(Base):
    def __init__(self, n_features, n_out, width):
        super().__init__(n_features, width, n_out)
