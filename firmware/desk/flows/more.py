"""The second menu: what the branch offers beyond the four large keys, one row for each item."""

from desk.flows import drawer_menu


def _bill(desk, event):
    """Begin a bill, whose flow is read now."""
    from desk.flows import bill

    return bill.start(desk, event)


#: (digit, text, service, start, the states that start may lead to). `start(desk, event)` begins the flow and gives its
#: first state. An item stands in the menu where the terminal has its service.
ITEMS = (
    ("2", "Pay a bill", "bills", _bill, ("bi_listing", "outcome")),
    ("7", "Drawer", "drawer", drawer_menu.start, ("dr_menu",)),
)

#: Every state that an item may begin with.
TARGETS = tuple([state for item in ITEMS for state in item[4]])


def _offered(desk):
    """The items whose service the terminal has."""
    return [item for item in ITEMS if item[2] in desk.services]


def start(desk, event):  # noqa: ARG001
    """#: show the items."""
    home = desk.home()
    if home != "menu":
        return home
    desk.notice = ""
    rows = tuple([(item[0], item[1], "") for item in _offered(desk)])
    if not rows:
        desk.tone("warn")
        desk.say("Nothing more is offered here")
        return "menu"
    desk.tone("key")
    desk.page = {"title": "More", "flow": "more", "rows": rows, "page": ""}
    return "more"


def digit(desk, event):
    """Begin the item of that digit."""
    for item in _offered(desk):
        if item[0] == event.key:
            desk.tone("key")
            return item[3](desk, event)
    desk.tone("warn")
    return "more"


def back(desk, event):  # noqa: ARG001
    """Back to the menu."""
    desk.tone("key")
    return desk.home()
