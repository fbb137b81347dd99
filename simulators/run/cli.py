"""`kassa run`: starts everything on embedded parts and opens the counter page."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False)


@app.callback(invoke_without_command=True)
def run(
    *,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The counter page's port; another free one when it is taken.")
    ] = 8080,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open the page.")] = False,
    state: Annotated[Path, typer.Option(help="Where databases, keys, flash images and logs lie.")] = Path(".kassa"),
    terminals: Annotated[int, typer.Option(min=1, max=8, help="How many terminals.")] = 1,
    broker: Annotated[str, typer.Option(help="auto, mosquitto or amqtt.")] = "auto",
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Throw away what an earlier run left in the state's folder.")
    ] = False,
) -> None:
    """Start PostgreSQL, broker, hub, backend and terminals, and serve the virtual counter. Ctrl-C stops all."""
    from simulators.run.options import Options  # noqa: PLC0415  (heavy)
    from simulators.run.session import Session  # noqa: PLC0415

    if broker not in {"auto", "mosquitto", "amqtt"}:
        raise typer.BadParameter(f"{broker!r} is not a broker: auto, mosquitto or amqtt", param_hint="--broker")
    options = Options(state=state, terminals=terminals, processes=terminals, broker=broker, fresh=fresh)
    raise typer.Exit(asyncio.run(Session(options, port, browser=not no_browser).run()))
