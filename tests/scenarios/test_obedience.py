"""Stations are watched as they follow: their score is shown, and one that pretends is found out."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tools.rehearsal.house import House
from tools.rehearsal.sites import small_site
from tools.simulation.meters import MeterFault
from tools.simulation.quirks import Quirks
from tools.simulation.vehicle import VehicleSpec
from tools.simulation.world import WorldOptions

HALF = 1

DEAF_AND_BLIND = {("setpoint_not_respected", "O1/1"), ("meter_lost", "main-meter")}


@pytest.fixture
def open_house(tmp_path: Path) -> Iterator[Callable[[Quirks], House]]:
    """O1 has the habit; at the end nothing has died."""
    opened: list[House] = []

    def open_one(habit: Quirks) -> House:
        options = WorldOptions(arrivals_factor=0.0, building_share=0.2, solar_share=0.0, quirks={"O1": habit})
        house = House(tmp_path, document=small_site(), options=options)
        opened.append(house)
        house.settle_in()
        house.plug("O1")
        house.run(60.0)
        for _ in range(5):  # 50 % of 40 A are 20
            for on in (True, False):
                house.inputs.switch(HALF, on)
                house.run(45.0)
        return house

    yield open_one
    for house in opened:
        assert house.deaths() == []
        house.close()


def test_a_station_that_follows_has_a_good_score(open_house: Callable[[Quirks], House]) -> None:
    """LM-10: each reduction followed within seconds, and seen by the meter."""
    shown = open_house(Quirks()).snapshot().stations["O1"].obedience  # type: ignore[index]
    assert shown is not None
    assert (shown.commands, shown.contradicted) == (5, 0)
    assert shown.confirmed >= 4
    assert shown.score >= 95
    assert shown.delay is not None
    assert 1.0 <= shown.delay <= 8.0
    assert shown.error <= 0.1


def test_a_station_that_reports_what_it_was_told_is_found_out_by_the_meter(
    open_house: Callable[[Quirks], House],
) -> None:
    """LM-10: its own reports show nothing; people are told."""
    house = open_house(Quirks(disobey=True, reports_as_told=True))
    shown = house.snapshot().stations["O1"].obedience  # type: ignore[index]
    assert shown is not None
    assert shown.contradicted >= 3
    assert shown.score <= 20
    assert ("setpoint_doubtful", "O1") in house.standing()


@pytest.mark.parametrize(("takes", "left"), [(32.0, 0.0), (8.0, 12.0)])
def test_while_the_meter_is_silent_a_deaf_station_counts_at_what_it_reports(
    tmp_path: Path, takes: float, left: float
) -> None:
    """LM-10, DG-3: only its own reports tell what it draws; the others share what that leaves of 20 A."""
    house = House(tmp_path, document=small_site())
    house.settle_in()
    house.plug("O1", VehicleSpec(phases=3, maximum=takes, battery=200_000.0))
    for where in ("G1", "G2"):
        house.plug(where, badge=20)
    house.run(60.0)
    deaf = house.world.stations["O1"]
    deaf.quirks = replace(deaf.quirks, disobey=True)
    house.world.meters["main-meter"].fault = MeterFault.SILENT
    house.run_until(lambda: house.standing() >= DEAF_AND_BLIND, 20.0, "both alarms")
    assert house.drawn("O1") == pytest.approx(takes, abs=0.5)
    house.run_until(lambda: told(house) <= left + 0.05, 10.0, "the others are told what is left")
    while house.drawn("O1") > 1.0:  # until it is made to end the session
        assert told(house) <= left + 0.05
        house.run(0.25)
    house.run_until(lambda: house.cars("main")[0] > 19.5, 90.0, "the others have all of it")
    assert max(house.cars("main")) <= 20.1
    assert house.referee.clean
    assert house.deaths() == []
    house.close()


def told(house: House) -> float:
    """What the two that follow are offered, A."""
    return house.outlet("G1").pilot + house.outlet("G2").pilot
