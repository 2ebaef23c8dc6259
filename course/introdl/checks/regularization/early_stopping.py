"""Task of unit 07: stop when the validation loss stops falling, and go back to the best weights (EarlyStopping)."""

import math

import numpy as np

from introdl.checks.task import Task


def histories(rng):
    yield [0.9, 0.7, 0.8, 0.75], 2
    yield [0.5, 0.6, 0.4, 0.5, 0.3, 0.4, 0.5], 2  # never two in a row before the end
    yield [3.0, 2.0, 1.0], 1  # falls to the end
    yield [1.0, 2.0], 1
    yield [0.5, 0.5, 0.5, 0.6], 3  # a tie is no improvement
    yield [0.7, math.nan, 0.6, math.nan, math.nan, 0.5], 2  # diverged: no improvement
    for num_epochs, patience in [(6, 2), (10, 3), (15, 4), (8, 1), (9, 20)]:
        yield [round(float(loss), 2) for loss in np.abs(rng.normal(1, 0.5, size=num_epochs))], patience


def run_training(stopping_class, losses, patience):
    """Let the class train a pretended network; then restore its best weights into another one.

    The loop of training stands in the class, so that the arrays which training changes live where the class lives.
    """
    epochs, params, other = iter(enumerate(losses, start=1)), (np.zeros((2, 2)), np.zeros(2)), np.zeros((2, 2))
    now = [0, 0.0]

    def train_epoch(params):
        now[:] = next(epochs)
        params[0][...] += now[0]  # as optimizers do: in place
        params[1][...] -= now[0]

    stopping = stopping_class(patience)
    run = stopping.fit(params, train_epoch, lambda params: now[1], len(losses))
    stopping.restore((other, np.zeros(2)))
    return {"epochs": len(run), "W": params[0], "b": params[1], "W of another network": other}


def by_looking_back(losses, patience):
    """Decide each epoch anew from the whole past, without a counter."""
    for epochs in range(1, len(losses) + 1):
        past = [math.inf if math.isnan(loss) else loss for loss in losses[:epochs]]
        best = past.index(min(past)) + 1
        if epochs - best >= patience:
            break
    W = np.full((2, 2), float(sum(range(1, best + 1))))
    return {"epochs": epochs, "W": W, "b": -W[0], "W of another network": W}


EarlyStopping = Task(
    "EarlyStopping",
    ("losses", "patience"),
    histories,
    by_looking_back,
    run=run_training,
    hints=(
        "Between epochs the object must remember three things: the lowest loss so far, a copy of the weights of that "
        "epoch, and how many epochs have passed since.",
        "The optimizer changes arrays in place, so a list of the same arrays changes with it: copy each one. restore "
        "must write into the network's own arrays.",
        "if loss < self.best_loss: self.best_loss, self.waited, self.best = loss, 0, [... for p in params]; "
        "else: self.waited += 1. Then return self.waited >= ... And in restore: p[...] = ...",
    ),
)


def _stopping_class(
    *,
    better=lambda loss, best: loss < best,
    against="best",
    stop=lambda waited, patience: waited >= patience,
    reset=True,
    copies=True,
    keep="best",
    restore="write",
    start=math.inf,
    answer=lambda stop: stop,
):
    """Return a class EarlyStopping with one thing done differently; the mistakes below say which."""

    class EarlyStopping:
        def __init__(self, patience):
            self.patience, self.best_loss, self.waited, self.best = patience, start, 0, None

        def update(self, loss, params):
            is_better = better(loss, self.best_loss)
            if self.best is None or (is_better and keep == "best"):
                self.best = [p.copy() for p in params] if copies else params
            if is_better:
                self.best_loss = loss
                self.waited = 0 if reset else self.waited
            else:
                self.waited += 1
            if against == "previous":
                self.best_loss = loss
            return answer(stop(self.waited, self.patience))

        def restore(self, params):
            for p, best in zip(params, self.best, strict=True):
                p[...] = best if restore == "write" else p

        def fit(self, params, train_epoch, validation_loss, num_epochs):
            losses = []
            for _ in range(num_epochs):
                train_epoch(params)
                losses.append(validation_loss(params))
                if self.update(losses[-1], params):
                    break
            self.restore(params)
            return losses

    return EarlyStopping


for _sentence, _change in {
    "restore brings the last weights back, not the best. Either you keep the arrays themselves, which training changes "
    "in place (keep p.copy()), or you keep new ones in every epoch (only where the loss is the lowest).": {
        "copies": False
    },
    "restore changes no array. `params = self.best` only gives the name to another list; the network keeps its last "
    "weights. Write into each array: p[...] = best.": {"restore": "nothing"},
    "You keep the weights of the first epoch only. Whenever the loss is the lowest so far, keep the new ones.": {
        "keep": "first"
    },
    "You count all epochs without improvement. Patience is for epochs in a row: set the counter back to 0 when "
    "the loss improves.": {"reset": False},
    "You stop one epoch too late: with patience 2, the second epoch in a row without a lower loss stops (>=, not "
    ">).": {"stop": lambda waited, patience: waited > patience},
    "You stop one epoch too early: patience is how many epochs in a row may pass without a lower loss.": {
        "stop": lambda waited, patience: waited >= max(patience - 1, 1)
    },
    "You compare with the epoch before. Compare with the lowest loss so far: one lucky rise would make any later fall "
    "look like progress.": {"against": "previous"},
    "An equal loss counts as an improvement in your class. Only a lower one does (a convention).": {
        "better": lambda loss, best: loss <= best
    },
    "A loss that is NaN counts as an improvement in your class. Ask `loss < best`, which is False for NaN, not "
    "`not loss >= best`.": {"better": lambda loss, best: not loss >= best},
    "You wait for the loss to rise: a lower loss is the better one.": {
        "better": lambda loss, best: loss > best,
        "start": -math.inf,
    },
    "update says the opposite: return True to stop, False to go on.": {"answer": lambda stop: not stop},
    "The best loss starts at 0, so no loss is ever lower. Start at infinity: math.inf.": {"start": 0.0},
}.items():
    EarlyStopping.mistake(_sentence)(_stopping_class(**_change))
