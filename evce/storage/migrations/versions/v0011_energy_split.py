"""When each session charged: its effective time, and its energy by times of use."""

import sqlalchemy as sa
from alembic import op

__all__ = ["downgrade", "upgrade"]

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sessions", sa.Column("charged", sa.Double, nullable=True))
    op.add_column("sessions", sa.Column("periods", sa.JSON, nullable=True))


def downgrade() -> None:
    """A restore of the snapshot that was taken before the step is the way back."""
    raise NotImplementedError("restore the snapshot taken before the migration")
