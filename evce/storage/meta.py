"""The few numbers that the database keeps of itself."""

from sqlmodel import Session, col, select

from evce.storage.rows import replace_rows
from evce.storage.tables import MetaRow

__all__ = ["read_meta", "write_meta"]


def read_meta(db: Session, key: str) -> int | None:
    """The number kept under `key`; None if there is none."""
    return db.exec(select(MetaRow.value).where(col(MetaRow.key) == key)).one_or_none()


def write_meta(db: Session, key: str, value: int) -> None:
    """Keeps `value` under `key`."""
    replace_rows(db, MetaRow, ("key",), [{"key": key, "value": value}])
