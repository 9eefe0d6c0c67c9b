"""The uplink to a remote operator: the journal of transaction messages, both sides' ids, and its notes."""

import sqlalchemy as sa
from alembic import op

__all__ = ["downgrade", "upgrade"]

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cpo_journal",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("station", sa.String, nullable=False),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("local_transaction", sa.BigInteger, nullable=False),
        sa.Column("payload", sa.String, nullable=False),
        sa.Column("kept_at", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("failure", sa.String, nullable=False),
        sa.Column("given_up", sa.Boolean, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("cpo_journal_by_station", "cpo_journal", ["station", "given_up", "id"])
    op.create_table(
        "cpo_transactions",
        sa.Column("local_transaction", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("station", sa.String, nullable=False),
        sa.Column("cpo_transaction", sa.BigInteger),
        sa.Column("stop_kept", sa.Boolean, nullable=False),
    )
    running = sa.text("NOT stop_kept")
    op.create_index(
        "cpo_transactions_running",
        "cpo_transactions",
        ["station"],
        sqlite_where=running,
        postgresql_where=running,
    )
    op.create_table(
        "cpo_notes",
        sa.Column("station", sa.String, primary_key=True),
        sa.Column("kind", sa.String, primary_key=True),
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("value", sa.JSON, nullable=False),
        sa.Column("written_at", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """A restore of the snapshot that was taken before the step is the way back."""
    raise NotImplementedError("restore the snapshot taken before the migration")
