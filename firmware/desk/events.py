"""What may happen to the desk. Each event has a `kind`, the second half of a transition's key."""

KEYS = "0123456789ABCD*#"
_KEY_KINDS = {"A": "A", "B": "B", "C": "C", "D": "D", "*": "back", "#": "ok"}


class Key:
    """A key was pressed. `kind` is digit, A, B, C, D, back (*) or ok (#). The repr hides which digit."""

    __slots__ = ("key", "kind")

    def __init__(self, key):
        if len(key) != 1 or key not in KEYS:
            raise ValueError("not a key of the keypad")
        self.key = key
        self.kind = _KEY_KINDS.get(key, "digit")

    def __repr__(self):
        return "Key({})".format(self.kind)


class Scan:
    """The scanner read a code. The repr hides it: it may be a one-time code."""

    kind = "scan"
    __slots__ = ("text",)

    def __init__(self, text):
        self.text = text

    def __repr__(self):
        return "Scan(hidden)"


class Tick:
    """Time went on. `now_ms` only grows; `epoch_s` is UTC, 0 while the clock is not set."""

    kind = "tick"
    __slots__ = ("epoch_s", "now_ms")

    def __init__(self, now_ms, epoch_s=0):
        self.now_ms = now_ms
        self.epoch_s = epoch_s


class Booted:
    """The stored state was read.

    `rows`: recorded operations; `tells`: (id, type, operation, amount, currency) still in the journal.
    """

    kind = "booted"
    __slots__ = ("oldest_s", "rows", "tells", "waiting")

    def __init__(self, rows=(), tells=(), waiting=0, oldest_s=0):
        self.rows = rows
        self.tells = tells
        self.waiting = waiting
        self.oldest_s = oldest_s


class Link:
    """The link changed to one of `views.LINKS`."""

    kind = "link"
    __slots__ = ("link",)

    def __init__(self, link):
        self.link = link


class Queue:
    """The journal changed: `waiting` tells without an ack, the oldest `oldest_s` seconds old."""

    kind = "queue"
    __slots__ = ("oldest_s", "waiting")

    def __init__(self, waiting, oldest_s):
        self.waiting = waiting
        self.oldest_s = oldest_s


class Hello:
    """The backend greeted the terminal; `body` is the hello's answer."""

    kind = "hello"
    __slots__ = ("body",)

    def __init__(self, body):
        self.body = body


class HelloRefused:
    """The backend refused the terminal's hello for `reason`."""

    kind = "unwelcome"
    __slots__ = ("reason",)

    def __init__(self, reason):
        self.reason = reason


class Answer:
    """The verified answer to ask `id`, made at backend time `time`."""

    kind = "answer"
    __slots__ = ("body", "id", "time")

    def __init__(self, id, body, time):  # noqa: A002
        self.id = id
        self.body = body
        self.time = time


class Refused:
    """Ask `id` was refused for `reason`; `details` may hold tries_left."""

    kind = "refused"
    __slots__ = ("details", "id", "reason")

    def __init__(self, id, reason, details):  # noqa: A002
        self.id = id
        self.reason = reason
        self.details = details


class Unanswered:
    """Ask `id` got no answer before its deadline; with `sent` False it never left the terminal."""

    kind = "unanswered"
    __slots__ = ("id", "sent")

    def __init__(self, id, sent):  # noqa: A002
        self.id = id
        self.sent = sent


class Acked:
    """The backend booked tell `id` as `booked` (as_told, suspense, remembered, nothing_to_do)."""

    kind = "acked"
    __slots__ = ("booked", "id")

    def __init__(self, id, booked):  # noqa: A002
        self.id = id
        self.booked = booked


class News:
    """Verified news `name` with its `body`; `late` when it came after its expiry."""

    kind = "news"
    __slots__ = ("body", "late", "name")

    def __init__(self, name, body, late=False):  # noqa: FBT002
        self.name = name
        self.body = body
        self.late = late


class EffectFailed:
    """A command could not be performed: what, why, and its id if it has one. The commands after it were dropped."""

    kind = "failed"
    __slots__ = ("id", "text", "what")

    def __init__(self, what, text, id=""):  # noqa: A002
        self.what = what
        self.text = text
        self.id = id
