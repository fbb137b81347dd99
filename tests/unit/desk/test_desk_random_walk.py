"""Whatever is pressed and whatever happens, in any order: nothing raises, no PIN digit leaves, the menu is reachable."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[2] / "both" / "support"))

from dialogue import ACCOUNT, DRAWER, EPOCH, HELLO, TO_MENU, Dialogue

from desk import events, views
from deskwire import catalogue

#: Digits that stand nowhere else: not in the accounts, ids, amounts or times of these walks.
PIN = "86868686"
CUSTOMER = "*" * 18 + "C" + ACCOUNT + "#" + "5000#"
ANSWERS = {
    "operator.sign_on": {"operator": "101", "name": "Cashier", "role": "cashier", "drawer": DRAWER},
    "drawer.open": {"drawer": "0" * 26, "cash_minor": 0},
    "sale.open": {"sale": "0" * 26, "qr": "0002", "link": "https://p", "expires_at": EPOCH + 40},
    "cash_in.quote": {"holder": "D***", "fee_minor": 0, "total_minor": 5000},
    "cash_out.authorize": {"authorisation_code": "123123", "holder": "D***", "fee_minor": 0, "expires_at": EPOCH + 40},
    "balance": {"holder": "D***", "available_minor": 1, "held_minor": 0, "currency": "AZN"},
}
REASONS = ("drawer_closed", "not_signed_on", "pin_wrong", "sale_unknown", "busy", "drawer_already_open", "service_off")

keys = st.text("0123456789ABCD*#", min_size=1, max_size=6).map(lambda text: ("keys", text))
flows = st.sampled_from(("A1250#", "B" + ACCOUNT + "#5000#", "C" + ACCOUNT + "#5000#", "0" + ACCOUNT + "#", "D", "#", "*"))
steps = st.one_of(
    keys,
    flows.map(lambda text: ("keys", text)),
    st.just(("pin", "")),
    st.integers(1, 45).map(lambda seconds: ("tick", seconds)),
    st.sampled_from(views.LINKS).map(lambda link: ("link", link)),
    st.booleans().map(lambda drawer: ("hello", drawer)),
    st.sampled_from(catalogue.SALE_STATES + catalogue.OPERATION_STATES).map(lambda state: ("answer", state)),
    st.sampled_from(REASONS).map(lambda reason: ("refused", reason)),
    st.booleans().map(lambda sent: ("unanswered", sent)),
    st.sampled_from(catalogue.BOOKED).map(lambda booked: ("acked", booked)),
    st.sampled_from(("sale.paid", "sale.expired", "hold.expired", "config.changed")).map(lambda name: ("news", name)),
    st.sampled_from(("store", "ask", "tell")).map(lambda kind: ("failed", kind)),
    st.just(("power", "")),
    st.just(("unwelcome", "terminal_blocked")),
)


class Walk(Dialogue):
    """A dialogue driven by what hypothesis draws; every command is looked at."""

    def take(self, step: tuple[str, object]) -> None:
        """One step, with whatever is there to answer."""
        verb, what = step
        out = self._perform(verb, what)
        self.observe(out)
        for command in out:
            if command.kind != "ask" or command.pin is None:
                self.no_pin(command)
            else:
                assert command.pin.stars() == 0, "observe() has sealed it: nothing may be left"

    def no_pin(self, command: object) -> None:
        """No PIN digits in anything that leaves the core."""
        slots = {name: getattr(command, name) for name in type(command).__slots__}
        assert PIN[:4] not in json.dumps(slots, default=repr), slots

    def _perform(self, verb: str, what: object) -> list[object]:
        if verb == "pin":
            in_pin = self.desk.pin is not None
            return self._all([events.Key(key) for key in (PIN if in_pin else "")] + [events.Key("#")] * in_pin)
        if verb in ("answer", "refused", "unanswered"):
            return self._reply(verb, what)
        if verb == "acked":
            if not self.unacked:
                return []
            return self.desk.handle(events.Acked(self.unacked.pop(0)[0], what))
        if verb == "news":
            return self._news(str(what))
        if verb == "hello":
            return self.desk.handle(events.Hello(dict(HELLO, drawer=DRAWER if what else None)))
        if verb == "tick":
            return self._ticks(int(str(what)))
        return self.do(f"{verb} {what}")

    def _reply(self, verb: str, what: object) -> list[object]:
        ask_id = self.desk.ask_id or self.desk.check_id
        names = [name for name, used in self.asks.items() if used == ask_id]
        if not names:
            return []
        if verb == "refused":
            return self.desk.handle(events.Refused(ask_id, what, {}))
        if verb == "unanswered":
            return self.desk.handle(events.Unanswered(ask_id, what))
        body = ANSWERS.get(names[0])
        if names[0] == "sale.status":
            body = {"sale": ask_id, "state": what if what in catalogue.SALE_STATES else "open"}
        if names[0] == "operation.status":
            state = what if what in catalogue.OPERATION_STATES else "open"
            known = [row["operation"] for row in self.desk.rows][:5]
            body = {"operations": [{"operation": one, "type": "x", "state": state} for one in known]}
        return self.desk.handle(events.Answer(ask_id, body, EPOCH + self.clock_s))

    def _news(self, name: str) -> list[object]:
        row = self.desk.rows[0] if self.desk.rows else {"operation": "0" * 26}
        body = {
            "sale.paid": {
                "sale": row["operation"],
                "amount_minor": 5,
                "currency": "AZN",
                "authorisation_code": "1",
                "paid_at": EPOCH,
                "payer": "D",
            },
            "sale.expired": {"sale": row["operation"]},
            "hold.expired": {"operation": row["operation"]},
            "config.changed": {"config_version": 2},
        }[name]
        return self.desk.handle(events.News(name, body))


def back_to_the_menu(walk: Walk) -> None:
    """What a person with a working line does: wait, read, press * or #, sign on, open the drawer."""
    for _ in range(60):
        if walk.desk.state == "menu":
            return
        for step in (("link", "online"), ("hello", True), ("answer", "paid"), ("tick", 1)):  # noqa: FBT003
            walk.take(step)
        state = walk.desk.state
        if state in ("fault", "drawer", "in_confirm", "question"):
            walk.take(("keys", "#"))
        elif state == "op_number":
            walk.take(("keys", "101#"))
        elif state == "op_pin":
            walk.take(("pin", ""))
        elif state not in ("menu", "signing_on", "opening"):
            walk.take(("keys", "*" * 12 if state.endswith(("number", "amount", "entry", "pin")) else "*"))
    raise AssertionError("no way back from " + walk.desk.state)


@settings(max_examples=250, deadline=None)
@given(st.lists(steps, max_size=40), st.booleans())
def test_any_walk(walked: list[tuple[str, object]], at_menu: bool) -> None:
    walk = Walk()
    if at_menu:
        for line in TO_MENU:
            walk.observe(walk.do(line[3:]))
    for step in walked:
        walk.take(step)
        # a PIN entry lives only in its own states
        assert (walk.desk.pin is not None) == (walk.desk.state in ("op_pin", "out_pin", "bal_pin"))
    back_to_the_menu(walk)
