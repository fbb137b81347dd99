"""Taking an MQTT byte stream apart into packets, and a PUBLISH into topic, packet id and payload.

Only what the links look at: fixed header (MQTT 3.1.1 section 2.2), CONNECT's level (3.1.2.2) and PUBLISH (3.3).
"""

from __future__ import annotations

from dataclasses import dataclass

CONNECT = 1
PUBLISH = 3
PUBACK = 4
_MAX_PACKET_BYTES = 256 * 1024  # a message is at most 4 KiB; anything near this is not MQTT, and is passed on untouched


@dataclass(frozen=True)
class Publish:
    """One PUBLISH as it passed."""

    topic: str
    payload: bytes
    qos: int
    packet_id: int
    duplicate: bool
    retained: bool


def read_length(packet: bytes | bytearray, at: int = 1) -> tuple[int, int] | None:
    """A variable byte integer and the place after it, or None while bytes are missing."""
    value, shift = 0, 0
    for index in range(at, at + 4):
        if index >= len(packet):
            return None
        value |= (packet[index] & 0x7F) << shift
        if not packet[index] & 0x80:
            return value, index + 1
        shift += 7
    return _MAX_PACKET_BYTES + 1, at + 4


def take_packets(buffer: bytearray) -> list[bytes]:
    """Take the whole packets out of the buffer; what is not whole stays."""
    found = []
    while buffer:
        measured = read_length(buffer)
        if measured is None:
            break
        length, header = measured
        if length > _MAX_PACKET_BYTES:
            found.append(bytes(buffer))
            buffer.clear()
            break
        if len(buffer) < header + length:
            break
        found.append(bytes(buffer[: header + length]))
        del buffer[: header + length]
    return found


def packet_id(packet: bytes) -> int:
    """The packet id of a QoS 1 PUBLISH or of a PUBACK."""
    measured = read_length(packet)
    at = measured[1] if measured else 2
    if packet[0] >> 4 == PUBLISH:
        at += 2 + int.from_bytes(packet[at : at + 2], "big")
    return int.from_bytes(packet[at : at + 2], "big")


def protocol_level(packet: bytes) -> int:
    """The protocol level of a CONNECT: 4 is MQTT 3.1.1, 5 is MQTT 5."""
    measured = read_length(packet)
    at = measured[1] if measured else 2
    at += 2 + int.from_bytes(packet[at : at + 2], "big")
    return packet[at] if at < len(packet) else 4


def read_publish(packet: bytes, level: int) -> Publish | None:
    """The PUBLISH in a packet, or None when it is something else or broken."""
    measured = read_length(packet)
    if packet[0] >> 4 != PUBLISH or measured is None:
        return None
    at = measured[1]
    size = int.from_bytes(packet[at : at + 2], "big")
    topic = packet[at + 2 : at + 2 + size].decode("utf-8", "replace")
    at += 2 + size
    qos = (packet[0] >> 1) & 3
    number = 0
    if qos:
        number = int.from_bytes(packet[at : at + 2], "big")
        at += 2
    if level >= 5:
        properties = read_length(packet, at)
        if properties is None:
            return None
        at = properties[1] + properties[0]
    return Publish(topic, packet[at:], qos, number, bool(packet[0] & 8), bool(packet[0] & 1))
