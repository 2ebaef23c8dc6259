"""Small digits for generators, in two styles, and what a ruler says of them: how thick, how slanted."""

import numpy as np
import torch
from torch.nn import functional as F

SLANT = 0.35  # columns to the right for each row upwards


def small(X: np.ndarray) -> torch.Tensor:
    """Return digits (N, 784), 0 to 1, as (N, 1, 16, 16), -1 (paper) to 1 (ink): each pixel the mean of four."""
    if np.ndim(X) != 2 or X.shape[1] != 784:
        raise ValueError(f"X has shape {np.shape(X)}, expected (N, 784): digits of 28x28 pixels, flat")
    pictures = torch.from_numpy(np.asarray(X, np.float32)).reshape(-1, 1, 28, 28)
    return 2 * F.avg_pool2d(F.pad(pictures, (2, 2, 2, 2)), 2) - 1


def poster(X: torch.Tensor) -> torch.Tensor:
    """Return digits (N, 1, H, W), -1 to 1, as a bold and slanted type: each stroke a pixel wider, leaning right."""
    bold = F.max_pool2d(X, 2, stride=1, padding=1)[:, :, : X.shape[2], : X.shape[3]]
    turn = torch.tensor([[1.0, SLANT, 0.0], [0.0, 1.0, 0.0]]).expand(len(X), 2, 3)
    grid = F.affine_grid(turn, list(X.shape), align_corners=False)
    return F.grid_sample(bold + 1, grid, align_corners=False) - 1  # outside is paper


def ink(X: torch.Tensor) -> torch.Tensor:
    """Return the mean darkness (N,) of pictures (N, 1, H, W), 0 (all paper) to 1 (all ink)."""
    return (X.clamp(-1, 1) + 1).mean(dim=(1, 2, 3)) / 2


def slant(X: torch.Tensor) -> torch.Tensor:
    """Return how far digits (N, 1, H, W) lean, (N,): columns to the right for each row upwards; 0 is upright.

    It is the slope of the line through the ink by which a column follows from a row, each pixel weighed by its ink.
    """
    weights = (X[:, 0].clamp(-1, 1) + 1) / 2
    weights = weights / weights.sum(dim=(1, 2), keepdim=True).clamp_min(1e-6)
    rows = -torch.arange(X.shape[2], dtype=X.dtype)[:, None]  # upwards
    columns = torch.arange(X.shape[3], dtype=X.dtype)[None]
    row_mean = (weights * rows).sum((1, 2), keepdim=True)
    column_mean = (weights * columns).sum((1, 2), keepdim=True)
    together = (weights * (rows - row_mean) * (columns - column_mean)).sum((1, 2))
    return together / (weights * (rows - row_mean) ** 2).sum((1, 2)).clamp_min(1e-6)
