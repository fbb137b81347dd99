"""Flows that are used now and then: their files are loaded when a handler is needed, and forgotten at the menu.

A device runs its bytecode where it lies, but a loaded module keeps its names and functions in the heap. What stands
behind the second menu would take a tenth of it for nothing. A host keeps what it has loaded.
"""

import sys

_PACKAGE = "desk.flows."
_IS_DEVICE = sys.implementation.name == "micropython"
#: Files that stay: those the machine itself has loaded.
_kept = []  # type: list[str]
_used = []  # type: list[bool]


def keep():
    """What is loaded now stays. Called once, when the machine's own flows are there."""
    _kept.extend([name for name in sys.modules if name.startswith(_PACKAGE)])


def handler(name):
    """The function of that name, "file.function" of desk.flows."""
    file, _, function = name.partition(".")
    place = _PACKAGE + file
    if place not in sys.modules:
        __import__(place)
        _used.append(True)
    return getattr(sys.modules[place], function)


def forget():
    """Let go of what was loaded since."""
    if not _used or not _IS_DEVICE:
        return
    _used.clear()
    package = sys.modules[_PACKAGE[:-1]]
    for name in [name for name in sys.modules if name.startswith(_PACKAGE) and name not in _kept]:
        del sys.modules[name]
        delattr(package, name[len(_PACKAGE) :])
