"""Flows that are loaded when they begin and forgotten when they end: the heap holds one of them at a time.

A flow's handler is named in the machine's table by its module and function. On a host nothing is ever forgotten.
"""

import sys

_IS_DEVICE = sys.implementation.name == "micropython"
_loaded = []  # type: list[str]


def module(name):
    """The module of a flow."""
    full = "desk.flows." + name
    if _IS_DEVICE and full not in sys.modules:
        _loaded.append(name)
    return __import__(full, None, None, ("flow",))


def handler(name):
    """The function behind `module.function`."""
    place, _, function = name.partition(".")
    return getattr(module(place), function)


def forget():
    """The flow has ended: what it needed may go. Functions that still run keep what they use."""
    if not _loaded:
        return
    package = sys.modules["desk.flows"]
    for name in _loaded:
        sys.modules.pop("desk.flows." + name, None)
        if hasattr(package, name):
            delattr(package, name)
    _loaded.clear()
