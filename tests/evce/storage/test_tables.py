"""The tables themselves refuse what the code above must never write."""

import pytest
from sqlalchemy import exc
from sqlmodel import SQLModel

from evce.storage import tables
from evce.storage.tables import CardRow, SessionRow
from tests.evce.storage.builders import NOW, later
from tests.evce.storage.test_rows import session


def row(id_: int, **changes: object) -> SessionRow:
    values = {
        "id": id_,
        "station": "CP-01",
        "connector": 1,
        "station_name": "Garage 1",
        "id_tag": "Tag",
        "id_tag_key": "tag",
        "vip": False,
        "started_at": NOW,
        "meter_start": 0.0,
    }
    return SessionRow(**{**values, **changes})


@pytest.mark.parametrize(
    ("second", "refused"),
    [(row(2), True), (row(1, started_at=later(1)), True), (row(2, started_at=later(1)), False)],
)
def test_one_start_can_t_be_two_sessions(second: SessionRow, refused: bool) -> None:
    """OC-6"""
    with session() as db:
        db.add(row(1))
        db.flush()
        db.expunge_all()
        db.add(second)
        if not refused:
            db.flush()
            return
        with pytest.raises(exc.IntegrityError):
            db.flush()


def test_a_card_has_one_row() -> None:
    """AU-7"""
    with session() as db:
        db.add(CardRow(key="abc", id_tag="ABC", authorised=True))
        db.flush()
        db.expunge_all()
        db.add(CardRow(key="abc", id_tag="abc", authorised=False))
        with pytest.raises(exc.IntegrityError):
            db.flush()


def test_every_table_of_the_metadata_is_listed() -> None:
    listed = {getattr(tables, name).__tablename__ for name in tables.__all__}
    assert listed == set(SQLModel.metadata.tables)
