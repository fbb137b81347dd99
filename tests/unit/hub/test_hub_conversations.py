"""Conversations with the hub's machine: `say` an event, `hear` the commands; a mismatch shows the whole dialogue."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.core import commands as c
from hub.core import events as e
from hub.core.limits import LIMITS
from hub.core.machine import TRANSITIONS, Hub

if TYPE_CHECKING:
    from collections.abc import Callable

SMALL = replace(LIMITS, tells_pending=4, asks_waiting=6, asks_per_terminal=2, news_window=4, tells_per_terminal=3)


class Talk:
    """A hub, its clock, and all that was said."""

    def __init__(self, limits: Any = LIMITS) -> None:
        self.hub = Hub("H001", lambda: 1.0, limits)
        self.now_ms = 1_000_000
        self.lines: list[str] = []
        self.heard: list[c.Command] = []

    def say(self, event: e.Event) -> Talk:
        assert not self.heard, self.dialogue(f"not expected: {self.heard}")
        self.lines.append(f">> {event}")
        self.heard = self.hub.handle(event, e.Moment(self.now_ms, 1_700_000_000_000 + self.now_ms))
        self.lines += [f"   << {command}" for command in self.heard]
        return self

    def hear(self, *kinds: type[Any]) -> Any:
        """The next commands must be of these kinds; returns them (one alone, or a list)."""
        found, self.heard = self.heard[: len(kinds)], self.heard[len(kinds) :]
        assert [type(one) for one in found] == list(kinds), self.dialogue(f"wanted {[k.__name__ for k in kinds]}")
        return found[0] if len(found) == 1 else found

    def silence(self) -> Talk:
        assert not self.heard, self.dialogue("wanted silence")
        return self

    def after(self, milliseconds: int) -> Talk:
        self.now_ms += milliseconds
        return self.say(e.Tick())

    def dialogue(self, problem: str) -> str:
        return "\n".join([*self.lines, f"!! {problem}"])


def ready(limits: Any = LIMITS, rows: tuple[e.SpoolRow, ...] = ()) -> Talk:
    """A hub with an empty spool, a broker and a backend."""
    talk = Talk(limits)
    talk.say(e.SpoolOpened(rows, "")).silence() if not rows else talk.say(e.SpoolOpened(rows, ""))
    if rows:
        return talk
    talk.say(e.BackendProbed("")).hear(c.Log)
    state = talk.say(e.BrokerUp(100)).hear(c.Publish)
    talk.say(e.Published((state.token,))).silence()
    return talk


def tell(number: int, terminal: str = "T0000001") -> e.Message:
    return e.Message(f"kassa/1/{terminal}/tell", f"tell-{number}".encode(), f"handle-{number}")


def ask(number: int, terminal: str = "T0000001") -> e.Message:
    return e.Message(f"kassa/1/{terminal}/ask", f"ask-{number}".encode(), None)


def acks(post: Any) -> tuple[e.Answer, ...]:
    return tuple(e.Answer(item.terminal, f"re:{item.jws}") for item in post.items)


def spool(talk: Talk, *messages: e.Message, seqs: tuple[int | None, ...]) -> Any:
    """Bring tells onto disk; returns the POST that follows."""
    talk.say(e.MessagesArrived(messages)).hear(c.WriteSpool)
    _, post = talk.say(e.SpoolWritten(seqs)).hear(c.Acknowledge, c.PostTells)
    talk.silence()
    return post


def test_a_tell_is_on_disk_before_the_broker_is_acknowledged_and_goes_only_by_the_backends_ack() -> None:
    talk = ready()
    write = talk.say(e.MessagesArrived((tell(1),))).hear(c.WriteSpool)
    talk.silence()
    assert [(one.terminal, one.jws) for one in write.changes.append] == [("T0000001", "tell-1")]
    acknowledge, post = talk.say(e.SpoolWritten((7,))).hear(c.Acknowledge, c.PostTells)
    assert acknowledge.handles == ("handle-1",)
    assert [(one.seq, one.jws) for one in post.items] == [(7, "tell-1")]
    publish, remove = talk.say(e.BatchAnswered(post.call, acks(post))).hear(c.Publish, c.WriteSpool)
    assert (publish.topic, publish.payload) == ("kassa/1/T0000001/answer", b"re:tell-1")
    assert remove.changes.remove == (7,)
    talk.say(e.SpoolWritten(())).silence()
    talk.say(e.Published((publish.token,))).silence()
    assert talk.hub.idle


def test_what_arrives_during_a_commit_shares_the_next_one() -> None:
    talk = ready()
    talk.say(e.MessagesArrived((tell(1),))).hear(c.WriteSpool)
    for number in range(2, 6):
        talk.say(e.MessagesArrived((tell(number, f"T000000{number}"),))).silence()
    _, write, _ = talk.say(e.SpoolWritten((1,))).hear(c.Acknowledge, c.WriteSpool, c.PostTells)
    assert len(write.changes.append) == 4


def test_a_repeat_of_a_pending_tell_is_acknowledged_and_not_sent_twice() -> None:
    talk = ready()
    post = spool(talk, tell(1), seqs=(1,))
    talk.say(e.MessagesArrived((tell(1),))).hear(c.WriteSpool)
    assert talk.say(e.SpoolWritten((None,))).hear(c.Acknowledge).handles == ("handle-1",)
    talk.silence()
    assert len(post.items) == 1
    assert talk.hub.counters["spooled", "repeat"] == 1


def test_a_failed_tell_holds_back_its_terminal_and_nobody_else() -> None:
    talk = ready()
    post = spool(talk, tell(1), tell(2), tell(3, "T0000002"), seqs=(1, 2, 3))
    busy = e.Answer("T0000001", error="unavailable", transient=True)
    answers = (busy, busy, e.Answer("T0000002", "ok"))
    talk.say(e.BatchAnswered(post.call, answers)).hear(c.Publish, c.WriteSpool)
    talk.say(e.MessagesArrived((tell(4), tell(5, "T0000002")))).silence()
    talk.say(e.SpoolWritten(())).hear(c.WriteSpool)
    _, other = talk.say(e.SpoolWritten((4, 5))).hear(c.Acknowledge, c.PostTells)
    assert [one.seq for one in other.items] == [5]
    again = talk.after(500).hear(c.PostTells)
    assert [one.seq for one in again.items] == [1, 2, 4], "in the terminal's order"


def test_a_terminal_with_tells_in_a_call_sends_no_later_ones_in_another() -> None:
    talk = ready()
    first = spool(talk, tell(1), seqs=(1,))
    talk.say(e.MessagesArrived((tell(2),))).hear(c.WriteSpool)
    talk.say(e.SpoolWritten((2,))).hear(c.Acknowledge)
    talk.silence()
    _, _, second = talk.say(e.BatchAnswered(first.call, acks(first))).hear(c.Publish, c.WriteSpool, c.PostTells)
    assert [one.seq for one in second.items] == [2]


def test_a_tell_refused_for_good_is_quarantined_and_the_next_goes_on() -> None:
    talk = ready()
    post = spool(talk, tell(1), tell(2), seqs=(1, 2))
    answers = (e.Answer("T0000001", error="not_authentic"), e.Answer("T0000001", "ok"))
    _, _, write = talk.say(e.BatchAnswered(post.call, answers)).hear(c.Publish, c.Log, c.WriteSpool)
    assert write.changes.quarantine == (c.Quarantined(1, "not_authentic"),)
    assert write.changes.remove == (2,)


@pytest.mark.parametrize("outcome", ["server_error", "too_large", "malformed"])
def test_a_batch_that_fails_is_halved_until_the_cause_stands_alone(outcome: str) -> None:
    talk = ready()
    many = tuple(tell(number, f"T{number:07d}") for number in range(8))
    posts = [spool(talk, *many, seqs=tuple(range(8)))]
    alone: list[int] = []
    while posts:
        post = posts.pop()
        poisoned = any(item.seq == 3 for item in post.items)
        if poisoned and len(post.items) == 1:
            alone.append(3)
        talk.say(e.BatchFailed(post.call, outcome) if poisoned else e.BatchAnswered(post.call, acks(post)))
        posts += [one for one in talk.heard if isinstance(one, c.PostTells)]
        talk.heard = []
    assert alone == [3]
    assert 8 - len(talk.hub.tells) == (8 if outcome != "server_error" else 7)


def test_when_the_backend_is_away_tells_wait_and_all_go_when_it_is_back() -> None:
    talk = ready()
    post = spool(talk, tell(1), seqs=(1,))
    state, log = talk.say(e.BatchFailed(post.call, "unreachable")).hear(c.Publish, c.Log)
    assert b'"backend": false' in state.payload
    assert state.retain
    assert "KASSA_HUB_BACKEND_URL" in str(log.fields["what_to_do"])
    talk.say(e.MessagesArrived((tell(2),))).hear(c.WriteSpool)
    talk.say(e.SpoolWritten((2,))).hear(c.Acknowledge)
    talk.after(100).silence()
    state, _, post = talk.say(e.BackendProbed("")).hear(c.Publish, c.Log, c.PostTells)
    assert b'"backend": true' in state.payload
    assert [one.seq for one in post.items] == [1, 2]


def test_a_refused_credential_is_said_and_a_well_health_does_not_hide_it() -> None:
    talk = ready()
    post = spool(talk, tell(1), seqs=(1,))
    _, log = talk.say(e.BatchFailed(post.call, "unauthorized")).hear(c.Publish, c.Log)
    assert "KASSA_HUB_CREDENTIAL" in str(log.fields["what_to_do"])
    talk.say(e.BackendProbed("")).silence()
    assert not talk.hub.backend.up
    talk.say(e.OutboxOpened()).hear(c.Publish, c.Log, c.PostTells)


def test_a_full_spool_leaves_tells_unacknowledged_until_there_is_room() -> None:
    talk = ready(SMALL)
    four = tuple(tell(number, f"T000000{number}") for number in range(4))
    post = spool(talk, *four, seqs=(1, 2, 3, 4))
    assert talk.say(e.MessagesArrived((tell(9, "T0000009"),))).hear(c.Log).event == "spool_full"
    talk.silence()
    talk.after(1000).silence()
    said = talk.say(e.BatchAnswered(post.call, acks(post)))
    said.hear(c.Publish, c.Publish, c.Publish, c.Publish)
    assert talk.hear(c.Log).event == "spool_has_room"
    write = talk.hear(c.WriteSpool)
    assert write.changes.remove == (1, 2, 3, 4)
    assert [one.jws for one in write.changes.append] == ["tell-9"]
    assert talk.say(e.SpoolWritten((5,))).hear(c.Acknowledge, c.PostTells)[0].handles == ("handle-9",)


def test_one_terminal_cannot_fill_the_branchs_spool() -> None:
    talk = ready(replace(SMALL, tells_pending=100))
    spool(talk, tell(1), tell(2), tell(3), seqs=(1, 2, 3))
    assert talk.say(e.MessagesArrived((tell(4),))).hear(c.Acknowledge).handles == ("handle-4",)
    talk.silence()
    assert talk.hub.counters["dropped", "tell_terminal_full"] == 1


def test_a_failing_disk_acknowledges_nothing_and_loses_nothing() -> None:
    talk = ready()
    talk.say(e.MessagesArrived((tell(1), tell(2)))).hear(c.WriteSpool)
    talk.say(e.SpoolWriteFailed("disk full")).hear(c.Log)
    talk.silence()
    talk.say(e.MessagesArrived((tell(3),))).silence()
    write = talk.after(200).hear(c.WriteSpool)
    assert [one.jws for one in write.changes.append] == ["tell-1", "tell-2", "tell-3"]


def test_a_new_spool_in_place_of_a_broken_one_takes_what_was_not_acknowledged() -> None:
    talk = ready()
    old = spool(talk, tell(1), seqs=(1,))
    talk.say(e.MessagesArrived((tell(2),))).hear(c.WriteSpool)
    write = talk.say(e.SpoolOpened((), "")).hear(c.WriteSpool)
    assert [one.jws for one in write.changes.append] == ["tell-2"]
    talk.say(e.SpoolWritten((1,))).hear(c.Acknowledge, c.PostTells)
    talk.say(e.BatchAnswered(old.call, acks(old))).silence()
    assert len(talk.hub.tells) == 1, "the old call's answer does not touch the new spool's numbers"


def test_at_start_pending_tells_are_sent_in_order_and_read_from_the_spool() -> None:
    rows = tuple(e.SpoolRow(seq, "T0000001", 5, 900) for seq in (3, 4, 9))
    post = ready(rows=rows).hear(c.PostTells)
    assert [(one.seq, one.jws) for one in post.items] == [(3, None), (4, None), (9, None)]


def test_an_ask_goes_at_once_alone_and_a_crowd_goes_together() -> None:
    talk = ready()
    first = talk.say(e.MessagesArrived((ask(0),))).hear(c.PostAsks)
    second = talk.say(e.MessagesArrived((ask(1, "T0000002"),))).hear(c.PostAsks)
    assert len(first.items) == len(second.items) == 1
    for number in range(300):
        talk.say(e.MessagesArrived((ask(number, f"A{number:07d}"),))).silence()
    publish, third = talk.say(e.BatchAnswered(first.call, acks(first))).hear(c.Publish, c.PostAsks)
    assert (publish.topic, publish.payload) == ("kassa/1/T0000001/answer", b"re:ask-0")
    assert len(third.items) == 200


def test_asks_never_reach_the_spool_and_die_of_age() -> None:
    talk = ready()
    post = talk.say(e.MessagesArrived((ask(1),))).hear(c.PostAsks)
    talk.say(e.BatchFailed(post.call, "unreachable")).hear(c.Publish, c.Log)
    again = talk.after(200).hear(c.PostAsks)
    talk.say(e.BatchFailed(again.call, "unreachable")).silence()
    talk.after(8_000).silence()
    assert len(talk.hub.asks) == 0
    assert talk.hub.counters["dropped", "ask_late"] == 1


def test_a_crowd_of_asks_is_bounded_by_terminal_and_by_hub() -> None:
    talk = ready(SMALL)
    talk.say(e.MessagesArrived((ask(1),))).hear(c.PostAsks)
    talk.say(e.MessagesArrived((ask(2),))).hear(c.PostAsks)
    talk.say(e.MessagesArrived((ask(3),))).silence()
    assert talk.hub.counters["dropped", "ask_terminal_full"] == 1
    many = tuple(ask(number, f"B{number:07d}") for number in range(9))
    talk.say(e.MessagesArrived(many)).silence()
    assert talk.hub.counters["dropped", "ask_hub_full"] == 3


def test_an_unsigned_refusal_of_an_ask_is_counted_and_never_published() -> None:
    talk = ready()
    post = talk.say(e.MessagesArrived((ask(1),))).hear(c.PostAsks)
    talk.say(e.BatchAnswered(post.call, (e.Answer("T0000001", error="not_authentic"),))).silence()
    assert talk.hub.counters["ask_refused", "not_authentic"] == 1


def test_answers_wait_for_the_broker_and_late_ones_are_dropped() -> None:
    talk = ready()
    posts = [talk.say(e.MessagesArrived((ask(n, f"T000000{n}"),))).hear(c.PostAsks) for n in (1, 2)]
    lost = talk.say(e.BatchAnswered(posts[0].call, acks(posts[0]))).hear(c.Publish)
    talk.say(e.BrokerDown()).silence()
    talk.say(e.BatchAnswered(posts[1].call, acks(posts[1]))).silence()
    _state, first, second = talk.say(e.BrokerUp(100)).hear(c.Publish, c.Publish, c.Publish)
    assert (first.payload, second.payload) == (lost.payload, b"re:ask-2")
    talk.say(e.BrokerDown()).silence()
    talk.after(10_000).silence()
    talk.say(e.BrokerUp(100)).hear(c.Publish)
    talk.silence()


def test_the_news_cursor_moves_only_over_what_the_broker_acknowledged() -> None:
    talk = ready()
    items = [e.NewsItem(str(n), "T0000001", f"news-{n}") for n in (1, 2, 3)]
    publishes = [talk.say(e.NewsArrived(item)).hear(c.Publish) for item in items]
    assert publishes[0].topic == "kassa/1/T0000001/news"
    talk.say(e.Published((publishes[1].token,))).silence()
    write = talk.say(e.Published((publishes[0].token,))).hear(c.WriteSpool)
    assert write.changes.cursor == "2"
    talk.say(e.Published((publishes[2].token,))).silence()
    assert talk.say(e.SpoolWritten(())).hear(c.WriteSpool).changes.cursor == "3"


def test_news_are_published_again_after_a_broken_connection_and_the_stream_is_held() -> None:
    talk = ready(SMALL)
    talk.say(e.NewsArrived(e.NewsItem("1", "T0000001", "news-1"))).hear(c.Publish)
    talk.say(e.BrokerDown()).silence()
    for number in (2, 3):
        talk.say(e.NewsArrived(e.NewsItem(str(number), "T0000001", "n"))).silence()
    assert talk.say(e.NewsArrived(e.NewsItem("4", "T0000001", "n"))).hear(c.OutboxFlow).running is False
    _state, *again = talk.say(e.BrokerUp(100)).hear(*[c.Publish] * 5)
    flow, write = talk.say(e.Published(tuple(one.token for one in again))).hear(c.OutboxFlow, c.WriteSpool)
    assert flow.running is True
    assert write.changes.cursor == "4"


def test_news_that_cannot_be_published_are_passed_over() -> None:
    talk = ready()
    talk.say(e.NewsArrived(e.NewsItem("1", "no terminal/#", "x"))).hear(c.WriteSpool)
    assert talk.hub.counters["dropped", "news_unfit"] == 1


def test_a_cursor_the_backend_does_not_know_is_given_up() -> None:
    talk = ready()
    publish = talk.say(e.NewsArrived(e.NewsItem("77", "T0000001", "news"))).hear(c.Publish)
    talk.say(e.Published((publish.token,))).hear(c.WriteSpool)
    talk.say(e.OutboxLost("unreachable"))
    talk.heard = []
    assert talk.hub.news.received == "77"
    assert talk.say(e.OutboxLost("malformed")).hear(c.Log).event == "outbox_cursor_reset"
    assert talk.hub.news.received == ""


@given(st.text(max_size=80), st.binary(max_size=2100), st.booleans())
def test_no_message_crashes_the_hub(topic: str, payload: bytes, retained: bool) -> None:
    talk = ready()
    for name in (topic, "kassa/1/" + topic, "kassa/1/T0000001/" + topic, "kassa/1/T0000001/ask"):
        talk.say(e.MessagesArrived((e.Message(name, payload, "h", retained),)))
        assert len(talk.heard) <= 1
        talk.heard = []


def test_draining_says_so_and_starts_no_tells() -> None:
    talk = ready()
    assert b'"up": false' in talk.say(e.Draining()).hear(c.Publish).payload
    talk.say(e.MessagesArrived((tell(1),))).hear(c.WriteSpool)
    talk.say(e.SpoolWritten((1,))).hear(c.Acknowledge)
    talk.silence()


@pytest.mark.parametrize(
    ("topic", "payload", "retained", "reason"),
    [
        ("kassa/1/T0000001/answer", b"x", False, "topic"),
        ("kassa/1/hub/H001/state", b"x", False, "topic"),
        ("kassa/1/t/ask", b"x", False, "topic"),
        ("kassa/1//tell", b"x", False, "topic"),
        ("", b"x", False, "topic"),
        ("kassa/1/T0000001/tell", b"", False, "size"),
        ("kassa/1/T0000001/tell", b"x" * 2049, False, "size"),
        ("kassa/1/T0000001/ask", b"\xff", False, "not_text"),
        ("kassa/1/T0000001/tell", b"x", True, "retained"),
    ],
)
def test_useless_messages_are_acknowledged_counted_and_forgotten(
    topic: str, payload: bytes, retained: bool, reason: str
) -> None:
    talk = ready()
    talk.say(e.MessagesArrived((e.Message(topic, payload, "h", retained),))).hear(c.Acknowledge)
    talk.silence()
    assert talk.hub.counters["dropped", reason] == 1


def test_an_event_that_is_not_in_the_table_is_an_error() -> None:
    with pytest.raises(KeyError):
        ready().hub.handle("surprise", e.Moment(0, 0))  # type: ignore[arg-type]
    assert all(name.startswith(tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) for name in (k.__name__ for k in TRANSITIONS))


MOVES = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5), st.integers(0, 2)), max_size=60)


@settings(max_examples=300, deadline=None)
@given(moves=MOVES)
def test_in_any_order_of_events_tells_are_acknowledged_on_disk_only_sent_in_order_and_end(
    moves: list[tuple[int, int, int]],
) -> None:
    world = World()
    for move, number, choice in moves:
        world.move(move, number, choice)
    world.settle()


class World:
    """An imaginary spool, broker and backend around a hub, moved at random."""

    def __init__(self) -> None:
        self.hub = Hub("H001", lambda: 0.5, replace(LIMITS, batch_items=4, tells_pending=8))
        self.now_ms = 0
        self.seq = 0
        self.disk: dict[int, str] = {}
        self.write: c.WriteSpool | None = None
        self.posts: list[c.PostTells] = []
        self.publishes: list[c.Publish] = []
        self.booked: list[str] = []
        self.told = 0
        self.do(e.SpoolOpened((), ""))

    def do(self, event: e.Event) -> None:
        for command in self.hub.handle(event, e.Moment(self.now_ms, self.now_ms)):
            self.perform(command)

    def perform(self, command: c.Command) -> None:
        if isinstance(command, c.WriteSpool):
            assert self.write is None, "one commit at a time"
            self.write = command
        elif isinstance(command, c.PostTells):
            in_flight = {item.terminal for post in self.posts for item in post.items}
            assert not in_flight & {item.terminal for item in command.items}, "no overtaking"
            assert all(item.seq in self.disk for item in command.items), "only from the disk"
            self.posts.append(command)
            assert len(self.posts) <= 2
        elif isinstance(command, c.Acknowledge):
            assert all(str(handle) in self.disk.values() or str(handle) in self.booked for handle in command.handles)
        elif isinstance(command, c.Publish):
            self.publishes.append(command)

    def commit(self) -> None:
        write, self.write = self.write, None
        if write is None:
            return
        for seq in (*write.changes.remove, *(item.seq for item in write.changes.quarantine)):
            self.disk.pop(seq, None)
        appended: list[int | None] = []
        for one in write.changes.append:
            if one.jws in self.disk.values():
                appended.append(None)
                continue
            self.seq += 1
            self.disk[self.seq] = one.jws
            appended.append(self.seq)
        self.do(e.SpoolWritten(tuple(appended)))

    def answer(self, choice: int) -> None:
        if not self.posts:
            return
        post = self.posts.pop(0)
        busy = e.Answer("", error="busy", transient=True)
        answers = []
        for position, item in enumerate(post.items):
            held = choice == 2 and position >= len(post.items) // 2
            if not held:
                self.booked.append(self.disk[item.seq])
            answers.append(busy._replace(terminal=item.terminal) if held else e.Answer(item.terminal, "ok"))
        self.do(e.BatchAnswered(post.call, tuple(answers)))

    def tell(self, terminal: int) -> None:
        self.told += 1
        text = f"T000000{terminal}.{self.told:04d}"
        self.do(e.MessagesArrived((e.Message(f"kassa/1/T000000{terminal}/tell", text.encode(), text),)))

    def fail(self, choice: int) -> None:
        if self.posts:
            outcome = ("unreachable", "timeout", "server_error")[choice]
            self.do(e.BatchFailed(self.posts.pop(0).call, outcome))

    def fail_write(self) -> None:
        if self.write is not None:
            self.write = None
            self.do(e.SpoolWriteFailed("no"))

    def acknowledge_publishes(self) -> None:
        tokens = tuple(one.token for one in self.publishes)
        self.publishes = []
        self.do(e.Published(tokens))

    def move(self, move: int, number: int, choice: int) -> None:
        moves: tuple[Callable[[], None], ...] = (
            lambda: self.tell(number),
            lambda: self.tell(number),
            lambda: self.tell(number),
            self.commit,
            self.commit,
            lambda: self.answer(choice),
            lambda: self.fail(choice),
            self.fail_write,
            lambda: self.do(e.BrokerUp(3) if choice else e.BrokerDown()),
            self.acknowledge_publishes,
        )
        moves[move]()
        self.now_ms += number * 300
        self.do(e.Tick())

    def settle(self) -> None:
        """With well neighbours everything told is booked, each terminal's first bookings in its order."""
        for _ in range(400):
            self.now_ms += 100_000
            self.commit()
            self.answer(0)
            self.do(e.Tick())
        first = list(dict.fromkeys(self.booked))
        assert len(first) == self.told
        for terminal in range(6):
            mine = [text for text in first if text.startswith(f"T000000{terminal}.")]
            assert mine == sorted(mine)
        assert not self.disk
        assert not self.hub.tells.entries
