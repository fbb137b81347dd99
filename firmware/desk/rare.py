"""Rare flows: a device reads their part of the machine's table when they begin, and forgets it at the menu.

The code itself runs from ROM, but functions, names and rows of a table are objects in the heap. A host keeps all.
"""

import sys

#: First letters of a rare flow's states -> (the module with its rows, that flow's modules of desk.flows)
FLOWS = {"bi_": ("bill_rows", ("bill_rows", "bill", "bill_pay"))}
_IS_DEVICE = sys.implementation.name == "micropython"


def _module(name):
    return __import__("desk.flows." + name, None, None, ("TABLE",))


def row(state, kind):
    """The row of a rare flow's state, or None."""
    known = FLOWS.get(state[:3])
    return None if known is None else _module(known[0]).TABLE.get((state, kind))


def forget():
    """Forget what rare flows have read; called at the menu."""
    if not _IS_DEVICE:
        return
    package = sys.modules["desk.flows"]
    for _, names in FLOWS.values():
        for name in names:
            if sys.modules.pop("desk.flows." + name, None) is not None and hasattr(package, name):
                delattr(package, name)


def tables():
    """All rare flows' rows, for hosts: the whole machine is the table of desk.machine with these."""
    found = {}  # type: dict[tuple[str, str], tuple]
    for name, _ in FLOWS.values():
        found.update(_module(name).TABLE)
    return found
