"""The grading engine: from a submitted notebook to verdicts that the notebook cannot reach.

One submission goes through these modules, in this order:

- `intake`    bytes → cells; nothing is executed, whatever the bytes are
- `rebuild`   a fresh notebook from the instructor's, with the student's source text in the student's places
- `team`      the processes of one unit, and which of them takes which submission
- `zygote`    a process in which the libraries are imported already; it forks the others
- `sandbox`   what a student process may see and use (`limits` says how much)
- `student`   the student process: runs the student's cells in a `shell`; what is `withheld` has stand-ins there
- `referee`   leads a submission through its cells; no student code ever runs here
- `forks`     the student process as it was at some point of the notebook
- `names`     the referee's view of the notebook's names: its own values, and proxies of the student's
- `syntax`    what cells read and bind
- `definitions` which cells do nothing but define functions
- `judge`     runs a check and words its verdict
- `verdict`   what came of a check, and the whole report of a submission
- `outputs`   what the executed notebook shows
- `unit`      what all this needs of a unit
- `grading`   brings these together for one unit, several submissions at a time
- `cache`     a submission that was graded is not run again
- `gradebook` the tables of nbgrader's gradebook
- `record`    one writer, one transaction a submission, into nbgrader's gradebook
"""
