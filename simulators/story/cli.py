"""`kassa story`: plays the stories headless and checks the books."""

from __future__ import annotations

import asyncio
from pathlib import Path  # noqa: TC003  (Typer reads the annotations)
from typing import Annotated

import typer

app = typer.Typer(add_completion=False, no_args_is_help=False)


@app.callback(invoke_without_command=True)
def story(
    *,
    save: Annotated[
        Path | None,
        typer.Option(help="Keep the screens as PNG in this folder, single, twice as large, and as one sheet.png."),
    ] = None,
    only: Annotated[
        str, typer.Option(help="Play only these, for example 1,3 (0, opening the drawer, always goes first).")
    ] = "",
    broker: Annotated[str, typer.Option(help="auto, mosquitto or amqtt.")] = "auto",
    state: Annotated[
        Path | None, typer.Option(help="Keep the world's state here; a temporary folder otherwise.")
    ] = None,
    scenarios: Annotated[Path | None, typer.Option(help="Play the *.txt of this folder instead.")] = None,
    headed: Annotated[bool, typer.Option("--headed", help="Serve the counter page meanwhile, to watch.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print only failures and the final postings.")] = False,
) -> None:
    """Play the stories of the counter through the whole chain; exit non-zero if anything differs."""
    from simulators.story.runner import Choices, run  # noqa: PLC0415  (heavy)

    chosen = tuple(name.strip() for name in only.split(",") if name.strip())
    choices = Choices(save=save, only=chosen, broker=broker, state=state, headed=headed, folder=scenarios)
    status = asyncio.run(run(choices, (lambda _line: None) if quiet else typer.echo, typer.echo))
    raise typer.Exit(status)
