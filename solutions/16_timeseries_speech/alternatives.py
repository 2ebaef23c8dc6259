"""Other correct ways to write the tasks of unit 16; each must pass its check."""

from functools import lru_cache
from itertools import groupby

import numpy as np
import torch


def fill_gaps__with_a_list(series, season):
    filled = []
    for value in series.tolist():
        t = len(filled)
        if value != value:  # NaN alone differs from itself
            value = filled[-1] + (filled[t - season] - filled[t - season - 1] if t > season else 0.0)
        filled.append(value)
    return np.array(filled)


def make_windows__sliding(series, length, horizon, first):
    past = series[:first]
    both = np.lib.stride_tricks.sliding_window_view((past - np.mean(past)) / np.std(past), length + horizon)
    return both[:, :length], both[:, length:]


def make_windows__by_index(series, length, horizon, first):
    mean, deviation = series[:first].mean(), series[:first].std()
    places = np.arange(first - length - horizon + 1)[:, np.newaxis] + np.arange(length + horizon)
    X, y = np.split((series[places] - mean) / deviation, [length], axis=1)
    return X, y


def make_windows__in_torch(series, length, horizon, first):
    past = torch.tensor(series[:first])
    scaled = (past - past.mean()) / past.std(correction=0)
    both = scaled.unfold(0, length + horizon, 1)
    return both[:, :length], both[:, length:]


def seasonal_naive__by_remainder(history, season, horizon):
    return history[len(history) - season + np.arange(horizon) % season]


def seasonal_naive__tiles(history, season, horizon):
    return np.tile(history[len(history) - season :], horizon // season + 1)[:horizon]


def mase__in_a_loop(y, y_hat, history, season):
    changes = [abs(history[t] - history[t - season]) for t in range(season, len(history))]
    return float(np.mean(np.abs(np.subtract(y, y_hat)))) * len(changes) / sum(changes)


def frame_signal__until_all_is_covered(wave, length, step):
    rows, start = [], 0
    while True:
        piece = wave[start : start + length]
        rows.append(np.append(piece, np.zeros(length - len(piece))))
        if start + length >= len(wave):
            return np.array(rows)
        start += step


def frame_signal__in_torch(wave, length, step):
    count = max(0, int(np.ceil((len(wave) - length) / step))) + 1
    padded = torch.nn.functional.pad(torch.tensor(wave), (0, (count - 1) * step + length - len(wave)))
    return padded.unfold(0, length, step)


def ctc_collapse__group_by(path):
    return np.array([c for c, _ in groupby(path.tolist()) if c], dtype=int)


def ctc_collapse__by_difference(path):
    new = np.diff(path, prepend=-1) != 0
    return path[new & (path > 0)]


def ctc_forward__from_behind(log_p, label):
    """The probability of all endings of paths, from each state on."""
    states = [0]
    for c in label:
        states += [int(c), 0]

    @lru_cache(None)
    def rest(t, s):
        here = log_p[t, states[s]]
        if t == len(log_p) - 1:
            return here if s >= len(states) - 2 else -np.inf
        ways = [s] + [s + 1] * (s + 1 < len(states))
        ways += [s + 2] * (s + 2 < len(states) and states[s + 2] != 0 and states[s + 2] != states[s])
        return here + np.logaddexp.reduce([rest(t + 1, way) for way in ways])

    return np.logaddexp(rest(0, 0), rest(0, 1))


def ctc_forward__all_states_at_once(log_p, label):
    states = np.zeros(2 * len(label) + 1, int)
    states[1::2] = label
    closed = np.full(len(states), -np.inf)
    closed[3::2] = np.where(label[1:] != label[:-1], 0, -np.inf)
    alpha = np.where(np.arange(len(states)) < 2, log_p[0, states], -np.inf)
    for row in log_p[1:]:
        one, two = np.append(-np.inf, alpha[:-1]), np.append([-np.inf, -np.inf], alpha[:-2])
        alpha = np.logaddexp(np.logaddexp(alpha, one), two + closed) + row[states]
    return float(np.logaddexp(alpha[-1], alpha[-2]))
