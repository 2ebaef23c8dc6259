# %% [markdown]
r"""
# Forger against detective

> **Time**: {{run_time}} to run, 90 minutes to study.
>
> **What you do**: let two networks play against each other until one draws what it was never shown how to draw; work
> out the best detective there can be; watch a forger collapse, count what it has lost, and try five cures, each at
> every pace and with five seeds.
>
> **What you need first**: [unit 02](../02_networks/lesson.ipynb) (cross-entropy from logits),
> [unit 06](../06_optimizers/lesson.ipynb) (Adam, learning rates), [unit 08](../08_pytorch/lesson.ipynb) (a training
> loop in PyTorch).
"""

# %% tags=["harness"]
import numpy as np
import torch

from introdl import data, gan, metrics, plot

seed = 0
BATCH, NOISE, HIDDEN = 256, 2, 128                          # points a step; numbers of noise; neurons in each hidden layer

# %% [markdown]
r"""
## Draw more of these

Here are two thousand points. They come from eight small groups on a circle. Draw more of them: not copies, *new*
points that could have been among them.
"""

# %%
rng = np.random.default_rng(seed)
real = gan.ring(2000, rng)                                  # (N, 2)
noise = rng.normal(size=(2000, NOISE))
fig, axs = plot.figure("Wanted: a network that turns the left cloud into the right one", ncols=2, size=(6.4, 3.3))
for ax, points, name in zip(axs, (noise, real), ("noise", "real points")):
    ax.scatter(*points.T, s=3, alpha=0.4)
    ax.set(title=name, xlim=(-3.2, 3.2), ylim=(-3.2, 3.2), aspect="equal")
plot.show(fig, alt="Two scatter plots. Left, noise: one round cloud, densest in the middle. Right, real points: eight small dense groups, evenly placed on a circle of radius two.")

# %% [markdown]
r"""
So far each network had a teacher who knew the answer: this is a 7. Here nobody can say which point a given piece of
noise should become. Any of the eight groups would do, so long as all of them get their share. What loss says that?

[Goodfellow and others (2014)](https://arxiv.org/abs/1406.2661) had the idea to *learn* the loss. Two networks play:

- the [*generator*](../glossary.md#generator) $G$, a forger, turns noise $z$ into a fake $G(z)$;
- the [*discriminator*](../glossary.md#discriminator) $D$, a detective, sees an example and says how probable it is
  that it is real.

The detective learns to tell real from fake. The forger learns to be taken for real. Together they are a
[*generative adversarial network*](../glossary.md#generative-adversarial-network), a GAN.
"""

# %% [markdown]
r"""
## What each player wants

The detective is a classifier with two classes, and you know its loss: cross-entropy, with the label 1 for real
examples and 0 for fakes.

$$L_D = -\,\operatorname{mean}_x \log D(x) \;-\; \operatorname{mean}_z \log\bigl(1 - D(G(z))\bigr)$$

As in [unit 02](../02_networks/lesson.ipynb), work with the logit $a$, $D = \sigma(a)$: then $-\log D = \log(1 +
e^{-a})$ and $-\log(1 - D) = \log(1 + e^{a})$. The function $\log(1 + e^a)$ is called *softplus*.
"""

# %%
def softplus(a):
    return np.logaddexp(0, a)                               # log(e^0 + e^a), for any a


def discriminator_loss(real_logits, fake_logits):
    return softplus(-real_logits).mean() + softplus(fake_logits).mean()


rng = np.random.default_rng(seed)
a_real, a_fake = rng.normal(1, 2, size=6), rng.normal(-1, 2, size=4)
entropy = torch.nn.functional.binary_cross_entropy_with_logits
theirs = entropy(torch.tensor(a_real), torch.ones(6, dtype=torch.float64)) + entropy(torch.tensor(a_fake), torch.zeros(4, dtype=torch.float64))
assert np.isclose(discriminator_loss(a_real, a_fake), theirs) and np.isclose(theirs, gan.discriminator_loss(torch.tensor(a_real), torch.tensor(a_fake)))
print(f"undecided everywhere: {discriminator_loss(np.zeros(6), np.zeros(4)):.3f} = 2 ln 2;  here {theirs:.3f}")

# %% [markdown]
r"""
The forger wants the opposite. In the purest form of the game it *maximises* $L_D$, of which only the second term
depends on it: it minimises the mean of $\log(1 - D(G(z)))$. One player's gain is the other's loss, and one writes

$$\min_G \max_D \; \operatorname{mean}_x \log D(x) + \operatorname{mean}_z \log\bigl(1 - D(G(z))\bigr),$$

the [*minimax game*](../glossary.md#minimax-game).
"""

# %% [markdown]
r"""
## The best detective there can be

Suppose that the forger stands still. Real examples have the density $p(x)$, fakes $q(x)$, and there are equally many
of both. What is the best answer at one place $x$? There, the detective pays

$$-p \log D - q \log (1 - D).$$

The slope with respect to $D$ is $-p / D + q / (1 - D)$, and it is 0 at

$$D^*(x) = \frac{p(x)}{p(x) + q(x)}.$$

That is no surprise: it *is* the probability that an example found at $x$ is real. Does a network find it, that has
never seen a density, only examples? Try it in one dimension.
"""

# %%
def density(x, mean, std):
    return np.exp(-((x - mean) ** 2) / (2 * std**2)) / (std * np.sqrt(2 * np.pi))


torch.manual_seed(seed)
detective = gan.mlp(1, 32, 32, 1)
optimizer = torch.optim.Adam(detective.parameters(), lr=0.005)
for _ in range(800):
    real, fake = 1 + 0.5 * torch.randn(512, 1), -0.5 + torch.randn(512, 1)
    loss = gan.discriminator_loss(detective(real), detective(fake))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

# %% tags=["nbval-ignore-output"]
x = np.linspace(-3, 3, 241)
p, q = density(x, 1, 0.5), density(x, -0.5, 1)
with torch.no_grad():
    learned = torch.sigmoid(detective(torch.tensor(x[:, None], dtype=torch.float32)))[:, 0].numpy()
off = np.abs(learned - p / (p + q))[p + q > 0.05].max()
assert off < 0.1
fig, ax = plot.figure("A trained detective finds p / (p + q)", "x", size=(6.0, 3.0))
ax.fill_between(x, p, color="C0", alpha=0.2)
ax.fill_between(x, q, color="C1", alpha=0.2)
ax.plot(x, p / (p + q), color="0.3", lw=3, alpha=0.5, label="p / (p + q)")
ax.plot(x, learned, "--", color="C2", label="network")
ax.text(1.0, 0.3, "p, real", color="C0", ha="center", va="bottom", fontsize=8)
ax.text(-1.0, 0.42, "q, fake", color="C1", ha="center", va="bottom", fontsize=8)
ax.legend(loc="upper left")
plot.show(fig, alt="Two bell curves: real examples around 1, narrow; fakes around minus 0.5, wider. Over them the curve p / (p + q), near 0 on the left, rising to almost 1 at x = 1 and falling again to the right. "
                   "The dashed curve of the trained network lies on it wherever there are examples.")
print(f"largest difference where there are examples: {off:.2f}")

# %% [markdown]
r"""
If the forger is perfect, $q = p$, the best detective says ½ everywhere, and its loss is $2 \ln 2 \approx 1.39$. Note
that number. In a GAN a loss near it does *not* say that all is well (it may also be a detective that has learned
nothing), but a detective far above it is certainly behind.

What remains of the loss at the best detective is a distance between $p$ and $q$, the
[*Jensen–Shannon divergence*](../glossary.md#jensen-shannon-divergence): $L_{D^*} = 2 \ln 2 - 2\,\mathrm{JS}(p, q)$. So a
forger that plays against the best detective makes that distance small. That is the theory. It says nothing about a
detective that is *not* the best.
"""

# %% [markdown]
r"""
## A loss that does not fall asleep

At the start fakes are bad, and the detective is soon sure: $D(G(z)) \approx 0$. What is the slope of the forger's loss
there, with respect to the logit $a$? For $\log(1 - D) = -\log(1 + e^a)$ it is $-\sigma(a) = -D$, nearly nothing. The
worse the fakes, the less the forger learns. One says that the loss *saturates*.

Goodfellow's remedy: let the forger minimise $-\log D$ instead. It wants the same, and its slope, $D - 1$, is largest
where it is needed. This is the [*non-saturating loss*](../glossary.md#non-saturating-loss).
"""

# %%
a = np.linspace(-8, 8, 201)
D = 1 / (1 + np.exp(-a))
assert np.isclose(softplus(-a).mean(), gan.generator_loss(torch.tensor(a))) and np.isclose(-softplus(a).mean(), gan.saturating_loss(torch.tensor(a)))
fig, axs = plot.figure("Where the detective is sure, only one of the two losses still has a slope", "logit of a fake", ncols=2, size=(7.0, 2.9))
for ax, curves in zip(axs, ((-softplus(a), softplus(-a)), (-D, D - 1))):
    ax.plot(a, curves[0], color="C1")
    ax.plot(a, curves[1], color="C0")
axs[0].set(ylabel="loss")
axs[1].set(ylabel="slope", ylim=(-1.1, 0.1))
axs[0].text(-7.6, -2.4, "log(1 − D)", color="C1")
axs[0].text(-6.2, 6.8, "−log D", color="C0")
axs[1].text(-7.6, -0.26, "of log(1 − D)", color="C1")
axs[1].text(-7.6, -0.93, "of −log D", color="C0")
plot.show(fig, alt="Two plots over the logit of a fake from minus 8, surely fake, to 8. Left, the losses: log(1 − D) is flat at 0 on the left and falls on the right; −log D falls on the left and is flat on the right. "
                   "Right, their slopes: that of log(1 − D) is 0 on the left and goes to −1, that of −log D is −1 on the left and goes to 0.")
print(f"at a = -5: slope {-1 / (1 + np.exp(5)):.3f} of log(1 - D), {1 / (1 + np.exp(5)) - 1:.3f} of -log D")

# %% [markdown]
r"""
## The game as a loop

Both players are small dense networks with leaky ReLU. A round of the game:

1. draw real points and fakes; the detective takes a step down its loss;
2. draw fakes; the forger takes a step down its own.

Each player has an optimizer of its own, which moves that player's weights alone. One trap: in step 1 the fakes come
out of the forger, so `backward()` would run on into it. `detach()` cuts there. In step 2 nothing is cut: the
slope *must* run through the detective into the forger, though only the forger moves.

A method is a pair of losses. Keep the two of them apart from the loop, since there will be more.
"""

# %% tags=["harness"]
LOSSES = {                                                  # method → (detective's loss, forger's loss), of (D, real, fake)
    "plain": (lambda D, real, fake: gan.discriminator_loss(D(real), D(fake)), lambda D, real, fake: gan.saturating_loss(D(fake))),
    "non-saturating": (lambda D, real, fake: gan.discriminator_loss(D(real), D(fake)), lambda D, real, fake: gan.generator_loss(D(fake))),
}

# %% [markdown]
r"""
The two players need not learn equally fast. A *pace* is the detective's learning rate, the forger's, how many steps
the detective takes a round, and whether both rates fall to 0 on the way.
"""

# %% tags=["harness"]
PACES = {
    "slow detective": (0.0001, 0.001, 1, False),
    "equal": (0.001, 0.001, 1, False),
    "two rates": (0.001, 0.00025, 1, False),
    "three to one": (0.002, 0.002, 3, True),
}


def ring_game(method, pace, seed, num_steps=1500, watch=None):
    """Play on the ring; return (generator, detective, losses (num_steps, 2)). watch(step, G) is called before each round."""
    lr_d, lr_g, steps_of_d, falling = PACES[pace]
    loss_d, loss_g = LOSSES[method]
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    G, D = gan.mlp(NOISE, HIDDEN, HIDDEN, 2), gan.mlp(2, HIDDEN, HIDDEN, 1)
    opt_d, opt_g = (torch.optim.Adam(net.parameters(), lr, betas=(0.5, 0.999)) for net, lr in ((D, lr_d), (G, lr_g)))

    def descend(optimizer, loss):
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    def round_of_both(step):
        if watch:
            watch(step, G)
        if falling:
            opt_d.param_groups[0]["lr"], opt_g.param_groups[0]["lr"] = ((1 - step / num_steps) * lr for lr in (lr_d, lr_g))
        for _ in range(steps_of_d):
            real, fake = torch.from_numpy(gan.ring(BATCH, rng)), G(torch.randn(BATCH, NOISE)).detach()
            of_d = descend(opt_d, loss_d(D, real, fake))
        return of_d, descend(opt_g, loss_g(D, real, G(torch.randn(BATCH, NOISE))))

    losses = gan.play([G, D], round_of_both, num_steps)
    return G, D, losses


def draw(G, num_samples=2000, seed=1):
    with torch.no_grad():
        return G(torch.randn(num_samples, NOISE, generator=torch.Generator().manual_seed(seed))).numpy()


# %% [markdown]
r"""
`gan.play` does nothing but call the round again and again and collect the losses. You will see in the end why it is
worth a function.

First the pure minimax game, with a forger that learns ten times as fast as its detective, which sounds like a good
idea:
"""

# %%
frames = {}


def keep(step, G):
    if step % 60 == 0:
        frames[step] = draw(G, 400)


G_slow, D_slow, losses_slow = ring_game("plain", "slow detective", seed, watch=keep)
centers = gan.ring_centers()

# %%
def ring_frame(step):
    fig, ax = plot.figure(f"Slow detective, step {step}: the forger jumps", size=(3.6, 3.5))
    ax.scatter(*centers.T, s=130, facecolor="none", edgecolor="C0")
    ax.scatter(*frames[step].T, s=5, color="C1", alpha=0.5)
    ax.set(xlim=(-3.2, 3.2), ylim=(-3.2, 3.2), aspect="equal")
    return fig


plot.animate(ring_frame, frames, fps=4, still=-1,
             alt="Animation over the training. Eight circles mark where real points are. The fakes, orange, start as a small cloud in the middle, fly out of the picture, come back, and then move as one clump: "
                 "from one side of the ring to another, and on. At no time do they cover more than a small part of it.")

# %% [markdown]
r"""
All noise becomes nearly the same point, and that point wanders. This is
[*mode collapse*](../glossary.md#mode-collapse): the groups of the data, its *modes*, are lost, and what is left
may not even be one of them.
"""

# %% [markdown]
r"""
## Count what is lost

Looking is not enough; a number is needed, and one is too few. A sample is *near* a mode if it is at most 4 standard
deviations from the closest center. A mode is *covered* if at least 20 of 2,000 samples are near it. The *quality* is
the share of samples that are near any.
"""

# %%
def modes_covered(samples, centers, std, least=20):
    distances = np.linalg.norm(samples[:, None] - centers, axis=2)         # (N, K)
    near = distances.min(axis=1) <= 4 * std
    counts = np.bincount(distances.argmin(axis=1)[near], minlength=len(centers))
    return int((counts >= least).sum()), near.mean()


rng = np.random.default_rng(seed)
angles = rng.uniform(0, 2 * np.pi, size=2000)
smear = 2 * np.stack([np.cos(angles), np.sin(angles)], axis=1)             # anywhere on the circle
for name, points in (("real points", gan.ring(2000, rng)), ("smear", smear), ("one mode", gan.ring(2000, rng) * 0 + centers[0])):
    assert modes_covered(points, centers, gan.STD) == gan.modes_covered(points, centers, gan.STD)
    covered, quality = modes_covered(points, centers, gan.STD)
    print(f"{name:12} {covered} modes covered, quality {quality:.0%}")

# %% [markdown]
r"""
A smear over the whole circle covers all eight modes, and a forger that draws one point has perfect quality. So read
both numbers together. Now let the detective learn as fast as the forger, and change nothing else:
"""

# %%
G_equal, D_equal, losses_equal = ring_game("plain", "equal", seed)

# %% tags=["nbval-ignore-output"]
found = {name: gan.modes_covered(draw(G), centers, gan.STD) for name, G in (("slow detective", G_slow), ("equal", G_equal))}
fig, axs = plot.figure("The same losses, the same networks: only the detective's pace differs", ncols=2, size=(6.4, 3.4))
for ax, G, (name, (covered, quality)) in zip(axs, (G_slow, G_equal), found.items()):
    ax.scatter(*centers.T, s=130, facecolor="none", edgecolor="C0")
    ax.scatter(*draw(G).T, s=3, color="C1", alpha=0.4)
    ax.set(title=f"{name}: {covered} modes, {quality:.0%} near", xlim=(-3.2, 3.2), ylim=(-3.2, 3.2), aspect="equal")
plot.show(fig, alt="Two scatter plots over eight circles on a ring. Left, slow detective: all fakes in one clump, no ring to be seen. Right, equal pace: fakes in all eight circles, with thin threads of stray points between them.")
assert found["slow detective"][0] <= 3 and found["equal"][0] >= 7

# %% [markdown]
r"""
### Why did it jump?

Look at the losses. The detective's best possible answer costs at most $2 \ln 2$; an undecided one pays exactly that.
"""

# %% tags=["nbval-ignore-output"]
fig, ax = plot.figure("A detective that lags does no better than one that tosses a coin", "step", "detective's loss", size=(6.4, 3.0))
for losses, name, color in ((losses_slow, "slow detective", "C1"), (losses_equal, "equal", "C0")):
    smooth = losses[:, 0].reshape(-1, 25).mean(axis=1)
    ax.plot(25 * np.arange(len(smooth)), smooth, color=color)
    ax.text(1520, smooth[-8:].mean() - 0.02, name, color=color, va="top")
ax.axhline(2 * np.log(2), color="0.4", ls=":")
ax.text(1520, 2 * np.log(2) + 0.06, "2 ln 2", color="0.4")
ax.set(xlim=(0, 1900))
plot.show(fig, alt="Detective's loss over 1,500 steps. With equal pace it falls below the dotted line at 2 ln 2 and stays there. The slow detective's loss swings widely at first and then runs along the line, by turns a little above and below.")
late = {name: losses[500:, 0] for name, losses in (("slow", losses_slow), ("equal", losses_equal))}
print({name: f"{(values > 2 * np.log(2)).mean():.0%} of the later steps above 2 ln 2" for name, values in late.items()})

# %% [markdown]
r"""
Is that because nothing better can be done, or because it lags? Stop both forgers where they are, and let each detective
catch up against fakes that no longer move.
"""

# %% tags=["nbval-ignore-output"]
def catch_up(G, D, num_steps=300):
    """Train the detective alone; return its loss, the mean of 20 steps, at the beginning and at the end."""
    rng, optimizer, losses = np.random.default_rng(seed), torch.optim.Adam(D.parameters(), 0.001, betas=(0.5, 0.999)), []
    for _ in range(num_steps):
        loss = gan.discriminator_loss(D(torch.from_numpy(gan.ring(BATCH, rng))), D(G(torch.randn(BATCH, NOISE)).detach()))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses[0], np.mean(losses[-20:])


lag = {name: catch_up(G, D) for name, G, D in (("slow detective", G_slow, D_slow), ("equal", G_equal, D_equal))}
for name, (now, after) in lag.items():
    print(f"{name:14} loss {now:.2f} in the game, {after:.2f} after 300 steps against the same forger")
assert lag["slow detective"][0] - lag["slow detective"][1] > 2 * (lag["equal"][0] - lag["equal"][1])

# %% [markdown]
r"""
That is the lag, in numbers: the slow detective is far from its best answer, the other one is near it.

The slow detective praises some place, where the forger just was not. The forger needs a few steps to move *all* its
fakes there: for this detective that is the best answer, and nothing in its loss asks for variety. When the detective
has understood, everything has gone there, and the next place looks good. It judges a forger of the past.

The theory above was about the best detective. Where the detective keeps up, it nearly holds; where it lags, the forger
plays against yesterday.
"""

# %% [markdown]
r"""
## Five cures on trial

Many remedies are known. Each of these promises something, and all but the last change a loss:

| method | idea | change |
|---|---|---|
| non-saturating | a slope where it is needed | forger: $-\log D$ |
| label smoothing | a detective that is never quite sure | the label of real examples is 0.9, not 1 |
| feature matching | a target that does not run away | forger: match the *average* of the detective's last hidden layer |
| WGAN-GP | a distance that has a slope everywhere | see below |
| two rates | a detective that is ahead | no loss, but the pace: the detective's rate is four times the forger's |

[*Label smoothing*](../glossary.md#label-smoothing) moves a label away from certainty. Here it is one-sided: only the real
label moves. The best detective is then $0.9\,p / (p + q)$. If the fakes' label moved as
well, $D^*$ would have a $q$ in the numerator, and would praise places where fakes are many and real examples none.

In [*feature matching*](../glossary.md#feature-matching) ([Salimans and others
2016](https://arxiv.org/abs/1606.03498)) the forger no longer asks "am I real?" but "do I look like the real ones on
average, to this detective?".
"""

# %% tags=["harness"]
def matching(D, real, fake):
    features = D[:-1]                                       # all but the last layer: (N, HIDDEN)
    return gan.matching_loss(features(real).detach(), features(fake))


LOSSES["label smoothing"] = lambda D, real, fake: gan.discriminator_loss(D(real), D(fake), real_label=0.9), LOSSES["non-saturating"][1]
LOSSES["feature matching"] = LOSSES["plain"][0], matching

# %% [markdown]
r"""
### A distance with a slope: Wasserstein

Let real examples be a narrow bump at 0, fakes the same bump at a distance $d$. How far apart are they? The
Jensen–Shannon divergence saturates as soon as the bumps no longer overlap: at $d = 1$ and at $d = 3$ it says the same,
so a forger learns nothing from it. The [*Wasserstein distance*](../glossary.md#wasserstein-distance), how far the sand
of one heap must be carried to make the other, is $d$.
"""

# %%
x = np.linspace(-2, 6, 4001)
step = x[1] - x[0]
shifts = np.linspace(0, 3, 61)
p = density(x, 0, 0.15)


def jensen_shannon(p, q):
    middle = (p + q) / 2
    return 0.5 * step * sum((f * np.log(np.maximum(f, 1e-300) / np.maximum(middle, 1e-300))).sum() for f in (p, q))


js = [jensen_shannon(p, density(x, d, 0.15)) for d in shifts]
wasserstein = [np.abs(np.cumsum(p - density(x, d, 0.15)) * step).sum() * step for d in shifts]    # in one dimension: the area between the two distribution functions
fig, ax = plot.figure("One distance goes flat, the other points home from anywhere", "distance of the two bumps", size=(5.6, 3.0))
ax.plot(shifts, js, color="C1")
ax.plot(shifts, wasserstein, color="C0")
ax.text(2.3, 0.78, "Jensen–Shannon", color="C1", ha="center")
ax.text(2.1, 2.35, "Wasserstein", color="C0", ha="right")
plot.show(fig, alt="Two curves over the distance of two bumps from 0 to 3. Jensen–Shannon rises to ln 2, about 0.69, within the first 0.7 and is flat from there. The Wasserstein distance is a straight line, equal to the distance.")
assert np.allclose(wasserstein, shifts, atol=0.01) and abs(js[-1] - np.log(2)) < 1e-6

# %% [markdown]
r"""
How does one compute it with a network? A theorem (Kantorovich and Rubinstein) says: the Wasserstein distance is the
largest value of $\operatorname{mean}_x f(x) - \operatorname{mean}_z f(G(z))$ over all functions $f$ that are nowhere
steeper than 1. So let the detective's output be a score, without sigmoid and without logarithm, and call it a
[*critic*](../glossary.md#critic):

$$L_\text{critic} = \operatorname{mean}_z f(G(z)) - \operatorname{mean}_x f(x), \qquad L_\text{forger} = -\operatorname{mean}_z f(G(z)).$$

"Nowhere steeper than 1" is the hard part. [Gulrajani and others (2017)](https://arxiv.org/abs/1704.00028) add a
[*gradient penalty*](../glossary.md#gradient-penalty): at random points between a real example and a fake, the length
of the critic's slope is pulled towards 1.

$$\hat x = m\,x + (1 - m)\,G(z), \qquad \text{penalty} = \operatorname{mean} \bigl(\lVert \nabla f(\hat x) \rVert - 1\bigr)^2$$

Here a loss contains a slope, and training takes the slope of that. `create_graph=True` keeps the first slope
differentiable:
"""

# %%
def gradient_penalty(critic, real, fake, mix):
    between = (mix * real + (1 - mix) * fake).requires_grad_(True)         # (N, D)
    (slopes,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    return ((slopes.norm(dim=1) - 1) ** 2).mean()


torch.manual_seed(seed)
linear = torch.nn.Linear(2, 1)
real, fake, mix = torch.randn(5, 2), torch.randn(5, 2), torch.rand(5, 1)
mine = gradient_penalty(linear, real, fake, mix)
assert torch.isclose(mine, (linear.weight.norm() - 1) ** 2)                # a linear critic has the same slope everywhere
assert torch.isclose(mine, gan.gradient_penalty(linear, real, fake, mix))
mine.backward()
print(f"penalty {mine.item():.3f}; its slope reaches the weights: {linear.weight.grad.abs().sum().item() > 0}")

# %% [markdown]
r"""
The sum over the batch is a trick: each score depends on its own example alone, so the slope of the sum with respect to
one row is that row's slope. It also says what a critic must not have: *batch normalization*, which makes each score
depend on all rows. In the loss, the penalty has a weight.
"""

# %% tags=["harness"]
PENALTY = 1.0


def critic_loss(D, real, fake):
    return D(fake).mean() - D(real).mean() + PENALTY * gan.gradient_penalty(D, real, fake, torch.rand(len(real), 1))


LOSSES["WGAN-GP"] = critic_loss, lambda D, real, fake: -D(fake).mean()

# %%
G_critic, _, _ = ring_game("WGAN-GP", "three to one", seed)

# %% tags=["nbval-ignore-output"]
covered, quality = gan.modes_covered(draw(G_critic), centers, gan.STD)
fig, ax = plot.figure(f"WGAN-GP: {covered} modes, {quality:.0%} near one", size=(3.8, 3.6))
ax.scatter(*centers.T, s=130, facecolor="none", edgecolor="C0")
ax.scatter(*draw(G_critic).T, s=3, color="C1", alpha=0.4)
ax.set(xlim=(-3.2, 3.2), ylim=(-3.2, 3.2), aspect="equal")
plot.show(fig, alt="Scatter plot over eight circles on a ring: fakes in all eight circles, about equally many, and loose points on the straight ways between neighbouring circles.")

# %% [markdown]
r"""
### A fair trial

One run shows nothing: GANs depend on luck. And if each method runs only at the pace that its inventors chose, you
compare paces. So: five methods, four paces, five seeds each, a hundred games. *Two rates* is a cure of its own, a
detective that learns four times as fast as the forger ([Heusel and others
2017](https://arxiv.org/abs/1706.08500)); *three to one* is the pace of WGAN-GP, with both rates falling to 0.

The games take a quarter of an hour: `python -m tests.bench.gan` played them, from this notebook's own functions.
"""

# %%
table = data.recorded("19_gan")
methods, paces = list(LOSSES), list(PACES)
print(f"{'modes, quality':18}" + "".join(f"{pace:>18}" for pace in paces))
for method in ("plain", "non-saturating", "label smoothing", "feature matching", "WGAN-GP"):
    rows = [next(row for row in table if (row["method"], row["pace"]) == (method, pace)) for pace in paces]
    print(f"{method:18}" + "".join(f"{np.mean(row['modes']):11.1f}, {np.mean(row['quality']):4.0%} " for row in rows))

# %%
fig, axs = plot.figure("Every point is one game: the pace decides more than the loss", "modes covered", ncols=4, size=(9.2, 3.2))
colors = {"plain": "C1", "non-saturating": "C0", "label smoothing": "C2", "feature matching": "C4", "WGAN-GP": "C3"}
rng = np.random.default_rng(seed)
for ax, pace in zip(axs, paces):
    for method, color in colors.items():
        row = next(row for row in table if (row["method"], row["pace"]) == (method, pace))
        ax.scatter(row["modes"] + rng.uniform(-0.25, 0.25, 5), np.array(row["quality"]) * 100, color=color, s=22, alpha=0.8, label=method)
    ax.set(title=pace, xlim=(-0.7, 8.7), ylim=(-3, 90), xticks=[0, 2, 4, 6, 8])
axs[0].set(ylabel="near a mode, %")
axs[0].legend(fontsize=7, loc="upper left")
plot.show(fig, alt="Four scatter plots, one for each pace, of modes covered against the share of samples near a mode; one point for each of five seeds of five methods. Slow detective: most points in the corner at 0 or 1 mode and no quality; feature matching stands at 5 to 8 modes with low quality, and two lucky games of others beside it. "
                   "At the three other paces nearly all points stand at 7 or 8 modes, non-saturating and label smoothing highest, feature matching lowest; at equal pace one game of WGAN-GP stands at 2 modes.")

# %% [markdown]
r"""
Read it column by column.

- **Slow detective.** It is no matter of the loss: plain, non-saturating, smoothed and WGAN-GP games collapse alike, but
  for a lucky one here and there. WGAN-GP, too: its promise holds for a critic near its best, and this one lags. Only
  feature matching covers the ring, and what it draws is a smear: an average is matched by many things that are no eight
  groups.
- **Equal.** The detective keeps up, and the games with logarithms cover (nearly) all modes. The cure was the pace. WGAN-GP
  is the one that suffers: its critic must be ahead of the forger, and one game of five still collapses.
- **Two rates.** A detective that learns four times as fast is a good pace for everybody.
- **Three to one.** Made for WGAN-GP, and the only pace at which it is good: eight modes in every game. Non-saturating games
  are as good here, plain ones a little worse than at equal pace: a detective that is far ahead is what the saturating loss
  cannot bear.

Two pairs of columns differ in one number only, so they name a cause. From *slow detective* to *equal*, nothing changes but
the detective's rate; from *equal* to *two rates*, nothing but the forger's:
"""

# %%
named = {(row["method"], row["pace"]): row for row in table}
for method in colors:
    modes = [np.mean(named[method, pace]["modes"]) for pace in ("slow detective", "equal", "two rates")]
    print(f"{method:18} modes {modes[0]:.1f} → a faster detective → {modes[1]:.1f} → a slower forger → {modes[2]:.1f}")

# %% [markdown]
r"""
Plain, non-saturating and smoothed games collapse because the detective is too slow, and are whole as soon as it is not.
WGAN-GP needs the slower forger as well.

So which cure works? *Pace* does, here, and two rates are a pace. Smoothing and WGAN-GP alone do not cure a detective that
lags. That is one problem in two dimensions; on pictures, where bumps hardly overlap, a critic with a slope everywhere is
worth more. What lasts is the way of judging: several seeds, both numbers, and each method at the others' settings.
"""

# %% tags=["nbval-ignore-output"]
critic, collapsed = named["WGAN-GP", "three to one"], named["plain", "slow detective"]
assert np.mean(critic["modes"]) >= 7.5 and np.mean(critic["quality"]) >= 0.5 and np.mean(collapsed["modes"]) <= 3
assert min(critic["quality"]) - 0.05 < quality < max(critic["quality"]) + 0.05    # the game above belongs to the table
near = round(2000 * quality) if covered == 8 else 0
metrics.headline("WGAN-GP, all eight modes covered, % of the samples near one", 100 * quality if covered == 8 else 0, 59,
                 interval=tuple(100 * bound for bound in metrics.wilson_interval(near, 2000)))

# %% [markdown]
r"""
### How much is luck?

Each method had five seeds at each pace. How far apart are the luckiest and the unluckiest game?
"""

# %%
fig, ax = plot.figure("The same game from five seeds: at a wrong pace, luck decides", "near a mode, %", size=(6.6, 3.6))
for place, method in enumerate(colors):
    for shift, pace in zip((-0.3, -0.1, 0.1, 0.3), paces):
        values = 100 * np.array(named[method, pace]["quality"])
        ax.plot([values.min(), values.max()], [place + shift] * 2, color=colors[method], lw=1)
        ax.scatter(values, [place + shift] * 5, color=colors[method], s=14, marker="x" if pace == "slow detective" else "o", lw=1)
ax.set(yticks=range(5), yticklabels=colors, xlim=(0, 90), ylim=(4.6, -0.6))
plot.show(fig, alt="Strip plot of the share of samples near a mode for five methods; for each method four rows of five points, one row a pace, the slow detective on top as crosses. The crosses lie near 0, but for one far out in the plain and the non-saturating rows. Below them most rows are short: feature matching around 25 %, plain around 50, non-saturating and label smoothing around 65. WGAN-GP at equal pace is the longest row, from 5 to 48, and at its own pace a short one above 60.")
widest = max(named.values(), key=lambda row: np.ptp(row["quality"]))
print(f"widest spread: {widest['method']}, {widest['pace']}: quality from {min(widest['quality']):.0%} to {max(widest['quality']):.0%}")

# %% [markdown]
r"""
## Draw digits

Now 784 numbers instead of two: the [MNIST-5k](../02_networks/lesson.ipynb) digits. The forger has dense layers
128-256-512-784 and ends in tanh, so pixels lie between -1 and 1, and so must the real ones. The detective is
784-512-256-1. Equal pace, rates that fall to 0, label smoothing, non-saturating loss.
"""

# %%
digits = data.mnist5k()
X = torch.from_numpy(digits.X_train.astype(np.float32)) * 2 - 1            # (3500, 784), from -1 to 1
torch.manual_seed(seed)
G, D = gan.dense_generator(), gan.dense_discriminator()
opt_g, opt_d = (torch.optim.Adam(net.parameters(), betas=(0.5, 0.999)) for net in (G, D))


def digit_round(step):
    for optimizer in (opt_g, opt_d):
        optimizer.param_groups[0]["lr"] = 0.0005 * (1 - step / 1200)
    real, fake = X[torch.randint(len(X), (64,))], G(torch.randn(64, 128))
    loss_d = gan.discriminator_loss(D(real), D(fake.detach()), real_label=0.9)
    opt_d.zero_grad()
    loss_d.backward()
    opt_d.step()
    loss_g = gan.generator_loss(D(fake))                    # the same fakes, not detached, before the new detective
    opt_g.zero_grad()
    loss_g.backward()
    opt_g.step()
    return loss_d.item(), loss_g.item()


losses = gan.play([G, D], digit_round, 1200)

# %% [markdown]
r"""
Does it draw, or does it copy? Beside each fake stands the training digit that is nearest to it, pixel by pixel.
"""

# %% tags=["nbval-ignore-output"]
def nearest(samples):
    """Squared distance to, and place of, the nearest training digit of each sample."""
    squared = (samples**2).sum(axis=1)[:, None] - 2 * samples @ X.numpy().T + (X.numpy() ** 2).sum(axis=1)    # (N, 3500)
    return squared.min(axis=1), squared.argmin(axis=1)


with torch.no_grad():
    fakes = G(torch.randn(200, 128, generator=torch.Generator().manual_seed(1))).numpy()
gap_fake, places = nearest(fakes)
gap_new, _ = nearest(2 * digits.X_val.astype(np.float32) - 1)
fig, axs = plot.figure("Fakes (upper rows) and the training digit nearest to each (lower rows)", ncols=10, nrows=4, size=(7.4, 3.3))
for row in (0, 2):
    plot.images(axs[row], fakes[5 * row : 5 * row + 10])
    plot.images(axs[row + 1], X.numpy()[places[5 * row : 5 * row + 10]])
plot.show(fig, alt="Four rows of ten pictures. Rows one and three: digits drawn by the forger, speckled; some can be read, such as a 7, a 9 or a 0, others stand between two digits. Rows two and four: below each the nearest training digit, clean and of similar shape, but not the same.")
print(f"median distance to the nearest training digit: fakes {np.median(gap_fake) ** 0.5:.1f}, new real digits {np.median(gap_new) ** 0.5:.1f}")
assert np.median(gap_fake) > 0.3 * np.median(gap_new)       # a copy would be at 0

# %% [markdown]
r"""
They are no copies: a copy would have a distance near 0, and the fakes are farther from the training digits than new real
digits are. They are no good digits either: twelve hundred steps are few, and there are speckles where paper should be blank: a dense layer draws
each pixel for itself. [Unit 20](../20_gan_variants/lesson.ipynb) draws with convolutions, and measures how good the
results are.
"""

# %% [markdown]
r"""
## What goes wrong

**A loss that is no number.** Scores of a critic without penalty know no bound. With a large learning rate both
players' losses explode within a few steps, and then every weight is NaN. An hour of training would be lost. That is
what `gan.play` is for: it keeps a copy of the weights at every fiftieth step, looks at each loss, and stops with a
sentence.
"""

# %%
torch.manual_seed(seed)
G_wild, D_wild = gan.mlp(NOISE, HIDDEN, HIDDEN, 2), gan.mlp(2, HIDDEN, HIDDEN, 1)
opts = [torch.optim.SGD(net.parameters(), lr=10) for net in (D_wild, G_wild)]
before = G_wild[0].weight.clone()


def wild_round(step):
    real, fake = torch.from_numpy(gan.ring(BATCH, np.random.default_rng(step))), G_wild(torch.randn(BATCH, NOISE))
    for optimizer, loss in ((opts[0], lambda: D_wild(fake.detach()).mean() - D_wild(real).mean()), (opts[1], lambda: -D_wild(fake).mean())):
        optimizer.zero_grad()
        value = loss()
        value.backward()
        optimizer.step()
    return value.item(), value.item()


try:
    gan.play([G_wild, D_wild], wild_round, 500)
except gan.Diverged as error:
    print(str(error).partition(":")[2].strip())
assert torch.equal(before, G_wild[0].weight)                # the weights of the last good look are back

# %% [markdown]
r"""
**`detach()` forgotten.** If the fakes of the detective's step are not detached, its `backward()` writes slopes into the
forger's weights as well. They say how to make the detective's loss *small*, that is, how to be caught. With
`zero_grad()` before the forger's own `backward()` they are thrown away, and nothing is lost but time. Without, they
add up:
"""

# %%
torch.manual_seed(seed)
G_small, D_small = gan.mlp(NOISE, 8, 2), gan.mlp(2, 8, 1)
z, real = torch.randn(64, NOISE), torch.from_numpy(gan.ring(64, np.random.default_rng(seed)))
for detached in (True, False):
    G_small.zero_grad()
    fake = G_small(z)
    gan.discriminator_loss(D_small(real), D_small(fake.detach() if detached else fake)).backward(retain_graph=True)
    leaked = sum(0 if p.grad is None else p.grad.abs().sum().item() for p in G_small.parameters())
    print(f"{'with' if detached else 'without'} detach: slopes in the forger after the detective's backward: {leaked:.2f}")

# %% [markdown]
r"""
**Losses read like those of a classifier.** In both players' losses a fall may be good or bad: it only says who is
ahead. A forger's loss that falls may mean better fakes or a detective that has got worse. Judge samples, by
numbers that you chose before.

**One seed.** Look at the strips above: the spread within one row is as large as many a difference between methods that
has been published from one run each.

## Summary

- Two players: the detective's loss is cross-entropy; the forger's is whether the detective believes it. The best
  detective says $p / (p + q)$.
- $-\log D$ instead of $\log (1 - D)$: a slope where fakes are bad.
- Mode collapse is counted: modes covered *and* quality. On the ring its cause was a detective that lagged, and no
  loss cured that; a matching pace did.
- WGAN-GP gives a critic whose slope is kept near 1, so that its score is a distance that points home from anywhere.
- Several seeds, each method at the others' settings, nearest training examples: then you may say what is better.

## Three quick questions

**1.** At some point your detective's loss is 1.386 and stays there. What are the two possible reasons, and how do you
tell them apart?

<details>
<summary>Answer</summary>

It says ½ everywhere: either because the fakes cannot be told from real examples, or because the detective has learned
nothing (its rate is too small, or it has collapsed). Show it fakes from an early, bad forger, or noise: a good
detective catches those.

</details>

**2.** The best detective for a smoothed real label of 0.9 is $0.9\,p / (p + q)$. Suppose that the fakes' label is
smoothed as well, to 0.1. What is the best detective, and why is that harmful where $p$ is 0?

<details>
<summary>Answer</summary>

$(0.9\,p + 0.1\,q) / (p + q)$. Where $p = 0$ it is 0.1 for any $q > 0$ instead of 0: the fakes there are never fully
rejected, and the forger gets a weaker push away from places where nothing is real.

</details>

**3.** Why does a critic in WGAN-GP have no batch normalization, and what could it have instead?

<details>
<summary>Answer</summary>

The penalty needs, for each example, the slope of *its* score with respect to *its* input. With batch normalization each
score depends on the whole batch, so that slope is no longer what is computed. Layer normalization
([unit 18](../18_transformers/lesson.ipynb)) works on one example at a time.

</details>

Now write it yourself: [the exercises](exercises.ipynb).
"""
