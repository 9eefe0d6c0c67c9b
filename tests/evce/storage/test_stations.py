"""What the stations have told of themselves, in the database."""

from dataclasses import replace

from evce.records import StationMemory
from evce.storage import Store
from evce.units import BoxIdentity

A = StationMemory(
    BoxIdentity("A"), "Vendor", "Model", "S1", "1.0", {"heartbeatinterval": ("60", False)}, whole_amps=True
)


def test_the_newest_word_of_each_station_is_kept(store: Store) -> None:
    """OC-6: known again before it speaks."""
    other = StationMemory(BoxIdentity("B"), in_watts=True, grain_known=True, no_composite=True)
    store.keep_stations([A, other])
    newer = replace(A, firmware="1.1", keys={})
    store.keep_stations([newer])
    assert store.station_memory(A.station) == newer
    assert store.station_memory(other.station) == other
    assert store.station_memory(BoxIdentity("C")) is None
