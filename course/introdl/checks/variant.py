"""Wrong answers that differ from a right one in one place each."""

from collections.abc import Callable


def changed(base: Callable, name: str, **change) -> Callable:
    """Return `base` with some of its keyword arguments set, under a name of its own."""

    def answer(*args):
        return base(*args, **change)

    answer.__name__ = name
    return answer
