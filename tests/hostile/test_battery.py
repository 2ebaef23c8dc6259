"""Each hostile submission gets exactly what an honest reader would give, tells nothing, and harms nobody else."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.hostile.forging import FORGING
from tests.hostile.reading import READING
from tests.hostile.submission import EASY, SMALL, Submission

pytestmark = pytest.mark.slow
BATTERY = [*FORGING, *READING]
SECONDS = 30
BY_PARTS = ("check_mean", "check_estimate", "check_quotient")


def as_seen(report) -> dict:
    """Return the state and points of each graded cell."""
    return {name: (verdict.state, verdict.points) for name, verdict in report.verdicts.items()}


def faults(submission: Submission, report) -> list[str]:
    """Return where a report differs from what an honest reader would say."""
    found = [] if report.problem is None else [f"problem: {report.problem}"]
    for name, verdict in report.verdicts.items():
        if verdict.state == "manual" or name == "why":
            continue
        honest = submission.honest.get(name, 0)
        if (verdict.points or 0) not in (honest if isinstance(honest, tuple) else (honest,)):
            found.append(f"{name} got {verdict.points} of {verdict.most}, honest is {honest}: {verdict.message[:200]}")
        nothing = submission.states | ({"partial"} if name in BY_PARTS else set())  # such as 0 of 4 points
        allowed = {"passed", "partial"} if verdict.points else nothing
        if verdict.state not in allowed:
            found.append(f"{name} is {verdict.state}, allowed is {sorted(allowed)}: {verdict.message[:200]}")
    return found


def told(report, secrets) -> list[str]:
    """Return what of the secrets stands in the executed notebook, the messages or the notes."""
    messages = [verdict.message + verdict.flag for verdict in report.verdicts.values()]
    text = json.dumps([report.notebook, messages, report.notes, report.problem], ensure_ascii=False)
    text.encode()  # half a character could not be written to a file
    places = [secret for secret in secrets if secret in text]
    return [f"{secret} in {text[max(0, text.index(secret) - 60) : text.index(secret) + 60]!r}" for secret in places][:3]


@pytest.fixture(scope="module")
def honest(engines):
    """What the honest notebook of each unit gets before anybody attacks."""
    known = {}

    def graded(slug: str) -> dict:
        if slug not in known:
            known[slug] = as_seen(engines[slug].grade(engines.targets[slug].honest()))
            name, points, _ = EASY[slug]
            assert known[slug][f"check_{name}"] == ("passed", points)
            assert sum(points or 0 for _, points in known[slug].values()) == points
        return known[slug]

    return graded


@pytest.mark.parametrize("submission", BATTERY, ids=lambda submission: submission.name)
def test_a_hostile_submission(submission, engines, honest):
    grading, target = engines[submission.target], engines.targets[submission.target]
    before = honest(submission.target)
    if submission.leaves:
        grading.grade(target.left_before(submission))
    data, neighbour = target.notebook(submission), target.honest()
    start = time.monotonic()
    with ThreadPoolExecutor(2) as pool:  # one neighbour is graded at the same time, one afterwards
        attack, beside = pool.submit(grading.grade, data), pool.submit(grading.grade, neighbour)
        report, neighbours = attack.result(), [as_seen(beside.result())]
    seconds = time.monotonic() - start
    neighbours.append(as_seen(grading.grade(neighbour)))
    assert faults(submission, report) == []
    assert told(report, {*target.secrets["hidden"], *target.secrets[submission.secret]}) == []
    assert neighbours == [before, before]
    assert engines.marked_files() == []
    assert seconds < SECONDS


@pytest.mark.parametrize("name", sorted(EASY))
def test_an_honest_submission_tells_nothing_either(name, engines):
    target = engines.targets[name]
    secrets = [secret for group in target.secrets.values() for secret in group]
    assert told(engines[name].grade(target.honest()), secrets) == []


def test_the_battery_is_large_enough_and_names_are_unique():
    assert len(FORGING) >= 22 and len(READING) >= 12
    assert len({submission.name for submission in BATTERY}) == len(BATTERY)


def test_right_answers_of_the_small_unit_earn_all_points(engines):
    """Else a submission that earns nothing would show nothing."""
    source = engines.targets[SMALL].source.read_bytes()
    report = engines[SMALL].grade(source)
    assert {name: state for name, (state, _) in as_seen(report).items() if name != "why"} == dict.fromkeys(
        (name for name in report.verdicts if name != "why"), "passed")
