"""The command `introdl`."""


def main() -> None:
    """Run the command line."""
    raise SystemExit("introdl: not written yet")
