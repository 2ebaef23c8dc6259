"""Build the course's notebooks and grade a class with them.

- `release`  what a student gets: nbgrader's generate_assignment, configured in one place
- `convert`  runs nbgrader's converters quietly and turns what goes wrong into one sentence
- `course`   a class folder: its files, its seed, its nbgrader configuration
- `grade`    submitted notebooks → marks in nbgrader's gradebook
- `report`   what goes out again: feedback pages and a CSV of the marks
- `cli`      the command `autograder`
- `build`    text → notebooks (for authors)

nbgrader is the system of record: gradebook, formgrader and the folders of a class are nbgrader's own.
"""
