"""Supervisors' approvals: used once, never taken back and never deleted."""

from __future__ import annotations

from alembic import op

revision = "drawer_1"
down_revision = "customer_1"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE approval (
      id text PRIMARY KEY, terminal text NOT NULL REFERENCES terminal, purpose text NOT NULL, operation text NOT NULL,
      amount_minor bigint NOT NULL, currency text NOT NULL, supervisor text NOT NULL, operator text NOT NULL,
      granted_at bigint NOT NULL, expires_at bigint NOT NULL, used_at bigint NOT NULL, used_by text NOT NULL,
      CHECK (supervisor <> operator)
    )
    """,
    "CREATE INDEX approval_terminal ON approval (terminal, granted_at)",
    """
    CREATE FUNCTION kassa_approval_once() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF OLD.used_at <> 0 OR (to_jsonb(NEW) - 'used_at' - 'used_by') <> (to_jsonb(OLD) - 'used_at' - 'used_by') THEN
        RAISE EXCEPTION 'approval % is used once and not changed', OLD.id;
      END IF;
      RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER used_once BEFORE UPDATE ON approval FOR EACH ROW EXECUTE FUNCTION kassa_approval_once()",
    """
    CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON approval
      FOR EACH STATEMENT EXECUTE FUNCTION kassa_refuse_change()
    """,
)


def upgrade() -> None:
    """Create the table and what keeps it honest."""
    connection = op.get_bind()
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement)
