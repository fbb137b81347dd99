"""When the terminal tries again: a table."""

from shell.mqtt.backoff import CEILING_MS, REFUSED_CEILING_MS, STEADY_MS, delay_ms, next_attempt


def test_ceilings_double_and_stop():
    assert [delay_ms(attempt, False, 65535) for attempt in range(7)] == [99, 199, 399, 799, 1599, 1999, 1999]
    assert delay_ms(0, True, 65535) == 99
    assert delay_ms(40, True, 65535) == REFUSED_CEILING_MS - 1


def test_jitter_is_full():
    assert delay_ms(12, False, 0) == 0
    assert delay_ms(12, False, 32768) == CEILING_MS // 2


def test_only_a_connection_that_lasted_starts_again_from_the_first_ceiling():
    assert next_attempt(3, 0) == 4
    assert next_attempt(3, STEADY_MS - 1) == 4
    assert next_attempt(3, STEADY_MS) == 0
    assert next_attempt(12, 0) == 12
