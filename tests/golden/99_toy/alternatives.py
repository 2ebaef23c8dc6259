"""Other ways to double."""


def double__sum(x):
    return x + x
