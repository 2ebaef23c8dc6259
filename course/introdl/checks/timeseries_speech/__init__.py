"""Checks of unit 16: filling gaps, windows, the seasonal forecast, MASE, frames, reading paths, CTC forward."""

from introdl.checks.timeseries_speech.ctc_collapse import ctc_collapse
from introdl.checks.timeseries_speech.ctc_forward import ctc_forward
from introdl.checks.timeseries_speech.fill_gaps import fill_gaps
from introdl.checks.timeseries_speech.frame_signal import frame_signal
from introdl.checks.timeseries_speech.make_windows import make_windows
from introdl.checks.timeseries_speech.mase import mase
from introdl.checks.timeseries_speech.seasonal_naive import seasonal_naive
from introdl.checks.unit import Unit

NOT_FOR_YOU = ("sklearn", "scipy", "torch.nn.functional.ctc_loss", "torch.nn.CTCLoss", "torch.ctc_loss")
WITHHELD = (
    "introdl.forecast",
    "introdl.speech",
    "introdl.nn",
    "introdl.data",
    "introdl.gradcheck",
    "sklearn",
    "statsmodels",
    "espeakng_loader",
)

unit = Unit(
    "16_timeseries_speech",
    fill_gaps,
    make_windows,
    seasonal_naive,
    mase,
    frame_signal,
    ctc_collapse,
    ctc_forward,
    forbid=NOT_FOR_YOU,
    withheld=WITHHELD,
)
hint, solution, model_answer, progress = unit.hint, unit.solution, unit.model_answer, unit.progress
