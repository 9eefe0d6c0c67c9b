"""The few numbers that the database keeps of itself."""

from sqlmodel import Session

from evce.storage.tables import MetaRow

__all__ = ["read_meta", "write_meta"]


def read_meta(db: Session, key: str) -> int | None:
    """The number kept under `key`; None if there is none."""
    row = db.get(MetaRow, key)
    return None if row is None else row.value


def write_meta(db: Session, key: str, value: int) -> None:
    """Keeps `value` under `key`."""
    db.merge(MetaRow(key=key, value=value))
