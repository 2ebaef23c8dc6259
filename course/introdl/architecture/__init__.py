"""What an architecture costs and sees, before it is trained: shapes, parameters, multiplications, receptive field."""

from introdl.architecture.costs import count_macs, count_parameters, summarize
from introdl.architecture.receptive import receptive_field
from introdl.architecture.sketch import Conv, Dense, GlobalPool, Pool, Row

__all__ = [
    "Conv",
    "Dense",
    "GlobalPool",
    "Pool",
    "Row",
    "count_macs",
    "count_parameters",
    "receptive_field",
    "summarize",
]
