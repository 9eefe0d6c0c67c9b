"""A group is kept as a whole or not at all."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from evce.storage import StorageUnavailableError
from evce.storage.engine import database_url, open_engine
from evce.storage.meta import read_meta, write_meta
from evce.storage.migration import migrate
from evce.storage.unit import UnitOfWork
from tests.evce.storage.builders import Disk


class Claim:
    def __init__(self) -> None:
        self.begun = 0
        self.trouble: OSError | None = None

    def begin(self, db: Session) -> None:
        write_meta(db, "begun", 1)

    def durable(self) -> None:
        self.begun += 1
        if self.trouble is not None:
            raise self.trouble


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def engine(path: Path, disk: Disk) -> Iterator[Engine]:
    made = open_engine(database_url(path), fault=disk)
    migrate(made, lambda _version: None)
    yield made
    made.dispose()


def value(unit: UnitOfWork, key: str) -> int | None:
    with unit.reading() as db:
        return read_meta(db, key)


def write(unit: UnitOfWork, key: str) -> None:
    with unit.writing() as db:
        write_meta(db, key, 7)


def test_nested_writes_are_one_commit(engine: Engine, disk: Disk) -> None:
    unit = UnitOfWork(engine, Claim().begin, Claim().durable)
    before = disk.commits
    with unit.writing():
        write(unit, "a")
        write(unit, "b")
        assert value(unit, "a") == 7
    assert disk.commits == before + 1
    assert (value(unit, "a"), value(unit, "b")) == (7, 7)


def write_and_fail(unit: UnitOfWork, error: BaseException) -> None:
    with unit.writing():
        write(unit, "a")
        raise error


@pytest.mark.parametrize("error", [KeyError("mistake"), KeyboardInterrupt()])
def test_a_failure_inside_keeps_nothing_and_passes_through(engine: Engine, error: BaseException) -> None:
    unit = UnitOfWork(engine, Claim().begin, Claim().durable)
    with pytest.raises(type(error)):
        write_and_fail(unit, error)
    assert (value(unit, "a"), value(unit, "begun")) == (None, None)
    write(unit, "a")
    assert value(unit, "a") == 7


def test_a_commit_that_the_disk_refuses_keeps_nothing(engine: Engine, disk: Disk) -> None:
    unit = UnitOfWork(engine, Claim().begin, Claim().durable)
    disk.full = True
    with pytest.raises(StorageUnavailableError, match="full"), unit.writing():
        write(unit, "a")
    assert value(unit, "a") is None
    disk.full = False
    write(unit, "a")
    assert value(unit, "a") == 7


def test_the_claim_is_made_in_the_first_write_that_lasts(engine: Engine, disk: Disk) -> None:
    claim = Claim()
    unit = UnitOfWork(engine, claim.begin, claim.durable)
    assert value(unit, "begun") is None
    disk.full = True
    with pytest.raises(StorageUnavailableError):
        write(unit, "a")
    assert claim.begun == 0
    disk.full = False
    write(unit, "a")
    write(unit, "b")
    assert (value(unit, "begun"), claim.begun) == (1, 1)


def test_what_follows_the_first_write_is_tried_until_it_works(engine: Engine) -> None:
    claim = Claim()
    claim.trouble = OSError("no space for the side file")
    unit = UnitOfWork(engine, claim.begin, claim.durable)
    write(unit, "a")
    write(unit, "b")
    claim.trouble = None
    write(unit, "c")
    write(unit, "d")
    assert claim.begun == 3
    assert value(unit, "a") == 7
