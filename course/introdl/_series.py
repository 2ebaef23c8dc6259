"""Two long series of measurements that ship in statsmodels: `introdl.data` is the door."""

import csv
from importlib.util import find_spec
from pathlib import Path

import numpy as np


def rows_of(name: str) -> list[list[str]]:
    """Return the rows of one of statsmodels' tables without its heading; the package itself takes seconds to import."""
    package = find_spec("statsmodels")
    if package is None:
        raise ImportError(f"{name} needs the package statsmodels: pip install statsmodels")
    path = Path(package.origin).parent / "datasets" / name / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def weekly_co2() -> tuple[np.ndarray, np.ndarray]:
    """Return dates (T,) datetime64[D] and parts per million (T,), NaN where nothing was measured."""
    rows = rows_of("co2")
    dates = [f"{day[:4]}-{day[4:6]}-{day[6:]}" for day, _ in rows]
    return np.array(dates, "datetime64[D]"), np.array([float(value or "nan") for _, value in rows])


def yearly_sunspots() -> tuple[np.ndarray, np.ndarray]:
    """Return years (T,) int64 and sunspot numbers (T,)."""
    rows = rows_of("sunspots")
    return np.array([int(float(year)) for year, _ in rows]), np.array([float(value) for _, value in rows])
