"""Task of unit 11: the most accurate network that fits a budget."""

from statistics import mean

from introdl.checks.task import Task
from introdl.checks.variant import changed


def row(net, val_accuracy, macs, params):
    return {"net": net, "val_accuracy": val_accuracy, "macs": macs, "params": params}


ROWS = [  # accuracies in eighths and sixteenths: their means are exact
    row("wide", [0.875, 0.9375, 0.875, 0.9375], 500, 60),
    row("deep", [0.75, 1.0, 0.75, 0.75], 400, 70),
    row("slim", [0.875, 0.875, 0.8125, 0.8125], 70, 10),
    row("tall", [0.8125, 0.8125, 0.875, 0.875], 60, 30),
    row("bold", [1.0, 1.0, 0.75, 1.0], 450, 65),
    row("lame", [0.25, 0.25, 0.25, 0.25], 80, 20),
    row("tiny", [0.5, 0.625, 0.5, 0.625], 5, 1),
]


def budgets(rng):
    yield ROWS[:2], 1000, 100
    yield ROWS, 100, 100
    yield ROWS[::-1], 100, 100
    yield ROWS, 1000, 65
    yield ROWS[:3], 1000, 20
    yield ROWS, 500, 60
    yield ROWS, 4, 100
    yield ROWS[1:], 400, 70
    yield ROWS, 1000, 0
    yield [], 1000, 100
    for _ in range(4):
        rows = [
            row(f"net {k}", (rng.integers(8, 17, size=4) / 16).tolist(), *map(int, rng.integers(1, 70, size=2)))
            for k in range(8)
        ]
        yield rows, int(rng.integers(30, 100)), int(rng.integers(30, 100))


def by_sorting(rows, max_macs, max_params):
    left = sorted(rows, key=lambda row: (-sum(row["val_accuracy"]) / len(row["val_accuracy"]), row["macs"]))
    for row in left:
        if max_macs >= row["macs"] and max_params >= row["params"]:
            return row["net"]
    return None


choose = Task(
    "choose",
    ("rows", "max_macs", "max_params"),
    budgets,
    by_sorting,
    hints=(
        "First keep the rows that fit both budgets; then look for the best among them; think of an empty list.",
        "max takes a key and a default. A key may be a pair: Python compares the second entry only where the first "
        "ones are equal. To prefer fewer MACs, put them in with a minus.",
        "fitting = [row for row in rows if row['macs'] <= ... and ...]; best = max(fitting, key=lambda row: "
        "(np.mean(...), -row[...]), default=None); and return its name, or None",
    ),
)


def _choose(
    rows,
    max_macs,
    max_params,
    *,
    fits=lambda row, macs, params: row["macs"] <= macs and row["params"] <= params,
    score=lambda row: (mean(row["val_accuracy"]), -row["macs"]),
    none=lambda rows: None,
    late=False,
    result=lambda row: row["net"],
):
    """The choice with one thing done differently; the mistakes below say which."""
    fitting = rows if late else [row for row in rows if fits(row, max_macs, max_params)]
    best = max(fitting, key=score, default=None)
    if best is None or not fits(best, max_macs, max_params):
        return none(rows)
    return result(best)


for _sentence, _answer in {
    "The budget for parameters is not kept.": changed(
        _choose, "macs_only", fits=lambda row, macs, params: row["macs"] <= macs
    ),
    "The budget for MACs is not kept.": changed(
        _choose, "params_only", fits=lambda row, macs, params: row["params"] <= params
    ),
    "You keep what fits one of the budgets. Both must be kept: and, not or.": changed(
        _choose, "one_of_both", fits=lambda row, macs, params: row["macs"] <= macs or row["params"] <= params
    ),
    "What uses a budget to the last one still fits: <=, not <.": changed(
        _choose, "strictly", fits=lambda row, macs, params: row["macs"] < macs and row["params"] < params
    ),
    "You go by the best seed. One lucky run says little: compare the means.": changed(
        _choose, "best_seed", score=lambda row: (max(row["val_accuracy"]), -row["macs"])
    ),
    "You go by the worst seed. Compare the means (a convention; the worst is sometimes asked for, too).": changed(
        _choose, "worst_seed", score=lambda row: (min(row["val_accuracy"]), -row["macs"])
    ),
    "You go by the first seed alone. Compare the means of all.": changed(
        _choose, "first_seed", score=lambda row: (row["val_accuracy"][0], -row["macs"])
    ),
    "You take the cheapest that fits. The budget is there to be used: take the most accurate.": changed(
        _choose, "cheapest", score=lambda row: -row["macs"]
    ),
    "You take the least accurate: max, not min.": changed(
        _choose, "least_accurate", score=lambda row: (-mean(row["val_accuracy"]), -row["macs"])
    ),
    "Of equally accurate networks you take the one that stands first. Take the one with fewer MACs.": changed(
        _choose, "first_of_equals", score=lambda row: mean(row["val_accuracy"])
    ),
    "Of equally accurate networks you take the one with *more* MACs: the sign in the key is the wrong way "
    "round.": changed(_choose, "dearer_of_equals", score=lambda row: (mean(row["val_accuracy"]), row["macs"])),
    "You take the best of all and only then ask whether it fits. Keep what fits first, then take the best of "
    "that.": changed(_choose, "asks_late", late=True),
    "Where nothing fits, you return an empty text. Return None.": changed(_choose, "empty_text", none=lambda rows: ""),
    "Where nothing fits, you return the smallest network all the same. Return None: a budget is a limit.": changed(
        _choose,
        "smallest_anyway",
        none=lambda rows: min(rows, key=lambda row: row["macs"])["net"] if rows else None,
    ),
    "You return the whole row. Return the network's name, row['net'].": changed(
        _choose, "whole_row", result=lambda row: row
    ),
}.items():
    choose.mistake(_sentence)(_answer)
