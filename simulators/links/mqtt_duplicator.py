"""Sends every QoS 1 PUBLISH of an MQTT byte stream twice, with the duplicate flag set the second time.

MQTT 3.1.1 section 4.3.2 lets a sender repeat an unacknowledged PUBLISH with the same packet id and DUP set, so a
receiver must cope. The second acknowledgement is dropped on its way back: the sender would not know what it answers.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from simulators.links import mqtt_stream

if TYPE_CHECKING:
    from collections.abc import Callable

_MAX_OPEN = 4096  # duplicated packets whose second acknowledgement has not come back yet


class Duplicator:
    """One connection, both directions. While `enabled` is false the bytes pass as they are."""

    def __init__(self, tap: Callable[[str, mqtt_stream.Publish], None] | None = None) -> None:
        self.enabled = False
        self.duplicated = 0
        self._tap = tap
        self._level = 4
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
        return b"".join(self._pass(direction, packet) for packet in mqtt_stream.take_packets(buffer))

    def _pass(self, direction: str, packet: bytes) -> bytes:
        kind = packet[0] >> 4
        if kind == mqtt_stream.CONNECT:
            self._level = mqtt_stream.protocol_level(packet)
        if kind == mqtt_stream.PUBACK:
            return self._pass_ack("down" if direction == "up" else "up", packet)
        if kind != mqtt_stream.PUBLISH:
            return packet
        self._show(direction, packet)
        if not self.enabled or (packet[0] >> 1) & 3 != 1:
            return packet
        self._remember(direction, mqtt_stream.packet_id(packet))
        self.duplicated += 1
        again = bytes([packet[0] | 0x08]) + packet[1:]
        self._show(direction, again)
        return packet + again

    def _show(self, direction: str, packet: bytes) -> None:
        if self._tap is not None:
            seen = mqtt_stream.read_publish(packet, self._level)
            if seen is not None:
                self._tap(direction, seen)

    def _remember(self, direction: str, packet_id: int) -> None:
        self._swallow[direction][packet_id] = 2
        self._order.append((direction, packet_id))
        if len(self._order) > _MAX_OPEN:
            old_direction, old_id = self._order.popleft()
            self._swallow[old_direction].pop(old_id, None)

    def _pass_ack(self, publish_direction: str, packet: bytes) -> bytes:
        open_acks = self._swallow[publish_direction]
        packet_id = mqtt_stream.packet_id(packet)
        left = open_acks.get(packet_id, 0)
        if left == 2:
            open_acks[packet_id] = 1
            return packet
        if left == 1:
            del open_acks[packet_id]
            return b""
        return packet
