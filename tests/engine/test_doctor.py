"""`autograder doctor` tries every layer of the sandbox, and can tell when one is not there."""

import os

import pytest

from autograder.engine import memory, sandbox
from autograder.engine.doctor import LAYERS, examine

pytestmark = pytest.mark.slow
ALWAYS = {"memory", "memory of all", "open files", "processor", "keyrings"}  # limits and filters need no namespaces


@pytest.fixture(scope="module")
def sandboxed():
    why = sandbox.problem()
    if why:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"no sandbox here: {why}")


def test_every_layer_holds_here(sandboxed):
    assert [layer.name for layer in examine() if not layer.holds and (layer.needed or memory.available())] == []
    assert [layer.name for layer in examine()] == list(LAYERS)


def test_without_a_sandbox_it_says_what_is_missing(sandboxed):
    held = {layer.name for layer in examine("none") if layer.holds}
    assert held >= {"memory", "open files"} and not held - ALWAYS


@pytest.mark.parametrize(
    ("broken", "layer"),
    [
        ("_limit = lambda kind, value: None", "memory"),
        ("_forbid_keyrings = lambda libc: None", "keyrings"),
        ("NEW_NET = 0", None),  # bubblewrap has a network namespace of its own around all submissions
        ("confine = lambda mode, limits: None", "privileges"),
    ],
)
def test_a_layer_that_is_taken_away_is_missed(broken, layer, sandboxed, monkeypatch):
    start = (
        f"import sys; from autograder.engine import sandbox; exec({broken!r}, vars(sandbox)); "
        "from autograder.engine import doctor; doctor.main(*sys.argv[1:])"
    )
    real = sandbox.command
    monkeypatch.setattr(
        sandbox, "command", lambda argv, hidden, **more: real([argv[0], "-c", start, *argv[3:]], hidden, **more)
    )
    missed = [found.name for found in examine() if not found.holds and found.needed]
    assert layer in missed if layer else missed == []


def test_without_a_group_all_processes_together_may_take_more(sandboxed, monkeypatch):
    monkeypatch.setattr(memory, "_parent", lambda: None)
    assert [layer.name for layer in examine() if not layer.holds] == ["memory of all"]


def test_groups_are_removed(sandboxed):
    if memory.available():
        examine()
        assert not list(memory._parent().glob(f"{memory.PREFIX}{os.getpid()}-*"))


def test_the_command_prints_a_table(sandboxed, capfd):
    from autograder.cli import main

    with pytest.raises(SystemExit) as end:
        main(["doctor"])
    assert end.value.code == 0 and "no connection, not even to this computer" in capfd.readouterr().out


def test_a_course_in_a_folder_that_submissions_get_empty_is_refused_in_one_line(monkeypatch):
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(sandbox.sys, "platform", "linux")
    monkeypatch.setattr(sandbox.sys, "prefix", "/tmp/course/.venv")
    assert sandbox.missing() == (
        "/tmp/course/.venv lies where a submission gets an empty folder of its own; move the course"
    )
