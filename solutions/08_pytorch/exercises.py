# %% [markdown]
r"""
# Exercises 08 · Say the same in PyTorch

You turn pictures into tensors, let autograd work out a gradient, write a module and a training loop, hunt bugs in a
network that is already trained, and read a file of weights without running a stranger's code.

- Write your answer where it says `YOUR CODE HERE`, run that cell, then run the check below it.
- A check says what is wrong and why. It knows the usual mistakes by name.
- Stuck? Add a cell and run `check.hint("train")` (or another task's name). Hints open one at a time.

The [lesson](lesson.ipynb) has all you need. `introdl.nn` and `introdl.train` are put away: here you write it in
PyTorch itself.
"""

# %%
import io

import numpy as np
import torch

from introdl.checks import pytorch as check

# %% [markdown] prompt="to_images" title="From bytes to tensors" minutes=6 difficulty=1
r"""
Pictures often come as whole numbers from 0 to 255, one row of pixels a picture. A convolution (unit 09) wants them as
float32 tensors from 0 to 1 with four axes: example, channel, row, column. Grey pictures have one channel.

- in: `pixels`, a NumPy array of dtype uint8 and shape `(N, height * width)`, row by row; `height` and `width`, whole
  numbers
- out: a float32 tensor of shape `(N, 1, height, width)`, each pixel divided by 255

With `pixels = [[0, 51, 102, 255]]`, `height = 2` and `width = 2` the result is `[[[[0, 0.2], [0.4, 1]]]]`.
"""

# %% task="to_images"
def to_images(pixels: np.ndarray, height: int, width: int) -> torch.Tensor:
    """Return pictures as a float32 tensor (N, 1, height, width) from 0 to 1.

    pixels: (N, height * width) uint8, row by row.
    """
    ### BEGIN SOLUTION
    return torch.from_numpy(pixels).float().reshape(-1, 1, height, width) / 255
    ### END SOLUTION

# %% checks="to_images" points=2
check.to_images(to_images)

# %% [markdown] prompt="gradient" title="Let autograd do it" minutes=8 difficulty=2
r"""
For the model `X @ w` and the loss mean of `(X @ w - t)**2`, return the loss and its gradient with respect to `w`. Do
not derive anything by hand.

- in: `X` of shape `(N, D)`, `t` of shape `(N,)` and `w` of shape `(D,)`: NumPy arrays, float64
- out: the loss, a plain number, and the gradient, a NumPy array of shape `(D,)`. The function may be called again and
  again, and must leave its inputs as they are.

With `X = [[1, 2]]`, `t = [1]` and `w = [1, 1]` the loss is 4 and the gradient is `[4, 8]`.
"""

# %% task="gradient"
def gradient(X: np.ndarray, t: np.ndarray, w: np.ndarray) -> tuple[float, np.ndarray]:
    """Return (loss, gradient for w) of the mean squared error of X @ w.

    X: (N, D). t: (N,). w: (D,). All float64.
    """
    ### BEGIN SOLUTION
    weights = torch.tensor(w, requires_grad=True)
    loss = ((torch.tensor(X) @ weights - torch.tensor(t)) ** 2).mean()
    loss.backward()
    return loss.item(), weights.grad.numpy()
    ### END SOLUTION

# %% checks="gradient" points=2
check.gradient(gradient)

# %% [markdown] prompt="TwoLayers" title="Write a module" minutes=10 difficulty=2
r"""
Write a network with one hidden layer: `Linear(n_in, n_hidden)`, ReLU, `Linear(n_hidden, n_out)`. It puts out logits.
Call the two layers `hidden` and `out`.

- `TwoLayers(n_in, n_hidden, n_out)` makes it
- `forward(X)` takes a tensor `(N, n_in)` and returns one of shape `(N, n_out)`

The method `probe` is given and is there for the check: it lists the parameters that the module knows, fills them with
given values, and calls the module.
"""

# %% task="TwoLayers"
class TwoLayers(torch.nn.Module):
    """A dense layer, ReLU, a dense layer: logits."""

    def __init__(self, n_in: int, n_hidden: int, n_out: int):
        super().__init__()
        ### BEGIN SOLUTION
        self.hidden = torch.nn.Linear(n_in, n_hidden)
        self.out = torch.nn.Linear(n_hidden, n_out)
        ### END SOLUTION

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Return logits (N, n_out) for X (N, n_in)."""
        ### BEGIN SOLUTION
        return self.out(torch.relu(self.hidden(X)))
        ### END SOLUTION

    def probe(self, values: np.ndarray, X: np.ndarray) -> tuple[list[str], np.ndarray]:
        """Given: names and shapes of the parameters, and the outputs for X once these hold `values`, one after the other."""
        names, place = [], 0
        with torch.no_grad():
            for name, p in self.named_parameters():
                names.append(f"{name} {tuple(p.shape)}")
                p.copy_(torch.tensor(values[place : place + p.numel()]).reshape(p.shape))
                place += p.numel()
            return names, self(torch.tensor(X, dtype=torch.float32)).numpy()

# %% checks="TwoLayers" points=2
check.TwoLayers(TwoLayers)

# %% [markdown] prompt="train" title="Write the training loop" minutes=15 difficulty=3
r"""
Train a single linear layer as a classifier. In each epoch go through the examples in mini-batches, *in the order in
which they come* (no shuffling), `batch_size` at a time; the last batch may be smaller. For each batch take one step
of plain gradient descent on the mean cross-entropy of the batch. Use `torch.nn.Linear` (or your own tensors),
`torch.nn.functional.cross_entropy` and `torch.optim.SGD`.

The loss of an epoch is the mean over all its *examples*, each at the time of its batch.

- in: `X` `(N, D)` float32 and labels `y` `(N,)` int64, NumPy arrays; first weights `W` `(C, D)` and biases `b`
  `(C,)`, float32 (as in `Linear`: outputs first); `lr`; `num_epochs`; `batch_size`
- out: a list with the loss of each epoch, plain numbers; the weights and the biases after training, NumPy arrays.
  Leave the given arrays as they are.
"""

# %% task="train"
def train(X: np.ndarray, y: np.ndarray, W: np.ndarray, b: np.ndarray, lr: float, num_epochs: int,
          batch_size: int) -> tuple[list[float], np.ndarray, np.ndarray]:
    """Return (loss of each epoch, weights, biases) of a linear classifier trained by SGD.

    X: (N, D) float32. y: (N,) int64. W: (C, D) float32. b: (C,) float32.
    """
    ### BEGIN SOLUTION
    net = torch.nn.Linear(X.shape[1], len(b))
    net.load_state_dict({"weight": torch.tensor(W), "bias": torch.tensor(b)})
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    examples, labels, losses = torch.tensor(X), torch.tensor(y), []
    for _ in range(num_epochs):
        total = 0.0
        for X_batch, y_batch in zip(examples.split(batch_size), labels.split(batch_size), strict=True):
            loss = torch.nn.functional.cross_entropy(net(X_batch), y_batch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(y_batch)
        losses.append(total / len(y))
    return losses, net.weight.detach().numpy(), net.bias.detach().numpy()
    ### END SOLUTION

# %% checks="train" points=3
check.train(train)

# %% [markdown] prompt="probabilities" title="Three bugs in a trained network" minutes=12 difficulty=2
r"""
A colleague has trained a network and saved its weights. Her function loads them and returns probabilities, in batches
of four. It runs without an error, but the same picture gets another probability when it is asked for in other
company; the rows do not add up to 1; and the last pictures of a long list are missing. Find the three bugs.

- in: `state`, a dictionary from names to NumPy arrays: the saved `state_dict` of `make_net(D, C)`; `X` of shape `(N,
  D)`, float32
- out: a NumPy array `(N, C)`: the probabilities of the classes, each row adding up to 1

`make_net` and her code, `with_bugs`, are given. Write a version without the bugs.
"""

# %% task="probabilities"
def make_net(D: int, C: int) -> torch.nn.Module:
    """Given: the network, untrained."""
    return torch.nn.Sequential(torch.nn.Linear(D, 6), torch.nn.BatchNorm1d(6), torch.nn.ReLU(), torch.nn.Linear(6, C))


def with_bugs(state: dict[str, np.ndarray], X: np.ndarray) -> np.ndarray:
    """Given: your colleague's version."""
    net = make_net(X.shape[1], len(state["3.bias"]))
    net.load_state_dict({name: torch.tensor(array) for name, array in state.items()})
    rows = []
    for place in range(len(X) // 4):
        batch = torch.tensor(X[4 * place : 4 * place + 4])
        rows.append(torch.softmax(net(batch), dim=0).detach().numpy())
    return np.concatenate(rows)


def probabilities(state: dict[str, np.ndarray], X: np.ndarray) -> np.ndarray:
    """Return the probabilities (N, C) that the trained network gives.

    state: names to arrays, as in the network's state_dict. X: (N, D) float32.
    """
    ### BEGIN SOLUTION
    net = make_net(X.shape[1], len(state["3.bias"]))
    net.load_state_dict({name: torch.tensor(array) for name, array in state.items()})
    net.eval()
    with torch.no_grad():
        batches = [torch.softmax(net(batch), dim=1) for batch in torch.tensor(X).split(4)]
    return torch.cat(batches).numpy()
    ### END SOLUTION

# %% checks="probabilities" points=2
check.probabilities(probabilities)

# %% [markdown] prompt="load_weights" title="Open a stranger's file" minutes=8 difficulty=2
r"""
Somebody sends you a file of weights. Read it, but never run what is in it.

- in: `content`, the bytes of a file that was written by `torch.save` (`io.BytesIO(content)` makes of them what
  `torch.load` can read)
- out: the dictionary in it, from names to tensors, as it was saved. If the file holds anything but a dictionary of
  tensors, raise `ValueError`, whatever `torch.load` itself does.
"""

# %% task="load_weights"
def load_weights(content: bytes) -> dict[str, torch.Tensor]:
    """Return the saved dictionary from names to tensors; raise ValueError for anything else.

    content: a file's bytes, written by torch.save.
    """
    ### BEGIN SOLUTION
    try:
        state = torch.load(io.BytesIO(content), weights_only=True)
    except Exception as error:
        raise ValueError("this is no file of weights") from error
    if not isinstance(state, dict) or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise ValueError("this file holds more than tensors")
    return state
    ### END SOLUTION

# %% checks="load_weights" points=2
check.load_weights(load_weights)

# %% [markdown] prompt="why_zero" title="Explain in words" minutes=5 difficulty=2
r"""
A friend asks: "If `backward()` has to be followed by `zero_grad()` every single time, why doesn't PyTorch overwrite
the old slopes?" Give her a reason from *inside* a single backward pass, and a use of adding up *across* several
calls. Three or four sentences are enough. When you have written and saved your answer,
`check.model_answer("why_zero")` shows one to compare with.
"""

# %% [markdown] answer="why_zero" points=2
r"""
Within one backward pass a number that is used at two places gets a slope from each of them, and the chain rule says
that they add up; overwriting would lose one. (Unit 03's scalar autograd had to add for the same reason.) Across
calls, adding up is useful where a batch does not fit into memory: call `backward()` on several small parts, each loss
divided by the number of parts, and take one step with the sum, which is the gradient of the large batch. So adding is
the general rule, and saying where a new sum begins is left to the program.

**What to look for:** a value used more than once gets several slopes, which must be added; gradient accumulation over
parts of a batch (or several losses for the same weights) as a use across calls.
"""
