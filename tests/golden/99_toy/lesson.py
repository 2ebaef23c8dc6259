# %% [markdown]
r"""
# Double a number

> **Time**: {{run_time}} to run, 1 minute to study.
"""

# %%
import numpy as np

from introdl import metrics

seed = 0

# %%
x = np.random.default_rng(seed).integers(1, 9, size=3)
print(x, 2 * x)

# %%
metrics.headline("share of numbers doubled", float((2 * x == x + x).mean()), 1.0)
