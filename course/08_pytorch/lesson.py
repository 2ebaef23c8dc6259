# %% [markdown]
r"""
# Say the same in PyTorch

> **Time**: {{run_time}} to run, 80 minutes to study.
>
> **What you do**: build the network that you know in PyTorch, and make both give the same outputs and gradients; write the
> training loop out, then let `introdl.train.fit` do it; save a network and load it safely; meet five mistakes that run without
> an error; translate from Keras.
>
> **What you need first**: [unit 03](../03_backprop/lesson.ipynb) (backprop, the training loop),
> [unit 05](../05_initialization/lesson.ipynb) (first weights), [unit 06](../06_optimizers/lesson.ipynb) (Adam, schedules),
> [unit 07](../07_regularization/lesson.ipynb) (dropout, batch normalization, early stopping).
"""

# %%
import copy
import io
import math
import pickle

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

from introdl import data, metrics, nn, plot, train

seed = 0
digits = data.mnist5k()

# %% [markdown]
r"""
## One line instead of forty

In [unit 03](../03_backprop/lesson.ipynb) you wrote the way back through a network by hand, layer by layer. Here is
the same network in [*PyTorch*](../glossary.md#pytorch), the library that most research code is written in. The way
back is one line:
"""

# %%
torch.manual_seed(seed)                                    # the first weights are drawn: fix the draw
layers = torch.nn.Sequential(torch.nn.Linear(784, 128), torch.nn.ReLU(), torch.nn.Linear(128, 10))
X, y = torch.from_numpy(digits.X_train[:64]), torch.from_numpy(digits.y_train[:64])
loss = torch.nn.functional.cross_entropy(layers(X), y)
loss.backward()                                            # all gradients, of any network
print(f"loss {loss.item():.2f}; shape of the gradient of the first weights: {tuple(layers[0].weight.grad.shape)}")

# %% [markdown]
r"""
No backward pass was written anywhere. Can you trust it? You have a judge: your own network. This unit teaches PyTorch
by comparison: each part is something that you built before. At the end, both must give the same numbers.
"""

# %% [markdown]
r"""
## Tensors

A [*tensor*](../glossary.md#tensor) is PyTorch's array. Most of what you know from NumPy works, with a few other
names: `dim` for `axis`, `torch.cat` for `np.concatenate`.
"""

# %%
A = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])       # (2, 3), float32
print(A.shape, A.dtype, "| sum over dim 0:", A.sum(dim=0), "| A @ A.T:", (A @ A.T).tolist())
print(A.reshape(3, 2).shape, A.unsqueeze(0).shape, A.permute(1, 0).shape, A[:, 1], A.argmax(dim=1))

# %% [markdown]
r"""
Two things differ and cost beginners hours. First, PyTorch computes in **float32** unless told otherwise, NumPy in
float64; and it refuses to multiply one by the other:
"""

# %%
x = np.array([0.5, 1.0, 2.0])
try:
    A @ torch.from_numpy(x)                                # float32 times float64
except RuntimeError as error:
    print("refused:", error)
print("after .float():", A @ torch.from_numpy(x).float())

# %% [markdown]
r"""
Second, `torch.from_numpy` does not copy. Array and tensor are two names for the same memory, and so are the array and
what `.numpy()` makes of a tensor. `torch.tensor(x)` copies. A method with a trailing underscore changes its tensor in
place:
"""

# %%
shared, copied = torch.from_numpy(x), torch.tensor(x)
shared.mul_(10)                                            # in place
print("the array:", x, "  the copy:", copied)

# %% [markdown]
r"""
## Autograd

In unit 03 each number remembered how it was made, and a reverse sweep multiplied local slopes. A tensor does the same
if it is made with `requires_grad=True`. `backward()` does the sweep, and the slopes end up in `.grad`. This is
PyTorch's *autograd*. Compare it with a derivative by hand, of $L = \frac1N \lVert Xw - t \rVert^2$, which is
$\frac2N X^T(Xw - t)$:
"""

# %%
rng = np.random.default_rng(seed)
inputs, targets = torch.tensor(rng.normal(size=(20, 3))), torch.tensor(rng.normal(size=20))
w = torch.tensor([0.5, -1.0, 2.0], dtype=torch.float64, requires_grad=True)
L = ((inputs @ w - targets) ** 2).mean()
L.backward()
by_hand = 2 / 20 * inputs.T @ (inputs @ w - targets)
assert torch.allclose(w.grad, by_hand)
print("autograd:", w.grad.numpy().round(4))

# %% [markdown]
r"""
Ask again, and the answer changes:
"""

# %%
((inputs @ w - targets) ** 2).mean().backward()
print("after a second backward():", w.grad.numpy().round(4))

# %% [markdown]
r"""
Twice as much: `backward` *adds* to `.grad`. In unit 03 you had to add, too, where a number was used twice. The price
is that somebody must set the slopes back to zero before each step: `optimizer.zero_grad()`.

Whatever needs no gradient, such as a weight update or a test, goes into `with torch.no_grad():`. Then nothing is
remembered. And `.item()` or `.detach()` lets go of a graph:
"""

# %%
with torch.no_grad():
    L2 = ((inputs @ w - targets) ** 2).mean()
print("with a graph:", L.requires_grad, "  without:", L2.requires_grad, "  a plain number:", round(L.item(), 3))

# %% [markdown]
r"""
## Modules

A layer or a whole network is a [*module*](../glossary.md#module): a class with a `forward`. You write the layers in
`__init__` and the way forward in `forward`; there is no `backward` to write. Modules contain modules. This one has
your dropout from unit 07 in it, too:
"""

# %%
class Net(torch.nn.Module):
    def __init__(self, sizes=(784, 128, 64, 10), p=0.0):
        super().__init__()                                 # without this line nothing is registered
        self.hidden1 = torch.nn.Linear(sizes[0], sizes[1])
        self.hidden2 = torch.nn.Linear(sizes[1], sizes[2])
        self.out = torch.nn.Linear(sizes[2], sizes[3])
        self.dropout = torch.nn.Dropout(p)

    def forward(self, X):                                  # (N, 784) -> (N, 10) logits
        X = self.dropout(torch.relu(self.hidden1(X)))
        X = self.dropout(torch.relu(self.hidden2(X)))
        return self.out(X)


torch.manual_seed(seed)
net = Net()
for name, p in net.named_parameters():
    print(f"{name:15} {tuple(p.shape)}")
print(f"{sum(p.numel() for p in net.parameters()):,} parameters")

# %% [markdown]
r"""
Look at the shapes: `Linear(784, 128)` keeps its weights as (128, 784), the transpose of yours, and computes
$XW^T + b$. The order of the sizes in the call is inputs, outputs, as in `nn.Dense`.

You call `net(X)`, never `net.forward(X)`. And the network ends with logits: the softmax is inside the loss, as in
[unit 02](../02_networks/lesson.ipynb).
"""

# %% [markdown]
r"""
### Same weights, same gradients

Now the comparison. Copy the weights of the module into a network of `introdl.nn`, and send the same 64 digits through
both.
"""

# %%
ours = nn.Sequential(nn.Dense(784, 128, rng), nn.ReLU(), nn.Dense(128, 64, rng), nn.ReLU(), nn.Dense(64, 10, rng))
for mine, theirs in zip(ours.params, net.parameters()):
    mine[...] = theirs.detach().numpy().T                  # a bias has one axis: .T leaves it as it is
logits = net(X)
torch.nn.functional.cross_entropy(logits, y).backward()

our_logits = ours.forward(digits.X_train[:64])
ours.backward(nn.cross_entropy_backward(our_logits, digits.y_train[:64]))
worst = max(np.abs(g - p.grad.numpy().T).max() / np.abs(g).max() for g, p in zip(ours.grads, net.parameters()))
assert np.allclose(our_logits, logits.detach().numpy(), atol=1e-5) and worst < 1e-5
print(f"logits and {len(ours.grads)} arrays of gradients: equal to rounding")

# %% [markdown]
r"""
Six arrays of gradients, equal to rounding. What PyTorch does behind `backward()` is what you did in unit 03.
"""

# %% [markdown]
r"""
## What `Linear` starts with

You did not choose first weights above. What does PyTorch take? The documentation says: uniform between
$\pm 1/\sqrt{n_\text{in}}$. Its variance is a third of the limit's square, $\frac{1}{3 n_\text{in}}$. [Unit
05](../05_initialization/lesson.ipynb) wants $2/n_\text{in}$ for ReLU, six times as much. In two or three layers
nobody notices. In thirty:
"""

# %%
def signal(draw):
    """Typical size of the sums in each of thirty layers of 64 neurons with ReLU; `draw(weight)` draws first weights."""
    torch.manual_seed(seed)
    A, sizes = torch.from_numpy(digits.X_train[:200]), []
    with torch.no_grad():
        for layer in range(30):
            linear = torch.nn.Linear(64 if layer else 784, 64, bias=False)
            draw(linear.weight)
            Z = linear(A)
            sizes.append(Z.square().mean().sqrt().item())
            A = torch.relu(Z)
    return sizes


W = torch.nn.Linear(784, 128).weight
print(f"largest first weight {W.abs().max().item():.4f}, 1 / sqrt(784) is {1 / 28:.4f}")
default = signal(lambda W: None)
kaiming = signal(lambda W: torch.nn.init.kaiming_normal_(W, nonlinearity="relu"))

# %%
fig, ax = plot.figure("PyTorch's own first weights let the signal of a deep ReLU network fade", "layer", "typical size of the sums (log scale)")
ax.semilogy(range(1, 31), default, "o-", ms=4, color="C1")
ax.semilogy(range(1, 31), kaiming, "o-", ms=4, color="C0")
ax.text(14, default[14] / 300, "Linear's default", color="C1", ha="right")
ax.text(30, kaiming[-1] * 4, "kaiming_normal_", color="C0", ha="right")
ax.set_ylim(1e-13, 1e3)
plot.show(fig, alt="The typical size of the sums over thirty layers, on a log scale. With Kaiming weights the line stays level near one. With PyTorch's default "
                   "it falls steadily to less than ten to the minus ten.")

# %% [markdown]
r"""
So in deep networks without batch normalization, set the weights yourself: `torch.nn.init` has the recipes of unit 05.
"""

# %% [markdown]
r"""
## Data in batches

A `Dataset` knows how many examples there are and hands out one. A `DataLoader` puts them into
[mini-batches](../glossary.md#mini-batch), in a new order every epoch. Shuffling needs random numbers; a generator of
its own makes the order repeatable.
"""

# %%
dataset = TensorDataset(torch.from_numpy(digits.X_train), torch.from_numpy(digits.y_train))
loader = DataLoader(dataset, batch_size=64, shuffle=True, generator=torch.Generator().manual_seed(seed))
sizes = [len(y_batch) for _, y_batch in loader]
print(f"{len(dataset):,} examples in {len(loader)} batches; sizes {sizes[:3]} … {sizes[-2:]}")

# %% [markdown]
r"""
The last batch is smaller. Remember that for later.
"""

# %% [markdown]
r"""
## The training loop, written out

Five lines do the work, and they are the same in every PyTorch program. Note where the modes are switched: dropout
needs `train()` while learning, and `eval()` while being judged, as in [unit 07](../07_regularization/lesson.ipynb).
"""

# %%
X_val, y_val = torch.from_numpy(digits.X_val), torch.from_numpy(digits.y_val)


def fit_by_hand(net, loader, num_epochs, lr=0.001):
    optimizer = torch.optim.Adam(net.parameters(), lr=lr)
    history = {"train_loss": [], "val_accuracy": []}
    for _ in range(num_epochs):
        net.train()
        total = 0.0
        for X, y in loader:
            loss = torch.nn.functional.cross_entropy(net(X), y)
            optimizer.zero_grad()                          # forget the last batch's slopes
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)                  # a batch counts by its size
        net.eval()
        with torch.no_grad():
            right = (net(X_val).argmax(dim=1) == y_val).float().mean().item()
        history["train_loss"].append(total / len(loader.dataset))
        history["val_accuracy"].append(right)
    return history


# %%
torch.manual_seed(seed)
net = Net(p=0.2)
by_hand = fit_by_hand(net, loader, num_epochs=15)

# %% tags=["nbval-ignore-output"]
fig, (left, right) = plot.figure("Fifteen epochs of Adam with dropout", "epoch", ncols=2, size=(7.2, 3.1))
left.plot(range(1, 16), by_hand["train_loss"], "o-", ms=4)
left.set(ylabel="training loss", ylim=(0, None))
right.plot(range(1, 16), by_hand["val_accuracy"], "o-", ms=4, color="C1")
right.set(ylabel="validation accuracy", ylim=(0.7, 1))
plot.show(fig, alt="Left, the training loss falls over fifteen epochs, steeply at first, to near zero. Right, the validation accuracy climbs to over 90 percent within a few epochs and "
                   "then levels off.")

# %% [markdown]
r"""
### The same in one call

`introdl.train.fit` is this loop with what one forgets: the loss weighted by batch sizes, both modes, a validation
split, a progress bar, early stopping with the best weights, clipping, a schedule, a stop with a clear message when
the loss becomes NaN. It takes arrays or tensors and returns the history.
"""

# %% tags=["nbval-ignore-output"]
torch.manual_seed(seed)
net = Net(p=0.2)
history = train.fit(net, (digits.X_train, digits.y_train, digits.X_val, digits.y_val), num_epochs=40, batch_size=64, patience=5,
                    seed=seed)
best = int(np.argmin(history["val_loss"])) + 1
print(f"stopped after {len(history['val_loss'])} epochs, best epoch {best}: "
      f"validation accuracy {train.evaluate(net, digits.X_val, digits.y_val)['accuracy']:.1%}")

# %% [markdown]
r"""
The learning-rate finder of [unit 06](../06_optimizers/lesson.ipynb) is there, too. It works on a copy of the network.
"""

# %% tags=["nbval-ignore-output"]
torch.manual_seed(seed)
lrs, losses = train.find_lr(Net(), (digits.X_train, digits.y_train), high=1.0)
fig, ax = plot.figure("From about 0.001 to 0.01 the loss falls; beyond 0.1 it explodes", "learning rate (log scale)", "training loss, smoothed")
ax.semilogx(lrs, losses)
ax.axvspan(0.001, 0.01, color="0.92", zorder=0)
ax.set_ylim(0, 4)
plot.show(fig, alt="The smoothed training loss over the learning rate on a log scale. It stays level below 0.001, falls steeply between 0.001 and 0.01, "
                   "a grey band, and shoots up beyond 0.1.")

# %% [markdown]
r"""
## Training mode, evaluation mode

With dropout on, the network answers differently each time. Ask it 200 times about one digit, in both modes. Move the
slider through some digits of the validation set that it finds hard.
"""

# %%
net.eval()
with torch.no_grad():
    sure = torch.softmax(net(X_val), dim=1).max(dim=1).values
hard = sure.argsort()[:6].tolist()                         # the six digits that it is least sure of


def asked_often(index, times=200):
    torch.manual_seed(seed)
    net.train()
    with torch.no_grad():
        answers = torch.softmax(net(X_val[index].expand(times, -1)), dim=1)       # (200, 10)
        net.eval()
        return answers.numpy(), torch.softmax(net(X_val[index : index + 1]), dim=1)[0].numpy()


def mode_frame(place):
    answers, in_use = asked_often(hard[place - 1])
    label = int(y_val[hard[place - 1]])
    fig, (left, right) = plot.figure("With dropout on, every answer is another one", ncols=2, size=(7.2, 3.0))
    left.imshow(X_val[hard[place - 1]].reshape(28, 28), cmap="gray_r")
    left.set(xticks=[], yticks=[], title=f"label {label}")
    right.plot(np.arange(10) + np.random.default_rng(0).uniform(-0.25, 0.25, answers.shape), answers, ".", ms=2, color="C1", alpha=0.4)
    right.plot(range(10), in_use, "_", ms=18, mew=2, color="C0")
    right.set(xticks=range(10), xlabel="class", ylabel="probability", ylim=(-0.03, 1.03))
    return fig


plot.explore(mode_frame, range(1, 7), label="hard digit",
             alt="Left, a handwritten digit that is hard to read, with its label. Right, the probabilities of the ten classes: a cloud of 200 dots for "
                 "each class in training mode, spread widely for two or three classes, and a bar for the one answer in evaluation mode, inside the cloud.")

# %% [markdown]
r"""
A network in use must be in evaluation mode. PyTorch does not switch for you: a new module is in training mode.
"""

# %% [markdown]
r"""
## Saving and loading, safely

What is worth keeping is not the object but its numbers: `state_dict()` is a dictionary from names to tensors, running
statistics included. Save that; to load it, build the network by its class and fill it. (A file would do; here it is a
buffer in memory, which works the same.)
"""

# %%
file = io.BytesIO()                                        # in place of a path such as "digits.pt"
torch.save(net.state_dict(), file)
file.seek(0)
again = Net(p=0.2)
again.load_state_dict(torch.load(file, weights_only=True))
again.eval()
assert torch.equal(again(X_val), net(X_val))
print(f"{len(file.getvalue()):,} bytes; both networks give the same logits, bit for bit")

# %% [markdown]
r"""
Why `weights_only=True`? Python's way to save objects, `pickle`, writes down *calls* to make when loading, and they
may call anything. Whoever opens a stranger's file runs the stranger's code. Look:
"""

# %%
class Surprise:
    def __reduce__(self):                                  # what pickle is to call when it loads this
        return print, ("this line was printed by the file itself",)


pickle.loads(pickle.dumps(Surprise()))

# %% [markdown]
r"""
It could have deleted your files. With `weights_only=True`, PyTorch reads tensors and plain data and refuses the rest.
(It is the default since version 2.6. Write it anyway: it says what you mean.)
"""

# %%
file = io.BytesIO()
torch.save({"weights": torch.zeros(2), "extra": Surprise()}, file)
file.seek(0)
try:
    torch.load(file, weights_only=True)
except pickle.UnpicklingError as error:
    print("refused:", str(error).split(".")[0])

# %% [markdown]
r"""
## Devices

A tensor lives on a device: the processor ("cpu") or a graphics card ("cuda", or "mps" on a Mac). Both sides of an
operation must live on the same one. This course needs no graphics card, and these lines run with and without one:
"""

# %%
device = torch.device("cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu")
moved = copy.deepcopy(net).to(device)                      # parameters and buffers
logits = moved(X_val[:5].to(device)).cpu()                 # the inputs as well, and the result back
assert torch.allclose(logits, net(X_val[:5]), atol=1e-4)
print("equal on both devices; train.fit(…, device='auto') does the moving for you")

# %% [markdown]
r"""
## The same numbers again tomorrow

Random numbers come in at three places: first weights and dropout (`torch.manual_seed`), the order of the examples
(the loader's generator, or `seed=` of `train.fit`), and your own NumPy generators. Fix all of them, and a run
repeats:
"""

# %%
def short_run(seed):
    torch.manual_seed(seed)
    net = Net(p=0.2)
    return train.fit(net, (digits.X_train[:500], digits.y_train[:500]), num_epochs=2, seed=seed)["train_loss"]


assert short_run(seed) == short_run(seed) != short_run(seed + 1)
print("same seed: the same losses to the last bit; another seed: other losses")

# %% [markdown]
r"""
On *another* machine the last digits can still differ: other processors add up long sums in another order. Never
demand more than "equal to a few digits" across machines.
"""

# %% [markdown]
r"""
## From Keras to PyTorch

Many tutorials are written in Keras. This table maps what the course has taught so far. Every PyTorch entry is run in
the cells below it.

| Keras | PyTorch, and `introdl.train` |
|---|---|
| `Sequential([...])` | `torch.nn.Sequential(...)` |
| `Dense(64, activation="relu")` | `Linear(n_in, 64)`, then `ReLU()`; the number of inputs is named |
| `Dense(10, activation="softmax")` | `Linear(64, 10)` alone: `cross_entropy` wants logits |
| `Dropout(0.2)`, `BatchNormalization()` | `Dropout(0.2)`, `BatchNorm1d(64)` |
| `kernel_initializer="he_normal"` | `init.kaiming_normal_(layer.weight, nonlinearity="relu")` |
| `kernel_regularizer=l2(0.01)` | a penalty of `0.01 * (W**2).sum()` added to the loss; `AdamW(weight_decay=...)` decays weights instead |
| `compile(optimizer=Adam(0.001), loss=...)` | `torch.optim.Adam(net.parameters(), lr=0.001)` and a loss function |
| `SGD(0.1, momentum=0.9, nesterov=True)` | `torch.optim.SGD(..., lr=0.1, momentum=0.9, nesterov=True)` |
| `SGD(clipnorm=1.0)` (each array by itself), `global_clipnorm=1.0` | `clip_grad_norm_(net.parameters(), 1.0)` (all together), `max_norm=1.0` of `fit` |
| `fit(X, y, epochs=5, batch_size=64, validation_split=0.1)` | `train.fit(net, (X, y), num_epochs=5, batch_size=64, validation_fraction=0.1)` |
| `EarlyStopping(patience=5, restore_best_weights=True)` | `patience=5` |
| `LearningRateScheduler(...)`, `ReduceLROnPlateau()` | `torch.optim.lr_scheduler.…` |
| `evaluate(X, y)`, `predict(X)` | `train.evaluate(net, X, y)`; `net.eval()`, then `softmax(net(X), dim=1)` |
| `model.summary()` | `print(net)`, `sum(p.numel() for p in net.parameters())` |
| `save_weights(path)`, `load_weights(path)` | `torch.save(net.state_dict(), path)`, `load_state_dict(torch.load(path, weights_only=True))` |

One difference hides in the fourth row: Keras' `momentum` of batch normalization is the share that is *kept* (0.99),
PyTorch's the share that is *new* (0.1).
"""

# %% tags=["nbval-ignore-output"]
torch.manual_seed(seed)
keras_like = torch.nn.Sequential(
    torch.nn.Linear(784, 64), torch.nn.BatchNorm1d(64, momentum=0.01), torch.nn.ReLU(), torch.nn.Dropout(0.2), torch.nn.Linear(64, 10)
)
torch.nn.init.kaiming_normal_(keras_like[0].weight, nonlinearity="relu")
optimizer = torch.optim.SGD(keras_like.parameters(), lr=0.1, momentum=0.9, nesterov=True)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=5 * 50)
history = train.fit(keras_like, (digits.X_train, digits.y_train), num_epochs=5, batch_size=64, validation_fraction=0.1, optimizer=optimizer,
                    scheduler=scheduler, max_norm=1.0, patience=5, seed=seed)
print(keras_like)
print(f"{sum(p.numel() for p in keras_like.parameters()):,} parameters;", train.evaluate(keras_like, digits.X_val, digits.y_val))

# %%
def penalized(logits, y):
    return torch.nn.functional.cross_entropy(logits, y) + 0.01 * keras_like[0].weight.square().sum()


keras_like.eval()
with torch.no_grad():
    value, plain = (loss(keras_like(X_val), y_val).item() for loss in (penalized, torch.nn.functional.cross_entropy))
    assert math.isclose(value - plain, 0.01 * (keras_like[0].weight ** 2).sum().item(), rel_tol=1e-3)
decayed = torch.optim.AdamW(keras_like.parameters(), lr=0.001, weight_decay=0.01)
plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(decayed, factor=0.5, patience=0)
for val_loss in (1.0, 1.0, 1.0):                           # no progress: the rate is halved twice
    plateau.step(val_loss)
assert decayed.param_groups[0]["lr"] == 0.00025
assert torch.allclose(torch.softmax(keras_like(X_val[:3]), dim=1).sum(dim=1), torch.ones(3))
print("penalty, decay, plateau and probabilities as in the table")

# %% [markdown]
r"""
## The headline

The network of this course, 128 and 64 hidden units, with dropout of 0.2. On the validation set, thirty epochs of a
one-cycle schedule up to 0.005, inside the grey band above, did better than early stopping at a constant rate.
"""

# %% tags=["nbval-ignore-output"]
torch.manual_seed(seed)
final = Net(p=0.2)
optimizer = torch.optim.Adam(final.parameters(), lr=0.005)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.005, total_steps=30 * 55)
train.fit(final, digits, num_epochs=30, batch_size=64, optimizer=optimizer, scheduler=scheduler, seed=seed)
print(f"validation accuracy {train.evaluate(final, digits.X_val, digits.y_val)['accuracy']:.1%}")

# %% [markdown]
r"""
Every choice was made on the validation set; now the test set, once.
"""

# %% tags=["nbval-ignore-output"]
found = train.evaluate(final, digits.X_test, digits.y_test)
correct = round(1000 * found["accuracy"])
metrics.headline("test accuracy of 128-64 with dropout 0.2 in PyTorch", found["accuracy"], 0.94,
                 interval=metrics.wilson_interval(correct, 1000))

# %% [markdown]
r"""
## What goes wrong

None of these five mistakes raises an error.

**No `zero_grad`.** Slopes of all batches so far add up, and the steps grow longer and longer in directions that are
long out of date.
"""

# %% tags=["nbval-ignore-output"]
def losses_of_five_epochs(forget=False, twice=False):
    torch.manual_seed(seed)
    net = Net()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    order, means = np.random.default_rng(seed), []
    for _ in range(5):
        total = 0.0
        for X, y in train.minibatches(digits.X_train, digits.y_train, 64, order):
            outputs = net(torch.from_numpy(X))
            outputs = torch.softmax(outputs, dim=1) if twice else outputs
            loss = torch.nn.functional.cross_entropy(outputs, torch.from_numpy(y))
            if not forget:
                optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y)
        means.append(total / len(digits.y_train))
    return means


runs = {"right": losses_of_five_epochs(), "no zero_grad": losses_of_five_epochs(forget=True),
        "softmax twice": losses_of_five_epochs(twice=True)}
for name, losses in runs.items():
    print(f"{name:14} training loss by epoch", " ".join(f"{loss:.2f}" for loss in losses))

# %% [markdown]
r"""
**Softmax before the loss.** `cross_entropy` applies the softmax itself. Given probabilities, it takes them for logits
between 0 and 1, and even a perfect answer costs
"""

# %%
perfect = torch.nn.functional.one_hot(torch.tensor([3]), 10).float()           # all probability on the right class
print(f"{torch.nn.functional.cross_entropy(perfect, torch.tensor([3])).item():.2f}, the loss can never fall below that")

# %% [markdown]
r"""
**`eval()` forgotten.** You saw the cloud of answers. With batch normalization it is worse: the answer depends on who
else is asking, as in [unit 07](../07_regularization/lesson.ipynb).

**`.item()` forgotten.** `total += loss` adds up tensors, not numbers, and each remembers the graph of its batch.
Nothing can be thrown away until the sum is:
"""

# %%
kept, plain = 0.0, 0.0
for X, y in list(loader)[:3]:
    loss = torch.nn.functional.cross_entropy(net(X), y)
    kept, plain = kept + loss, plain + loss.item()
print(f"without item: a {type(kept).__name__} that still knows its graph ({kept.grad_fn.name()}); with item: a {type(plain).__name__}")

# %% [markdown]
r"""
**Batches of unequal size averaged.** The last batch had 44 digits. The mean of the batches' means gives these 44 more
weight than others. Here it is exaggerated by batches of 1,000:
"""

# %% tags=["nbval-ignore-output"]
net.eval()
with torch.no_grad():
    per_digit = torch.nn.functional.cross_entropy(net(torch.from_numpy(digits.X_train)), torch.from_numpy(digits.y_train), reduction="none")
per_digit = per_digit.sort(descending=True).values         # the worst ones come last in the next line
means = [part.mean().item() for part in per_digit.flip(0).split(1000)]
print(f"mean of {len(means)} batch means {np.mean(means):.4f}, mean over all digits {per_digit.mean().item():.4f}")

# %% [markdown]
r"""
## Summary

- A tensor is an array that can remember how it was made. float32 is the default; `from_numpy` shares memory.
- `backward()` adds to `.grad`: `zero_grad`, `backward`, `step`. Outside training: `eval()` and `no_grad`.
- A module registers its layers in `__init__`; `Linear` stores (outputs, inputs). It ends with logits.
- With the same weights, PyTorch's gradients are yours, to rounding.
- Save the `state_dict`, load with `weights_only=True`: other files can run code.

## Three quick questions

**1.** `net.parameters()` of a friend's module is empty, although its `forward` works. In `__init__` she wrote
`self.layers = [Linear(784, 64), Linear(64, 10)]`. Why does nothing train?

<details>
<summary>Answer</summary>

A module registers what is a parameter or a module. A Python list is neither, so the layers in it are not found, the
optimizer gets no parameters, and `state_dict` is empty. Use `torch.nn.ModuleList` or `torch.nn.Sequential`.

</details>

**2.** A tensor `t` of shape (64, 1, 28, 28) is to enter `Linear(784, 128)`. Which of `t.reshape(64, 784)`,
`t.permute(0, 3, 2, 1).reshape(64, 784)` and `t.reshape(784, 64).T` give the pixels of each digit in the usual order?

<details>
<summary>Answer</summary>

Only the first. `reshape` keeps the order of the entries. The second reads each picture column by column, which is
another order (a network could learn it, but not with weights from the first). The third mixes pixels of different
digits, with the right shape.

</details>

**3.** You load a `state_dict` into your network and predict. Each run gives slightly other probabilities. What did
you forget?

<details>
<summary>Answer</summary>

`net.eval()`. The network is in training mode, so dropout is on. The modes are not part of the `state_dict`.

</details>

Now write it yourself: [the exercises](exercises.ipynb).
"""
