"""Access: hubs and their credentials, passwords and sessions, sealed keys, and the notification of their changes."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

STATEMENTS = (
    "CREATE TABLE hub (hub text PRIMARY KEY, branch text NOT NULL REFERENCES branch, created_at bigint NOT NULL)",
    """
    CREATE TABLE hub_credential (
      token_hash bytea PRIMARY KEY, hub text NOT NULL REFERENCES hub, created_at bigint NOT NULL, revoked_at bigint
    )
    """,
    """
    CREATE TABLE staff (
      login text PRIMARY KEY, name text NOT NULL, role text NOT NULL CHECK (role IN ('viewer', 'admin')),
      created_at bigint NOT NULL
    )
    """,
    """
    CREATE TABLE login (
      realm text NOT NULL CHECK (realm IN ('wallet', 'staff')), name text NOT NULL, password_hash text NOT NULL,
      failures integer NOT NULL DEFAULT 0, locked_until bigint NOT NULL DEFAULT 0, PRIMARY KEY (realm, name)
    )
    """,
    """
    CREATE TABLE session (
      token_hash bytea PRIMARY KEY, realm text NOT NULL, name text NOT NULL, created_at bigint NOT NULL,
      expires_at bigint NOT NULL, FOREIGN KEY (realm, name) REFERENCES login ON DELETE CASCADE
    )
    """,
    "CREATE INDEX session_expiry ON session (realm, expires_at)",
    "CREATE TABLE vault_key (name text PRIMARY KEY, sealed bytea NOT NULL, created_at bigint NOT NULL)",
    # Who may do what is remembered by every backend process: a change is told to all of them at once.
    """
    CREATE FUNCTION kassa_access_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_notify('kassa_access', '');
      RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER access_changed AFTER INSERT OR UPDATE OR DELETE ON hub
      FOR EACH STATEMENT EXECUTE FUNCTION kassa_access_changed()
    """,
    """
    CREATE TRIGGER access_changed AFTER INSERT OR UPDATE OR DELETE ON hub_credential
      FOR EACH STATEMENT EXECUTE FUNCTION kassa_access_changed()
    """,
    """
    CREATE TRIGGER access_changed AFTER INSERT OR UPDATE OF branch, ikid, status OR DELETE ON terminal
      FOR EACH STATEMENT EXECUTE FUNCTION kassa_access_changed()
    """,
)


def upgrade() -> None:
    """Create the tables and the triggers."""
    connection = op.get_bind()
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement)
