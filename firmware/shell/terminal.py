"""The terminal: journal, keys, link, desk, screen and keys put together, and the tasks that keep them going."""

import asyncio
import gc
import json
import os
import sys

from desk import events
from desk.commands import Ask, Tell
from desk.machine import Desk
from deskwire import ids, reasons, topics
from deskwire.errors import WireError
from shell.asks import Asks
from shell.clock import Clock
from shell.dispatcher import Dispatcher
from shell.journal import MAX_PENDING, Journal, JournalFullError
from shell.keystore import Keystore
from shell.mqtt.client import Client
from shell.mqtt.errors import LinkError
from shell.news import News
from shell.outbox import Outbox
from shell.presence import Presence
from shell.signer import Signer, operation_of
from shell.store import Store

FIRMWARE = "kassa-0.1.0"
#: Deadlines and the hub's silence are looked at this often; the desk's clock ticks once a second.
STEP_MS = 250
_STEPS_A_TICK = 4
HEALTH_MS = 300_000
_FIRST_HEALTH_MS = 20_000
#: Hello is asked again after a refusal or a silence: soon, then less often.
_HELLO_FIRST_MS = 2_000
_HELLO_LAST_MS = 60_000
#: The longest code a counter scans is a sale's payload.
_MAX_SCAN = 512
_QUEUE_EVERY_MS = 10_000
#: A work that ends by a fault begins again after this: soon, yet it cannot fill the log.
_RESTART_MS = 1_000


def _start(coroutine):
    """Let a coroutine run by itself; the loop of MicroPython holds its tasks."""
    asyncio.create_task(coroutine)  # noqa: RUF006


class Terminal:
    """One terminal. `run` never returns."""

    def __init__(self, config, folder, board, *, screen, keypad, buzzer, scanner=None, printer=None):
        """`config` is /flash/config.json; `screen(view)` paints a view; the rest are the drivers."""
        self._board = board
        self._keypad = keypad
        self._scanner = scanner
        self._printer = printer
        self._config = config
        self._folder = folder
        self._name = config["terminal"]
        self._clock = Clock(board)
        self._journal = Journal(folder + "/journal")
        self._store = Store(folder + "/recent")
        self._signer = Signer(self._name, Keystore(folder), self._clock, board.random_bytes)
        self._asks = Asks()
        self._news = News(self._signer, self._store, self._clock)
        self._presence = Presence(self._link_changed)
        self._hello_id = ""
        self._hello_at_ms = 0
        self._hello_tries = 0
        self._desk = Desk(config["currency"], self._random16)
        effects = {
            "ask": self._ask,
            "tell": self._tell,
            "store": lambda command: self._store.save(rows=command.rows),
            "tone": lambda command: buzzer.play(command.name),
            "print": self._print,
            "note": lambda command: board.log(command.text),
        }
        self._dispatcher = Dispatcher(self._desk, effects, screen, board.log)
        self._client = self._make_client(config["broker"])
        self._outbox = Outbox(self._journal, self._publish_tell, self._presence.is_online)

    def _make_client(self, broker):
        """The link to the broker, with TLS where the configuration names a certificate authority."""
        tls = None
        if broker.get("tls"):
            from shell.mqtt.transport import tls_context

            with open(self._folder + "/" + broker["ca"], "rb") as file:
                tls = tls_context(file.read())
        self._hub_topic = topics.hub_state(self._config["hub"])
        self._answer_topic = topics.answer(self._name)
        return Client(
            broker["host"],
            broker["port"],
            self._name,
            broker["user"],
            broker["password"],
            tls=tls,
            server_name=broker.get("server_name"),
            will=(topics.state(self._name), b'{"up":false}', True),
            subscriptions=[self._answer_topic, topics.news(self._name), self._hub_topic],
            on_message=self._on_message,
            on_link=self._on_link,
        )

    def _random16(self):
        """Sixteen random bytes for an id."""
        return self._board.random_bytes(16)

    # --- what the desk wants done ----------------------------------------------------------------------------------

    def _ask(self, command):
        """Seal an ask and send it."""
        sealed = self._signer.seal("ask", command)
        ask = self._asks.add(command.id, command.type, sealed, self._clock.now_ms())
        if ask is None:
            raise OSError("too many asks wait for an answer")
        _start(self._send_ask(ask))

    async def _send_ask(self, ask):
        """Publish an ask; what the link loses is sent again when it is back, while its deadline lasts."""
        if not self._client.up:
            return
        ask.sent = True
        try:
            await self._client.publish(topics.ask(self._name), ask.jws, keep=False)
        except LinkError as error:
            self._board.log("ask {}: {}".format(ask.type, error))

    def _tell(self, command):
        """Seal a tell and write it to the journal; then it is sent until it is acked."""
        sealed = self._signer.seal("tell", command)
        self._journal.append(command.id, sealed.jws, sealed.key, self._clock.epoch_s())
        self._outbox.wake()
        self._post_queue()

    def _print(self, command):
        """Lay out a receipt and send it to the printer. The layout is loaded for it alone: it is rarely needed."""
        if self._printer is None:
            raise OSError("There is no printer")
        from desk import receipt

        self._printer.write(receipt.paper(command.fields, self._name, command.copy))
        if sys.implementation.name == "micropython":
            del sys.modules["desk"].receipt
            del sys.modules["desk.receipt"]

    def _tell_own(self, kind, body):
        """A tell of the shell's own: about itself, not about money. It never takes the last room in the journal."""
        if len(self._journal) < MAX_PENDING // 2:
            try:
                self._tell(Tell(ids.make(self._random16()), kind, body))
            except (OSError, WireError, JournalFullError) as error:
                self._board.log("{} was not told: {!r}".format(kind, error))

    async def _publish_tell(self, jws):
        """Publish one tell; returns when the broker has it."""
        await self._client.publish(topics.tell(self._name), jws, keep=False)

    def _post_queue(self):
        """Let the desk know how many tells wait."""
        waiting = len(self._journal)
        self._dispatcher.post(events.Queue(waiting, self._journal.oldest_s(self._clock.epoch_s())))

    # --- what comes from the link ----------------------------------------------------------------------------------

    def _on_link(self, up, reason):
        """The broker is there, or is not and why."""
        self._board.log("broker up" if up else "broker down: " + reason)
        self._presence.broker(up, self._clock.now_ms())
        if up:
            _start(self._announce())
            for ask in self._asks.pending.values():
                _start(self._send_ask(ask))

    async def _announce(self):
        """Say that this terminal is up; the will says that it is not."""
        state = json.dumps({"up": True, "firmware": FIRMWARE})
        try:
            await self._client.publish(topics.state(self._name), state.encode(), retain=True, keep=False)
        except LinkError as error:
            self._board.log("state: {}".format(error))

    def _link_changed(self, link):
        """Who could answer has changed: the desk knows, hello is said anew, waiting tells go out."""
        self._dispatcher.post(events.Link(link))
        if link == "online":
            self._hello_id = ""
            self._hello_tries = 0
            self._hello_at_ms = self._clock.now_ms()
            self._outbox.wake()

    def _on_message(self, topic, payload):
        """A message came. What may not be believed is dropped and logged, by its reason alone."""
        if topic == self._hub_topic:
            self._presence.hub(payload)
            return
        try:
            if topic == self._answer_topic:
                self._take_reply(self._signer.open(payload, self._key_for))
            else:
                self._take_news(self._news.read(payload))
        except (WireError, KeyError, TypeError, ValueError) as error:
            self._board.log("dropped a message: {}".format(getattr(error, "reason", "malformed")))
        except OSError as error:
            self._board.log("flash: {!r}".format(error))

    def _key_for(self, parts):
        """The key of an answer is its ask's, of an ack its tell's; either is found by the KSN in the header."""
        ask = self._asks.of_ksn(parts.ksn)
        if ask is not None:
            return ask.key
        index = self._journal.find_header(parts.signing_input.split(b".")[0])
        return self._journal.read(index)[2] if index >= 0 else None

    def _take_reply(self, down):
        """An answer or an ack that was believed."""
        to = down["to"]
        if down["kind"] == "ack":
            booked = down["body"]["booked"]
            try:
                self._journal.settle(to)
            except OSError as error:  # it no longer waits; only after a restart it is told, and acked, once more
                self._board.log("settle: {!r}".format(error))
            self._outbox.acked(to)
            self._dispatcher.post(events.Acked(to, booked))
            self._post_queue()
            return
        ask = self._asks.pending[to]
        self._asks.answered(to)
        refused = down.get("refused")
        if to == self._hello_id:
            self._take_hello(ask, down, refused)
        elif refused is not None:
            self._dispatcher.post(events.Refused(to, refused["reason"], refused))
        else:
            self._dispatcher.post(events.Answer(to, down["body"], down["time"]))

    def _take_hello(self, ask, down, refused):
        """Hello was answered: the session's key, the time, what may be offered."""
        self._hello_id = ""
        self._clock.set(down["time"])
        if refused is not None:
            known = reasons.BY_NAME.get(refused["reason"])
            if known is None or not known.transient:
                self._hello_at_ms = self._clock.now_ms() + _HELLO_LAST_MS
                self._dispatcher.post(events.HelloRefused(refused["reason"]))
            return
        self._hello_at_ms = -1
        self._hello_tries = 0
        self._news.open_session(ask.ksn, ask.key)
        body = down["body"]
        if body["config_version"] != self._store.config_version:
            self._store.save(config_version=body["config_version"])
        self._dispatcher.post(events.Hello(body))

    def _take_news(self, read):
        """News that was believed: to the desk, then remembered, then told as seen."""
        if read is None:
            return
        news, late = read
        self._dispatcher.handle_now(events.News(news["news"], news["body"], late))
        self._news.seen(news["number"])
        self._tell_own("news.seen", {"number": news["number"]})
        if news["news"] == "config.changed":
            self._hello_at_ms = self._clock.now_ms()

    # --- what goes on by itself ------------------------------------------------------------------------------------

    async def run(self):
        """Boot the desk and keep everything going."""
        self._boot()
        works = [self._keys, self._steps, self._network, self._outbox.run]
        if self._scanner is not None:
            works.append(self._scans)
        running = [asyncio.create_task(self._keep(work)) for work in works]
        try:
            await self._dispatcher.run()
        finally:
            for task in running:
                task.cancel()

    async def _keep(self, work):
        """Run one of the terminal's works for ever: what ends it is logged, and it begins again."""
        while True:
            try:
                await work()
            except Exception as error:  # noqa: BLE001  (a terminal that stops listening is worse than any fault)
                self._board.log("a work ended: {!r}".format(error))
            await asyncio.sleep_ms(_RESTART_MS)

    def _boot(self):
        """Tell the desk what the flash holds, and the backend what it lost."""
        tells = [operation_of(self._journal.read(index)[1]) for index in range(len(self._journal))]
        oldest_s = self._journal.oldest_s(self._clock.epoch_s())
        self._dispatcher.handle(events.Booted(self._store.rows, tells, len(tells), oldest_s))
        if self._journal.lost:
            self._tell_own("journal.gap", {"lost": self._journal.lost, "why": self._journal.why})
        if self._store.lost:
            self._tell_own("tamper", {"what": "the record of operations was unreadable"})
        gc.collect()

    async def _keys(self):
        """Keys become events."""
        while True:
            self._dispatcher.post(events.Key(await self._keypad.get()))

    async def _scans(self):
        """Scanned codes become events; one as long as no code is, is dropped."""
        while True:
            text = await self._scanner.get()
            if len(text) <= _MAX_SCAN:
                self._dispatcher.post(events.Scan(text))

    async def _steps(self):
        """Deadlines, hello, health, and the desk's tick."""
        step = 0
        health_at_ms = _FIRST_HEALTH_MS
        queue_at_ms = 0
        while True:
            now_ms = self._clock.now_ms()
            for ask in self._asks.overdue(now_ms):
                self._give_up(ask)
            self._presence.tick(now_ms)
            self._say_hello(now_ms)
            if step % _STEPS_A_TICK == 0:
                self._dispatcher.post(events.Tick(now_ms, self._clock.epoch_s() if self._clock.is_set() else 0))
            if now_ms >= queue_at_ms and len(self._journal):
                queue_at_ms = now_ms + _QUEUE_EVERY_MS
                self._post_queue()
            if now_ms >= health_at_ms and self._presence.is_online():
                health_at_ms = now_ms + HEALTH_MS
                self._tell_health(now_ms)
            step += 1
            await asyncio.sleep_ms(STEP_MS)

    def _give_up(self, ask):
        """No answer came in time."""
        self._board.log("no answer to " + ask.type)
        if ask.id == self._hello_id:
            self._hello_id = ""
        else:
            self._dispatcher.post(events.Unanswered(ask.id, ask.sent))

    def _say_hello(self, now_ms):
        """Ask hello when a session is wanted; less and less often while nobody answers."""
        due = self._hello_at_ms >= 0 and now_ms >= self._hello_at_ms
        if self._hello_id or not due or not self._presence.is_online():
            return
        body = {
            "firmware": FIRMWARE,
            "config_version": self._store.config_version,
            "waiting_tells": len(self._journal),
            "boot_reason": self._board.boot_reason(),
            "news_seen": self._store.news_seen,
        }
        self._hello_at_ms = now_ms + min(_HELLO_LAST_MS, _HELLO_FIRST_MS << min(self._hello_tries, 5))
        self._hello_tries += 1
        hello = Ask(ids.make(self._random16()), "hello", body)
        try:
            self._ask(hello)
            self._hello_id = hello.id
        except (OSError, WireError) as error:
            self._board.log("hello: {!r}".format(error))

    def _tell_health(self, now_ms):
        """What staff want to know of a terminal before it fails."""
        gc.collect()
        flash = os.statvfs(self._folder)
        body = {
            "free_heap": gc.mem_free(),
            "free_flash": flash[0] * flash[3],
            "waiting_tells": len(self._journal),
            "oldest_tell_s": self._journal.oldest_s(self._clock.epoch_s()),
            "uptime_s": now_ms // 1000,
            "boot_reason": self._board.boot_reason(),
        }
        self._tell_own("health", body)

    async def _network(self):
        """Keep the radio joined; the link to the broker runs while it is."""
        network = self._board.Network()
        link = None
        while True:
            if network.is_connected():
                if link is None:
                    link = asyncio.create_task(self._client.run())
            else:
                if link is not None:
                    link.cancel()
                    link = None
                    self._on_link(up=False, reason="the network is gone")
                await network.connect()
            await asyncio.sleep_ms(STEP_MS)
