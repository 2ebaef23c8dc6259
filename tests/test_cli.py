"""Every command of both programs: help with an example that is true, and the exit codes of wrong usage."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer

import autograder.cli
import introdl.cli

PROGRAMS = {"introdl": introdl.cli, "autograder": autograder.cli}
COMMANDS = [
    (program, name)
    for program, module in PROGRAMS.items()
    for name in sorted(typer.main.get_command(module.app).commands)
]


def run(program, *words, capsys):
    with pytest.raises(SystemExit) as stopped:
        PROGRAMS[program].main(list(words))
    return stopped.value.code or 0, capsys.readouterr()


@pytest.mark.parametrize(("program", "command"), COMMANDS)
def test_help_ends_in_an_example_that_names_the_command(program, command, capsys):
    code, printed = run(program, command, "--help", capsys=capsys)
    example = printed.out.strip().splitlines()[-1].strip()
    assert code == 0 and example.startswith("Example: ")
    words = shlex.split(example.removeprefix("Example: "))
    assert words[:2] == [program, command]
    options = {
        option
        for parameter in typer.main.get_command(PROGRAMS[program].app).commands[command].params
        for option in (*parameter.opts, *parameter.secondary_opts)
    }
    assert {word for word in words if word.startswith("--")} <= options


@pytest.mark.parametrize(("program", "command"), COMMANDS)
def test_an_unknown_option_exits_2_in_one_line(program, command, capsys):
    code, printed = run(program, command, "--colour", capsys=capsys)
    assert code == 2 and printed.out == "" and len(printed.err.splitlines()) == 1


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_program_is_installed(program):
    script = Path(sys.executable).with_name(program)
    done = subprocess.run([script, "--help"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and program in done.stdout
