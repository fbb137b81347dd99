"""Paying a bill: cash or wallet, the provider's word, and the cash of a failed one given back."""

from desk import rows, texts
from desk.flows import entry
from desk.flows.news import other


def owed(desk):
    """The oldest recorded bill whose cash must be given back, or None."""
    found = [row for row in desk.rows if row["type"] == "bill" and row["state"] == "failed" and row.get("return")]
    return found[-1] if found else None


def show_cash(desk):
    """Ask for the cash."""
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


# --- paid from a wallet ---


def account_back(desk, event):  # noqa: ARG001
    """Take back a digit, or go back to the debt."""
    if entry.erase_digit(desk):
        return "bi_account"
    desk.page = desk.bill["facts"]
    return "bi_facts"


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


# --- the provider's word, and cash given back ---


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
        return show_return(desk, row)
    return desk.outcome(
        "refused", "NOT PAID", "The provider: {}. The account keeps its money.".format(event.body["why"])
    )


def news(desk, event):
    """News while a bill is on the screen: about it, or about something else."""
    return about_done(desk, event) or other(desk, event)


def heard(desk, event):
    """News about a bill that is not on the screen: recorded, and said in a line."""
    row = rows.find(desk.rows, event.body["operation"])
    if row is not None and (row["state"] in ("done", "returned") or row.get("return")):
        return desk.state
    money = texts.money(event.body["amount_minor"], event.body["currency"])
    if row is None and event.name == "bill.failed" and event.body["return_minor"]:
        row = rows.new(
            event.body["operation"], "bill", event.body["amount_minor"], event.body["currency"], desk.epoch_s
        )
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


def show_return(desk, row):
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


def reopen(desk, row, event):
    """The journal did not take what was told of `row`: undo it; returns what the cashier must read."""
    if row["state"] == "taken":
        desk.rows.remove(row)
        desk.drawer_minor -= row.get("total", row["amount"])
        return texts.NOT_RECORDED_IN.format(event.text)
    if row["state"] == "returned":
        row["state"] = "failed"
        desk.drawer_minor += row["return"]
    return texts.FAULT.format(event.what, event.text)
