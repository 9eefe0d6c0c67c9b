"""Many rows at once take the place of those with the same key."""

from sqlalchemy import create_engine
from sqlmodel import Session, SQLModel, col, select

from evce.storage.rows import replace_rows, table_of
from evce.storage.tables import PledgeRow
from tests.evce.storage.builders import NOW

KEY = ("station", "connector")


def session() -> Session:
    """A database in memory with the tables of the code."""
    engine = create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    return Session(engine)


def pledge(station: str, connector: int, amps: float) -> dict[str, object]:
    return {
        "station": station,
        "connector": connector,
        "amps": amps,
        "lease": 60.0,
        "fallback": None,
        "written_at": NOW,
    }


def test_rows_with_the_same_key_are_replaced_and_others_stay() -> None:
    with session() as db:
        replace_rows(db, PledgeRow, KEY, [pledge("A", 1, 6.0), pledge("A", 2, 7.0), pledge("B", 1, 8.0)])
        replace_rows(db, PledgeRow, KEY, [pledge("A", 1, 16.0), pledge("C", 1, 9.0)])
        replace_rows(db, PledgeRow, KEY, [])
        rows = db.exec(select(PledgeRow).order_by(col(PledgeRow.station), col(PledgeRow.connector))).all()
    assert [(row.station, row.connector, row.amps) for row in rows] == [
        ("A", 1, 16.0),
        ("A", 2, 7.0),
        ("B", 1, 8.0),
        ("C", 1, 9.0),
    ]
    assert rows[0].written_at == NOW


def test_a_row_class_has_its_table() -> None:
    assert table_of(PledgeRow).name == "pledges"
