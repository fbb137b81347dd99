"""Turn a vectors file into a flat list of cases, and a list of what in it is not covered.

Sections and fields are recognised by name wherever they stand; what is not recognised is listed, never counted.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

#: Fields that explain a vector and are no vector.
_EXPLAINING = ("about", "note", "rule", "standard", "checked", "verified", "name", "algorithm", "why", "description")

#: The expected outcome of what must be refused.
REFUSED = {"refused": True}


@dataclass(frozen=True, slots=True)
class Case:
    """One check: an operation of run_case.py (or of host_only.py), its arguments, and what must come out.

    A vector that does not say which key length it uses becomes the operation `any_of`: one alternative must give it.
    """

    section: str
    name: str
    op: str
    args: dict[str, Any]
    want: Any
    host_only: bool = False

    def passes(self, result: dict[str, Any]) -> bool:
        """Whether a result is the wanted one. A refusal must say why."""
        if "refused" in result:
            return bool(self.want == REFUSED and result["refused"])
        found = result.get("got_any", [result["got"]] if "got" in result else [])
        return self.want != REFUSED and json.dumps(self.want) in [json.dumps(got) for got in found]


@dataclass(slots=True)
class Collector:
    """Gathers cases while a file is walked; `section` is where it stands."""

    section: str
    cases: list[Case] = field(default_factory=list)
    uncovered: list[str] = field(default_factory=list)

    def add(self, name: str, op: str, want: Any, **args: Any) -> None:
        """One case with one right result."""
        self.cases.append(Case(self.section, name, op, args, want))

    def add_host(self, name: str, op: str, want: Any, **args: Any) -> None:
        """One case that only hosts can run."""
        self.cases.append(Case(self.section, name, op, args, want, host_only=True))

    def add_any(self, name: str, alternatives: list[tuple[str, dict[str, Any]]], want: Any) -> None:
        """A case whose vector leaves open which of several ways is meant: one of them must give the result."""
        args = {"alternatives": [{"op": op, "args": args} for op, args in alternatives]}
        self.cases.append(Case(self.section, name, "any_of", args, want))

    def skip(self, name: str) -> None:
        """Something of the file that no case covers."""
        self.uncovered.append(f"{self.section}: {name}")

    def rest(self, name: str, values: dict[str, Any], known: set[str]) -> None:
        """List the keys that were not looked at, but for explanations."""
        for key in values:
            if key not in known and not is_explaining(key):
                self.skip(f"{name}.{key}" if name else key)


def is_explaining(key: str) -> bool:
    """Whether a key is a remark."""
    return any(word in key.strip("_").lower().split("_") for word in _EXPLAINING)


def number(value: Any) -> int:
    """A counter: an int, or a text of hex digits."""
    return int(value, 16) if isinstance(value, str) else int(value)


def collect(vectors: dict[str, Any]) -> Collector:
    """Every case of a file. A section that is not of the form becomes one failing case, not an exception."""
    from kassa.conform import cases_codes, cases_dukpt  # noqa: PLC0415  (they import this module)

    walkers: dict[str, Callable[[Collector, Any], None]] = {**cases_dukpt.SECTIONS, **cases_codes.SECTIONS}
    total = Collector("")
    for section, content in vectors.items():
        if is_explaining(section):
            continue
        part = Collector(section)
        if section not in walkers:
            total.uncovered.append(f"{section}: whole section")
            continue
        try:
            walkers[section](part, content)
        except (AttributeError, KeyError, TypeError, ValueError, IndexError) as error:
            problem = f"{type(error).__name__}: {error}"
            part.cases.append(Case(section, f"not of the form ({problem})", "unreadable", {}, "readable"))
        total.cases += part.cases
        total.uncovered += part.uncovered
    return total
