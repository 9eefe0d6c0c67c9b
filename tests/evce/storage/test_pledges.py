"""Pledges outlive the process, one for each connector."""

from pathlib import Path

from evce.records import PledgeRecord
from evce.storage import Store
from evce.units import BoxIdentity, ConnectorKey
from tests.evce.storage.builders import CP1, NOW, later

CP2 = ConnectorKey(BoxIdentity("CP-02"), 2)


def test_the_newest_pledge_of_each_connector_is_found_after_a_restart(path: Path) -> None:
    """OC-6: what may be drawn is on disk before it may be drawn."""
    with Store(path, NOW) as store:
        assert (store.pledges(), store.newest_plan()) == ([], 0)
        store.commit_pledges(
            7, [PledgeRecord(CP2, 16.0, 120.0, 6.0), PledgeRecord(CP1, 10.0, 120.0, None)], NOW
        )
        store.commit_pledges(8, [PledgeRecord(CP1, 32.0, 600.0, 0.0, later(5))], later(9))
    with Store(path, later(60)) as store:
        assert store.pledges() == [
            PledgeRecord(CP1, 32.0, 600.0, 0.0, later(5)),
            PledgeRecord(CP2, 16.0, 120.0, 6.0, NOW),
        ]
        assert [record.connector for record in store.pledges(CP2.station)] == [CP2]
        assert store.newest_plan() == 8


def test_of_two_pledges_in_one_plan_the_last_counts(store: Store) -> None:
    store.commit_pledges(1, [PledgeRecord(CP1, 10.0, 1.0, None), PledgeRecord(CP1, 20.0, 1.0, None)], NOW)
    assert [record.amps for record in store.pledges()] == [20.0]


def test_an_older_plan_never_lowers_the_newest_number(store: Store) -> None:
    store.commit_pledges(9, [], NOW)
    store.commit_pledges(3, [PledgeRecord(CP1, 10.0, 1.0, None)], NOW)
    assert store.newest_plan() == 9
