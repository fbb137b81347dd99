"""Whatever happens in any order: nothing raises, no PIN digit leaves, the menu can always be reached."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[2] / "both" / "support"))

from dialogue import ACCOUNT, DRAWER, EPOCH, HELLO, TO_MENU, Dialogue

from desk import events, views
from desk.machine import ANY, PIN_STATES, TABLE, Desk
from deskwire import accounts, catalogue

#: Digits that stand nowhere else: not in the accounts, ids, amounts or times of these walks.
PIN = "86868686"
CUSTOMER = "*" * 18 + "C" + ACCOUNT + "#" + "5000#"
ANSWERS = {
    "operator.sign_on": {"operator": "101", "name": "Cashier", "role": "supervisor", "drawer": DRAWER},
    "drawer.open": {"drawer": "0" * 26, "cash_minor": 0},
    "drawer.drop": {"bag": "123123", "cash_minor": 0},
    "drawer.receive": {
        "bag": "123123",
        "amount_minor": 5,
        "currency": "AZN",
        "from": "T0000001",
        "dropped_at": EPOCH,
    },
    "drawer.handover": {"operator": "102", "name": "Cashier", "role": "supervisor", "drawer": DRAWER},
    "drawer.report": {
        "drawer": "0" * 26,
        "opened_at": EPOCH,
        "float_minor": 0,
        "currency": "AZN",
        "lines": [{"line": "sale", "count": 1, "in_minor": 1, "out_minor": 0}] * 9,
    },
    "drawer.count": {"drawer": "0" * 26, "counted_minor": 5, "expected_minor": 9, "currency": "AZN"},
    "drawer.close": {"number": 1, "counted_minor": 5, "expected_minor": 9, "currency": "AZN"},
    "approval.grant": {"approval": "0" * 26, "name": "Supervisor", "expires_at": EPOCH},
    "sale.open": {"sale": "0" * 26, "qr": "0002", "link": "https://p", "expires_at": EPOCH + 40},
    "cash_in.quote": {"holder": "D***", "fee_minor": 0, "total_minor": 5000},
    "cash_out.authorize": {"authorisation_code": "123123", "holder": "D***", "fee_minor": 0, "expires_at": EPOCH + 40},
    "customer_pin.set": {"holder": "D***"},
    "balance": {"holder": "D***", "available_minor": 1, "held_minor": 0, "currency": "AZN"},
}
OTHER = accounts.complete("900000000000001")
CODE = accounts.complete("77" + "0" * 13)
SENT = accounts.pickup_code("12345123451")
SALE = {"sale": "0" * 26, "amount_minor": 900, "refunded_minor": 0, "currency": "AZN", "paid_at": EPOCH, "payer": "D"}
IDENTIFIED = {"account": ACCOUNT, "holder": "D***", "authorise_by": "code"}
ANSWERS |= {
    "customer.identify": IDENTIFIED,
    "statement": {"holder": "D***", "available_minor": 1, "currency": "AZN", "rows": []},
    "transfer.quote": {"holder": "D***", "fee_minor": 0, "total_minor": 5000},
    "transfer.make": {"holder": "D***", "authorisation_code": "123123"},
    "refund.find": {"sales": [SALE]},
    "refund.make": {"holder": "D***", "authorisation_code": "123123"},
    "pickup.quote": {"code": SENT, "fee_minor": 0, "total_minor": 5000, "expires_at": EPOCH + 40},
    "pickup.secret": {"code": SENT},
    "pickup.fund": {"holder": "D***", "authorisation_code": "123123"},
    "pickup.redeem": {
        "account": accounts.pickup_account(SENT),
        "amount_minor": 500,
        "currency": "AZN",
        "authorisation_code": "123123",
        "expires_at": EPOCH + 40,
    },
    "bill.catalogue": {
        "services": [{"service": "w", "name": "Water", "label": "No", "min_digits": 1, "max_digits": 16}],
        "pages": 2,
    },
    "bill.lookup": {
        "name": "Water",
        "shown": "*",
        "debt_minor": 5,
        "amount_minor": 5,
        "fee_minor": 0,
        "total_minor": 5,
        "min_minor": 1,
        "max_minor": 9,
        "currency": "AZN",
    },
    "bill.pay": {"operation": "0" * 26, "state": "pending"},
    "approval.grant": {"approval": "0" * 26, "name": "S", "expires_at": EPOCH + 120},
}
SERVICES = [
    "sale",
    "cash_in",
    "cash_out",
    "balance",
    "drawer",
    "transfer",
    "pickup",
    "refund",
    "statement",
    "customer_pin",
    "bills",
]
SCANS = (ACCOUNT, OTHER, CODE, SENT, "https://kassa.example/p/" + "0" * 26, "noise")
#: What is typed where digits are wanted.
NUMBERS = {
    "tr_from": (ACCOUNT, CODE),
    "tr_to": (OTHER, CODE),
    "pk_from": (ACCOUNT,),
    "rd_code": (SENT, "5"),
    "rf_code": ("123123", "5"),
    "rf_amount": ("5",),
    "rf_choice": ("1", "9"),
    "ho_number": ("123123",),
    "bag_number": ("123123",),
    "cl_reason": ("1", "2", "9"),
    "pk_kind": ("1", "2", "2", "2"),
    "cp_number": (ACCOUNT,),
    "ap_number": ("201",),
} | dict.fromkeys(("op_number", "in_number", "out_number", "bal_number"), ("101", ACCOUNT, CODE, "5"))
REASONS = ("drawer_closed", "not_signed_on", "pin_wrong", "sale_unknown", "busy", "drawer_already_open", "service_off")
REASONS += ("approval_needed", "pin_needed", "pin_weak", "drawer_counted")

FLOWS = ("A1250#", "B" + ACCOUNT + "#5000#", "C" + ACCOUNT + "#5000#", "0" + ACCOUNT + "#", "D", "#", "#7", "*")
DRAWER_FLOWS = ("#7", "#71500##", "#72", "#73500#102#", "#74" + "#" * 14, "#74" + "#" * 15, "#75123123#")
BEGINNINGS = (*FLOWS[:4], "#1", "#2", "#3", "#3", "#3", "#3", "#4", "#5", "#6", "#8" + ACCOUNT + "#201#", *DRAWER_FLOWS)
NEWS = ("sale.paid", "sale.expired", "hold.expired", "config.changed", "bill.done", "bill.failed")
#: What leads through a bill, where chance alone would seldom come by.
BILL_KEYS = {
    "bi_number": ("12#",),
    "bi_facts": "1223",
    "bi_list": "119",
    "bi_account": (ACCOUNT + "#",),
    "bi_cash": "###*",
    "bi_return": "#*",
}
STATES = catalogue.SALE_STATES + catalogue.OPERATION_STATES
KEYS = {"digit": "0123456789", "back": "*", "ok": "#", "A": "A", "B": "B", "C": "C", "D": "D"}


def any_step(random: Random) -> tuple[str, object]:
    """Anything that can happen at any time."""
    return random.choice(
        (
            ("keys", "".join(random.choice(events.KEYS) for _ in range(random.randint(1, 6)))),
            ("keys", random.choice(FLOWS)),
            ("keys", random.choice(BEGINNINGS)),
            ("scan", random.choice(SCANS)),
            ("pin", ""),
            ("tick", random.randint(1, 45)),
            ("link", random.choice(views.LINKS)),
            ("link", "online"),
            ("hello", random.random() < 0.7),
            ("answer", random.choice(STATES)),
            ("refused", random.choice(REASONS)),
            ("unanswered", random.random() < 0.5),
            ("acked", random.choice(catalogue.BOOKED)),
            ("news", random.choice(NEWS)),
            ("failed", random.choice(("store", "ask", "tell"))),
            ("power", ""),
            ("queue", f"{random.randint(0, 9)} {random.randint(0, 999)}"),
            ("stale", ""),
            ("unwelcome", "terminal_blocked"),
        )
    )


def likely_step(state: str, random: Random, seen: Counter[tuple[str, str]]) -> tuple[str, object]:
    """Something that the table has a row for in this state; often what was done least so far."""
    if state == "out_hold" and random.random() < 0.3:
        return "power", ""
    if state == "menu" and random.random() < 0.04:
        return "hello", "counted"
    if state == "dr_counted" and random.random() < 0.8:
        return "keys", "#1102#"
    if state in BILL_KEYS and random.random() < 0.8:
        return "keys", random.choice(BILL_KEYS[state])
    if state == "bi_done" and random.random() < 0.5:
        return "news", "bill.failed"
    if state == "menu" and random.random() < 0.5:
        return "keys", random.choice(BEGINNINGS)
    kinds = [kind for at, kind in TABLE if at == state] or ["tick"]
    kind = random.choice(kinds) if random.random() < 0.7 else min(kinds, key=lambda kind: seen[state, kind])
    if kind == "digit" and state in NUMBERS:
        return "keys", random.choice(NUMBERS[state])
    if kind == "ok" and state.endswith(("pin", "secret")):
        return "pin", "secret" if state.endswith("secret") else ""
    if kind in KEYS:
        return "keys", random.choice(KEYS[kind])
    choices = {
        "tick": random.choice((1, 20, 70)),
        "scan": random.choice(SCANS),
        "hello": True,
        "answer": random.choice(STATES),
        "checked": random.choice(STATES),
        "refused": random.choice(REASONS),
        "unanswered": random.random() < 0.5,
        "news": random.choice(NEWS),
        "unwelcome": "terminal_blocked",
    }
    return ("answer" if kind == "checked" else kind, choices[kind]) if kind in choices else ("tick", 1)


class Walk(Dialogue):
    """A dialogue driven by chance; every command is looked at."""

    def __init__(self, seen: Counter[tuple[str, str]]) -> None:
        self.seen = seen
        super().__init__()

    def _start(self, booted: events.Booted) -> list[object]:
        started = super()._start(booted)
        handle = self.desk.handle
        kind_of = Desk._kind_of

        def watched(event: object) -> object:
            asked = self.desk.ask_id
            kind = kind_of(self.desk, event)
            self.desk.ask_id = asked
            self.seen[(self.desk.state, kind) if (self.desk.state, kind) in TABLE else (ANY, kind)] += 1
            return handle(event)

        self.desk.handle = watched
        self.seen["boot", "booted"] += 1
        return started

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
            typed = PIN[: 5 if what else None] if in_pin else ""
            return self._all([events.Key(key) for key in typed] + [events.Key("#")] * in_pin)
        if verb == "stale":
            return self.desk.handle(events.Answer("0" * 26, {}, EPOCH))
        if verb in ("answer", "refused", "unanswered"):
            return self._reply(verb, what)
        if verb == "acked":
            if not self.unacked:
                return []
            return self.desk.handle(events.Acked(self.unacked.pop(0)[0], what))
        if verb == "news":
            return self._news(str(what))
        if verb == "hello":
            drawer = dict(DRAWER, state="counted", counted_minor=9_000) if what == "counted" else DRAWER
            return self.desk.handle(events.Hello(dict(HELLO, drawer=drawer if what else None, services=SERVICES)))
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
        if names[0] == "refund.find" and what in ("paid", "open"):
            body = {"sales": [SALE, SALE]}
        if names[0] == "customer.identify" and what in ("paid", "open"):
            body = dict(IDENTIFIED, authorise_by="pin")
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
                "authorisation_code": "321321",
                "paid_at": EPOCH,
                "payer": "D",
            },
            "sale.expired": {"sale": row["operation"]},
            "hold.expired": {"operation": row["operation"]},
            "config.changed": {"config_version": 2},
            "bill.done": {
                "operation": row["operation"],
                "name": "W",
                "amount_minor": 5,
                "currency": "AZN",
                "receipt": "R",
            },
            "bill.failed": {
                "operation": row["operation"],
                "name": "W",
                "amount_minor": 5,
                "currency": "AZN",
                "why": "no",
                "return_minor": 5 if row.get("total") else 0,
            },
        }[name]
        return self.desk.handle(events.News(name, body))


def back_to_the_menu(walk: Walk) -> None:
    """What a person with a working line does: wait, read, press * or #, sign on, open the drawer."""
    for _ in range(60):
        if walk.desk.state == "menu":
            return
        for step in (("link", "online"), ("hello", True), ("answer", "paid"), ("tick", 1)):
            walk.take(step)
        state = walk.desk.state
        if state in ("fault", "drawer", "in_confirm", "question"):
            walk.take(("keys", "#"))
        elif state == "op_number":
            walk.take(("keys", "101#"))
        elif state == "op_pin":
            walk.take(("pin", ""))
        elif state not in ("menu", "signing_on", "opening"):
            typed = state in NUMBERS or state.endswith(("number", "amount", "entry", "pin", "secret"))
            walk.take(("keys", "*" * 12 if typed else "*"))
    raise AssertionError("no way back from " + walk.desk.state)


def walk_once(seed: int, seen: Counter[tuple[str, str]]) -> None:
    """500 steps, mostly sensible ones; then the way back."""
    random = Random(seed)
    walk = Walk(seen)
    if random.random() < 0.8:
        for line in TO_MENU:
            walk.observe(walk.do(line[3:]))
        walk.take(("hello", True))
    for _ in range(500):
        step = any_step(random) if random.random() < 0.08 else likely_step(walk.desk.state, random, seen)
        walk.take(step)
        # a PIN entry lives only in its own states
        assert (walk.desk.pin is not None) == (walk.desk.state in PIN_STATES)
    back_to_the_menu(walk)


def test_any_walk_keeps_the_rules_and_all_of_the_table_is_walked() -> None:
    seen: Counter[tuple[str, str]] = Counter()
    for seed in range(300):
        try:
            walk_once(seed, seen)
        except BaseException as error:
            raise AssertionError(f"the walk with seed {seed} failed") from error
    missing = {row for row in set(TABLE) - set(seen) if row[0][:3] not in {"ap_", "cp_"}}
    assert not missing, f"never walked: {sorted(missing)}"
