"""The desk as one machine: every transition in one table, events in, commands out."""

from desk import commands, screens
from desk.context import Context
from desk.flows import (
    balance,
    cash_in,
    cash_out,
    drawer,
    entry,
    link,
    menu,
    news,
    recent,
    recovery,
    results,
    sale,
    sign_on,
)

#: The state half of a key that applies wherever the table has no row for the state itself.
ANY = "any"

#: (state, event kind) -> (handler, the states it may lead to besides staying). A key that has no row sounds a soft
#: warning; any other event without a row is noted as an internal error. Neither changes anything.
TABLE = {
    # power on, and what a power cut left behind
    ("boot", "booted"): (recovery.booted, ("cash_question",)),
    ("boot", "hello"): (link.hello, ("operator_number",)),
    ("boot", "hello_refused"): (link.hello_refused, ("fault",)),
    ("cash_question", "ok"): (recovery.was_paid, ("boot", "operator_number", "drawer_float", "menu")),
    ("cash_question", "back"): (recovery.was_not_paid, ("boot", "operator_number", "drawer_float", "menu")),
    ("fault", "ok"): (recovery.after_fault, ("cash_question", "boot", "operator_number", "drawer_float", "menu")),
    ("fault", "hello"): (link.hello, ()),
    # signing on
    ("operator_number", "digit"): (entry.operator_digit, ()),
    ("operator_number", "back"): (sign_on.number_back, ()),
    ("operator_number", "ok"): (sign_on.number_ok, ("operator_pin",)),
    ("operator_pin", "digit"): (entry.pin_digit, ()),
    ("operator_pin", "back"): (sign_on.pin_back, ("operator_number",)),
    ("operator_pin", "ok"): (sign_on.pin_ok, ("signing_on", "outcome")),
    ("operator_pin", "tick"): (entry.pin_tick, ("outcome",)),
    ("signing_on", "answer"): (sign_on.answered, ("menu", "drawer_float")),
    ("signing_on", "refused"): (sign_on.refused, ("outcome",)),
    ("signing_on", "unanswered"): (sign_on.unanswered, ("outcome",)),
    # the drawer
    ("drawer_float", "digit"): (entry.amount_digit, ()),
    ("drawer_float", "back"): (drawer.back, ("operator_number",)),
    ("drawer_float", "ok"): (drawer.ok, ("drawer_opening", "outcome")),
    ("drawer_opening", "answer"): (drawer.answered, ("menu",)),
    ("drawer_opening", "refused"): (drawer.refused, ("outcome",)),
    ("drawer_opening", "unanswered"): (drawer.unanswered, ("outcome",)),
    # the menu
    ("menu", "A"): (menu.sale, ("sale_amount",)),
    ("menu", "B"): (menu.cash_in, ("cash_in_account",)),
    ("menu", "C"): (menu.cash_out, ("cash_out_account",)),
    ("menu", "D"): (menu.was_it_paid, ("recent",)),
    ("menu", "digit"): (menu.digit, ("balance_account",)),
    ("menu", "back"): (sign_on.sign_off, ("operator_number",)),
    ("menu", "hello"): (link.hello, ("drawer_float",)),
    # a sale
    ("sale_amount", "digit"): (entry.amount_digit, ()),
    ("sale_amount", "back"): (sale.amount_back, ("menu",)),
    ("sale_amount", "ok"): (sale.amount_ok, ("sale_opening", "outcome")),
    ("sale_opening", "answer"): (sale.opened, ("sale_qr",)),
    ("sale_opening", "refused"): (sale.open_refused, ("outcome",)),
    ("sale_opening", "unanswered"): (sale.open_unanswered, ("outcome",)),
    ("sale_qr", "news"): (news.about_sale, ("paid", "outcome")),
    ("sale_qr", "tick"): (sale.countdown, ("sale_checking", "outcome")),
    ("sale_qr", "back"): (sale.cancel, ("sale_checking", "outcome")),
    ("sale_checking", "answer"): (sale.status, ("paid", "outcome")),
    ("sale_checking", "refused"): (sale.status_refused, ("outcome",)),
    ("sale_checking", "unanswered"): (sale.status_unanswered, ("outcome",)),
    ("sale_checking", "tick"): (sale.retry, ("outcome",)),
    ("sale_checking", "news"): (news.about_sale, ("paid", "outcome")),
    ("sale_checking", "back"): (sale.leave, ("menu",)),
    # pay-in
    ("cash_in_account", "digit"): (entry.account_digit, ()),
    ("cash_in_account", "back"): (cash_in.account_back, ("menu",)),
    ("cash_in_account", "ok"): (cash_in.account_ok, ("cash_in_amount",)),
    ("cash_in_amount", "digit"): (entry.amount_digit, ()),
    ("cash_in_amount", "back"): (cash_in.amount_back, ("cash_in_account",)),
    ("cash_in_amount", "ok"): (cash_in.amount_ok, ("cash_in_quoting", "outcome")),
    ("cash_in_quoting", "answer"): (cash_in.quoted, ("cash_in_confirm",)),
    ("cash_in_quoting", "refused"): (cash_in.refused, ("outcome",)),
    ("cash_in_quoting", "unanswered"): (cash_in.unanswered, ("outcome",)),
    ("cash_in_confirm", "ok"): (cash_in.counted, ("cash_in_done",)),
    ("cash_in_confirm", "back"): (cash_in.cancel, ("outcome",)),
    # pay-out
    ("cash_out_account", "digit"): (entry.account_digit, ()),
    ("cash_out_account", "back"): (cash_out.account_back, ("menu",)),
    ("cash_out_account", "ok"): (cash_out.account_ok, ("cash_out_amount",)),
    ("cash_out_amount", "digit"): (entry.amount_digit, ()),
    ("cash_out_amount", "back"): (cash_out.amount_back, ("cash_out_account",)),
    ("cash_out_amount", "ok"): (cash_out.amount_ok, ("cash_out_pin", "outcome")),
    ("cash_out_pin", "digit"): (entry.pin_digit, ()),
    ("cash_out_pin", "back"): (cash_out.pin_back, ("cash_out_amount",)),
    ("cash_out_pin", "ok"): (cash_out.pin_ok, ("cash_out_authorizing", "outcome")),
    ("cash_out_pin", "tick"): (entry.pin_tick, ("outcome",)),
    ("cash_out_authorizing", "answer"): (cash_out.approved, ("cash_out_confirm",)),
    ("cash_out_authorizing", "refused"): (cash_out.refused, ("outcome",)),
    ("cash_out_authorizing", "unanswered"): (cash_out.authorize_unanswered, ("outcome",)),
    ("cash_out_confirm", "ok"): (cash_out.paid, ("cash_out_done",)),
    ("cash_out_confirm", "back"): (cash_out.not_paid, ("outcome",)),
    ("cash_out_confirm", "tick"): (cash_out.hold_countdown, ("outcome",)),
    ("cash_out_confirm", "news"): (news.about_hold, ("outcome",)),
    # a balance
    ("balance_account", "digit"): (entry.account_digit, ()),
    ("balance_account", "back"): (balance.account_back, ("menu",)),
    ("balance_account", "ok"): (balance.account_ok, ("balance_pin", "outcome")),
    ("balance_pin", "digit"): (entry.pin_digit, ()),
    ("balance_pin", "back"): (balance.pin_back, ("balance_account",)),
    ("balance_pin", "ok"): (balance.pin_ok, ("balance_asking", "outcome")),
    ("balance_pin", "tick"): (entry.pin_tick, ("outcome",)),
    ("balance_asking", "answer"): (balance.answered, ("balance_shown",)),
    ("balance_asking", "refused"): (balance.refused, ("outcome",)),
    ("balance_asking", "unanswered"): (balance.unanswered, ("outcome",)),
    # was it paid?
    ("recent", "answer"): (recent.answered, ()),
    ("recent", "refused"): (recent.unanswered, ()),
    ("recent", "unanswered"): (recent.unanswered, ()),
    ("recent", "D"): (recent.again, ()),
    ("recent", "ok"): (recent.leave, ("menu",)),
    ("recent", "back"): (recent.leave, ("menu",)),
    # ends
    ("paid", "ok"): (results.leave, ("menu",)),
    ("paid", "back"): (results.leave, ("menu",)),
    ("paid", "A"): (menu.sale, ("sale_amount", "menu")),
    ("paid", "B"): (menu.cash_in, ("cash_in_account", "menu")),
    ("paid", "C"): (menu.cash_out, ("cash_out_account", "menu")),
    ("paid", "D"): (menu.was_it_paid, ("recent",)),
    ("paid", "tick"): (results.tick, ("menu",)),
    ("cash_in_done", "ok"): (results.leave, ("menu",)),
    ("cash_in_done", "back"): (results.leave, ("menu",)),
    ("cash_in_done", "tick"): (results.tick, ("menu",)),
    ("cash_out_done", "ok"): (results.leave, ("menu",)),
    ("cash_out_done", "back"): (results.leave, ("menu",)),
    ("cash_out_done", "tick"): (results.tick, ("menu",)),
    ("cash_in_done", "A"): (menu.sale, ("sale_amount", "menu")),
    ("cash_in_done", "B"): (menu.cash_in, ("cash_in_account", "menu")),
    ("cash_in_done", "C"): (menu.cash_out, ("cash_out_account", "menu")),
    ("cash_in_done", "D"): (menu.was_it_paid, ("recent",)),
    ("cash_out_done", "A"): (menu.sale, ("sale_amount", "menu")),
    ("cash_out_done", "B"): (menu.cash_in, ("cash_in_account", "menu")),
    ("cash_out_done", "C"): (menu.cash_out, ("cash_out_account", "menu")),
    ("cash_out_done", "D"): (menu.was_it_paid, ("recent",)),
    ("balance_shown", "ok"): (results.leave, ("menu",)),
    ("balance_shown", "back"): (results.leave, ("menu",)),
    ("balance_shown", "tick"): (results.tick_balance, ("menu",)),
    ("outcome", "ok"): (results.ok_outcome, ("menu", "drawer_float", "operator_number", "boot")),
    ("outcome", "back"): (results.leave, ("menu", "drawer_float", "operator_number", "boot")),
    ("outcome", "tick"): (results.tick_outcome, ("menu", "drawer_float", "operator_number", "boot")),
    ("outcome", "news"): (news.about_sale, ("paid",)),
    ("outcome", "checked"): (link.checked, ("paid",)),
    # wherever the desk is
    (ANY, "tick"): (link.tick, ()),
    (ANY, "link"): (link.changed, ()),
    (ANY, "hello"): (link.hello, ()),
    (ANY, "hello_refused"): (link.hello_refused_later, ()),
    (ANY, "queue"): (link.queued, ()),
    (ANY, "acked"): (link.acked, ()),
    (ANY, "news"): (news.other, ("paid",)),
    (ANY, "checked"): (link.checked, ()),
    (ANY, "unchecked"): (link.unchecked, ()),
    (ANY, "stale"): (link.stale, ()),
    (ANY, "effect_failed"): (link.effect_failed, ("fault",)),
}

_KEY_KINDS = ("digit", "A", "B", "C", "D", "back", "ok")
#: Here every key sounds the same, also one that means nothing (PCI PTS B3).
_PIN_STATES = ("operator_pin", "cash_out_pin", "balance_pin")
_REPLIES = ("answer", "refused", "unanswered")


class TransitionError(Exception):
    """A handler led to a state that its row of the table does not name."""


class Desk(Context):
    """One terminal's desk. `handle` takes an event and returns the commands to perform, in order."""

    def handle(self, event):
        """Change by one event; returns the list of commands. The view is shown whenever it differs from the last."""
        kind = self._kind_of(event)
        if kind == "tick":
            self._advance(event)
        row = TABLE.get((self.state, kind)) or TABLE.get((ANY, kind))
        if row is None:
            self._miss(kind)
        else:
            if kind in _KEY_KINDS:
                self.notice = ""
            before = self.state
            self.state = row[0](self, event)
            if self.state != before and self.state not in row[1]:
                raise TransitionError("{} + {} must not lead to {}".format(before, kind, self.state))
        if kind == "tick":
            link.check(self)
        view = screens.render(self)
        if view != self.shown:
            self.shown = view
            self.out.append(commands.Show(view))
        out = self.out
        self.out = []
        return out

    def _kind_of(self, event):
        """The event's kind; replies are told apart by whether the screen, the check behind it, or nobody waits."""
        kind = event.kind
        if kind not in _REPLIES:
            return kind
        if event.id == self.ask_id:
            self.ask_id = ""
            return kind
        if event.id == self.check_id:
            return "checked" if kind == "answer" else "unchecked"
        return "stale"

    def _advance(self, event):
        """Move time on; notices that stood long enough go."""
        self.now_ms = event.now_ms
        self.epoch_s = event.epoch_s
        if self.notice and self.now_ms >= self.notice_until_ms:
            self.notice = ""

    def _miss(self, kind):
        """An event that means nothing here changes nothing."""
        if kind not in _KEY_KINDS:
            self.out.append(commands.Note("{} means nothing in {}".format(kind, self.state)))
        else:
            self.tone("key" if self.state in _PIN_STATES else "warn")
