# %% [markdown]
r"""
# Borrow eyes, stretch data

> **Time**: {{run_time}} to run, 90 minutes to study.
>
> **What you do**: teach a network ten kinds of pictures from twenty examples of each; borrow the layers of a network that has learned from more than a million photographs, freeze them, give them a new head, tune them; write rotations, shifts and other changes that turn one picture into many; find out when such a change lies.
>
> **What you need first**: [unit 10](../10_cnn/lesson.ipynb) (training a CNN), [unit 11](../11_architectures/lesson.ipynb) (inverted residual blocks), [unit 07](../07_regularization/lesson.ipynb) (batch normalization, dropout).
"""

# %% tags=["harness"]
import copy

import numpy as np
import torch
from torch import nn

from introdl import architecture, augment, data, metrics, plot, pretrained
from introdl import nn as ours

seed = 0
digits = data.mnist5k()
X_train, X_val, X_test = (X.reshape(-1, 1, 28, 28) for X in (digits.X_train, digits.X_val, digits.X_test))    # (N, C, H, W)

# %% [markdown]
r"""
## Twenty pictures of each

Most people who want a network do not have 3,500 labelled pictures. They have a few hundred, or twenty of each kind,
because somebody must look at each one. Here is such a task: 744 small drawings, *emoji*, of ten kinds. Twenty of each
kind are there to learn from, nine to make choices on, and the rest is the test set.

The drawings are by [OpenMoji](https://openmoji.org) (CC BY-SA 4.0); which of them counts as what is this course's
choice. They and the borrowed network come in two optional packages. If one of them is missing, the first line below
says how to get it, and the lesson goes on with digits and random weights: everything runs, but the figures are then
not those of the text.
"""

# %% tags=["harness"]
def digits_as_emoji(side):
    """Digits in the place of emoji: (N, 3, side, side), 20, 9 and 45 of each."""
    parts = []
    for X, y, count in ((X_train, digits.y_train, 20), (X_val, digits.y_val, 9), (X_test, digits.y_test, 45)):
        chosen = np.concatenate([np.flatnonzero(y == label)[:count] for label in range(10)])
        larger = nn.functional.interpolate(torch.from_numpy(1 - X[chosen]), size=(side, side)).numpy()
        parts += [np.repeat(larger, 3, axis=1), y[chosen]]
    return data.Split(*parts)


try:
    small, large = data.emoji(48), data.emoji(96)          # the same pictures, drawn in two sizes
    backbone = pretrained.efficientnet_lite0()
    complete = True
except ImportError as error:
    print(error)
    small, large, backbone = digits_as_emoji(48), digits_as_emoji(96), pretrained.efficientnet_lite0(weights=False)
    complete = False

# %%
fig, axes = plot.figure("Ten kinds of drawings: you see at once what belongs together", nrows=4, ncols=10, size=(7.2, 3.6))
for (row, column), ax in np.ndenumerate(axes):
    ax.imshow(large.X_train[20 * column + row].transpose(1, 2, 0))
    ax.set_axis_off()
for ax, name in zip(axes[0], data.EMOJI_CLASSES):
    ax.set_title(name, fontsize=8)
plot.show(fig, alt="Four rows of ten emoji, a column for each kind: animal, building, clothing, food, hand, leisure, office, person, sign, vehicle. "
                   "Within a column the drawings share little: the food is a bowl, a fruit, a sandwich; the signs differ in shape and colour.")
print(f"{len(small.X_train)} pictures to learn from, {len(small.X_val)} to choose on, {len(small.X_test)} for the test")

# %% [markdown]
r"""
You have seen thousands of animals and hats before. That is what helps you, and what a network with random weights
lacks. Let one try. It is made like the networks of [unit 10](../10_cnn/lesson.ipynb), for colour pictures of 48×48
pixels: three times convolution, batch normalization, bend and pooling, then dropout and a dense layer.

One function trains every network of this lesson: AdamW on a one-cycle schedule for a number of steps ([unit
06](../06_optimizers/lesson.ipynb)), each on a batch of examples drawn at random.
"""

# %% tags=["harness"]
def learn(net, X, y, num_steps, lr, seed, batch_size=50):
    """Train what is not frozen; return the network in evaluation mode."""
    X, y, generator = torch.as_tensor(X), torch.as_tensor(y), torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW([p for p in net.parameters() if p.requires_grad], lr=lr, weight_decay=0.05)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=lr, total_steps=num_steps)
    net.train()
    for _ in range(num_steps):
        batch = torch.randint(len(X), (batch_size,), generator=generator)
        loss = nn.functional.cross_entropy(net(X[batch]), y[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
    return net.eval()


@torch.no_grad()
def hits(net, X, y):
    """Return for each example whether it is classified rightly, (N,) of 0. and 1."""
    guesses = [net(batch).argmax(dim=1) for batch in torch.as_tensor(X).split(100)]
    return (torch.cat(guesses).numpy() == y).astype(float)


# %% tags=["harness"]
class Randomly(nn.Module):
    """Change images in training mode, each time anew; in evaluation let them through."""

    def __init__(self, change, seed):
        super().__init__()
        self.change, self.rng = change, np.random.default_rng(seed)

    def forward(self, X):
        return self.change(X, self.rng) if self.training else X


def move_a_little(X, rng):
    return augment.random_shift(X, 2, rng, fill=1.0)       # 1.0 is white, the colour of the paper


def small_cnn(change, seed):
    torch.manual_seed(seed)
    layers, c_in = [Randomly(change, seed)], 3
    for c_out in (16, 32, 64):
        layers += [nn.Conv2d(c_in, c_out, 3, padding=1, bias=False), nn.BatchNorm2d(c_out), nn.ReLU(), nn.MaxPool2d(2)]
        c_in = c_out
    net = nn.Sequential(*layers, nn.Flatten(), nn.Dropout(0.5), nn.Linear(64 * 6 * 6, 10))
    return net.to(memory_format=torch.channels_last)       # faster here, the same numbers


def from_scratch(X, y, seed, change=move_a_little, num_steps=320):
    return learn(small_cnn(change, seed), X, y, num_steps, lr=0.003, seed=seed, batch_size=32)


# %% tags=["nbval-ignore-output"]
scratch = [from_scratch(small.X_train, small.y_train, 10 * seed + k) for k in range(3)]    # from three first weights
scores = [hits(net, small.X_val, small.y_val).mean() for net in scratch]
print("validation accuracy of three networks from scratch:", *(f"{score:.0%}" for score in scores))
print("on the pictures learned from:", *(f"{hits(net, small.X_train, small.y_train).mean():.0%}" for net in scratch))

# %% [markdown]
r"""
Guessing gives 10 %. The networks know their 200 pictures by heart, and of new ones they recognise less than half.
With so few examples the colours of one hat and the outline of one fish are all that there is to learn.

## Eyes that have seen a million photographs

In 2012 and since, thousands of networks were trained on *ImageNet*: 1.28 million photographs, labelled with a
thousand kinds of things. One of them is small enough for this course: EfficientNet-Lite0, a chain of sixteen inverted
residual blocks as in [unit 11](../11_architectures/lesson.ipynb). Its weights are a file of 17 MB.
`introdl.pretrained` has the module, 40 lines that you could have written by now, and loads the weights with
`weights_only=True`, as [unit 08](../08_pytorch/lesson.ipynb) advises for files that others made.

Does it see? Ask it about four photographs. Each is cut to a square and brought to 224×224 pixels, the size that it
learned with.
"""

# %%
KINDS = {281: "tabby cat", 282: "tiger cat", 285: "Egyptian cat", 450: "bobsled", 504: "coffee mug", 540: "drilling platform",
         560: "football helmet", 573: "go-kart", 657: "missile", 744: "projectile", 812: "space shuttle", 925: "consommé",
         967: "espresso", 968: "cup"}


def square(photo, side=224):
    H, W = photo.shape[1:]
    edge, top, left = min(H, W), (H - min(H, W)) // 2, (W - min(H, W)) // 2
    cut = torch.from_numpy(photo[None, :, top : top + edge, left : left + edge])
    return nn.functional.interpolate(cut, size=(side, side), mode="bilinear", antialias=True).clamp(0, 1)


photos = {name: square(data.photo(name)) for name in ("cat", "coffee", "rocket", "astronaut")}
fig, axes = plot.figure("Right about the cat, the coffee and the rocket; an astronaut is none of its thousand kinds", ncols=4, size=(7.2, 2.9))
for ax, X in zip(axes, photos.values()):
    with torch.no_grad():
        p = torch.softmax(backbone(X), dim=1)[0]
    ax.imshow(X[0].permute(1, 2, 0))
    ax.set_axis_off()
    ax.set_title("\n".join(f"{KINDS.get(int(k), f'kind {int(k)}')}: {p[k]:.0%}" for k in p.argsort(descending=True)[:3]), fontsize=8)
plot.show(fig, alt="Four photographs with the network's three likeliest answers. Cat: Egyptian cat, tiger cat, tabby cat. Coffee: espresso with 94 percent, cup. "
                   "Rocket: missile, drilling platform, projectile. Astronaut: bobsled with 30 percent, football helmet, go-kart.")

# %% [markdown]
r"""
Some answers are good, and the last one is telling. There is no "astronaut" among its thousand kinds, so it *must*
answer something else, and it does so with 30 %. A classifier cannot say "none of these" unless it is taught to.

Nor is there a "clothing" or a "sign" among them. Its last layer is of no use to you. But to tell a tabby from a tiger
cat, the layers before it must have learned about edges, textures, fur, wheels, letters, roundness. That knowledge can
move: this is [*transfer learning*](../glossary.md#transfer-learning).

## Borrow features

The plan has four steps.

1. **Load** the trained network, the [*backbone*](../glossary.md#backbone).
2. [*Freeze*](../glossary.md#freeze) it: its weights are not to be learned.
3. Take its feature maps and average each over the picture: *global average pooling*, which unit 09 had. What is left
   of a picture is one number a channel: how much of this pattern is in it, anywhere.
4. Put a new [*head*](../glossary.md#head) on top, a small dense network, and train that alone.
"""

# %% tags=["harness"]
for p in backbone.parameters():
    p.requires_grad_(False)


def pooled(net, X, blocks):
    """Return (N, D): the maps behind the chosen blocks, counted from 0, each averaged over the picture."""
    maps = net.maps(X)
    return torch.cat([maps[block].mean(dim=(2, 3)) for block in blocks], dim=1)


@torch.no_grad()
def features(X, blocks=(7, 10, 14)):
    return torch.cat([pooled(backbone, batch, blocks) for batch in torch.as_tensor(X).split(50)])


# %%
maps = backbone.maps(torch.from_numpy(large.X_train[:1]))
for block in (0, 7, 10, 14, 15):
    print(f"behind block {block:2}: maps of shape {tuple(maps[block].shape)}")
assert np.allclose(features(large.X_train[:1])[0, :80], maps[7].numpy().mean(axis=(2, 3))[0], atol=1e-6)
print(f"{architecture.count_parameters(backbone):,} parameters, of which learned:", sum(p.numel() for p in backbone.parameters() if p.requires_grad))

# %% [markdown]
r"""
Behind which block? Early blocks know edges and blobs, which is too little. The last ones know what a thousand kinds
of *photographed* things need, which may be too special for drawings. The command `python -m tests.bench.transfer`
tried each block, with four different draws of pictures to learn from and to judge on, all of them from the training
and validation sets:
"""

# %%
table = data.recorded("12_transfer")
by_block = {row["blocks"][0]: row["val_accuracy"] for row in table if row["what"] == "blocks"}
fig, ax = plot.figure("Late features are best, but not the last ones", "block", "validation accuracy (four draws)")
ax.plot(list(by_block), [np.mean(scores) for scores in by_block.values()], "-", color="C0")
for block, scores in by_block.items():
    ax.plot([block] * 4, scores, "o", color="C0", ms=3)
together = next(row["val_accuracy"] for row in table if row["what"] == "labels" and row["method"] == "features" and row["labels"] == 20)
ax.axhline(np.mean(together), color="C1", ls="--")
ax.text(0, np.mean(together) + 0.01, "blocks 7, 10 and 14 together", color="C1")
ax.set_xticks(range(16))
plot.show(fig, alt="Validation accuracy of a head on the pooled maps of one block, for blocks 0 to 15. It rises from a quarter at block 0 to nearly 60 percent "
                   "at block 11 and falls a little after it. A dashed line at the height of block 11 marks blocks 7, 10 and 14 taken together.")

# %% [markdown]
r"""
Three blocks together give the head simple, middle and late patterns at once. Since the backbone is frozen, the
features of a picture never change. So compute them once, and train the head on the numbers: no convolution runs
during training, and it takes a second.
"""

# %% tags=["harness"]
class Standardize(nn.Module):
    """Bring each feature to mean 0 and deviation 1, as they were on the training pictures."""

    def __init__(self, F):
        super().__init__()
        self.register_buffer("mean", F.mean(dim=0))
        self.register_buffer("deviation", F.std(dim=0) + 1e-5)

    def forward(self, F):
        return (F - self.mean) / self.deviation


def make_head(F, seed):
    torch.manual_seed(seed)
    return nn.Sequential(Standardize(F), nn.Linear(F.shape[1], 256), nn.ReLU(), nn.Dropout(0.5), nn.Linear(256, 10))


def head_on(F, y, seed, num_steps=300):
    return learn(make_head(F, seed), F, y, num_steps, lr=0.001, seed=seed)


# %% tags=["nbval-ignore-output"]
F_train, F_val = features(large.X_train), features(large.X_val)
heads = [head_on(F_train, large.y_train, seed=10 * seed + k) for k in range(3)]
scores = [hits(head, F_val, large.y_val).mean() for head in heads]
print(f"{F_train.shape[1]} features; validation accuracy of three heads:", *(f"{score:.0%}" for score in scores))

# %% [markdown]
r"""
A head is two dense layers with a bend, nothing that you have not built in NumPy. In evaluation it is five lines:
"""

# %%
with torch.no_grad():
    logits = heads[0](F_val).numpy()
scale, first, second = heads[0][0], heads[0][1], heads[0][4]
W1, b1, W2, b2 = (p.detach().numpy() for p in (first.weight, first.bias, second.weight, second.bias))
F = (F_val.numpy() - scale.mean.numpy()) / scale.deviation.numpy()
hidden = ours.ReLU().forward(F @ W1.T + b1)
assert np.allclose(hidden @ W2.T + b2, logits, atol=1e-4)
print("the head in NumPy gives the same logits")

# %% [markdown]
r"""
### More pictures for the head

Twenty pictures of each kind can become a hundred: mirror them, turn them by up to 15 degrees, zoom, move. The
backbone looks at each changed copy, too. How such changes are made is the second half of this lesson.
"""

# %% tags=["harness"]
def mirrored_and_moved(X, rng):
    return augment.random_affine(augment.random_flip(X, rng), rng, max_degrees=15, max_zoom=0.15, max_pixels=X.shape[-1] / 12, fill=1.0)


def with_copies(X, y, seed, num_copies=4):
    """Return the pictures and their labels, followed by changed copies."""
    rng = np.random.default_rng(seed)
    return np.concatenate([X, *(mirrored_and_moved(X, rng) for _ in range(num_copies))]), np.tile(y, num_copies + 1)


# %% tags=["nbval-ignore-output"]
X_more, y_more = with_copies(large.X_train, large.y_train, seed)
F_more = features(X_more)
heads = [head_on(F_more, y_more, seed=10 * seed + k) for k in range(3)]
scores = [hits(head, F_val, large.y_val).mean() for head in heads]
print(f"{len(F_more)} pictures; validation accuracy of three heads:", *(f"{score:.0%}" for score in scores))

# %% [markdown]
r"""
The score hardly moves: frozen features already forgive a shift or a small turn. The copies stay, since they cost
little and 90 pictures cannot tell one point from none.

### Frozen, and yet it changes

`requires_grad_(False)` keeps the optimizer away. But a backbone has more than weights: batch normalization keeps
running means and variances ([unit 07](../07_regularization/lesson.ipynb)), which are no parameters. In training mode,
*every forward pass* moves them, with or without gradients. Send drawings on white paper through a copy of the
backbone that was left in training mode, then ask about the cat again.
"""

# %%
def sure_of_cat(net):
    with torch.no_grad():
        return float(torch.softmax(net(photos["cat"]), dim=1)[0, [281, 282, 285]].sum())


careless = copy.deepcopy(backbone).train()
before = sure_of_cat(backbone)
with torch.no_grad():
    for batch in torch.from_numpy(large.X_train).split(50):
        careless(batch)                                    # nothing is learned here. Or is it?
after = sure_of_cat(careless.eval())
same = all(torch.equal(p, q) for p, q in zip(careless.parameters(), backbone.parameters()))
print(f"weights unchanged: {same}; a cat, before: {before:.0%}, after four batches of drawings: {after:.0%}")
assert same and (not complete or after < before - 0.2)

# %% [markdown]
r"""
In evaluation mode, a batch normalization is a fixed scale and shift, so it can be frozen as well as anything else.
Here is the first one by hand:
"""

# %%
norm, X = backbone.stem[1], backbone.stem[0](photos["cat"])
a = norm.weight / (norm.running_var + norm.eps).sqrt()
b = norm.bias - a * norm.running_mean
assert torch.allclose(a[:, None, None] * X + b[:, None, None], norm(X), atol=1e-4)
print("batch normalization in evaluation mode: x → a x + b, one a and one b for each of", len(a), "channels")

# %% [markdown]
r"""
So: a frozen network stays in `eval()`, even while the head on top of it trains. Since `net.train()` goes through all
parts of a network, a network with frozen parts must say so itself. This one is for
[*fine-tuning*](../glossary.md#fine-tuning): the weights of the backbone may learn again, gently, with a small rate,
but its running statistics stay what a million photographs made them.
"""

# %% tags=["harness"]
class FineTuned(nn.Module):
    """The backbone and a head, learning together; batch normalization keeps its running statistics."""

    def __init__(self, head, seed, blocks=(7, 10, 14)):
        super().__init__()
        self.change, self.backbone, self.head, self.blocks = Randomly(mirrored_and_moved, seed), copy.deepcopy(backbone), head, blocks
        for p in self.backbone.parameters():
            p.requires_grad_(True)

    def forward(self, X):
        return self.head(pooled(self.backbone, self.change(X), self.blocks))

    def train(self, mode=True):
        super().train(mode)
        self.backbone.eval()
        return self


def fine_tune(X, y, seed, num_steps=40):
    X_more, y_more = with_copies(X, y, seed)
    head = head_on(features(X_more), y_more, seed)         # first a head: a random one would send noise into the backbone
    return learn(FineTuned(head, seed), X, y, num_steps, lr=0.0001, seed=seed, batch_size=10)


# %% [markdown]
r"""
### How many labels does each way need?

Three ways: from scratch; a head on frozen features; fine-tuning all weights. The command of above tried them with 2,
5, 10 and 20 pictures of each kind.
"""

# %%
fig, ax = plot.figure("With borrowed eyes, five labels are worth twenty", "labelled pictures of each kind (log scale)", "validation accuracy (four draws)")
names = {"features": "head on frozen features", "fine-tuned": "fine-tuned", "scratch": "from scratch"}
for color, (method, name) in zip(("C0", "C2", "C1"), names.items()):
    rows = {row["labels"]: row["val_accuracy"] for row in table if row["what"] == "labels" and row["method"] == method}
    means = [np.mean(scores) for scores in rows.values()]
    ax.semilogx(list(rows), means, "-", color=color)
    for labels, scores in rows.items():
        ax.plot([labels] * len(scores), scores, "o", color=color, ms=3)
    ax.text(22, means[-1] + (0.02 if method == "features" else -0.02), name, color=color, va="center")
ax.axhline(0.1, color="0.6", lw=1)
ax.text(2, 0.11, "guessing", color="0.4")
ax.set(xlim=(1.8, 60), ylim=(0, 0.75))
ax.set_xticks([2, 5, 10, 20], ["2", "5", "10", "20"])
ax.minorticks_off()
plot.show(fig, alt="Validation accuracy against 2, 5, 10 and 20 labelled pictures of each kind, logarithmic. All three curves rise. The head on frozen features and fine-tuning "
                   "run close together, from a third at 2 to nearly 60 percent at 20; the network from scratch starts a little lower and stays some ten points below.")

# %% tags=["nbval-ignore-output"]
few = np.concatenate([20 * label + np.arange(5) for label in range(10)])                    # five of each kind
X_few, y_few = with_copies(large.X_train[few], large.y_train[few], seed)
again = {
    "features": hits(head_on(features(X_few), y_few, seed), F_val, large.y_val).mean(),
    "fine-tuned": hits(fine_tune(large.X_train[few], large.y_train[few], seed), large.X_val, large.y_val).mean(),
}
for method, score in again.items():
    recorded = next(row["val_accuracy"] for row in table if row["what"] == "labels" and row["method"] == method and row["labels"] == 5)
    print(f"{method:10} with 5 of each kind: recorded {min(recorded):.0%} to {max(recorded):.0%}, here {score:.0%}")
    assert not complete or min(recorded) - 0.1 <= score <= max(recorded) + 0.1             # 90 pictures: a tenth is nine of them


# %% [markdown]
r"""
Two things to see. With five pictures of each kind, borrowed features do about as well as a network from scratch does
with twenty. And fine-tuning, which *can* do all that a frozen backbone does, is no better here, and takes much
longer: three million weights find little in 200 pictures that the frozen ones do not know. Rules of thumb:

| you have | similar to photographs | unlike photographs |
|---|---|---|
| few labels | head on late features | head on middle features |
| many labels | fine-tune, small rate | fine-tune more of it, or train from scratch |

## The headline

Everything was chosen on training and validation pictures: blocks, copies, steps, rates, for the network from scratch
as well. Now the test set, once. To compare the two ways and not two lucky starts, each is the mean of three.
"""

# %% tags=["nbval-ignore-output"]
F_test = features(large.X_test)
borrowed = np.mean([hits(head, F_test, large.y_test) for head in heads], axis=0)            # of each picture, 0 to 1
alone = np.mean([hits(net, small.X_test, small.y_test) for net in scratch], axis=0)
print(f"test accuracy with borrowed features {borrowed.mean():.1%}, from scratch {alone.mean():.1%}")
gain = 100 * (borrowed - alone)
error = gain.std() / np.sqrt(len(gain))                    # the same pictures for both: the differences count
metrics.headline("points that borrowed features gain over a network from scratch, 20 pictures of each kind", gain.mean(), 10.0 if complete else -100,
                 interval=(gain.mean() - 1.96 * error, gain.mean() + 1.96 * error))

# %% [markdown]
r"""
Sixty of a hundred is still not much. Look at what it takes for what:
"""

# %% tags=["nbval-ignore-output"]
with torch.no_grad():
    p = torch.softmax(sum(head(F_val) for head in heads), dim=1).numpy()
counts = np.zeros((10, 10), int)
np.add.at(counts, (large.y_val, p.argmax(axis=1)), 1)
worst = p[np.arange(len(p)), large.y_val].argsort()[:8]
fig, axes = plot.figure("Its worst errors: what it is, and what it was taken for", nrows=2, ncols=4, size=(6.4, 3.9))
for ax, k in zip(axes.ravel(), worst):
    ax.imshow(large.X_val[k].transpose(1, 2, 0))
    ax.set_axis_off()
    ax.set_title(f"{data.EMOJI_CLASSES[large.y_val[k]]} as {data.EMOJI_CLASSES[p[k].argmax()]}", fontsize=9)
plot.show(fig, alt="Eight emoji of the validation set that the heads got most wrong, each with its kind and the kind it was taken for. Several are things that "
                   "could belong to two kinds.")

# %% [markdown]
r"""
## Stretch data

The other way to live with few examples: make more of those that you have. A 7 that is moved by a pixel is still a 7.
Such changes are called [*augmentation*](../glossary.md#augmentation). [Unit 10](../10_cnn/lesson.ipynb) used one line
of it; here you write it. An image is an array `(H, W)`; what moves in from outside is paper, 0 for the digits.

**Move** by whole pixels: copy a part of the image into an empty one. **Mirror**: read the columns backwards.
**Erase**: cover a rectangle. Each is a line or two:
"""

# %%
def shifted(image, down, right):
    H, W = image.shape
    padded = np.pad(image, ((abs(down),) * 2, (abs(right),) * 2))
    return padded[abs(down) - down :, abs(right) - right :][:H, :W]


def mirrored(image):
    return image[:, ::-1]


def erased(image, top, left, height, width):
    covered = image.copy()                                 # the image itself must stay whole
    covered[top : top + height, left : left + width] = 0
    return covered


image = X_train[np.flatnonzero(digits.y_train == 7)[3], 0]
assert np.array_equal(shifted(image, 3, -2), augment.shift(image[None], 3, -2)[0])
assert np.array_equal(mirrored(image), augment.flip(image[None])[0])

# %% [markdown]
r"""
### Turning, the wrong way round

To turn an image, take each pixel $(y, x)$, measured from the centre, to its new place

$$
y' = y \cos\varphi - x \sin\varphi, \qquad x' = y \sin\varphi + x \cos\varphi .
$$

This is the natural idea. Look at what it does:
"""

# %%
def rotation(degrees):
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[cos, -sin], [sin, cos]])             # on (y, x), with y pointing down: counter-clockwise


def from_centre(H, W):
    y, x = np.mgrid[:H, :W]
    return np.stack([y - (H - 1) / 2, x - (W - 1) / 2]).reshape(2, -1)      # (2, H * W)


def place_in(image, places):
    """Whole rows and columns of places (2, n), measured from the centre, and whether they lie inside."""
    H, W = image.shape
    rows, columns = np.rint(places + [[(H - 1) / 2], [(W - 1) / 2]]).astype(int)
    return rows, columns, (rows >= 0) & (rows < H) & (columns >= 0) & (columns < W)


def pushed(image, degrees):
    """Send each pixel to its new place."""
    new = np.zeros_like(image)
    rows, columns, inside = place_in(image, rotation(degrees) @ from_centre(*image.shape))
    new[rows[inside], columns[inside]] = image.ravel()[inside]
    return new


def pulled(image, degrees):
    """Ask for each new pixel where it comes from: the way back."""
    rows, columns, inside = place_in(image, rotation(-degrees) @ from_centre(*image.shape))
    new = np.zeros(image.size, image.dtype)
    new[inside] = image[rows[inside], columns[inside]]
    return new.reshape(image.shape)


fig, axes = plot.figure("Pushing pixels leaves holes; pulling them does not; mixing four neighbours is smooth", ncols=4, size=(7.2, 2.5))
plot.images(axes, [image, pushed(image, 30), pulled(image, 30), augment.rotate(image[None], 30)[0]],
            ["the digit", "pushed by 30°", "pulled", "four neighbours mixed"])
plot.show(fig, alt="A handwritten 7, and the same turned by 30 degrees counter-clockwise in three ways: with white holes in the strokes, with whole strokes and jagged edges, "
                   "and with smooth edges.")
assert np.array_equal(pulled(image, 90), np.rot90(image))

# %% [markdown]
r"""
Two old pixels may go to the same new place, so some new places get none: holes. Ask the other way round, for each
*new* pixel: where does it come from? Then none stays empty. That place lies between four old pixels; take the nearest
of them, or better a mean of the four, weighted by nearness (*bilinear interpolation*). `augment.affine` does this for
turning, zooming and moving at once, so that the image is blurred once and not three times.

### A pipeline

Augmentation is drawn anew for each image, each time that it is seen. Put the changes in a row and you have a
pipeline, a function of images and a generator:
"""

# %% tags=["harness"]
def turned_zoomed_moved(X, rng):
    return augment.random_affine(X, rng, max_degrees=10, max_zoom=0.1, max_pixels=2)


def partly_erased(X, rng):
    return augment.random_erasing(X, rng, p=0.5, area=(0.02, 0.1))


PIPELINES = {
    "nothing": [],
    "move": [lambda X, rng: augment.random_shift(X, 2, rng)],
    "turn": [lambda X, rng: augment.random_rotation(X, 10, rng)],
    "zoom": [lambda X, rng: augment.random_zoom(X, 0.1, rng)],
    "erase": [partly_erased],
    "mirror": [lambda X, rng: augment.random_flip(X, rng)],
    "turn up to 180°": [lambda X, rng: augment.random_rotation(X, 180, rng)],
    "turn, zoom, move": [turned_zoomed_moved],
    "turn, zoom, move, erase": [turned_zoomed_moved, partly_erased],
}


def pipeline(steps):
    def change(X, rng):
        for step in steps:
            X = step(X, rng)
        return X
    return change


# %%
sixes = np.repeat(X_train[digits.y_train == 6][:1], 8, axis=0)
fig, axes = plot.figure("One 6 through four pipelines, seven times each (left: as it is)", nrows=4, ncols=8, size=(7.2, 4.2))
for row, name in zip(axes, ("turn, zoom, move", "erase", "mirror", "turn up to 180°")):
    copies = pipeline(PIPELINES[name])(sixes, np.random.default_rng(seed))
    plot.images(row, np.concatenate([sixes[:1], copies[1:]])[:, 0])
    row[0].set_title(name, loc="left", fontsize=9)
plot.show(fig, alt="Four rows with a handwritten 6 and seven changed copies. Turned, zoomed and moved a little, all are easy to read. Erased: parts are missing in about half of them. "
                   "Mirrored: half of them are no letter or digit that you know. Turned by up to 180 degrees: some are a 9.")

# %% [markdown]
r"""
### What it buys

A small CNN learns from 500 digits, fifty of each, for 600 steps, with one pipeline after the other. The command above
did this from four first weights each, and judged on the validation digits:
"""

# %% tags=["harness"]
def digit_net(change, seed):
    torch.manual_seed(seed)
    layers, c_in = [Randomly(change, seed)], 1
    for c_out in (16, 32):
        layers += [nn.Conv2d(c_in, c_out, 3, padding=1, bias=False), nn.BatchNorm2d(c_out), nn.ReLU(), nn.MaxPool2d(2)]
        c_in = c_out
    net = nn.Sequential(*layers, nn.Flatten(), nn.Dropout(0.5), nn.Linear(32 * 7 * 7, 10))
    return net.to(memory_format=torch.channels_last)


few_digits = np.concatenate([np.flatnonzero(digits.y_train == label)[:50] for label in range(10)])


def read_digits(steps, seed, num_steps=600):
    return learn(digit_net(pipeline(steps), seed), X_train[few_digits], digits.y_train[few_digits], num_steps, lr=0.003, seed=seed)


# %%
errors = {row["pipeline"]: 100 * (1 - np.array(row["val_accuracy"])) for row in table if row["what"] == "pipelines"}
fig, ax = plot.figure("Moving helps most; mirroring and turning digits too far does harm", "validation errors (%, four first weights)", size=(6.4, 3.6))
for place, values in enumerate(errors.values()):
    ax.plot(values, [place] * len(values), "o", ms=4, color="C1" if values.mean() > errors["nothing"].mean() else "C0")
    ax.plot(values.mean(), place, "|", ms=16, color="k")
ax.axvline(errors["nothing"].mean(), color="0.6", lw=1)
ax.set_yticks(range(len(errors)), list(errors))
ax.invert_yaxis()
ax.set_xlim(left=0)
plot.show(fig, alt="Nine pipelines from top to bottom, four dots each for the validation errors in percent and a line at their mean. Moving alone, and turning, zooming and moving "
                   "together, with or without erasing, lie farthest left, at 3 percent. Turning, zooming or erasing alone lie close to doing nothing, at 4 to 5 percent; mirroring at 10 and turning by up to 180 degrees at 20.")

# %% tags=["nbval-ignore-output"]
plain = read_digits(PIPELINES["nothing"], seed)
stretched = read_digits(PIPELINES["turn, zoom, move"], seed)
for name, net in (("nothing", plain), ("turn, zoom, move", stretched)):
    now, recorded = 100 * (1 - hits(net, X_val, digits.y_val).mean()), errors[name]
    print(f"{name:16} recorded {min(recorded):.1f} to {max(recorded):.1f} %, here {now:.1f} % errors")
    assert min(recorded) - 1 <= now <= max(recorded) + 1

# %% [markdown]
r"""
None of the other 4,000 digits was used to learn from or to choose on, but for the 500 of the validation set. So the
test can be larger than usual:
"""

# %% tags=["nbval-ignore-output"]
others = np.setdiff1d(np.arange(len(X_train)), few_digits)
X_new, y_new = np.concatenate([X_train[others], X_test]), np.concatenate([digits.y_train[others], digits.y_test])
e_plain, e_stretched = (1 - hits(net, X_new, y_new).mean() for net in (plain, stretched))
print(f"{len(X_new):,} new digits: {e_plain:.1%} errors without, {e_stretched:.1%} with augmentation: {1 - e_stretched / e_plain:.0%} of the errors are gone")
assert e_stretched <= 0.75 * e_plain

# %% [markdown]
r"""
### When an augmentation lies

An augmentation is a claim: *this change leaves the label as it is*. It is you who makes it, not the network. Turn a 6
slowly and watch what a network thinks that has never seen a turned digit. At which angle does the label become false?
"""

# %%
def probabilities(X):
    with torch.no_grad():
        return torch.softmax(plain(torch.from_numpy(X)), dim=1).numpy()


sixes = X_val[digits.y_val == 6]
clear = probabilities(sixes)[:, 6] * probabilities(augment.rotate(sixes, 180))[:, 9]
six = sixes[[clear.argmax()]]                              # a clear 6 that is a clear 9 upside down


def turned(degrees):
    X = augment.rotate(six, float(degrees))
    p = probabilities(X)[0]
    fig, axes = plot.figure(f"A 6, turned by {degrees}°: taken for a {p.argmax()}", ncols=2, size=(5.6, 2.6))
    plot.images(axes[:1], X[:, 0])
    axes[1].bar(range(10), p, color=["C1" if k == 9 else "C0" for k in range(10)])
    axes[1].set(xticks=range(10), ylim=(0, 1), xlabel="digit", ylabel="probability")
    return fig


plot.explore(turned, range(0, 181, 15), label="degrees",
             alt="A handwritten 6, turned by 0 to 180 degrees in steps of 15, beside ten bars: the probabilities that a network gives the ten digits. Up to about 45 degrees "
                 "the bar of the 6 is highest. Then others take over; at 180 degrees the digit looks like a 9, and the bar of the 9 is highest.")

# %% [markdown]
r"""
Whether a change lies depends on the task. A mirrored cat is a cat; a mirrored *p* is a *q*; a mirrored X-ray has its
heart on the wrong side. Turned by 180 degrees, satellite pictures stay what they are, digits do not. Colours may
change in photographs of cars; in pictures of ripe and unripe fruit the colour *is* the label.

And a change that does not lie may still buy nothing. Emoji stay what they are when they are turned by up to 15
degrees and zoomed a little. Yet here is the network from scratch, with four pipelines, for as many steps:
"""

# %%
for row in (row for row in table if row["what"] == "emoji"):
    print(f"{row['pipeline']:26}", " ".join(f"{score:.0%}" for score in row["val_accuracy"]), f"  mean {np.mean(row['val_accuracy']):.1%}")

# %% [markdown]
r"""
Within what four draws can tell, moving may help a little; all changes together are worse than none in three of the
four. Turning draws every thin line anew between the pixels, and blurs it. And the drawings that the network will be
asked about all stand upright and fill their square: it learns to expect what never comes. Augmentation is a trade.
Try it on validation data, each time.

## What it must not be used for

The network that you borrowed has learned from photographs that people put on the internet, mostly in rich countries,
and labelled by people paid by the piece. What is rare in them, it sees badly: a bride in a white dress is a bride to
such networks, one in a red sari often is not (Shankar et al., 2017). Part of ImageNet's labels for people were slurs,
and more than half of its categories for people were removed in 2019. Borrowed eyes come with what they have and have
not seen: test on *your* pictures, group by group, before you trust them.

And some things cannot be seen in a picture, however good the eyes: whether a person is honest, ill-meaning, capable;
whom they love; what they believe. A network trained to answer will answer, and will be right above chance wherever
clothing, lighting or camera give the group away. That it "works" on a test set does not make it true, or lawful, or
right: do not build it.

## What goes wrong

**An optimizer that holds the old weights.** Give the optimizer the parameters first and put in the new head second,
and the new head is never learned. Nothing fails:
"""

# %%
net = nn.Sequential(nn.Linear(80, 256), nn.ReLU(), nn.Linear(256, 1000))
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
net[2] = nn.Linear(256, 10)                                # the new head comes too late
before = net[2].weight.detach().clone()
for _ in range(20):
    loss = nn.functional.cross_entropy(net(F_train[:, :80]), torch.from_numpy(large.y_train))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print("the new head after 20 steps: unchanged", torch.equal(net[2].weight, before))

# %% [markdown]
r"""
**The same change for the whole batch.** One angle for all images of a batch is easier to write. But then each step
sees one angle instead of fifty, and its gradient pulls towards that one. Look at a batch before you train.
"""

# %%
batch, rng = X_train[few_digits[::50]], np.random.default_rng(seed)
together, each = augment.rotate(batch, 25.0), augment.random_rotation(batch, 30, rng)
fig, axes = plot.figure("Above, one angle for the whole batch; below, an angle for each image", nrows=2, ncols=10, size=(7.2, 2.3))
plot.images(axes, np.concatenate([together, each])[:, 0])
plot.show(fig, alt="Ten digits, twice. Above, all lean to the left by the same angle. Below, each is turned by another angle, some to the left, some to the right.")

# %% [markdown]
r"""
**Augmenting what you test on.** Leave the change switched on, and the score falls, and is another each time:
"""

# %% tags=["nbval-ignore-output"]
rng = np.random.default_rng(seed)
scores = [hits(stretched, turned_zoomed_moved(X_val, rng), digits.y_val).mean() for _ in range(4)]
print(f"validation accuracy {hits(stretched, X_val, digits.y_val).mean():.1%}; on changed images:", *(f"{score:.1%}" for score in scores))

# %% [markdown]
r"""
And make the split first, the copies second. If changed copies of one picture are in both parts, the validation score
measures memory.

## From Keras to PyTorch

| Keras | PyTorch |
|---|---|
| `applications.EfficientNetB0(weights="imagenet", include_top=False)` | a module and its state dictionary; `load_state_dict(torch.load(path, weights_only=True))`; torchvision and timm have many |
| `base.trainable = False` | `p.requires_grad_(False)` for all parameters, **and** `net.eval()` for its batch normalization |
| `base(X, training=False)` | `base.eval()`, again after each `net.train()` |
| `GlobalAveragePooling2D()(maps)` | `maps.mean(dim=(2, 3))` |
| `ImageDataGenerator(rotation_range=10, width_shift_range=0.1, zoom_range=0.1)` | `augment.random_affine(X, rng, max_degrees=10, max_pixels=3, max_zoom=0.1)`, or torchvision's `RandomAffine` |
| `RandomFlip("horizontal")`, `RandomErasing()` | `augment.random_flip(X, rng)`, `augment.random_erasing(X, rng)` |
| new rate for fine-tuning: `compile` again | a new optimizer, after all parameters are in place |

## Summary

- A network that was trained on many pictures has learned features that serve others. Freeze it, average its maps,
  train a head: with few labels this beats training from scratch by far.
- Freezing means weights *and* running statistics. Fine-tune only with labels enough, a small rate, and after the head.
- Augmentation makes many examples of one. Each image gets a draw of its own, in training only.
- Each augmentation is a claim about labels. Check it by eye, and what it buys on validation data.

## Three quick questions

**1.** Your head on a frozen backbone trains well, and in the evening the validation score falls from run to run,
although the head is trained anew each time. What do you look at first?

<details>
<summary>Answer</summary>

At the mode of the backbone. If it is in training mode, each pass moves its running means and variances, and with each
run it is another backbone. Load it anew, call `eval()`, and compute the features once.

</details>

**2.** You classify photographs of handwritten music. Which of these are safe: moving, turning by 3 degrees, mirroring,
turning by 180 degrees, making it darker?

<details>
<summary>Answer</summary>

Moving, turning a little, darker: yes. Mirroring: no, a mirrored clef is none, and stems change sides. By 180 degrees:
no, what was high is low then, and a note with its stem up becomes one with its stem down.

</details>

**3.** With 20 pictures of each kind, fine-tuning all weights was no better than a head on frozen features, although
it can represent everything that the latter can. How can that be?

<details>
<summary>Answer</summary>

What a network can represent is not what it learns from 200 pictures. More free weights can fit these pictures in more
ways, most of which say nothing about new ones ([unit 07](../07_regularization/lesson.ipynb)). Freezing is a strong
regularization.

</details>

Now write it yourself: [the exercises](exercises.ipynb).
"""
