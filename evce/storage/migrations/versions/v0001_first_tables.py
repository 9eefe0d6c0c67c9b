"""The first tables: sessions, cards, pledges, events, history, configuration, users."""

import sqlalchemy as sa
from alembic import op

__all__ = ["downgrade", "upgrade"]

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("station", sa.String, nullable=False),
        sa.Column("connector", sa.Integer, nullable=False),
        sa.Column("station_name", sa.String, nullable=False),
        sa.Column("id_tag", sa.String, nullable=False),
        sa.Column("id_tag_key", sa.String, nullable=False),
        sa.Column("vip", sa.Boolean, nullable=False),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("meter_start", sa.Double, nullable=False),
        sa.Column("stopped_at", sa.BigInteger),
        sa.Column("meter_stop", sa.Double),
        sa.Column("energy", sa.Double, nullable=False),
        sa.Column("stop_reason", sa.String),
        sa.Column("flags", sa.JSON, nullable=False),
        sa.Column("progress_at", sa.BigInteger),
        sa.UniqueConstraint(
            "station", "connector", "started_at", "meter_start", "id_tag_key", name="sessions_start_once"
        ),
    )
    op.create_index("sessions_by_start", "sessions", ["started_at"])
    running = sa.text("stopped_at IS NULL")
    op.create_index("sessions_running", "sessions", ["station"], sqlite_where=running, postgresql_where=running)
    op.create_table(
        "orphan_stops",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("station", sa.String, nullable=False),
        sa.Column("claimed_transaction", sa.String, nullable=False),
        sa.Column("stopped_at", sa.BigInteger, nullable=False),
        sa.Column("meter_stop", sa.Double, nullable=False),
        sa.Column("id_tag", sa.String),
        sa.Column("reason", sa.String),
        sa.Column("flags", sa.JSON, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint(
            "station", "claimed_transaction", "stopped_at", "meter_stop", name="orphan_stops_once"
        ),
    )
    op.create_table(
        "cards",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("id_tag", sa.String, nullable=False),
        sa.Column("authorised", sa.Boolean, nullable=False),
        sa.Column("vip", sa.Boolean, nullable=False),
        sa.Column("comment", sa.String, nullable=False),
        sa.Column("zones", sa.JSON),
        sa.Column("registered_at", sa.BigInteger),
        sa.Column("last_seen_at", sa.BigInteger),
        sa.Column("collected", sa.Boolean, nullable=False),
    )
    op.create_table(
        "pledges",
        sa.Column("station", sa.String, primary_key=True),
        sa.Column("connector", sa.Integer, primary_key=True),
        sa.Column("amps", sa.Double, nullable=False),
        sa.Column("lease", sa.Double, nullable=False),
        sa.Column("fallback", sa.Double),
        sa.Column("written_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("device", sa.String, nullable=False),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("message", sa.String, nullable=False),
        sa.Column("author", sa.String, nullable=False),
    )
    op.create_table(
        "zone_history",
        sa.Column("zone", sa.String, primary_key=True),
        sa.Column("resolution", sa.Integer, primary_key=True),
        sa.Column("at", sa.BigInteger, primary_key=True),
        *(sa.Column(f"measured_{phase}", sa.Double) for phase in (1, 2, 3)),
        *(sa.Column(f"setpoint_{phase}", sa.Double, nullable=False) for phase in (1, 2, 3)),
        *(sa.Column(f"limit_{phase}", sa.Double, nullable=False) for phase in (1, 2, 3)),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "revisions",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("document", sa.String, nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("comment", sa.String, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "users",
        sa.Column("login", sa.String, primary_key=True),
        sa.Column("role", sa.String, nullable=False),
        sa.Column("password_hash", sa.String, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("last_access_at", sa.BigInteger),
    )
    op.create_table(
        "web_sessions",
        sa.Column("token_hash", sa.String, primary_key=True),
        sa.Column("login", sa.String, sa.ForeignKey("users.login", ondelete="CASCADE"), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("last_used_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_web_sessions_login", "web_sessions", ["login"])
    op.create_table(
        "meta",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """A restore of the snapshot that was taken before the step is the way back."""
    raise NotImplementedError("restore the snapshot taken before the migration")
