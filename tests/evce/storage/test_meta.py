"""The few numbers of the database are kept."""

from evce.storage.meta import read_meta, write_meta
from tests.evce.storage.test_rows import session


def test_a_number_is_kept_and_replaced() -> None:
    with session() as db:
        assert read_meta(db, "newest_plan") is None
        for value in (1, 2**62):
            write_meta(db, "newest_plan", value)
            db.flush()
            assert read_meta(db, "newest_plan") == value
