"""The drawer's life: counts, bags on their way to the vault, late items, Z reports that never change, cash limits."""

from __future__ import annotations

from alembic import op

revision = "drawer_2"
down_revision = "rails_1"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE branch ADD till_low_minor bigint NOT NULL DEFAULT 0, ADD till_high_minor bigint NOT NULL DEFAULT 0",
    """
    ALTER TABLE terminal_state ADD drawer_counted bigint NOT NULL DEFAULT -1, ADD z_number bigint NOT NULL DEFAULT 0
    """,
    """
    ALTER TABLE drawer ADD state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'counted', 'closed')),
      ADD counted_minor bigint NOT NULL DEFAULT 0, ADD expected_minor bigint NOT NULL DEFAULT 0,
      ADD pieces text NOT NULL DEFAULT '[]', ADD counted_at bigint NOT NULL DEFAULT 0,
      ADD closed_at bigint NOT NULL DEFAULT 0
    """,
    """
    CREATE TABLE drawer_entry (
      drawer text NOT NULL, line text NOT NULL, times bigint NOT NULL, in_minor bigint NOT NULL,
      out_minor bigint NOT NULL, PRIMARY KEY (drawer, line)
    ) WITH (fillfactor = 50)
    """,
    """
    CREATE TABLE cash_bag (
      id text PRIMARY KEY, branch text NOT NULL REFERENCES branch, bag text NOT NULL, terminal text NOT NULL,
      drawer text NOT NULL, operator text NOT NULL, kind text NOT NULL CHECK (kind IN ('drop', 'closing')),
      amount_minor bigint NOT NULL CHECK (amount_minor > 0), currency text NOT NULL,
      state text NOT NULL CHECK (state IN ('transit', 'received')), dropped_at bigint NOT NULL,
      received_by text NOT NULL, received_at bigint NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX cash_bag_on_its_way ON cash_bag (branch, bag) WHERE state = 'transit'",
    """
    CREATE TABLE late_item (
      id text PRIMARY KEY, terminal text NOT NULL, drawer text NOT NULL, operation text NOT NULL, line text NOT NULL,
      in_minor bigint NOT NULL, out_minor bigint NOT NULL, currency text NOT NULL, at bigint NOT NULL,
      z_number bigint NOT NULL
    )
    """,
    "CREATE INDEX late_item_unreported ON late_item (terminal) WHERE z_number = 0",
    """
    CREATE TABLE z_report (
      id text PRIMARY KEY, terminal text NOT NULL REFERENCES terminal, number bigint NOT NULL CHECK (number > 0),
      branch text NOT NULL, drawer text NOT NULL UNIQUE, operator text NOT NULL, supervisor text NOT NULL,
      reason text NOT NULL, currency text NOT NULL, float_minor bigint NOT NULL, counted_minor bigint NOT NULL,
      expected_minor bigint NOT NULL, opened_at bigint NOT NULL, closed_at bigint NOT NULL, body text NOT NULL,
      CHECK (counted_minor = expected_minor OR (reason <> '' AND supervisor <> '' AND supervisor <> operator))
    )
    """,
    "CREATE UNIQUE INDEX z_report_number ON z_report (terminal, number)",
    """
    CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON z_report
      FOR EACH STATEMENT EXECUTE FUNCTION kassa_refuse_change()
    """,
    """
    INSERT INTO account (id, currency, flags) SELECT 'cash_in_transit:' || id, currency, 2 FROM branch
      ON CONFLICT DO NOTHING
    """,
)


def upgrade() -> None:
    """Create the tables and what keeps them honest; branches that exist get their account of cash in transit."""
    connection = op.get_bind()
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement)
