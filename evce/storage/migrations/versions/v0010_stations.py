"""What the stations have told of themselves outlives a restart."""

import sqlalchemy as sa
from alembic import op

__all__ = ["downgrade", "upgrade"]

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stations",
        sa.Column("station", sa.String, primary_key=True),
        sa.Column("vendor", sa.String, nullable=False),
        sa.Column("model", sa.String, nullable=False),
        sa.Column("serial_number", sa.String, nullable=False),
        sa.Column("firmware", sa.String, nullable=False),
        sa.Column("keys", sa.JSON, nullable=True),
        sa.Column("whole_amps", sa.Boolean, nullable=False),
        sa.Column("in_watts", sa.Boolean, nullable=False),
        sa.Column("grain_known", sa.Boolean, nullable=False),
        sa.Column("no_composite", sa.Boolean, nullable=False),
    )


def downgrade() -> None:
    """A restore of the snapshot that was taken before the step is the way back."""
    raise NotImplementedError("restore the snapshot taken before the migration")
