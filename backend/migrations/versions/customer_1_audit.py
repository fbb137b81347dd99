"""The audit log: who did what, to whom, and when. Rows are only ever inserted."""

from __future__ import annotations

from alembic import op

revision = "customer_1"
down_revision = "0002"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE audit (
      seq bigint PRIMARY KEY DEFAULT kassa_row_seq(), at bigint NOT NULL, who text NOT NULL, what text NOT NULL,
      subject text NOT NULL, details jsonb NOT NULL, origin text NOT NULL, id text NOT NULL
    )
    """,
    "CREATE INDEX audit_subject ON audit (subject, seq)",
    "CREATE INDEX audit_who ON audit (who, seq)",
    """
    CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
      FOR EACH STATEMENT EXECUTE FUNCTION kassa_refuse_change()
    """,
)


def upgrade() -> None:
    """Create the table and its trigger."""
    connection = op.get_bind()
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement)
