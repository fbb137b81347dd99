"""What test modules of tests/both share: where the repository is, and a check that something is refused."""

import os

ROOT = os.getenv("KASSA_ROOT") or "."


def read(path):
    """A file of the repository as bytes."""
    with open(ROOT + "/" + path, "rb") as file:  # noqa: PTH123
        return file.read()


def refused(kind, function, *arguments):
    """The error that `function` raises; an AssertionError when it raises none of that kind."""
    try:
        result = function(*arguments)
    except kind as error:
        return error
    raise AssertionError(f"not refused: {arguments!r} gave {result!r}")
