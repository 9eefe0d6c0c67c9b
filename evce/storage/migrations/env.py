"""Alembic's entry: runs the steps on the connection that `evce.storage.migration` hands over."""

from alembic import context
from sqlmodel import SQLModel

import evce.storage.tables  # noqa: F401  (registers the tables in the metadata)

__all__: list[str] = []

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
