"""Bring a database to the newest revision, from code: no ini file, no shell."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

if TYPE_CHECKING:
    from sqlalchemy import Connection


def sqlalchemy_url(url: str) -> str:
    """A libpq-style URL as SQLAlchemy's asyncpg dialect reads it."""
    return make_url(url).set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)


def config() -> Config:
    """Alembic's configuration: only where the revisions are."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent))
    return made


async def upgrade(url: str, revision: str = "head") -> None:
    """Run every revision up to `revision` that the database has not seen. Safe to call at each start."""
    engine = create_async_engine(sqlalchemy_url(url), poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_upgrade, revision)
    finally:
        await engine.dispose()


def upgrade_blocking(url: str, revision: str = "head") -> None:
    """`upgrade` for callers without an event loop."""
    asyncio.run(upgrade(url, revision))


def _upgrade(connection: Connection, revision: str) -> None:
    """Hand Alembic our connection, so that env.py opens none of its own."""
    settings = config()
    settings.attributes["connection"] = connection
    command.upgrade(settings, revision)
