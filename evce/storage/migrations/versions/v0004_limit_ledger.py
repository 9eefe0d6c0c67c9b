"""The limit ledger: what each zone and phase carried at most in each hour, and what limited it."""

import sqlalchemy as sa
from alembic import op

__all__ = ["downgrade", "upgrade"]

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "limit_ledger",
        sa.Column("zone", sa.String, primary_key=True),
        sa.Column("at", sa.BigInteger, primary_key=True),
        sa.Column("phase", sa.Integer, primary_key=True),
        sa.Column("maximum", sa.Double, nullable=False),
        sa.Column("metered", sa.Boolean, nullable=False),
        sa.Column("peak", sa.Double, nullable=False),
        sa.Column("peak_at", sa.BigInteger, nullable=False),
        sa.Column("setpoint", sa.Double, nullable=False),
        sa.Column("setpoint_at", sa.BigInteger, nullable=False),
        sa.Column("setpoint_limit", sa.Double, nullable=False),
        sa.Column("setpoint_bound_by", sa.String, nullable=False),
        sa.Column("lowest", sa.Double, nullable=False),
        sa.Column("lowest_at", sa.BigInteger, nullable=False),
        sa.Column("lowest_bound_by", sa.String, nullable=False),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """A restore of the snapshot that was taken before the step is the way back."""
    raise NotImplementedError("restore the snapshot taken before the migration")
