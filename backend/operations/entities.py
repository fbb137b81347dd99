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
    #: Who runs this system, as receipts name it.
    acquirer: str = "Kassa"
    sale_ttl_s: int = 180
    hold_ttl_s: int = 180
    #: A terminal that was away longer asks for the state of its sales instead of being told.
    news_ttl_s: int = 7 * 86_400
    #: The branches' time less UTC, for the days and months of limits. None of our countries moves its clocks.
    utc_offset_s: int = 0
    #: Wrong PINs in a row before the holder is blocked (standards.md 4.2).
    pin_tries: int = 3
    #: What a one-time code shown now is good for. The phone shows a new one before the old one ends.
    code_ttl_s: int = 90
    #: One-time codes a wallet may draw in a minute.
    codes_a_minute: int = 6
    #: How long after its identification a one-time code may stand for the PIN: the rest of one transaction.
    proof_ttl_s: int = 120
    #: Wrong secrets in a row before a pickup is blocked; its money goes back when it expires.
    secret_tries: int = 5
    pickup_ttl_s: int = 30 * 86_400
    #: Refunds of more than this, all refunds of the sale together, need a supervisor's approval.
    refund_limit_minor: int = 10_000
    #: A sale can be refunded for so long.
    refund_days: int = 180


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
    tax_number: str = ""
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
    #: What the holder prefers to authorise with: "pin", or "code" (a one-time code from the holder's phone).
    authorise_by: str = "pin"
    #: How well the holder is known: the level that limits go by (0 not identified).
    kyc_level: int = 1

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
    #: Of a sale: what has been given back to its payer so far.
    refunded_minor: int = 0


class OneTimeCode(NamedTuple):
    """A code a holder shows instead of the wallet's number. Only a keyed hash of it is kept.

    `used_by` is the id of the message that used it, `terminal` that message's; `spent_by` names the operation it
    authorised in place of the PIN. Times are 0 until they come.
    """

    hash: str
    wallet: str
    issued_at: int
    expires_at: int
    used_at: int
    used_by: str
    terminal: str
    spent_by: str


class Pickup(NamedTuple):
    """Money sent to whoever knows its code and its secret. It waits in the ledger account `pickup:<code>`.

    States: quoted, waiting, blocked (too many wrong secrets), paid, returned, claim (returned to suspense: the sender
    paid in cash). `wallet` is the sender's, empty for cash.
    """

    code: str
    operation: str
    terminal: str
    state: str
    amount_minor: int
    fee_minor: int
    currency: str
    wallet: str
    verifier: bytes
    tries: int
    opened_at: int
    expires_at: int
    closed_at: int

    @property
    def account(self) -> str:
        """Its ledger account."""
        return f"pickup:{self.code}"


class OpenAccount(NamedTuple):
    """A new ledger account."""

    id: str
    currency: str
    flags: int


class Movement(NamedTuple):
    """One line of a mini statement; the amount is negative where the account was debited."""

    at: int
    code: int
    amount_minor: int


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
    """A service's fee and largest amount in one currency, from a time to a time (0: without end).

    Rates are hundredths of a percent, rounded half up. From each tier's amount on, its fixed part and rate stand for
    the whole amount, in place of the tariff's own. Then the minimum and the cap hold (cap 0: none). `payer` is
    "customer" (on top of the amount), "merchant" (out of what a sale brings), or "house" (nothing is charged).
    """

    service: str
    currency: str
    fixed_minor: int
    rate_basis_points: int
    max_amount_minor: int
    valid_from: int = 0
    valid_to: int = 0
    minimum_minor: int = 0
    cap_minor: int = 0
    payer: str = "customer"
    tier_from_minor: tuple[int, ...] = ()
    tier_fixed_minor: tuple[int, ...] = ()
    tier_rate_basis_points: tuple[int, ...] = ()

    def fee_minor(self, amount_minor: int) -> int:
        """The fee for an amount, whoever pays it."""
        fixed_minor, rate = self.fixed_minor, self.rate_basis_points
        for place, from_minor in enumerate(self.tier_from_minor):
            if amount_minor >= from_minor:
                fixed_minor, rate = self.tier_fixed_minor[place], self.tier_rate_basis_points[place]
        fee_minor = max(self.minimum_minor, fixed_minor + (amount_minor * rate + 5_000) // 10_000)
        return min(fee_minor, self.cap_minor) if self.cap_minor else fee_minor


class LimitRule(NamedTuple):
    """What wallets of one KYC level may do with a service, from a time to a time (0: without end).

    Amounts and counts for one operation, a day, a month; None is no limit, 0 lets nothing through.
    """

    level: int
    service: str
    currency: str
    valid_from: int
    valid_to: int
    operation_minor: int | None = None
    day_minor: int | None = None
    day_count: int | None = None
    month_minor: int | None = None
    month_count: int | None = None


class Usage(NamedTuple):
    """What a wallet has done with a service in its current day and month; `id` is "<wallet>:<service>".

    A day is counted from 1970-01-01, a month from year 0, in the branches' time.
    """

    id: str
    day: int
    day_minor: int
    day_count: int
    month: int
    month_minor: int
    month_count: int


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
