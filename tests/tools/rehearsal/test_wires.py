"""Tests of the virtual links."""

from pathlib import Path

from evce.facts import Link
from tools.rehearsal.house import House
from tools.rehearsal.sites import small_site
from tools.simulation.meters import MeterFault


def link(house: House, name: str) -> Link:
    return {str(key): view.link for key, view in house.snapshot().stations.items()}[name]


def test_a_station_that_is_hung_up_on_dials_again(tmp_path: Path) -> None:
    """OC-1: its actor hears of both."""
    house = House(tmp_path, document=small_site())
    house.settle_in()
    house.site.hang_up("G1", house.now)
    house.run_until(lambda: link(house, "G1") is Link.LOST, 2.0, "it is lost")
    house.settle_in()
    assert link(house, "G1") is Link.CONNECTED
    house.close()


def test_a_silent_meter_times_out_and_a_closed_input_arrives(tmp_path: Path) -> None:
    """MT-7, DI-1: registers and pins are read through the same links as in life."""
    house = House(tmp_path, document=small_site())
    house.settle_in()
    house.inputs.switch(2, True)
    house.run(1.0)
    assert [view.name for view in house.snapshot().inputs if view.active] == ["Third"]
    house.world.meters["main-meter"].fault = MeterFault.SILENT
    house.run_until(lambda: ("meter_lost", "main-meter") in house.standing(), 10.0, "the meter is lost")
    house.close()
