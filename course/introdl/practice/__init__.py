"""What stands around a model: scores for rare events and groups, smaller weights, drift, bad inputs, a model card.

Built in unit 22. Everything here speaks NumPy and does not care what kind of model made the predictions.
"""

from introdl.practice.card import model_card
from introdl.practice.drift import DriftMonitor, ks_distance, stability_index
from introdl.practice.explain import permutation_importance
from introdl.practice.groups import group_rates
from introdl.practice.inputs import InputCheck
from introdl.practice.rare import average_precision, cheapest_threshold, cost_of, precision_recall
from introdl.practice.shrink import dequantize, prune, quantize, stored_bytes

__all__ = [
    "DriftMonitor",
    "InputCheck",
    "average_precision",
    "cheapest_threshold",
    "cost_of",
    "dequantize",
    "group_rates",
    "ks_distance",
    "model_card",
    "permutation_importance",
    "precision_recall",
    "prune",
    "quantize",
    "stability_index",
    "stored_bytes",
]
