"""Messages: built and read in one place, bounded and strict, the same for terminal, hub and backend."""

from typing import TYPE_CHECKING

from deskwire import specs, strict_json
from deskwire.errors import MessageError
from deskwire.reasons import BY_NAME

if TYPE_CHECKING:
    from typing import Any

    Body = dict[str, Any]

#: Payload bytes that fit an envelope of the direction's limit: 3 of 4 base64 characters, less header and signature.
UP_PAYLOAD_LIMIT = (2048 - 64 - 43 - 2) * 3 // 4
DOWN_PAYLOAD_LIMIT = (4096 - 64 - 43 - 2) * 3 // 4


class Up:
    """An ask or a tell, checked. `time` is epoch seconds by the terminal's clock, which may not be set."""

    __slots__ = ("body", "clock_set", "id", "kind", "terminal", "time", "type")

    def __init__(self, message: "Body") -> None:
        self.type = message["type"]  # type: str
        self.kind = message["kind"]  # type: str
        self.id = message["id"]  # type: str
        self.terminal = message["terminal"]  # type: str
        self.time = message["time"]  # type: int
        self.clock_set = message["clock_set"]  # type: bool
        self.body = message["body"]  # type: Body

    def __repr__(self) -> str:
        return "Up(%s %s %s from %s)" % (self.kind, self.type, self.id, self.terminal)


class Down:
    """An answer, ack or news item, checked. Fields that its kind does not have are None.

    `refused` is the refusal {"reason", ...} that an answer may hold instead of a body.
    """

    __slots__ = ("body", "expires_at", "kind", "news", "number", "refused", "terminal", "time", "to")

    def __init__(self, message: "Body") -> None:
        self.kind = message["kind"]  # type: str
        self.terminal = message["terminal"]  # type: str
        self.time = message["time"]  # type: int
        self.to = message.get("to")  # type: str | None
        self.body = message.get("body")  # type: Body | None
        self.refused = message.get("refused")  # type: Body | None
        self.number = message.get("number")  # type: int | None
        self.expires_at = message.get("expires_at")  # type: int | None
        self.news = message.get("news")  # type: str | None

    def __repr__(self) -> str:
        return "Down(%s to %s)" % (self.kind, self.terminal)


def build_ask(name: str, identifier: str, terminal: str, time: int, clock_set: bool, body: "Body") -> bytes:  # noqa: FBT001, PLR0917
    """The payload of an ask. MessageError when a field breaks the catalogue."""
    return _up("ask", name, identifier, terminal, time, clock_set, body)


def build_tell(name: str, identifier: str, terminal: str, time: int, clock_set: bool, body: "Body") -> bytes:  # noqa: FBT001, PLR0917
    """The payload of a tell. MessageError when a field breaks the catalogue."""
    return _up("tell", name, identifier, terminal, time, clock_set, body)


def build_answer(to: str, terminal: str, time: int, body: "Body", ask_type: "str | None" = None) -> bytes:
    """The payload of an answer to the ask `to`; with `ask_type` its body is checked against the catalogue."""
    if ask_type is not None:
        specs.check_answer(ask_type, body)
    return _down({"v": 1, "kind": "answer", "to": to, "terminal": terminal, "time": time, "body": body})


def build_refusal(to: str, terminal: str, time: int, reason: str, details: "Body | None" = None) -> bytes:
    """The payload of an answer that refuses: a reason of the closed list, and details such as tries_left."""
    refused = {"reason": reason}
    refused.update(details or {})
    return _down({"v": 1, "kind": "answer", "to": to, "terminal": terminal, "time": time, "refused": refused})


def build_ack(to: str, terminal: str, time: int, booked: "Body | str") -> bytes:
    """The payload of a tell's ack: {"booked": ...} or just the word."""
    body = {"booked": booked} if isinstance(booked, str) else booked
    return _down({"v": 1, "kind": "ack", "to": to, "terminal": terminal, "time": time, "body": body})


def build_news(  # noqa: PLR0917  (a wire record has as many fields as it has)
    number: int, terminal: str, time: int, expires_at: int, news: str, body: "Body"
) -> bytes:
    """The payload of a news item with its number in the terminal's sequence."""
    return _down(
        {
            "v": 1,
            "kind": "news",
            "number": number,
            "terminal": terminal,
            "time": time,
            "expires_at": expires_at,
            "news": news,
            "body": body,
        }
    )


def parse_up(payload: bytes) -> Up:
    """An ask's or tell's payload, checked field by field. MessageError names what was wrong."""
    message = _read(payload, UP_PAYLOAD_LIMIT)
    specs.check_message(message, "up")
    return Up(message)


def parse_down(payload: bytes, ask_type: "str | None" = None) -> Down:
    """An answer's, ack's or news item's payload; with `ask_type` an answer's body is checked against the catalogue."""
    message = _read(payload, DOWN_PAYLOAD_LIMIT)
    specs.check_message(message, "down")
    _check_reason(message)
    if ask_type is not None and message["kind"] == "answer" and "body" in message:
        specs.check_answer(ask_type, message["body"])
    return Down(message)


def _up(kind: str, name: str, identifier: str, terminal: str, time: int, clock_set: bool, body: "Body") -> bytes:  # noqa: FBT001, PLR0917
    message = {
        "v": 1,
        "kind": kind,
        "type": name,
        "id": identifier,
        "terminal": terminal,
        "time": time,
        "clock_set": clock_set,
        "body": body,
    }
    specs.check_message(message, "up")
    return _bounded(strict_json.dumps(message), UP_PAYLOAD_LIMIT)


def _down(message: "Body") -> bytes:
    specs.check_message(message, "down")
    _check_reason(message)
    return _bounded(strict_json.dumps(message), DOWN_PAYLOAD_LIMIT)


def _check_reason(message: "Body") -> None:
    if "refused" in message and message["refused"]["reason"] not in BY_NAME:
        raise MessageError("refused.reason: not a reason of the list")


def _read(payload: bytes, limit: int) -> "Body":
    _bounded(payload, limit)
    message = strict_json.loads(payload)
    if not isinstance(message, dict):
        raise MessageError("message: not an object")
    return message


def _bounded(payload: bytes, limit: int) -> bytes:
    if not isinstance(payload, (bytes, bytearray)):
        raise MessageError("a message is bytes")
    if len(payload) > limit:
        raise MessageError("the message has %d bytes, above %d" % (len(payload), limit), "oversized")
    return payload
