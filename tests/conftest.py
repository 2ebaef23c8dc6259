"""What tests of several folders share: the site, built once for all workers."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The course as `make site` renders it, as if it had a public repository example/course."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent  # each worker has a folder of its own in it
    folder, failed = shared / "site", shared / "site-failed"
    with FileLock(shared / "site.lock"):
        if not folder.exists():
            command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", "course", str(folder)]
            known = os.environ | {"GITHUB_REPOSITORY": "example/course"}
            ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=known)
            if ran.returncode:
                failed.write_text(ran.stderr, "utf-8")
    assert not failed.exists(), failed.read_text("utf-8")
    return folder
