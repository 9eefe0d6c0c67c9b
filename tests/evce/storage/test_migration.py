"""The tables come to the version of the code once, after a snapshot, and never go back."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel

from evce.errors import StorageError
from evce.storage import NewerSchemaError, StorageUnavailableError, Store, migration
from evce.storage.engine import database_url, open_engine
from evce.storage.migration import HEAD, alembic_config, migrate, schema_version
from evce.storage.snapshots import newest_snapshots
from tests.evce.storage.builders import NOW, Disk, start, write_raw


def version_of(path: Path) -> str | None:
    engine = open_engine(database_url(path))
    try:
        return schema_version(engine)
    finally:
        engine.dispose()


def test_the_code_expects_the_newest_step() -> None:
    assert ScriptDirectory.from_config(alembic_config()).get_current_head() == HEAD


def test_an_empty_database_gets_exactly_the_tables_of_the_code(path: Path) -> None:
    engine = open_engine(database_url(path))
    assert schema_version(engine) is None
    assert migrate(engine, lambda _version: pytest.fail("there is nothing to save"))
    assert schema_version(engine) == HEAD
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    assert not migrate(engine, lambda _version: pytest.fail("there is nothing to do"))
    engine.dispose()


def test_a_database_of_a_newer_version_is_refused_untouched(path: Path) -> None:
    Store(path, NOW).close()
    write_raw(path, "UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()
    for read_only in (False, True):
        with pytest.raises(NewerSchemaError, match="version 9999"):
            Store(path, NOW, read_only=read_only)
    assert path.read_bytes() == before
    assert newest_snapshots(path) == []


def test_a_database_of_another_program_is_refused(path: Path) -> None:
    write_raw(path, "CREATE TABLE sessions (x)")
    with pytest.raises(StorageError, match="another program"):
        Store(path, NOW)


@pytest.fixture
def next_version(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A version to come: the steps that exist and one more."""
    steps = tmp_path / "steps"
    steps.mkdir()
    (steps / "v9000_next.py").write_text(
        '"""The next version."""\n'
        "import sqlalchemy as sa\n"
        "from alembic import op\n"
        'revision = "9000"\n'
        f'down_revision = "{HEAD}"\n'
        "def upgrade():\n"
        '    op.add_column("sessions", sa.Column("extra", sa.String))\n'
        '    with op.batch_alter_table("users") as batch:\n'
        '        batch.add_column(sa.Column("extra", sa.String))\n'
    )
    config = migration.alembic_config

    def with_next(*args: object) -> object:
        made = config(*args)  # type: ignore[arg-type]
        folder = Path(migration.__file__).parent / "migrations" / "versions"
        made.set_main_option("version_locations", f"{folder}:{steps}")
        return made

    monkeypatch.setattr(migration, "alembic_config", with_next)
    monkeypatch.setattr(migration, "HEAD", "9000")


def test_an_empty_database_goes_through_all_steps_at_once(path: Path, next_version: None) -> None:
    Store(path, NOW).close()
    assert version_of(path) == "9000"
    assert newest_snapshots(path) == []


def test_an_older_database_is_saved_and_migrated_with_its_content(
    path: Path, request: pytest.FixtureRequest
) -> None:
    with Store(path, NOW) as store:
        session = start(store).session
    request.getfixturevalue("next_version")
    with Store(path, NOW) as store:
        assert store.sessions() == [session]
    assert version_of(path) == "9000"
    (snapshot,) = newest_snapshots(path)
    assert snapshot.name.startswith(f"evce-v{HEAD}-")
    assert version_of(snapshot) == HEAD


def test_a_step_that_fails_leaves_the_version_before(path: Path, request: pytest.FixtureRequest) -> None:
    Store(path, NOW).close()
    request.getfixturevalue("next_version")
    with pytest.raises(StorageUnavailableError):
        Store(path, NOW, fault=Disk(1))
    assert version_of(path) == HEAD
    with Store(path, NOW):
        pass
    assert version_of(path) == "9000"


def test_without_a_snapshot_nothing_is_migrated(path: Path, request: pytest.FixtureRequest) -> None:
    Store(path, NOW).close()
    request.getfixturevalue("next_version")
    path.with_name("snapshots").write_text("a file where the folder should be")
    with pytest.raises(StorageUnavailableError):
        Store(path, NOW)
    assert version_of(path) == HEAD


def test_a_program_beside_the_daemon_doesn_t_migrate(path: Path) -> None:
    with pytest.raises(StorageError):
        Store(path, NOW, read_only=True)
    write_raw(path, "PRAGMA user_version = 1")
    with pytest.raises(StorageError, match="start the daemon"):
        Store(path, NOW, read_only=True)
