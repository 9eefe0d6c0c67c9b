"""Tests of the house in virtual time; what it is for is in `tests/scenarios`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.rehearsal.house import House, RehearsalError
from tools.rehearsal.sites import small_site


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path, document=small_site())
    yield made
    made.close()


def test_what_does_not_come_true_in_time_is_an_error(house: House) -> None:
    with pytest.raises(RehearsalError, match="not within 2 s: never"):
        house.run_until(lambda: False, 2.0, "never")
    assert house.now >= 2.0


def test_a_car_that_is_plugged_in_charges_and_is_in_the_books_when_it_leaves(house: House) -> None:
    """OC-6: the truth of the simulated site beside the database."""
    house.settle_in()
    assert house.verified_now() == {"G1", "G2", "O1", "S1", "S2"}
    house.plug("S1")
    house.run_until(lambda: house.drawn("S1") > 10.0, 60.0, "it charges")
    assert max(house.cars("street")) == pytest.approx(max(house.truth("street")))
    assert list(house.running()) == ["S1/1"]
    house.world.stations["S1"].unplug(1, house.now)
    house.run(5.0)
    assert len(house.sessions()) == 1
    assert house.differences() == []


def test_a_crash_leaves_the_site_alone_and_brings_everybody_back(house: House) -> None:
    """RELIABILITY: a new process on the same database."""
    house.settle_in()
    house.crash(1.0)
    assert not house.all_verified()
    house.settle_in()
    assert house.deaths() == []


def test_nobody_of_a_wrong_name_is_killed(house: House) -> None:
    with pytest.raises(ValueError, match="nobody is named zone/none"):
        house.kill("zone/none")


def test_a_run_is_only_hashed_when_asked_for(house: House) -> None:
    with pytest.raises(ValueError, match="traced=True"):
        _ = house.trace_hash
