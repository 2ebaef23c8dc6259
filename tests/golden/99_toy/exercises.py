# %% [markdown]
r"""
# Exercises 99 · Double a number
"""

# %%
from introdl.checks import toy as check

# %% [markdown] prompt="double" title="Twice as much" minutes=5 difficulty=1
r"""
Return twice the number.
"""

# %% task="double"
def double(x: float) -> float:
    """Return twice x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %% checks="double" points=2
check.double(double)

# %% [markdown] prompt="why" title="Explain" minutes=5 difficulty=1
r"""
Why is it even?
"""

# %% [markdown] answer="why" points=1
r"""
Twice a whole number can be divided by two. **What to look for:** the word divided.
"""
