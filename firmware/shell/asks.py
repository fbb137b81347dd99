"""Asks under way: kept in memory until their answer or their deadline, sent again unchanged after a reconnect."""

#: The hub drops an ask after 8 s; what has not come back 2 s later will not come.
DEADLINE_MS = 10_000
#: The screen's own, the check behind it, and hello: more at once means something is wrong.
MAX_PENDING = 4


class Pending:
    """One ask: its envelope as sent, the key of its answer, until when it is waited for, whether it ever left."""

    __slots__ = ("deadline_ms", "id", "jws", "key", "ksn", "sent", "type")

    def __init__(self, id, kind, sealed, deadline_ms):  # noqa: A002
        self.id = id
        self.type = kind
        self.jws = sealed.jws
        self.key = sealed.key
        self.ksn = sealed.ksn
        self.deadline_ms = deadline_ms
        self.sent = False


class Asks:
    """All asks that wait for an answer."""

    def __init__(self):
        self.pending = {}

    def add(self, id, kind, sealed, now_ms):  # noqa: A002
        """Begin to wait. Returns the Pending, or None if too many wait."""
        if len(self.pending) >= MAX_PENDING:
            return None
        ask = Pending(id, kind, sealed, now_ms + DEADLINE_MS)
        self.pending[id] = ask
        return ask

    def of_ksn(self, ksn):
        """The ask that was sent under that KSN, or None: only its answer may be signed so."""
        for ask in self.pending.values():
            if ask.ksn == ksn:
                return ask
        return None

    def answered(self, id):  # noqa: A002
        """The answer came: the ask is over."""
        del self.pending[id]

    def overdue(self, now_ms):
        """Take out the asks whose deadline has passed."""
        late = [ask for ask in self.pending.values() if now_ms >= ask.deadline_ms]
        for ask in late:
            del self.pending[ask.id]
        return late
