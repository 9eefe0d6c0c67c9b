"""Brings the tables to this version of EVCE, once, in one transaction, after a snapshot."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text

from evce.errors import StorageError
from evce.storage.engine import writing
from evce.storage.errors import NewerSchemaError

__all__ = ["HEAD", "alembic_config", "migrate", "schema_version"]

HEAD = "0012"
"""The version that this code reads and writes; a test holds it equal to the newest step."""

_VERSIONS = "alembic_version"


def schema_version(engine: Engine) -> str | None:
    """The version of the tables; None for an empty database.

    Raises StorageError for a database with tables that EVCE didn't make.
    """
    with engine.connect() as connection:
        tables = inspect(connection).get_table_names()
        if _VERSIONS in tables:
            found = connection.execute(text(f"SELECT version_num FROM {_VERSIONS}")).scalar()  # noqa: S608
            if found is not None:
                return str(found)
        if tables:
            raise StorageError(
                f"{engine.url.render_as_string()} has tables but no version: another program made it"
            )
        return None


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's settings for the steps inside this package, to run on `connection`."""
    config = Config()
    config.set_main_option("script_location", "evce.storage:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def migrate(engine: Engine, before_step: Callable[[str], None]) -> bool:
    """Brings the database to `HEAD`; True if anything had to be done.

    `before_step(version)` is called before tables with content change, to take a snapshot; what it raises
    stops the migration. Raises NewerSchemaError when a newer EVCE has been here: nothing is touched then.
    """
    version = schema_version(engine)
    if version == HEAD:
        return False
    if version is not None:
        known = {step.revision for step in ScriptDirectory.from_config(alembic_config()).walk_revisions()}
        if version not in known:
            raise NewerSchemaError(
                f"{engine.url.render_as_string()} has tables of version {version}, this EVCE knows {HEAD}:"
                " install the EVCE that wrote it, or restore a snapshot taken before the upgrade"
            )
        before_step(version)
    with _foreign_keys_off(engine) as connection, connection.begin():
        command.upgrade(alembic_config(connection), "head")
    return True


@contextmanager
def _foreign_keys_off(engine: Engine) -> Iterator[Connection]:
    """A step that rebuilds a table drops it in between; its children mustn't be deleted with it."""
    with engine.connect() as connection:
        sqlite = engine.dialect.name == "sqlite"
        raw = connection.connection.driver_connection
        if sqlite and raw is not None:
            raw.execute("PRAGMA foreign_keys=OFF")
        try:
            yield writing(connection)
        finally:
            if sqlite and raw is not None:
                raw.execute("PRAGMA foreign_keys=ON")
