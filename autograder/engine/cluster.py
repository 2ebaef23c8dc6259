"""Grading on other machines: dask.distributed's workers run and judge submissions, the gradebook stays here.

A worker is told of the unit once: its notebook in both versions, what students get beside it, the seed and the limits.
Then rebuilt submissions come, as JSON text; what goes back is a report, as JSON text of limited size. A worker whose
packages, checks or engine differ refuses. Where a worker is lost, the scheduler gives its submissions to others; all
reports come here, to the one writer.
"""

import atexit
import json
import tempfile
import threading
from dataclasses import astuple
from pathlib import Path

from autograder.engine import verdict as states
from autograder.engine.cache import basis_of
from autograder.engine.grading import Grading
from autograder.engine.limits import Limits
from autograder.engine.rebuild import Part, Rebuilt, executed
from autograder.engine.team import GradingError
from autograder.engine.unit import copy_data
from autograder.engine.verdict import Report, Verdict
from autograder.units import NOTEBOOK

CONNECT_SECONDS, ALONE_SECONDS = 30, 60  # to reach a scheduler and a first worker; to wait when all workers are gone
LOOK_SECONDS = 5  # between two looks at whether there are workers
MOST_CHARACTERS = 50_000_000  # of a report
IN_FLIGHT = 2  # submissions for each thread of a worker: one runs, one is on its way
NOBODY = "no scheduler answers at {address}; start one there with: dask scheduler. Or grade here, without --scheduler"
NO_WORKERS = "the scheduler at {address} has no workers; start some with: dask worker {address} --nthreads 1"
OTHER = "{where} has other packages, other checks or another engine than this machine; install the same release there"
LOST = "the workers that ran it were lost again and again"


class Cluster(Grading):
    """Grades as `Grading` does, on the workers of the scheduler at `address`, such as tcp://10.0.0.5:8786."""

    def __init__(self, address: str, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.address = address

    def __enter__(self) -> "Cluster":
        try:
            from distributed import Client
        except ImportError as error:
            raise GradingError("--scheduler needs the package distributed; first: pip install distributed") from error
        try:
            self._client = Client(self.address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:  # a timeout is an OSError, too
            raise GradingError(NOBODY.format(address=self.address)) from error
        try:
            self._client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        except OSError as error:
            self._client.close()
            raise GradingError(NO_WORKERS.format(address=self.address)) from error
        self.jobs = IN_FLIGHT * max(1, sum(self._client.nthreads().values()))
        # A task, not data that is sent around: if the worker that holds it is lost, the scheduler makes it anew.
        self._unit = self._client.submit(dict, **self._told())
        return self

    def __exit__(self, *exception) -> None:
        self._client.close()
        super().__exit__(*exception)

    def ready(self) -> None:
        """Nothing to wait for: workers start what they need."""

    def expect(self, paths) -> None:
        """Nothing to start early."""

    def unfit(self) -> dict[str, str]:
        """Each worker tries the instructor's own answers itself."""
        return {}

    def grade_rebuilt(self, rebuilt: Rebuilt) -> Report:
        """Have a rebuilt notebook run and judged by some worker."""
        from distributed import KilledWorker

        future = self._client.submit(grade_there, self._unit, _text_of(rebuilt), pure=False)
        alone = 0
        while True:
            try:
                return Report.from_json(json.loads(future.result(timeout=LOOK_SECONDS)))
            except TimeoutError as error:
                alone = 0 if self._client.nthreads() else alone + LOOK_SECONDS
                if alone >= ALONE_SECONDS:
                    raise GradingError(NO_WORKERS.format(address=self.address)) from error
            except KilledWorker:
                return self._lost(rebuilt)

    def _told(self) -> dict:
        """Return what a worker needs to know of the unit."""
        with tempfile.TemporaryDirectory(prefix="unit-") as folder:
            copy_data(Path(self.folder), Path(folder))
            found = [path for path in Path(folder).rglob("*") if path.is_file()]
            files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}
        return {
            "basis": basis_of(self),
            "source": json.dumps(self.template.source),
            "released": json.dumps(self.template.released),
            "files": files,
            "seed": self.seed,
            "limits": astuple(self.limits),
            "mode": self.mode,
            "in_process": self.in_process,
            "hidden": self.hidden,
            "own": self.own,
        }

    def _lost(self, rebuilt: Rebuilt) -> Report:
        """Return the report of a submission that was lost with its workers: a person is to look, nobody pays."""
        verdicts = {name: Verdict(states.GRADER_FAULT, None, most, LOST) for name, most in self.graded().items()}
        return Report(verdicts, executed(rebuilt, {}), problem=LOST)


def _text_of(rebuilt: Rebuilt) -> str:
    return json.dumps(vars(rebuilt) | {"parts": [vars(part) for part in rebuilt.parts]})


# On a worker ---------------------------------------------------------------------------------------------------------

_GRADINGS: dict[str, Grading] = {}  # by what makes a report; a worker's threads share the processes of a unit
_STARTING = threading.Lock()


def grade_there(unit: dict, text: str) -> str:
    """Grade a rebuilt submission on this worker and return its report as JSON text; raises GradingError."""
    grading = _grading_of(unit)
    found = json.loads(text)
    rebuilt = Rebuilt(**found | {"parts": [Part(**part) for part in found["parts"]]})
    report = grading.grade_rebuilt(rebuilt)
    said = json.dumps(report.as_json())
    if len(said) > MOST_CHARACTERS:
        report.notes.append("Its outputs are too large to be kept.")
        report.notebook = executed(rebuilt, {})
        said = json.dumps(report.as_json())
    return said


def _grading_of(unit: dict) -> Grading:
    with _STARTING:
        if unit["basis"] not in _GRADINGS:
            _GRADINGS[unit["basis"]] = _started(unit)
        return _GRADINGS[unit["basis"]]


def _started(unit: dict) -> Grading:
    from distributed import get_worker

    where = f"the worker {get_worker().address}"
    folder = Path(tempfile.mkdtemp(prefix="grading-"))
    source, released = (folder / step / f"{NOTEBOOK}.ipynb" for step in ("source", "release"))
    for path, text in [(source, unit["source"]), (released, unit["released"])]:
        path.parent.mkdir()
        path.write_text(text, encoding="utf-8")
    for name, content in unit["files"].items():
        path = released.parent / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    limits, in_process, hidden = Limits(*unit["limits"]), set(unit["in_process"]), tuple(unit["hidden"])
    grading = Grading(source, unit["seed"], limits, 1, unit["mode"], released, in_process, hidden, tuple(unit["own"]))
    if basis_of(grading) != unit["basis"]:
        raise GradingError(OTHER.format(where=where))
    try:
        grading.__enter__()
    except GradingError as error:
        raise GradingError(f"{where}: {error}") from error
    atexit.register(grading.__exit__, None, None, None)
    return grading
