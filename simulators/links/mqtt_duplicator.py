"""Sends every QoS 1 PUBLISH of an MQTT byte stream twice, with the duplicate flag set the second time.

MQTT 3.1.1 section 4.3.2 lets a sender repeat an unacknowledged PUBLISH with the same packet id and DUP set, so a
receiver must cope. The second acknowledgement is dropped on its way back: the sender would not know what it answers.
"""

from __future__ import annotations

from collections import deque

_PUBLISH = 3
_PUBACK = 4
_MAX_PACKET_BYTES = 256 * 1024  # a message is at most 4 KiB; anything near this is not MQTT, and is passed on untouched
_MAX_OPEN = 4096  # duplicated packets whose second acknowledgement has not come back yet


def _read_length(buffer: bytearray) -> tuple[int, int] | None:
    """The remaining length and the size of the fixed header, or None while bytes are missing."""
    value, shift = 0, 0
    for index in range(1, 5):
        if index >= len(buffer):
            return None
        value |= (buffer[index] & 0x7F) << shift
        if not buffer[index] & 0x80:
            return value, index + 1
        shift += 7
    return _MAX_PACKET_BYTES + 1, 5


def packets(buffer: bytearray) -> list[bytes]:
    """Take the whole packets out of the buffer; what is not whole stays."""
    found = []
    while buffer:
        measured = _read_length(buffer)
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


def _packet_id(packet: bytes) -> int:
    """The packet id of a QoS 1 PUBLISH or a PUBACK."""
    measured = _read_length(bytearray(packet[:5]))
    at = measured[1] if measured else 2
    if packet[0] >> 4 == _PUBLISH:
        at += 2 + int.from_bytes(packet[at : at + 2])
    return int.from_bytes(packet[at : at + 2])


class Duplicator:
    """One connection, both directions. While `enabled` is false the bytes pass as they are."""

    def __init__(self) -> None:
        self.enabled = False
        self.duplicated = 0
        self._buffers = {"up": bytearray(), "down": bytearray()}
        #: Per direction of the PUBLISH: ids whose second PUBACK must be swallowed, each after a first that must pass.
        self._swallow: dict[str, dict[int, int]] = {"up": {}, "down": {}}
        self._order: deque[tuple[str, int]] = deque()

    def feed(self, direction: str, data: bytes) -> bytes:
        """Take bytes going `up` or `down`; return the bytes to send on.

        Packets are framed even while disabled, so that the switch can flip at any moment.
        """
        buffer = self._buffers[direction]
        buffer += data
        return b"".join(self._pass(direction, packet) for packet in packets(buffer))

    def _pass(self, direction: str, packet: bytes) -> bytes:
        kind = packet[0] >> 4
        if kind == _PUBACK:
            return self._pass_ack("down" if direction == "up" else "up", packet)
        if kind != _PUBLISH or not self.enabled or (packet[0] >> 1) & 3 != 1:
            return packet
        self._remember(direction, _packet_id(packet))
        self.duplicated += 1
        return packet + bytes([packet[0] | 0x08]) + packet[1:]

    def _remember(self, direction: str, packet_id: int) -> None:
        self._swallow[direction][packet_id] = 2
        self._order.append((direction, packet_id))
        if len(self._order) > _MAX_OPEN:
            old_direction, old_id = self._order.popleft()
            self._swallow[old_direction].pop(old_id, None)

    def _pass_ack(self, publish_direction: str, packet: bytes) -> bytes:
        open_acks = self._swallow[publish_direction]
        packet_id = _packet_id(packet)
        left = open_acks.get(packet_id, 0)
        if left == 2:
            open_acks[packet_id] = 1
            return packet
        if left == 1:
            del open_acks[packet_id]
            return b""
        return packet
