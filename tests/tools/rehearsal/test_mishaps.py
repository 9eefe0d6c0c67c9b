"""Tests of what can go wrong."""

from collections.abc import Iterator
from random import Random

import pytest

from tools.rehearsal.house import House
from tools.rehearsal.mishaps import KINDS, mishaps
from tools.rehearsal.sites import small_site
from tools.simulation.meters import MeterFault


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("house"), document=small_site())
    made.settle_in()
    yield made
    made.close()


def test_the_same_seed_draws_the_same_mishaps(house: House) -> None:
    """AC-5: a failing seed can be played again."""
    first, second, other = (list(map(str, mishaps(house, seed, 3600.0, 60.0))) for seed in (1, 1, 2))
    assert first == second != other
    assert 30 < len(first) < 90


def test_they_come_in_order_and_within_the_window(house: House) -> None:
    times = [mishap.at for mishap in mishaps(house, 3, 600.0, 20.0)]
    assert times == sorted(times)
    assert 0.0 < times[0] <= times[-1] < 600.0


def test_every_kind_is_drawn(house: House) -> None:
    assert {mishap.kind for mishap in mishaps(house, 4, 36_000.0, 60.0)} == set(KINDS)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"process"}))
def test_the_house_outlives_each_kind(house: House, kind: str) -> None:
    """AC-2, AC-5: struck, mended, and everybody is back without a limit missed."""
    mishap = KINDS[kind](house, Random(kind))
    assert kind in str(mishap)
    mishap.strike(house)
    house.run(mishap.lasts + 1.0)
    assert (mishap.mend is None) == (mishap.lasts == 0.0)
    if mishap.mend is not None:
        mishap.mend(house)
    house.run(15.0)
    house.settle_in()
    assert house.referee.clean
    assert not house.disk.full
    assert {meter.fault for meter in house.world.meters.values()} == {MeterFault.NONE}


def test_the_house_outlives_its_process(house: House) -> None:
    """RELIABILITY: as after `kill -9`."""
    KINDS["process"](house, Random("process")).strike(house)
    house.settle_in()
    assert house.referee.clean
