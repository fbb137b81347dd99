"""Every message's fields as one compact text, read one message at a time, and the checks of whole messages.

A device has no room for all specs at once: it reads a line of `TABLE` when it needs that message, and forgets it.
A host keeps what it has read. `catalogue` shows the whole as tables, for hosts, documents and tests.
"""

import sys
from typing import TYPE_CHECKING

from deskwire.errors import MessageError
from deskwire.fields import check
from deskwire.money import MAX_AMOUNT_MINOR
from deskwire.text import quoted

if TYPE_CHECKING:
    from deskwire.fields import Spec

#: A line a message: where it stands, its type, its fields. A field is `name:kind`, or `name` where its kind has the
#: same name; "?" marks one that may be absent. A kind is a word with bounds (`text.1.32`, `amount.0`, `one.open.paid`,
#: `list.low.high.kind`, `null.kind`), or a name that a line with "=" explains, as another kind or as fields.
TABLE = """
ask hello firmware:text.1.32 config_version:count waiting_tells:count boot_reason:text.1.24 news_seen:count
answer hello session:hex.24 currency country:text.2.2 mcc:digits.4.4 merchant_name:text.1.25 \
merchant_city:text.1.15 outlet:text.1.32 config_version:count operators_version:count drawer:null.open_drawer \
services:list.0.24.text.1.24 sale_ttl_s:integer.1.86400 hold_ttl_s:integer.1.86400 \
tax_number?:text.0.20 acquirer?:text.1.25 receipts?:text.1.120
ask operator.sign_on operator pin_block
answer operator.sign_on operator name:text.1.64 role drawer:null.open_drawer
ask approval.grant operator pin_block purpose operation?:id amount_minor?:amount.0 currency?
answer approval.grant approval:id name:text.1.64 expires_at:time
ask drawer.open operator float_minor:amount.0 currency
answer drawer.open drawer:id cash_minor:amount.0 low_minor?:amount.0 high_minor?:amount.0
ask drawer.drop operator amount_minor:amount.1 currency
answer drawer.drop bag:code cash_minor:amount.0
ask drawer.receive operator bag:code
answer drawer.receive bag:code amount_minor:amount.1 currency from:terminal dropped_at:time
ask drawer.handover operator to:operator pin_block counted_minor:amount.0 currency
answer drawer.handover operator name:text.1.64 role drawer:open_drawer
ask drawer.report operator
answer drawer.report drawer:id opened_at:time float_minor:amount.0 currency cash_minor?:amount.0 \
lines:list.0.16.report_line
ask drawer.count operator currency counted_minor:amount.0 pieces:list.0.24.piece
answer drawer.count drawer:id counted_minor:amount.0 expected_minor:amount.0 currency
ask drawer.close operator drawer:id reason?:variance_reason approval?:id
answer drawer.close number counted_minor:amount.0 expected_minor:amount.0 currency bag?:code
ask sale.open operator amount_minor:amount.1 currency reference?:text.1.25
answer sale.open sale:id qr:text.1.512 link:text.1.200 expires_at:time
ask sale.status sale:id
answer sale.status sale:id state:sale_state amount_minor?:amount.0 currency? authorisation_code?:code paid_at?:time \
payer?:holder
ask cash_in.quote operator account amount_minor:amount.1 currency
answer cash_in.quote holder fee_minor:amount.0 total_minor:amount.0
ask cash_out.authorize operator account amount_minor:amount.1 currency pin_block? identified?:id
answer cash_out.authorize authorisation_code:code holder fee_minor:amount.0 expires_at:time
ask balance operator account pin_block? identified?:id
answer balance holder available_minor:integer.-999999999999.999999999999 held_minor:amount.0 currency
ask customer_pin.set operator account approval:id pin_block pin_block_again:pin_block
answer customer_pin.set holder
ask operation.status operations:list.1.5.id
answer operation.status operations:list.1.5.known_operation
ask bill.catalogue operator group page:integer.0.99
answer bill.catalogue services:list.0.6.rail_service pages:integer.1.100
ask bill.lookup operator service:text.1.24 reference:digits.1.34 amount_minor?:amount.1 currency
answer bill.lookup name:text.1.32 shown:text.1.64 debt_minor:amount.0 amount_minor:amount.0 fee_minor:amount.0 \
total_minor:amount.0 min_minor:amount.0 max_minor:amount.0 currency
ask bill.pay operation:id operator account amount_minor:amount.1 fee_minor:amount.0 currency pin_block? \
identified?:id
answer bill.pay operation:id state:text.1.16
ask customer.identify operator code:account
answer customer.identify account holder authorise_by:one.pin.code
ask statement operator account pin_block? identified?:id
answer statement holder available_minor:integer.-999999999999.999999999999 currency rows:list.0.8.statement_row
ask transfer.quote operator account to:account amount_minor:amount.1 currency
answer transfer.quote holder fee_minor:amount.0 total_minor:amount.0
ask transfer.make operator account to:account amount_minor:amount.1 currency fee_minor:amount.0 pin_block? \
identified?:id
answer transfer.make authorisation_code:code holder
ask refund.find operator code?:code sale?:id
answer refund.find sales:list.0.5.refundable
ask refund.make operator sale:id amount_minor:amount.1 currency approval?:id
answer refund.make authorisation_code:code holder
ask pickup.quote operator amount_minor:amount.1 currency account?:account
answer pickup.quote code:pickup_code fee_minor:amount.0 total_minor:amount.0 expires_at:time
ask pickup.secret operator operation:id code:pickup_code pin_block
answer pickup.secret code:pickup_code
ask pickup.fund operator operation:id code:pickup_code account currency pin_block? identified?:id
answer pickup.fund authorisation_code:code holder
ask pickup.redeem operator code:pickup_code pin_block
answer pickup.redeem account amount_minor:amount.1 currency authorisation_code:code expires_at:time
tell operation.void operation:id type:one.transfer.refund.pickup why
tell pickup.taken operation:id operator code:pickup_code amount_minor:amount.1 currency fee_minor:amount.0 drawer:id
tell cash_in.taken operation:id operator account amount_minor:amount.1 currency fee_minor:amount.0 drawer:id
tell bill.taken operation:id operator amount_minor:amount.1 fee_minor:amount.0 currency drawer:id
tell bill.returned operation:id operator amount_minor:amount.1 currency drawer:id
tell bill.void operation:id why
tell cash_out.paid operation:id operator account amount_minor:amount.1 currency authorisation_code:code drawer:id
tell cash_out.void operation:id why
tell sale.cancel sale:id why
tell news.seen number
tell journal.gap lost:count why:text.1.64
tell health free_heap:count free_flash:count waiting_tells:count oldest_tell_s:count uptime_s:count \
boot_reason:text.1.24
tell tamper what:text.1.64
news sale.paid sale:id amount_minor:amount.1 currency authorisation_code:code paid_at:time payer:holder
news sale.expired sale:id
news config.changed config_version:count
news hold.expired operation:id
news bill.done operation:id name:text.1.32 amount_minor:amount.1 currency receipt:text.0.40
news bill.failed operation:id name:text.1.32 amount_minor:amount.1 currency why:text.1.40 return_minor:amount.0
up message v:integer.1.1 kind:one.ask.tell type:text.1.32 id terminal time clock_set:bool body:any
down answer v:integer.1.1 kind:down_kind to:id terminal time body:any
down refused v:integer.1.1 kind:down_kind to:id terminal time refused:refusal
down ack v:integer.1.1 kind:down_kind to:id terminal time body:ack_body
down news v:integer.1.1 kind:down_kind number terminal time expires_at:time news:text.1.32 body:any
= rail_service service:text.1.24 name:text.1.24 label:text.1.24 min_digits:count max_digits:count
= group one.bills.transfers
= open_drawer drawer:id state:one.open.counted operator cash_minor:amount.0 counted_minor?:amount.0 \
low_minor?:amount.0 high_minor?:amount.0
= known_operation operation:id type:text.0.32 state:operation_state amount_minor?:amount.0 currency? at?:time \
reason?:text.1.32 authorisation_code?:code
= statement_row at:time type:text.1.24 amount_minor:integer.-999999999999.999999999999
= refundable sale:id amount_minor:amount.1 refunded_minor:amount.0 currency paid_at:time payer:holder
= pickup_code digits.12.12
= refusal reason:text.1.32 tries_left?:integer.0.99 limit_minor?:amount.0 currency? operator? state?:text.1.16 \
text?:text.1.200 left_minor?:amount.0 period?:one.operation.day.month limit_count?:count
= ack_body booked
= down_kind one.answer.ack.news
= booked one.as_told.suspense.remembered.nothing_to_do
= report_line line:text.1.16 count in_minor:amount.0 out_minor:amount.0
= piece face_minor:amount.1 count:integer.1.9999
= variance_reason one.counting.change.false_note.missing_slip.unknown
= purpose one.variance.refund.pin_reset.unfreeze.cash_out_limit
= role one.cashier.supervisor
= why one.cancelled.timeout.no_answer.restart
= sale_state one.open.paid.expired.cancelled.unknown
= operation_state one.unknown.refused.open.paid.expired.cancelled.held.paid_out.voided.quoted.taken.suspense.done\
.pending.failed.returned
= operator digits.3.8
= pin_block hex.32
= holder text.1.64
= code digits.6.6
= time integer.0.4294967295
= count integer.0.2147483647
= number integer.1.2147483647
"""

#: Specs that a host has read; bounded by the table's lines. None on a device, which reads again.
_KNOWN = None if sys.implementation.name == "micropython" else {}  # type: dict[str, Spec | None] | None


def find(place: str) -> "Spec | None":
    """The spec that stands at a place: "ask sale.open", "answer sale.open", "tell ...", "news ...", "= role"."""
    if _KNOWN is not None and place in _KNOWN:
        return _KNOWN[place]
    start = TABLE.find("\n" + place + " ") + len(place) + 2
    if start < len(place) + 2 or len(place.split(" ")) != 2 or "\n" in place:
        return None
    line = TABLE[start : TABLE.find("\n", start)]
    spec = _kind(line) if place[0] == "=" and ":" not in line and "." in line else _fields(line)
    if _KNOWN is not None:
        _KNOWN[place] = spec
    return spec


def _fields(line: str) -> "Spec":
    """("object", name -> (spec, required), names in order)."""
    known = {}
    names = []
    for field in line.split(" "):
        name, _, kind = field.partition(":")
        required = name[-1] != "?"
        name = name.rstrip("?")
        known[name] = (_kind(kind or name), required)
        names.append(name)
    return ("object", known, tuple(names))


def _kind(text: str) -> "Spec":
    """The spec of one kind with its bounds."""
    kind, _, bounds = text.partition(".")
    if kind == "one":
        return ("choice", tuple(bounds.split(".")))
    if kind == "null":
        return ("nullable", _kind(bounds))
    if kind == "list":
        low, high, item = bounds.split(".", 2)
        return ("list", _kind(item), int(low), int(high))
    if kind == "amount":
        return ("amount", int(bounds), MAX_AMOUNT_MINOR)
    if bounds:
        return (kind,) + tuple([int(bound) for bound in bounds.split(".")])
    return find("= " + kind) or (kind,)


def check_body(kind: str, name: str, body: object) -> None:
    """The body of an ask, a tell or a news item of type `name`; reason unknown_type for one we do not have."""
    spec = find(kind + " " + name)
    if spec is None:
        raise MessageError("type: no %s is called %s" % (kind, quoted(name)), "unknown_type")
    check(spec, body, "body")


def check_answer(ask_type: str, body: object) -> None:
    """The body of an answer to an ask of that type."""
    spec = find("answer " + ask_type)
    if spec is None:
        raise MessageError("type: no ask is called %s" % quoted(ask_type), "unknown_type")
    check(spec, body, "body")


def check_message(message: object, direction: str) -> None:
    """A whole decoded message, "up" or "down". An answer's body is only an object here: see check_answer."""
    if not isinstance(message, dict):
        raise MessageError("message: not an object")
    if direction == "up":
        check(find("up message"), message, "")  # type: ignore[arg-type]
        check_body(message["kind"], message["type"], message["body"])
        return
    kind = message.get("kind")
    if kind not in ("news", "ack"):
        kind = "refused" if "refused" in message else "answer"
    check(find("down " + kind), message, "")  # type: ignore[arg-type]
    if kind == "news":
        check_body("news", message["news"], message["body"])
    elif kind == "answer" and not isinstance(message["body"], dict):
        raise MessageError("body: not an object")
