"""Task of unit 22, the capstone: choose and train a model for two scanners, under a budget of steps (ship)."""

from functools import lru_cache

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from introdl import augment, data
from introdl.checks.task import BadAnswer, Task
from introdl.checks.variant import changed

NUM_STEPS, BATCH_SIZE = 300, 32
BARS = {0: 0.90, 1: 0.82}  # scanner → share of new digits to be read
NAMES = {0: "good scanner", 1: "worn scanner"}


def seeds(rng):
    yield (int(rng.integers(2**31)),)


@lru_cache(maxsize=4)
def scans(seed):
    """The parts of one seed: nobody else draws these digits, in this order, with this noise."""
    return data.scanned_digits(seed)


def shipped(answer, seed):
    """Let the learner train on at most NUM_STEPS batches, which come one at a time, and read the new digits."""
    train, val, new = scans(seed)
    rng, drawn = np.random.default_rng(seed), 0

    def draw():
        nonlocal drawn
        drawn += 1
        if drawn > NUM_STEPS:
            raise RuntimeError(f"the budget of {NUM_STEPS} batches is used up")
        rows = rng.integers(0, len(train.X), size=BATCH_SIZE)
        return tuple(part[rows] for part in train)

    try:
        labels = answer(draw, *(part.copy() for part in val), new.X.copy())
    except RuntimeError:
        if drawn > NUM_STEPS:
            raise BadAnswer(
                f"Your training drew more than {NUM_STEPS} batches: that is the budget, one a step."
            ) from None
        raise
    return {"labels": labels, "batches": drawn}


def problem(args, result):
    """Say what is wrong with the labels, if anything is."""
    new, labels, drawn = scans(*args)[2], np.asarray(result["labels"]), result["batches"]
    if labels.shape != new.y.shape:
        return f"You returned the shape {labels.shape}, expected {new.y.shape}: one label for each new digit."
    if labels.dtype.kind not in "iuf" or not np.all(labels == np.rint(labels)):
        return "You returned numbers that are no labels, expected whole numbers from 0 to 9."
    right = labels == new.y
    share = {scanner: float(right[new.scanner == scanner].mean()) for scanner in BARS}
    if all(share[scanner] >= bar for scanner, bar in BARS.items()):
        return None
    said = ", ".join(f"{share[k]:.1%} from the {NAMES[k]} (needed {BARS[k]:.0%})" for k in BARS)
    if drawn == 0:
        why = "You drew no batch: call draw() once for each step."
    elif share[0] < 0.3:
        why = "That is guessing: does the loss of one batch fall, and does every digit keep its label?"
    elif share[0] < BARS[0]:
        why = f"{drawn} batches drawn; does the model suit images, and is the learning rate right?"
    else:
        why = "The average hides the second scanner. It is rare in training: can you make such scans yourself?"
    return f"Of the new digits you read {said}. {why}"


ship = Task(
    "ship",
    ("seed",),
    seeds,
    judge=problem,
    run=shipped,
    rtol=1e-2,  # for logits, which processors round differently
    atol=1e-2,
    seconds=90.0,
    hints=(
        "Begin simple and look at both scanners on the validation part. Write down what you change, one thing at a "
        "time. A network without convolutions does not get there; one with them reads the good scanner and not the "
        "worn one.",
        "You know what the worn scanner does to a digit: turned by 30 degrees, give or take six, half as dark, noise "
        "with a spread of 0.08. So make worn copies of the good scans in each batch and train on both: augment.rotate "
        "turns.",
        "new = 0.5 * augment.rotate(X[scanner == 0, 0], rng.normal(30, 8, size=...).astype(np.float32)) + "
        "rng.normal(0, 0.08, ...); clip to 0 and 1; np.concatenate with X; two convolutions of 16 and 32; Adam, 0.006, "
        "one cycle",
    ),
)


def _conv_net():
    return nn.Sequential(
        *(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(288, 10)),
    )


def _linear():
    return nn.Sequential(nn.Flatten(), nn.Linear(144, 10))


def _plain(X, y, scanner, rng):
    return X, y


def _good_only(X, y, scanner, rng):
    return X[scanner == 0], y[scanner == 0]


def _worn_only(X, y, scanner, rng):
    return X[scanner == 1], y[scanner == 1]


def _mirrored(X, y, scanner, rng):
    return np.concatenate([X, X[..., ::-1]]), np.concatenate([y, y])


def _turned_back(X, y, scanner, rng):
    good = X[scanner == 0, 0]
    turned = 0.5 * augment.rotate(good, np.full(len(good), -30, dtype=np.float32))
    return np.concatenate([X, turned[:, np.newaxis]]), np.concatenate([y, y[scanner == 0]])


def _shipped(
    draw,
    X_val,
    y_val,
    scanner_val,
    X_new,
    *,
    make=_conv_net,
    batch=_plain,
    num_steps=150,
    lr=0.004,
    learns=True,
    answer=lambda logits: logits.argmax(dim=1),
):
    """Training with one thing done differently; the mistakes below say which."""
    torch.manual_seed(0)
    net, rng = make(), np.random.default_rng(0)
    optimizer = torch.optim.Adam(net.parameters(), lr=lr)
    for _ in range(num_steps):
        X, y = batch(*draw(), rng)
        if not len(X):
            continue
        loss = cross_entropy(net(torch.tensor(np.ascontiguousarray(X))), torch.tensor(y))
        optimizer.zero_grad()
        loss.backward()
        if learns:
            optimizer.step()
    with torch.no_grad():
        return answer(net(torch.tensor(X_new))).numpy()


for _sentence, _answer in {
    "You train on the batches as they come. The good scanner is well read and the worn one, a seventh of the training "
    "digits, is not: an average would hide it. Make more of such scans.": changed(_shipped, "as_they_come"),
    "You leave out the worn scans. Then nobody teaches the model what half of the new digits look like.": changed(
        _shipped, "good_only", batch=_good_only, num_steps=100
    ),
    "You train on the worn scans alone; the good scanner counts, too.": changed(
        _shipped, "worn_only", batch=_worn_only, num_steps=100
    ),
    "Your model is linear. It reads most good scans and few worn ones: simple is where to begin, not where to "
    "stay.": changed(_shipped, "linear", make=_linear),
    "You mirror the digits. A mirrored digit is none, and no scanner does that.": changed(
        _shipped, "mirrored", batch=_mirrored, num_steps=100
    ),
    "You turn the digits the wrong way: the worn scanner turns them counter-clockwise, by about +30 degrees.": changed(
        _shipped, "turned_back", batch=_turned_back, num_steps=100
    ),
    "Your network is not trained: after backward(), optimizer.step() must be called.": changed(
        _shipped, "no_step", learns=False, num_steps=5
    ),
    "You return the logits. Take the place of the largest in each row: argmax(dim=1).": changed(
        _shipped, "logits", answer=lambda logits: logits, num_steps=10
    ),
    "You took the largest along the wrong axis, over the digits: argmax(dim=1) goes over the classes.": changed(
        _shipped, "wrong_axis", answer=lambda logits: logits.argmax(dim=0), num_steps=10
    ),
    "The learning rate is far too large, and training diverges. Try 0.004 with Adam.": changed(
        _shipped, "rate_too_large", lr=1.0, num_steps=50
    ),
    "Twenty steps are too few. The budget is 300.": changed(_shipped, "few_steps", num_steps=20),
}.items():
    ship.mistake(_sentence)(_answer)
