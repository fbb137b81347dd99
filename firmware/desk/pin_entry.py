"""The only file of the firmware that holds PIN digits: typed, counted as stars, handed once to a sealer, wiped."""

from deskwire.pinblock import MAX_DIGITS, MIN_DIGITS, wipe

#: Without a key for this long the digits are wiped (PCI PTS B4: kept no longer than needed).
IDLE_LIMIT_MS = 30_000


class PinEntry:
    """A PIN being typed. One ASCII digit a byte; its repr and every other reading of it tell the count alone."""

    __slots__ = ("_count", "_digits", "_last_ms", "first")

    def __init__(self, now_ms):
        self._digits = bytearray(MAX_DIGITS)
        self._count = 0
        self._last_ms = now_ms
        #: Where a new PIN is typed twice: the first entry. It is wiped with this one.
        self.first = None

    def __repr__(self):
        return "PinEntry(hidden)"

    def stars(self):
        """How many digits are typed."""
        return self._count

    def is_long_enough(self):
        """Whether it can be a PIN."""
        return self._count >= MIN_DIGITS

    def has_timed_out(self, now_ms):
        """Whether nobody has touched a key for too long."""
        return now_ms - self._last_ms >= IDLE_LIMIT_MS

    def press(self, key, now_ms):
        """Take one digit key; more than MAX_DIGITS are not taken."""
        self._last_ms = now_ms
        if self._count < MAX_DIGITS:
            self._digits[self._count] = ord(key)
            self._count += 1

    def erase(self, now_ms):
        """Wipe the last digit; False when there was none."""
        self._last_ms = now_ms
        if self._count == 0:
            return False
        self._count -= 1
        self._digits[self._count] = 0
        return True

    def wipe(self):
        """Overwrite every digit."""
        if self.first is not None:
            self.first.wipe()
        wipe(self._digits)
        self._count = 0

    def take(self, seal):
        """Hand the digits (a bytearray) to `seal`, which makes the PIN block at once; wiped whatever it does."""
        digits = self._digits[: self._count]
        try:
            return seal(digits)
        finally:
            wipe(digits)
            self.wipe()
