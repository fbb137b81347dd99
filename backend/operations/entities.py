"""What decisions read and change: plain records, each in the order of its table's columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Policy:
    """Settings that decisions read. Times in seconds."""

    base_url: str = "https://kassa.example"
    sale_ttl_s: int = 180
    hold_ttl_s: int = 180
    #: A terminal that was away longer asks for the state of its sales instead of being told.
    news_ttl_s: int = 7 * 86_400
    #: Wrong PINs in a row before the holder is blocked (standards.md 4.2).
    pin_tries: int = 3


class Terminal(NamedTuple):
    """A terminal with its branch's and merchant's data: what staff set, and no message changes."""

    id: str
    branch: str
    merchant: str
    outlet: str
    services: tuple[str, ...]
    status: str
    config_version: int
    currency: str
    operators_version: int
    merchant_name: str
    merchant_city: str
    country: str
    mcc: str
    #: Below and above this much cash in the till staff are alerted; 0 is no limit.
    till_low_minor: int = 0
    till_high_minor: int = 0

    @property
    def till(self) -> str:
        """The ledger account of this terminal's cash."""
        return f"till:{self.id}"

    @property
    def merchant_account(self) -> str:
        """The ledger account its sales are credited to."""
        return f"merchant:{self.merchant}"


class TerminalState(NamedTuple):
    """What a terminal's own messages change. `drawer` is empty while none is open.

    `drawer_counted` is the sum the open drawer was counted at, -1 until then; `z_number` the last Z report's.
    """

    terminal: str
    ksn_highest: int
    ksn_seen: int
    session_ksn: bytes
    operator: str
    drawer: str
    drawer_operator: str
    firmware: str
    boot_reason: str
    hello_at: int
    heard_at: int
    drawer_counted: int = -1
    z_number: int = 0


class Operator(NamedTuple):
    """A person who works at counters. The verifier is opaque: only the vault reads it."""

    number: str
    branch: str
    name: str
    role: str
    status: str
    verifier: bytes
    tries: int


class Wallet(NamedTuple):
    """A holder's wallet; its money is in the ledger account `wallet:<number>`."""

    number: str
    holder: str
    language: str
    currency: str
    status: str
    verifier: bytes
    tries: int

    @property
    def account(self) -> str:
        """Its ledger account."""
        return f"wallet:{self.number}"


class Operation(NamedTuple):
    """A whole operation, named by its first message's id: a sale, a cash-in, a cash-out.

    `party` is the masked name of payer or holder, `account` the wallet's number, `code` the authorisation code.
    States: sale open, paid, expired, cancelled; cash_in quoted, taken, suspense; cash_out held, paid_out, voided,
    expired. A tombstone (voided or cancelled before it was heard of) has no amount.
    """

    id: str
    terminal: str
    type: str
    state: str
    debit: str
    credit: str
    account: str
    amount_minor: int
    fee_minor: int
    currency: str
    operator: str
    drawer: str
    code: str
    reference: str
    party: str
    opened_at: int
    expires_at: int
    closed_at: int


class Drawer(NamedTuple):
    """A drawer's life: open, counted, closed. `operator` opened it; `pieces` are the count as JSON [[face, count]]."""

    id: str
    terminal: str
    operator: str
    currency: str
    float_minor: int
    opened_at: int
    state: str = "open"
    counted_minor: int = 0
    expected_minor: int = 0
    pieces: str = "[]"
    counted_at: int = 0
    closed_at: int = 0


class DrawerEntry(NamedTuple):
    """What happened in a drawer, by line: so many times, so much in, so much out. Entries of a line add up."""

    drawer: str
    line: str
    times: int
    in_minor: int
    out_minor: int


class CashBag(NamedTuple):
    """Cash on its way from a drawer to the branch's vault, in a sealed bag; state transit or received."""

    id: str
    branch: str
    bag: str
    terminal: str
    drawer: str
    operator: str
    kind: str
    amount_minor: int
    currency: str
    state: str
    dropped_at: int
    received_by: str
    received_at: int


class LateItem(NamedTuple):
    """Cash told of after its drawer was counted. `z_number` is the report that shows it, 0 until then."""

    id: str
    terminal: str
    drawer: str
    operation: str
    line: str
    in_minor: int
    out_minor: int
    currency: str
    at: int
    z_number: int = 0


class ZReport(NamedTuple):
    """A closed drawer's report: numbered without gaps at its terminal, never changed. `body` is JSON."""

    id: str
    terminal: str
    number: int
    branch: str
    drawer: str
    operator: str
    supervisor: str
    reason: str
    currency: str
    float_minor: int
    counted_minor: int
    expected_minor: int
    opened_at: int
    closed_at: int
    body: str


class Approval(NamedTuple):
    """A supervisor's approval of one thing at one terminal. `used_by` is the id of the message that used it."""

    id: str
    terminal: str
    purpose: str
    operation: str
    amount_minor: int
    currency: str
    supervisor: str
    operator: str
    granted_at: int
    expires_at: int
    used_at: int
    used_by: str


class Tariff(NamedTuple):
    """A service's fee and limit in one currency. Rates in hundredths of a percent, rounded half up."""

    service: str
    currency: str
    fixed_minor: int
    rate_basis_points: int
    max_amount_minor: int

    def fee_minor(self, amount_minor: int) -> int:
        """The fee for an amount."""
        return self.fixed_minor + (amount_minor * self.rate_basis_points + 5_000) // 10_000


class StoredAnswer(NamedTuple):
    """The first answer to (origin, id), kept for ever. `body` and `refused` are JSON texts; one is empty."""

    origin: str
    id: str
    digest: bytes
    operation: str
    kind: str
    at: int
    body: str
    refused: str
    alarm: str


class News(NamedTuple):
    """Something a terminal must learn; the store numbers it."""

    terminal: str
    name: str
    body: Mapping[str, Any]
    at: int
    expires_at: int


class Notice(NamedTuple):
    """Something a wallet's holder must learn."""

    wallet: str
    name: str
    body: Mapping[str, Any]
    at: int


class Alarm(NamedTuple):
    """Something staff must look at."""

    name: str
    details: Mapping[str, Any]
    origin: str = ""
    id: str = ""
    at: int = 0


class Audit(NamedTuple):
    """Who did what to whom: a row of the append-only audit log. `details` hold no secret.

    `who` is "o:<operator>", "s:<staff login>", "w:<wallet>" or "k:<worker>"; `subject` is named the same way or as
    what it is ("w:<wallet>", "operation:<id>", "drawer:<id>"). `origin` and `id` are filled in: the command's.
    """

    who: str
    what: str
    subject: str
    details: Mapping[str, Any]
    at: int
    origin: str = ""
    id: str = ""


class Report(NamedTuple):
    """What a terminal told about itself: health, tamper, a gap in its journal."""

    terminal: str
    at: int
    name: str
    body: Mapping[str, Any]


class NewsSeen(NamedTuple):
    """A terminal has shown every news up to this number."""

    terminal: str
    number: int
    at: int


class NewsAgain(NamedTuple):
    """Put a terminal's unseen, unexpired news out again: a new session signs them anew."""

    terminal: str
    at: int
