"""JupyterLab as `introdl lab` starts it, over a copy of unit 01, and Chromium to look at it and at the site."""

import json
import os
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from tests.browser.jupyterlab import INTRODL, SLUG, Lab
from tests.browser.sizes import SOON, WIDE

CLONE = Path(__file__).parents[2]
CALM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")


@pytest.fixture(scope="session")
def root(tmp_path_factory):
    """A small clone with introdl, unit 01 and its model answers, so that nobody's own work/ is touched."""
    root = tmp_path_factory.mktemp("clone")
    for folder in (f"course/{SLUG}", "course/introdl", f"solutions/{SLUG}"):
        shutil.copytree(CLONE / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CLONE / "course" / "glossary.md", root / "course")
    return root


@pytest.fixture(scope="session")
def server(root):
    """What a running `introdl lab` tells about itself: url, token. The user's own settings play no part."""
    own = {f"JUPYTER_{name}_DIR": str(root / "jupyter" / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    own |= ONE_THREAD | {"IPYTHONDIR": str(root / "ipython"), "PYTHONPATH": str(root / "course")}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
    command = [*INTRODL, "lab", "--no-browser"]
    with (root / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=root, env=inherited | own, stdout=log, stderr=log)
    try:
        yield _told(process, root)
    finally:
        process.terminate()  # it ends its kernels first
        process.wait(60)


def _told(process, root):
    """Return what JupyterLab's own file says, once it answers."""
    about = root / "jupyter" / "RUNTIME" / f"jpserver-{process.pid}.json"
    until = time.monotonic() + 300
    while time.monotonic() < until:
        assert process.poll() is None, (root / "log").read_text()
        try:
            told = json.loads(about.read_text())
            _ask(told, "api/status")
            return told
        except (OSError, ValueError):
            time.sleep(0.2)
    raise TimeoutError((root / "log").read_text())


def _ask(told, path, method="GET"):
    header = {"Authorization": f"token {told['token']}"}
    request = urllib.request.Request(told["url"] + path, headers=header, method=method)
    return urllib.request.urlopen(request, timeout=30).read()


@pytest.fixture(scope="session")
def chromium():
    """Chromium without a window; where there is none, tests are skipped, or fail if CI promises one."""
    path = shutil.which("chromium")
    if path is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("no chromium on PATH")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CALM, timeout=600_000)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def look(chromium, site):
    """Return a function that opens a window on the site, and after the tests see that no window asked for more."""
    asked, contexts = [], []

    def look(theme="light", size=WIDE, motion="reduce"):
        context = chromium.new_context(viewport=size, reduced_motion=motion)
        for name in ("mode", "theme"):
            context.add_init_script(f"localStorage.setItem('{name}', '{theme}')")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(SOON)  # axe may take longer: evaluate waits
        page.on("request", lambda request: asked.append(request.url))
        page.at = lambda name: page.goto(f"file://{site}/{name}.html")
        return page

    yield look
    for context in contexts:
        context.close()
    assert asked and not [address for address in asked if not address.startswith(f"file://{site}/")]


@pytest.fixture
def open_lab(chromium, server, tmp_path):
    """Return a function that opens a notebook of unit 01 in a fresh window; its kernel ends with the test."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})

    def open_lab(name: str) -> Lab:
        address = f"{server['url']}lab/tree/{SLUG}/{name}.ipynb?reset&token={server['token']}"
        return Lab(context.new_page(), address, tmp_path)

    yield open_lab
    for number, page in enumerate(context.pages):
        page.screenshot(path=tmp_path / f"end-{number}.png")
    context.close()
    for session in json.loads(_ask(server, "api/sessions")):
        _ask(server, f"api/sessions/{session['id']}", "DELETE")


@pytest.fixture
def worksheet(root, server):
    """The learner's exercises, as released."""
    own = root / "work" / SLUG / "exercises.ipynb"
    own.write_bytes((root / "course" / SLUG / "exercises.ipynb").read_bytes())
    return own
