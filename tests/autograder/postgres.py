"""A PostgreSQL server of our own: Debian's programs, started in a folder that goes with it, on a free port."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

DEBIAN = Path("/usr/lib/postgresql")
USER, PASSWORD = "instructor", "a secret"
FAST = "-c fsync=off -c full_page_writes=off"  # it need not survive a power cut
AUTHORITY = {"user": "postgres", "group": "postgres", "extra_groups": []}  # the server refuses to run as root


@dataclass
class Server:
    """A server that may be stopped and started; `url` is that of one of its databases."""

    programs: Path
    folder: Path
    port: int

    def url(self, database: str, password: str = PASSWORD, port: int | None = None) -> str:
        """Return the SQLAlchemy URL of a database."""
        return f"postgresql://{USER}:{password.replace(' ', '%20')}@127.0.0.1:{port or self.port}/{database}"

    def create(self, database: str) -> str:
        """Make an empty database and return its URL."""
        place = ["--host=127.0.0.1", f"--port={self.port}", f"--username={USER}"]
        self._run("createdb", *place, database, env=os.environ | {"PGPASSWORD": PASSWORD})
        return self.url(database)

    def start(self) -> None:
        """Make the server's files where there are none yet, and start it."""
        if not (self.folder / "data").exists():
            (self.folder / "password").write_text(PASSWORD)
            shutil.chown(self.folder / "password", *_owner())
            self._run("initdb", "--pgdata=data", f"--username={USER}", "--pwfile=password", "--auth=scram-sha-256",
                      "--encoding=UTF8", "--locale=C", "--no-sync")
        options = f"{FAST} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -p {self.port}"
        self._run("pg_ctl", "start", "--pgdata=data", "--log=log", "--wait", f"--options={options}")

    def stop(self) -> None:
        """Stop the server and cut off whoever is connected."""
        self._run("pg_ctl", "stop", "--pgdata=data", "--mode=immediate", "--wait")

    def _run(self, program: str, *argv: str, env: dict | None = None) -> None:
        given = AUTHORITY if os.geteuid() == 0 else {}
        command = [self.programs / program, *argv]
        done = subprocess.run(command, cwd=self.folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True, **given)
        assert done.returncode == 0, done.stderr


def _owner() -> tuple:
    return ("postgres", "postgres") if os.geteuid() == 0 else (os.geteuid(), os.getegid())


@contextlib.contextmanager
def postgres() -> Iterator[Server]:
    """Run a server. Where it is not installed, the test is skipped, or fails if CI promises one."""
    found = sorted(DEBIAN.glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    if not found and not on_path:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("no PostgreSQL here")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))  # not pytest's: only its owner may look into that
    shutil.chown(folder, *_owner())
    server = Server((found[-1] if found else Path(on_path)).parent, folder, port)
    try:
        server.start()
        yield server
    finally:
        with contextlib.suppress(AssertionError):  # it may be stopped already
            server.stop()
        shutil.rmtree(folder)
