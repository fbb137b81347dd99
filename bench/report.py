"""What every bench prints: a table for people, the goals it reached, and with --json one object as the last line."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import typer
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure that is wanted to be at least, or at most, some limit."""

    name: str
    value: float
    limit: float
    at_least: bool

    @property
    def met(self) -> bool:
        """Whether the figure is on the right side of its limit."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def as_dict(self) -> dict[str, Any]:
        """The goal for the JSON object."""
        side = "at_least" if self.at_least else "at_most"
        return {"value": round(self.value, 3), side: self.limit, "met": self.met}


@dataclass(slots=True)
class Report:
    """Collects one bench's rows, ratios, figures and goals, then prints them.

    `ratios` compare to something measured in the same run; `figures` are what else a machine may want to read.
    """

    name: str
    title: str
    columns: tuple[str, ...]
    quick: bool
    rows: list[tuple[str, ...]] = field(default_factory=list)
    ratios: dict[str, float] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    goals: list[Goal] = field(default_factory=list)

    def row(self, *cells: object) -> None:
        """One line of the table; floats are shown with three significant digits."""
        self.rows.append(tuple(_cell(cell) for cell in cells))

    def ratio(self, name: str, value: float, *, at_least: float | None = None, at_most: float | None = None) -> None:
        """A ratio, with its goal if there is one."""
        self.ratios[name] = round(value, 3)
        self.goal(name, value, at_least=at_least, at_most=at_most)

    def goal(self, name: str, value: float, *, at_least: float | None = None, at_most: float | None = None) -> None:
        """A figure's goal; without a limit nothing is noted."""
        if at_least is not None:
            self.goals.append(Goal(name, value, at_least, at_least=True))
        if at_most is not None:
            self.goals.append(Goal(name, value, at_most, at_least=False))

    @property
    def met(self) -> bool:
        """Whether every goal is met."""
        return all(goal.met for goal in self.goals)

    def as_dict(self) -> dict[str, Any]:
        """The JSON object."""
        goals = {goal.name: goal.as_dict() for goal in self.goals}
        head = {"bench": self.name, "quick": self.quick, "met": self.met}
        return {**head, "ratios": self.ratios, "goals": goals, **self.figures}

    def finish(self, *, as_json: bool, console: Console | None = None) -> int:
        """Print everything; gives the exit status: 1 where a goal is missed."""
        console = console or Console()
        table = Table(title=self.title, title_justify="left")
        for number, column in enumerate(self.columns):
            table.add_column(column, justify="left" if number == 0 else "right")
        for cells in self.rows:
            table.add_row(*cells)
        console.print(table)
        for goal in self.goals:
            side = "at least" if goal.at_least else "at most"
            word = "[green]met[/green]" if goal.met else "[red]missed[/red]"
            console.print(f"{word}  {goal.name}: {_cell(goal.value)} ({side} {_cell(goal.limit)})", highlight=False)
        if as_json:
            typer.echo(json.dumps(self.as_dict(), separators=(",", ":")))
        return 0 if self.met else 1


def _cell(value: object) -> str:
    """A table cell: large floats with separators, small ones with three significant digits."""
    if not isinstance(value, float):
        return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
