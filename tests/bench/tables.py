"""What every benchmark shares: where results are kept, the machine they were taken on, and the tables in README.md."""

import json
import os
import platform
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path

ROOT = Path(__file__).parents[2]
RESULTS = Path(__file__).parent / "results"


def machine(**more) -> dict:
    """Return what figures are measured on, with what else a benchmark notes of its run."""
    return {
        "cores": os.cpu_count(),
        "cpu": _cpu(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "threads": 1,
        **more,
        "date": date.today().isoformat(),
    }


def measured_on(found: dict, *more: str) -> str:
    """Return the line below a table."""
    return ", ".join([f"Measured on {found['date']}: {found['cpu']}", f"{found['cores']} cores", *more]) + "."


def write_json(path: Path, figures) -> None:
    """Write figures so that the file is always there whole."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    part.replace(path)


def spread(function: Callable, tasks: list[tuple], jobs: int = 1) -> Iterator:
    """Yield function(*task) of each task, in their order; with several jobs, in as many processes of one thread each.

    The function must stand at the top of a module, and tasks and results must be plain data.
    """
    if jobs == 1:
        yield from (function(*task) for task in tasks)
        return
    # Forked processes would inherit PyTorch's threads in a state that they cannot use.
    with ProcessPoolExecutor(jobs, get_context("spawn"), _one_thread) as pool:
        yield from pool.map(function, *zip(*tasks, strict=True))


def put_in_readme(name: str, lines: list[str], readme: Path = ROOT / "README.md") -> None:
    """Put lines between the two marks of this name in README.md."""
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, found, rest = readme.read_text("utf-8").partition(start)
    inside, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"{readme} has no place for a table: the lines {start} and {end}")
    readme.write_text(f"{before}{start}\n" + "\n".join(lines) + f"\n{end}{after}", "utf-8")


def _one_thread() -> None:
    import torch

    torch.set_num_threads(1)


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or "unknown"
