"""Sends the journal's tells in order, again and again, until each is acked."""

import asyncio

from shell.mqtt.errors import LinkError

#: How long one tell's ack is waited for before the next is sent: one that nobody acks must not hold up the others.
ACK_WAIT_MS = 4_000
#: Between rounds over what is still not acked: doubled each time from the first to the second.
FIRST_PAUSE_MS = 2_000
LAST_PAUSE_MS = 60_000


def pause_ms(rounds):
    """How long to wait after so many rounds in a row that brought no ack."""
    return min(LAST_PAUSE_MS, FIRST_PAUSE_MS << min(rounds, 5))


class Outbox:
    """The sender of tells. `publish(jws)` is the link's; it returns when the broker has the message."""

    def __init__(self, journal, publish, is_online):
        self._journal = journal
        self._publish = publish
        self._is_online = is_online
        self._wake = asyncio.Event()
        self._acked = asyncio.Event()
        self._waiting_for = ""

    def wake(self):
        """There is something to send, or a way to send it again."""
        self._wake.set()

    def acked(self, id):  # noqa: A002
        """The ack of a tell has come and was believed."""
        if id == self._waiting_for:
            self._acked.set()

    async def run(self):
        """Send for ever."""
        rounds = 0
        while True:
            self._wake.clear()
            try:
                progress = await self._round()
            except (OSError, LinkError):
                progress = False  # no line: the round is tried again
            rounds = 0 if progress else rounds + 1
            if progress and len(self._journal):
                continue
            if not len(self._journal):
                rounds = 0
                await self._wake.wait()
            else:
                await self._wait_for_wake(pause_ms(rounds))

    async def _wait_for_wake(self, limit_ms):
        """Wait until woken, at most so long."""
        try:
            await asyncio.wait_for_ms(self._wake.wait(), limit_ms)
        except asyncio.TimeoutError:
            pass

    async def _round(self):
        """Send every tell that waits, oldest first, each once; True if any was acked."""
        progress = False
        index = 0
        while index < len(self._journal) and self._is_online():
            before = len(self._journal)
            await self._send(index)
            if len(self._journal) < before:
                progress = True  # it left, and the next has taken its place
            else:
                index += 1
        return progress

    async def _send(self, index):
        """Send one tell and wait a while for its ack."""
        self._waiting_for, jws, _ = self._journal.read(index)
        self._acked.clear()
        await self._publish(jws)
        try:
            await asyncio.wait_for_ms(self._acked.wait(), ACK_WAIT_MS)
        except asyncio.TimeoutError:
            pass
