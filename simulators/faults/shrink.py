"""Cutting a failing plan down: faults, jobs and terminals are taken away for as long as it still fails alike."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from simulators.faults.runner import run_plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulators.faults.plan import Plan
    from simulators.faults.world import Result

#: Runs that shrinking may take: some ten seconds.
MAX_RUNS = 400
_CHANGING = re.compile(r"[0-9A-Z]{20,}|T\d{7}|\d[\d.]*")


def kind_of(problem: str) -> str:
    """A problem without its ids, amounts and times: two failures alike have the same."""
    return _CHANGING.sub("_", problem)


def shrink(plan: Plan, result: Result, *, mutation: str = "", said: Callable[[str], None] | None = None) -> Plan:
    """The shortest plan found that still fails in one of the ways in which `result` failed."""
    wanted = {kind_of(problem) for problem in result.problems}
    runs = 0

    def fails(candidate: Plan) -> bool:
        nonlocal runs
        runs += 1
        found = run_plan(candidate, mutation=mutation).problems
        return bool(wanted & {kind_of(problem) for problem in found})

    size = max(len(plan.faults), len(plan.jobs)) // 2
    while size and runs < MAX_RUNS:
        smaller = _pass(plan, size, fails, lambda: runs < MAX_RUNS)
        if said is not None:
            said(f"{len(smaller.faults)} faults, {len(smaller.jobs)} jobs after {runs} runs")
        if smaller == plan:
            size //= 2
        plan = smaller
    return plan


def _pass(plan: Plan, size: int, fails: Callable[[Plan], bool], may_run: Callable[[], bool]) -> Plan:
    """Try to take `size` neighbours away at each place, faults first."""
    for field in ("faults", "jobs"):
        start = 0
        while start < len(getattr(plan, field)) and may_run():
            items = getattr(plan, field)
            candidate = plan._replace(**{field: items[:start] + items[start + size :]})
            if fails(candidate):
                plan = candidate
            else:
                start += size
    last = plan.terminals[-1]
    if len(plan.terminals) > 1 and not any(job.terminal == last for job in plan.jobs) and may_run():
        candidate = plan._replace(
            terminals=plan.terminals[:-1], faults=tuple(one for one in plan.faults if one.target != last)
        )
        plan = candidate if fails(candidate) else plan
    return plan
