"""One-time codes, how holders prefer to authorise, what was refunded of a sale, and pickups."""

from __future__ import annotations

from alembic import op

revision = "moves"
down_revision = "drawer_1"
branch_labels = None
depends_on = None

STATEMENTS = """
ALTER TABLE wallet ADD COLUMN authorise_by text NOT NULL DEFAULT 'pin' CHECK (authorise_by IN ('pin', 'code'));
CREATE TABLE one_time_code (
  hash text PRIMARY KEY, wallet text NOT NULL REFERENCES wallet, issued_at bigint NOT NULL, expires_at bigint NOT NULL,
  used_at bigint NOT NULL, used_by text NOT NULL, terminal text NOT NULL, spent_by text NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX one_time_code_wallet ON one_time_code (wallet, issued_at);
CREATE UNIQUE INDEX one_time_code_proof ON one_time_code (used_by) WHERE used_by <> '';
ALTER TABLE operation ADD COLUMN refunded_minor bigint NOT NULL DEFAULT 0,
  ADD CHECK (refunded_minor BETWEEN 0 AND amount_minor);
CREATE INDEX operation_sale_code ON operation (code) WHERE type = 'sale' AND state = 'paid';
CREATE TABLE pickup (
  code text PRIMARY KEY, operation text NOT NULL, terminal text NOT NULL, state text NOT NULL,
  amount_minor bigint NOT NULL, fee_minor bigint NOT NULL, currency text NOT NULL, wallet text NOT NULL,
  verifier bytea NOT NULL, tries integer NOT NULL DEFAULT 0, opened_at bigint NOT NULL, expires_at bigint NOT NULL,
  closed_at bigint NOT NULL,
  CHECK (state IN ('quoted', 'waiting', 'blocked', 'paid', 'returned', 'claim'))
) WITH (fillfactor = 80);
CREATE INDEX pickup_due ON pickup (expires_at) WHERE state IN ('waiting', 'blocked');
"""


def upgrade() -> None:
    """Create."""
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    """Money that waits in pickups cannot be dropped with their table."""
    raise NotImplementedError("pay out or return every pickup, then restore a backup from before this migration")
