"""Bills, and money sent out by rails: service, customer, the debt; paid in cash or from a wallet; the provider's receipt.

The provider is asked by the backend. Cash is told as taken before anything is sent; the provider's last word comes as
news, whatever is on the screen then. When it says no to cash, the terminal asks for the cash to be given back.
"""

from desk import rows, texts
from desk.flows import entry

#: Services on one page of the list; the keys behind them turn the page, change the group, and give cash back.
PAGE_ROWS = 6
KEY_PAGE = "7"
KEY_GROUP = "8"
KEY_RETURN = "9"
#: group of the catalogue -> (the terminal's service, the flow's colour, the list's title)
GROUPS = {"bills": ("bills", "bill", "Pay a bill"), "transfers": ("transfer", "transfer", "Send to card or abroad")}


def start(desk, event):  # noqa: ARG001
    """Ask for the catalogue of bills."""
    return _list_group(desk, "bills")


def _list_group(desk, group):
    if not desk.is_online():
        return desk.unreachable()
    desk.flow = GROUPS[group][1]
    desk.bill = {"group": group, "page": 0}
    desk.ask("bill.catalogue", {"operator": desk.operator, "group": group}, "Reading the catalogue")
    return "bi_listing"


def listed(desk, event):
    """Show the services."""
    desk.bill["services"] = event.body["services"]
    desk.tone("key")
    return _show_list(desk)


def refused(desk, event):
    """No, and why; nothing was paid."""
    return desk.refused(event)


def unanswered(desk, event):  # noqa: ARG001
    """Nobody answered; nothing was moved."""
    return desk.unreachable()


def _show_list(desk):
    services = desk.bill["services"]
    first = desk.bill["page"] * PAGE_ROWS
    found = [(str(i + 1), service["name"], "") for i, service in enumerate(services[first : first + PAGE_ROWS])]
    pages = max(1, (len(services) + PAGE_ROWS - 1) // PAGE_ROWS)
    if pages > 1:
        found.append((KEY_PAGE, "More", ""))
    other = _other_group(desk)
    if other:
        found.append((KEY_GROUP, GROUPS[other][2], ""))
    owed = _owed(desk)
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


def _owed(desk):
    """The oldest recorded bill whose cash must be given back, or None."""
    found = [row for row in desk.rows if row["type"] == "bill" and row["state"] == "failed" and row.get("return")]
    return found[-1] if found else None


def list_digit(desk, event):
    """Choose a service, turn the page, change the group, or give cash back."""
    key = event.key
    services = desk.bill["services"]
    place = desk.bill["page"] * PAGE_ROWS + int(key) - 1
    if "1" <= key <= str(PAGE_ROWS) and place < len(services):
        desk.tone("key")
        desk.bill["service"] = services[place]
        desk.digits = ""
        return _show_number(desk)
    if key == KEY_PAGE and len(services) > PAGE_ROWS:
        desk.tone("key")
        first = (desk.bill["page"] + 1) * PAGE_ROWS
        desk.bill["page"] = desk.bill["page"] + 1 if first < len(services) else 0
        return _show_list(desk)
    if key == KEY_GROUP and _other_group(desk):
        desk.tone("key")
        return _list_group(desk, _other_group(desk))
    if key == KEY_RETURN and _owed(desk) is not None:
        desk.tone("key")
        return _show_return(desk, _owed(desk))
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
    return "bi_facts"


def facts_digit(desk, event):
    """How it is paid, or another amount."""
    desk.tone("key")
    if event.key == "1":
        return _show_cash(desk)
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


# --- paid in cash --------------------------------------------------------------------------------------------------------


def _show_cash(desk):
    quote = desk.bill["quote"]
    desk.page = {
        "title": quote["name"],
        "flow": desk.flow,
        "big": quote["total_minor"],
        "currency": quote["currency"],
        "rows": (("Customer", quote["shown"]), ("Fee", texts.money(quote["fee_minor"], quote["currency"]))),
        "ok": "Cash taken",
        "back": "Cancel",
    }
    return "bi_cash"


def cash_back(desk, event):  # noqa: ARG001
    """The cash was not taken."""
    return desk.outcome("cancelled", "CANCELLED", "Give the cash back. Nothing was booked.")


def cash_taken(desk, event):  # noqa: ARG001
    """Cash is in the drawer: told to the journal first, shown after."""
    quote = desk.bill["quote"]
    desk.op = rows.new(desk.bill["operation"], "bill", desk.amount, desk.currency, desk.epoch_s)
    desk.op["state"] = "taken"
    desk.op["total"] = quote["total_minor"]
    rows.add(desk.rows, desk.op)
    body = {
        "operation": desk.op["operation"],
        "operator": desk.operator,
        "amount_minor": quote["amount_minor"],
        "fee_minor": quote["fee_minor"],
        "currency": quote["currency"],
        "drawer": desk.drawer,
    }
    desk.tell("bill.taken", body, desk.op)
    desk.drawer_minor += quote["total_minor"]
    desk.tone("pay_in")
    return _show_done(desk, quote["total_minor"])


def _show_done(desk, big):
    quote = desk.bill["quote"]
    desk.since_ms = desk.now_ms
    desk.page = {
        "title": quote["name"],
        "flow": desk.flow,
        "big": big,
        "currency": quote["currency"],
        "rows": (("Customer", quote["shown"]),),
        "note": "The provider is being paid...",
    }
    return "bi_done"


# --- paid from a wallet --------------------------------------------------------------------------------------------------


def account_back(desk, event):  # noqa: ARG001
    """Take back a digit, or go back to the debt."""
    return "bi_account" if entry.erase_digit(desk) else _show_facts(desk)


def account_ok(desk, event):  # noqa: ARG001
    """Hand the keypad to the customer."""
    if not entry.account_is_valid(desk):
        return "bi_account"
    if not desk.is_online():
        return desk.unreachable()
    desk.tone("ok")
    desk.amount = desk.bill["quote"]["total_minor"]
    desk.open_pin()
    return "bi_pin"


def pin_back(desk, event):  # noqa: ARG001
    """Take back a PIN digit, or go back to the account."""
    if entry.erase_pin(desk):
        return "bi_pin"
    desk.close_pin()
    return "bi_account"


def pin_ok(desk, event):  # noqa: ARG001
    """Record the payment, seal the PIN, ask for the money."""
    if not entry.pin_is_typed(desk):
        return "bi_pin"
    if not desk.is_online():
        return desk.unreachable()
    quote = desk.bill["quote"]
    desk.amount = quote["amount_minor"]
    desk.record("bill", desk.bill["operation"])
    desk.store()
    body = {
        "operation": desk.bill["operation"],
        "operator": desk.operator,
        "account": desk.digits,
        "amount_minor": quote["amount_minor"],
        "fee_minor": quote["fee_minor"],
        "currency": quote["currency"],
    }
    pin = desk.hand_over_pin()
    desk.ask("bill.pay", body, "Checking PIN and balance", pin=pin, account=desk.digits)
    return "bi_paying"


def paying(desk, event):  # noqa: ARG001
    """The money is held; the provider's word comes as news."""
    desk.op["state"] = "pending"
    desk.store()
    desk.tone("ok")
    return _show_done(desk, desk.bill["quote"]["total_minor"])


def pay_unanswered(desk, event):
    """Nobody knows whether it was heard: give the quote up, and ask until the end is known."""
    if not event.sent:
        return desk.unreachable()
    give_up(desk, desk.op, "no_answer")
    return desk.outcome("unknown_checking", "NOT KNOWN YET", "No answer came. The terminal goes on checking.")


def give_up(desk, row, why):
    """Tell that `row` is not to be paid any more; its end is asked for once that is acked."""
    row["state"] = "checking"
    desk.tell("bill.void", {"operation": row["operation"], "why": why}, row)


def ended(desk, row):
    """The end of a payment that the screen called unknown."""
    if row["state"] in ("pending", "done"):
        return desk.outcome("cancelled", "ACCEPTED", "The payment was accepted; the account is charged.")
    if row["state"] == "failed":
        return desk.outcome("voided", "NOT PAID", "The provider declined. The account keeps its money.")
    return desk.outcome("voided", "NOT PAID", "Nothing was taken from the account.")


# --- the provider's word, and cash given back ----------------------------------------------------------------------------


def about_done(desk, event):
    """The bill on the screen is paid, or is not: show the receipt number, or ask for the cash to be given back."""
    if desk.op is None or event.body.get("operation") != desk.op["operation"] or event.name[:5] != "bill.":
        return None
    row = desk.op
    _record(desk, row, event)
    if event.name == "bill.done":
        desk.page["rows"] = desk.page["rows"] + (("Receipt", event.body["receipt"]),)
        desk.page["note"] = "Paid to the provider"
        desk.since_ms = desk.now_ms
        desk.tone("ok")
        return "bi_done"
    if row.get("return"):
        desk.tone("attention")
        return _show_return(desk, row)
    return desk.outcome("refused", "NOT PAID", "The provider: {}. The account keeps its money.".format(event.body["why"]))


def heard(desk, event):
    """News about a bill that is not on the screen: recorded, and said in a line."""
    row = rows.find(desk.rows, event.body["operation"])
    if row is not None and row["state"] in ("done", "returned", "failed"):
        return desk.state
    money = texts.money(event.body["amount_minor"], event.body["currency"])
    if row is None and event.name == "bill.failed" and event.body["return_minor"]:
        row = rows.new(event.body["operation"], "bill", event.body["amount_minor"], event.body["currency"], desk.epoch_s)
        rows.add(desk.rows, row)
    if row is not None:
        _record(desk, row, event)
    if event.name == "bill.done":
        desk.say("Bill of " + money + " paid")
        return desk.state
    if desk.pin is None:
        desk.tone("attention")
    owed = event.body["return_minor"]
    desk.say("Bill NOT paid: " + ("give cash back" if owed else money))
    return desk.state


def _record(desk, row, event):
    row["state"] = "done" if event.name == "bill.done" else "failed"
    if event.name == "bill.failed" and event.body["return_minor"]:
        row["return"] = event.body["return_minor"]
        row["why"] = event.body["why"]
    desk.store()


def _show_return(desk, row):
    """Ask for the cash of a bill that was not paid to be given back."""
    desk.op = row
    desk.page = {
        "title": "NOT PAID: give back",
        "flow": "bill",
        "big": row["return"],
        "currency": row["currency"],
        "rows": (("Provider", row.get("why", "")),),
        "ok": "Cash given back",
        "back": "Later",
    }
    return "bi_return"


def returned(desk, event):  # noqa: ARG001
    """The customer has the cash again."""
    row = desk.op
    row["state"] = "returned"
    body = {
        "operation": row["operation"],
        "operator": desk.operator,
        "amount_minor": row["return"],
        "currency": row["currency"],
        "drawer": desk.drawer,
    }
    desk.tell("bill.returned", body, row)
    desk.drawer_minor -= row["return"]
    desk.since_ms = desk.now_ms
    desk.tone("pay_out")
    desk.page = {
        "title": "Cash given back",
        "flow": "bill",
        "big": row["return"],
        "currency": row["currency"],
        "rows": (),
        "note": "The bill was not paid",
    }
    return "bi_done"


def return_later(desk, event):  # noqa: ARG001
    """The customer is not here: it stays in the list of bills, key 9."""
    desk.tone("key")
    return desk.home()


def reopen(desk, row):
    """The journal did not take what was told of `row`: undo it; returns what the cashier must read."""
    if row["state"] == "returned":
        row["state"] = "failed"
        desk.drawer_minor += row["return"]
        return texts.FAULT
    if row["state"] == "taken":
        desk.rows.remove(row)
        desk.drawer_minor -= row.get("total", row["amount"])
        return texts.NOT_RECORDED_IN
    return texts.FAULT
