"""The second menu: what the branch offers beyond the four large keys, one row for each item."""

from desk import lazy

#: (digit, text, service, start): "file.function" of desk.flows, which begins the flow and gives its first state; that
#: state stands in the row `more digit` of the machine. An item is offered where the terminal has its service.
ITEMS = (("7", "Drawer", "drawer", "drawer_menu.start"),)


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
            return lazy.handler(item[3])(desk, event)
    desk.tone("warn")
    return "more"


def back(desk, event):  # noqa: ARG001
    """Back to the menu."""
    desk.tone("key")
    return desk.home()
