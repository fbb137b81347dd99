"""`kassa backend`: serve, migrate, seed, and write the OpenAPI document."""

from __future__ import annotations

import asyncio
import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Coroutine

app = typer.Typer(help="Serve the backend; migrate and seed its database.", no_args_is_help=True, add_completion=False)

State = Annotated[Path | None, typer.Option("--state", help="State directory (KASSA_STATE_DIR; default .kassa).")]
Database = Annotated[
    str, typer.Option("--database-url", help="PostgreSQL URL (KASSA_DATABASE_URL); default: the embedded server.")
]


def _settings(state: Path | None, database_url: str = "", **more: Any) -> Any:
    from pydantic import ValidationError  # noqa: PLC0415

    from backend.settings import Settings  # noqa: PLC0415

    given = {name: value for name, value in more.items() if value is not None}
    if state is not None:
        given["state_dir"] = state
    if database_url:
        given["database_url"] = database_url
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        name = "_".join(map(str, first["loc"]))
        raise typer.BadParameter(f"KASSA_{name.upper()}: {first['msg']}") from None


def _finish(work: Coroutine[Any, Any, None]) -> None:
    """Run the work to its end; what a database or a state directory can do wrong is said in a line."""
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415  (25 MB that a serving process does not need)

    from backend.app import CANNOT_USE, why_not  # noqa: PLC0415

    try:
        asyncio.run(work)
    except (*CANNOT_USE, SQLAlchemyError) as error:
        typer.echo(f"Error: {why_not(error)}", err=True)
        raise typer.Exit(1) from None


@app.command()
def serve(
    state: State = None,
    database_url: Database = "",
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    *,
    ops_page: Annotated[bool | None, typer.Option(help="Serve the operations page under /ops.")] = None,
) -> None:
    """Serve until SIGINT or SIGTERM."""
    from backend.app import create_app  # noqa: PLC0415
    from backend.server import make_server  # noqa: PLC0415
    from backend.web import logs  # noqa: PLC0415

    settings = _settings(state, database_url, host=host, port=port, ops_page=ops_page)
    logs.configure(settings.log_level)
    made = create_app(settings)
    server = make_server(made, settings)
    with contextlib.suppress(SystemExit):  # uvicorn's way out of a failed start
        server.run()
    if not server.started:
        typer.echo(f"Error: {getattr(made.state, 'cannot_start', 'the backend did not start; see the log')}", err=True)
        raise typer.Exit(1)


@app.command()
def migrate(state: State = None, database_url: Database = "") -> None:
    """Bring the database to the newest revision; safe to repeat."""
    settings = _settings(state, database_url)

    async def run() -> None:
        from backend.composition import database  # noqa: PLC0415
        from backend.migrations.run import upgrade  # noqa: PLC0415

        async with database(settings) as url:
            await upgrade(url)

    _finish(run())
    typer.echo("The database is at the newest revision.")


@app.command()
def seed(
    state: State = None,
    database_url: Database = "",
    terminals: Annotated[int, typer.Option(min=1, max=10_000, help="How many terminals.")] = 1,
    wallets: Annotated[int, typer.Option(min=2, max=10_000, help="How many wallets.")] = 2,
    *,
    dev: Annotated[
        bool, typer.Option("--dev", help="Confirm: well-known passwords and PINs, for development.")
    ] = False,
) -> None:
    """Migrate, then add a development branch with terminals, people and money; what is there stays as it is."""
    if not dev:
        raise typer.BadParameter("the seed data have well-known passwords and PINs: pass --dev to confirm")
    settings = _settings(state, database_url)

    async def run() -> None:
        from backend.composition import seed_development  # noqa: PLC0415

        await seed_development(settings, terminals=terminals, wallets=wallets, now=int(time.time()))

    _finish(run())
    typer.echo(f"Seeded {terminals} terminal(s) and {wallets} wallets; provisioning lies in {settings.state_dir}.")


@app.command()
def openapi(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; default: standard output.")
    ] = None,
) -> None:
    """Write the OpenAPI document as YAML."""
    text = openapi_yaml()
    if output is None:
        typer.echo(text, nl=False)
    else:
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            raise typer.BadParameter(f"{output} cannot be written: {error.strerror}") from None


def openapi_yaml() -> str:
    """The OpenAPI document's text, as it is committed in docs/openapi.yaml."""
    import yaml  # type: ignore[import-untyped]  # noqa: PLC0415

    from backend.app import create_app  # noqa: PLC0415
    from backend.settings import Settings  # noqa: PLC0415

    document = create_app(Settings(ops_page=False)).openapi()
    return str(yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110))
