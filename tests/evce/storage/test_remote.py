"""The limits of remote energy management in the database."""

from evce.storage import Store
from evce.units import ZoneId

MAIN, GARAGE = ZoneId("main"), ZoneId("garage")


def test_the_newest_limits_replace_all_before(store: Store) -> None:
    """API-3: a restart knows what was told last, and nothing older."""
    plan = store.newest_plan()
    assert store.remote_limits() == {}
    store.keep_remote_limits({MAIN: 16.0, GARAGE: 0.0})
    assert store.remote_limits() == {MAIN: 16.0, GARAGE: 0.0}
    store.keep_remote_limits({GARAGE: 6.1})
    assert store.remote_limits() == {GARAGE: 6.1}
    store.keep_remote_limits({})
    assert store.remote_limits() == {}
    assert store.newest_plan() == plan, "what else is kept there stays"
