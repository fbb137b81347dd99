"""What can go wrong on the link to the broker: one tree of exceptions, texts without secrets."""


class LinkError(Exception):
    """Base of every error of the MQTT link."""


class CodecError(LinkError):
    """Bytes that are not a packet this terminal accepts. The connection they came on is unusable."""


class LinkDownError(LinkError):
    """There is no working connection to the broker, or it was lost."""


class FullError(LinkError):
    """Too many publishes wait already; the caller has to slow down."""


class RefusedError(LinkError):
    """The broker said no. `code` is its reason code: 0x87 is "not authorised" in MQTT 5, 4 and 5 in a 3.1.1 CONNACK."""

    def __init__(self, what: str, code: int) -> None:
        super().__init__(what + ": " + reason_text(code))
        self.code = code


#: CONNACK return codes of MQTT 3.1.1 (below 6) and the reason codes of MQTT 5 that a terminal can meet.
_TEXTS = {
    0x01: "protocol version not supported",
    0x02: "client id refused",
    0x03: "broker unavailable",
    0x04: "wrong user or password",
    0x05: "not authorised",
    0x10: "nobody is subscribed",
    0x80: "unspecified error",
    0x81: "malformed packet",
    0x82: "protocol error",
    0x84: "protocol version not supported",
    0x85: "client id refused",
    0x86: "wrong user or password",
    0x87: "not authorised",
    0x88: "broker unavailable",
    0x89: "broker busy",
    0x8A: "banned",
    0x8B: "broker shutting down",
    0x8D: "keep-alive timeout",
    0x8E: "another client took over this client id",
    0x8F: "topic filter invalid",
    0x90: "topic name invalid",
    0x93: "too many messages in flight",
    0x95: "packet too large",
    0x97: "quota exceeded",
    0x99: "payload format invalid",
    0x9A: "retain not supported",
    0x9B: "QoS not supported",
}

#: The broker did not understand the version of the protocol: 3.1.1's code, MQTT 5's code.
VERSION_CODES = (0x01, 0x84)


def reason_text(code: int) -> str:
    """A reason code in words and in hex, for logs and the fault screen."""
    return "%s (0x%02X)" % (_TEXTS.get(code, "refused"), code)
