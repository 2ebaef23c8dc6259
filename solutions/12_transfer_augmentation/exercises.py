# %% [markdown]
r"""
# Exercises 12 · Borrow eyes, stretch data

You average feature maps, write a head and a network with a frozen body, move and turn images, decide which changes
tell the truth, and teach a network with 200 digits to read what it has never seen: digits that do not stand in the
middle.

- Write your answer where it says `YOUR CODE HERE`, run that cell, then run the check below it.
- A check says what is wrong and why. It knows the usual mistakes by name.
- Stuck? Add a cell and run `check.hint("rotate")` (or another task's name). Hints open one at a time.

The [lesson](lesson.ipynb) has all you need. You write the changes yourself: `introdl.augment` may not be used here.
"""

# %%
import numpy as np
import torch

from introdl.checks import transfer_augmentation as check

# %% [markdown] prompt="pooled_features" title="One row of features a picture" minutes=6 difficulty=1
r"""
A frozen network has given the maps behind several blocks. Average each map over the picture, and put the averages of
all blocks side by side.

- in: `maps`, a list of arrays; the array of block $b$ has the shape `(N, C_b, H_b, W_b)`
- out: an array of shape `(N, C_1 + C_2 + …)`, in the order of the list
"""

# %% task="pooled_features"
def pooled_features(maps: list[np.ndarray]) -> np.ndarray:
    """Return the mean of each map, (N, sum of channels). maps: arrays (N, C, H, W), one for each block."""
    ### BEGIN SOLUTION
    return np.concatenate([some.mean(axis=(2, 3)) for some in maps], axis=1)
    ### END SOLUTION

# %% checks="pooled_features" points=1
check.pooled_features(pooled_features)

# %% [markdown] prompt="Head" title="A new head" minutes=8 difficulty=1
r"""
Write the head that turns features into logits: a dense layer called `hidden` with `width` outputs, ReLU, dropout of
one half, a dense layer called `out`.

- `Head(n_features, n_out, width)` makes it
- `forward(F)` takes features `(N, n_features)` and returns logits `(N, n_out)`

The method `probe` is given and is there for the check: it fills the parameters with given values, calls the module in
evaluation mode, then looks in training mode at how many inputs of `out` are zero.
"""

# %% task="Head"
class Head(torch.nn.Module):
    """A dense layer, ReLU, dropout, a dense layer: logits."""

    def __init__(self, n_features: int, n_out: int, width: int = 256):
        super().__init__()
        ### BEGIN SOLUTION
        self.hidden = torch.nn.Linear(n_features, width)
        self.dropout = torch.nn.Dropout(0.5)
        self.out = torch.nn.Linear(width, n_out)
        ### END SOLUTION

    def forward(self, F: torch.Tensor) -> torch.Tensor:
        """Return logits (N, n_out) for features F (N, n_features)."""
        ### BEGIN SOLUTION
        return self.out(self.dropout(torch.relu(self.hidden(F))))
        ### END SOLUTION

    def probe(self, values: np.ndarray, F: np.ndarray) -> tuple[list[str], np.ndarray, float]:
        """Given: names and shapes of the parameters, outputs for F once they are filled, and the share dropped."""
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

# %% checks="Head" points=2
check.Head(Head)

# %% [markdown] prompt="Borrowed" title="Freeze the body" minutes=15 difficulty=3
r"""
`make_body` below stands for a network that somebody has trained: a convolution, batch normalization, ReLU. Write a
network that uses it *frozen*, with a new dense layer on top.

- `Borrowed(c_body, n_out)` makes `self.body` (given) and a dense layer `self.head` from `c_body` features to `n_out`
  logits. No parameter of the body may learn.
- `forward(X)` takes pictures `(N, 3, H, W)`: body, global average pooling, head; it returns logits `(N, n_out)`.
- `train(mode)` is what `net.train()` calls. It must put the head into the mode that is asked for, and leave the body
  in evaluation mode, so that its running statistics stay what they are. It returns `self`.

The method `probe` is given and is there for the check: it fills all parameters, makes a step of training, and reports
what has moved.
"""

# %%
def make_body(c_body: int) -> torch.nn.Sequential:
    """Given: a small body; its maps have c_body channels."""
    return torch.nn.Sequential(
        torch.nn.Conv2d(3, c_body, 1, bias=False), torch.nn.BatchNorm2d(c_body), torch.nn.ReLU()
    )

# %% task="Borrowed"
class Borrowed(torch.nn.Module):
    """A frozen body, global average pooling, a new head."""

    def __init__(self, c_body: int, n_out: int):
        super().__init__()
        self.body = make_body(c_body)
        ### BEGIN SOLUTION
        for p in self.body.parameters():
            p.requires_grad_(False)
        self.head = torch.nn.Linear(c_body, n_out)
        ### END SOLUTION

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Return logits (N, n_out) for X (N, 3, H, W)."""
        ### BEGIN SOLUTION
        return self.head(self.body(X).mean(dim=(2, 3)))
        ### END SOLUTION

    def train(self, mode: bool = True) -> "Borrowed":
        """Put the head into training or evaluation mode, the body always into evaluation mode."""
        ### BEGIN SOLUTION
        super().train(mode)
        self.body.eval()
        return self
        ### END SOLUTION

    def probe(self, values: np.ndarray, X: np.ndarray) -> dict:
        """Given: which parameters learn, who is in training mode, and what one step of training has moved."""
        parts, X = {"body": self.body, "head": self.head}, torch.tensor(X, dtype=torch.float32)
        learned = [name for name, p in self.named_parameters() if p.requires_grad]
        with torch.no_grad():
            for p in self.parameters():
                p.copy_(torch.tensor(np.resize(values, p.shape)))
        self.train()
        training = {name: part.training for name, part in parts.items()}
        before = {name: [p.detach().clone() for p in part.parameters()] for name, part in parts.items()}
        outputs = self(X)
        if outputs.requires_grad:
            outputs.pow(2).sum().backward()
        with torch.no_grad():
            for p in self.parameters():
                if p.grad is not None:
                    p -= 0.1 * p.grad
        after = {name: list(part.parameters()) for name, part in parts.items()}
        return {
            "learned": learned,
            "training": training,
            "statistics moved": bool(self.body[1].running_mean.abs().sum() > 0),
            "weights moved": [
                name for name in parts if any(not torch.equal(*two) for two in zip(before[name], after[name]))
            ],
            "outputs": outputs.detach().numpy(),
        }

# %% checks="Borrowed" points=3
check.Borrowed(Borrowed)

# %% [markdown] prompt="random_shift" title="Move each image a little" minutes=12 difficulty=2
r"""
Move each image of a batch by whole pixels, each by an amount of its own. What comes in is 0, the paper; what leaves
the image is lost.

- in: `X` of shape `(N, H, W)`; `max_pixels`; `rng`, a generator
- draw all amounts at once, and nothing else: `down, right = rng.integers(-max_pixels, max_pixels + 1, size=(2, N))`
- out: a new array of shape `(N, H, W)`: image `n` is moved `down[n]` rows down and `right[n]` columns to the right
  (negative: up, left)

With `down = 1` and `right = 0`, `[[1, 2], [3, 4]]` becomes `[[0, 0], [1, 2]]`.
"""

# %% task="random_shift"
def random_shift(X: np.ndarray, max_pixels: int, rng: np.random.Generator) -> np.ndarray:
    """Return X (N, H, W), each image moved by -max_pixels to max_pixels rows and columns; 0 comes in."""
    ### BEGIN SOLUTION
    N, H, W = X.shape
    down, right = rng.integers(-max_pixels, max_pixels + 1, size=(2, N))
    padded, moved = np.pad(X, ((0, 0), (max_pixels,) * 2, (max_pixels,) * 2)), np.zeros_like(X)
    for n in range(N):
        top, left = max_pixels - down[n], max_pixels - right[n]
        moved[n] = padded[n, top : top + H, left : left + W]
    return moved
    ### END SOLUTION

# %% checks="random_shift" points=3
check.random_shift(random_shift)

# %% [markdown] prompt="rotate" title="Turn an image" minutes=15 difficulty=3
r"""
Turn an image about its centre, counter-clockwise, without blurring: each new pixel takes the value of the one old
pixel that is nearest to where it comes from. With $y$ (downwards) and $x$ (to the right) measured from the centre,
the new pixel $(y, x)$ comes from

$$
(\; y \cos\varphi + x \sin\varphi, \;\; x \cos\varphi - y \sin\varphi \;).
$$

- in: `image` of shape `(H, W)`, which need not be square; `degrees`
- out: a new array of shape `(H, W)`. The centre is at row $(H - 1) / 2$, column $(W - 1) / 2$. Round with `np.rint`.
  What comes from outside the image is 0.

Turned by 90 degrees, `[[1, 2], [3, 4]]` becomes `[[2, 4], [1, 3]]`.
"""

# %% task="rotate"
def rotate(image: np.ndarray, degrees: float) -> np.ndarray:
    """Return image (H, W), turned counter-clockwise about its centre; each new pixel is its nearest old one, or 0."""
    ### BEGIN SOLUTION
    H, W = image.shape
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    y, x = np.mgrid[:H, :W]
    y, x = y - (H - 1) / 2, x - (W - 1) / 2
    rows = np.rint(cos * y + sin * x + (H - 1) / 2).astype(int)
    columns = np.rint(cos * x - sin * y + (W - 1) / 2).astype(int)
    inside = (rows >= 0) & (rows < H) & (columns >= 0) & (columns < W)
    new = np.zeros_like(image)
    new[inside] = image[rows[inside], columns[inside]]
    return new
    ### END SOLUTION

# %% checks="rotate" points=3
check.rotate(rotate)

# %% [markdown] prompt="choose_changes" title="Which changes tell the truth?" minutes=10 difficulty=2
r"""
Somebody has tried several augmentations. For each, people have read the changed pictures, and networks were trained
with it from several first weights. Choose the ones to use.

- in: `y`, the labels, shape `(N,)`; `seen_as`, a dictionary: name of the change → what people read, shape `(N,)`;
  `val_accuracy`, a dictionary: name → a list of validation accuracies; it has the name `"nothing"`, too: no change
- a change *tells the truth* if people read at most 1 % of the pictures differently from the label
- it *helps* if the mean of its accuracies is above the mean of those of `"nothing"`
- out: a list of the names of all changes that tell the truth and help, the highest mean first
"""

# %% task="choose_changes"
def choose_changes(y: np.ndarray, seen_as: dict[str, np.ndarray], val_accuracy: dict[str, list[float]]) -> list[str]:
    """Return the names of the changes that leave labels true and help, by falling mean accuracy."""
    ### BEGIN SOLUTION
    score = {name: np.mean(values) for name, values in val_accuracy.items()}
    kept = [name for name in seen_as if np.mean(seen_as[name] != y) <= 0.01 and score[name] > score["nothing"]]
    return sorted(kept, key=score.get, reverse=True)
    ### END SOLUTION

# %% checks="choose_changes" points=2
check.choose_changes(choose_changes)

# %% [markdown] prompt="read_moved" title="Read what has moved" minutes=20 difficulty=3
r"""
You get 200 small digits, twenty of each kind, each in the middle of 12×12 pixels. The new digits are moved by up to two
pixels in each direction. A network that learns from the 200 as they are reads less than half of them. Get 80 %.

- in: `X` of shape `(200, 1, 12, 12)`, `float32`, from 0 to 1; `y` of shape `(200,)`, labels from 0 to 9; `X_new`,
  digits whose labels you do not get
- out: an array of shape `(len(X_new),)`, a label for each

Use your `random_shift`, and begin with `torch.manual_seed(0)` and a generator with a seed, so that each run gives the
same. Two convolutions with pooling and 600 steps of Adam are enough; it takes a few seconds.
"""

# %% task="read_moved"
def read_moved(X: np.ndarray, y: np.ndarray, X_new: np.ndarray) -> np.ndarray:
    """Train on X, y; return the predicted labels of X_new.

    X: (N, 1, 12, 12) float32. y: (N,) int64. X_new: (M, 1, 12, 12) float32.
    """
    ### BEGIN SOLUTION
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    net = torch.nn.Sequential(
        torch.nn.Conv2d(1, 16, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(16, 32, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Flatten(), torch.nn.Linear(32 * 3 * 3, 10),
    )
    optimizer = torch.optim.Adam(net.parameters(), lr=0.003)
    for _ in range(600):
        batch = rng.integers(0, len(X), 32)
        moved = random_shift(X[batch, 0], 2, rng)[:, None]
        loss = torch.nn.functional.cross_entropy(net(torch.tensor(moved)), torch.tensor(y[batch]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        return net(torch.tensor(X_new)).argmax(dim=1).numpy()
    ### END SOLUTION

# %% checks="read_moved" points=3
check.read_moved(read_moved)

# %% [markdown] prompt="parcel" title="Explain in words" minutes=6 difficulty=2
r"""
A post office wants to sort photographs of damaged parcels into six kinds of damage. There are 40 labelled photographs
of each kind. A colleague loads an ImageNet network, sets `requires_grad=False`, trains a head with the network in
training mode, mirrors and turns all 240 photographs by up to 180 degrees into 2,400 copies, splits the copies at random
into training and validation, and reports 99 %. Name what is wrong and what you would do instead. Four to six sentences
are enough. When you have written and saved your answer, `check.model_answer("parcel")` shows one to compare with.
"""

# %% [markdown] answer="parcel" points=2
r"""
The 99 % are not believable: copies of one photograph are in the training and in the validation part, so the score
measures memory. I would split the 240 photographs first, by parcel if some show the same one, and make copies of the
training part only; what is judged stays as it was taken. A frozen network must also be in evaluation mode, or its batch
normalization moves its running statistics with each pass, and the features change under the head; better still, I would
compute the features once. Whether the changes are true must be looked at: a parcel may lie any way up, so turning may be
harmless, but a mirrored label or an arrow "this side up" may matter to the kind of damage. I would compare with and
without each change on validation data, and report the test figure once, with its interval, which is wide for so few
photographs.

**What to look for:** the split must come before the copies; evaluation mode (running statistics) as part of freezing;
augmentation in training only, and checked against what labels mean; an honest, separate estimate.
"""
