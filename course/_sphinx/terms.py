"""Links from the first use of each term on a lesson's page to the glossary, and back."""

import re
from functools import cache

from docutils import nodes
from docutils.nodes import make_id
from sphinx import addnodes

from _sphinx.lessons import unit_of
from _sphinx.units import COURSE

EVERYDAY = set((COURSE / "_sphinx" / "everyday.txt").read_text("utf-8").partition("\n\n")[2].split())
CLOSED = (nodes.reference, nodes.block_quote, addnodes.pending_xref, addnodes.download_reference)


@cache
def terms() -> dict[str, str]:
    """Return {name in small letters: id of its entry}, with the short forms that entries give."""
    found = {}
    for entry in re.split(r"^## ", (COURSE / "glossary.md").read_text("utf-8"), flags=re.M)[1:]:
        name, _, text = entry.partition("\n")
        short = re.search(r"Short: \*([^*]+)\*", text)
        for word in [name, *([short[1]] if short else [])]:
            found[word.strip().lower()] = make_id(name)
    return found


@cache
def _introduced(number: str) -> set[str]:
    """Return the names, in small letters, of the entries that say they come from this unit."""
    text = (COURSE / "glossary.md").read_text("utf-8")
    entries = re.findall(r"^## (.+)\n\n(?:.+\n)*?.*\(units? ([\d, ]+)\)", text, re.M)
    return {name.lower() for name, numbers in entries if number in numbers}


@cache
def _pattern(number: str) -> re.Pattern:
    everyday = EVERYDAY - _introduced(number)
    names = sorted((name for name in terms() if name not in everyday), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, names))})(?:(?<!set)e?s)?(?![\w-])", re.I)


def link_first_uses(app, doctree: nodes.document) -> None:
    """Link each term where a lesson uses it first, and keep where that is."""
    docname = app.env.docname
    unit = unit_of(docname)
    if unit is None or not docname.endswith("/lesson"):
        return
    uses = app.env.course_terms.setdefault(docname, {})
    for link in list(doctree.findall(addnodes.pending_xref)):  # the author's own
        slug = make_id(link.get("reftargetid") or "")
        if link["reftarget"].endswith("glossary") and slug and slug not in uses:
            uses[slug] = f"term-{slug}"
            link.parent.insert(link.parent.index(link), nodes.target("", "", ids=[uses[slug]]))
    for text in list(doctree.findall(nodes.Text)):
        if _inside(text, (nodes.paragraph,)) and not _inside(text, (*CLOSED, nodes.literal, nodes.math)):
            text.parent.replace(text, list(_linked(str(text), uses, _pattern(unit.number))))
    for title in doctree.findall(nodes.title):  # links in headings would be in the way; the way back leads there
        for match in _pattern(unit.number).finditer(title.astext()):
            uses.setdefault(terms()[match[1].lower()], title.parent["ids"][0])


def link_back(app, doctree: nodes.document, docname: str) -> None:
    """Say below each entry of the glossary where lessons use its term first."""
    if docname != "glossary":
        return
    for section in doctree.findall(nodes.section):
        places = [
            (unit_of(lesson).number, f"{app.builder.get_relative_uri(docname, lesson)}#{uses[slug]}")
            for lesson, uses in sorted(app.env.course_terms.items())
            for slug in section["ids"]
            if slug in uses
        ]
        if places:
            line = nodes.paragraph("", "On the pages of unit ", classes=["used-in"])
            for place, (number, address) in enumerate(places):
                line += [nodes.Text(", ")] * (place > 0)
                line += nodes.reference("", number, refuri=address, internal=True)
            section += line


def _linked(text: str, uses: dict[str, str], pattern: re.Pattern):
    """Yield the text with a link at each term that is not in `uses` yet, and note it there."""
    end = 0
    for match in pattern.finditer(text):
        slug = terms()[match[1].lower()]
        if slug in uses:
            continue
        uses[slug] = f"term-{slug}"
        yield nodes.Text(text[end : match.start()])
        yield nodes.reference(
            "", match[0], refuri=f"../glossary.html#{slug}", ids=[uses[slug]], classes=["term"], internal=True
        )
        end = match.end()
    yield nodes.Text(text[end:])


def _inside(node: nodes.Node, kinds: tuple) -> bool:
    while node := node.parent:
        if isinstance(node, kinds):
            return True
    return False


def _start(app, env, docnames) -> None:
    if not hasattr(env, "course_terms"):
        env.course_terms = {}


def _forget(app, env, docname: str) -> None:
    getattr(env, "course_terms", {}).pop(docname, None)


def _merge(app, env, docnames, other) -> None:
    env.course_terms |= {name: other.course_terms[name] for name in docnames if name in other.course_terms}


def setup(app) -> dict:
    """Connect all of it; the glossary is written anew whenever a lesson was read."""
    app.connect("env-before-read-docs", _start)
    app.connect("env-purge-doc", _forget)
    app.connect("env-merge-info", _merge)
    app.connect("doctree-read", link_first_uses)
    app.connect("env-updated", lambda app, env: ["glossary"])
    app.connect("doctree-resolved", link_back)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
