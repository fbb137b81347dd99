"""Proposals that a second member of staff decides, and the cards linked to wallets."""

from __future__ import annotations

from alembic import op

revision = "customer_3"
down_revision = "paper"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE proposal (
      id text PRIMARY KEY, kind text NOT NULL, subject text NOT NULL, body jsonb NOT NULL, reason text NOT NULL,
      state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'confirmed', 'rejected')),
      proposed_by text NOT NULL, proposed_at bigint NOT NULL, expires_at bigint NOT NULL,
      decided_by text NOT NULL DEFAULT '', decided_at bigint NOT NULL DEFAULT 0,
      CHECK (state <> 'confirmed' OR (decided_by <> '' AND decided_by <> proposed_by))
    )
    """,
    "CREATE INDEX proposal_state ON proposal (state, proposed_at)",
    """
    CREATE TABLE linked_card (
      id text PRIMARY KEY, wallet text NOT NULL REFERENCES wallet, rail text NOT NULL, brand text NOT NULL,
      masked_number text NOT NULL CHECK (masked_number ~ '^[*]{4} [0-9]{4}$'), expires text NOT NULL,
      status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'blocked', 'removed')),
      linked_at bigint NOT NULL
    )
    """,
    "CREATE INDEX linked_card_wallet ON linked_card (wallet, rail)",
)


def upgrade() -> None:
    """Create the tables."""
    connection = op.get_bind()
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement)
