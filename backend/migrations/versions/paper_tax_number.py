"""The merchant's tax number, which every receipt shows."""

from __future__ import annotations

from alembic import op

revision = "paper"
down_revision = "customer_2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; empty until staff fill it in, and then left out of receipts."""
    op.execute("ALTER TABLE merchant ADD COLUMN tax_number text NOT NULL DEFAULT ''")


def downgrade() -> None:
    """Drop it."""
    op.execute("ALTER TABLE merchant DROP COLUMN tax_number")
