"""The rails' pure parts: the order's table, the times of retries, signatures, what a rail's words mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.operations.rail_states import DONE, EVENTS, FAILED, OPEN, STATES, TRANSITIONS, after, markdown
from backend.rails.port import Report, report_of
from backend.rails.retry import MAX_DELAY_S, OLD_DELAY_S, OLD_S, delay_s, step
from backend.rails.signing import TOLERANCE_S, Said, is_signed, sign

SECRET, BODY = b"a secret of a rail", Said("POST", "/v1/rails/billers/callbacks", b'{"order":"1"}')


def test_nothing_leaves_a_closed_order() -> None:
    assert {(state, following) for (state, _), following in TRANSITIONS.items() if state in {DONE, FAILED}} == {
        (DONE, DONE),
        (FAILED, FAILED),
    }


def test_only_the_rails_own_last_word_closes_an_order() -> None:
    closing = {event for (state, event), following in TRANSITIONS.items() if state in OPEN and following not in OPEN}
    assert closing == {"done", "failed"}


def test_the_table_names_known_states_and_events_only() -> None:
    assert {state for state, _ in TRANSITIONS} | set(TRANSITIONS.values()) == set(STATES)
    assert {event for _, event in TRANSITIONS} == set(EVENTS)
    assert after(DONE, "failed") is None
    assert after(FAILED, "done") is None


def test_the_documented_table_is_the_code() -> None:
    assert markdown() in (Path(__file__).parents[3] / "docs" / "rails.md").read_text()


@pytest.mark.parametrize(
    ("attempts", "open_s", "expected_s"),
    [
        (0, 0, 2),
        (1, 0, 2),
        (2, 5, 4),
        (5, 60, 32),
        (6, 99, MAX_DELAY_S),
        (900, 999, MAX_DELAY_S),
        (9, OLD_S, OLD_DELAY_S),
    ],
)
def test_retries_come_quickly_first_and_never_stop(attempts: int, open_s: int, expected_s: int) -> None:
    assert delay_s(attempts, open_s) == expected_s


def test_only_the_first_attempt_sends_without_asking() -> None:
    assert [step(attempt) for attempt in (1, 2, 3, 50)] == ["submit", "status", "status", "status"]


def test_a_signature_holds_for_just_this_request_and_not_for_long() -> None:
    header = sign(SECRET, 1_000, BODY)
    assert is_signed(SECRET, header, BODY, 1_000 + TOLERANCE_S)
    assert not is_signed(SECRET, header, BODY, 1_001 + TOLERANCE_S)
    assert not is_signed(SECRET + b"x", header, BODY, 1_000)
    for other in (
        BODY._replace(path="/v1/rails/cards/callbacks"),
        BODY._replace(body=b"{}"),
        BODY._replace(method="PUT"),
    ):
        assert not is_signed(SECRET, header, other, 1_000)


@pytest.mark.parametrize(
    "header", ["", "t=,v1=", "t=1000", "v1=00", "t=१०००,v1=00", "t=1000,v1=\u00e9", "t=" + "9" * 40]
)
def test_a_broken_signature_is_refused(header: str) -> None:
    assert not is_signed(SECRET, header, BODY, 1_000)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("done", Report("done", "F1", "R1")),
        ("failed", Report("failed", "F1", "", "closed account")),
        ("pending", Report("accepted", "F1")),
        ("DONE", Report("no_answer")),
        (None, Report("no_answer")),
        (["done"], Report("no_answer")),
    ],
)
def test_words_that_are_not_a_state_say_nothing_for_certain(state: object, expected: Report) -> None:
    assert report_of(state, {"reference": "F1", "receipt": "R1", "reason": "closed\x07 account"}) == expected
