"""Properties of fees and limits: for any tariff and any day of use, not for chosen examples."""

from __future__ import annotations

import datetime as dt
from datetime import UTC, datetime
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from backend.operations import limits
from backend.operations.entities import LimitRule, Policy, Tariff, Usage, Wallet
from backend.operations.loaded import Loaded
from backend.operations.state import State
from deskwire.money import MAX_AMOUNT_MINOR

WALLET = Wallet("9000000000000001", "Demo Holder", "en", "AZN", "active", b"", 0)
amounts = st.integers(1, MAX_AMOUNT_MINOR)
parts = st.integers(0, 10**6)
rates = st.integers(0, 10_000)


@st.composite
def tariffs(draw: st.DrawFn) -> Tariff:
    steps = sorted(draw(st.lists(amounts, max_size=4, unique=True)))
    minimum = draw(parts)
    return Tariff(
        "cash_out",
        "AZN",
        draw(parts),
        draw(rates),
        MAX_AMOUNT_MINOR,
        minimum_minor=minimum,
        cap_minor=draw(st.sampled_from([0, minimum + draw(parts)])),
        tier_from_minor=tuple(steps),
        tier_fixed_minor=tuple(draw(parts) for _ in steps),
        tier_rate_basis_points=tuple(draw(rates) for _ in steps),
    )


@given(tariffs(), amounts)
def test_a_fee_is_its_tiers_percentage_rounded_half_up_between_minimum_and_cap(tariff: Tariff, amount: int) -> None:
    fee = tariff.fee_minor(amount)
    place = sum(amount >= step for step in tariff.tier_from_minor) - 1
    fixed = tariff.fixed_minor if place < 0 else tariff.tier_fixed_minor[place]
    rate = tariff.rate_basis_points if place < 0 else tariff.tier_rate_basis_points[place]
    exact = Fraction(amount * rate, 10_000)
    rounded = exact.numerator // exact.denominator + (exact % 1 >= Fraction(1, 2))
    wanted = max(tariff.minimum_minor, fixed + rounded)
    assert type(fee) is int
    assert fee == (min(wanted, tariff.cap_minor) if tariff.cap_minor else wanted)


@given(tariffs(), amounts, amounts)
def test_without_tiers_more_money_never_costs_less(tariff: Tariff, one: int, other: int) -> None:
    flat = tariff._replace(tier_from_minor=(), tier_fixed_minor=(), tier_rate_basis_points=())
    assert flat.fee_minor(min(one, other)) <= flat.fee_minor(max(one, other))


START = 1_800_000_000
uses = st.lists(st.tuples(st.integers(1, 400), st.integers(0, 3 * 86_400), st.integers(0, 2)), max_size=25)
maybe = st.one_of(st.none(), st.integers(0, 900))
few = st.one_of(st.none(), st.integers(0, 6))


class Model:
    """The same limits over the whole history, the slow way."""

    def __init__(self, rule: LimitRule, offset_s: int) -> None:
        self.rule = rule
        self.offset_s = offset_s
        self.done: list[tuple[int, int]] = []

    def allows(self, amount: int, at: int) -> bool:
        def day(when: int) -> object:
            return datetime.fromtimestamp(when + self.offset_s, UTC).date()

        def month(when: int) -> object:
            date = datetime.fromtimestamp(when + self.offset_s, UTC)
            return date.year, date.month

        if self.rule.operation_minor is not None and amount > self.rule.operation_minor:
            return False
        for period, most, count in (
            (day, self.rule.day_minor, self.rule.day_count),
            (month, self.rule.month_minor, self.rule.month_count),
        ):
            same = [minor for minor, when in self.done if period(when) == period(at)]
            if (most is not None and sum(same) + amount > most) or (count is not None and len(same) >= count):
                return False
        return True


@given(uses, maybe, maybe, few, maybe, few, st.sampled_from([0, 4 * 3600, -3 * 3600]))
def test_the_counters_say_what_the_whole_history_would(  # noqa: PLR0917
    history: list[tuple[int, int, int]],
    operation: int | None,
    day: int | None,
    day_count: int | None,
    month: int | None,
    month_count: int | None,
    offset_s: int,
) -> None:
    rule = LimitRule(1, "cash_out", "AZN", 0, 0, operation, day, day_count, month, month_count)
    loaded = Loaded(limits={("cash_out", "AZN"): [rule]})
    state = State(loaded, Policy(utc_offset_s=offset_s), lambda *_: False)
    model, at = Model(rule, offset_s), START
    for amount, later_s, gives_back in history:
        at += later_s
        state.at = at
        allowed = limits.refusal(state, WALLET, "cash_out", amount) is None
        assert allowed == model.allows(amount, at)
        if allowed:
            _apply(state, limits.count(state, WALLET.number, "cash_out", amount))
            model.done.append((amount, at))
        if gives_back == 0 and model.done:
            minor, when = model.done.pop()
            for usage in limits.release(state, WALLET.number, "cash_out", minor, when):
                _apply(state, usage)


@given(st.dates())
def test_a_months_number_is_the_calendars(date: dt.date) -> None:
    day = (date - dt.date(1970, 1, 1)).days
    assert limits.month_of(day) == date.year * 12 + date.month - 1


def _apply(state: State, usage: Usage) -> None:
    assert min(usage[1:]) >= 0
    state.loaded.usages[usage.id] = usage
