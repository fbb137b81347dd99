"""The verdict of every parser on given bytes, as one word: to hold two interpreters against each other.

Under MicroPython this file is a script: lines "<parser> <hex>" on standard input, a verdict a line on standard output.
"""

import sys

from deskwire import dukpt, elqr, emvco, envelope, messages, pinblock, strict_json, topics
from deskwire.errors import PayloadError, WireError
from deskwire.text import decode_utf8

KEY = bytes(range(32))


def _text(parser):
    def parse(data):
        try:
            text = decode_utf8(data)
        except ValueError:
            raise WireError("not UTF-8")  # noqa: B904
        return parser(text)

    return parse


PARSERS = {
    "json": strict_json.loads,
    "up": messages.parse_up,
    "down": messages.parse_down,
    "envelope": envelope.split,
    "emvco": _text(emvco.parse),
    "elqr": _text(elqr.parse),
    "topic": _text(topics.parse),
    "registers": dukpt.Registers.from_bytes,
    "pinblock": lambda data: pinblock.decode(data, "4111111111111111", KEY),
    "pinfield": pinblock.read_field,
}


def verdict(parser, data):
    """ok, or the refusal's reason and, for a QR payload, the object it names; DEFECT for any other exception."""
    try:
        PARSERS[parser](data)
    except PayloadError as error:
        return error.reason + ":" + error.field
    except WireError as error:
        return error.reason
    except Exception as error:  # noqa: BLE001
        return "DEFECT " + type(error).__name__
    return "ok"


def main():
    """Verdicts for standard input."""
    while True:
        line = sys.stdin.readline().strip()
        if not line:
            return
        parser, _, data = line.partition(" ")
        sys.stdout.write(verdict(parser, bytes.fromhex(data)) + "\n")


if sys.implementation.name == "micropython":
    main()
