"""Bills, and money sent out by rails: the service, the customer, the debt, and how it is paid.

The provider is asked by the backend. Cash is told as taken before anything is sent; the provider's last word comes as
news, whatever is on the screen then. When it says no to cash, the terminal asks for the cash to be given back
(`bill_pay`).
"""

from desk import lazy, texts
from desk.flows import entry

bill_pay = lazy.module("bill_pay")  # goes when this flow goes

#: Services on one page of the catalogue; the keys behind them turn the page, change the group, and give cash back.
PAGE_ROWS = 6
KEY_PAGE = "7"
KEY_GROUP = "8"
KEY_RETURN = "9"
#: group of the catalogue -> (the terminal's service, the flow's colour, the list's title)
GROUPS = {"bills": ("bills", "bill", "Pay a bill"), "transfers": ("transfer", "transfer", "Send to card or abroad")}


def start(desk, event):  # noqa: ARG001
    """Ask for the catalogue of bills."""
    return _list_group(desk, "bills")


def _list_group(desk, group, page=0):
    if not desk.is_online():
        return desk.unreachable()
    desk.flow = GROUPS[group][1]
    desk.bill = {"group": group, "page": page}
    body = {"operator": desk.operator, "group": group, "page": page}
    desk.ask("bill.catalogue", body, "Reading the catalogue")
    return "bi_listing"


def listed(desk, event):
    """Show the services."""
    desk.bill["services"] = event.body["services"]
    desk.bill["pages"] = event.body["pages"]
    desk.tone("key")
    return _show_list(desk)


def _show_list(desk):
    found = [(str(i + 1), service["name"], "") for i, service in enumerate(desk.bill["services"])]
    pages = desk.bill["pages"]
    if pages > 1:
        found.append((KEY_PAGE, "More", ""))
    other = _other_group(desk)
    if other:
        found.append((KEY_GROUP, GROUPS[other][2], ""))
    owed = bill_pay.owed(desk)
    if owed is not None:
        found.append((KEY_RETURN, "Give cash back", texts.money(owed["return"], owed["currency"])))
    title = GROUPS[desk.bill["group"]][2]
    page = "{}/{}".format(desk.bill["page"] + 1, pages) if pages > 1 else ""
    desk.page = {"title": title, "flow": desk.flow, "rows": tuple(found), "page": page}
    return "bi_list"


def _other_group(desk):
    """The other group of the catalogue, if the terminal has its service."""
    for group in GROUPS:
        if group != desk.bill["group"] and GROUPS[group][0] in desk.services:
            return group
    return ""


def list_digit(desk, event):
    """Choose a service, turn the page, change the group, or give cash back."""
    key = event.key
    services = desk.bill["services"]
    if "1" <= key <= str(PAGE_ROWS) and int(key) <= len(services):
        desk.tone("key")
        desk.bill["service"] = services[int(key) - 1]
        desk.digits = ""
        return _show_number(desk)
    if key == KEY_PAGE and desk.bill["pages"] > 1:
        desk.tone("key")
        return _list_group(desk, desk.bill["group"], (desk.bill["page"] + 1) % desk.bill["pages"])
    if key == KEY_GROUP and _other_group(desk):
        desk.tone("key")
        return _list_group(desk, _other_group(desk))
    if key == KEY_RETURN and bill_pay.owed(desk) is not None:
        desk.tone("key")
        return bill_pay.show_return(desk, bill_pay.owed(desk))
    desk.tone("warn")
    return "bi_list"


def list_back(desk, event):  # noqa: ARG001
    """Back to the menu."""
    desk.tone("key")
    return desk.home()


def _show_number(desk):
    service = desk.bill["service"]
    desk.page = {
        "title": service["name"],
        "flow": desk.flow,
        "label": service["label"],
        "max_digits": service["max_digits"],
        "hint": "{} to {} digits".format(service["min_digits"], service["max_digits"]),
    }
    return "bi_number"


def number_digit(desk, event):
    """Add one digit to the customer's number at the provider."""
    return entry.number_digit(desk, event.key, desk.bill["service"]["max_digits"])


def number_back(desk, event):  # noqa: ARG001
    """Take back a digit, or go back to the services."""
    return "bi_number" if entry.erase_digit(desk) else _show_list(desk)


def number_ok(desk, event):  # noqa: ARG001
    """Ask the provider who this is, and what is owed."""
    least = desk.bill["service"]["min_digits"]
    if len(desk.digits) < least:
        desk.tone("warn")
        desk.say("{} digits needed, {} typed".format(least, len(desk.digits)))
        return "bi_number"
    desk.tone("ok")
    desk.bill["reference"] = desk.digits
    return _look_up(desk, 0)


def _look_up(desk, amount):
    if not desk.is_online():
        return desk.unreachable()
    body = {
        "operator": desk.operator,
        "service": desk.bill["service"]["service"],
        "reference": desk.bill["reference"],
        "currency": desk.currency,
    }
    if amount:
        body["amount_minor"] = amount
    desk.ask("bill.lookup", body, "Asking the provider")
    return "bi_looking"


def found(desk, event):
    """Show the customer and the debt; where there is none, an amount must be typed first."""
    desk.bill["quote"] = event.body
    desk.bill["operation"] = event.id
    desk.tone("ok")
    desk.amount = event.body["amount_minor"]
    return _show_facts(desk) if desk.amount else "bi_amount"


def _show_facts(desk):
    quote = desk.bill["quote"]
    money = lambda name: texts.money(quote[name], quote["currency"])  # noqa: E731
    found = [("Customer", quote["shown"]), ("Amount", money("amount_minor"))]
    if quote["debt_minor"]:
        found.insert(1, ("Debt", money("debt_minor")))
    found += [("Fee", money("fee_minor")), ("Total", money("total_minor"))]
    desk.page = {
        "title": quote["name"],
        "flow": desk.flow,
        "rows": tuple(found),
        "note": "1 Cash   2 Wallet   3 Other amount",
        "ok": "",
        "back": "Back",
    }
    desk.bill["facts"] = desk.page
    return "bi_facts"


def facts_digit(desk, event):
    """How it is paid, or another amount."""
    desk.tone("key")
    if event.key == "1":
        return bill_pay.show_cash(desk)
    if event.key == "2":
        desk.digits = ""
        return "bi_account"
    if event.key == "3":
        desk.amount = 0
        return "bi_amount"
    desk.tone("warn")
    return "bi_facts"


def facts_back(desk, event):  # noqa: ARG001
    """Back to the customer's number."""
    desk.tone("key")
    desk.digits = desk.bill["reference"]
    return _show_number(desk)


def amount_back(desk, event):  # noqa: ARG001
    """Take back a digit, or go back to the customer's number."""
    if entry.erase_amount(desk):
        return "bi_amount"
    desk.digits = desk.bill["reference"]
    return _show_number(desk)


def amount_ok(desk, event):  # noqa: ARG001
    """Ask for this amount's fee."""
    if not entry.amount_is_typed(desk):
        return "bi_amount"
    desk.tone("ok")
    return _look_up(desk, desk.amount)
