"""The wear of the stations' memories: how many profiles each connector was sent."""

import sqlalchemy as sa
from alembic import op

__all__ = ["downgrade", "upgrade"]

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wear",
        sa.Column("station", sa.String, primary_key=True),
        sa.Column("connector", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("total", sa.BigInteger, nullable=False),
        sa.Column("left", sa.Double, nullable=True),
        sa.Column("today", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    """A restore of the snapshot that was taken before the step is the way back."""
    raise NotImplementedError("restore the snapshot taken before the migration")
