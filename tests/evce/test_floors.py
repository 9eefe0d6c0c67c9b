"""Floors: the standards and their exceptions."""

import pytest

from evce.electrical import Family, Socket, Wiring
from evce.floors import FloorStandard, floor
from tests.evce.builders import connector

IEC, EVZE = FloorStandard.IEC61851, FloorStandard.EVZE_READY
T2, TE = (Socket.T2,), (Socket.TE,)
BOTH = (Socket.T2, Socket.TE)


@pytest.mark.parametrize(
    ("family", "wiring", "sockets", "standard", "expected"),
    [
        (Family.PARKING, Wiring.MONO1, T2, IEC, 6.0),
        (Family.PARKING, Wiring.TRI123, T2, IEC, 6.0),
        (Family.PARKING, Wiring.MONO3, T2, EVZE, 8.0),
        (Family.PARKING, Wiring.TRI231, T2, EVZE, 14.0),
        (Family.PARKING, Wiring.MONO2, TE, IEC, 10.0),
        (Family.PARKING, Wiring.MONO2, TE, EVZE, 10.0),
        (Family.SMART_WALLBOX, Wiring.MONO1, BOTH, IEC, 10.0),
        (Family.SMART_WALLBOX, Wiring.TRI312, BOTH, IEC, 10.0),
        (Family.SMART_WALLBOX, Wiring.MONO1, BOTH, EVZE, 10.0),
        (Family.SMART_WALLBOX, Wiring.TRI123, BOTH, EVZE, 14.0),
        (Family.SMART_WALLBOX, Wiring.TRI123, T2, IEC, 6.0),
        (Family.CITY, Wiring.MONO1, T2, IEC, 14.0),
        (Family.CITY, Wiring.MONO1, TE, EVZE, 14.0),
        (Family.CITY, Wiring.TRI123, T2, IEC, 14.0),
        (Family.GENERIC, Wiring.MONO1, (), IEC, 6.0),
        (Family.DC_24, Wiring.TRI123, (Socket.CCS, Socket.CHADEMO), EVZE, 14.0),
    ],
)
def test_the_floor_is_the_highest_of_the_standard_and_the_exceptions(
    family: Family, wiring: Wiring, sockets: tuple[Socket, ...], standard: FloorStandard, expected: float
) -> None:
    """LM-2: 6/6 A, 8/14 A, TE and Wallbox TE/T2 10 A, City 14 A, and the higher holds."""
    assert floor(connector("CP", wiring=wiring, sockets=sockets, family=family), standard) == expected
