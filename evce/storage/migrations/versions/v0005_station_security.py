"""Security of the stations: the hashes of their keys, the profile reached, and the certificates made for them."""

import sqlalchemy as sa
from alembic import op

__all__ = ["downgrade", "upgrade"]

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "station_security",
        sa.Column("station", sa.String, primary_key=True),
        sa.Column("keys", sa.JSON, nullable=False),
        sa.Column("reached", sa.Integer, nullable=False),
        sa.Column("changed_at", sa.BigInteger, nullable=True),
    )
    op.create_table(
        "station_certificates",
        sa.Column("serial", sa.String, primary_key=True),
        sa.Column("station", sa.String, nullable=False),
        sa.Column("issued_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("fingerprint", sa.String, nullable=False),
        sa.Column("revoked_at", sa.BigInteger, nullable=True),
    )


def downgrade() -> None:
    """A restore of the snapshot that was taken before the step is the way back."""
    raise NotImplementedError("restore the snapshot taken before the migration")
