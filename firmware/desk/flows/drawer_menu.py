"""What may be done with the drawer: one row for each item."""

from desk import lazy

#: (digit, text, start, whether it is a supervisor's, whether it needs an open drawer).
ITEMS = (
    ("1", "Drop cash", "drawer_cash.drop", False, True),
    ("2", "X report", "drawer_cash.report", False, True),
    ("3", "Hand over", "handover.start", False, True),
    ("4", "Count and close", "drawer_close.start", False, True),
    ("5", "Receive a bag", "drawer_cash.receive", True, False),
)

#: Every state that an item may begin with.
TARGETS = ("dp_amount", "rp_asking", "ho_amount", "ct_piece", "bag_number", "outcome")


def _offered(desk):
    """The items for this operator, with a drawer open or not."""
    return [item for item in ITEMS if (desk.role == "supervisor" or not item[3]) and (desk.drawer or not item[4])]


def start(desk, event):  # noqa: ARG001
    """Show the items."""
    rows = tuple([(item[0], item[1], "") for item in _offered(desk)])
    if not rows:
        desk.tone("warn")
        return desk.state
    desk.tone("key")
    desk.flow = "drawer"
    desk.page = {"title": "Drawer", "flow": "drawer", "rows": rows, "page": ""}
    return "dr_menu"


def digit(desk, event):
    """Begin the item of that digit."""
    for item in _offered(desk):
        if item[0] == event.key:
            return lazy.handler(item[2])(desk, event)
    desk.tone("warn")
    return "dr_menu"
