"""Dated tariffs with tiers, minimum, cap and payer; KYC levels, their limits, and what wallets have used of them."""

from __future__ import annotations

from alembic import op

revision = "customer_2"
down_revision = "moves"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    ALTER TABLE tariff
      ADD valid_from bigint NOT NULL DEFAULT 0, ADD valid_to bigint NOT NULL DEFAULT 0,
      ADD minimum_minor bigint NOT NULL DEFAULT 0 CHECK (minimum_minor >= 0),
      ADD cap_minor bigint NOT NULL DEFAULT 0 CHECK (cap_minor >= 0),
      ADD payer text NOT NULL DEFAULT 'customer' CHECK (payer IN ('customer', 'merchant', 'house')),
      ADD tier_from_minor bigint[] NOT NULL DEFAULT '{}', ADD tier_fixed_minor bigint[] NOT NULL DEFAULT '{}',
      ADD tier_rate_basis_points bigint[] NOT NULL DEFAULT '{}',
      ADD CHECK (cardinality(tier_from_minor) = cardinality(tier_fixed_minor)
             AND cardinality(tier_from_minor) = cardinality(tier_rate_basis_points)),
      ADD CHECK (fixed_minor >= 0 AND rate_basis_points >= 0 AND 0 <= ALL (tier_fixed_minor)
             AND 0 <= ALL (tier_rate_basis_points)),
      ADD CHECK (valid_to = 0 OR valid_to > valid_from),
      ADD CHECK (payer <> 'merchant' OR service = 'sale'),
      ADD CHECK (cap_minor = 0 OR cap_minor >= minimum_minor),
      DROP CONSTRAINT tariff_pkey, ADD PRIMARY KEY (service, currency, valid_from)
    """,
    "ALTER TABLE wallet ADD kyc_level integer NOT NULL DEFAULT 1 CHECK (kyc_level BETWEEN 0 AND 9)",
    """
    CREATE TABLE limit_rule (
      level integer NOT NULL CHECK (level BETWEEN 0 AND 9), service text NOT NULL, currency text NOT NULL,
      valid_from bigint NOT NULL, valid_to bigint NOT NULL CHECK (valid_to = 0 OR valid_to > valid_from),
      operation_minor bigint CHECK (operation_minor >= 0), day_minor bigint CHECK (day_minor >= 0),
      day_count integer CHECK (day_count >= 0), month_minor bigint CHECK (month_minor >= 0),
      month_count integer CHECK (month_count >= 0), PRIMARY KEY (level, service, currency, valid_from)
    )
    """,
    "CREATE INDEX limit_rule_service ON limit_rule (service, currency)",
    """
    CREATE TABLE usage (
      id text PRIMARY KEY, day integer NOT NULL, day_minor bigint NOT NULL CHECK (day_minor >= 0),
      day_count integer NOT NULL CHECK (day_count >= 0), month integer NOT NULL,
      month_minor bigint NOT NULL CHECK (month_minor >= 0), month_count integer NOT NULL CHECK (month_count >= 0)
    ) WITH (fillfactor = 50)
    """,
)


def upgrade() -> None:
    """Widen the tariff, and create the tables."""
    connection = op.get_bind()
    for statement in STATEMENTS:
        connection.exec_driver_sql(statement)
