"""What goes into the money path, and what comes out: Command, PinBlock, Outcome, and the two failures of submitting."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    #: (PIN block, account number it is bound to, stored verifier) -> is it the right PIN? Never raises for a bad block.
    PinCheck = Callable[["PinBlock", str, bytes], bool]
    #: (PIN block, account number it is bound to) -> a verifier to store; empty for a bad block.
    VerifierMaker = Callable[["PinBlock", str], bytes]
    #: (PIN block, account number it is bound to) -> would anybody guess this PIN? False for a bad block.
    WeakPinCheck = Callable[["PinBlock", str], bool]

#: The operations whose origin tells what already happened. They are acknowledged; all others are answered.
TELLS: Final = frozenset(
    {
        "cash_in.taken",
        "cash_out.paid",
        "cash_out.void",
        "operation.void",
        "pickup.taken",
        "sale.cancel",
        "news.seen",
        "journal.gap",
        "health",
        "tamper",
        "bill.taken",
        "bill.returned",
        "bill.void",
    }
)


class PinBlock:
    """An encrypted PIN block and the KSN of its key. Opaque: it never shows itself, and it cannot be pickled."""

    __slots__ = ("block", "ksn")

    def __init__(self, block: bytes, ksn: bytes) -> None:
        self.block = block
        self.ksn = ksn

    def __repr__(self) -> str:
        return "PinBlock(hidden)"

    def __reduce__(self) -> str | tuple[Any, ...]:
        raise TypeError("a PIN block is not stored or copied: pass the object itself")


@dataclass(frozen=True, slots=True)
class Command:
    """One decoded, authentic request. The same (origin, id) with the same digest is answered once, for ever.

    `at` is the backend's epoch seconds; `fresh` and `fresh_code` are drawn by the caller, so that deciding is a pure
    function of the state and the command.
    """

    operation: str
    origin: str
    id: str
    digest: bytes
    at: int
    body: Mapping[str, Any]
    ksn_counter: int = 0
    ksn: bytes = b""
    pin: PinBlock | None = field(default=None, repr=False)
    fresh: str = ""
    fresh_code: str = field(default="", repr=False)
    #: A new PIN's second entry (at a terminal), or the new PIN beside the old one (from the wallet's app).
    pin_again: PinBlock | None = field(default=None, repr=False)
    #: What the edge asked of the outside world before this command: a provider's answer is data, like the time.
    found: Mapping[str, Any] | None = field(default=None, repr=False)

    @property
    def is_tell(self) -> bool:
        """Whether it tells what already happened, and so is acknowledged instead of answered."""
        return self.operation in TELLS

    @property
    def terminal(self) -> str:
        """The terminal's id for a command of a terminal, else an empty string."""
        return self.origin[2:] if self.origin.startswith("t:") else ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The committed result of one command.

    Exactly one of `body` and `refused` is set. `at` is the time of the first decision: an answer rebuilt from a stored
    outcome with that time is byte for byte the first answer. `alarm` names what staff were alerted to, if anything.
    """

    kind: Literal["answer", "ack"]
    body: Mapping[str, Any] | None
    refused: tuple[str, Mapping[str, Any]] | None
    at: int
    replayed: bool = False
    alarm: str | None = None


class SubmitError(Exception):
    """A command was not decided and nothing of it is committed. Sending it again, unchanged, is safe."""


class Busy(SubmitError):  # noqa: N818  (the wire's reason has this name)
    """The executor's queue is full."""


class Unavailable(SubmitError):  # noqa: N818  (the wire's reason has this name)
    """The store failed, or the executor is stopping."""
