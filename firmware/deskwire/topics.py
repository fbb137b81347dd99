"""MQTT topics: the only place where they are written or read."""

from deskwire.errors import TopicError
from deskwire.text import consists_of, quoted

PREFIX = "kassa/1/"

#: What a terminal's topics end in.
TERMINAL_KINDS = ("ask", "tell", "answer", "news", "state")

_ID_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def is_terminal_id(text: object) -> bool:
    """Whether `text` names a terminal or a hub: 4 to 16 of A-Z and 0-9."""
    return isinstance(text, str) and 4 <= len(text) <= 16 and consists_of(text, _ID_ALPHABET)


def _topic(terminal: str, kind: str) -> str:
    if not is_terminal_id(terminal):
        raise TopicError("%s is not a terminal's or hub's id (4 to 16 of A-Z, 0-9)" % quoted(terminal))
    return PREFIX + terminal + "/" + kind


def ask(terminal: str) -> str:
    """Up, memory only: "may I?", "what is?"."""
    return _topic(terminal, "ask")


def tell(terminal: str) -> str:
    """Up, stored at every hop: "this happened"."""
    return _topic(terminal, "tell")


def answer(terminal: str) -> str:
    """Down: answers to asks and acks of tells."""
    return _topic(terminal, "answer")


def news(terminal: str) -> str:
    """Down: what the terminal did not ask for."""
    return _topic(terminal, "news")


def state(terminal: str) -> str:
    """The terminal's retained presence, with last will."""
    return _topic(terminal, "state")


def hub_state(hub: str) -> str:
    """The hub's retained presence, with last will."""
    return PREFIX + "hub/" + _topic(hub, "state")[len(PREFIX) :]


def parse(topic: str) -> "tuple[str, str]":
    """Topic -> (kind, id); kind is one of TERMINAL_KINDS or "hub_state". TopicError for anything else."""
    if not isinstance(topic, str) or len(topic) > 64 or not topic.startswith(PREFIX):
        raise TopicError("the topic does not begin with %s" % PREFIX)
    parts = topic[len(PREFIX) :].split("/")
    if len(parts) == 2 and is_terminal_id(parts[0]) and parts[1] in TERMINAL_KINDS:
        return parts[1], parts[0]
    if len(parts) == 3 and parts[0] == "hub" and is_terminal_id(parts[1]) and parts[2] == "state":
        return "hub_state", parts[1]
    raise TopicError("the topic after %s is not <terminal>/<kind> or hub/<hub>/state" % PREFIX)
