"""The measurement of growing classes: what it makes, what it sees, what it fits."""

import json

import pytest

from autograder.grade import grade_class
from tests.autograder.tiny_course import SLUG
from tests.bench import scale


def rows(seconds, sizes=(100, 1_000, 10_000)):
    return [{"n": n, "seconds": seconds(n), "peak_mb": 300, "db_mb": n / 500} for n in sizes]


@pytest.mark.parametrize(("seconds", "power"), [(lambda n: n / 30, 1), (lambda n: n**2 / 900, 2), (lambda n: 7, 0)])
def test_the_power_with_which_something_grows_is_found(seconds, power):
    found = scale.exponents(rows(seconds))
    assert found == pytest.approx({"seconds": power, "peak_mb": 0, "db_mb": 1}, abs=1e-9)


def test_one_class_alone_has_no_power():
    assert scale.exponents(rows(float, (100,))) == {}


def test_what_grows_too_fast_is_said_and_fails(tmp_path, monkeypatch, capsys):
    steep = rows(lambda n: n**1.2)
    monkeypatch.setattr(scale, "scale", lambda folder, options: iter([steep]))
    assert scale.main(["--only", "scale", "--results", str(tmp_path / "r.json")]) == 1
    assert "seconds grows as n to the power 1.20" in capsys.readouterr().err
    assert json.loads((tmp_path / "r.json").read_text()) == {"scale": steep}


def test_a_measurement_leaves_other_figures_as_they_are(tmp_path, monkeypatch):
    path = tmp_path / "r.json"
    path.write_text('{"unit01": {"ours_s": 2}}')
    monkeypatch.setattr(scale, "scale", lambda folder, options: iter([rows(float)]))
    scale.main(["--only", "scale", "--results", str(path)])
    assert json.loads(path.read_text())["unit01"] == {"ours_s": 2}


@pytest.mark.slow
def test_a_made_up_class_gets_the_points_that_it_was_made_for(tmp_path):
    room = scale.synthetic_class(tmp_path, 5)
    texts = {path.read_text() for path in room.root.glob(f"submitted/*/{SLUG}/exercises.ipynb")}
    assert len(texts) == 5  # nobody is graded by what was found for another
    list(grade_class(room, SLUG, room.students("submitted", SLUG)))
    scale.check_scores(room, 5)
    with room.gradebook() as gradebook:
        gradebook.find_grade("check_double", "exercises", SLUG, "student00002").auto_score = 2
        gradebook.db.commit()
    with pytest.raises(SystemExit, match="1 of 5 scores are wrong, the first: student00002"):
        scale.check_scores(room, 5)


@pytest.mark.slow
def test_a_gradebook_rewritten_through_nbgraders_interface_has_the_same_scores(tmp_path):
    room = scale.synthetic_class(tmp_path, 3)
    list(grade_class(room, SLUG, room.students("submitted", SLUG)))
    before = scale.gradebook_scores(room, SLUG)
    scale.rewritten_by_nbgrader(room)
    assert scale.gradebook_scores(room, SLUG) == before
