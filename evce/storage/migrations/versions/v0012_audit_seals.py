"""The seals of the audit lines."""

import sqlalchemy as sa
from alembic import op

__all__ = ["downgrade", "upgrade"]

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("events", sa.Column("seal", sa.String, nullable=False, server_default=""))
    audit = sa.text("type = 'audit'")
    op.create_index("events_audit", "events", ["id"], sqlite_where=audit, postgresql_where=audit)


def downgrade() -> None:
    """A restore of the snapshot that was taken before the step is the way back."""
    raise NotImplementedError("restore the snapshot taken before the migration")
