"""Run one of nbgrader's converters (generate_assignment, autograde, generate_feedback) without its noise."""

import contextlib
import logging
import warnings
from collections.abc import Iterator

from nbgrader.converters import BaseConverter
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from autograder.environment import nbgrader_environment

LONGEST = 160  # characters of a reason: what a submission holds may stand in it
LOG = logging.getLogger("autograder.nbgrader")


class ConvertError(Exception):
    """nbgrader could not convert a notebook; the message is its reason in one sentence."""


class _Records(logging.Handler):
    """Keeps what nbgrader logs, so that the reason of a failure can be found."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def convert(converter: type[BaseConverter], config: Config, **environment: str) -> None:
    """Run `converter` as `config` says, with `environment` added; raises ConvertError."""
    records = _Records()
    LOG.addHandler(records)
    try:
        with _quiet(), nbgrader_environment(**environment):
            coursedir = CourseDirectory(config=config, log=LOG)
            converter(coursedir=coursedir, config=config, log=LOG).start()
    except Exception as error:  # whatever its preprocessors raise
        raise ConvertError(_reason(records.messages, error)) from error
    finally:
        LOG.removeHandler(records)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep nbgrader's log and the libraries' warnings from the terminal, unless LOG was told to show them."""
    LOG.propagate = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _reason(messages: list[str], error: Exception) -> str:
    """Return why it failed: the last line of the traceback that nbgrader logged, else of the error itself."""
    traces = [message for message in messages if message.startswith("Traceback")]
    text = traces[-1] if traces else f"{type(error).__name__}: {error}"
    last = [line for line in text.splitlines() if line.strip() and not line.startswith(" ")][-1]
    name, colon, rest = last.partition(": ")
    sentence = rest if colon and name.replace(".", "").isidentifier() else last
    sentence = sentence[:1].upper() + sentence[1:].rstrip(".")
    return sentence if len(sentence) <= LONGEST else sentence[: LONGEST - 1] + "…"
