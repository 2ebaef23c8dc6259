"""Checks of unit 10: batches, shapes, parameters, a CNN, its training, feature maps, confusion, the best epoch."""

from introdl.checks.cnn.best_epoch import best_epoch
from introdl.checks.cnn.confusion_matrix import confusion_matrix
from introdl.checks.cnn.feature_maps import feature_maps
from introdl.checks.cnn.layer_parameters import layer_parameters
from introdl.checks.cnn.layer_shapes import layer_shapes
from introdl.checks.cnn.read_digits import read_digits
from introdl.checks.cnn.small_cnn import SmallCNN
from introdl.checks.cnn.to_batch import to_batch
from introdl.checks.unit import Unit

NOT_FOR_YOU = ("sklearn", "scipy", "skimage")
WITHHELD = (
    "introdl.nn",
    "introdl.train",
    "introdl.optim",
    "introdl.architecture",
    "introdl.data",
    "introdl.gradcheck",
    "sklearn",
    "mlxtend",
)

unit = Unit(
    "10_cnn",
    to_batch,
    layer_shapes,
    layer_parameters,
    SmallCNN,
    read_digits,
    feature_maps,
    confusion_matrix,
    best_epoch,
    forbid=NOT_FOR_YOU,
    withheld=WITHHELD,
)
hint, solution, model_answer, progress = unit.hint, unit.solution, unit.model_answer, unit.progress
