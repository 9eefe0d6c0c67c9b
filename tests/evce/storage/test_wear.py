"""The wear of the stations' memories in the database."""

from evce.records import WearRecord
from evce.storage import Store
from evce.units import BoxIdentity, ConnectorKey

A, B = (ConnectorKey(BoxIdentity("A"), number) for number in (1, 2))
OTHER = ConnectorKey(BoxIdentity("B"), 1)


def test_the_newest_count_of_each_connector_is_kept(store: Store) -> None:
    """DESIGN §4: flash doesn't forget at a restart."""
    store.keep_wear([WearRecord(A, 10, 70.0), WearRecord(B, 3), WearRecord(OTHER, 7, -2.0)])
    store.keep_wear([WearRecord(A, 12, 68.5, 11)])
    assert store.wear(A.station) == [WearRecord(A, 12, 68.5, 11), WearRecord(B, 3)]
    assert store.wear(OTHER.station) == [WearRecord(OTHER, 7, -2.0)]
    assert store.wear(BoxIdentity("C")) == []
