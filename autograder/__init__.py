"""Build the course's notebooks and grade a class with them.

- `release`    what a student gets: nbgrader's generate_assignment, configured in one place, for the course and a class
- `convert`    runs nbgrader's converters quietly and turns what goes wrong into one sentence
- `new_class`  makes a class folder, `course` is one: its files, its seed, its nbgrader configuration
- `database`   what its gradebook's database complains of, in one line
- `units`      the course's units by name
- `engine`     runs and judges submitted notebooks, out of their reach
- `grade`      submitted notebooks → marks in nbgrader's gradebook, by the engine; `alone` keeps a second run waiting
- `nbgrader_marks`  what nbgrader itself gives a notebook
- `feedback`   graded notebooks → pages for the students
- `collect`    what students handed in (`handed_in`: Canvas, Moodle, nbgrader's exchange, a folder) → a class
- `marks`      the gradebook → marks with late penalties and dropped units
- `export`     marks → a CSV file, `rosters` what Canvas and Moodle import
- `report`     what a class got right and wrong, `report_page` as a page, `similar` pairs that share unusual code,
  `hints` how many were opened, of those who share that
- `cli`        the command `autograder`, `commands` what it can be told, `terminal` what it shows
- `build`      text → `notebooks` (for authors)

nbgrader is the system of record: gradebook, formgrader and the folders of a class are nbgrader's own.
"""

import sys

# jsonschema, on which nbgrader builds, compiles grammars of web addresses while it is imported: 1.5 seconds, for
# formats that no notebook has. It does without where the package that holds them is not there.
sys.modules.setdefault("rfc3987_syntax", None)


class AutograderError(Exception):
    """Something a person can put right; the message says what, where and what to do, in one or two lines."""


class ClassError(AutograderError):
    """A class, its folder or its gradebook, that is missing, damaged or in the way."""
