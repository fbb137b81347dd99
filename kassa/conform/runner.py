"""Run collected cases under CPython and under MicroPython, and count what each says."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kassa.conform import host_only, interpreters, run_case

if TYPE_CHECKING:
    from kassa.conform.cases import Case, Collector

SCRIPT = Path(run_case.__file__)

#: The whole of a file's cases stand in no more than a line each; this is for the longest line and its result.
HEAP = "2M"


class DeviceError(Exception):
    """MicroPython could not be started, or stopped before the end."""


@dataclass(slots=True)
class Tally:
    """What one interpreter said of one section."""

    passed: int = 0
    failed: int = 0
    unsupported: int = 0


@dataclass(slots=True)
class Report:
    """Tallies by section and interpreter, the failures in words, and what was not covered."""

    sections: dict[str, dict[str, Tally]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    uncovered: list[str] = field(default_factory=list)

    def tally(self, section: str, interpreter: str) -> Tally:
        """The tally to count in."""
        return self.sections.setdefault(section, {}).setdefault(interpreter, Tally())

    @property
    def passed(self) -> int:
        """Passed cases of both interpreters."""
        return sum(tally.passed for row in self.sections.values() for tally in row.values())

    @property
    def failed(self) -> int:
        """Failed cases of both interpreters."""
        return sum(tally.failed for row in self.sections.values() for tally in row.values())

    def count(self, case: Case, interpreter: str, result: dict[str, Any]) -> None:
        """Count one result."""
        tally = self.tally(case.section, interpreter)
        if "unsupported" in result:
            tally.unsupported += 1
            self.uncovered.append(f"{case.section}: {case.name} under {interpreter} ({result['unsupported']})")
        elif case.passes(result):
            tally.passed += 1
        else:
            tally.failed += 1
            shown = json.dumps(result, ensure_ascii=False)[:300]
            wanted = json.dumps(case.want, ensure_ascii=False)[:300]
            self.failures.append(f"{case.section}: {case.name} under {interpreter}: wanted {wanted}, got {shown}")


def run_all(collected: Collector, binary: Path) -> Report:
    """Every case under both interpreters. DeviceError when MicroPython fails as a whole."""
    report = Report(uncovered=list(collected.uncovered))
    for case in collected.cases:
        if case.host_only:
            report.count(case, "CPython", host_only.run_case(case.op, case.args))
        else:
            report.count(case, "CPython", run_case.run_case({"op": case.op, "args": case.args}))
    shared = [case for case in collected.cases if not case.host_only]
    for case, result in zip(shared, run_on_device(shared, binary), strict=True):
        report.count(case, "MicroPython", result)
    return report


def run_on_device(cases: list[Case], binary: Path) -> list[dict[str, Any]]:
    """The results of one MicroPython process that is given all cases."""
    lines = [json.dumps({"op": case.op, "args": case.args}) for case in cases]
    try:
        done = interpreters.run(binary, [str(SCRIPT)], heap=HEAP, standard_input="\n".join([*lines, ""]).encode())
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise DeviceError(f"MicroPython did not run: {problem}") from problem
    output = done.stdout.decode(errors="replace").splitlines()
    if done.returncode != 0 or len(output) != len(cases):
        raise DeviceError(f"MicroPython stopped after {len(output)} of {len(cases)} cases: {' '.join(output[-3:])}")
    return [json.loads(line) for line in output]
