"""Fixtures: the tiny course in the place of ours, and the command line in this process."""

from pathlib import Path

import pytest

from autograder import units
from autograder.cli import main
from tests.autograder.tiny_course import SLUG, tiny_source, write


@pytest.fixture(scope="session")
def solutions(tmp_path_factory) -> Path:
    """A folder like the course's solutions/, with one unit."""
    folder = tmp_path_factory.mktemp("solutions")
    write(tiny_source(), folder / SLUG)
    (folder / SLUG / "exercises.py").write_text("secret = 'the solution as text'")
    (folder / SLUG / "data.csv").write_text("1,2\n")
    return folder


@pytest.fixture
def course(solutions, monkeypatch) -> Path:
    """Let the command line see the tiny course instead of ours."""
    monkeypatch.setattr(units, "SOLUTIONS", solutions)
    return solutions


@pytest.fixture
def autograder(course, main):
    """Run the command line over the tiny course; return (exit code, output, errors)."""
    return main


@pytest.fixture(name="main")
def main_in_this_process(capfd):
    """Run the command line over our course; return (exit code, output, errors)."""
    def run(*argv) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            main([str(argument) for argument in argv])
        return end.value.code, *capfd.readouterr()
    return run
