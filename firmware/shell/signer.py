"""Makes and reads envelopes: every message gets its own keys, stored away before it can leave."""

from deskwire import envelope, messages, pinblock
from deskwire.errors import WireError


class Sealed:
    """A message ready to leave: its envelope, and the key that its answer or ack will be signed with."""

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

    def seal(self, build, command, pin=None, account=None):
        """Seal the message of an Ask or Tell; `build` is messages.build_ask or build_tell. The PIN entry is wiped.

        Raises WireError (the message breaks the catalogue, or the keys are used up) or OSError (the flash).
        """
        try:
            keys = self._keystore.next()
            body = command.body
            if pin is not None:
                block = pin.take(lambda digits: pinblock.encode(digits, account, self._random_bytes(8), keys.pin_key))
                body = dict(body, pin_block=block.hex().upper())
            time, clock_set = self._clock.epoch_s(), self._clock.is_set()
            payload = build(command.type, command.id, self._terminal, time, clock_set, body)
            jws = envelope.seal(payload, keys.ksn, keys.mac_up_key, envelope.UP_LIMIT)
        finally:
            if pin is not None:
                pin.wipe()
        return Sealed(jws, keys.mac_down_key, keys.ksn)

    def open(self, jws, key_for):
        """The message in an envelope that came down. `key_for(ksn, down)` names the key it must be signed with.

        Raises WireError if there is no such key, or the signature, the form or the addressee is wrong.
        """
        parts = envelope.split(jws, envelope.DOWN_LIMIT)
        down = messages.parse_down(parts.payload)
        key = key_for(parts.ksn, down)
        if key is None or not envelope.verify(parts, key):
            raise WireError("not signed with the key it needs", "not_authentic")
        if down.terminal != self._terminal:
            raise WireError("for another terminal", "wrong_terminal")
        return down


def operation_of(jws):
    """(id, type, operation) of a tell of our own, read back from the journal."""
    up = messages.parse_up(envelope.split(jws, envelope.UP_LIMIT).payload)
    return up.id, up.type, up.body.get("operation") or up.body.get("sale") or ""
