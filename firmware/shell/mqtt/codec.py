"""MQTT 3.1.1 and 5 packets as bytes, and back: no sockets, no clock.

Encoders make what a client sends. `Decoder` reads what a broker sends, in pieces of any size, into one buffer that
never grows. Bytes it cannot accept raise CodecError and nothing else. Section numbers are those of MQTT 3.1.1's text.
"""

from collections import namedtuple

from shell.mqtt.errors import CodecError
from shell.mqtt.fields import properties, text, utf8, varint

V311 = 4
V5 = 5

#: Largest packet either way: a 4,096-byte envelope, its topic, packet id, and room for MQTT 5 properties.
MAX_PACKET_BYTES = 4352
#: A will is a short state message; a long one is a mistake of the caller.
MAX_WILL_BYTES = 256

Connack = namedtuple("Connack", ("session_present", "code", "properties"))
Publish = namedtuple("Publish", ("topic", "payload", "qos", "retain", "dup", "packet_id"))
Puback = namedtuple("Puback", ("packet_id", "code"))
Suback = namedtuple("Suback", ("packet_id", "codes"))
Unsuback = namedtuple("Unsuback", ("packet_id", "codes"))
Pingresp = namedtuple("Pingresp", ())
Disconnect = namedtuple("Disconnect", ("code",))

PINGREQ = b"\xc0\x00"
#: A clean goodbye: the broker drops the will. The same two bytes in both versions.
DISCONNECT = b"\xe0\x00"

_RECEIVE_MAXIMUM = 0x21
_MAXIMUM_PACKET_SIZE = 0x27
_SESSION_EXPIRY = 0x11
#: How many unacknowledged messages a broker may have towards us: each costs a packet's worth of its memory, not ours.
RECEIVE_MAXIMUM = 8


def _string(value):
    """A two-byte length and the bytes of a string (1.5.3)."""
    raw = value.encode("utf-8") if isinstance(value, str) else bytes(value)
    if len(raw) > 65535:
        raise CodecError("a string of %d bytes does not fit MQTT's 65,535" % len(raw))
    return len(raw).to_bytes(2, "big") + raw


def _topic(name):
    """A topic name or filter as MQTT wants it, or CodecError."""
    if not name or "\x00" in name:
        raise CodecError("a topic must not be empty or hold a NUL character")
    return _string(name)


def _packet(first, body):
    """Fixed header (2.2) and body; refuses what our own limit would not let pass."""
    if len(body) + 5 > MAX_PACKET_BYTES:
        raise CodecError("a packet of %d bytes is over the limit of %d" % (len(body), MAX_PACKET_BYTES))
    return bytes((first,)) + varint(len(body)) + body


def _packet_id(packet_id):
    """Two bytes of a packet identifier, which is never 0 (2.3.1)."""
    if not 1 <= packet_id <= 65535:
        raise CodecError("packet id %d is not between 1 and 65,535" % packet_id)
    return packet_id.to_bytes(2, "big")


def encode_connect(client_id, keepalive_s, version=V5, *, clean=True, user=None, password=None, will=None, expiry_s=0):
    """CONNECT (3.1). `will` is (topic, payload, retain) at QoS 1; `expiry_s` keeps an MQTT 5 session that long."""
    if version not in (V311, V5):
        raise CodecError("MQTT protocol level %r: only 4 (3.1.1) and 5 are known" % (version,))
    if not 0 <= keepalive_s <= 65535:
        raise CodecError("a keep-alive of %r seconds is not between 0 and 65,535" % (keepalive_s,))
    flags = 0x02 if clean else 0
    tail = _string(client_id)
    if will is not None:
        topic, payload, retain = will
        if len(payload) > MAX_WILL_BYTES:
            raise CodecError("a last will of %d bytes is over the limit of %d" % (len(payload), MAX_WILL_BYTES))
        flags |= 0x0C | (0x20 if retain else 0)
        tail += (b"\x00" if version == V5 else b"") + _topic(topic) + _string(payload)
    if user is not None:
        flags |= 0x80
        tail += _string(user)
        if password is not None:
            flags |= 0x40
            tail += _string(password)
    head = b"\x00\x04MQTT" + bytes((version, flags)) + keepalive_s.to_bytes(2, "big")
    if version == V5:
        wanted = bytes((_RECEIVE_MAXIMUM,)) + RECEIVE_MAXIMUM.to_bytes(2, "big")
        wanted += bytes((_MAXIMUM_PACKET_SIZE,)) + MAX_PACKET_BYTES.to_bytes(4, "big")
        if expiry_s:
            wanted += bytes((_SESSION_EXPIRY,)) + expiry_s.to_bytes(4, "big")
        head += varint(len(wanted)) + wanted
    return _packet(0x10, head + tail)


def check_publish(topic, payload) -> None:
    """CodecError if `encode_publish` could not make a packet of this, whatever its id and version."""
    if not topic or "\x00" in topic or "+" in topic or "#" in topic:
        raise CodecError("a topic to publish to must not be empty or hold NUL, + or #")
    if len(topic.encode("utf-8")) + len(payload) + 10 > MAX_PACKET_BYTES:
        raise CodecError("a message of %d bytes is over the packet limit of %d" % (len(payload), MAX_PACKET_BYTES))


def encode_publish(topic, payload, packet_id=0, version=V5, *, qos=1, retain=False, dup=False):
    """PUBLISH (3.3) at QoS 0 or 1; `packet_id` only counts at QoS 1."""
    if qos not in (0, 1):
        raise CodecError("QoS %r: only 0 and 1 are used" % (qos,))
    check_publish(topic, payload)
    first = 0x30 | (0x08 if dup and qos else 0) | (qos << 1) | (1 if retain else 0)
    head = _topic(topic)
    if qos:
        head += _packet_id(packet_id)
    if version == V5:
        head += b"\x00"
    return _packet(first, head + payload)


def encode_puback(packet_id):
    """PUBACK (3.4) that accepts; four bytes in both versions."""
    return b"\x40\x02" + _packet_id(packet_id)


def encode_subscribe(packet_id, filters, version=V5):
    """SUBSCRIBE (3.8) to each filter at QoS 1."""
    if not filters:
        raise CodecError("a SUBSCRIBE needs at least one topic filter")
    body = _packet_id(packet_id) + (b"\x00" if version == V5 else b"")
    for name in filters:
        body += _topic(name) + b"\x01"
    return _packet(0x82, body)


def encode_unsubscribe(packet_id, filters, version=V5):
    """UNSUBSCRIBE (3.10) from each filter."""
    if not filters:
        raise CodecError("an UNSUBSCRIBE needs at least one topic filter")
    body = _packet_id(packet_id) + (b"\x00" if version == V5 else b"")
    for name in filters:
        body += _topic(name)
    return _packet(0xA2, body)


class Decoder:
    """A broker's bytes in, packets out; pieces of any size, one fixed buffer.

    Read into `space()`, say how much came with `filled(n)`, then take packets with `next_packet()` until it is None.
    After a CodecError the decoder refuses everything: a stream that lost its framing cannot be read on.
    """

    def __init__(self, version=V5, limit=MAX_PACKET_BYTES) -> None:
        self.version = version
        self._limit = limit
        self._buffer = bytearray(limit)
        self._view = memoryview(self._buffer)
        self._start = 0
        self._end = 0
        self._failed = ""

    def reset(self, version) -> None:
        """Forget everything, for a new connection with this protocol version."""
        self.version = version
        self._start = self._end = 0
        self._failed = ""

    def space(self):
        """The writable rest of the buffer; empty only while whole packets wait to be taken."""
        return self._view[self._end :]

    def filled(self, count) -> None:
        """Take note that `count` bytes were written into `space()`."""
        self._end += count

    def feed(self, data):
        """Copy `data` in and yield the packets it completes."""
        data = memoryview(data)
        while True:
            count = min(len(data), self._limit - self._end)
            self._view[self._end : self._end + count] = data[:count]
            self._end += count
            data = data[count:]
            packet = self.next_packet()
            while packet is not None:
                yield packet
                packet = self.next_packet()
            if not len(data):
                return

    def finish(self) -> None:
        """The stream ended: CodecError if it ended inside a packet."""
        if self._end != self._start:
            self._fail("the connection ended inside a packet")

    def next_packet(self):
        """The next whole packet, or None until more bytes come."""
        if self._failed:
            raise CodecError(self._failed)
        header = self._header()
        if header is None:
            self._compact()
            return None
        body_at, body_end = header
        first = self._buffer[self._start]
        try:
            packet = _decode(first, self._view[body_at:body_end], self.version)
        except CodecError as error:
            self._fail(str(error))
        self._start = body_end
        if self._start == self._end:
            self._start = self._end = 0
        return packet

    def _header(self):
        """(start, end) of the body of the packet at the front, or None while it is incomplete."""
        at = self._start
        if at == self._end:
            return None
        length = 0
        for count in range(4):
            at += 1
            if at == self._end:
                return None
            byte = self._buffer[at]
            length |= (byte & 0x7F) << (7 * count)
            if byte < 0x80:
                break
        else:
            self._fail("remaining length is longer than four bytes")
        at += 1
        if at - self._start + length > self._limit:
            self._fail("a packet of %d bytes is over the limit of %d" % (length, self._limit))
        return (at, at + length) if at + length <= self._end else None

    def _compact(self) -> None:
        """Move an incomplete packet to the front, so that `space()` always has room for its rest."""
        if self._start:
            rest = bytes(self._view[self._start : self._end])
            self._view[: len(rest)] = rest
            self._start, self._end = 0, len(rest)

    def _fail(self, reason) -> None:
        """Remember the reason and raise it; also on every later call."""
        self._failed = reason
        raise CodecError(reason)


def _decode(first, body, version):
    """One packet from its first byte and its body; CodecError on anything a broker must not send us."""
    kind = first >> 4
    if kind == 3:
        return _decode_publish(first & 0x0F, body, version)
    if first & 0x0F:
        raise CodecError("packet type %d has flags 0x%X where none are allowed" % (kind, first & 0x0F))
    decode = _DECODERS.get(kind)
    if decode is None:
        raise CodecError("packet type %d is not one a broker sends to this client" % kind)
    return decode(body, version)


def _decode_publish(flags, body, version):
    """PUBLISH (3.3); topics are UTF-8, not empty, without wildcards and NUL."""
    qos = (flags >> 1) & 3
    if qos > 1:
        raise CodecError("a message came at QoS %d; only 0 and 1 were subscribed" % qos)
    if flags & 0x08 and not qos:
        raise CodecError("a message at QoS 0 is marked as a duplicate")
    raw, at = text(body, 0)
    topic = utf8(raw)
    if not topic or "+" in topic or "#" in topic:
        raise CodecError("a message came with an empty topic or one with + or #")
    packet_id = 0
    if qos:
        packet_id = _read_packet_id(body, at)
        at += 2
    if version == V5:
        _, at = properties(body, at)
    return Publish(topic, bytes(body[at:]), qos, bool(flags & 1), bool(flags & 8), packet_id)


def _read_packet_id(body, at):
    """The two-byte identifier at `at`; 0 and a body that ends before it are errors."""
    if at + 2 > len(body):
        raise CodecError("a packet ends before its packet id")
    packet_id = (body[at] << 8) | body[at + 1]
    if not packet_id:
        raise CodecError("packet id 0 is not allowed")
    return packet_id


def _decode_connack(body, version):
    """CONNACK (3.2). A broker that speaks 3.1.1 answers an MQTT 5 CONNECT with a 3.1.1 CONNACK, so both forms pass."""
    if len(body) < 2 or body[0] > 1 or (version == V311 and len(body) != 2):
        raise CodecError("CONNACK has the wrong length or flags")
    if body[0] and body[1]:
        raise CodecError("CONNACK refuses and claims a session at once")
    found = {}
    if len(body) > 2:
        found, at = properties(body, 2)
        if at != len(body):
            raise CodecError("CONNACK has bytes after its properties")
    return Connack(bool(body[0]), body[1], found)


def _decode_puback(body, version):
    """PUBACK (3.4); MQTT 5 may leave out the reason code and the properties."""
    packet_id = _read_packet_id(body, 0)
    if len(body) > 2 and version != V5:
        raise CodecError("PUBACK is longer than two bytes")
    if len(body) > 3 and properties(body, 3)[1] != len(body):
        raise CodecError("PUBACK has bytes after its properties")
    return Puback(packet_id, body[2] if len(body) > 2 else 0)


def _acknowledged(body, version):
    """Packet id and the bytes after the properties, of SUBACK and UNSUBACK."""
    packet_id = _read_packet_id(body, 0)
    at = properties(body, 2)[1] if version == V5 else 2
    return packet_id, bytes(body[at:])


def _decode_suback(body, version):
    """SUBACK (3.9): one code for each filter of the SUBSCRIBE."""
    packet_id, codes = _acknowledged(body, version)
    if not codes:
        raise CodecError("SUBACK holds no codes")
    return Suback(packet_id, codes)


def _decode_unsuback(body, version):
    """UNSUBACK (3.11); 3.1.1 has no codes in it."""
    packet_id, codes = _acknowledged(body, version)
    if bool(codes) != (version == V5):
        raise CodecError("UNSUBACK has the wrong length")
    return Unsuback(packet_id, codes)


def _decode_pingresp(body, _version):
    """PINGRESP (3.13) is empty."""
    if len(body):
        raise CodecError("PINGRESP is not empty")
    return Pingresp()


def _decode_disconnect(body, version):
    """DISCONNECT from the broker: MQTT 5 only, with the reason."""
    if version != V5:
        raise CodecError("a 3.1.1 broker must not send DISCONNECT")
    if len(body) > 1 and properties(body, 1)[1] != len(body):
        raise CodecError("DISCONNECT has bytes after its properties")
    return Disconnect(body[0] if len(body) else 0)


_DECODERS = {
    2: _decode_connack,
    4: _decode_puback,
    9: _decode_suback,
    11: _decode_unsuback,
    13: _decode_pingresp,
    14: _decode_disconnect,
}
