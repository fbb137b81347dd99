"""Every bound of the hub's core in one place, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of queues, batches and times. The defaults fit a branch of 1,000 terminals on a small edge box."""

    #: the wire's bound for one signed envelope, terminal to backend
    up_bytes: int = 2048
    #: the wire's bound for one signed envelope, backend to terminal
    down_bytes: int = 4096
    #: items of one HTTP call: the backend's own bound, and where a larger commit gains nothing
    batch_items: int = 200
    #: HTTP calls of one kind under way: one is committed while the next is filled
    calls_in_flight: int = 2
    #: asks waiting in memory: 4 MB, and less than one second of work at 3,000 a second
    asks_waiting: int = 2000
    #: asks of one terminal waiting: a terminal asks one thing at a time, so more is a fault or an attack
    asks_per_terminal: int = 8
    #: an ask is dropped this long after its receipt: the terminal gives up at 10 s
    ask_life_ms: int = 8_000
    #: an answer that could not be published is dropped this long after: the terminal has given up or will repeat
    answer_life_ms: int = 10_000
    #: an ack that could not be published is dropped this long after: the terminal repeats its tell
    ack_life_ms: int = 30_000
    #: tells in the spool: 100 MB of disk, days of work of a branch that is offline
    tells_pending: int = 50_000
    #: tells of one terminal in the spool, so that one mad terminal cannot fill the branch's spool
    tells_per_terminal: int = 5_000
    #: tells received and not yet committed; the broker's own window (20 on Mosquitto) keeps it far below
    tells_inbox: int = 2_000
    #: tells of one terminal in one batch, so that one long queue does not crowd out the others
    tells_per_terminal_batch: int = 50
    #: tells in one commit of the spool: beyond it a commit only gets slower
    commit_items: int = 500
    #: payload text of pending tells kept in memory, 8 MB; the rest is read from the spool when its turn comes
    payload_cache_bytes: int = 8_000_000
    #: publishes without the broker's acknowledgement; the broker may ask for less
    publish_window: int = 500
    #: answers, acks and news waiting for the broker: 20 MB at the very most
    outgoing_waiting: int = 5_000
    #: news between the backend's stream and the broker's acknowledgement; the stream pauses there
    news_window: int = 256


LIMITS = Limits()
