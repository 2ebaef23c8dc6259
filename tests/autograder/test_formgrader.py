"""nbgrader's own programs, started in a class folder: formgrader, Validate, the command line."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest

from autograder import units
from autograder.course import release_to_class
from autograder.environment import nbgrader_environment
from autograder.new_class import create_class
from tests.autograder.tiny_course import SLUG, tiny_source, write

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
SERVER = "c.ServerApp.allow_root = True\nc.IdentityProvider.token = 'secret'\n"


@pytest.fixture(scope="module")
def room(solutions, tmp_path_factory):
    """A class with the tiny unit released and one right answer handed in."""
    room = create_class(tmp_path_factory.mktemp("classes") / "autumn")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(units, "SOLUTIONS", solutions)
        release_to_class(room, SLUG)
    write(tiny_source(), room.folder("submitted", SLUG, "ada"))
    return room


@pytest.fixture(scope="module")
def ask(room):
    """Start `autograder formgrader`; return a function that asks its server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (room.root / "jupyter_server_config.py").write_text(SERVER)

    def ask(path: str, data: dict | None = None):
        headers = {"Authorization": "token secret", "Content-Type": "application/json"}
        body = None if data is None else json.dumps(data).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, headers)
        return urllib.request.urlopen(request, timeout=60).read().decode()

    command = [sys.executable, "-c", "from autograder.cli import main; main()", "formgrader", str(room.root)]
    server = subprocess.Popen([*command, "--no-browser", f"--port={port}"], stderr=subprocess.DEVNULL,
                              start_new_session=True, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})
    try:
        _wait(ask, server)
        yield ask
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)


def _wait(ask, server):
    for _ in range(300):
        assert server.poll() is None, "the server ended"
        try:
            return ask("/api/status")
        except OSError:
            time.sleep(0.2)
    raise TimeoutError("no server after a minute")


def test_formgrader_shows_the_unit(ask):
    assert "nbgrader formgrade" in ask("/formgrader/")
    unit, = json.loads(ask("/formgrader/api/assignments"))
    assert (unit["name"], unit["status"], unit["max_score"]) == (SLUG, "draft", 9)


def test_formgrader_grades_on_the_class_seed(ask, room):
    assert json.loads(ask(f"/formgrader/api/submission/{SLUG}/ada/autograde", {}))["success"]
    graded = nbformat.read(room.folder("autograded", SLUG, "ada") / "exercises.ipynb", as_version=4)
    assert graded.cells[0].outputs[0].text == f"{room.seed} 1 1\n"
    submission = json.loads(ask(f"/formgrader/api/submission/{SLUG}/ada"))
    assert (submission["code_score"], submission["needs_manual_grade"]) == (5, True)


def test_validate_names_the_failing_checks(ask):
    answer = json.loads(ask(f"/assignments/validate?path=release/{SLUG}/exercises.ipynb", {}))
    assert answer["success"] and [cell["source"] for cell in answer["value"]["failed"]] == [
        "assert double(3) == 6", "assert area(2, 3) == 6", "YOUR ANSWER HERE"]


def test_nbgraders_command_line_makes_the_same_release(room):
    released = room.folder("release", SLUG) / "exercises.ipynb"
    ours = released.read_bytes()
    released.unlink()
    with nbgrader_environment(PYTHONPATH=str(ROOT)):
        subprocess.run([sys.executable, "-m", "nbgrader", "generate_assignment", SLUG, "--force"],
                       cwd=room.root, check=True, capture_output=True)
    assert released.read_bytes() == ours
