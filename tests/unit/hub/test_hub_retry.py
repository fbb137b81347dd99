"""Retry is a pure function: its table, row by row."""

from __future__ import annotations

import pytest

from hub.core.retry import OUTCOMES, Decision, decide, delay_ms


@pytest.mark.parametrize(
    ("outcome", "attempt", "least_ms", "most_ms"),
    [
        ("unreachable", 1, 100, 200),
        ("unreachable", 2, 200, 400),
        ("unreachable", 6, 2_500, 5_000),
        ("unreachable", 10_000, 2_500, 5_000),
        ("busy", 1, 50, 100),
        ("busy", 9, 1_000, 2_000),
        ("unauthorized", 1, 1_000, 2_000),
        ("unauthorized", 9, 15_000, 30_000),
        ("timeout", 1, 250, 500),
        ("garbage", 1, 500, 1_000),
        ("server_error", 1, 125, 250),
        ("server_error", 20, 5_000, 10_000),
        ("transient", 1, 250, 500),
        ("transient", 20, 30_000, 60_000),
        ("too_large", 5, 0, 0),
        ("malformed", 5, 0, 0),
    ],
)
def test_delays_double_are_capped_and_jittered(outcome: str, attempt: int, least_ms: int, most_ms: int) -> None:
    assert delay_ms(outcome, attempt, 0.0) == least_ms
    assert delay_ms(outcome, attempt, 1.0) == most_ms


@pytest.mark.parametrize(
    ("outcome", "items", "decision"),
    [
        ("unreachable", 200, Decision(pause_ms=200, item_ms=0, batch_items=None, give_up=False)),
        ("unreachable", 1, Decision(pause_ms=200, item_ms=0, batch_items=None, give_up=False)),
        ("unauthorized", 7, Decision(pause_ms=2000, item_ms=0, batch_items=None, give_up=False)),
        ("timeout", 200, Decision(pause_ms=500, item_ms=0, batch_items=100, give_up=False)),
        ("timeout", 1, Decision(pause_ms=500, item_ms=500, batch_items=1, give_up=False)),
        ("server_error", 9, Decision(pause_ms=0, item_ms=0, batch_items=4, give_up=False)),
        ("server_error", 1, Decision(pause_ms=0, item_ms=250, batch_items=1, give_up=False)),
        ("too_large", 200, Decision(pause_ms=0, item_ms=0, batch_items=100, give_up=False)),
        ("too_large", 1, Decision(pause_ms=0, item_ms=0, batch_items=1, give_up=True)),
        ("malformed", 1, Decision(pause_ms=0, item_ms=0, batch_items=1, give_up=True)),
    ],
)
def test_decisions(outcome: str, items: int, decision: Decision) -> None:
    assert decide(outcome, 1, items, 1.0) == decision


def test_every_outcome_has_a_way_on() -> None:
    for outcome, rule in OUTCOMES.items():
        assert rule.pauses or rule.splits or outcome == "transient"
        assert rule.final or rule.first_ms > 0, outcome
