"""The desk as one machine: every transition in one table, events in, commands out."""

import sys

from desk import commands, lazy, screens
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

#: A target that stands for the first of these that still wants something: the session, an operator, a drawer, work.
HOME = ("boot", "op_number", "drawer", "dr_counted", "menu")

#: (state, event kind) -> (handler, the states it may lead to besides staying). A key that has no row sounds a soft
#: warning; any other event without a row is noted as an internal error. Neither changes anything.
TABLE = {
    # power on, and what a power cut left behind
    ("boot", "booted"): (recovery.booted, ("question", "home")),
    ("boot", "hello"): (link.hello, ("home",)),
    ("boot", "unwelcome"): (link.hello_refused, ("fault",)),
    ("question", "ok"): (recovery.was_paid, ("home",)),
    ("question", "back"): (recovery.was_not_paid, ("home",)),
    ("fault", "ok"): (recovery.after_fault, ("question", "home")),
    ("fault", "hello"): (link.hello, ()),
    # signing on
    ("op_number", "digit"): (entry.operator_digit, ()),
    ("op_number", "back"): (sign_on.number_back, ()),
    ("op_number", "ok"): (sign_on.number_ok, ("op_pin",)),
    ("op_pin", "digit"): (entry.pin_digit, ()),
    ("op_pin", "back"): (sign_on.pin_back, ("op_number",)),
    ("op_pin", "ok"): (sign_on.pin_ok, ("signing_on", "outcome")),
    ("op_pin", "tick"): (entry.pin_tick, ("outcome",)),
    ("signing_on", "answer"): (sign_on.answered, ("home",)),
    ("signing_on", "refused"): (sign_on.refused, ("outcome",)),
    ("signing_on", "unanswered"): (sign_on.unanswered, ("outcome",)),
    # the drawer
    ("drawer", "digit"): (entry.amount_digit, ()),
    ("drawer", "back"): (drawer.back, ("home",)),
    ("drawer", "ok"): (drawer.ok, ("opening", "outcome")),
    ("opening", "answer"): (drawer.answered, ("home",)),
    ("opening", "refused"): (drawer.refused, ("outcome",)),
    ("opening", "unanswered"): (drawer.unanswered, ("outcome",)),
    # the menu
    ("menu", "A"): (menu.sale, ("sale_entry",)),
    ("menu", "B"): (menu.cash_in, ("in_number",)),
    ("menu", "C"): (menu.cash_out, ("out_number",)),
    ("menu", "D"): (menu.was_it_paid, ("recent",)),
    ("menu", "digit"): (menu.digit, ("bal_number",)),
    ("menu", "back"): (sign_on.sign_off, ("home",)),
    ("menu", "hello"): (link.hello, ("home",)),
    # a sale
    ("sale_entry", "digit"): (entry.amount_digit, ()),
    ("sale_entry", "back"): (sale.amount_back, ("home",)),
    ("sale_entry", "ok"): (sale.amount_ok, ("sale_open", "outcome")),
    ("sale_open", "answer"): (sale.opened, ("sale_qr",)),
    ("sale_open", "refused"): (sale.open_refused, ("outcome",)),
    ("sale_open", "unanswered"): (sale.open_unanswered, ("outcome",)),
    ("sale_qr", "news"): (news.about_sale, ("paid", "outcome")),
    ("sale_qr", "tick"): (sale.countdown, ("sale_check", "outcome")),
    ("sale_qr", "back"): (sale.cancel, ("sale_check", "outcome")),
    ("sale_check", "answer"): (sale.status, ("paid", "outcome")),
    ("sale_check", "refused"): (sale.status_refused, ("outcome",)),
    ("sale_check", "unanswered"): (sale.status_unanswered, ("outcome",)),
    ("sale_check", "tick"): (sale.retry, ("outcome",)),
    ("sale_check", "news"): (news.about_sale, ("paid", "outcome")),
    ("sale_check", "back"): (sale.leave, ("home",)),
    # pay-in
    ("in_number", "digit"): (entry.account_digit, ()),
    ("in_number", "back"): (cash_in.account_back, ("home",)),
    ("in_number", "ok"): (cash_in.account_ok, ("in_amount",)),
    ("in_amount", "digit"): (entry.amount_digit, ()),
    ("in_amount", "back"): (cash_in.amount_back, ("in_number",)),
    ("in_amount", "ok"): (cash_in.amount_ok, ("in_asking", "outcome")),
    ("in_asking", "answer"): (cash_in.quoted, ("in_confirm",)),
    ("in_asking", "refused"): (cash_in.refused, ("outcome",)),
    ("in_asking", "unanswered"): (cash_in.unanswered, ("outcome",)),
    ("in_confirm", "ok"): (cash_in.counted, ("in_done",)),
    ("in_confirm", "back"): (cash_in.cancel, ("outcome",)),
    # pay-out
    ("out_number", "digit"): (entry.account_digit, ()),
    ("out_number", "back"): (cash_out.account_back, ("home",)),
    ("out_number", "ok"): (cash_out.account_ok, ("out_amount",)),
    ("out_amount", "digit"): (entry.amount_digit, ()),
    ("out_amount", "back"): (cash_out.amount_back, ("out_number",)),
    ("out_amount", "ok"): (cash_out.amount_ok, ("out_pin", "outcome")),
    ("out_pin", "digit"): (entry.pin_digit, ()),
    ("out_pin", "back"): (cash_out.pin_back, ("out_amount",)),
    ("out_pin", "ok"): (cash_out.pin_ok, ("out_asking", "outcome")),
    ("out_pin", "tick"): (entry.pin_tick, ("outcome",)),
    ("out_asking", "answer"): (cash_out.approved, ("out_hold",)),
    ("out_asking", "refused"): (cash_out.refused, ("outcome",)),
    ("out_asking", "unanswered"): (cash_out.authorize_unanswered, ("outcome",)),
    ("out_hold", "ok"): (cash_out.paid, ("out_done",)),
    ("out_hold", "back"): (cash_out.not_paid, ("outcome",)),
    ("out_hold", "tick"): (cash_out.hold_countdown, ("outcome",)),
    ("out_hold", "news"): (news.about_hold, ("outcome",)),
    # a balance
    ("bal_number", "digit"): (entry.account_digit, ()),
    ("bal_number", "back"): (balance.account_back, ("home",)),
    ("bal_number", "ok"): (balance.account_ok, ("bal_pin", "outcome")),
    ("bal_pin", "digit"): (entry.pin_digit, ()),
    ("bal_pin", "back"): (balance.pin_back, ("bal_number",)),
    ("bal_pin", "ok"): (balance.pin_ok, ("bal_asking", "outcome")),
    ("bal_pin", "tick"): (entry.pin_tick, ("outcome",)),
    ("bal_asking", "answer"): (balance.answered, ("bal_shown",)),
    ("bal_asking", "refused"): (balance.refused, ("outcome",)),
    ("bal_asking", "unanswered"): (balance.unanswered, ("outcome",)),
    # was it paid?
    ("recent", "answer"): (recent.answered, ()),
    ("recent", "refused"): (recent.unanswered, ()),
    ("recent", "unanswered"): (recent.unanswered, ()),
    ("recent", "D"): (recent.again, ()),
    ("recent", "ok"): (recent.leave, ("home",)),
    ("recent", "back"): (recent.leave, ("home",)),
    # ends
    ("paid", "ok"): (results.leave, ("home",)),
    ("paid", "back"): (results.leave, ("home",)),
    ("paid", "A"): (menu.sale, ("sale_entry", "home")),
    ("paid", "B"): (menu.cash_in, ("in_number", "home")),
    ("paid", "C"): (menu.cash_out, ("out_number", "home")),
    ("paid", "D"): (menu.was_it_paid, ("recent", "home")),
    ("paid", "tick"): (results.tick, ("home",)),
    ("in_done", "ok"): (results.leave, ("home",)),
    ("in_done", "back"): (results.leave, ("home",)),
    ("in_done", "tick"): (results.tick, ("home",)),
    ("out_done", "ok"): (results.leave, ("home",)),
    ("out_done", "back"): (results.leave, ("home",)),
    ("out_done", "tick"): (results.tick, ("home",)),
    ("in_done", "A"): (menu.sale, ("sale_entry", "home")),
    ("in_done", "B"): (menu.cash_in, ("in_number", "home")),
    ("in_done", "C"): (menu.cash_out, ("out_number", "home")),
    ("in_done", "D"): (menu.was_it_paid, ("recent", "home")),
    ("out_done", "A"): (menu.sale, ("sale_entry", "home")),
    ("out_done", "B"): (menu.cash_in, ("in_number", "home")),
    ("out_done", "C"): (menu.cash_out, ("out_number", "home")),
    ("out_done", "D"): (menu.was_it_paid, ("recent", "home")),
    ("bal_shown", "ok"): (results.leave, ("home",)),
    ("bal_shown", "back"): (results.leave, ("home",)),
    ("bal_shown", "tick"): (results.tick_balance, ("home",)),
    ("outcome", "ok"): (results.ok_outcome, ("home",)),
    ("outcome", "back"): (results.leave, ("home",)),
    ("outcome", "tick"): (results.tick_outcome, ("home",)),
    ("outcome", "news"): (news.about_sale, ("paid",)),
    ("outcome", "checked"): (link.checked, ("paid", "dr_done")),
    # wherever the desk is
    (ANY, "tick"): (link.tick, ()),
    (ANY, "link"): (link.changed, ()),
    (ANY, "hello"): (link.hello, ()),
    (ANY, "unwelcome"): (link.hello_refused_later, ()),
    (ANY, "queue"): (link.queued, ()),
    (ANY, "acked"): (link.acked, ()),
    (ANY, "news"): (news.other, ("paid",)),
    (ANY, "checked"): (link.checked, ()),
    (ANY, "unchecked"): (link.unchecked, ()),
    (ANY, "stale"): (link.stale, ()),
    (ANY, "failed"): (link.effect_failed, ("fault",)),
}

#: The rows of the flows behind the second menu, a line each: state, event kind, file.handler, states it may lead to.
#: They mean what TABLE's rows mean, and a host has them there too. A device reads a line when it needs it.
MORE = """
drawer D drawer_menu.start dr_menu
menu ok more.start more
more digit more.digit dr_menu
more back more.back home
dr_menu digit drawer_menu.digit dp_amount rp_asking ho_amount ct_piece bag_number outcome
dr_menu back more.start more home
dr_done ok results.leave home
dr_done back results.leave home
dp_amount digit entry.amount_digit
dp_amount back drawer_cash.drop_back home
dp_amount ok drawer_cash.drop_ok dp_confirm
dp_confirm back drawer_cash.confirm_back dp_amount
dp_confirm ok drawer_cash.confirm_ok dp_asking outcome
dp_asking answer drawer_cash.dropped dr_done
dp_asking refused drawer_cash.refused outcome
dp_asking unanswered drawer_cash.drop_unanswered outcome
bag_number digit entry.page_digit
bag_number back drawer_cash.bag_back home
bag_number ok drawer_cash.bag_ok bag_asking outcome
bag_asking answer drawer_cash.received dr_done
bag_asking refused drawer_cash.refused outcome
bag_asking unanswered drawer_cash.bag_unanswered outcome
rp_asking answer drawer_cash.reported rp_shown
rp_asking refused drawer_cash.refused outcome
rp_asking unanswered drawer_cash.unanswered outcome
rp_shown ok drawer_cash.report_ok home
rp_shown back drawer_cash.leave home
ho_amount digit entry.amount_digit
ho_amount back handover.amount_back home
ho_amount ok handover.amount_ok ho_number
ho_number digit entry.page_digit
ho_number back handover.number_back ho_amount
ho_number ok handover.number_ok ho_pin
ho_pin digit entry.pin_digit
ho_pin back handover.pin_back ho_number
ho_pin ok handover.pin_ok ho_asking outcome
ho_pin tick entry.pin_tick outcome
ho_asking answer handover.handed_over dr_done
ho_asking refused handover.refused outcome
ho_asking unanswered handover.unanswered outcome
ct_piece digit entry.page_digit
ct_piece back drawer_close.piece_back home
ct_piece ok drawer_close.piece_ok ct_confirm
ct_confirm back drawer_close.confirm_back ct_piece
ct_confirm ok drawer_close.confirm_ok ct_asking outcome
ct_asking answer drawer_close.counted home
ct_asking refused drawer_close.refused outcome
ct_asking unanswered drawer_close.unanswered outcome
dr_counted back drawer_close.counted_back home
dr_counted ok drawer_close.counted_ok cl_reason cl_asking outcome
dr_counted hello link.hello home
cl_reason digit drawer_close.reason ap_number
cl_reason back drawer_close.reason_back home
cl_asking answer drawer_close.closed dr_done
cl_asking refused drawer_close.refused outcome
cl_asking unanswered drawer_close.unanswered outcome
ap_number digit entry.page_digit
ap_number back approval.number_back cl_asking home
ap_number ok approval.number_ok ap_pin
ap_pin digit entry.pin_digit
ap_pin back approval.pin_back ap_number
ap_pin ok approval.pin_ok ap_asking ap_number
ap_pin tick approval.pin_tick ap_number
ap_asking answer approval.granted cl_asking home
ap_asking refused approval.refused ap_number
ap_asking unanswered approval.unanswered ap_number
"""


def _more(state, kind):
    """The row of MORE for that state and kind, or None."""
    start = MORE.find("\n" + state + " " + kind + " ") + 1
    if not start:
        return None
    words = MORE[start : MORE.find("\n", start)].split(" ")
    return lazy.handler(words[2]), tuple(words[3:])


if sys.implementation.name != "micropython":
    for _line in MORE.strip().split("\n"):
        _words = _line.split(" ")
        TABLE[_words[0], _words[1]] = (lazy.handler(_words[2]), tuple(_words[3:]))
lazy.keep()

_KEY_KINDS = ("digit", "A", "B", "C", "D", "back", "ok")
#: Here every key sounds the same, also one that means nothing (PCI PTS B3).
PIN_STATES = ("op_pin", "out_pin", "bal_pin", "ap_pin", "ho_pin")
#: Here nothing of the flows behind the second menu is under way.
_FORGETFUL = ("menu", "op_number", "drawer")
_REPLIES = ("answer", "refused", "unanswered")


def _may_lead(targets, state):
    """Whether a row's targets name that state."""
    return state in targets or ("home" in targets and state in HOME)


class TransitionError(Exception):
    """A handler led to a state that its row of the table does not name."""


class Desk(Context):
    """One terminal's desk. `handle` takes an event and returns the commands to perform, in order."""

    def handle(self, event):
        """Change by one event; returns the list of commands. The view is shown whenever it differs from the last."""
        kind = self._kind_of(event)
        if kind == "tick":
            self._advance(event)
        row = TABLE.get((self.state, kind)) or _more(self.state, kind) or TABLE.get((ANY, kind))
        if row is None:
            self._miss(kind)
        else:
            if kind in _KEY_KINDS:
                self.notice = ""
            before = self.state
            self.state = row[0](self, event)
            if self.state != before and not _may_lead(row[1], self.state):
                raise TransitionError("{} + {} must not lead to {}".format(before, kind, self.state))
        if kind == "tick":
            link.check(self)
        if self.state in _FORGETFUL:
            lazy.forget()
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
            self.tone("key" if self.state in PIN_STATES else "warn")
