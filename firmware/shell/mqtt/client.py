"""The terminal's MQTT client: connects, stays connected, publishes at QoS 1 with back-pressure.

    client = Client("127.0.0.1", 1883, "T0000001", user, password, subscriptions=[...], on_message=..., on_link=...)
    asyncio.create_task(client.run())
    await client.publish(topic, payload)         # returns when the broker has acknowledged

Handlers are plain functions and must not wait: `on_message(topic, payload)` is called before the message is
acknowledged to the broker; `on_link(up, reason)` after the subscriptions stand, and at every failure with the reason
in words. Both interpreters read these files, but only MicroPython runs the client: it uses its asyncio and its clock.
"""

import asyncio
import os
import time
from typing import TYPE_CHECKING

from shell.mqtt import codec
from shell.mqtt.backoff import delay_ms, next_attempt
from shell.mqtt.errors import LinkDownError, LinkError, RefusedError
from shell.mqtt.outbox import Outbox
from shell.mqtt.session import OPEN_TIMEOUT_MS, Session

if TYPE_CHECKING:
    from typing import Any

#: Try MQTT 5, and 3.1.1 where the broker does not know 5.
AUTO = 0
#: Refusals that pass by themselves: broker unavailable (3.1.1), unavailable, busy, shutting down, quota, rate.
_PASSING_CODES = (0x03, 0x88, 0x89, 0x8B, 0x8D, 0x8E, 0x97, 0x9F)
#: A goodbye must not hold up a shutdown.
_LEAVE_TIMEOUT_MS = 500


def _random16() -> int:
    """Sixteen bits for the jitter."""
    return int.from_bytes(os.urandom(2), "big")


class Client:
    """One account's link to the broker. `up` tells whether it stands with all subscriptions."""

    def __init__(
        self,
        host,
        port,
        client_id,
        user=None,
        password=None,
        *,
        tls=None,
        server_name=None,
        will=None,
        keepalive_s=10,
        subscriptions=(),
        on_message=None,
        on_link=None,
        version=AUTO,
        clean=True,
        session_expiry_s=3600,
        random16=_random16,
    ) -> None:
        """Settings of the link; nothing is opened before `run`.

        `tls` is a context of `transport.tls_context`, made once; `server_name` is what the certificate must be for
        (the host if absent). `will` is (topic, payload, retain). `version` is AUTO, codec.V311 or codec.V5. With
        `clean` the broker keeps nothing between connections.
        """
        if not 1 <= keepalive_s <= 300:
            raise LinkError("keepalive_s must be 1 to 300 seconds")
        self.host = host
        self.port = port
        self.client_id = client_id
        self.user = user
        self.password = password
        self.tls = tls
        self.server_name = server_name
        self.will = will
        self.keepalive_s = keepalive_s
        self.subscriptions = list(subscriptions)
        self.clean = clean
        self.session_expiry_s = session_expiry_s
        self.up = False
        self.version = version or codec.V5
        self._choose_version = version == AUTO
        self._on_message = on_message
        self._on_link = on_link
        self._random16 = random16
        self._outbox = Outbox()
        self._decoder = codec.Decoder(self.version)
        self._session: Any = None
        self._task: Any = None

    @property
    def waiting(self) -> int:
        """Publishes that the broker has not acknowledged."""
        return len(self._outbox)

    async def publish(self, topic, payload, retain=False, keep=True) -> None:  # noqa: FBT002
        """Publish at QoS 1; returns when the broker has acknowledged.

        With `keep` it waits for the broker as long as it takes, across reconnects (it may arrive twice); without, it
        fails at once with LinkDownError when there is no link or the link is lost. Cancelling gives it up. Raises
        FullError when too many wait, RefusedError when the broker denies it (MQTT 5), CodecError when it is too large.
        """
        codec.check_publish(topic, payload)
        if not keep and not self.up:
            raise LinkDownError("there is no connection to the broker")
        pending = self._outbox.add(topic, payload, retain, keep)
        if self.up:
            self._session.wake()
        try:
            await pending.done.wait()
        finally:
            self._outbox.remove(pending)
        if pending.error is not None:
            raise pending.error
        if pending.code >= 0x80:
            raise RefusedError("the broker refused a message to " + topic, pending.code)

    async def run(self) -> None:
        """Keep the link up for ever; end it by cancelling or with `close`."""
        self._task = asyncio.current_task()
        attempt = 0
        try:
            while True:
                error, lasted_ms = await self._connection()
                refused = isinstance(error, RefusedError) and error.code not in _PASSING_CODES
                if self._choose_version and self._session.puzzled(error):
                    self.version = codec.V311 if self.version == codec.V5 else codec.V5
                    refused = False
                self._tell(up=False, reason=str(error) or repr(error))
                attempt = next_attempt(attempt, lasted_ms)
                await asyncio.sleep_ms(delay_ms(attempt, refused, self._random16()))
        finally:
            self._outbox.stop()

    async def close(self) -> None:
        """Say goodbye to the broker, which then drops the will, and end `run`."""
        self._on_link = None
        if self.up:
            try:
                await asyncio.wait_for_ms(self._session.leave(), _LEAVE_TIMEOUT_MS)
            except asyncio.TimeoutError:
                pass
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def deliver(self, topic, payload) -> None:
        """A message came; the session acknowledges it when this returns."""
        if self._on_message is not None:
            self._on_message(topic, payload)

    async def _connection(self):
        """One connection from beginning to end: (what ended it, how many milliseconds it was up)."""
        session = Session(self, self._outbox, self._decoder, self.version)
        self._session = session
        try:
            await asyncio.wait_for_ms(session.open(), OPEN_TIMEOUT_MS)
            self._choose_version = False
            self._tell(up=True, reason="")
            await session.serve()
        except asyncio.TimeoutError:
            error: Exception = LinkDownError("the broker did not answer within %d ms" % OPEN_TIMEOUT_MS)
        except Exception as caught:  # noqa: BLE001  (whatever breaks a connection, the next attempt mends it)
            error = caught
        finally:
            self.up = False
            session.close()
            self._outbox.link_lost()
        lasted_ms = 0 if session.up_ms is None else time.ticks_diff(time.ticks_ms(), session.up_ms)
        return error, lasted_ms

    def _tell(self, up, reason) -> None:
        """Let the shell know how the link is."""
        self.up = up
        if self._on_link is not None:
            self._on_link(up, reason)
