"""Task of unit 08: a module with one hidden layer (TwoLayers)."""

import numpy as np
import torch

from introdl.checks.task import Task


def sizes(rng):
    yield (2, 3, 2), _values(rng, 2, 3, 2), np.array([[1.0, -1.0]])
    for n_in, n_hidden, n_out in [(4, 5, 3), (3, 8, 1), (1, 2, 4), (6, 6, 6)]:
        yield (n_in, n_hidden, n_out), _values(rng, n_in, n_hidden, n_out), rng.normal(size=(5, n_in))


def _values(rng, n_in, n_hidden, n_out):
    return rng.normal(size=n_in * n_hidden + n_hidden + n_hidden * n_out + n_out)


def filled(module_class, sizes, values, X):
    """Make the module, fill its parameters with values, and call it; its own method does so, where the class lives."""
    names, outputs = module_class(*sizes).probe(values, X)
    return {"parameters": list(names), "outputs": np.asarray(outputs, dtype=float)}


def in_numpy(sizes, values, X):
    n_in, n_hidden, n_out = sizes
    ends = np.cumsum([n_hidden * n_in, n_hidden, n_out * n_hidden, n_out])
    W1, b1, W2, b2 = np.split(values, ends[:-1])
    W1, W2 = W1.reshape(n_hidden, n_in), W2.reshape(n_out, n_hidden)
    names = [f"hidden.weight {W1.shape}", f"hidden.bias {b1.shape}", f"out.weight {W2.shape}", f"out.bias {b2.shape}"]
    return {"parameters": names, "outputs": np.maximum(X @ W1.T + b1, 0) @ W2.T + b2}


TwoLayers = Task(
    "TwoLayers",
    ("sizes", "values", "X"),
    sizes,
    in_numpy,
    run=filled,
    rtol=1e-4,
    atol=1e-5,
    hints=(
        "__init__ makes the two layers and keeps them as attributes of self; forward uses them.",
        "torch.nn.Linear(n_in, n_hidden) is the first. In forward: the first layer, torch.relu, the second layer, and "
        "nothing after it, because the loss wants logits.",
        "self.hidden = torch.nn.Linear(...); self.out = torch.nn.Linear(...); in forward: "
        "return self.out(torch.relu(...))",
    ),
)


class Base(torch.nn.Module):
    """The right module, to be changed in one place by each mistake below; its layers may lie in a list."""

    def __init__(self, n_in, n_hidden, n_out):
        super().__init__()
        self.make(n_in, n_hidden, n_out)

    def make(self, n_in, n_hidden, n_out):
        self.hidden, self.out = torch.nn.Linear(n_in, n_hidden), torch.nn.Linear(n_hidden, n_out)

    def forward(self, X):
        return self.out(torch.relu(self.hidden(X)))

    def probe(self, values, X):
        names, place = [], 0
        with torch.no_grad():
            for name, p in self.named_parameters():
                names.append(f"{name} {tuple(p.shape)}")
                p.copy_(torch.tensor(values[place : place + p.numel()]).reshape(p.shape))
                place += p.numel()
            return names, self(torch.tensor(X, dtype=torch.float32)).numpy()


@TwoLayers.mistake("The ReLU is missing, so the two layers are one: put torch.relu between them.")
class NoRelu(Base):
    def forward(self, X):
        return self.out(self.hidden(X))


@TwoLayers.mistake("You apply ReLU after the last layer, too. Logits may be negative: end with the layer itself.")
class ReluAtTheEnd(Base):
    def forward(self, X):
        return torch.relu(super().forward(X))


@TwoLayers.mistake("Your module ends with a softmax. cross_entropy applies it itself: return the logits.")
class SoftmaxAtTheEnd(Base):
    def forward(self, X):
        return torch.softmax(super().forward(X), dim=1)


@TwoLayers.mistake("Your ReLU stands before the first layer. It belongs between the two layers.")
class ReluOnTheInput(Base):
    def forward(self, X):
        return self.out(self.hidden(torch.relu(X)))


@TwoLayers.mistake("Your layers have no biases. Leave bias at its default, True.")
class NoBias(Base):
    def make(self, n_in, n_hidden, n_out):
        self.hidden = torch.nn.Linear(n_in, n_hidden, bias=False)
        self.out = torch.nn.Linear(n_hidden, n_out, bias=False)


@TwoLayers.mistake("The hidden layer uses another bend than ReLU: torch.relu is asked for.")
class Tanh(Base):
    def forward(self, X):
        return self.out(torch.tanh(self.hidden(X)))


@TwoLayers.mistake(
    "The second layer is made first, so the parameters come in another order than the layers. Make them in the order "
    "in which they are used."
)
class MadeInReverse(Base):
    def make(self, n_in, n_hidden, n_out):
        self.out = torch.nn.Linear(n_hidden, n_out)
        self.hidden = torch.nn.Linear(n_in, n_hidden)
