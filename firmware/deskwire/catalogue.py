"""The catalogue: every message's type, its fields and its answer's fields. The documents are generated from it.

`ASKS` and `TELLS` hold (body spec, answer's body spec) by type, `NEWS` the body spec. ORDER keeps the catalogue's own
order, which a device's dict does not. A type that is retired stays in RETIRED and is never given another meaning.
"""

from deskwire.errors import MessageError
from deskwire.fields import (
    ACCOUNT,
    BOOL,
    CURRENCY,
    ID,
    OPERATOR,
    PIN_BLOCK,
    TERMINAL,
    TIME,
    amount,
    check,
    choice,
    digits,
    hexadecimal,
    integer,
    many,
    nullable,
    record,
    text,
)
from deskwire.text import quoted

VERSION = 1

#: Counts and version numbers that only grow; 31 bits stay small ints on every device.
COUNT = integer(0, 2**31 - 1)
NUMBER = integer(1, 2**31 - 1)
CODE = digits(6, 6)
SIGNED = ("integer", -(10**12) + 1, 10**12 - 1)
HOLDER = text(1, 64)
WHY = choice("cancelled", "timeout", "no_answer", "restart")

SALE_STATES = ("open", "paid", "expired", "cancelled", "unknown")
OPERATION_STATES = (
    "unknown",
    "refused",
    "open",
    "paid",
    "expired",
    "cancelled",
    "held",
    "paid_out",
    "voided",
    "quoted",
    "taken",
    "suspense",
    "done",
)
BOOKED = ("as_told", "suspense", "remembered", "nothing_to_do")
ROLES = ("cashier", "supervisor")

DRAWER = nullable(record(("drawer", ID), ("state", choice("open")), ("operator", OPERATOR), ("cash_minor", amount(0))))

ACK_BODY = record(("booked", choice(*BOOKED)))

#: What a refusal may add to its reason.
REFUSAL = record(
    ("reason", text(1, 32)),
    ("tries_left?", integer(0, 99)),
    ("limit_minor?", amount(0)),
    ("currency?", CURRENCY),
    ("operator?", OPERATOR),
    ("state?", text(1, 16)),
    ("text?", text(1, 200)),
)

_ASKS = (
    (
        "hello",
        record(
            ("firmware", text(1, 32)),
            ("config_version", COUNT),
            ("waiting_tells", COUNT),
            ("boot_reason", text(1, 24)),
            ("news_seen", COUNT),
        ),
        record(
            ("session", hexadecimal(24)),
            ("currency", CURRENCY),
            ("country", text(2, 2)),
            ("mcc", digits(4, 4)),
            ("merchant_name", text(1, 25)),
            ("merchant_city", text(1, 15)),
            ("outlet", text(1, 32)),
            ("config_version", COUNT),
            ("operators_version", COUNT),
            ("drawer", DRAWER),
            ("services", many(text(1, 24), 0, 24)),
            ("sale_ttl_s", integer(1, 86400)),
            ("hold_ttl_s", integer(1, 86400)),
        ),
    ),
    (
        "operator.sign_on",
        record(("operator", OPERATOR), ("pin_block", PIN_BLOCK)),
        record(("operator", OPERATOR), ("name", text(1, 64)), ("role", choice(*ROLES)), ("drawer", DRAWER)),
    ),
    (
        "drawer.open",
        record(("operator", OPERATOR), ("float_minor", amount(0)), ("currency", CURRENCY)),
        record(("drawer", ID), ("cash_minor", amount(0))),
    ),
    (
        "sale.open",
        record(("operator", OPERATOR), ("amount_minor", amount()), ("currency", CURRENCY), ("reference?", text(1, 25))),
        record(("sale", ID), ("qr", text(1, 512)), ("link", text(1, 200)), ("expires_at", TIME)),
    ),
    (
        "sale.status",
        record(("sale", ID)),
        record(
            ("sale", ID),
            ("state", choice(*SALE_STATES)),
            ("amount_minor?", amount(0)),
            ("currency?", CURRENCY),
            ("authorisation_code?", CODE),
            ("paid_at?", TIME),
            ("payer?", HOLDER),
        ),
    ),
    (
        "cash_in.quote",
        record(("operator", OPERATOR), ("account", ACCOUNT), ("amount_minor", amount()), ("currency", CURRENCY)),
        record(("holder", HOLDER), ("fee_minor", amount(0)), ("total_minor", amount(0))),
    ),
    (
        "cash_out.authorize",
        record(
            ("operator", OPERATOR),
            ("account", ACCOUNT),
            ("amount_minor", amount()),
            ("currency", CURRENCY),
            ("pin_block", PIN_BLOCK),
        ),
        record(("authorisation_code", CODE), ("holder", HOLDER), ("fee_minor", amount(0)), ("expires_at", TIME)),
    ),
    (
        "balance",
        record(("operator", OPERATOR), ("account", ACCOUNT), ("pin_block", PIN_BLOCK)),
        record(("holder", HOLDER), ("available_minor", SIGNED), ("held_minor", amount(0)), ("currency", CURRENCY)),
    ),
    (
        "operation.status",
        record(("operations", many(ID, 1, 5))),
        record(
            (
                "operations",
                many(
                    record(
                        ("operation", ID),
                        ("type", text(0, 32)),
                        ("state", choice(*OPERATION_STATES)),
                        ("amount_minor?", amount(0)),
                        ("currency?", CURRENCY),
                        ("at?", TIME),
                        ("reason?", text(1, 32)),
                        ("authorisation_code?", CODE),
                    ),
                    1,
                    5,
                ),
            )
        ),
    ),
)

_TELLS = (
    (
        "cash_in.taken",
        record(
            ("operation", ID),
            ("operator", OPERATOR),
            ("account", ACCOUNT),
            ("amount_minor", amount()),
            ("currency", CURRENCY),
            ("fee_minor", amount(0)),
            ("drawer", ID),
        ),
    ),
    (
        "cash_out.paid",
        record(
            ("operation", ID),
            ("operator", OPERATOR),
            ("account", ACCOUNT),
            ("amount_minor", amount()),
            ("currency", CURRENCY),
            ("authorisation_code", CODE),
            ("drawer", ID),
        ),
    ),
    ("cash_out.void", record(("operation", ID), ("why", WHY))),
    ("sale.cancel", record(("sale", ID), ("why", WHY))),
    ("news.seen", record(("number", NUMBER))),
    ("journal.gap", record(("lost", COUNT), ("why", text(1, 64)))),
    (
        "health",
        record(
            ("free_heap", COUNT),
            ("free_flash", COUNT),
            ("waiting_tells", COUNT),
            ("oldest_tell_s", COUNT),
            ("uptime_s", COUNT),
            ("boot_reason", text(1, 24)),
        ),
    ),
    ("tamper", record(("what", text(1, 64)))),
)

_NEWS = (
    (
        "sale.paid",
        record(
            ("sale", ID),
            ("amount_minor", amount()),
            ("currency", CURRENCY),
            ("authorisation_code", CODE),
            ("paid_at", TIME),
            ("payer", HOLDER),
        ),
    ),
    ("sale.expired", record(("sale", ID))),
    ("config.changed", record(("config_version", COUNT))),
    ("hold.expired", record(("operation", ID))),
)

ASKS = {name: (body, answer) for name, body, answer in _ASKS}
TELLS = {name: (body, ACK_BODY) for name, body in _TELLS}
NEWS = {name: body for name, body in _NEWS}  # noqa: C416  (dict() of pairs is no clearer)
RETIRED = ()  # type: tuple[str, ...]

#: Names in the catalogue's order, for documents and for tests that walk it.
ORDER = {
    "ask": tuple([row[0] for row in _ASKS]),
    "tell": tuple([row[0] for row in _TELLS]),
    "news": tuple([row[0] for row in _NEWS]),
}

UP = record(
    ("v", integer(VERSION, VERSION)),
    ("kind", choice("ask", "tell")),
    ("type", text(1, 32)),
    ("id", ID),
    ("terminal", TERMINAL),
    ("time", TIME),
    ("clock_set", BOOL),
    ("body", ("any",)),
)

_DOWN_HEAD = (("v", integer(VERSION, VERSION)), ("kind", choice("answer", "ack", "news")))
_REPLY_HEAD = _DOWN_HEAD + (("to", ID), ("terminal", TERMINAL), ("time", TIME))

ANSWER = record(*(_REPLY_HEAD + (("body", ("any",)),)))
REFUSED = record(*(_REPLY_HEAD + (("refused", REFUSAL),)))
ACK = record(*(_REPLY_HEAD + (("body", ACK_BODY),)))
NEWS_ITEM = record(
    *(
        _DOWN_HEAD
        + (
            ("number", NUMBER),
            ("terminal", TERMINAL),
            ("time", TIME),
            ("expires_at", TIME),
            ("news", text(1, 32)),
            ("body", ("any",)),
        )
    )
)


def check_body(kind: str, name: str, body: object) -> None:
    """The body of an ask, a tell or a news item of type `name`; reason unknown_type for one we do not have."""
    table = {"ask": ASKS, "tell": TELLS, "news": NEWS}[kind]
    if name not in table:
        raise MessageError("type: no %s is called %s" % (kind, quoted(name)), "unknown_type")
    spec = table[name]
    check(spec if kind == "news" else spec[0], body, "body")


def check_answer(ask_type: str, body: object) -> None:
    """The body of an answer to an ask of that type."""
    if ask_type not in ASKS:
        raise MessageError("type: no ask is called %s" % quoted(ask_type), "unknown_type")
    check(ASKS[ask_type][1], body, "body")


def check_message(message: object, direction: str) -> None:
    """A whole decoded message, "up" or "down". An answer's body is only an object here: see check_answer."""
    if not isinstance(message, dict):
        raise MessageError("message: not an object")
    if direction == "up":
        check(UP, message, "")
        check_body(message["kind"], message["type"], message["body"])
        return
    kind = message.get("kind")
    if kind == "news":
        check(NEWS_ITEM, message, "")
        check_body("news", message["news"], message["body"])
    elif kind == "ack":
        check(ACK, message, "")
    elif "refused" in message:
        check(REFUSED, message, "")
    else:
        check(ANSWER, message, "")
        if not isinstance(message["body"], dict):
            raise MessageError("body: not an object")
