"""The command introdl: what it prints, and how it exits."""

import subprocess
import sys
from pathlib import Path

import pytest

from introdl import cli, marking, progress


@pytest.fixture
def introdl(course, monkeypatch, capsys):
    """Run the command in the small course: returns (exit code, what it printed, what it complained about)."""
    monkeypatch.setattr(cli, "ROOT", course)

    def run(*words):
        with pytest.raises(SystemExit) as stopped:
            cli.main(list(words))
        printed = capsys.readouterr()
        return stopped.value.code, printed.out, printed.err

    return run


def test_start_says_what_is_new_and_then_that_all_is_there(introdl, course):
    code, printed, _ = introdl("start", "one")
    assert code == 0 and str(Path("work/01_one/exercises.ipynb")) in printed.splitlines()
    code, printed, _ = introdl("start", "1")
    assert code == 0 and printed == "All is in work/ already; nothing was changed.\n"
    assert introdl("start", "--all")[0] == 0
    assert (course / "work" / "02_two" / "lesson.ipynb").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("start",),
        ("start", "1", "--all"),
        ("start", "99"),
        ("check",),
        ("check", "99"),
        ("reset", "nobody"),
        (),
        ("begin",),
        ("lab", "--port", "0"),
        ("lab", "--port", "many"),
        ("progress", "3"),
        ("start", "--every"),
    ],
)
def test_wrong_usage_is_one_line_and_exits_2(introdl, words):
    code, printed, complaint = introdl(*words)
    assert (code, printed) == (2, "") and len(complaint.splitlines()) == 1


@pytest.mark.parametrize("words", ["start 05", "check 01", "reset 01", "reset 04"])
def test_what_cannot_be_done_is_said_in_two_lines_and_exits_1(introdl, words):
    code, printed, complaint = introdl(*words.split())
    assert (code, printed) == (1, "") and 1 <= len(complaint.splitlines()) <= 2
    assert "introdl start" in complaint or "make build" in complaint


@pytest.mark.parametrize("words", [("start", "1"), ("start", "--all"), ("lab", "--no-browser")])
def test_a_file_in_the_way_is_named(introdl, course, words):
    (course / "work").write_text("")
    code, _, complaint = introdl(*words)
    assert code == 1 and len(complaint.splitlines()) == 1 and str(course / "work") in complaint


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on the size of files")
def test_a_full_disk_leaves_no_half_file(course):
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (90, 90));"
        f"from pathlib import Path; from introdl import cli; cli.ROOT = Path({str(course)!r});"
        "cli.main(['start', '1'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "exercises.ipynb: File too large" in done.stderr
    assert not list((course / "work").rglob("*.ipynb"))


def test_reset_says_where_the_old_one_is(introdl, course):
    introdl("start", "1")
    assert "nothing was changed" in introdl("reset", "1")[1]
    (course / "work" / "01_one" / "exercises.ipynb").write_text("{")
    code, printed, _ = introdl("reset", "1")
    assert code == 0 and "exercises.kept-1.ipynb" in printed


def test_check_exits_by_the_verdicts(introdl, monkeypatch):
    for passed, expected in ((True, 0), (False, 1)):
        verdicts = [marking.Verdict("first", True, "✓ fine"), marking.Verdict("second", passed, "hm")]
        monkeypatch.setattr(marking, "check", lambda slug, root, verdicts=verdicts: verdicts)
        code, printed, _ = introdl("check", "1")
        assert code == expected
        assert f"01_one: {1 + passed} of 2 checks pass" in printed and "✓ fine" in printed


def test_progress_is_a_map_that_survives_a_damaged_line(introdl, course, monkeypatch):
    introdl("start", "1")
    monkeypatch.chdir(course / "work" / "01_one")
    progress.record("01_one", "first", "pass")
    with (course / "work" / "progress.jsonl").open("a") as file:
        file.write('{"time": "2026-\n\x00\n')
    progress.record("01_one", "second", "hint", hint=1)
    code, printed, _ = introdl("progress")
    rows = {line.split()[0]: line.split()[1:] for line in printed.splitlines() if line.split()[:1]}
    assert code == 0
    assert rows["01_one"] == ["…", "started", "1", "of", "2", "1", "of", "3", "1"]
    assert rows["02_two"][:2] == ["→", "next"] and rows["04_lesson_only"] == []
    assert "Go on with work/01_one/exercises.ipynb: 1 task to go." in printed


def test_progress_names_a_notebook_of_the_course_that_is_damaged(introdl, course):
    (course / "course" / "02_two" / "exercises.ipynb").write_text("{")
    code, _, complaint = introdl("progress")
    assert code == 1 and "02_two" in complaint and "make build" in complaint
    assert len(complaint.splitlines()) == 2


def test_lab_copies_trusts_and_becomes_jupyterlab_at_the_first_unit(introdl, course, monkeypatch):
    seen = []
    monkeypatch.setattr(cli.os, "execv", lambda program, command: seen.append((program, command)))
    monkeypatch.setattr(cli.os, "chdir", seen.append)
    monkeypatch.setenv("PATH", "/somewhere")
    introdl("lab", "--port", "9999", "--no-browser")
    folder, (program, command) = seen
    settings = next(word for word in command if "app_settings_dir" in word).partition("=")[2]
    assert (Path(settings) / "overrides.json").is_file()
    work = course / "work"
    assert folder == work and program == sys.executable and command[1:3] == ["-m", "jupyterlab"]
    assert {"--port=9999", f"--ServerApp.root_dir={work}", "--no-browser"} <= set(command)
    assert "--LabApp.default_url=/lab/tree/01_one/lesson.ipynb" in command
    assert cli.os.environ["PATH"].split(cli.os.pathsep) == [str(Path(sys.executable).parent), "/somewhere"]
    assert (work / "02_two" / "exercises.ipynb").exists()


def test_lab_opens_the_browser_unless_told_otherwise(course):
    (course / "work" / "01_one").mkdir(parents=True)
    (course / "work" / "01_one" / "lesson.ipynb").write_text("{}")
    assert "--no-browser" not in cli.lab_command(course, 8888, browser=True)
