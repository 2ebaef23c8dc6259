# %% [markdown]
r"""
# Train a network that sees

> **Time**: {{run_time}} to run, 90 minutes to study.
>
> **What you do**: put the pieces of unit 09 together into a convolutional network; follow its shapes and count its weights; train it on 3,500 digits to nearly 99 %; find out what each ingredient buys; look at what it sees, where it errs and which pixels it relies on.
>
> **What you need first**: [unit 09](../09_convolution/lesson.ipynb) (convolution, pooling), [unit 08](../08_pytorch/lesson.ipynb) (PyTorch, `train.fit`), [unit 07](../07_regularization/lesson.ipynb) (batch normalization).
"""

# %%
import numpy as np
import torch
from torch import nn

from introdl import architecture, augment, data, metrics, plot, train
from introdl import nn as ours

seed = 0
digits = data.mnist5k()
X_train, X_val, X_test = (X.reshape(-1, 1, 28, 28) for X in (digits.X_train, digits.X_val, digits.X_test))    # (N, C, H, W)
split = (X_train, digits.y_train, X_val, digits.y_val)

# %% [markdown]
r"""
## From pieces to a network

So far, the best network of this course misread about five of a hundred digits. It saw a list of 784 numbers. In [unit
09](../09_convolution/lesson.ipynb) you built layers that see images: kernels that find a pattern wherever it is,
poolings that forget its exact place. Can a network of *the same number of weights* do better if it is made of these?

The plan is as old as LeCun's network of 1989. Convolutions find small patterns; a pooling halves the map;
convolutions on the smaller map find patterns of patterns; and so on. As the maps shrink, their number grows: less
*where*, more *what*. In the end a dense layer decides. This is a
[*convolutional neural network*](../glossary.md#convolutional-neural-network), a CNN.
"""

# %%
def make_cnn(batch_norm=False):
    layers = []
    for c_in, c_out, pools in [(1, 32, True), (32, 64, True), (64, 64, False)]:
        layers.append(nn.Conv2d(c_in, c_out, kernel_size=3))
        if batch_norm:
            layers.append(nn.BatchNorm2d(c_out))
        layers.append(nn.ReLU())
        if pools:
            layers.append(nn.MaxPool2d(2))
    net = nn.Sequential(*layers, nn.Flatten(), nn.Linear(64 * 3 * 3, 64), nn.ReLU(), nn.Linear(64, 10))
    return net.to(memory_format=torch.channels_last)       # another order in memory: the same numbers, a quarter faster here


torch.manual_seed(seed)
cnn = make_cnn()

# %% [markdown]
r"""
### Follow the shapes

Where does `64 * 3 * 3` come from? Follow one digit through. A convolution of 3×3 without padding takes two pixels
from each side length; a pooling halves it and drops a remainder.
"""

# %%
X = torch.from_numpy(X_train[:1])
for layer in cnn:
    X = layer(X)
    print(f"{type(layer).__name__:10} {str(tuple(X.shape)):18} {sum(p.numel() for p in layer.parameters()):7,} parameters")
print(f"{architecture.count_parameters(cnn):,} in all")

# %% [markdown]
r"""
28 → 26 → 13 → 11 → 5 → 3: there are 64 maps of 3×3 at the end, 576 numbers. From 5.5, a half pixel is lost (11 is
odd): the last row and column of that map are never looked at.

Compute a row by hand: the second convolution has 64 kernels of $32 \cdot 3 \cdot 3$ weights and a bias each,
$64 \cdot (288 + 1) = 18{,}496$. Where are most of the weights? In the third convolution and in the first dense layer,
36,928 each. Where is most of the *work*? That is another question, for [unit 11](../11_architectures/lesson.ipynb).

How far does the last map see? As in unit 09:
"""

# %%
convolutions = [layer for layer in cnn if isinstance(layer, (nn.Conv2d, nn.MaxPool2d))]
print(architecture.receptive_field(convolutions), "of 28 pixels")

# %% [markdown]
r"""
### The same in NumPy

Nothing here is new to you: `introdl.nn` has the same layers, built in unit 09. Copy the weights over, send 16 digits
through both, and go back. (`Linear` keeps the transpose of what `Dense` has; convolutions have the same shapes.)
"""

# %%
rng = np.random.default_rng(seed)
in_numpy = ours.Sequential(
    ours.Conv2d(1, 32, 3, rng), ours.ReLU(), ours.MaxPool2d(2), ours.Conv2d(32, 64, 3, rng), ours.ReLU(), ours.MaxPool2d(2),
    ours.Conv2d(64, 64, 3, rng), ours.ReLU(), ours.Flatten(), ours.Dense(576, 64, rng), ours.ReLU(), ours.Dense(64, 10, rng),
)
def as_ours(array):                                        # Linear keeps (outputs, inputs)
    return array.T if array.ndim == 2 else array


for mine, theirs in zip(in_numpy.params, cnn.parameters()):
    mine[...] = as_ours(theirs.detach().numpy())
X, y = X_train[:16], digits.y_train[:16]
logits = cnn(torch.from_numpy(X))
nn.functional.cross_entropy(logits, torch.from_numpy(y)).backward()
our_logits = in_numpy.forward(X)
in_numpy.backward(ours.cross_entropy_backward(our_logits, y))
worst = max(np.abs(g - as_ours(p.grad.numpy())).max() / np.abs(g).max() for g, p in zip(in_numpy.grads, cnn.parameters()))
assert np.allclose(our_logits, logits.detach().numpy(), atol=1e-5) and worst < 1e-4
print(f"logits and {len(in_numpy.grads)} arrays of gradients: equal to rounding")

# %% [markdown]
r"""
## Two networks of the same size

Now the comparison. On one side the CNN, on the other a dense network with as many weights, to a percent. Both get
Adam at its usual rate and no other help. An epoch of the dense network takes a tenth of the time, so it gets three
times as many.
"""

# %%
def make_mlp(batch_norm=False):
    layers = [nn.Flatten()]
    for n_in, n_out in [(784, 115), (115, 20)]:
        layers += [nn.Linear(n_in, n_out), *([nn.BatchNorm1d(n_out)] if batch_norm else []), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(20, 10))


torch.manual_seed(seed)
mlp = make_mlp()
print(f"CNN {architecture.count_parameters(cnn):,}, dense {architecture.count_parameters(mlp):,} parameters")
histories = {"dense": train.fit(mlp, split, num_epochs=24, seed=seed), "CNN": train.fit(cnn, split, num_epochs=8, seed=seed)}

# %% tags=["nbval-ignore-output"]
fig, axes = plot.figure("With as many weights, the CNN errs about half as often", ncols=2, size=(7.2, 3.3))
for color, (name, history) in zip(("C1", "C0"), histories.items()):
    errors = [100 * (1 - share) for share in history["val_accuracy"]]
    epochs = range(1, len(errors) + 1)
    axes[0].semilogy(epochs, history["train_loss"], "--", color=color)
    axes[0].semilogy(epochs, history["val_loss"], "-", color=color)
    axes[1].plot(epochs, errors, "-", color=color)
    axes[1].text(len(errors) + 0.5, errors[-1], name, color=color, va="center")
axes[0].set(xlabel="epoch", ylabel="loss (dashed: training)")
axes[1].set(xlabel="epoch", ylabel="validation errors (%)", xlim=(0.5, 29), ylim=(0, 20))
plot.show(fig, alt="Learning curves of the dense network over 24 epochs and of the CNN over 8. Left: the training losses, dashed, end below the validation losses, "
                   "solid; the dense network's validation loss stops falling. Right: the CNN's validation errors fall below 5 percent, those of the dense "
                   "network level off at about 7 percent.")
assert histories["CNN"]["val_accuracy"][-1] > histories["dense"]["val_accuracy"][-1] + 0.02

# %% [markdown]
r"""
The longer training does not help the dense network: its training loss falls and falls, its validation errors stay.
What the CNN has is not more weights, it is an assumption that is true of images: neighbours belong together, and a
stroke is a stroke anywhere. Such a built-in assumption is called an
[*inductive bias*](../glossary.md#inductive-bias).
"""

# %% [markdown]
r"""
## The full recipe

Three ingredients make it better still.

- **Batch normalization**, as in [unit 07](../07_regularization/lesson.ipynb). For images, each *channel* is
  normalized: its mean and variance are taken over the batch and over all pixels, since all pixels share the kernel.
- **One-cycle schedule**, as in [unit 06](../06_optimizers/lesson.ipynb).
- [*Augmentation*](../glossary.md#augmentation): in training, each digit is turned, zoomed and moved a little,
  differently each time. A 7 that is turned by five degrees is still a 7. So 3,500 digits become as many as you like.
  [Unit 12](../12_transfer_augmentation/lesson.ipynb) is about that; here it is one line, `augment.random_affine`.
"""

# %%
maps = torch.randn(64, 32, 13, 13)
normalize = nn.BatchNorm2d(32)
by_hand = (maps - maps.mean(dim=(0, 2, 3), keepdim=True)) / (maps.var(dim=(0, 2, 3), keepdim=True, correction=0) + 1e-5).sqrt()
assert torch.allclose(normalize(maps), by_hand, atol=1e-5)
print("one mean and one variance for each of", len(normalize.running_mean), "channels, over", maps[:, 0].numel(), "numbers each")

# %%
copies = augment.random_affine(np.repeat(X_train[:3], 7, axis=0), np.random.default_rng(seed), max_degrees=10, max_zoom=0.1, max_pixels=2)
copies[::7] = X_train[:3]
fig, axes = plot.figure("Left the digit, then six copies: turned, zoomed, moved a little", nrows=3, ncols=7, size=(6.4, 3.1))
plot.images(axes, copies[:, 0])
plot.show(fig, alt="Three rows of seven handwritten digits. The first in each row is the original, the others are slightly rotated, scaled and shifted copies, all easy to read.")

# %% [markdown]
r"""
In PyTorch, put it in front of the network as a layer that works in training mode only, like dropout:
"""

# %%
class RandomAffine(nn.Module):
    def __init__(self, seed):
        super().__init__()
        self.rng = np.random.default_rng(seed)

    def forward(self, X):
        return augment.random_affine(X, self.rng, max_degrees=10, max_zoom=0.1, max_pixels=2) if self.training else X


def train_by_recipe(net, num_epochs=30):
    """Train with augmentation and a one-cycle schedule; return the network that was trained, and its history."""
    net = nn.Sequential(RandomAffine(seed), net)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.005)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.005, total_steps=num_epochs * 55)
    return net, train.fit(net, split, num_epochs=num_epochs, optimizer=optimizer, scheduler=scheduler, seed=seed)


torch.manual_seed(seed)
best_cnn, history = train_by_recipe(make_cnn(batch_norm=True))
best_mlp, _ = train_by_recipe(make_mlp(batch_norm=True))

# %% [markdown]
r"""
### What each ingredient buys

One run says little. A command of this course, `python -m tests.bench.cnn`, trained both networks with every
combination of the three, each from four seeds, for 15 epochs, and noted validation accuracies. It takes half an hour;
here is what it found.
"""

# %%
table = data.recorded("10_cnn")
combinations = [row["ingredients"] for row in table if row["net"] == "cnn" and row["digits"] == 3500]
found = {(row["net"], tuple(row["ingredients"]), row["digits"]): np.mean(row["val_accuracy"]) for row in table}
print(f"{'validation errors, mean of four seeds':46}   dense     CNN")
for chosen in map(tuple, combinations):
    print(f"{' + '.join(chosen) or 'none':46} {1 - found['mlp', chosen, 3500]:7.1%} {1 - found['cnn', chosen, 3500]:7.1%}")
assert found["cnn", (), 3500] - found["mlp", (), 3500] >= 0.03

# %% tags=["nbval-ignore-output"]
recorded = next(row["val_accuracy"] for row in table if row["net"] == "cnn" and len(row["ingredients"]) == 3)
again = history["val_accuracy"][-1]
print(f"CNN with all three: recorded {min(recorded):.1%} to {max(recorded):.1%}, trained again here {again:.1%}")
assert min(recorded) - 0.01 <= again <= max(recorded) + 0.01

# %% [markdown]
r"""
### How many digits does it need?

The same command also trained both, without the ingredients, on fewer digits, with as many steps:
"""

# %%
fig, ax = plot.figure("With 1,000 digits the CNN is ahead of the dense network with 3,500", "digits to learn from (log scale)", "validation accuracy (four seeds)")
sizes = sorted({row["digits"] for row in table})
for color, (kind, name) in zip(("C1", "C0"), {"mlp": "dense", "cnn": "CNN"}.items()):
    ax.semilogx(sizes, [found[kind, (), size] for size in sizes], "o-", color=color)
    ax.text(sizes[-1] * 1.1, found[kind, (), sizes[-1]], name, color=color, va="center")
ax.set_xticks(sizes, [f"{size:,}" for size in sizes])
ax.set_xlim(80, 6500)
plot.show(fig, alt="Validation accuracy against the number of training digits, 100 to 3,500, logarithmic. Both curves rise; the CNN's lies above that of the dense network everywhere.")

# %% [markdown]
r"""
## The headline

All choices (30 epochs, the peak rate of 0.005, how far to turn, zoom and move) were made on the validation set. Now
the test set, once, for all four networks.
"""

# %% tags=["nbval-ignore-output"]
networks = {"dense": mlp, "CNN": cnn, "dense, full recipe": best_mlp, "CNN, full recipe": best_cnn}
scores = {name: train.evaluate(net, X_test, digits.y_test)["accuracy"] for name, net in networks.items()}
for name, score in scores.items():
    print(f"{name:20} {score:.1%}")
metrics.headline("test accuracy of the CNN with the full recipe", scores["CNN, full recipe"], 0.985,
                 interval=metrics.wilson_interval(round(1000 * scores["CNN, full recipe"]), 1000))
assert scores["CNN"] - scores["dense"] >= 0.02                                   # one run each

# %% [markdown]
r"""
From other first weights (seeds 1 to 3) the same recipe reaches 98.7 %, 99.1 % and 98.8 %: on average 98.9 %, and an
interval of $\pm 0.7$ points around each figure is what 1,000 digits can tell.

Two things are worth seeing in these four numbers. Without augmentation the CNN is ahead by several points. With
augmentation the dense network catches up a good deal: it has *learned* from moved copies some of what the CNN knows
by construction. What convolution still buys then is the rest of the errors, and that the same holds with fewer
digits.

## What it sees

The kernels of the first layer are 3×3 images. Most are edges in some direction, as people had designed them. Nobody
told the network.
"""

# %%
network = best_cnn[1].eval()                               # without the augmentation in front
fig = plot.feature_maps(network[0].weight.detach()[:, 0].numpy(), "Learned kernels of the first layer: many have a dark and a light side", ncols=8)
plot.show(fig, alt="32 grids of three by three grey values. In many of them one side is dark and the opposite one light: left and right, top and bottom, or across a corner.")

# %% [markdown]
r"""
Send a digit through and look at the maps after each bend. Early maps are still the digit, its left edges, its upper
edges, its ink. Late maps are coarse, 3×3 numbers that say which strokes are where.
"""

# %%
place = int(np.flatnonzero(digits.y_val == 4)[0])
seen, X = [], torch.from_numpy(X_val[place : place + 1])
with torch.no_grad():
    for layer in network[:-3]:
        X = layer(X)
        if isinstance(layer, nn.ReLU):
            seen.append(X[0].numpy())


def layer_frame(number):
    maps = seen[number - 1]
    return plot.feature_maps(maps[:16], f"A 4 after convolution {number}: 16 of {len(maps)} maps of {maps.shape[1]}×{maps.shape[2]}", ncols=8)


plot.explore(layer_frame, range(1, 4), label="convolution",
             alt="Sixteen feature maps of a handwritten 4. After the first convolution each shows the digit, with other edges dark in each. After the second the "
                 "maps are coarser, with single strokes. After the third they are grids of three by three squares.")

# %% [markdown]
r"""
## Where it errs

A [*confusion matrix*](../glossary.md#confusion-matrix) counts, for each label, what it was taken for. On the diagonal
it was right. Here are only the errors, of both networks on the validation digits:
"""

# %%
def predict(net, X):
    net.eval()
    with torch.no_grad():
        return torch.softmax(net(torch.from_numpy(X)), dim=1).numpy()


def confusion_matrix(y, y_hat):
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (y, y_hat), 1)                       # row: label, column: prediction
    return counts


# %% tags=["nbval-ignore-output"]
fig, axes = plot.figure("The dense network mixes up many pairs, the CNN hardly any", ncols=2, size=(7.2, 3.7))
for ax, name in zip(axes, ("dense", "CNN, full recipe")):
    counts = confusion_matrix(digits.y_val, predict(networks[name], X_val).argmax(axis=1))
    errors = counts - np.diag(np.diag(counts))
    ax.imshow(errors, cmap="Oranges", vmin=0, vmax=6)
    for (row, column), count in np.ndenumerate(errors):
        if count:
            ax.text(column, row, count, ha="center", va="center", fontsize=8)
    ax.set(xticks=range(10), yticks=range(10), xlabel="taken for", ylabel="label", title=f"{name}: {errors.sum()} of 500")
plot.show(fig, alt="Two grids of ten labels by ten predictions with the number of errors in each cell. The dense network has some thirty errors spread over "
                   "many cells, the CNN about ten, mostly single ones.")

# %% [markdown]
r"""
And these are the CNN's worst: the digits to which it gave the least probability of being what they are. Some would
make a person hesitate. But look at the numbers: it is often quite sure of a wrong answer. A probability of 90 % does
not mean that nine of ten such answers are right.
"""

# %% tags=["nbval-ignore-output"]
p = predict(best_cnn, X_val)
of_label = p[np.arange(len(p)), digits.y_val]
worst = of_label.argsort()[:8]
fig, axes = plot.figure("Its worst errors: label, answer, and how sure it was", ncols=4, nrows=2, size=(6.4, 3.8))
plot.images(axes, X_val[worst, 0], [f"{digits.y_val[k]} as {p[k].argmax()} ({p[k].max():.0%})" for k in worst])
plot.show(fig, alt="Eight handwritten digits that are hard to read, each with its label, what the CNN took it for, and with which probability.")

# %% [markdown]
r"""
## Moved digits again

Unit 09 began with digits that were moved to the right. Here is the same test for all four networks:
"""

# %%
def moved(X, right):
    return augment.shift(X, down=0, right=right)


shares = {name: [train.evaluate(net, moved(X_val, right), digits.y_val)["accuracy"] for right in range(8)] for name, net in networks.items()}

# %% tags=["nbval-ignore-output"]
fig, ax = plot.figure("Convolution helps against shifts, augmentation helps more", "moved to the right by (pixels)", "validation accuracy", size=(6.4, 3.8))
for values, style in zip(shares.values(), ("C1--", "C0--", "C1-", "C0-")):
    ax.plot(range(8), values, style)
for place, name in enumerate(("CNN, full recipe", "dense, full recipe", "CNN (dashed)", "dense (dashed)")):
    ax.text(0.1, 0.42 - 0.09 * place, name, color="C0" if "CNN" in name else "C1")
ax.set_ylim(0, 1.02)
plot.show(fig, alt="Validation accuracy against shifts by 0 to 7 pixels. The plain dense network falls at once, the plain CNN a pixel or two later. With the full recipe "
                   "both stay high for three pixels, and the CNN falls last.")
assert shares["CNN"][3] > shares["dense"][3] and shares["CNN, full recipe"][3] > shares["CNN"][3]

# %% [markdown]
r"""
A CNN is not invariant. Its convolutions follow the shift, its two poolings forgive a few pixels, and then a dense
layer with weights for each place looks at 3×3 maps. It was trained on moves of up to 2 pixels and holds a little
beyond.

## Which pixels count

Two ways to ask. First, the gradient: how much does the score of the predicted class change with each pixel? Its
absolute value is a [*saliency map*](../glossary.md#saliency-map) (Simonyan et al., 2014). Second,
[*occlusion*](../glossary.md#occlusion): cover a patch of the digit and see how far the probability falls (Zeiler and
Fergus, 2014). The first asks about tiny changes, the second about large ones.
"""

# %%
def gradient_saliency(net, image, label):                  # (1, 28, 28) -> (28, 28)
    X = torch.tensor(image[None], requires_grad=True)
    net.eval()
    net(X)[0, label].backward()
    return X.grad[0, 0].abs().numpy()


def occlusion(net, image, label, side=5):                  # (1, 28, 28) -> (28, 28): loss of probability, mean over patches
    covered, masks = [], []
    for top in range(0, 28 - side + 1, 1):
        for left in range(0, 28 - side + 1, 1):
            mask = np.zeros((28, 28), bool)
            mask[top : top + side, left : left + side] = True
            covered.append(np.where(mask, 0, image))
            masks.append(mask)
    masks, fall = np.array(masks, np.float32), predict(net, image[None])[0, label] - predict(net, np.array(covered, np.float32))[:, label]
    return np.maximum((masks * fall[:, None, None]).sum(axis=0) / masks.sum(axis=0), 0)


chosen = [int(np.flatnonzero(digits.y_val == label)[1]) for label in (2, 4, 6, 9)]
fig, axes = plot.figure("Which pixels the answer hangs on, asked in two ways", nrows=2, ncols=4, size=(6.4, 3.7))
for column, k in enumerate(chosen):
    label = int(digits.y_val[k])
    for row, heat in enumerate((gradient_saliency(network, X_val[k], label), occlusion(network, X_val[k], label))):
        plot.saliency(axes[row, column], X_val[k], heat)
axes[0, 0].set_title("gradient", loc="left")
axes[1, 0].set_title("occlusion", loc="left")
plot.show(fig, alt="A 2, a 4, a 6 and a 9 in pale grey, twice. Above, red specks on and around the strokes: the gradient. Below, red areas where covering the digit "
                   "lowers the probability most: the upper end of the 2 and of the 4, the left curve of the 6, the loop of the 9.")

# %% [markdown]
r"""
Such maps are hints, not explanations. The gradient is speckled because it asks about single pixels; occlusion shows
what a hole does, and a hole with sharp edges is something that the network has never seen.

## What goes wrong

**A forgotten ReLU.** Two convolutions without a bend between them are one convolution with a larger kernel, as two
dense layers were one ([unit 02](../02_networks/lesson.ipynb)). It runs and learns, and is only worse.

**Flatten with the batch.** `X.flatten()` makes one row of the whole batch. `nn.Flatten()` and `X.flatten(1)` leave
the first axis alone.
"""

# %%
maps = torch.zeros(16, 64, 3, 3)
print(tuple(maps.flatten().shape), "instead of", tuple(maps.flatten(1).shape))

# %% [markdown]
r"""
**Channels in the wrong place.** Photographs come as $(N, H, W, 3)$. `permute` moves axes, `reshape` cuts the numbers
into other pieces. Both give the right shape:
"""

# %%
photo = data.photo("coffee")[:, ::4, ::4]                  # (3, 100, 150)
as_file = torch.tensor(photo).permute(1, 2, 0)             # (100, 150, 3), as a file has it
right, wrong = as_file.permute(2, 0, 1), as_file.reshape(3, 100, 150)
fig, axes = plot.figure("The red channel, by permute and by reshape", ncols=2, size=(6.4, 2.7))
for ax, picture, name in zip(axes, (right, wrong), ("permute: a cup of coffee", "reshape: another picture")):
    ax.imshow(picture[0], cmap="gray")
    ax.set(xticks=[], yticks=[], title=name)
plot.show(fig, alt="Left, a cup of coffee in grey. Right, the upper third of the same picture, stretched to the full height, under a fine grid: red, green and blue pixels alternate.")

# %% [markdown]
r"""
**Accuracy on the training data.** The plain CNN after eight epochs, on digits that it has seen and on digits that it
has not:
"""

# %% tags=["nbval-ignore-output"]
print(f"training {train.evaluate(cnn, X_train, digits.y_train)['accuracy']:.1%}, validation {train.evaluate(cnn, X_val, digits.y_val)['accuracy']:.1%}")

# %% [markdown]
r"""
## From Keras to PyTorch

| Keras | PyTorch |
|---|---|
| images `(N, H, W, C)` | images `(N, C, H, W)`: `X.permute(0, 3, 1, 2)` |
| `Conv2D(32, 3, activation="relu")` | `Conv2d(c_in, 32, 3)`, then `ReLU()`; the number of input channels is named |
| `Conv2D(32, 3, padding="same", strides=2)` | `Conv2d(c_in, 32, 3, padding=1, stride=2)`; at stride 2 Keras may pad one side only |
| `MaxPooling2D(2)`, `AveragePooling2D(2)` | `MaxPool2d(2)`, `AvgPool2d(2)` |
| `GlobalAveragePooling2D()` | `X.mean(dim=(2, 3))` |
| `BatchNormalization()` | `BatchNorm2d(channels)` |
| `Flatten()` | `Flatten()`; the order of the numbers differs, since the channels do |
| `RandomRotation`, `RandomTranslation`, `RandomZoom` | a module of your own, as above |

## Summary

- Convolution, bend, pooling, again and again: maps shrink, channels grow; a dense layer decides.
- At equal size the CNN errs far less than a dense network: what it assumes about images is true.
- Batch normalization, a one-cycle schedule and augmentation each help; together they bring the test accuracy to
  nearly 99 %.
- Look at your network: kernels, feature maps, confusion matrix, worst errors, shifts, saliency.

## Three quick questions

**1.** Replace the last pooling and the flatten by the mean of each of the 64 maps. How many inputs has the dense
layer then, and what does the network gain and lose?

<details>
<summary>Answer</summary>

64 instead of 576. It has fewer weights, works for images of any size, and a shift matters less. It loses *where* on
the map a pattern was found, unless the patterns themselves are large enough to tell.

</details>

**2.** Your CNN has 99.9 % on the training digits and 96 % on the validation digits. Name three things of this unit or
earlier ones that may help, in the order in which you would try them.

<details>
<summary>Answer</summary>

Augmentation first, which is like more data; then regularization from [unit 07](../07_regularization/lesson.ipynb),
such as dropout before the last layer or weight decay, or early stopping; then a smaller network. More data, if you
can have it, before all of them.

</details>

**3.** In the table, is the gain of two ingredients the sum of their gains? Why could it not be?

<details>
<summary>Answer</summary>

No: add up what the three buy the CNN alone, and compare. They partly remove the same errors, and what is nearly
solved leaves little to gain. And some need each other: with batch normalization, augmentation helps only when the
schedule comes, too, since a harder task takes longer to learn.

</details>

Now write it yourself: [the exercises](exercises.ipynb).
"""
