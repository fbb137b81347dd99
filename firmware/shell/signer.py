"""Makes and reads envelopes: every message gets its own keys, stored away before it can leave.

A device has no room for the catalogue's field checks. What it builds is held to the catalogue by tests, and checked by
the backend; what it reads is believed only after the signature, and was checked by the backend that signed it.
"""

import json

from deskwire import envelope, pinblock
from deskwire.errors import WireError

_VERSION = 1


class Sealed:
    """A message ready to leave: its envelope, and the KSN and key that its answer or ack will be signed with."""

    __slots__ = ("jws", "key", "ksn")

    def __init__(self, jws, key, ksn):
        self.jws = jws
        self.key = key
        self.ksn = ksn

    def __repr__(self):
        return "Sealed({} bytes)".format(len(self.jws))


class Signer:
    """Seals what goes up; opens what comes down."""

    def __init__(self, terminal, keystore, clock, random_bytes):
        self._terminal = terminal
        self._keystore = keystore
        self._clock = clock
        self._random_bytes = random_bytes

    def seal(self, kind, command):
        """Seal an Ask or a Tell. An ask's PIN entry becomes the PIN block and is wiped.

        Raises WireError (the message is too long, or the keys are used up) or OSError (the flash).
        """
        pin = command.pin if kind == "ask" else None
        try:
            keys = self._keystore.next()
            body = command.body
            if pin is not None:
                body = dict(body)
                self._put_pins(body, pin, command.account, keys.pin_key)
            payload = json.dumps(self._message(kind, command, body), separators=(",", ":")).encode()
            jws = envelope.seal(payload, keys.ksn, keys.mac_up_key, envelope.UP_LIMIT)
        finally:
            if pin is not None:
                pin.wipe()
        return Sealed(jws, keys.mac_down_key, keys.ksn)

    def _put_pins(self, body, pin, account, key):
        """Put the PIN block into the body; of a PIN typed twice, the second entry's block too."""

        def encode(digits):
            return pinblock.encode(digits, account, self._random_bytes(8), key).hex().upper()

        if pin.first is None:
            body["pin_block"] = pin.take(encode)
        else:
            body["pin_block"] = pin.first.take(encode)
            body["pin_block_again"] = pin.take(encode)

    def _message(self, kind, command, body):
        """The message as the wire has it."""
        return {
            "v": _VERSION,
            "kind": kind,
            "type": command.type,
            "id": command.id,
            "terminal": self._terminal,
            "time": self._clock.epoch_s(),
            "clock_set": self._clock.is_set(),
            "body": body,
        }

    def open(self, jws, key_for):
        """The message (a dict) in an envelope that came down, signed with the key that `key_for(parts)` names.

        Raises WireError if there is no such key, or the signature, the form or the addressee is wrong. Nothing of the
        message is looked at before its signature is right.
        """
        parts = envelope.split(jws, envelope.DOWN_LIMIT)
        key = key_for(parts)
        if key is None or not envelope.verify(parts, key):
            raise WireError("not signed with the key it needs", "not_authentic")
        message = json.loads(parts.payload)
        if message["terminal"] != self._terminal or message["v"] != _VERSION:
            raise WireError("for another terminal or of another version", "wrong_terminal")
        return message


def operation_of(jws):
    """(id, type, operation, amount, currency) of a tell of our own, read back from the journal."""
    message = json.loads(envelope.split(jws, envelope.UP_LIMIT).payload)
    body = message["body"]
    operation = body.get("operation") or body.get("sale") or ""
    return message["id"], message["type"], operation, body.get("amount_minor", 0), body.get("currency", "")
