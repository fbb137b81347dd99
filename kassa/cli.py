"""The `kassa` command: one entry, each subcommand loaded only when it is called."""

from __future__ import annotations

import importlib
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

if TYPE_CHECKING:
    from collections.abc import Sequence

#: name -> (module that holds a Typer `app`, one line of help)
COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("simulators.run.cli", "Start everything on embedded parts and open the counter page."),
    "story": ("simulators.story.cli", "Play the stories of the counter headless; save screens; verify the ledger."),
    "fleet": ("simulators.fleet.cli", "Load the chain with light terminals that speak the wire."),
    "simulate": ("simulators.faults.cli", "Seeded fault simulation of the whole chain."),
    "backend": ("backend.cli", "Serve the backend; migrate and seed its database."),
    "ledger": ("backend.ledger_cli", "Verify the ledger; show postings and accounts."),
    "hub": ("hub.cli", "Serve a branch hub."),
    "broker": ("hub.broker.cli", "Write a Mosquitto configuration: TLS, accounts, ACL."),
    "conform": ("kassa.conform.cli", "Run test vectors under CPython and MicroPython."),
    "bench": ("bench.cli", "Measure against peers and limits."),
}


class LazyGroup(TyperGroup):
    """A group that imports a subcommand's module when it is first named."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 (the signature is the library's)
        """All names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        command = get_command(importlib.import_module(COMMANDS[cmd_name][0]).app)
        command.name = cmd_name
        if isinstance(command, TyperGroup) and not command.commands:
            command.subcommand_metavar = ""  # options alone: nothing to put where COMMAND would stand
        return command

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """List the commands from the table, without importing any of them."""
        formatter.write_usage(ctx.command_path, "COMMAND [ARGUMENTS]...")
        formatter.write_paragraph()
        formatter.write_text("Kassa, an open cash-desk platform. `kassa COMMAND --help` tells more.")
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


app = typer.Typer(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=True)


def _show_version(wanted: bool) -> None:  # noqa: FBT001 (the signature is the library's)
    if wanted:
        typer.echo(f"kassa {version('kassa')}")
        raise typer.Exit


@app.callback()
def kassa(
    *,
    _version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Kassa, an open cash-desk platform."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of the console script."""
    get_command(app).main(args=list(arguments) if arguments is not None else None, prog_name="kassa")
