"""make with a stand-in for Python that notes what it is asked to do; and what set-up must not bring."""

import ast
import os
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import distributions, packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PYTHON = """#!/bin/sh
echo "$*" >> log
case "$*" in
  *"import ensurepip"*) exit ${WRONG_VERSION:-0} ;;
  "-m venv --clear .venv") mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;
  *--no-index*) exit ${NO_LOCAL_WHEEL:-0} ;;
  *urlopen*) exit ${UNREACHABLE:-0} ;;
  *"-r requirements.txt"*) exit ${LOCK_FAILS:-0} ;;
esac
"""
INSTALL = "-m pip --disable-pip-version-check install "
LOCAL = INSTALL + "--no-index --no-deps torch==2.13.0"
REST = [INSTALL + "-r requirements.txt", INSTALL + "--no-deps --no-build-isolation -e ."]


TOOLS = ("make", "sed", "uname", "mkdir", "cp", "rm", "touch")


@pytest.fixture
def make(tmp_path):
    """Return a function that runs make in a clone without .venv: (exit code, what Python was asked, text)."""
    if not all(map(shutil.which, TOOLS)):
        pytest.skip("no make here")
    for name in ("Makefile", "requirements.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("python3.11", "python3"):
        program(tmp_path / "bin" / name, PYTHON)
    for name in TOOLS:
        (tmp_path / "bin" / name).symlink_to(shutil.which(name))

    def run(target, **given):
        (tmp_path / "log").unlink(missing_ok=True)
        done = subprocess.run(
            ["make", target],
            cwd=tmp_path,
            env={"PATH": str(tmp_path / "bin"), **given},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        log = (tmp_path / "log").read_text().splitlines() if (tmp_path / "log").exists() else []
        return done.returncode, log, done.stdout

    return run


@pytest.fixture
def clone(make, tmp_path):
    """Return a function that runs `make setup`: (exit code, installs, text)."""

    def setup(**given):
        code, log, text = make("setup", **given)
        return code, [line for line in log if " install " in line], text

    setup.stamp = tmp_path / ".venv" / ".ready"
    return setup


def program(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def test_torch_comes_first_and_from_a_local_wheel_if_there_is_one(clone):
    assert clone()[:2] == (0, [LOCAL, *REST])
    assert clone.stamp.exists()


def test_a_second_setup_does_nothing_until_the_lock_changes(clone):
    clone()
    assert clone()[:2] == (0, [])
    later = clone.stamp.stat().st_mtime + 10
    os.utime(clone.stamp.parents[1] / "requirements.txt", (later, later))
    assert clone()[1] == [LOCAL, *REST]


def test_without_a_local_wheel_torch_comes_from_the_index_for_cpus_alone(clone):
    code, installs, _ = clone(NO_LOCAL_WHEEL="1", TORCH_INDEX="https://example.org/cpu")
    only_there = INSTALL + "--no-deps --index-url https://example.org/cpu torch==2.13.0"
    assert (code, installs) == (0, [LOCAL, only_there, *REST])


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere PyPI's build needs no CUDA")
def test_without_that_index_pypi_is_used_and_its_cost_is_said(clone):
    code, installs, text = clone(NO_LOCAL_WHEEL="1", UNREACHABLE="1")
    assert (code, installs) == (0, [LOCAL, INSTALL + "torch==2.13.0", *REST])
    assert "several GB" in text


def test_a_setup_that_broke_off_leaves_no_stamp_and_starts_again(clone):
    assert clone(LOCK_FAILS="1")[0] != 0
    assert not clone.stamp.exists()
    assert clone()[:2] == (0, [LOCAL, *REST])


def test_without_python_3_11_one_line_says_what_to_do(clone):
    code, installs, text = clone(WRONG_VERSION="1")
    said = [line for line in text.splitlines() if not line.startswith("make")]
    assert code != 0 and installs == [] and len(said) == 1 and "Python 3.11" in said[0]


PARTS = ("ruff", "autograder.build", "not slow", "(slow", "--nbval ", "--nbval-lax ")


@pytest.fixture
def suite(make, tmp_path):
    """Return a function that runs `make test` after a set-up, with one part failing: (exit code, log, text)."""
    program(tmp_path / "bin" / "chromium", "#!/bin/sh\n")
    for name in ("course/01_one/lesson.ipynb", "course/01_one/exercises.ipynb", "solutions/01_one/exercises.ipynb"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{}")
    fake = """#!/bin/sh
echo "${0##*/} $*" | sed 's/-m slow/-m (slow/' >> log
case "$(tail -n 1 log)" in *"${BREAKS:-nothing}"*) exit ${WITH:-1} ;; esac
"""
    (tmp_path / "bin" / "tail").symlink_to(shutil.which("tail"))
    for name in ("python", "ruff"):
        program(tmp_path / ".venv" / "bin" / name, fake)
    (tmp_path / ".venv" / ".ready").touch()
    return lambda **given: make("test", **given)


def test_every_part_runs_and_one_that_fails_fails_all(suite):
    assert suite()[0] == 0
    for part in PARTS:
        code, log, _ = suite(BREAKS=part)
        assert code != 0, part
        assert [any(known in line for line in log) for known in PARTS] == [True] * len(PARTS)


def test_a_part_without_tests_does_not_fail(suite):
    assert suite(BREAKS="(slow", WITH="5")[0] == 0


def test_notebooks_with_answers_are_compared_and_stubs_only_run(suite):
    log = "\n".join(suite()[1])
    assert "--nbval course/01_one/lesson.ipynb solutions/01_one/exercises.ipynb" in log
    assert "--nbval-lax course/01_one/exercises.ipynb" in log


def test_without_chromium_only_ci_fails(suite, tmp_path):
    (tmp_path / "bin" / "chromium").unlink()
    code, log, text = suite()
    assert code == 0 and "no chromium here" in text
    assert any("slow and not browser" in line for line in log)
    assert suite(CI="true")[0] != 0


def test_without_notebooks_make_test_says_so(suite, tmp_path):
    shutil.rmtree(tmp_path / "course")
    shutil.rmtree(tmp_path / "solutions")
    code, log, text = suite()
    assert code == 0 and "no executed notebook yet" in text and "no released notebook yet" in text
    assert not [line for line in log if "nbval" in line]


def test_setup_brings_no_cuda_package():
    names = {canonicalize_name(found.name) for found in distributions()}
    assert not {name for name in names if name.startswith(("nvidia", "cuda", "triton", "torchvision"))}


def test_every_package_that_is_imported_is_asked_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = project["dependencies"] + sum(project["optional-dependencies"].values(), [])
    asked = {canonicalize_name(Requirement(wanted).name) for wanted in asked}
    homes = packages_distributions()
    missing = {
        f"{path.relative_to(ROOT)}: {name}"
        for path, name in _imported()
        if name in homes
        and not asked & {canonicalize_name(home) for home in homes[name]}
        and "introdl" not in homes[name]
    }
    assert not missing


def _imported():
    """Yield (file, top-level module) for every import in our Python files."""
    tops = [ROOT / name for name in ("autograder", "course", "solutions", "tests")]
    for path in (path for top in tops for path in top.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module]
            yield from ((path, name.partition(".")[0]) for name in names)
