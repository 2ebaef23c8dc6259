"""The subcommands of `autograder`, as functions; `autograder.cli` makes the command line of them."""
