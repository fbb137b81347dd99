"""The `kassa` command: one entry, each subcommand loaded only when it is called."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

#: name -> (module, attribute that holds a Typer app or a click command, one line of help)
COMMANDS: dict[str, tuple[str, str, str]] = {
    "run": ("simulators.run.cli", "app", "Start everything on embedded parts and open the counter page."),
    "story": ("simulators.story.cli", "app", "Play the five stories headless; save screens; verify the ledger."),
    "fleet": ("simulators.fleet.cli", "app", "Load the chain with light terminals that speak the wire."),
    "backend": ("backend.cli", "app", "Serve the backend; migrate and seed its database."),
    "ledger": ("backend.ledger_cli", "app", "Verify the ledger; show postings."),
    "hub": ("hub.cli", "app", "Serve a branch hub."),
    "broker": ("hub.broker.cli", "app", "Write a Mosquitto configuration: TLS, accounts, ACL."),
    "conform": ("kassa.conform.cli", "app", "Run test vectors under CPython and MicroPython."),
    "bench": ("bench.cli", "app", "Measure against peers and limits."),
    "simulate": ("simulators.faults.cli", "app", "Seeded fault simulation of the whole chain."),
}


class LazyGroup(click.Group):
    """A click group that imports a subcommand's module when it is first named."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """All names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute, _ = COMMANDS[cmd_name]
        import typer.main  # noqa: PLC0415  (half of the start-up time of `kassa --help`)

        found = getattr(importlib.import_module(module), attribute)
        return found if isinstance(found, click.Command) else typer.main.get_command(found)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands from the table, without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in COMMANDS.items()])


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kassa")
def cli() -> None:
    """Kassa, an open cash-desk platform."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point of the console script."""
    cli.main(args=list(arguments) if arguments is not None else None, prog_name="kassa")
