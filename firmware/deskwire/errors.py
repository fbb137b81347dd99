"""Every error the wire raises: one tree, each leaf naming a refusal reason and saying what was wrong."""


class WireError(Exception):
    """Something on the wire is not as it must be. `reason` is one of `reasons.BY_NAME`; `text` says what and where.

    Texts name fields and rules; they never repeat a PIN block, a key or a whole message.
    """

    reason = "malformed"

    def __init__(self, text: str, reason: "str | None" = None) -> None:
        super().__init__(text)
        self.text = text
        if reason is not None:
            self.reason = reason


class MoneyError(WireError):
    """An amount or a currency is not one."""

    reason = "amount_invalid"


class TopicError(WireError):
    """A topic is not one of ours."""


class EnvelopeError(WireError):
    """A signed envelope is not in its one form."""


class MessageError(WireError):
    """A message's JSON or one of its fields breaks the catalogue."""


class PayloadError(WireError):
    """A QR payload breaks its profile. `field` is the object's ID ("54", "26.00", "" for the whole)."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__("%s: %s" % (field, text) if field else text)
        self.field = field


class DukptError(WireError):
    """A key, key set identifier, counter or register state breaks AES DUKPT's rules."""


class KeyExhaustedError(DukptError):
    """The initial key has no counter left; the terminal needs a new key."""

    reason = "key_exhausted"


class PinBlockError(WireError):
    """A PIN, account or PIN block breaks ISO 9564-1 format 4. Never holds a digit."""

    reason = "pin_wrong"


class UnsupportedError(WireError):
    """This interpreter's cryptography cannot do what was asked (AES-192 on a device)."""

    reason = "unavailable"
