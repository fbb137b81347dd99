"""How long to wait before the next attempt to connect: a pure function of what happened."""

#: First ceiling; doubles with every attempt that failed.
BASE_MS = 100
#: Highest ceiling while the broker cannot be reached. With full jitter a terminal is back at most this long, plus one
#: connection attempt, after the broker is; a thousand terminals spread over it.
CEILING_MS = 2000
#: Highest ceiling while the broker refuses this account: asking again does not help until a person changes something.
REFUSED_CEILING_MS = 15000
#: A connection that lasted this long counts as good: the next loss starts again from the first ceiling.
STEADY_MS = 5000


def delay_ms(attempt, refused, random16) -> int:
    """Full jitter: evenly between 0 and the ceiling of this attempt (0 is the first). `random16` is 0..65,535."""
    ceiling = min(BASE_MS << min(attempt, 12), REFUSED_CEILING_MS if refused else CEILING_MS)
    return ceiling * random16 // 65536


def next_attempt(attempt, lasted_ms) -> int:
    """The number of the next attempt, after one whose connection was up for `lasted_ms` (0: never)."""
    return 0 if lasted_ms >= STEADY_MS else min(attempt + 1, 12)
