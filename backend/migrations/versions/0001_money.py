"""The money: accounts, transfers, operations, stored answers, outbox, terminals, wallets, operators."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

#: Sequence numbers order rows as transactions become final: the transaction's id, then the row's place in it
#: (20 bits; in the outbox a quarter of them for each kind of row). A reader
#: that stays below kassa_horizon() can remember the last number it saw and never skips a row that commits later.
#: sequence_base moves the numbers up when the data are loaded into a new cluster, whose transaction ids start low.
SEQUENCE = """
CREATE TABLE sequence_base (only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), base bigint NOT NULL);
INSERT INTO sequence_base (base) VALUES (0);
CREATE FUNCTION kassa_batch_seq() RETURNS bigint LANGUAGE sql VOLATILE AS
  'SELECT (SELECT base FROM sequence_base) + (pg_current_xact_id()::text::bigint << 20)';
CREATE FUNCTION kassa_horizon() RETURNS bigint LANGUAGE sql STABLE AS
  'SELECT (SELECT base FROM sequence_base) + (pg_snapshot_xmin(pg_current_snapshot())::text::bigint << 20)';
CREATE SEQUENCE row_place;
CREATE FUNCTION kassa_row_seq() RETURNS bigint LANGUAGE sql VOLATILE AS
  'SELECT kassa_batch_seq() + 786432 + (nextval(''row_place'') & 262143)';
"""

LEDGER = """
CREATE TABLE account (
  id text PRIMARY KEY, currency text NOT NULL, flags integer NOT NULL,
  debits_pending bigint NOT NULL DEFAULT 0 CHECK (debits_pending >= 0),
  debits_posted bigint NOT NULL DEFAULT 0 CHECK (debits_posted >= 0),
  credits_pending bigint NOT NULL DEFAULT 0 CHECK (credits_pending >= 0),
  credits_posted bigint NOT NULL DEFAULT 0 CHECK (credits_posted >= 0),
  CHECK (flags & 1 = 0 OR debits_pending + debits_posted <= credits_posted),
  CHECK (flags & 2 = 0 OR credits_pending + credits_posted <= debits_posted)
) WITH (fillfactor = 50);
CREATE TABLE transfer (
  seq bigint PRIMARY KEY, id text NOT NULL, kind smallint NOT NULL, debit text NOT NULL, credit text NOT NULL,
  amount_minor bigint NOT NULL CHECK (amount_minor > 0), currency text NOT NULL, code smallint NOT NULL,
  pending_id text NOT NULL, operation text NOT NULL, at bigint NOT NULL, CHECK (debit <> credit)
);
CREATE INDEX transfer_debit ON transfer (debit, seq);
CREATE INDEX transfer_credit ON transfer (credit, seq);
CREATE UNIQUE INDEX transfer_resolves ON transfer (pending_id) WHERE kind >= 2;
CREATE TABLE pending_transfer (
  id text PRIMARY KEY, debit text NOT NULL, credit text NOT NULL, amount_minor bigint NOT NULL, currency text NOT NULL,
  code smallint NOT NULL, operation text NOT NULL, state smallint NOT NULL, expires_at bigint NOT NULL
) WITH (fillfactor = 80);
CREATE TABLE chain_block (
  number bigint PRIMARY KEY, day date NOT NULL, after_seq bigint NOT NULL, to_seq bigint NOT NULL,
  entries integer NOT NULL, leaves bytea NOT NULL, previous bytea NOT NULL, hash bytea NOT NULL,
  sealed_at bigint NOT NULL
);
CREATE FUNCTION kassa_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% rows are only ever inserted', TG_TABLE_NAME
    USING HINT = 'correct a booking with a new transfer';
END $$;
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON transfer
  FOR EACH STATEMENT EXECUTE FUNCTION kassa_refuse_change();
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON chain_block
  FOR EACH STATEMENT EXECUTE FUNCTION kassa_refuse_change();
"""

PARTIES = """
CREATE TABLE branch (
  id text PRIMARY KEY, name text NOT NULL, currency text NOT NULL, operators_version integer NOT NULL DEFAULT 1
);
CREATE TABLE merchant (
  id text PRIMARY KEY, name text NOT NULL, city text NOT NULL, country text NOT NULL, mcc text NOT NULL,
  currency text NOT NULL
);
CREATE TABLE terminal (
  id text PRIMARY KEY, branch text NOT NULL REFERENCES branch, merchant text NOT NULL REFERENCES merchant,
  outlet text NOT NULL, services text[] NOT NULL, status text NOT NULL DEFAULT 'active',
  config_version integer NOT NULL DEFAULT 1, ikid bytea NOT NULL UNIQUE, created_at bigint NOT NULL,
  CHECK (status IN ('active', 'blocked'))
);
CREATE TABLE terminal_state (
  terminal text PRIMARY KEY REFERENCES terminal, ksn_highest bigint NOT NULL DEFAULT 0,
  ksn_seen bigint NOT NULL DEFAULT 0, session_ksn bytea NOT NULL DEFAULT '', operator text NOT NULL DEFAULT '',
  drawer text NOT NULL DEFAULT '', drawer_operator text NOT NULL DEFAULT '', firmware text NOT NULL DEFAULT '',
  boot_reason text NOT NULL DEFAULT '', hello_at bigint NOT NULL DEFAULT 0, heard_at bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
CREATE TABLE news_counter (
  terminal text PRIMARY KEY REFERENCES terminal, number bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
CREATE TABLE operator (
  number text PRIMARY KEY, branch text NOT NULL REFERENCES branch, name text NOT NULL, role text NOT NULL,
  status text NOT NULL DEFAULT 'active', verifier bytea NOT NULL, tries integer NOT NULL DEFAULT 0,
  CHECK (role IN ('cashier', 'supervisor')), CHECK (status IN ('active', 'blocked'))
);
CREATE TABLE wallet (
  number text PRIMARY KEY, holder text NOT NULL, language text NOT NULL, currency text NOT NULL,
  status text NOT NULL DEFAULT 'active', verifier bytea NOT NULL, tries integer NOT NULL DEFAULT 0,
  CHECK (status IN ('active', 'frozen', 'blocked', 'pin_blocked'))
) WITH (fillfactor = 80);
CREATE TABLE tariff (
  service text NOT NULL, currency text NOT NULL, fixed_minor bigint NOT NULL, rate_basis_points integer NOT NULL,
  max_amount_minor bigint NOT NULL, PRIMARY KEY (service, currency)
);
CREATE TABLE drawer (
  id text PRIMARY KEY, terminal text NOT NULL REFERENCES terminal, operator text NOT NULL, currency text NOT NULL,
  float_minor bigint NOT NULL, opened_at bigint NOT NULL
);
CREATE INDEX drawer_terminal ON drawer (terminal, opened_at);
"""

TRAFFIC = """
CREATE TABLE operation (
  id text PRIMARY KEY, terminal text NOT NULL, type text NOT NULL, state text NOT NULL, debit text NOT NULL,
  credit text NOT NULL, account text NOT NULL, amount_minor bigint NOT NULL, fee_minor bigint NOT NULL,
  currency text NOT NULL, operator text NOT NULL, drawer text NOT NULL, code text NOT NULL, reference text NOT NULL,
  party text NOT NULL, opened_at bigint NOT NULL, expires_at bigint NOT NULL, closed_at bigint NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX operation_due ON operation (expires_at) WHERE state IN ('open', 'held');
CREATE INDEX operation_terminal ON operation (terminal, opened_at);
CREATE TABLE stored_answer (
  origin text NOT NULL, id text NOT NULL, digest bytea NOT NULL, operation text NOT NULL, kind text NOT NULL,
  at bigint NOT NULL, body text NOT NULL, refused text NOT NULL, alarm text NOT NULL, PRIMARY KEY (id, origin)
);
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE OR TRUNCATE ON stored_answer
  FOR EACH STATEMENT EXECUTE FUNCTION kassa_refuse_change();
CREATE TABLE outbox (
  seq bigint PRIMARY KEY DEFAULT kassa_row_seq(), xid xid8 NOT NULL DEFAULT pg_current_xact_id(), kind text NOT NULL,
  target text NOT NULL, number bigint NOT NULL, name text NOT NULL, payload jsonb NOT NULL, created_at bigint NOT NULL,
  expires_at bigint NOT NULL, seen_at bigint, CHECK (kind IN ('news', 'notice'))
) WITH (fillfactor = 80);
CREATE INDEX outbox_unseen ON outbox (target, number) WHERE kind = 'news' AND seen_at IS NULL;
CREATE INDEX outbox_notices ON outbox (target, seq) WHERE kind = 'notice';
CREATE TABLE alarm (
  seq bigint PRIMARY KEY DEFAULT kassa_row_seq(), at bigint NOT NULL, name text NOT NULL, origin text NOT NULL,
  id text NOT NULL, details jsonb NOT NULL
);
CREATE TABLE device_report (
  seq bigint PRIMARY KEY DEFAULT kassa_row_seq(), terminal text NOT NULL, at bigint NOT NULL, name text NOT NULL,
  body jsonb NOT NULL
);
CREATE INDEX device_report_terminal ON device_report (terminal, seq);
"""


def upgrade() -> None:
    """Create the tables, the sequence functions, and the triggers that refuse changes to booked rows."""
    connection = op.get_bind()
    for part in (SEQUENCE, LEDGER, PARTIES, TRAFFIC):
        for statement in _statements(part):
            connection.exec_driver_sql(statement)


def _statements(script: str) -> list[str]:
    """The script's statements: they end with a semicolon at a line's end, outside of $$ quotes."""
    found, inside, lines = [], False, list[str]()
    for line in script.strip().splitlines():
        lines.append(line)
        inside ^= line.count("$$") % 2 == 1
        if line.endswith(";") and not inside and not line.startswith("  RAISE"):
            found.append("\n".join(lines))
            lines = []
    return found
