"""What leaves is sealed with keys used once; what comes is believed only when the right key signed it."""

import asyncio

import flash
from both import refused

from desk.commands import Ask, Tell
from desk.pin_entry import PinEntry
from deskwire import dukpt, envelope, messages, pinblock
from deskwire.errors import WireError
from shell import keystore
from shell.asks import DEADLINE_MS, MAX_PENDING, Asks
from shell.journal import Journal
from shell.news import News
from shell.outbox import FIRST_PAUSE_MS, LAST_PAUSE_MS, Outbox, pause_ms
from shell.presence import HUB_WAIT_MS, Presence
from shell.signer import Signer, operation_of
from shell.store import Store

MICROPYTHON_HEAP = "2M"
IKID = bytes.fromhex("1234567890123456")
IK = bytes(range(32))
ID = "0" * 25 + "1"
OTHER = "0" * 25 + "2"
ACCOUNT = "9000000000000001"
NOW = 1_800_000_000


class FakeClock:
    def __init__(self):
        self.now = NOW

    def epoch_s(self):
        return self.now

    def is_set(self):
        return True


def terminal():
    folder = flash.fresh()
    keystore.load_initial_key(folder, IK, IKID)
    clock = FakeClock()
    return folder, clock, Signer("T0000001", keystore.Keystore(folder), clock, lambda count: b"\x07" * count)


def host_key(ksn, usage, kind=dukpt.HMAC256):
    """What the vault derives."""
    ikid, counter = dukpt.split_ksn(ksn)
    return dukpt.working_key(dukpt.derivation_key(IK, ikid, counter), usage, kind, ikid, counter)


def typed(digits):
    pin = PinEntry(0)
    for digit in digits:
        pin.press(digit, 0)
    return pin


def test_an_ask_is_what_the_backend_accepts_and_its_pin_is_wiped():
    _, _, signer = terminal()
    pin = typed("1234")
    body = {"operator": "101", "account": ACCOUNT, "amount_minor": 5000, "currency": "AZN"}
    sealed = signer.seal("ask", Ask(ID, "cash_out.authorize", body, pin, ACCOUNT))
    parts = envelope.split(sealed.jws, envelope.UP_LIMIT)
    assert envelope.verify(parts, host_key(parts.ksn, dukpt.MAC_UP))
    up = messages.parse_up(parts.payload)
    assert (up.kind, up.type, up.id, up.terminal, up.time, up.clock_set) == (
        "ask",
        "cash_out.authorize",
        ID,
        "T0000001",
        NOW,
        True,
    )
    block = bytes.fromhex(up.body["pin_block"])
    assert bytes(pinblock.decode(block, ACCOUNT, host_key(parts.ksn, dukpt.PIN, dukpt.AES256))) == b"1234"
    assert pin.stars() == 0
    assert "pin_block" not in body
    assert "1234" not in repr(pin) + repr(sealed)


def test_no_two_messages_share_keys_and_a_pin_is_wiped_even_when_sealing_fails():
    folder, _, signer = terminal()
    seen = {signer.seal("tell", Tell(ID, "news.seen", {"number": 1})).ksn for _ in range(5)}
    assert len(seen) == 5
    pin = typed("1234")
    too_long = {"operator": "1" * 3000}
    refused(WireError, signer.seal, "ask", Ask(ID, "balance", too_long, pin, ACCOUNT))
    assert pin.stars() == 0
    # the counter of the failed message is spent
    assert keystore.Keystore(folder).next().counter == 7


def answered(sealed, to=ID, terminal_id="T0000001", key=None):
    payload = messages.build_answer(to, terminal_id, NOW, {"ok": True})
    return envelope.seal(payload, sealed.ksn, key or host_key(sealed.ksn, dukpt.MAC_DOWN))


def test_an_answer_is_believed_only_under_its_asks_own_key():
    _, _, signer = terminal()
    asks = Asks()
    sealed = signer.seal("ask", Ask(ID, "hello", {}))
    ask = asks.add(ID, "hello", sealed, 0)
    other = signer.seal("ask", Ask(OTHER, "hello", {}))

    def key_for(parts):
        found = asks.of_ksn(parts.ksn)
        return None if found is None else found.key

    assert signer.open(answered(sealed), key_for)["to"] == ID
    forged = (
        answered(sealed, key=bytes(32)),
        answered(sealed, key=host_key(sealed.ksn, dukpt.MAC_UP)),
        answered(other),
        answered(sealed, terminal_id="T0000002"),
        answered(sealed)[:-1],
        answered(sealed)[:-2] + b"AA",
        b"",
        b"a.b.c",
        b"x" * 5000,
    )
    for jws in forged:
        refused(WireError, signer.open, jws, key_for)
    assert asks.overdue(DEADLINE_MS - 1) == []
    assert asks.overdue(DEADLINE_MS) == [ask]
    refused(WireError, signer.open, answered(sealed), key_for)


def test_asks_are_bounded():
    _, _, signer = terminal()
    asks = Asks()
    sealed = signer.seal("ask", Ask(ID, "hello", {}))
    for number in range(MAX_PENDING):
        assert asks.add(str(number), "hello", sealed, 0) is not None
    assert asks.add(ID, "hello", sealed, 0) is None


def news_of(number, sealed, expires_at=NOW + 60, key=None):
    payload = messages.build_news(number, "T0000001", NOW, expires_at, "sale.expired", {"sale": ID})
    return envelope.seal(payload, sealed.ksn, key or host_key(sealed.ksn, dukpt.MAC_DOWN))


def test_news_is_numbered_signed_by_the_session_and_late_after_its_expiry():
    folder, clock, signer = terminal()
    store = Store(folder + "/recent")
    news = News(signer, store, clock)
    sealed = signer.seal("ask", Ask(ID, "hello", {}))
    other = signer.seal("ask", Ask(OTHER, "hello", {}))
    refused(WireError, news.read, news_of(1, sealed))  # no session yet
    news.open_session(sealed.ksn, sealed.key)
    message, late = news.read(news_of(1, sealed))
    assert (message["news"], message["number"], late) == ("sale.expired", 1, False)
    news.seen(1)
    assert news.read(news_of(1, sealed)) is None  # again
    assert news.read(news_of(5, sealed))[0]["number"] == 5
    news.seen(5)
    assert news.read(news_of(3, sealed)) is None  # overtaken
    refused(WireError, news.read, news_of(6, other))
    refused(WireError, news.read, news_of(6, sealed, key=bytes(32)))
    clock.now += 61
    assert news.read(news_of(6, sealed))[1] is True
    # a restart remembers how far it had read
    again = News(signer, Store(folder + "/recent"), clock)
    again.open_session(sealed.ksn, sealed.key)
    assert again.read(news_of(5, sealed)) is None
    # an answer under the session's key is no news
    assert news.read(answered(sealed)) is None


def test_the_link_is_told_apart():
    seen = []
    presence = Presence(seen.append)
    presence.hub(b'{"up":true,"backend":true,"since":1}')
    assert seen == []  # without a broker a retained word means nothing yet
    presence.broker(up=True, now_ms=0)
    presence.hub(b'{"up":true,"backend":false,"since":1}')
    presence.hub(b'{"up":false}')
    for rubbish in (b"", b"[]", b'"up"', b"{}", b'{"up":"yes"}', b"\xff"):
        presence.hub(rubbish)
    presence.hub(b'{"up":true,"backend":true}')
    presence.broker(up=False, now_ms=9)
    presence.broker(up=True, now_ms=10)
    presence.tick(10 + HUB_WAIT_MS)
    assert seen == ["online", "no_backend", "no_hub", "online", "no_broker", "no_hub"], seen


def test_a_tell_names_its_operation_when_it_is_read_back():
    _, _, signer = terminal()
    sealed = signer.seal("tell", Tell(ID, "cash_out.void", {"operation": OTHER, "why": "restart"}))
    assert operation_of(sealed.jws) == (ID, "cash_out.void", OTHER, 0, "")


def test_pauses_grow_and_are_bounded():
    pauses = [pause_ms(rounds) for rounds in range(9)]
    assert pauses[0] == FIRST_PAUSE_MS
    assert pauses == sorted(pauses)
    assert pauses[-1] == LAST_PAUSE_MS


class Line:
    """A broker and a backend: what was sent, and what to do about it."""

    def __init__(self, journal):
        self.journal = journal
        self.sent = []
        self.online = True
        self.deaf_to = ()
        self.outbox = None

    async def publish(self, jws):
        if not self.online:
            raise OSError("no line")
        number = int(jws)
        self.sent.append(number)
        if number not in self.deaf_to:
            self.journal.settle(f"{number:026d}")
            self.outbox.acked(f"{number:026d}")


async def sends(line, journal):
    from shell import outbox as module

    module.ACK_WAIT_MS = 20
    module.FIRST_PAUSE_MS = 20
    line.outbox = Outbox(journal, line.publish, lambda: line.online)
    return asyncio.create_task(line.outbox.run())


def journal_of(count):
    journal = Journal(flash.fresh() + "/journal")
    for number in range(count):
        journal.append(f"{number:026d}", str(number).encode(), bytes(32), 1)
    return journal


async def test_tells_go_in_order_and_one_that_nobody_acks_holds_up_no_other():
    if not hasattr(asyncio, "sleep_ms"):
        return  # the sender uses the device's asyncio
    journal = journal_of(4)
    line = Line(journal)
    line.deaf_to = (1,)
    task = await sends(line, journal)
    await asyncio.sleep_ms(200)
    assert line.sent[:4] == [0, 1, 2, 3], line.sent
    assert len(line.sent) > 4
    assert set(line.sent[4:]) == {1}
    line.deaf_to = ()
    await asyncio.sleep_ms(300)
    assert len(journal) == 0
    task.cancel()


async def test_tells_wait_for_the_line_and_leave_when_it_is_back():
    if not hasattr(asyncio, "sleep_ms"):
        return  # the sender uses the device's asyncio
    journal = journal_of(2)
    line = Line(journal)
    line.online = False
    task = await sends(line, journal)
    await asyncio.sleep_ms(50)
    assert line.sent == []
    line.online = True
    line.outbox.wake()
    await asyncio.sleep_ms(50)
    assert line.sent == [0, 1]
    journal.append(f"{7:026d}", b"7", bytes(32), 1)
    line.outbox.wake()
    await asyncio.sleep_ms(50)
    assert line.sent == [0, 1, 7]
    assert len(journal) == 0
    task.cancel()
