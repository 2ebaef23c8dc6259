"""Every unit's notebooks: a lesson's form; and through nbgrader itself: stubs score nothing, references everything."""

import json
import re
from pathlib import Path

import nbformat
import pytest

from autograder.build import ROOT, SIZE_LIMIT, imported_modules, units
from autograder.nbgrader_marks import automatic_marks

UNITS = units()
each_unit = pytest.mark.parametrize("slug", UNITS)
TORCH_FROM = 8  # units before it speak NumPy; PyTorch is their judge behind gradcheck.same_as_torch
PATHS = re.compile(r"(?<![\w./])/(root|home/\w+|tmp|work|usr|opt)/\w")


def book(slug, folder="course", name="lesson"):
    return nbformat.read(ROOT / folder / slug / f"{name}.ipynb", as_version=4)


def text(notebook, kind):
    return "\n".join(cell.source for cell in notebook.cells if cell.cell_type == kind)


@each_unit
def test_a_lesson_has_the_parts_that_readers_expect(slug):
    lesson = book(slug)
    prose, code = text(lesson, "markdown"), text(lesson, "code")
    title, box = prose.splitlines()[0], lesson.cells[0].source
    assert title.startswith("# ") and "{{" not in prose
    for part in ("**Time**", "**What you do**", "**What you need first**"):
        assert part in box, part
    for heading in ("## Summary", "## Three quick questions"):
        assert heading in prose, heading
    questions = prose[prose.index("## Three quick questions") :]
    assert questions.count("<details>") == questions.count("</details>") == questions.count("<summary>") == 3
    assert "(exercises.ipynb)" in prose
    assert code.splitlines().count("seed = 0") == 1
    assert code.count("metrics.headline(") >= 1
    assert "plot.explore(" in code or "plot.animate(" in code


@each_unit
def test_headings_go_down_one_level_at_a_time(slug):
    for name, folder in (("lesson", "course"), ("exercises", "solutions")):
        levels = [len(m) for m in re.findall(r"^(#+) ", text(book(slug, folder, name), "markdown"), re.M)]
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))


@each_unit
def test_links_lead_somewhere(slug):
    """Links to files of the course exist, and glossary links name an entry of the glossary."""
    entries = {
        re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-")
        for h in re.findall(r"^## (.+)$", (ROOT / "course" / "glossary.md").read_text("utf-8"), re.M)
    }
    for name in ("lesson", "exercises"):
        for target in re.findall(r"\]\(([^)\s]+)\)", text(book(slug, "course", name), "markdown")):
            file, _, anchor = target.partition("#")
            if target.startswith(("http", "#")):
                continue
            assert (ROOT / "course" / slug / file).exists(), target
            assert not file.endswith("glossary.md") or anchor in entries, target


@each_unit
def test_outputs_are_fit_to_publish(slug):
    for path in [*(ROOT / "course" / slug).glob("*.ipynb"), ROOT / "solutions" / slug / "exercises.ipynb"]:
        assert path.stat().st_size < SIZE_LIMIT, path
        notebook = nbformat.read(path, as_version=4)
        shown = re.sub(r"data:image/[^\"]*", "", json.dumps(notebook))
        assert not PATHS.search(shown), (path, PATHS.search(shown))
        for cell in (c for c in notebook.cells if c.cell_type == "code"):
            # An error that a lesson shows is caught and printed: some programs stop Run All there, whatever the tags.
            assert not any(o.output_type == "error" or o.get("name") == "stderr" for o in cell.outputs), cell.id


@each_unit
def test_no_compared_output_shows_digits_that_processors_round_differently(slug):
    for cell in (c for c in book(slug).cells if c.cell_type == "code"):
        if "nbval-ignore-output" not in cell.metadata.get("tags", []):
            for output in cell.outputs:
                said = output.get("text", "") + output.get("data", {}).get("text/plain", "")
                assert not re.search(r"\d\.\d{7}", said), (cell.id, said)


@each_unit
def test_every_picture_has_its_text(slug):
    for cell in (c for c in book(slug).cells if c.cell_type == "code"):
        for output in cell.outputs:
            assert "image/png" not in output.get("data", {}), f"{cell.id}: show figures with plot.show"
            for image in re.findall(r"<img [^>]*>", "".join(output.get("data", {}).get("text/html", ""))):
                assert len(re.search(r'alt="([^"]*)"', image)[1]) > 20, cell.id


@each_unit
def test_early_units_speak_numpy(slug):
    if int(slug[:2]) < TORCH_FROM:
        for folder, name in (("course", "lesson"), ("solutions", "exercises")):
            assert not re.search(
                r"\btorch\b", text(book(slug, folder, name), "code").replace("same_as_torch", "")
            )


@pytest.mark.slow
@each_unit
def test_the_reference_earns_full_marks_and_the_stub_none(slug):
    source = ROOT / "solutions" / slug / "exercises.ipynb"
    full = automatic_marks(source, source)
    assert full and all(score == most > 0 for score, most in full.values()), full
    stub = automatic_marks(ROOT / "course" / slug / "exercises.ipynb", source)
    assert stub.keys() == full.keys() and all(score == 0 for score, _ in stub.values()), stub


@pytest.mark.slow
@each_unit
def test_a_grading_seed_changes_nothing_for_the_reference(slug):
    source = ROOT / "solutions" / slug / "exercises.ipynb"
    assert all(score == most for score, most in automatic_marks(source, source, seed=20261123).values())


def test_units_have_all_their_texts():
    for slug in UNITS:
        for path in (
            f"course/{slug}/lesson.py",
            f"solutions/{slug}/exercises.py",
            f"solutions/{slug}/alternatives.py",
            f"course/introdl/checks/{slug.split('_', 1)[1]}/__init__.py",
        ):
            assert (ROOT / path).exists(), path


def test_lessons_import_no_checks_of_other_units():
    for slug in UNITS:
        modules = {Path(m).name for m in imported_modules(book(slug)) if Path(m).parent.name == "checks"}
        others = {f"{other.split('_', 1)[1]}.py" for other in UNITS if other != slug}
        assert not modules & others
