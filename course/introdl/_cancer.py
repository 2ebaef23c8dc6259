"""Measurements of cell nuclei: which tumour is malignant (read from scikit-learn's files)."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np

FEATURES = tuple(
    f"{which} {what}"
    for which in ("mean", "error of", "worst")
    for what in (
        *("radius", "texture", "perimeter", "area", "smoothness"),
        *("compactness", "concavity", "concave points", "symmetry", "fractal dimension"),
    )
)


def breast_cancer() -> tuple[np.ndarray, np.ndarray]:
    """Return 569 tumours in a fixed random order: X (569, 30) float64, and y (569,) int64, 1 where malignant (212).

    Columns are CANCER_FEATURES: ten properties of the cell nuclei in an image, each as mean, standard error
    and mean of the three largest; lengths in pixels. A textbook set from one hospital, about 1990: no medical advice.
    Source: Wolberg, Mangasarian, Street and Street, UCI (CC BY 4.0); in scikit-learn.
    """
    package = find_spec("sklearn")
    if package is None:
        raise ImportError("breast_cancer needs the package scikit-learn: pip install scikit-learn")
    path = Path(package.origin).parent / "datasets" / "data" / "breast_cancer.csv"
    table = np.loadtxt(path, delimiter=",", skiprows=1)
    table = table[np.random.default_rng(2026).permutation(len(table))]
    return table[:, :-1], 1 - table[:, -1].astype(np.int64)  # the file says 0 for malignant
