"""`kassa simulate`: seeded fault simulation of the whole chain, replays, and mutations."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from simulators.faults.world import Result

app = typer.Typer(add_completion=False)

#: Failing seeds that are named; the first is shrunk.
MAX_SHOWN = 10


@app.callback(invoke_without_command=True)
def simulate(  # noqa: PLR0917  (options of a command)
    seeds: Annotated[int, typer.Option(min=1, help="How many schedules to run.")] = 1000,
    first: Annotated[int, typer.Option(min=0, help="The first seed.")] = 1,
    seed: Annotated[int | None, typer.Option(min=0, help="Run this one seed alone.")] = None,
    faults: Annotated[int, typer.Option(min=0, max=500, help="Faults in each schedule.")] = 20,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Processes.")] = 2,
    trace: Annotated[bool, typer.Option("--trace", help="With --seed: print everything that happens.")] = False,  # noqa: FBT002
    mutations: Annotated[bool, typer.Option("--mutations", help="Prove the checker with deliberate bugs.")] = False,  # noqa: FBT002
    mutation: Annotated[str, typer.Option(help="With --seed or --mutations: only this bug.")] = "",
) -> None:
    """Run the whole chain under faults on a virtual clock; check the books, the cash, the screens and the secrets."""
    _check_mutation(mutation)
    if mutations:
        _prove(seeds, faults, mutation)
    elif seed is not None:
        _one(seed, faults, mutation, trace=trace)
    else:
        _many(range(first, first + seeds), faults, jobs)


def _check_mutation(name: str) -> None:
    from simulators.faults.mutations import MUTATIONS  # noqa: PLC0415  (heavy)

    if name and name not in MUTATIONS:
        raise typer.BadParameter(f"no such mutation: {name}. There are: {', '.join(MUTATIONS)}")


def _one(seed: int, faults: int, mutation: str, *, trace: bool) -> None:
    """Run one seed; when it fails, say how and cut it down."""
    from simulators.faults.plan import make_plan  # noqa: PLC0415
    from simulators.faults.runner import run_plan  # noqa: PLC0415

    plan = make_plan(seed, faults)
    result = run_plan(plan, mutation=mutation, tracing=trace)
    if trace:
        typer.echo(plan.script())
        typer.echo("\n".join(result.trace))
    typer.echo(f"seed {seed}: {result.struck} faults, {result.bookings} bookings, trace {result.trace_hash}")
    if result.problems:
        _explain(result, faults, mutation)
        raise typer.Exit(1)
    typer.echo("Everything that must be true, is.")


def _explain(result: Result, faults: int, mutation: str = "") -> None:
    """Name the problems of a seed and show the shortest script that still has one."""
    from simulators.faults.plan import make_plan  # noqa: PLC0415
    from simulators.faults.shrink import shrink  # noqa: PLC0415

    typer.echo(f"seed {result.seed} FAILED:")
    for problem in result.problems:
        typer.echo(f"  {problem}")
    typer.echo("Cutting it down ...")
    plan = make_plan(result.seed, faults)
    typer.echo(shrink(plan, result, mutation=mutation).script())
    typer.echo(f"Replay: kassa simulate --seed {result.seed} --faults {faults} --trace")


def _many(seeds: range, faults: int, jobs: int) -> None:
    """Run many seeds with a progress bar; exit 1 when one fails."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    from simulators.faults.runner import run_many  # noqa: PLC0415

    began, cpu_s = time.monotonic(), 0.0
    done, struck, bookings = 0, 0, 0
    failed: list[Result] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("schedules", total=len(seeds))
        for results, seconds in run_many(seeds, faults, jobs):
            cpu_s += seconds
            done += len(results)
            struck += sum(result.struck for result in results)
            bookings += sum(result.bookings for result in results)
            failed += [result for result in results if result.problems]
            progress.update(bar, advance=len(results), description=f"schedules, {len(failed)} failed")
    took_s = max(time.monotonic() - began, 0.001)
    failed.sort(key=lambda result: result.seed)
    for result in failed[:MAX_SHOWN]:
        typer.echo(f"seed {result.seed} FAILED: {result.problems[0]}")
    if failed:
        _explain(failed[0], faults)
    typer.echo(f"{done} schedules, {struck} faults, {bookings} bookings, {len(failed)} failed")
    typer.echo(
        f"{done / took_s:.0f} schedules/s on {jobs} processes, {done / max(cpu_s, 0.001):.0f} a second of one core"
    )
    if failed:
        raise typer.Exit(1)


def _prove(seeds: int, faults: int, only: str) -> None:
    """Put each deliberate bug in; each must be caught."""
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    from simulators.faults.mutations import MUTATIONS  # noqa: PLC0415
    from simulators.faults.runner import hunt  # noqa: PLC0415

    console = Console()
    table = Table("bug", "caught by seed", "as", title="Deliberate bugs")
    missed = []
    for name in [only] if only else MUTATIONS:
        with console.status(f"{name} ..."):
            caught, problem = hunt(name, seeds, faults)
        if not caught:
            missed.append(name)
        table.add_row(name, str(caught) if caught else f"NOT in {seeds}", problem[:100])
    console.print(table)
    if missed:
        typer.echo(f"Not caught within {seeds} seeds: {', '.join(missed)}")
        raise typer.Exit(1)
    typer.echo(f"All {1 if only else len(MUTATIONS)} bugs were caught within {seeds} seeds.")


if __name__ == "__main__":
    app()
