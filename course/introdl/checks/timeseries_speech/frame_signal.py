"""Task of unit 16: cut a wave into overlapping frames."""

import numpy as np

from introdl.checks.task import Task
from introdl.checks.variant import changed


def waves(rng):
    yield np.arange(1.0, 8.0), 4, 2
    yield np.arange(1.0, 9.0), 4, 2
    for T, length, step in [(20, 6, 3), (23, 5, 5), (3, 6, 2), (17, 4, 1), (30, 8, 3), (6, 6, 2)]:
        yield rng.normal(size=T), length, step


def sample_by_sample(wave, length, step):
    rows, start = [], 0
    while not rows or start - step + length < len(wave):
        rows.append([wave[start + k] if start + k < len(wave) else 0.0 for k in range(length)])
        start += step
    return np.array(rows)


frame_signal = Task(
    "frame_signal",
    ("wave", "length", "step"),
    waves,
    sample_by_sample,
    hints=(
        "First count the frames: how many steps does the first frame have to be moved until it covers the last sample?",
        "1 + ceil((len(wave) - length) / step), and at least 1. Fill the wave up with zeros so that the last frame is "
        "whole.",
        "count = 1 + max(0, -(-(len(wave) - length) // step)); padded = np.pad(wave, (0, ...)); return np.array([padded"
        "[f * ... : f * ... + ...] for f in range(count)])",
    ),
)


def _frames(
    wave,
    length,
    step,
    *,
    count=lambda T, length, step: 1 + max(0, -(-(T - length) // step)),
    stride=lambda length, step: step,
    front=False,
    edge=False,
):
    """The frames with one thing done differently; the mistakes below say which."""
    number, stride = count(len(wave), length, step), stride(length, step)
    missing = max(0, (number - 1) * stride + length - len(wave))
    padded = np.pad(wave, (missing, 0) if front else (0, missing), mode="edge" if edge else "constant")
    return np.array([padded[f * stride : f * stride + length] for f in range(number)]).reshape(number, length)


for _sentence, _answer in {
    "The end of the wave is lost: a last frame that is not full is filled up with zeros.": changed(
        _frames, "end_lost", count=lambda T, length, step: 1 + max(0, (T - length) // step)
    ),
    "There is a frame too many: where the last sample is covered, no other frame is needed.": changed(
        _frames, "one_too_many", count=lambda T, length, step: 2 + max(0, -(-(T - length) // step))
    ),
    "There is a frame too many where frames fit exactly. Round up (len(wave) - length) / step: // rounds down.": (
        changed(_frames, "too_many_when_exact", count=lambda T, length, step: 2 + max(-1, (T - length) // step))
    ),
    "Your frames do not overlap: each begins `step` samples after the one before, not `length`.": changed(
        _frames, "no_overlap", stride=lambda length, step: length
    ),
    "The zeros stand at the front. Fill up at the end.": changed(_frames, "zeros_in_front", front=True),
    "You fill up with the last sample. Fill up with zeros: silence.": changed(_frames, "last_repeated", edge=True),
    "You count one frame for each step of the wave. The first frame covers `length` samples at once.": changed(
        _frames, "one_a_step", count=lambda T, length, step: -(-T // step)
    ),
}.items():
    frame_signal.mistake(_sentence)(_answer)
