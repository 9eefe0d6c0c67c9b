"""Every link breaks at once: whoever has more than its fall-back comes down before anybody goes up."""

from pathlib import Path

import pytest

from tools.rehearsal.house import House
from tools.rehearsal.sites import small_site

LEASE = 60


@pytest.mark.parametrize("wait", [0.0, 18.0])
def test_the_feeder_holds_while_the_leases_of_all_stations_run_out(tmp_path: Path, wait: float) -> None:
    """DG-1, DG-6: 40 A for two outlets that fall back to 20 A, one at 32 A and one at 8 A.

    However long ago each lease was renewed, the sum never passes the 40 A.
    """
    document = small_site(lease_dynamic=LEASE, lease_static=LEASE)
    stations = tuple(
        station.model_copy(update={"vip": station.box_identity == "S1"}) for station in document.stations
    )
    house = House(tmp_path, document=document.model_copy(update={"stations": stations}))
    try:
        house.settle_in()
        house.plug("S1")
        house.run(20.0)
        house.plug("S2")
        house.run(15.0 + wait)
        assert [house.drawn("S1"), house.drawn("S2")] == pytest.approx([32.0, 8.0])
        house.site.cut("S1", house.now)
        house.site.cut("S2", house.now)
        house.run(2.0 * LEASE + 10.0)
        assert [house.drawn("S1"), house.drawn("S2")] == pytest.approx([20.0, 20.0])
        assert house.referee.zones["street"].longest_above == 0.0
        assert house.deaths() == []
    finally:
        house.close()
