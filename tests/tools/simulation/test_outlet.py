"""Pilot, contactor and status of one connector."""

from typing import Any

import pytest

from tests.tools.simulation.scripted import car, connector
from tools.simulation.outlet import Outlet, Session


def charging(limit: float | None, seconds: float = 10.0, **spec: Any) -> Outlet:
    outlet = Outlet(connector(rating=16.0), vehicle=car(**spec))
    outlet.session = Session("CP-01", 1, "A", 0.0, 0.0, 0.0)
    for tick in range(round(seconds * 10)):
        outlet.advance(limit, tick / 10)
    return outlet


@pytest.mark.parametrize(
    ("limit", "pilot", "status"),
    [
        (None, 16.0, "Charging"),
        (40.0, 16.0, "Charging"),
        (10.0, 10.0, "Charging"),
        (6.0, 6.0, "Charging"),
        (5.9, 0.0, "SuspendedEVSE"),
        (0.0, 0.0, "SuspendedEVSE"),
    ],
)
def test_the_pilot_is_within_limit_and_rating_and_never_between_0_and_6(
    limit: float | None, pilot: float, status: str
) -> None:
    """LM-2, LM-11: IEC 61851's pilot starts at 6 A."""
    outlet = charging(limit)
    assert (outlet.pilot, outlet.status()) == (pilot, status)
    assert outlet.currents[0] == pytest.approx(pilot)


@pytest.mark.parametrize(("seconds", "amps"), [(4.0, 25.4), (6.0, 0.0)])
def test_the_contactor_opens_under_a_car_that_ignores_the_pilot(seconds: float, amps: float) -> None:
    outlet = charging(0.0, seconds, ignores_pilot=True)
    assert outlet.currents[0] == pytest.approx(amps, abs=1.0)


def test_the_register_counts_what_the_car_takes() -> None:
    outlet = charging(None, 100.0)
    assert outlet.vehicle is not None
    assert outlet.register == pytest.approx(outlet.vehicle.taken)
    assert outlet.register > 200


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, "Available"),
        ({"operative": False}, "Unavailable"),
        ({"faulted": True}, "Faulted"),
        ({"reserved_for": "A"}, "Reserved"),
        ({"authorized_until": 9.0}, "Preparing"),
        ({"vehicle": car()}, "Preparing"),
        ({"vehicle": car(), "finished": True}, "Finishing"),
    ],
)
def test_the_status_without_a_session(changes: dict[str, object], status: str) -> None:
    """LM-11: ChargePointStatus."""
    assert Outlet(connector(), **changes).status() == status  # type: ignore[arg-type]


def test_without_a_car_nothing_flows() -> None:
    outlet = Outlet(connector())
    outlet.advance(None, 0.0)
    assert outlet.grid_currents == (0.0, 0.0, 0.0)
    assert outlet.running(5.0) is None
    assert outlet.phases == 3
