"""The catalogue as tables: every message's type, its fields and its answer's fields. The documents are made from it.

`ASKS` and `TELLS` hold (body spec, answer's body spec) by type, `NEWS` the body spec. ORDER keeps the catalogue's own
order, which a device's dict does not. A type that is retired stays in RETIRED and is never given another meaning.
The firmware does not import this module: it reads single messages' specs with `specs.find`.
"""

from typing import TYPE_CHECKING

from deskwire.specs import TABLE, check_answer, check_body, check_message, find

if TYPE_CHECKING:
    from typing import Any

__all__ = ["check_answer", "check_body", "check_message"]

VERSION = 1

RETIRED = ()  # type: tuple[str, ...]


def _at(place: str) -> "tuple[str, ...]":
    """The names that stand at a place of the table, in its order."""
    rows = [line.split(" ") for line in TABLE.split("\n") if line]
    return tuple([row[1] for row in rows if row[0] == place])


def _spec(place: str, name: str) -> "Any":
    spec = find(place + " " + name)
    if spec is None:
        raise LookupError("the table has no %s %s" % (place, name))
    return spec


def _words(name: str) -> "tuple[str, ...]":
    """The closed list of words of that name."""
    return tuple(_spec("=", name)[1])


#: Names in the catalogue's order, for documents and for tests that walk it.
ORDER = {kind: _at(kind) for kind in ("ask", "tell", "news")}

SALE_STATES = _words("sale_state")
OPERATION_STATES = _words("operation_state")
BOOKED = _words("booked")
ROLES = _words("role")

ACK_BODY = _spec("=", "ack_body")
#: What a refusal may add to its reason.
REFUSAL = _spec("=", "refusal")

ASKS = {name: (_spec("ask", name), _spec("answer", name)) for name in ORDER["ask"]}
TELLS = {name: (_spec("tell", name), ACK_BODY) for name in ORDER["tell"]}
NEWS = {name: _spec("news", name) for name in ORDER["news"]}

UP = _spec("up", "message")
ANSWER = _spec("down", "answer")
REFUSED = _spec("down", "refused")
ACK = _spec("down", "ack")
NEWS_ITEM = _spec("down", "news")
