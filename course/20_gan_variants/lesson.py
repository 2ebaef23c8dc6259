# %% [markdown]
r"""
# Draw, restyle, translate

> **Time**: {{run_time}} to run, 100 minutes to study.
>
> **What you do**: give the forger convolutions, and measure what that is worth at equal time; colour outlines, learned
> from pairs; translate between two styles of digits without one pair; take a picture apart into coarse and fine style;
> and learn how to judge a generator when there is no right answer.
>
> **What you need first**: [unit 09](../09_convolution/lesson.ipynb) (stride, receptive field), [unit
> 11](../11_architectures/lesson.ipynb) (skip connections), [unit 19](../19_gan/lesson.ipynb) (generator, discriminator,
> both losses).
"""

# %%
import numpy as np
import torch
from torch import nn

from introdl import data, gan, metrics, plot
from introdl.generators import cycle, dcgan, digits, frechet, pix2pix, style

seed = 0
mnist = data.mnist5k()
X, X_val, X_test = (torch.from_numpy(2 * part - 1).reshape(-1, 1, 28, 28) for part in (mnist.X_train, mnist.X_val, mnist.X_test))

# %% [markdown]
r"""
## Which one is a forgery?

[Unit 19](../19_gan/lesson.ipynb) had a forger of dense layers. It did not know that pixels have neighbours. Here you
give it that knowledge, and then change the task: not "draw something", but "colour this", "say this in another style",
"this digit with the pen of that one". Four famous networks, each in miniature.

Looking at fakes is pleasant and proves little: you see sixteen of them, and the eye forgives. So a ruler comes first.
"""

# %% [markdown]
r"""
## A ruler for generators

A classifier that reads digits has learned what matters in them. Take what its last layer sees, 32 *features* for each
picture. Real digits make a cloud in 32 dimensions, fakes make another. If the forger is good, the clouds agree.

How far are two clouds apart? Fit a Gaussian to each: means $\mu$, covariance matrices $A$ and $B$. The
[*Fréchet distance*](../glossary.md#fid) of the two is

$$\lVert \mu_X - \mu_Y \rVert^2 + \operatorname{tr} A + \operatorname{tr} B - 2 \operatorname{tr} (A B)^{1/2}.$$

In one dimension this is $(\mu_X - \mu_Y)^2 + (\sigma_X - \sigma_Y)^2$: middles and spreads. $(AB)^{1/2}$ is the root of
the *matrix*: what, multiplied with itself, gives $AB$. Its trace is the sum of the roots of the eigenvalues.
"""

# %%
def by_hand(X, Y):
    A, B = np.cov(X, rowvar=False), np.cov(Y, rowvar=False)                    # (D, D) each
    eigenvalues = np.clip(np.linalg.eigvals(A @ B).real, 0, None)
    return ((X.mean(0) - Y.mean(0)) ** 2).sum() + np.trace(A) + np.trace(B) - 2 * np.sqrt(eigenvalues).sum()


rng = np.random.default_rng(seed)
cloud, other = rng.normal(size=(50, 3)), rng.normal(1, 2, size=(60, 3))
assert np.isclose(by_hand(cloud, other), frechet.frechet_distance(cloud, other))
print(f"two clouds: {by_hand(cloud, other):.2f}; a cloud and itself: {abs(by_hand(cloud, cloud)):.2f}; moved by 3: {by_hand(cloud, cloud + [3, 0, 0]):.2f}")

# %% [markdown]
r"""
Large generators are judged like that with the features of a network trained on ImageNet, under the name FID. Ours are
digits, so we train a reader of digits. Distances from different readers cannot be compared.

A ruler has a noise floor. Two samples of *real* digits are not at distance 0, since both are finite. Nobody can be asked
to do better than that.
"""

# %% tags=["nbval-ignore-output"]
reader = frechet.train_classifier(X, mnist.y_train, seed)
real = frechet.features(reader, X_val)
floor = frechet.frechet_distance(frechet.features(reader, X[:500]), real)
skill = metrics.accuracy(mnist.y_val, frechet.predict(reader, X_val))
noisy = frechet.frechet_distance(frechet.features(reader, X[:500] + 0.5 * torch.randn(500, 1, 28, 28)), real)
copies = frechet.frechet_distance(frechet.features(reader, X[:500][torch.arange(500) % 10]), real)
print(f"the reader knows {skill:.0%} of the validation digits")
turned = frechet.frechet_distance(frechet.features(reader, X[:500].flip(2)), real)
print(f"real against real {floor:.1f}; upside down {turned:.1f}; ten real ones again and again {copies:.1f}; with noise {noisy:.1f}")
assert skill > 0.88 and floor < 15 and min(turned, copies) > 2 * floor and noisy < min(turned, copies)

# %% [markdown]
r"""
It sees digits upside down, and it sees missing variety. It hardly sees noise that you would see at once: a reader of
digits has learned not to mind it. A ruler made of features is blind where its reader is. So look at the pictures, too.

One number cannot say *which* of the two is wrong. So ask twice
([Kynkäänniemi and others 2019](https://arxiv.org/abs/1904.06991)): which share of the fakes lies among the real ones
([*precision*](../glossary.md#precision-and-recall-of-a-generator): quality), and which share of the real ones lies among
the fakes (*recall*: variety)? "Among" means: closer to one of them than its own third neighbour is.
"""

# %%
fitting = {"other real digits": X[:500], "ten of them, again and again": X[:500][torch.arange(500) % 10] + 0.02 * torch.randn(500, 1, 28, 28),
           "with noise": X[:500] + 0.5 * torch.randn(500, 1, 28, 28)}
for name, fakes in fitting.items():
    precision, recall = frechet.precision_recall(real, frechet.features(reader, fakes))
    print(f"{name:30} precision {precision:.0%}, recall {recall:.0%}")

# %% [markdown]
r"""
## DCGAN: a forger with convolutions

A detective with convolutions is a classifier as in [unit 10](../10_cnn/lesson.ipynb): it makes maps smaller. The forger
must make them larger. A [*transposed convolution*](../glossary.md#transposed-convolution) does: for each pixel it lays
down its kernel, multiplied by that pixel, `stride` places farther each time, and adds up.
"""

# %%
def lay_down(x, kernel, stride):
    y = np.zeros((len(x) - 1) * stride + len(kernel))
    for place, value in enumerate(x):
        y[place * stride : place * stride + len(kernel)] += value * kernel
    return y


x, kernel = rng.normal(size=5), rng.normal(size=4)
theirs = nn.functional.conv_transpose1d(torch.tensor(x)[None, None], torch.tensor(kernel)[None, None], stride=2)
assert np.allclose(lay_down(x, kernel, 2), theirs[0, 0])
assert len(lay_down(x, kernel, 2)) - 2 == dcgan.transposed_size(5, 4, 2, padding=1) == 10      # padding cuts both ends
print("equal; 5 pixels become", dcgan.transposed_size(5, 4, 2, padding=1))

# %% [markdown]
r"""
"Transposed", because it is the way back of a convolution: what `conv2d_backward` in unit 09 did with slopes. The size is
$(n - 1) \cdot \text{stride} + k - 2 \cdot \text{padding}$.

Where kernels overlap, strokes add up. Take a kernel of ones on a grey field: does the output stay grey? Move the slider.
"""

# %%
def strokes(k):
    fig, ax = plot.figure(f"Kernel {k}, stride 2: " + ("an even field" if k % 2 == 0 else "a checkerboard"), size=(4.2, 3.4))
    y = lay_down(np.ones(10), np.ones(k) / k * 2, 2)[k : -k]
    ax.imshow(np.outer(y, y), cmap="gray_r", vmin=0, vmax=2.5)
    ax.axis("off")
    return fig


plot.explore(strokes, [2, 3, 4, 5, 6], "kernel size", start=1,
             alt="A grey field made by a transposed convolution with stride 2. Kernels of 2, 4 and 6 give an even grey, kernels of 3 and 5 a checkerboard of darker and paler squares.")

# %% [markdown]
r"""
A [*checkerboard*](../glossary.md#checkerboard) appears where the kernel is no multiple of the stride. The forger can
learn weights against it, but why start with it? Our kernels are 4×4 with stride 2.

DCGAN ([Radford and others 2016](https://arxiv.org/abs/1511.06434)) is a list of rules that made such GANs train:

- strides instead of pooling, in both players; no dense layers inside;
- batch norm in both, but not at the forger's output and the detective's input: there, true means and contrasts count;
- ReLU in the forger, tanh at its end; leaky ReLU in the detective, so that slopes reach the forger everywhere;
- first weights of standard deviation 0.02, and Adam whose first decay is 0.5 instead of 0.9: the opponent changes, so
  old slopes are soon out of date.
"""

# %%
forger, detective = dcgan.generator(), dcgan.discriminator()
print(forger)
for name, net in (("DCGAN", forger), ("dense", gan.dense_generator())):
    print(f"{name} generator: {sum(p.numel() for p in net.parameters()):,} parameters")

# %% [markdown]
r"""
### A fair race

Is it better than the dense one, or only slower? A step of the DCGAN takes longer. So a command, `python -m
tests.bench.generators`, timed both and gave the dense network as many steps as fit into the time of the DCGAN's. Either
could choose among four learning rates. The losses are those of unit 19. Distances are to validation digits, from four
seeds:
"""

# %%
table = {row["net"]: row for row in data.recorded("20_gan_variants")}
for name, row in table.items():
    low, high = min(row["distance"]), max(row["distance"])
    print(f"{name:6} {row['steps']} steps at {row['lr']}: distance {low:.0f} to {high:.0f}, precision {np.mean(row['precision']):.0%}, "
          f"recall {np.mean(row['recall']):.0%}, {np.mean(row['seconds']):.0f} s")
assert np.mean(table["dense"]["recall"]) < 0.2 < 0.5 < np.mean(table["DCGAN"]["recall"])
assert np.mean(table["dense"]["precision"]) > np.mean(table["DCGAN"]["precision"])

# %% [markdown]
r"""
The dense GAN's weakness is variety: its recall is low, so most real digits have no fake near them. Its
precision is even higher than the DCGAN's, whose fakes are often broken. One number for both would have hidden that.

The seconds are the processor's, on the machine that made the table. Train both again, with the same numbers of steps.
"""

# %%
def trained(name):
    torch.manual_seed(seed)
    nets = (gan.dense_generator(), gan.dense_discriminator()) if name == "dense" else (dcgan.generator(), dcgan.discriminator())
    dcgan.train(*nets, X.flatten(1) if name == "dense" else X, table[name]["steps"], table[name]["lr"], seed)
    return nets[0]


forgers = {name: trained(name) for name in table}

# %% tags=["nbval-ignore-output"]
for name, net in forgers.items():
    distance = frechet.frechet_distance(real, frechet.features(reader, dcgan.sample(net, 500, seed)))
    print(f"{name:6} distance {distance:.0f}; recorded {min(table[name]['distance']):.0f} to {max(table[name]['distance']):.0f}")
    assert 0.5 * min(table[name]["distance"]) < distance < 2 * max(table[name]["distance"])

# %% [markdown]
r"""
### Drawn, or copied?

A forger that has learned pictures by heart would have a splendid distance. So look beside each fake for the training
picture that is nearest to it, pixel by pixel.
"""

# %%
fakes = dcgan.sample(forgers["DCGAN"], 8, seed + 1)
places, distances = frechet.nearest(fakes.flatten(1), X.flatten(1))
rows = [dcgan.sample(forgers["dense"], 8, seed + 1), fakes, X[places]]
fig, axs = plot.figure("The DCGAN draws strokes; its fakes are near training digits, but no copies", ncols=8, nrows=3, size=(7.2, 3.4))
plot.images(np.ravel(axs), torch.cat(rows)[:, 0].numpy())
for ax, name in zip(axs[:, 0], ("dense", "DCGAN", "nearest")):
    ax.set_title(name, loc="left", fontsize=9)
plot.show(fig, alt="Three rows of eight small pictures. Top, fakes of the dense GAN: digits in speckles, several alike. Middle, fakes of the DCGAN: clean strokes, some of them digits, some only parts. "
                   "Bottom, the training digit nearest to each fake in the middle: similar in form, but with other details.")

# %% tags=["nbval-ignore-output"]
_, among_real = frechet.nearest(X_val.flatten(1), X.flatten(1))
_, among_fakes = frechet.nearest(dcgan.sample(forgers["DCGAN"], 500, seed).flatten(1), X.flatten(1))
print(f"to the nearest training digit: fakes {np.median(among_fakes):.1f}, real validation digits {np.median(among_real):.1f}; the closest fake {among_fakes.min():.1f}")
assert among_fakes.min() > 1

# %% [markdown]
r"""
The right comparison is beside it: new real digits are also near to training digits. A copy would be at distance 0.

### The headline

Now the test set, once. The distance of the DCGAN's fakes to 1,000 new digits, as a share of the dense GAN's. The
interval comes from drawing digits and fakes again and again, with repetition; it says nothing of other trainings, which
differ more (the table of measured results has four seeds).
"""

# %% tags=["nbval-ignore-output"]
new = frechet.features(reader, X_test)
seen = {name: frechet.features(reader, dcgan.sample(net, 1000, seed)) for name, net in forgers.items()}
away = {name: frechet.frechet_distance(new, fake) for name, fake in seen.items()}
floor = frechet.frechet_distance(new, frechet.features(reader, X[:1000]))
draws = rng.integers(1000, size=(100, 2, 1000))
ratios = [frechet.frechet_distance(new[a], seen["DCGAN"][b]) / frechet.frechet_distance(new[a], seen["dense"][b]) for a, b in draws]
print(f"DCGAN {away['DCGAN']:.0f}, dense {away['dense']:.0f}, real against real {floor:.1f}")
metrics.headline("distance of the DCGAN as a share of the dense GAN's, at equal time", away["DCGAN"] / away["dense"], 0.5,
                 at_least=False, interval=tuple(np.percentile(ratios, [2.5, 97.5])))

# %% [markdown]
r"""
## pix2pix: colour this

Now the forger gets no noise but a picture, and has to make another one of it. There are *pairs* to learn from: the
outline of an emoji, and the emoji. (They are drawings of [OpenMoji](https://openmoji.org), CC BY-SA 4.0, 32×32 pixels.)
The outline is where all three colours are dark.
"""

# %%
emoji = data.emoji(32)
lines, lines_test = pix2pix.outline(emoji.X_train), pix2pix.outline(emoji.X_test)
colours, colours_test = torch.from_numpy(2 * emoji.X_train - 1), torch.from_numpy(2 * emoji.X_test - 1)
print(f"{len(lines)} pairs to learn from, {len(lines_test)} to test; outline {tuple(lines.shape[1:])}, colours {tuple(colours.shape[1:])}")

# %% [markdown]
r"""
[Isola and others (2017)](https://arxiv.org/abs/1611.07004) have three ideas.

**A [*U-Net*](../glossary.md#u-net).** Convolutions with stride 2 make the outline small, so that the network sees what it
is; transposed ones make it large again. But the lines should be where they were, to the pixel, and a map of 4×4 has
forgotten that. So each map on the way up is stacked with the map of the same size from the way down: as channels, not
added as in ResNet.
"""

# %%
net = pix2pix.UNet()
small = net.down1(lines[:1])
print("down:", tuple(small.shape[1:]), tuple(net.down2(small).shape[1:]), tuple(net.down3(net.down2(small)).shape[1:]))
print("last layer up:", tuple(net.up1.weight.shape[:2]), "channels in and out: half of what comes in is from the way across")

# %% [markdown]
r"""
**Two losses.** The mean absolute difference to the true colours, L1, says: be right. But an outline does not say whether
a car is red or blue. What has the smallest expected error then? For L1 it is the median of the possible colours, pixel by
pixel. Often it is dull. So a detective comes along that looks at outline *and* colours and says whether they look real.

**A [*PatchGAN*](../glossary.md#patchgan).** L1 already cares for the whole. The detective should care for texture, so it
gives one verdict for each patch of the picture, not for all of it. How large is a patch? Ask with slopes: which pixels
change the verdict in the middle?
"""

# %%
judge = pix2pix.patch_discriminator()
pair = torch.randn(1, 4, 32, 32, requires_grad=True)
verdicts = judge(pair)
verdicts[0, 0, 4, 4].backward()
touched = pair.grad[0].abs().sum(0) > 0
field, step = 1, 1
for k, stride in ((4, 2), (4, 2), (3, 1)):
    field, step = field + (k - 1) * step, step * stride
assert touched.any(0).sum() == touched.any(1).sum() == field
print(f"verdicts {tuple(verdicts.shape[2:])}; each sees {field}×{field} pixels, neighbours are {step} apart")

# %% [markdown]
r"""
Train two: with L1 only, and with L1 and the detective. The same network, the same 600 steps.
"""

# %%
painters = {}
for name in ("L1 only", "L1 and detective"):
    torch.manual_seed(seed)
    painters[name] = pix2pix.UNet()
    pix2pix.train(painters[name], lines, colours, num_steps=600, seed=seed, adversarial=name != "L1 only")
painted = {}
for name, painter in painters.items():
    with torch.no_grad():
        painted[name] = painter.eval()(lines_test)

# %%
chosen = [int(np.flatnonzero(emoji.y_test == label)[0]) for label in range(8)]
fig, axs = plot.figure("Outlines that the networks have not seen, two ways to colour them, and the true colours", ncols=8, nrows=4, size=(7.2, 4.2))
rows = [lines_test.expand(-1, 3, -1, -1) * -1, painted["L1 only"], painted["L1 and detective"], colours_test]
for row, pictures, name in zip(axs, rows, ("outline", "L1 only", "L1 and detective", "true")):
    for ax, place in zip(row, chosen):
        ax.imshow((pictures[place].permute(1, 2, 0).numpy() + 1) / 2)
        ax.axis("off")
    row[0].set_title(name, loc="left", fontsize=9)
plot.show(fig, alt="Four rows of eight emoji. Top, black outlines on white. Below, the colours of the network with L1 only and of the one with a detective, both with the lines kept and blotchy, partly wrong colours. Bottom, the true colours.")

# %% [markdown]
r"""
Which is better? Three numbers. L1, where the first network has been trained for nothing else. *Vividness*, the mean
distance between the largest and the smallest of a pixel's three colours. And a fresh critic: a new detective is trained
on half of the test pictures to tell painted ones from real ones, and asked about the other half. 50 % would be a perfect
forgery.
"""

# %% tags=["nbval-ignore-output"]
def vividness(pictures):
    return ((pictures.amax(1) - pictures.amin(1)) / 2).mean().item()


print(f"{'true colours':17} vividness {vividness(colours_test):.3f}")
found, order = {}, torch.randperm(len(lines_test), generator=torch.Generator().manual_seed(seed))     # classes come in order
for name, pictures in painted.items():
    critic = pix2pix.fresh_critic(lines_test[order], colours_test[order], pictures[order], seed)
    found[name] = (pictures - colours_test).abs().mean().item(), vividness(pictures), critic
    print(f"{name:17} vividness {found[name][1]:.3f}, L1 {found[name][0]:.3f}, a fresh critic is right in {found[name][2]:.0%}")
assert all(away < 0.5 and critic > 0.5 for away, _, critic in found.values())

# %% [markdown]
r"""
Both are caught more often than a perfect forgery would be: 200 pairs and a few seconds do not make colours that pass.
Compare the two rows, and read them as they are. A smaller L1 is no surprise for the network that was trained for nothing
else, and the more vivid of the two need not be the better one: look at what the true colours have. These are one run
each, so another seed may turn a small difference round. In the paper, with many more pairs, the detective makes pictures
sharper. *A loss that sounds better is not a result.*
"""

# %% [markdown]
r"""
## CycleGAN: translate without pairs

For most translations nobody has pairs. There is no photograph of a horse and of the same horse as a zebra. There are
two piles. [Zhu and others (2017)](https://arxiv.org/abs/1703.10593) learn from two piles.

Ours: 1,750 plain digits, and 1,750 *other* digits as a poster would print them, bold and slanted, 16×16 pixels. We make
the second pile from digits ourselves. So, other than in life, we know the right translation of every digit, and can
check; the networks never see it.
"""

# %%
A, B = cycle.styles(mnist.X_train)
fig, axs = plot.figure("Two piles, no pairs: plain digits, and others as a poster prints them", ncols=8, nrows=2, size=(7.2, 2.6))
plot.images(np.ravel(axs), torch.cat([A[:8], B[:8]])[:, 0].numpy())
plot.show(fig, alt="Two rows of eight digits of 16 by 16 pixels. Top, thin upright digits. Bottom, other digits, bold and leaning to the right.")

# %% [markdown]
r"""
A forger that turns plain digits into posters, and a detective for posters: is that not enough? The detective asks only
"is it a poster?". A forger that makes a poster 3 of every 7 would pass. Nothing asks that the digit stays the same.

The idea: two forgers, `to_B` and `to_A`. There and back again must give what you started from. That is the
[*cycle loss*](../glossary.md#cycle-loss), in both directions:
"""

# %%
def there_and_back(A, B, to_B, to_A):
    return (to_A(to_B(A)) - A).abs().mean() + (to_B(to_A(B)) - B).abs().mean()


to_B, to_A = cycle.translator(), cycle.translator()
assert torch.isclose(there_and_back(A[:9], B[:9], to_B, to_A), cycle.cycle_loss(A[:9], B[:9], to_B, to_A))

# %% [markdown]
r"""
Even that can be cheated. Swap ink and paper on the way there, and swap them on the way back: the cycle is perfect. So a
third loss says that a translator leaves alone what is in its target style already: `to_B(B)` should be `B`. This is the
[*identity loss*](../glossary.md#identity-loss).

Here are the numbers for the cheat, two translators that swap ink and paper, beside two that do nothing:
"""

# %%
for name, both in (("swap ink and paper", lambda X: -X), ("do nothing", lambda X: X)):
    print(f"{name:18} cycle loss {cycle.cycle_loss(A, B, both, both).item():.2f}, identity loss {cycle.identity_loss(A, B, both, both).item():.2f}")

# %% [markdown]
r"""
Neither of the two losses can judge alone: doing nothing has 0 in both. It is the detectives who ask for another style.

Now train, for 40 steps. That is all that this lesson can afford: four networks, and each step sends pictures through the
forgers six times.
"""

# %%
brief_to_B, brief_to_A, losses = cycle.train(A, B, num_steps=40, seed=seed)
trained_to_B, trained_to_A = cycle.load()

# %% [markdown]
r"""
The last line loads two forgers that were trained longer, by the same function. The command is `python -m
introdl.generators.cycle`; it takes a few minutes on one core, from seed 0. Its file is part of the course. Run it on the
same machine twice and you get the same file; on another one small differences grow, and you get a similar one.
"""

# %%
plain = digits.small(mnist.X_val)
target = digits.poster(plain)
with torch.no_grad():
    brief, turned = brief_to_B(plain), trained_to_B(plain)
    back = trained_to_A(turned)
fig, axs = plot.figure("40 steps are too few; with more, a plain digit becomes a poster, and comes back", ncols=8, nrows=5, size=(7.2, 5.2))
plot.images(np.ravel(axs), torch.cat([P[:8] for P in (plain, brief, turned, target, back)])[:, 0].numpy())
for row, name in zip(axs, ("plain", "after 40 steps", "checkpoint", "what we know to be right", "there and back")):
    row[0].set_title(name, loc="left", fontsize=9)
plot.show(fig, alt="Five rows of eight digits. Plain validation digits; their translation after 40 steps, grey and blurred; the checkpoint's translation, bold and slanted; the right translation, which looks alike; "
                   "and the digits after the way back, plain again.")

# %% [markdown]
r"""
Does the digit stay the same digit? A reader of posters, trained on real ones, must find the class that the plain digit
had. And is it a poster? Measure ink and slant, and the difference to the right answer.
"""

# %% tags=["nbval-ignore-output"]
small, poster = digits.small(mnist.X_train), digits.poster(digits.small(mnist.X_train))
poster_reader, plain_reader = (frechet.train_classifier(P, mnist.y_train, seed) for P in (poster, small))
kept = {}
for name, pictures in (("untouched", plain), ("after 40 steps", brief), ("checkpoint", turned), ("right answer", target)):
    kept[name] = metrics.accuracy(mnist.y_val, frechet.predict(poster_reader, pictures))
    print(f"{name:15} class kept {kept[name]:.0%}, ink {digits.ink(pictures).mean():.2f}, slant {digits.slant(pictures).mean():.2f}, "
          f"away from right {(pictures - target).abs().mean():.3f}")
low, high = metrics.wilson_interval(round(500 * kept["checkpoint"]), 500)
print(f"checkpoint: {low:.0%} to {high:.0%} keep their class; on the way back {metrics.accuracy(mnist.y_val, frechet.predict(plain_reader, back)):.0%}")
assert kept["checkpoint"] >= 0.80 and kept["checkpoint"] > kept["after 40 steps"]
assert (turned - target).abs().mean() < (plain - target).abs().mean()

# %% [markdown]
r"""
The translators have never seen a pair. Two piles and a way back were enough, for a change as simple as this one. Where
the change is larger, or the piles differ in something else too (more sevens in one), the losses do not say what should
stay. CycleGAN then invents.
"""

# %% [markdown]
r"""
## StyleGAN: coarse and fine

In the GANs so far, noise goes in at the bottom and a picture comes out on top. [Karras and others
(2019)](https://arxiv.org/abs/1812.04948) let it in on every floor:

1. A [*mapping network*](../glossary.md#mapping-network) of dense layers turns noise $z$ into a *style* $w$.
2. The picture starts from one learned map of 4×4, the same for all.
3. After each convolution, the style sets mean and spread of every map.

The third is [*adaptive instance normalization*](../glossary.md#adaptive-instance-normalization), AdaIN. For map $c$ of
picture $n$,

$$\text{scale}_{nc} \cdot \frac{X_{nc} - \text{mean}(X_{nc})}{\text{std}(X_{nc})} + \text{shift}_{nc},$$

with mean and standard deviation over the map's own pixels. Batch norm took them over the batch, so that pictures of a
batch would share a style.
"""

# %%
def adain(X, scale, shift):
    mean, var = X.mean(axis=(2, 3), keepdims=True), X.var(axis=(2, 3), keepdims=True)
    return scale[:, :, None, None] * (X - mean) / np.sqrt(var + 1e-5) + shift[:, :, None, None]


maps, scale, shift = rng.normal(3, 2, size=(2, 4, 8, 8)), rng.normal(size=(2, 4)), rng.normal(size=(2, 4))
ours = adain(maps, scale, shift)
assert np.allclose(ours, style.adain(*map(torch.tensor, (maps, scale, shift))))
print("asked for mean", np.round(shift[0], 2), "and got", np.round(ours[0].mean(axis=(1, 2)), 2))

# %% [markdown]
r"""
Our miniature has six such layers: two at 4×4, two at 8×8, two at 16×16. Thirty steps in the lesson, then the checkpoint
of `python -m introdl.generators.style` (seed 0, a few minutes on one core):
"""

# %%
brief_net, losses = style.train(small, num_steps=30, seed=seed)
net = style.load()
draw = torch.Generator().manual_seed(seed)
z = torch.randn(500, 32, generator=draw)
with torch.no_grad():
    W, W_brief = net.styles(z), brief_net.styles(z)                            # (N, 6, 64): a style for each layer
    drawn, brief = net(W), brief_net(W_brief)
fig, axs = plot.figure("Thirty steps draw nothing; the checkpoint draws digits", ncols=8, nrows=3, size=(7.2, 3.4))
plot.images(np.ravel(axs), torch.cat([brief[:8], drawn[:16]])[:, 0].numpy())
plot.show(fig, alt="Three rows of eight pictures of 16 by 16 pixels. Top, after thirty steps: blurs, all alike. Below, sixteen fakes of the checkpoint: different digits, most of them readable.")

# %% tags=["nbval-ignore-output"]
real_small = frechet.features(plain_reader, plain)
near = {name: frechet.frechet_distance(real_small, frechet.features(plain_reader, P)) for name, P in
        (("thirty steps", brief), ("checkpoint", drawn), ("real against real", small[:500]))}
print(", ".join(f"{name} {distance:.1f}" for name, distance in near.items()))
precision, recall = frechet.precision_recall(real_small, frechet.features(plain_reader, drawn))
print(f"checkpoint: precision {precision:.0%}, recall {recall:.0%}; classes 0 to 9 drawn {np.bincount(frechet.predict(plain_reader, drawn), minlength=10)}")
assert near["real against real"] < near["checkpoint"] < near["thirty steps"]

# %% [markdown]
r"""
Good digits, but not all kinds of them in equal shares: recall is much lower than precision, and the classes show why.
Nothing in the losses asks for as many of each.
"""

# %% [markdown]
r"""
### Style mixing

A style goes into six layers. Who says that it must be the same one? Take the first layers' styles from one picture and
the other layers' from another: [*style mixing*](../glossary.md#style-mixing). In training, half of the batches are mixed,
so that no layer can rely on the others. What is coarse and what is fine? Move the *crossover*: how many layers follow
the picture on the left.
"""

# %%
left, top = W[:4], W[4:10]


def mixed(crossover):
    fig, axs = plot.figure(f"The first {crossover} layers from the left, the other {6 - crossover} from the top", ncols=7, nrows=5, size=(5.6, 4.4))
    with torch.no_grad():
        grid = [torch.full((1, 1, 16, 16), -1.0), net(top)]
        for w in left:
            grid += [net(w[None]), net(style.mix(w[None].expand(6, -1, -1), top, crossover))]
    plot.images(np.ravel(axs), torch.cat(grid)[:, 0].numpy())
    return fig


plot.explore(mixed, range(7), "layers from the left", start=4,
             alt="A table of digits: four on the left, six on top, their mixtures between. With 0 layers from the left, each column repeats the digit on top. With 6, each row repeats the digit on the left. "
                 "At 4 and 5, the form mostly comes from the left and the darkness from the top.")

# %% [markdown]
r"""
Measure it over 250 pairs. How often does a mixture have the class of the picture that gave the coarse layers? And whose
pen is it: which part of the difference in ink and in slant goes over? (The slope of a line through: change asked for,
change seen. 1 would be all of it, 0 nothing.)
"""

# %% tags=["nbval-ignore-output"]
first, second = W[:250], W[250:]
with torch.no_grad():
    mixtures = {k: net(style.mix(first, second, k)) for k in range(7)}
classes = frechet.predict(plain_reader, mixtures[6])


def passed_on(measure, pictures):
    asked, seen = measure(mixtures[0]) - measure(mixtures[6]), measure(pictures) - measure(mixtures[6])
    return ((asked * seen).sum() / (asked**2).sum()).item()


mixing = {k: (metrics.accuracy(classes, frechet.predict(plain_reader, P)), passed_on(digits.ink, P), passed_on(digits.slant, P)) for k, P in mixtures.items()}
for k, (same, ink, slant) in mixing.items():
    print(f"{k} layers from the first: class kept {same:.0%}, of the difference in ink {ink:.0%}, in slant {slant:.0%} goes over")
assert mixing[4][0] > 0.7 and mixing[4][1] > 0.3

# %%
fig, ax = plot.figure("The later the crossover, the more the class stays; ink still goes over, slant hardly", "layers from the first picture", "share, %")
for part, name, color in zip(range(3), ("class kept", "ink goes over", "slant goes over"), ("C0", "C1", "C2")):
    ax.plot(list(mixing), [100 * row[part] for row in mixing.values()], "o-", color=color)
    ax.text(*{"class kept": (4.3, 78), "ink goes over": (1.6, 84), "slant goes over": (0.3, 38)}[name], name, color=color)
plot.show(fig, alt="Three lines over the number of layers from the first picture, 0 to 6. The share with the first picture's class rises to 100 %. The shares of ink and slant that come from the second picture fall from 100 % to 0.")

# %% [markdown]
r"""
## What goes wrong

**Unstable, as ever.** All of these are GANs. `gan.play` stops at a loss that is no finite number, and puts the networks
back to the last good weights:
"""

# %%
try:
    torch.manual_seed(seed)
    dcgan.train(dcgan.generator(), dcgan.discriminator(), X * float("nan"), 100, 0.001, seed)
except gan.Diverged as error:
    print(error)

# %% [markdown]
r"""
**Batch norm and a batch of one.** In training mode, a map is normalized with the batch's own mean. Draw a single digit
in training mode, and it is another one than in evaluation mode. Call `.eval()` before you draw.
"""

# %%
z = torch.randn(1, 128, generator=draw)
with torch.no_grad():
    alone, proper = forgers["DCGAN"].train()(z), forgers["DCGAN"].eval()(z)
print(f"largest difference of a pixel: {(alone - proper).abs().max():.1f}, where pixels go from -1 to 1")

# %% [markdown]
r"""
**The root of each entry.** $(AB)^{1/2}$ in the Fréchet distance is no `np.sqrt(A @ B)`. Here is a cloud against itself:
"""

# %%
C = np.cov(real, rowvar=False)
wrong = 2 * np.trace(C) - 2 * np.trace(np.sqrt(np.abs(C @ C)))
print(f"with the root of the matrix {abs(frechet.frechet_distance(real, real)):.1f}, with the root of the entries {wrong:.1f}")

# %% [markdown]
r"""
**Few examples, optimistic or pessimistic?** The distance depends on how many pictures you take. Real against real:
"""

# %% tags=["nbval-ignore-output"]
for n in (50, 100, 250, 500):
    print(f"{n:3} pictures each: {frechet.frechet_distance(frechet.features(reader, X[:n]), real[:n]):5.1f}")

# %% [markdown]
r"""
Fewer pictures, larger distance. Compare distances only at equal numbers, and say the number.

### Pictures of people

What you have built here draws digits. The same ideas, with more data and more computers, draw faces that nobody has,
and put one person's face on another's body: a [*deepfake*](../glossary.md#deepfake). CycleGAN shows why that is easy.
It needs no pairs, only two piles of pictures, and those can be collected without anyone's knowledge.

Most deepfakes are made to harm one person, very often a woman, and often in sexual pictures that she has never agreed
to. That a picture can be found does not mean that the person in it has agreed to this use. Ask first, for this purpose
and this audience; let a no be a no, and a yes be taken back; say on the picture that it is made. In many places the law
asks for that, too. And do not count on detectors: this whole unit is about networks that are trained until a detector
fails.
"""

# %% [markdown]
r"""
## Summary

- DCGAN: strides, batch norm, ReLU and leaky ReLU. Transposed convolutions make maps larger; a kernel that is a multiple
  of the stride avoids checkerboards. At equal time it is much nearer to real digits than dense layers are.
- pix2pix learns from pairs: a U-Net keeps the lines, L1 says "be right", a PatchGAN says "look real".
- CycleGAN learns from two piles: there and back again, and leave alone what is right already.
- StyleGAN puts the style into every layer by AdaIN; early layers decide form and slant, late ones about half of
  the ink.
- Judge by numbers: Fréchet distance with its noise floor, precision and recall, the nearest training picture.

## Three quick questions

**1.** You want to go from 8×8 to 16×16 with a transposed convolution of 4×4. Which stride and padding? And from 8×8 to
24×24, without a checkerboard?

<details>
<summary>Answer</summary>

Stride 2, padding 1: $7 \cdot 2 + 4 - 2 = 16$. For 24 the stride is 3, and the kernel must be a multiple of 3: kernel 3
and padding 0 give $7 \cdot 3 + 3 = 24$. (A kernel of 6 would give $21 + 6 - 2p$, which is odd for every $p$; it
needs an output padding of 1.)

</details>

**2.** A forger draws perfect digits, but never a 4. What do precision, recall and Fréchet distance say?

<details>
<summary>Answer</summary>

Precision is as high as for real digits. Recall falls, by about a tenth: no fakes are near the real 4s. The Fréchet
distance rises, but does not say why.

</details>

**3.** Why does the cycle loss alone not keep a CycleGAN from turning every 7 into a 1 and every 1 into a 7?

<details>
<summary>Answer</summary>

There and back, a 7 is a 7 again, so the cycle loss is 0; and the detectives see good 1s and good 7s. Only the identity
loss, the network's preference for small changes, and piles with unequal shares of digits speak against it. The losses
do not know what should stay.

</details>

Now write it yourself: [the exercises](exercises.ipynb).
"""
