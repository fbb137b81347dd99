"""From a hub's item to a command, and from its outcome to a signed answer: all that is judged before money is."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from backend.operations.command import Command, PinBlock
from backend.vault.port import EnvelopeError
from deskwire import ids, messages, reasons
from deskwire.errors import WireError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend.hub_api.access import Hub, Terminal
    from backend.operations.command import Outcome
    from backend.vault.port import Opened, Vault
    from backend.web.clock import Fresh

#: Asks whose decision hands out an authorisation code or a bag number; no other decision takes anything random.
AUTHORISED: Final = frozenset(
    {
        "cash_out.authorize",
        "drawer.close",
        "drawer.drop",
        "pickup.fund",
        "pickup.quote",
        "pickup.redeem",
        "refund.make",
        "transfer.make",
    }
)
#: Characters of a terminal id that are repeated in an error (the item may be anything).
MAX_NAME = 16


@dataclass(frozen=True, slots=True)
class Rejected:
    """An item that gets no stored answer. `answer` is a signed refusal when the sender is known to be the terminal."""

    terminal: str
    reason: str
    transient: bool = False
    authentic: bool = False
    answer: bytes = b""
    kind: str = ""
    type: str = ""
    id: str = ""

    def as_item(self) -> dict[str, Any]:
        """The item of the response."""
        if self.answer:
            return {"terminal": self.terminal, "jws": self.answer.decode()}
        return {"terminal": self.terminal, "error": self.reason, "transient": self.transient}


@dataclass(frozen=True, slots=True)
class Accepted:
    """An authentic, well-formed item: the command to submit and what its answer needs."""

    terminal: str
    kind: str
    command: Command


class Intake:
    """Judges items in the wire's order: size, form, terminal, key, counter, MAC, fields, the payload's terminal."""

    def __init__(self, vault: Vault, fresh: Fresh) -> None:
        self._vault = vault
        self._fresh = fresh

    def judge(
        self, item: object, kind: str, hub: Hub, directory: Mapping[str, Terminal | None], at: int
    ) -> Accepted | Rejected:
        """What to do with one item. Never raises for anything an item can hold."""
        named = terminal_of(item)
        if named is None or not isinstance(item, dict) or not isinstance(item.get("jws"), str):
            return Rejected(named or "", "malformed")
        known = directory.get(named)
        if known is None:
            return Rejected(named, "unknown_terminal")
        if known.branch != hub.branch:
            return Rejected(named, "wrong_hub")
        try:
            jws = item["jws"].encode()
            opened = self._vault.open_envelope(jws, known.ikid)
        except EnvelopeError as error:
            return Rejected(named, error.reason)
        except UnicodeEncodeError:
            return Rejected(named, "malformed")
        try:
            up = _parse(opened.payload, kind, named)
        except WireError as error:
            return self._refuse(named, kind, opened, error.reason, at)
        body, pin, pin_again = _split_pins(up.body, opened.ksn)
        if up.type == "customer.identify":
            body = body | {"code": self._vault.code_hash(body["code"])}
        command = Command(
            operation=up.type,
            origin="t:" + named,
            id=up.id,
            digest=hashlib.sha256(jws).digest(),
            at=at,
            body=body,
            ksn_counter=opened.counter,
            ksn=opened.ksn,
            pin=pin,
            pin_again=pin_again,
            fresh=self._fresh.id() if up.type == "pickup.quote" else "",
            fresh_code=self._fresh.code() if up.type in AUTHORISED else "",
        )
        return Accepted(named, kind, command)

    def answer(self, accepted: Accepted, outcome: Outcome) -> bytes:
        """The signed answer or acknowledgement of a committed outcome; the same bytes for the same outcome."""
        command, terminal = accepted.command, accepted.terminal
        if outcome.refused is not None:
            reason, details = outcome.refused
            payload = messages.build_refusal(command.id, terminal, outcome.at, reason, dict(details))
        elif outcome.kind == "ack":
            payload = messages.build_ack(command.id, terminal, outcome.at, dict(outcome.body or {}))
        else:
            payload = messages.build_answer(command.id, terminal, outcome.at, dict(outcome.body or {}))
        return self._vault.seal(payload, command.ksn)

    def _refuse(self, terminal: str, kind: str, opened: Opened, reason: str, at: int) -> Rejected:
        """Refuse an authentic message that breaks the catalogue: an ask is answered so, a tell goes to quarantine."""
        name, message_id = _names(opened.payload)
        answer = b""
        if kind == "ask" and message_id and reason in reasons.BY_NAME:
            answer = self._vault.seal(messages.build_refusal(message_id, terminal, at, reason, {}), opened.ksn)
        return Rejected(terminal, reason, authentic=True, answer=answer, kind=kind, type=name, id=message_id)


def terminal_of(item: object) -> str | None:
    """The terminal that an item names, or None when it names none."""
    named = item.get("terminal") if isinstance(item, dict) else None
    return named[:MAX_NAME] if isinstance(named, str) else None


def _parse(payload: bytes, kind: str, terminal: str) -> messages.Up:
    """The message in an authentic payload; WireError when it breaks the catalogue, or came in by another's name."""
    up = messages.parse_up(payload)
    if up.kind != kind:
        raise WireError(f"kind: a {up.kind} came in as a {kind}")
    if up.terminal != terminal:
        raise WireError("terminal: the message names another terminal", "wrong_terminal")
    return up


def _split_pins(body: dict[str, Any], ksn: bytes) -> tuple[dict[str, Any], PinBlock | None, PinBlock | None]:
    """The body without its PIN blocks, and the blocks: they go to the vault and nowhere else."""
    first, second = body.get("pin_block"), body.get("pin_block_again")
    if first is None:
        return body, None, None
    rest = {name: value for name, value in body.items() if name not in {"pin_block", "pin_block_again"}}
    again = None if second is None else PinBlock(bytes.fromhex(second), ksn)
    return rest, PinBlock(bytes.fromhex(first), ksn), again


def _names(payload: bytes) -> tuple[str, str]:
    """(type, id) of a message that did not parse, each empty when it is not usable."""
    try:
        value = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return "", ""
    if not isinstance(value, dict):
        return "", ""
    name, message_id = value.get("type"), value.get("id")
    return (
        name[:32] if isinstance(name, str) else "",
        message_id if isinstance(message_id, str) and ids.is_id(message_id) else "",
    )
