"""Run one test module under MicroPython and print a line for each test: @@both ["name", "" or a traceback]."""

import io
import json
import sys


def report(name, problem):
    """One result, on one line."""
    print("@@both " + json.dumps([name, problem]))  # noqa: T201


def problem_of(error):
    """The traceback as a text."""
    text = io.StringIO()
    sys.print_exception(error, text)
    return text.getvalue()


def run_one(function):
    """Call a test; a coroutine is run to its end."""
    result = function()
    if hasattr(result, "send"):
        import asyncio

        asyncio.run(result)


def main(path):
    """Import the file as a module and run its test functions in alphabetical order."""
    folder, _, name = path.rpartition("/")
    sys.path.insert(0, folder)
    module = __import__(name[: -len(".py")])
    sys.path.pop(0)
    for test in sorted(dir(module)):
        if test.startswith("test_"):
            try:
                run_one(getattr(module, test))
                report(test, "")
            except BaseException as error:  # noqa: BLE001
                report(test, problem_of(error) or repr(error))


main(sys.argv[1])
