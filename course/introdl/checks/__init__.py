"""Checks that say what is wrong and why.

One folder per unit (its slug without the number), and in it one module per task. The engine behind them:

- `task`     what a check is: cases, oracle, mistakes, hints, and how a verdict becomes a sentence
- `outcome`  calls the learner's function once, within limits, and keeps what came of it
- `compare`  equality of plain data, and the small transformations that would make an answer right
- `variant`  wrong answers that differ from a right one in one place each
- `source`   finds calls that a task forbids in the learner's syntax tree
- `remote`   lets the same check run while the learner's code sits in another process
- `prove`    shows that every known mistake is rejected and named: `python -m introdl.checks`
"""
