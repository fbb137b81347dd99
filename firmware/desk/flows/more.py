"""The second menu: what the branch offers beyond the four large keys, one row for each item."""

from desk import lazy, rows

#: (digit, text, service, start, the states that start may lead to). `start(desk, event)` begins the flow and gives its
#: first state: its module is loaded only then. An item stands in the menu where the terminal has its
#: service.
ITEMS = (
    ("1", "Transfer", "transfer", "transfer.start", ("tr_from",)),
    ("2", "Pay a bill", "bills", "bill.start", ("bi_listing", "outcome")),
    ("3", "Send cash", "pickup", "pickup.start", ("pk_kind",)),
    ("4", "Pay out a code", "pickup", "redeem.start", ("rd_code",)),
    ("5", "Refund", "refund", "refund.start", ("rf_code",)),
    ("6", "Statement", "statement", "statement.start", ("bal_number",)),
    ("7", "Drawer", "drawer", "drawer_menu.start", ("dr_menu",)),
    ("8", "Customer PIN", "customer_pin", "customer_pin.start", ("cp_number",)),
    ("9", "Receipt copy", "receipt", "receipt.copy", ("home",)),
)

#: Every state that an item may begin with.
TARGETS = tuple([state for item in ITEMS for state in item[4]])


def _offered(desk):
    """The items whose service the terminal has; a receipt's copy, when there is one to print."""
    services = desk.services
    if rows.finished(desk.rows) is not None:
        services += ("receipt",)
    return [item for item in ITEMS if item[2] in services]


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
