"""nbgrader's formgrader as `autograder formgrader` starts it, for a class folder."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOKEN = "secret"
SETTINGS = f"c.ServerApp.allow_root = True\nc.IdentityProvider.token = '{TOKEN}'\n"


@contextlib.contextmanager
def formgrader(room):
    """Run it; give the address that it answers at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (room.root / "jupyter_server_config.py").write_text(SETTINGS)
    command = [sys.executable, "-c", "from autograder.cli import main; main()", "formgrader", str(room.root)]
    server = subprocess.Popen([*command, "--no-browser", f"--port={port}"], stderr=subprocess.DEVNULL,
                              start_new_session=True, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, server)
        yield address
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)


def asked(url: str, data: dict | None = None) -> str:
    """Return what the server says at this address; with data, they are posted."""
    headers = {"Authorization": f"token {TOKEN}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, None if data is None else json.dumps(data).encode(), headers)
    return urllib.request.urlopen(request, timeout=60).read().decode()


def _wait(address, server):
    for _ in range(300):
        assert server.poll() is None, "the server ended"
        try:
            return asked(f"{address}/api/status")
        except OSError:
            time.sleep(0.2)
    raise TimeoutError("no server after a minute")
