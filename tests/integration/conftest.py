"""One running house for all tests here that don't end it, with a referee who watches it all the time."""

from collections.abc import Iterator

import pytest

from tests.integration.house import CARS, House, until
from tools.referee.referee import Referee


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The daemon with the simulated site around it, everything verified, no car."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GPIOZERO_PIN_FACTORY", "mock")
        house = House(tmp_path_factory.mktemp("house") / "data")
        try:
            house.start()
            until(house.all_verified, 20, "every station is verified")
            yield house
        finally:
            house.stop()


@pytest.fixture(scope="package")
def referee(house: House) -> Iterator[Referee]:
    """Watches the true currents from the first car to the last test."""
    referee = Referee(house.document.model())
    referee.watch(house.site.truth, period=0.1)
    yield referee
    referee.stop()


@pytest.fixture
def idle(house: House) -> House:
    """No car anywhere."""
    for name in CARS:
        if house.outlet(name).vehicle is not None:
            house.obey(f"unplug {name}")
    until(lambda: all(house.connector(name).transaction is None for name in CARS), 20, "every session ended")
    return house


@pytest.fixture
def charging(house: House, referee: Referee) -> Iterator[House]:
    """Three cars charge, and nothing holds them back but their zones; what a test applied is rolled back."""
    for name in CARS:
        outlet = house.outlet(name)
        if outlet.vehicle is not None and outlet.finished:
            house.obey(f"unplug {name}")
        if outlet.vehicle is None:
            house.obey(f"plug {name} BADGE-{name}")
    until(house.unhurried, 40, "20, 20 and 32 A")
    number = house.snapshot().revision
    yield house
    house.restore(number)
