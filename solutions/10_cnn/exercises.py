# %% [markdown]
r"""
# Exercises 10 · Train a network that sees

You follow shapes and weights through a convolutional network, write one as a module, train it until it reads 97 % of
new digits, look at its feature maps, and count its errors.

- Write your answer where it says `YOUR CODE HERE`, run that cell, then run the check below it.
- A check says what is wrong and why. It knows the usual mistakes by name.
- Stuck? Add a cell and run `check.hint("SmallCNN")` (or another task's name). Hints open one at a time.

The [lesson](lesson.ipynb) has all you need. Images have the shape `(N, C, H, W)`.
"""

# %%
import numpy as np
import torch

from introdl.checks import cnn as check

# %% [markdown] prompt="to_batch" title="Photographs for a network" minutes=6 difficulty=1
r"""
Image files have bytes with the channels last. Return photographs as a network wants them.

- in: `photos` of shape `(N, H, W, 3)`, bytes (`uint8`) from 0 to 255
- out: an array of shape `(N, 3, H, W)`, `float32`, from 0 to 1
"""

# %% task="to_batch"
def to_batch(photos: np.ndarray) -> np.ndarray:
    """Return photographs (N, H, W, 3) uint8 as (N, 3, H, W) float32 between 0 and 1."""
    ### BEGIN SOLUTION
    return photos.transpose(0, 3, 1, 2).astype(np.float32) / 255
    ### END SOLUTION

# %% checks="to_batch" points=1
check.to_batch(to_batch)

# %% [markdown] prompt="layer_shapes" title="Follow the shapes" minutes=12 difficulty=2
r"""
Return the shape of one example behind each layer of a network.

- in: `layers`, a list of tuples, in order; `shape`, the input's `(C, H, W)` - `("conv", c_out, k, padding)`: kernels
  of k×k, stride 1 - `("pool", k)`: windows of k×k side by side; a remainder is dropped - `("flatten",)` - `("dense",
  n_out)`
- out: a list of tuples, `(C, H, W)` or, from flatten on, `(D,)`

`[("conv", 6, 5, 0), ("pool", 2)]` on `(1, 28, 28)` gives `[(6, 24, 24), (6, 12, 12)]`.
"""

# %% task="layer_shapes"
def layer_shapes(layers: list[tuple], shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Return the shape of one example behind each layer. shape: (C, H, W) of the input."""
    ### BEGIN SOLUTION
    shapes = []
    for kind, *numbers in layers:
        if kind == "conv":
            c_out, k, padding = numbers
            shape = (c_out, *(side + 2 * padding - k + 1 for side in shape[1:]))
        elif kind == "pool":
            shape = (shape[0], *(side // numbers[0] for side in shape[1:]))
        elif kind == "flatten":
            shape = (int(np.prod(shape)),)
        else:
            shape = (numbers[0],)
        shapes.append(shape)
    return shapes
    ### END SOLUTION

# %% checks="layer_shapes" points=2
check.layer_shapes(layer_shapes)

# %% [markdown] prompt="layer_parameters" title="Count its weights" minutes=8 difficulty=2
r"""
Return the number of parameters of each layer, for the same lists of layers as above. Convolutions and dense layers
have a bias. Your answer to the task before gives the shapes.

- in: `layers` and `shape` as before
- out: a list of whole numbers, 0 for pooling and flatten
"""

# %% task="layer_parameters"
def layer_parameters(layers: list[tuple], shape: tuple[int, ...]) -> list[int]:
    """Return the number of learned parameters of each layer."""
    ### BEGIN SOLUTION
    counts = []
    for (kind, *numbers), before in zip(layers, [shape, *layer_shapes(layers, shape)]):
        if kind == "conv":
            counts.append(numbers[0] * (before[0] * numbers[1] ** 2 + 1))
        elif kind == "dense":
            counts.append(numbers[0] * (before[0] + 1))
        else:
            counts.append(0)
    return counts
    ### END SOLUTION

# %% checks="layer_parameters" points=2
check.layer_parameters(layer_parameters)

# %% [markdown] prompt="SmallCNN" title="Write the network" minutes=15 difficulty=2
r"""
Write a convolutional network as a module: convolution to 8 channels, ReLU, max pooling by 2; convolution to 16
channels, ReLU, max pooling by 2; flatten; a dense layer to logits. Kernels are 3×3 with a padding of 1. Call the
layers with weights `conv1`, `conv2` and `out`.

- `SmallCNN(c_in, side, n_out)` makes it for images of `side` × `side` pixels with `c_in` channels; `side` is a
  multiple of 4
- `forward(X)` takes a tensor `(N, c_in, side, side)` and returns logits `(N, n_out)`

The method `probe` is given and is there for the check: it lists the parameters, fills them with given values, and
calls the module.
"""

# %% task="SmallCNN"
class SmallCNN(torch.nn.Module):
    """Two convolutions with ReLU and pooling, then a dense layer: logits."""

    def __init__(self, c_in: int, side: int, n_out: int):
        super().__init__()
        ### BEGIN SOLUTION
        self.conv1 = torch.nn.Conv2d(c_in, 8, kernel_size=3, padding=1)
        self.conv2 = torch.nn.Conv2d(8, 16, kernel_size=3, padding=1)
        self.out = torch.nn.Linear(16 * (side // 4) ** 2, n_out)
        ### END SOLUTION

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Return logits (N, n_out) for X (N, c_in, side, side)."""
        ### BEGIN SOLUTION
        X = torch.nn.functional.max_pool2d(torch.relu(self.conv1(X)), 2)
        X = torch.nn.functional.max_pool2d(torch.relu(self.conv2(X)), 2)
        return self.out(X.flatten(1))
        ### END SOLUTION

    def probe(self, values: np.ndarray, X: np.ndarray) -> tuple[list[str], np.ndarray]:
        """Given: names and shapes of the parameters, and the outputs for X once each array is filled from `values`."""
        names = []
        with torch.no_grad():
            for name, p in self.named_parameters():
                names.append(f"{name} {tuple(p.shape)}")
                p.copy_(torch.tensor(np.resize(values, p.shape)))
            return names, self(torch.tensor(X, dtype=torch.float32)).numpy()

# %% checks="SmallCNN" points=3
check.SmallCNN(SmallCNN)

# %% [markdown] prompt="read_digits" title="Train it to 97 %" minutes=20 difficulty=3
r"""
Train a network on small digits of 8×8 pixels, and return what it takes new digits for. At least 97 % of them must be
right. How you do it is up to you: your `SmallCNN(1, 8, 10)` and a few seconds of training are enough.

- in: `X` of shape `(N, 1, 8, 8)`, `float32`, from 0 to 1; `y` of shape `(N,)`, labels from 0 to 9; `X_new`, digits
  whose labels you do not get
- out: an array of shape `(len(X_new),)`, a label for each

Begin with `torch.manual_seed(0)`, so that each run gives the same. To choose how long and how fast, set some of the
examples aside as validation data. `introdl.train` is not available here: write the loop yourself, as in unit 08.
"""

# %% task="read_digits"
def read_digits(X: np.ndarray, y: np.ndarray, X_new: np.ndarray) -> np.ndarray:
    """Train on X, y; return the predicted labels of X_new.

    X: (N, 1, 8, 8) float32. y: (N,) int64. X_new: (M, 1, 8, 8) float32.
    """
    ### BEGIN SOLUTION
    torch.manual_seed(0)
    net = SmallCNN(1, 8, 10)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    images, labels = torch.tensor(X), torch.tensor(y)
    for _ in range(20):
        for batch in torch.randperm(len(images)).split(32):
            loss = torch.nn.functional.cross_entropy(net(images[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        return net(torch.tensor(X_new)).argmax(dim=1).numpy()
    ### END SOLUTION

# %% checks="read_digits" points=4
check.read_digits(read_digits)

# %% [markdown] prompt="feature_maps" title="Look inside" minutes=12 difficulty=2
r"""
Return the feature maps of a batch behind each convolution, *after* the ReLU and *before* the pooling. The network is:
convolution (kernels of 3×3, padding 1), ReLU, max pooling by 2, and that again for each pair of weights. You may use
`torch.nn.functional`.

- in: `X` of shape `(N, C, H, W)`, an array; `weights`, a list of pairs `(W, b)` of arrays, `W` of shape `(C_out,
  C_in, 3, 3)`, `b` of shape `(C_out,)`
- out: a list of arrays, one for each convolution, of shape `(N, C_out, …, …)`
"""

# %% task="feature_maps"
def feature_maps(X: np.ndarray, weights: list[tuple[np.ndarray, np.ndarray]]) -> list[np.ndarray]:
    """Return the maps after each ReLU of a network of convolutions, ReLUs and poolings."""
    ### BEGIN SOLUTION
    X, found = torch.tensor(X), []
    for W, b in weights:
        maps = torch.relu(torch.nn.functional.conv2d(X, torch.tensor(W), torch.tensor(b), padding=1))
        found.append(maps.numpy())
        X = torch.nn.functional.max_pool2d(maps, 2)
    return found
    ### END SOLUTION

# %% checks="feature_maps" points=2
check.feature_maps(feature_maps)

# %% [markdown] prompt="confusion_matrix" title="What was taken for what?" minutes=8 difficulty=1
r"""
Count errors by kind.

- in: `y`, labels, and `y_hat`, predictions, both of shape `(N,)`; `num_classes`
- out: an array of whole numbers, `(num_classes, num_classes)`. Row `i`, column `j` counts the examples with label `i`
  that were taken for `j`.
"""

# %% task="confusion_matrix"
def confusion_matrix(y: np.ndarray, y_hat: np.ndarray, num_classes: int) -> np.ndarray:
    """Return the counts (num_classes, num_classes): row label, column prediction."""
    ### BEGIN SOLUTION
    counts = np.zeros((num_classes, num_classes), int)
    for label, prediction in zip(y, y_hat):
        counts[label, prediction] += 1
    return counts
    ### END SOLUTION

# %% checks="confusion_matrix" points=2
check.confusion_matrix(confusion_matrix)

# %% [markdown] prompt="best_epoch" title="Which epoch was best?" minutes=8 difficulty=2
r"""
After each epoch, somebody has noted the network's logits for all training examples and for all validation examples.
Say which epoch to keep, and how good the network was then.

- in: `train_logits` of shape `(E, N, C)`, `y_train` of shape `(N,)`, `val_logits` of shape `(E, M, C)`, `y_val` of
  shape `(M,)`
- out: a pair: the number of the epoch with the highest accuracy (counted from 0; the earliest one if several tie),
  and this accuracy, from 0 to 1

The figure must be an honest one: it should say how the network does on digits that it has not learned from.
"""

# %% task="best_epoch"
def best_epoch(train_logits: np.ndarray, y_train: np.ndarray, val_logits: np.ndarray, y_val: np.ndarray) -> tuple[int, float]:
    """Return (epoch, accuracy): the epoch to keep, and its accuracy on examples that were not learned from."""
    ### BEGIN SOLUTION
    accuracies = (val_logits.argmax(axis=2) == y_val).mean(axis=1)  # (E,)
    epoch = int(accuracies.argmax())
    return epoch, float(accuracies[epoch])
    ### END SOLUTION

# %% checks="best_epoch" points=2
check.best_epoch(best_epoch)

# %% [markdown] prompt="corner" title="Explain in words" minutes=6 difficulty=2
r"""
A network tells from X-ray pictures whether a patient has pneumonia. It is right for 97 % of the test pictures, which
come from the same two hospitals as the training pictures. Its saliency maps are brightest in one corner, where each
hospital stamps its name. What has it probably learned? Why did the test not show it? How would you find out, and what
would you do? Four or five sentences are enough. When you have written and saved your answer,
`check.model_answer("corner")` shows one to compare with.
"""

# %% [markdown] answer="corner" points=2
r"""
It has probably learned to tell the hospitals apart. If one of them treats many more cases of pneumonia, its stamp
says a lot about the answer, and the stamp is easier to see than the disease. The test pictures have the same stamps,
so the short cut works on them, too: a test from the same source cannot show it. To find out, I would cover the corner
(occlusion) and see whether the answers change, exchange the stamps, and above all test on pictures from a third
hospital. Then I would remove the stamps from all pictures, balance the classes within each hospital, train again, and
keep whole hospitals for the test.

**What to look for:** a short cut (the stamp, so the hospital) in place of the disease; test data from the same source
share it; an experiment that would show it (cover or exchange the stamp, another hospital); a remedy in the data.
"""
