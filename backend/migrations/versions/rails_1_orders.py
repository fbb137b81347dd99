"""Rails: the catalogue of services and the orders given to the outside world."""

from __future__ import annotations

from alembic import op

revision = "rails_1"
down_revision = "customer_3"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE rail_service (
  id text PRIMARY KEY, rail text NOT NULL, kind text NOT NULL, place integer NOT NULL, name text NOT NULL,
  label text NOT NULL, min_digits integer NOT NULL, max_digits integer NOT NULL, min_minor bigint NOT NULL,
  max_minor bigint NOT NULL, currency text NOT NULL, status text NOT NULL DEFAULT 'active',
  CHECK (kind IN ('bill', 'card', 'wallet', 'international')), CHECK (status IN ('active', 'off')),
  CHECK (0 < min_digits AND min_digits <= max_digits), CHECK (0 < min_minor AND min_minor <= max_minor)
);;
CREATE TABLE rail_order (
  id text PRIMARY KEY, rail text NOT NULL, service text NOT NULL, name text NOT NULL, token text NOT NULL,
  shown text NOT NULL, origin text NOT NULL, source text NOT NULL, state text NOT NULL, amount_minor bigint NOT NULL,
  currency text NOT NULL, rail_reference text NOT NULL, receipt text NOT NULL, reason text NOT NULL,
  opened_at bigint NOT NULL, closed_at bigint NOT NULL, attempts integer NOT NULL, next_at bigint NOT NULL,
  CHECK (state IN ('quoted', 'pending', 'done', 'failed', 'unknown')), CHECK (source IN ('', 'cash', 'wallet'))
) WITH (fillfactor = 70);;
CREATE INDEX rail_order_due ON rail_order (next_at) WHERE state IN ('pending', 'unknown');;
CREATE INDEX rail_order_state ON rail_order (state, opened_at);;
CREATE FUNCTION kassa_keep_rail_order_closed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a closed rail order keeps its state' USING HINT = 'correct a booking with a new transfer';
END $$;;
CREATE TRIGGER closed BEFORE UPDATE ON rail_order FOR EACH ROW
  WHEN (OLD.state IN ('done', 'failed') AND NEW.state <> OLD.state) EXECUTE FUNCTION kassa_keep_rail_order_closed()
"""


def upgrade() -> None:
    """Make the tables."""
    for statement in TABLES.split(";;"):
        op.execute(statement)


def downgrade() -> None:
    """Drop the tables."""
    op.execute("DROP TABLE rail_order, rail_service")
    op.execute("DROP FUNCTION kassa_keep_rail_order_closed()")
