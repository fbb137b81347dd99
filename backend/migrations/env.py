"""Alembic's environment: runs the revisions on the connection that backend.migrations.run hands over."""

from __future__ import annotations

import sqlalchemy
from alembic import context

from backend.schema import metadata

#: Two processes that migrate at once take turns on this advisory lock.
LOCK = 0x6B617373


def migrate() -> None:
    """Run the pending revisions in one transaction."""
    connection = context.config.attributes.get("connection")
    if connection is None:
        raise RuntimeError("run migrations with `kassa backend migrate` (backend.migrations.run.upgrade)")
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        connection.execute(sqlalchemy.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        context.run_migrations()
    connection.commit()


migrate()
