# ruff: noqa: E501  (a page of prose and tables)
"""docs/wire.md: the wire on one page for outsiders, made from the catalogue."""

from __future__ import annotations

from deskwire import catalogue, envelope, money, reasons
from kassa.conform.fields_text import fields

PATH = "docs/wire.md"

_HEAD = """<!-- Generated from firmware/deskwire by `kassa conform documents`. -->

# The wire

What a terminal and the backend say to each other. Broker and hub carry it and hold no key. The definition is
`firmware/deskwire/`, one code for terminal, hub and backend; this page and `asyncapi.yaml` are made from it.

## Envelope

Every message is a JWS compact serialization (RFC 7515), HS256:

    base64url({{"alg":"HS256","kid":"<KSN>"}}) . base64url(<JSON payload>) . base64url(<HMAC-SHA-256>)

- The header is exactly that: two members, in that order, no spaces, the KSN as 24 upper-case hex digits. Anything
  else is refused.
- The payload is signed as sent. base64url has no padding and only its canonical form is taken.
- At most {up} bytes up and {down} bytes down, for the whole envelope.
- The key is AES DUKPT's (ANSI X9.24-3) HMAC key of that KSN, as long as the base derivation key (AES-256 in production):
  usage 2000 from the terminal, 2001 from the backend.
- Answers and acks are signed under the request's own KSN; news under the KSN of the last accepted `hello`.
- PIN blocks are ISO 9564-1 format 4 under the same KSN's PIN key (usage 1000), bound to the account number. A wallet's
  number has 16 digits with a Luhn check digit; an operator's PIN block is bound to `99`, the number filled with zeros to 13
  digits, and the check digit.
- The terminal stores its advanced key state before a message leaves. Counters with more than 16 one bits are skipped.

## JSON

UTF-8, objects without duplicate keys, integers only (at most 2^53-1; no fraction, exponent or `-0`), at most 6 levels deep.
Texts hold no control characters, lone surrogates, noncharacters or marks that reorder text. Unknown fields are refused. Both
interpreters, CPython and MicroPython, give the same verdict on every message.

Amounts are integers of minor units with the currency beside them ({currencies}).
Times are UTC epoch seconds. Ids are 128 random bits as 26 characters of Crockford's base32.

## Topics

| topic | direction | what |
|---|---|---|
| `kassa/1/<terminal>/ask` | up | asks; memory only, answered before a deadline |
| `kassa/1/<terminal>/tell` | up | tells; stored at every hop, repeated until acked |
| `kassa/1/<terminal>/answer` | down | answers and acks |
| `kassa/1/<terminal>/news` | down | news |
| `kassa/1/<terminal>/state` | up, retained, last will | presence of the terminal |
| `kassa/1/hub/<hub>/state` | down, retained, last will | presence of the hub and its backend |

QoS 1 throughout. Up: `v`, `kind` (ask or tell), `type`, `id`, `terminal`, `time`, `clock_set`, `body`.
Down: `v`, `kind` (answer, ack or news), `terminal`, `time`, and `to` with `body` or `refused`; for news `number`,
`expires_at`, `news`, `body`. The same id with the same bytes gets the stored answer again; with other bytes it is refused.
"""


def text() -> str:
    """The page as it is committed."""
    currencies = ", ".join(f"{code}: {places} decimals" for code, places in money.EXPONENTS.items())
    parts = [_HEAD.format(up=envelope.UP_LIMIT, down=envelope.DOWN_LIMIT, currencies=currencies)]
    parts.append("## Asks\n\nA question; it may be refused with a reason.\n\n| ask | body | answer |\n|---|---|---|")
    for name in catalogue.ORDER["ask"]:
        body, answer = catalogue.ASKS[name]
        parts.append(f"| `{name}` | {cell(body)} | {cell(answer)} |")
    booked = ", ".join(f"`{word}`" for word in catalogue.BOOKED)
    parts.append(
        "\n## Tells\n\nSomething that happened; never refused. The ack says how it was booked: "
        f"{booked}.\n\n| tell | body |\n|---|---|"
    )
    parts += [f"| `{name}` | {cell(catalogue.TELLS[name][0])} |" for name in catalogue.ORDER["tell"]]
    parts.append("\n## News\n\nNumbered per terminal, kept until seen or expired.\n\n| news | body |\n|---|---|")
    parts += [f"| `{name}` | {cell(catalogue.NEWS[name])} |" for name in catalogue.ORDER["news"]]
    parts.append(
        "\n## Refusal reasons\n\nThe list is closed and its order fixed. A transient refusal may be tried again.\n\n"
        "| reason | transient | what the cashier reads | response code (as in ISO 8583) |\n|---|---|---|---|"
    )
    parts += [
        f"| `{reason.name}` | {'yes' if reason.transient else ''} | {reason.text} | {reason.response_code} |"
        for reason in reasons.REASONS
    ]
    parts.append(f"\nA refusal may add: {cell(catalogue.REFUSAL)}.\n")
    return "\n".join(parts)


def cell(spec: tuple[object, ...]) -> str:
    """A body's fields in a table's cell."""
    return "; ".join(fields(spec)).replace("|", "\\|")
