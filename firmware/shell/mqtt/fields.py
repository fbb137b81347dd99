"""The fields MQTT packets are made of: variable-length integers, strings, MQTT 5 properties; strict and bounded."""

from shell.mqtt.errors import CodecError

#: MQTT 5 property identifier -> how its value is written (MQTT 5, 2.2.2.2). A count is that many bytes.
_UTF8, _BINARY, _PAIR, _VARINT = -1, -2, -3, -4
_FORMS = {
    0x01: 1, 0x02: 4, 0x03: _UTF8, 0x08: _UTF8, 0x09: _BINARY, 0x0B: _VARINT, 0x11: 4, 0x12: _UTF8, 0x13: 2,
    0x15: _UTF8, 0x16: _BINARY, 0x17: 1, 0x18: 4, 0x19: 1, 0x1A: _UTF8, 0x1C: _UTF8, 0x1F: _UTF8, 0x21: 2,
    0x22: 2, 0x23: 2, 0x24: 1, 0x25: 1, 0x26: _PAIR, 0x27: 4, 0x28: 1, 0x29: 1, 0x2A: 1,
}  # fmt: skip


def varint(value) -> bytes:
    """A variable byte integer (MQTT 3.1.1, 2.2.3)."""
    if not 0 <= value <= 268435455:
        raise CodecError("%d does not fit MQTT's remaining length" % value)
    out = bytearray()
    while True:
        byte = value & 0x7F
        value >>= 7
        out.append(byte | 0x80 if value else byte)
        if not value:
            return bytes(out)


def read_varint(body, at):
    """(value, position after it) of the variable byte integer at `at`."""
    value = 0
    for count in range(4):
        if at >= len(body):
            raise CodecError("a packet ends inside a length")
        byte = body[at]
        at += 1
        value |= (byte & 0x7F) << (7 * count)
        if byte < 0x80:
            return value, at
    raise CodecError("a length is longer than four bytes")


def text(body, at):
    """(view of the bytes, position after them) of the length-prefixed string at `at`."""
    if at + 2 > len(body):
        raise CodecError("a packet ends inside a string's length")
    end = at + 2 + ((body[at] << 8) | body[at + 1])
    if end > len(body):
        raise CodecError("a string is longer than its packet")
    return body[at + 2 : end], end


def utf8(raw) -> str:
    """Decode strictly (1.5.3): no overlong forms, no surrogates, no NUL. MicroPython's own decoder lets those pass."""
    at = 0
    while at < len(raw):
        first = raw[at]
        if 0 < first < 0x80:
            at += 1
            continue
        size = 2 if 0xC2 <= first <= 0xDF else 3 if 0xE0 <= first <= 0xEF else 4 if 0xF0 <= first <= 0xF4 else 0
        if not size or at + size > len(raw):
            raise CodecError("a topic is not valid UTF-8")
        point = first & (0xFF >> (size + 1))
        for follow in range(at + 1, at + size):
            if raw[follow] & 0xC0 != 0x80:
                raise CodecError("a topic is not valid UTF-8")
            point = (point << 6) | (raw[follow] & 0x3F)
        if point < (0, 0, 0x80, 0x800, 0x10000)[size] or 0xD800 <= point <= 0xDFFF or point > 0x10FFFF:
            raise CodecError("a topic is not valid UTF-8")
        at += size
    return str(bytes(raw), "utf-8")


def properties(body, at):
    """(identifier -> number, position after them) of the MQTT 5 properties at `at`; texts are checked and skipped."""
    length, at = read_varint(body, at)
    end = at + length
    if end > len(body):
        raise CodecError("properties are longer than their packet")
    body = body[:end]
    found = {}
    while at < end:
        kind = body[at]
        form = _FORMS.get(kind)
        if form is None:
            raise CodecError("property 0x%02X is not known" % kind)
        value, at = _value(form, body, at + 1)
        if value is None:
            continue
        if kind in found and kind != 0x0B:
            raise CodecError("property 0x%02X stands twice" % kind)
        found[kind] = value
    return found, end


def _value(form, body, at):
    """(number or None for a text, position after it) of one property's value."""
    if form > 0:
        if at + form > len(body):
            raise CodecError("properties end inside a number")
        value = 0
        for byte in body[at : at + form]:
            value = (value << 8) | byte
        return value, at + form
    if form == _VARINT:
        return read_varint(body, at)
    raw, at = text(body, at)
    if form != _BINARY:
        utf8(raw)
    if form == _PAIR:
        raw, at = text(body, at)
        utf8(raw)
    return None, at
