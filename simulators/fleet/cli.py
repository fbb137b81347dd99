"""`kassa fleet`: load the chain with light terminals."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulators.waiting import SimulatorError

if TYPE_CHECKING:
    from simulators.fleet.load import Measured

app = typer.Typer(add_completion=False)


@app.callback(invoke_without_command=True)
def fleet(
    *,
    terminals: Annotated[int, typer.Option(min=1, max=2000, help="How many light terminals.")] = 64,
    seconds: Annotated[float, typer.Option(min=1, help="How long to work.")] = 10.0,
    rate: Annotated[float, typer.Option(min=0, help="Messages a second together; 0: as fast as answered.")] = 0.0,
    broker: Annotated[str, typer.Option(help="auto, mosquitto or amqtt.")] = "auto",
) -> None:
    """Start a world of its own, work a mix of operations on it, and print what it answered."""
    with tempfile.TemporaryDirectory(prefix="kassa-fleet-") as folder:
        try:
            asyncio.run(_run(Path(folder), terminals, seconds, rate, broker))
        except SimulatorError as error:
            typer.echo(f"kassa fleet: {error}", err=True)
            raise typer.Exit(1) from None


async def _run(folder: Path, terminals: int, seconds: float, rate: float, broker: str) -> None:
    from simulators.fleet import world as fleet_world  # noqa: PLC0415  (heavy)

    world = await fleet_world.start(folder, terminals, broker, lambda line: typer.echo(f"starting {line}"))
    try:
        fleet = fleet_world.make_fleet(world, terminals)
        took_s = await fleet.connect("127.0.0.1", world.broker.port)
        typer.echo(f"{terminals} terminals connected in {took_s:.2f} s")
        await fleet.sign_on(world.demo.operator_pin.encode())
        measured = await fleet.load(seconds, per_second=rate)
        fleet.close()
        show(measured)
    finally:
        await world.stop()


def show(measured: Measured) -> None:
    """Print a measurement."""
    typer.echo(
        f"{len(measured.took_s)} answers, {measured.per_second:.0f} a second,"
        f" p50 {measured.percentile_ms(0.5):.1f} ms, p99 {measured.percentile_ms(0.99):.1f} ms, lost {measured.lost}"
    )
    for name, count in sorted(measured.by_type.items()):
        typer.echo(f"  {count:>8}  {name}")
    for reason, count in sorted(measured.refused.items()):
        typer.echo(f"  {count:>8}  refused: {reason}")
