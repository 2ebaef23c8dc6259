"""Stand-ins for modules that a student process does not have: the checks, and what a unit is about writing."""

import types
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec

from autograder.engine import sandbox

CHECKS = "introdl.checks"


class Withheld(types.ModuleType):
    """Stands for a module that a student process does not have; using it says why."""

    def __init__(self, name: str, reason: str):
        super().__init__(name)
        self.__dict__.update(__path__=[], _reason=reason)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self if self._reason else _nothing

    def __call__(self, *args, **kwargs):
        raise ImportError(self._reason)


def _nothing(*args, **kwargs) -> None:
    """Stand for a check or a hint: while a notebook is graded, checks run elsewhere."""


class Finder(MetaPathFinder, Loader):
    """Finds stand-ins for the checks of the units, and for what a unit is about."""

    def __init__(self, hidden: tuple[str, ...]):
        self.hidden = hidden

    def find_spec(self, name, path=None, target=None):
        """Return a spec for a withheld module, None for all others."""
        is_check = name.startswith(f"{CHECKS}.") and name.rpartition(".")[2] + ".py" not in sandbox.CARRIERS
        is_hidden = any(name == module or name.startswith(f"{module}.") for module in self.hidden)
        return ModuleSpec(name, self, is_package=True) if is_check or is_hidden else None

    def create_module(self, spec):
        """Return the stand-in."""
        reason = f"{spec.name} is not here while a notebook is graded: this unit is about writing it yourself"
        return Withheld(spec.name, "" if spec.name.startswith(f"{CHECKS}.") else reason)

    def exec_module(self, module): ...
