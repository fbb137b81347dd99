"""What may be done with the drawer: one row for each item."""

#: (digit, text, start): `start(desk, event)` begins the flow.
ITEMS = ()  # type: tuple[tuple, ...]

#: Every state that an item may begin with.
TARGETS = ()  # type: tuple[str, ...]


def start(desk, event):  # noqa: ARG001
    """Show the items."""
    desk.flow = "drawer"
    rows = tuple([(item[0], item[1], "") for item in ITEMS])
    desk.page = {"title": "Drawer", "flow": "drawer", "rows": rows, "page": ""}
    return "dr_menu"


def digit(desk, event):
    """Begin the item of that digit."""
    for item in ITEMS:
        if item[0] == event.key:
            desk.tone("key")
            return item[2](desk, event)
    desk.tone("warn")
    return "dr_menu"
