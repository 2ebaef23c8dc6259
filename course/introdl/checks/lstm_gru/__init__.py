"""Checks of unit 14: cells of LSTM and GRU, parameters, two directions, embedding, masks, gaps in surnames."""

from introdl.checks.lstm_gru.both_ways import both_ways
from introdl.checks.lstm_gru.count_parameters import count_parameters
from introdl.checks.lstm_gru.embedding import embedding
from introdl.checks.lstm_gru.fill_gaps import fill_gaps
from introdl.checks.lstm_gru.gru_cell import gru_cell
from introdl.checks.lstm_gru.lstm_cell import lstm_cell
from introdl.checks.lstm_gru.masked_mean import masked_mean
from introdl.checks.unit import Unit

NOT_FOR_YOU = ("sklearn", "scipy")
WITHHELD = ("introdl.nn", "introdl.train", "introdl.data", "introdl.gradcheck", "faker")

unit = Unit(
    "14_lstm_gru",
    lstm_cell,
    gru_cell,
    count_parameters,
    both_ways,
    embedding,
    masked_mean,
    fill_gaps,
    forbid=NOT_FOR_YOU,
    withheld=WITHHELD,
)
hint, solution, model_answer, progress = unit.hint, unit.solution, unit.model_answer, unit.progress
