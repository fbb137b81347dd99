"""A slice of the fault simulation: seeds that must hold, seeds that must repeat, bugs that must be caught."""

from __future__ import annotations

import subprocess
import sys

import pytest

from simulators.faults.mutations import MUTATIONS
from simulators.faults.plan import make_plan
from simulators.faults.runner import run_plan, run_seed
from simulators.faults.shrink import kind_of, shrink

FAULTS = 20
SLICES = 6
SLICE = 50
#: A bug, and a seed that is known to catch it: where a change of the plans moves it, the hunt below finds another.
QUICK = ("acknowledge before commit", "taken not told", "PUBACK before spool", "one-sided posting", "reuse KSN")


@pytest.mark.parametrize("number", range(SLICES))
def test_everything_that_must_be_true_is_true_under_faults(number: int) -> None:
    first = 1 + number * SLICE
    failed = {}
    bookings = 0
    for seed in range(first, first + SLICE):
        result = run_seed(seed, FAULTS)
        bookings += result.bookings
        if result.problems:
            failed[seed] = result.problems
    assert not failed, f"replay with `kassa simulate --seed N --trace`: {failed}"
    assert bookings > SLICE * 5, "the people hardly got anything done: the simulation proves little"


def test_the_same_seed_is_the_same_schedule_in_any_process() -> None:
    code = "from simulators.faults.runner import run_seed; print(run_seed(7, 20).trace_hash)"
    hashes = {run_seed(7, FAULTS).trace_hash, run_seed(7, FAULTS).trace_hash}
    for hash_seed in ("1", "2"):
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, env={"PYTHONHASHSEED": hash_seed}, capture_output=True, text=True, check=True)
        hashes.add(done.stdout.strip())
    assert len(hashes) == 1
    assert run_seed(8, FAULTS).trace_hash not in hashes


@pytest.mark.parametrize("name", QUICK)
def test_a_deliberate_bug_is_caught(name: str) -> None:
    for seed in range(1, 120):
        if run_seed(seed, FAULTS, mutation=name).problems:
            assert not run_seed(seed, FAULTS).problems, "the seed fails without the bug as well"
            return
    raise AssertionError(f"nobody noticed: {MUTATIONS[name].what}")


def test_a_failing_plan_is_cut_down_to_what_matters() -> None:
    plan = make_plan(1, FAULTS)
    result = run_plan(plan, mutation="taken not told")
    assert result.problems
    short = shrink(plan, result, mutation="taken not told")
    assert len(short.faults) == 0, "this bug needs no fault at all"
    assert len(short.jobs) == 1
    again = run_plan(short, mutation="taken not told")
    assert {kind_of(problem) for problem in again.problems} & {kind_of(problem) for problem in result.problems}


def test_without_faults_everything_is_done_and_nothing_fails() -> None:
    for seed in range(1, 6):
        result = run_seed(seed, 0)
        assert not result.problems
        assert result.virtual_s < 90
