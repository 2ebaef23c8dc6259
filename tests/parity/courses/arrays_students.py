"""What students hand in for the course of arrays and nets; cells not named hold the instructor's answer."""

from tests.parity.cells import ALL, Submission, without_marks
from tests.parity.courses.arrays import TRAIN

ANOTHER = Submission(edits={
    "imports": """
%matplotlib inline
import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn, optim
from numpy.random import default_rng
""",
    "standardise": """
import numpy

def standardise(X):
    Z = numpy.empty_like(X)
    for d in range(X.shape[1]):
        column = X[:, d]
        Z[:, d] = (column - column.sum() / len(column)) / numpy.sqrt(((column - column.mean()) ** 2).mean())
    return Z

Z, means = standardise(X), np.array([X[:, d].mean() for d in range(3)])
print(Z[:2], means)
""",
    "in_place": """
def clip_(X, low, high):
    X[X < low] = low
    X[X > high] = high

def swap_rows(X, i, j):
    row = X[i].copy()
    X[i] = X[j]
    X[j] = row
    return X
""",
    "shapes": """
def one_hot(y, num_classes):
    out = np.zeros((len(y), num_classes))
    out[np.arange(len(y)), y] = 1
    return out

flat_view = np.ravel
""",
    "random": """
def noise(n):
    return np.array([np.random.randn() for _ in range(n)])

def sample(X, n, rng):
    i = rng.choice(X.shape[0], n, replace=False)
    return np.stack([X[k] for k in i])

np.random.seed(4)
walk = []
for step in np.random.choice([-1, 1], 100):
    walk.append((walk[-1] if walk else 0) + step)
walk = np.array(walk)
""",
    "plot": """
def plot_columns(ax, X):
    ax.scatter(*X[:, :2].T, s=8, c="k")
    ax.set(xlabel="column 0", ylabel="column 1", title="%d points" % len(X))

fig = plt.figure(figsize=(4, 3))
ax = fig.add_subplot()
line, = ax.plot(np.arange(100), walk)
line.set_label("walk")
ax.legend(loc="best")
ax.set_title("walk")
plt.show()
""",
    "net": """
class Net(nn.Module):
    def __init__(self, num_features, hidden):
        super().__init__()
        self.hidden, self.out = nn.Linear(num_features, hidden), nn.Linear(hidden, 1)
        nn.init.normal_(self.hidden.weight, std=0.5)

    def forward(self, X):
        h = self.hidden(X)
        h = torch.where(h > 0, h, torch.zeros_like(h))
        return self.out(h)[:, 0]

Net(3, 4)
""",
    "tensors": """
def gradient(f, x):
    x = x.detach().clone()
    x.requires_grad = True
    (grad,) = torch.autograd.grad(f(x), x)
    return grad

def num_parameters(module):
    n = 0
    for name, p in module.named_parameters():
        if p.requires_grad:
            n += p.shape.numel()
    return n

def freeze(module):
    module.requires_grad_(False)

def scale_(x, factor):
    x *= factor
""",
    "train": """
def train(net, X, y, lr=0.1, num_epochs=50):
    losses = []
    loss_function = nn.BCEWithLogitsLoss()
    for epoch in range(1, num_epochs + 1):
        net.zero_grad()
        loss = loss_function(net(X), y)
        loss.backward()
        with torch.no_grad():
            for p in net.parameters():
                p -= lr * p.grad
        losses.append(loss.item())
        if epoch % 20 == 0:
            print(f"epoch {epoch}: {losses[-1]:.3f}")
    return losses
""",
    "own_plot": """
fig2, ax2 = plt.subplots(1, 2)
ax2[0].hist(X[:, 0]); ax2[1].hist(X[:, 1])
"""},
    added={"helpers": "X.shape, labels.mean()", "check_train": """
net = Net(3, 8)
losses = train(net, torch.tensor(Z, dtype=torch.float32), TARGETS)
plt.plot(losses)
"""},
    blank=("reflect",), warned=("check_constant_column",))

PARTLY = Submission(edits={
    "standardise": """
def standardise(X):
    X -= X.mean(axis=0)
    X /= X.std(axis=0)
    return X

means = X.mean(axis=0)
Z = standardise(X.copy())
""",
    "in_place": """
def clip_(X, low, high):
    X = np.clip(X, low, high)

def swap_rows(X, i, j):
    X = X.copy()
    X[i], X[j] = X[j].copy(), X[i].copy()
    return X
""",
    "shapes": """
def one_hot(y, num_classes):
    return np.array([[int(c == label) for c in range(num_classes)] for label in y])

def flat_view(X):
    return X.flatten()
""",
    "random": """
def noise(n):
    return np.random.default_rng(1).normal(size=n)

def sample(X, n, rng):
    return X[:n]

walk = np.cumsum(np.random.choice([-1, 1], size=100))
""",
    "difference": """
def derivative(f, x, h=1e-5):
    return (f(x + h) - f(x)) / h

def minimise(f, x, lr, steps, callback=None):
    for step in range(steps):
        x = x - lr * derivative(f, x)
    return x
""",
    "plot": """
def plot_columns(ax, X):
    plt.scatter(X[:, 0], X[:, 1])
    plt.title('7 points')

fig, ax = plt.subplots()
ax.plot(walk[::-1])
ax.set_title('walk')
""",
    "net": """
class Net(nn.Module):
    def __init__(self, num_features, hidden):
        super().__init__()
        self.hidden = nn.Linear(num_features, hidden)
        self.out = nn.Linear(hidden, 1)

    def forward(self, X):
        with torch.no_grad():
            h = torch.relu(self.hidden(X))
        return self.out(h)
""",
    "tensors": """
def gradient(f, x):
    x.requires_grad_()
    f(x).backward()
    return x.grad

def num_parameters(module):
    return sum(p.numel() for p in module.parameters())

def freeze(module):
    module.eval()

def scale_(x, factor):
    return x * factor
""",
    "train": """
def train(net, X, y, lr=0.1, num_epochs=50):
    optimiser = torch.optim.Adam(net.parameters(), lr=lr)
    losses = []
    for _ in range(num_epochs):
        logits = net(X).reshape(y.shape)
        loss = nn.functional.binary_cross_entropy_with_logits(logits, y)
        loss.backward()
        optimiser.step()
        losses.append(loss.detach())
    return losses
"""}, blank=("own_plot",), lost={
    "check_standardise": 0, "check_values": 0, "check_clip": 0, "check_swap_rows": 0, "check_flat_view": 0,
    "check_random": 0, "check_sample": 0, "check_walk": 0, "check_derivative": 2, "check_plot": 0, "check_figure": 0,
    "check_net": 0, "check_net_state": 0, "check_net_gradients": 0, "check_gradient": 0, "check_parameters": 0,
    "check_scale": 0, "check_train": 0}, warned=("check_constant_column",))

# Warns in what it writes, from the library and by hand: nbgrader takes the points of each test that comes by.
WARNS = Submission(edits={
    "shapes": """
import warnings

def one_hot(y, num_classes):
    warnings.warn('slow')
    return np.array([[float(c == label) for c in range(num_classes)] for label in y])

def flat_view(X):
    import sys
    print('flat', file=sys.stderr)
    return X.reshape(-1)
""",
    "train": "from tqdm import tqdm\n" + without_marks(TRAIN).replace("range(num_epochs)", "tqdm(range(num_epochs))"),
}, warned=("check_one_hot", "check_flat_view", "check_train", "check_train_any"))

WRONG = Submission(edits={
    "standardise": """
def standardise(X):
    return X / X.max()

Z = X.tolist()
means = X.mean()
""",
    "in_place": """
def clip_(X, low, high):
    return X

def swap_rows(X, i, j):
    return X[::-1]
""",
    "shapes": """
def one_hot(y, num_classes):
    return [[1, 0]] * len(y)

def flat_view(X):
    return list(X)
""",
    "random": """
import random

def noise(n):
    return np.array([random.random() for _ in range(n)])

def sample(X, n, rng):
    return rng

walk = None
""",
    "difference": """
def derivative(f, x, h=1e-5):
    return 3

def minimise(f, x, lr, steps, callback=None):
    return 0
""",
    "plot": """
def plot_columns(ax, X):
    pass

fig = plt.figure()
ax = fig
""",
    "net": """
class Net:
    def __init__(self, num_features, hidden):
        self.hidden = hidden

    def __call__(self, X):
        return X[:, 0]
""",
    "tensors": """
def gradient(f, x):
    return f(x)

def num_parameters(module):
    return 8

def freeze(module):
    del module

def scale_(x, factor):
    x = x * factor
""",
    "train": """
def train(net, X, y, lr=0.1, num_epochs=50):
    return [1 / (n + 1) for n in range(num_epochs)]
""",
}, lost=ALL)

SUBMISSIONS = {"reference": Submission(), "stub": Submission(blank=ALL, lost=ALL),
               "another": ANOTHER, "partly": PARTLY, "warns": WARNS, "wrong": WRONG}
