"""`kassa ledger`: prove the ledger, seal its chain, show postings and accounts."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

    from backend.store.reads import Posting
    from backend.store.verify import Report

app = typer.Typer(help="Verify the ledger; show postings and accounts.", no_args_is_help=True, add_completion=False)

Database = Annotated[
    str,
    typer.Option(envvar="KASSA_DATABASE_URL", help="PostgreSQL URL. Without it, the embedded server of --state."),
]
State = Annotated[Path, typer.Option(envvar="KASSA_STATE_DIR", help="Where the embedded server's data lie.")]
#: Seconds between two looks of `postings --follow`.
FOLLOW_S = 0.5


@app.command()
def verify(
    database: Database = "",
    state: State = Path(".kassa"),
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of the table.")] = False,
) -> None:
    """Prove it: sum zero, balances equal to the entries, limits, holds, the chain. Exit status 1 names what differs."""
    report = _run(_verify(database, state))
    if as_json:
        import orjson  # noqa: PLC0415  (heavy imports only where they are needed)

        checks = [
            {"name": check.name, "faults": [fault._asdict() for fault in check.faults]} for check in report.checks
        ]
        shown = {"sound": report.is_sound, **report._asdict(), "checks": checks}
        typer.echo(orjson.dumps(shown).decode())
    else:
        _show(report)
    if not report.is_sound:
        raise typer.Exit(1)


@app.command()
def seal(database: Database = "", state: State = Path(".kassa")) -> None:
    """Seal the transfers that are final into the chain (the backend does it by itself while it runs)."""

    async def work() -> int:
        from backend.store import chain  # noqa: PLC0415  (heavy imports only where they are needed)

        async with _connection(database, state) as connection:
            return await chain.seal(connection, int(time.time()))

    typer.echo(f"{_run(work())} transfers sealed")


@app.command()
def postings(
    database: Database = "",
    state: State = Path(".kassa"),
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many of the last postings.")] = 20,
    *,
    follow: Annotated[bool, typer.Option("--follow", help="Keep showing new ones until Ctrl-C.")] = False,
) -> None:
    """The last postings, oldest first."""

    async def work() -> None:
        from backend.store import reads  # noqa: PLC0415  (heavy imports only where they are needed)

        async with _connection(database, state) as connection:
            page = await reads.latest_postings(connection, limit)
            last = 0
            while True:
                for posting in page:
                    typer.echo(_line(posting))
                    last = posting.seq
                if not follow:
                    return
                await asyncio.sleep(FOLLOW_S)
                page = await reads.postings_after(connection, last)

    _run(work())


@app.command()
def accounts(
    database: Database = "",
    state: State = Path(".kassa"),
    prefix: Annotated[str, typer.Option(help="Only ids that begin so, such as wallet: or till:T0000001.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 100,
) -> None:
    """Accounts with their four counters, in minor units."""

    async def work() -> list[Any]:
        from backend.store import reads  # noqa: PLC0415  (heavy imports only where they are needed)

        async with _connection(database, state) as connection:
            return list(await reads.accounts_page(connection, prefix, "", limit))

    from rich.console import Console  # noqa: PLC0415  (heavy imports only where they are needed)
    from rich.table import Column, Table  # noqa: PLC0415  (heavy imports only where they are needed)

    table = Table(Column("account", no_wrap=True), "currency")
    for name in ("debits posted", "credits posted", "debits pending", "credits pending"):
        table.add_column(name, justify="right")
    for row in _run(work()):
        counters = (row.debits_posted, row.credits_posted, row.debits_pending, row.credits_pending)
        table.add_row(row.id, row.currency, *(str(counter) for counter in counters))
    Console().print(table)


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run to the end; a database that cannot be reached is a plain sentence and status 2, not a traceback."""
    import asyncpg  # noqa: PLC0415  (heavy imports only where they are needed)

    from backend.store.embedded import EmbeddedPostgresError  # noqa: PLC0415

    try:
        return asyncio.run(work)
    except KeyboardInterrupt:
        raise typer.Exit(0) from None
    except asyncpg.UndefinedTableError:
        typer.echo("The database has no Kassa tables: run `kassa backend migrate` on it first.", err=True)
    except EmbeddedPostgresError as error:
        typer.echo(str(error), err=True)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        typer.echo(f"The database does not answer ({type(error).__name__}: {error}). Check --database.", err=True)
    raise typer.Exit(2)


async def _verify(database: str, state: Path) -> Report:
    from backend.store.verify import verify as prove  # noqa: PLC0415  (heavy imports only where they are needed)

    async with _connection(database, state) as connection:
        return await prove(connection)


@asynccontextmanager
async def _connection(database: str, state: Path) -> AsyncIterator[Any]:
    """A connection to the given database, or to the embedded one, which is started for the while if it is not up."""
    import asyncpg  # noqa: PLC0415  (heavy imports only where they are needed)

    from backend.store.embedded import EmbeddedPostgres, EmbeddedPostgresError  # noqa: PLC0415

    server = EmbeddedPostgres(state / "postgres")
    if not database and not (state / "postgres" / "data" / "PG_VERSION").exists():
        raise EmbeddedPostgresError(f"There is no database in {state}: give --database URL or --state DIRECTORY.")
    url = database or await asyncio.to_thread(server.start)
    try:
        connection = await asyncpg.connect(url)
        try:
            yield connection
        finally:
            await connection.close()
    finally:
        await asyncio.to_thread(server.stop)


def _line(posting: Posting) -> str:
    """One posting on one line."""
    from backend.ledger.transfer import KIND_NAMES  # noqa: PLC0415
    from backend.operations.codes import NAMES  # noqa: PLC0415
    from deskwire.money import format_minor  # noqa: PLC0415  (heavy imports only where they are needed)

    at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(posting.at))
    what = f"{NAMES.get(posting.code, str(posting.code))} {KIND_NAMES[posting.kind]}"
    amount = f"{format_minor(posting.amount_minor, posting.currency)} {posting.currency}"
    return f"{at}  {what:<22} {amount:>16}  {posting.debit} -> {posting.credit}  {posting.operation}"


def _show(report: Report) -> None:
    """The checks as a table, then everything that differs."""
    from rich.console import Console  # noqa: PLC0415  (heavy imports only where they are needed)
    from rich.table import Table  # noqa: PLC0415

    console = Console(soft_wrap=True)
    table = Table("check", "result")
    for check in report.checks:
        table.add_row(check.name, "ok" if not check.faults else f"{len(check.faults)} differ")
    console.print(table)
    for check in report.checks:
        for fault in check.faults:
            console.print(f"{check.name}: {fault.where}: {fault.what}", markup=False, highlight=False)
    console.print(
        f"{report.transfers} transfers on {report.accounts} accounts, {report.blocks} chain blocks, "
        f"{report.unsealed} transfers not sealed yet: {'sound' if report.is_sound else 'NOT SOUND'}",
        markup=False,
        highlight=False,
    )
