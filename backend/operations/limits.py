"""Limits by KYC level: what a wallet may still do today and this month, counted in one row per wallet and service.

The row is locked by the load, changed with the operation it counts, and never derived from history. A later command
of the same batch sees what an earlier one used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend.operations.decision import Decision, refuse
from backend.operations.entities import Usage

if TYPE_CHECKING:
    from backend.operations.entities import LimitRule, Policy, Wallet
    from backend.operations.state import State

DAY_S = 86_400


def usage_id(wallet: str, service: str) -> str:
    """The name of a wallet's usage of a service."""
    return f"{wallet}:{service}"


def periods(at: int, policy: Policy) -> tuple[int, int]:
    """(day, month) of a time: days since 1970, months since year 0, in the branches' time."""
    local = at + policy.utc_offset_s
    return local // DAY_S, month_of(local // DAY_S)


def month_of(day: int) -> int:
    """The month, counted from year 0, of a day counted from 1970-01-01.

    Years are begun in March, so that the leap day is the last of its year; 400 years have 146,097 days.
    """
    days = day + 719_468  # since 0000-03-01
    era_day = days % 146_097
    year_of_era = (era_day - era_day // 1_460 + era_day // 36_524 - era_day // 146_096) // 365
    day_of_year = era_day - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    return (days // 146_097 * 400 + year_of_era) * 12 + (5 * day_of_year + 2) // 153 + 2


def refusal(state: State, wallet: Wallet, service: str, amount_minor: int) -> Decision | None:
    """Why the wallet may not do this now, or None. A level without a rule for the service has no limits there."""
    rule = state.limit_rule(wallet.kyc_level, service, wallet.currency)
    if rule is None:
        return None
    if rule.operation_minor is not None and amount_minor > rule.operation_minor:
        return _over(wallet, "operation", rule.operation_minor, rule.operation_minor)
    return _over_in_period(wallet, rule, now(state, wallet.number, service), amount_minor)


def _over_in_period(wallet: Wallet, rule: LimitRule, used: Usage, amount_minor: int) -> Decision | None:
    """The first limit of the day, then of the month, that one more operation would break."""
    for period, limit_minor, limit_count, minor, count in (
        ("day", rule.day_minor, rule.day_count, used.day_minor, used.day_count),
        ("month", rule.month_minor, rule.month_count, used.month_minor, used.month_count),
    ):
        if limit_minor is not None and minor + amount_minor > limit_minor:
            return _over(wallet, period, limit_minor, max(0, limit_minor - minor))
        if limit_count is not None and count >= limit_count:
            return refuse("count_over_limit", {"period": period, "limit_count": limit_count})
    return None


def _over(wallet: Wallet, period: str, limit_minor: int, left_minor: int) -> Decision:
    """The refusal of an amount, with the limit and what is left of it."""
    details = {"limit_minor": limit_minor, "left_minor": left_minor, "period": period, "currency": wallet.currency}
    return refuse("amount_over_limit", details)


def now(state: State, wallet: str, service: str) -> Usage:
    """What is used in the current day and month. A clock a little behind the last use stays in that use's periods."""
    day, month = periods(state.at, state.policy)
    used = state.usage(usage_id(wallet, service)) or Usage(usage_id(wallet, service), day, 0, 0, month, 0, 0)
    if day > used.day:
        used = used._replace(day=day, day_minor=0, day_count=0)
    return used._replace(month=month, month_minor=0, month_count=0) if month > used.month else used


def count(state: State, wallet: str, service: str, amount_minor: int) -> Usage:
    """The usage with one more operation, to be committed with it."""
    used = now(state, wallet, service)
    return used._replace(
        day_minor=used.day_minor + amount_minor,
        day_count=used.day_count + 1,
        month_minor=used.month_minor + amount_minor,
        month_count=used.month_count + 1,
    )


def release(state: State, wallet: str, service: str, amount_minor: int, counted_at: int) -> tuple[Usage, ...]:
    """The usage with an operation taken back in the periods that it was counted in, as far as they are not over."""
    used = state.usage(usage_id(wallet, service))
    if used is None:
        return ()
    day, month = periods(counted_at, state.policy)
    if day >= used.day:
        used = used._replace(day_minor=max(0, used.day_minor - amount_minor), day_count=max(0, used.day_count - 1))
    if month >= used.month:
        used = used._replace(
            month_minor=max(0, used.month_minor - amount_minor), month_count=max(0, used.month_count - 1)
        )
    return (used,)
