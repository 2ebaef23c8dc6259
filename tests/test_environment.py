"""What pyproject.toml asks for, requirements.txt pins and environment.yml installs is one environment."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT = PYPROJECT["project"]
ASKED = sum(PROJECT["optional-dependencies"].values(), PROJECT["dependencies"])
PINS = [Requirement(line) for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines()
        if line.strip() and not line.startswith("#")]
LOCK = {canonicalize_name(pin.name): pin for pin in PINS}
HERE = [pin for pin in PINS if pin.marker is None or pin.marker.evaluate()]


@pytest.mark.parametrize("wanted", ASKED)
def test_what_pyproject_asks_for_is_pinned(wanted):
    wanted = Requirement(wanted)
    pin = LOCK[canonicalize_name(wanted.name)]
    [exact] = pin.specifier
    assert exact.operator == "==" and wanted.specifier.contains(exact.version), f"{wanted} but {pin}"


def test_each_package_is_pinned_once_to_a_public_version():
    assert len({canonicalize_name(pin.name) for pin in HERE}) == len(HERE)
    assert not [str(pin) for pin in PINS if pin.url or pin.extras or "+" in str(pin.specifier)]
    assert str(LOCK["torch"]) == "torch==2.13.0"


def test_the_lock_names_no_place_to_install_from():
    text = (ROOT / "requirements.txt").read_text("utf-8")
    assert not re.findall(r"^\s*-.*|://|file:|find-links", text, re.MULTILINE)


def test_nothing_brings_cuda_or_torchvision():
    assert not [name for name in LOCK if re.match(r"nvidia|cuda|triton|torchvision|torchaudio", name)]


def test_what_is_installed_is_the_lock():
    installed = [(pin, _installed(pin.name)) for pin in HERE]
    differing = [f"{pin}, installed {found}" for pin, found in installed if found != _pinned(pin)]
    assert not differing, "make setup"


def test_the_lock_was_made_with_what_torch_asks_for():
    told = next(one for one in PYPROJECT["tool"]["uv"]["dependency-metadata"] if one["name"] == "torch")
    assert told["version"] == _pinned(LOCK["torch"])
    assert {Requirement(one) for one in told["requires-dist"]} == set(_plain(requires("torch")))


def test_conda_installs_the_same():
    conda = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    *plain, pip = conda["dependencies"]
    python = PROJECT["requires-python"].removeprefix("==").removesuffix(".*")
    assert plain == [f"python={python}", "pip"]
    assert [line for line in pip["pip"] if not line.startswith("--")] == ["-r requirements.txt", "-e ."]


def test_conda_and_make_take_torch_from_the_same_place():
    conda, make = (re.findall(r"https?://\S+", (ROOT / name).read_text("utf-8"))
                   for name in ("environment.yml", "Makefile"))
    assert conda == make and len(make) == 1


def _installed(name: str) -> str | None:
    try:
        return version(name).partition("+")[0]
    except PackageNotFoundError:
        return None


def _pinned(pin: Requirement) -> str:
    return next(iter(pin.specifier)).version


def _plain(wanted: list[str]) -> list[Requirement]:
    """Return requirements without those of extras."""
    return [one for one in map(Requirement, wanted) if "extra ==" not in str(one.marker)]
