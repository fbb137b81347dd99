"""The migrations and the metadata describe the same database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from backend.migrations.run import sqlalchemy_url, upgrade
from backend.schema import metadata
from backend.schema.money import Xid8

if TYPE_CHECKING:
    from sqlalchemy import Connection


ischema_names["xid8"] = Xid8


def differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


async def test_metadata_equals_migrated_database(database_url: str) -> None:
    engine = create_async_engine(sqlalchemy_url(database_url), poolclass=NullPool)
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


async def test_upgrade_twice_changes_nothing(database_url: str) -> None:
    await upgrade(database_url)


@pytest.mark.parametrize("table", ["transfer", "chain_block", "stored_answer", "audit"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {}"])
async def test_booked_rows_cannot_be_changed(database_url: str, table: str, statement: str) -> None:
    connection = await asyncpg.connect(database_url)
    with pytest.raises(asyncpg.RaiseError, match="only ever inserted"):
        await connection.execute(statement.format(table))
    await connection.close()
