"""Many rows at once, without the object mapper's cost for each."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, bindparam
from sqlmodel import Session, SQLModel

__all__ = ["replace_rows", "table_of"]


def table_of(row: type[SQLModel]) -> Table:
    """The table of a row class."""
    table: Table = row.__table__  # type: ignore[attr-defined]  # SQLModel doesn't declare it
    return table


def replace_rows(
    db: Session, row: type[SQLModel], key: tuple[str, ...], values: Sequence[Mapping[str, Any]]
) -> None:
    """Writes the rows, each in the place of the one with the same `key` columns, if there is one."""
    if not values:
        return
    table = table_of(row)
    same = [table.c[name] == bindparam(f"old_{name}") for name in key]
    connection = db.connection()
    connection.execute(
        table.delete().where(*same), [{f"old_{name}": value[name] for name in key} for value in values]
    )
    connection.execute(table.insert(), [dict(value) for value in values])
