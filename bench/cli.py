"""`kassa bench`: one subcommand for each bench, imported only when it is run."""

from __future__ import annotations

import importlib
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Measure against peers and limits.")

Quick = Annotated[bool, typer.Option("--quick", help="Fewer repetitions: under a minute.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object with the ratios as the last line.")]


def _run(module: str, *, quick: bool, as_json: bool) -> None:
    """Run a bench's `main(quick, as_json)`; a true exit status it gives becomes ours."""
    status = importlib.import_module(module).main(quick=quick, as_json=as_json)
    if status:
        raise typer.Exit(status)


@app.command()
def qr(*, quick: Quick = False, as_json: AsJson = False) -> None:
    """QR codes: our encoder on MicroPython against segno and qrcodegen on CPython."""
    _run("bench.qr", quick=quick, as_json=as_json)


@app.command()
def ledger(*, quick: Quick = False, as_json: AsJson = False) -> None:
    """Transfers: our executor against pgbench's TPC-B-like script on the same PostgreSQL."""
    _run("bench.ledger", quick=quick, as_json=as_json)


@app.command()
def chain(*, quick: Quick = False, as_json: AsJson = False) -> None:
    """The whole chain: simulated terminals through broker, hub and backend."""
    _run("bench.chain", quick=quick, as_json=as_json)
