"""Time as the terminal knows it: a millisecond count that never wraps, and UTC as the backend last said."""

import time


class Clock:
    """Follows the board's wrapping counter; `set` by the answer to hello, it no longer trusts the board's own clock."""

    def __init__(self, board):
        self._board = board
        self._ticks = board.ticks_ms()
        self._ms = 0
        self._set_ms = 0
        self._set_epoch_s = 0

    def now_ms(self):
        """Milliseconds since the start. Called at least every few days, or a wrap is missed."""
        ticks = self._board.ticks_ms()
        self._ms += time.ticks_diff(ticks, self._ticks)
        self._ticks = ticks
        return self._ms

    def set(self, epoch_s):
        """The backend says that it is `epoch_s` now."""
        self._set_epoch_s = epoch_s
        self._set_ms = self.now_ms()

    def is_set(self):
        """Whether the time is known from the backend or from the board's own clock."""
        return self._set_epoch_s > 0 or self._board.clock_set()

    def epoch_s(self):
        """UTC seconds since 1970; what the board believes while nobody has said."""
        if self._set_epoch_s:
            return self._set_epoch_s + (self.now_ms() - self._set_ms) // 1000
        return self._board.epoch_s()
