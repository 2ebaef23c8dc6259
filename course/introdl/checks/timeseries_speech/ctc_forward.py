"""Task of unit 16: the probability that a network says a label, summed over all paths."""

import itertools

import numpy as np
import torch

from introdl.checks.task import Task
from introdl.checks.timeseries_speech.ctc_collapse import run_by_run
from introdl.checks.variant import changed


def cases(rng):
    yield np.log(np.array([[0.5, 0.3, 0.2]])), np.array([1])
    yield np.log(np.array([[0.6, 0.4], [0.5, 0.5]])), np.array([1])
    for T, C, label in [(3, 3, [1, 2]), (4, 3, [2, 2]), (5, 3, [1, 2, 1]), (4, 4, [3]), (6, 3, [1, 1, 2]), (3, 2, [1])]:
        yield log_softmax(rng.normal(0, 1.5, size=(T, C))), np.array(label)
    scores = rng.normal(0, 1.5, size=(60, 6))
    scores[:, 5] += 20  # the network is sure of something else: no float is as small as the probability of the label
    yield log_softmax(scores), rng.integers(1, 5, size=5)


def log_softmax(scores):
    return scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)


def path_by_path(log_p, label):
    """Try all paths, where they can be counted; else ask PyTorch."""
    T, C = log_p.shape
    if T > 10:
        steps, labels, length = torch.tensor(log_p), torch.tensor(label), torch.tensor(len(label))
        return -torch.nn.functional.ctc_loss(steps, labels, torch.tensor(T), length, reduction="sum").item()
    paths = (np.array(path) for path in itertools.product(range(C), repeat=T))
    sums = [log_p[range(T), path].sum() for path in paths if run_by_run(path).tolist() == label.tolist()]
    return float(np.logaddexp.reduce(sums))


ctc_forward = Task(
    "ctc_forward",
    ("log_p", "label"),
    cases,
    path_by_path,
    hints=(
        "Write the label with blanks around: 0, a, 0, b, 0. At each step a path stays in its state, goes to the next, "
        "or jumps over a blank, if the classes on both sides differ.",
        "Start: alpha[0] = log_p[0, 0] and alpha[1] = log_p[0, label[0]], all others -inf. In each step: new[s] = log "
        "of the sum of those that may come here, plus log_p[t, states[s]]. np.logaddexp adds in logarithms.",
        "may_jump = s >= 2 and states[s] != 0 and states[s] != states[s - ...]; at the end: "
        "np.logaddexp(alpha[-1], alpha[...])",
    ),
)


def _forward(log_p, label, *, jump="differ", ends=2, starts=2, add=np.logaddexp, stay=True, late=0, blanks=True):
    """The recursion with one thing done differently; the mistakes below say which."""
    states = np.zeros(2 * len(label) + 1, int)
    states[1::2] = label
    if not blanks:
        states = np.array(label)
    S = len(states)
    alpha = np.full(S, -np.inf)
    alpha[:starts] = log_p[0, states[:starts]]
    for t in range(1, len(log_p)):
        new = np.full(S, -np.inf)
        for s in range(S):
            value = alpha[s] if stay else -np.inf
            if s >= 1:
                value = add(value, alpha[s - 1])
            allowed = {
                "differ": s >= 2 and states[s] != 0 and states[s] != states[s - 2],
                "always": s >= 2 and states[s] != 0,
                "blanks": s >= 2 and (states[s] == 0 or states[s] != states[s - 2]),
                "never": False,
            }[jump]
            if allowed:
                value = add(value, alpha[s - 2])
            new[s] = value + log_p[t - late, states[s]]
        alpha = new
    return float(np.logaddexp.reduce(alpha[-ends:]))


def in_probabilities(log_p, label):
    p, states = np.exp(log_p), np.zeros(2 * len(label) + 1, int)
    states[1::2] = label
    jump = np.zeros(len(states))
    jump[3::2] = label[1:] != label[:-1]
    alpha = np.zeros(len(states))
    alpha[:2] = p[0, states[:2]]
    for row in p[1:]:
        alpha = (alpha + np.append(0, alpha[:-1]) + jump * np.append([0, 0], alpha[:-2])) * row[states]
    with np.errstate(divide="ignore"):
        return float(np.log(alpha[-1] + alpha[-2]))


for _sentence, _answer in {
    "You multiply probabilities and take the logarithm at the end. The product of many small ones is smaller than any "
    "float, and the result is -inf. Stay with logarithms: add by np.logaddexp.": in_probabilities,
    "You return the loss. The logarithm itself is asked for, without a minus.": (
        lambda log_p, label: -path_by_path(log_p, label)
    ),
    "You never jump over a blank. Between two different classes the blank may be left out.": changed(
        _forward, "never_jumps", jump="never"
    ),
    "You jump over the blank between two equal classes, too. There it must stay: without it, the two are read as "
    "one.": changed(_forward, "always_jumps", jump="always"),
    "You jump from blank to blank, over a class. No class of the label may be left out.": changed(
        _forward, "jumps_over_classes", jump="blanks"
    ),
    "A path may also end in the last class, without a blank after it: add the last two states.": changed(
        _forward, "ends_in_blank", ends=1
    ),
    "A path may also begin with the first class, without a blank before it: two states to start in.": changed(
        _forward, "starts_in_blank", starts=1
    ),
    "You take the largest of the ways in place of their sum. That is the best path (Viterbi); the loss needs all of "
    "them: np.logaddexp.": changed(_forward, "best_path", add=np.maximum),
    "You add logarithms. That multiplies probabilities; to add them, use np.logaddexp.": changed(
        _forward, "logs_added", add=lambda a, b: np.where(np.isinf(a), b, np.where(np.isinf(b), a, a + b))
    ),
    "A path may stay in its state: the same class, or the blank, at several steps.": changed(
        _forward, "never_stays", stay=False
    ),
    "Each step uses the probabilities of the step before it: log_p[t], not log_p[t - 1].": changed(
        _forward, "one_step_late", late=1
    ),
    "Your states are the classes alone. Between them, before and after, there are blanks.": changed(
        _forward, "no_blanks", blanks=False, ends=1, starts=1
    ),
}.items():
    ctc_forward.mistake(_sentence)(_answer)
