"""Tests of how people read where a meter is."""

import pytest

from evce.endpoints import Endpoint, SerialLine, TcpEndpoint


@pytest.mark.parametrize(
    ("endpoint", "place", "connection"),
    [
        (TcpEndpoint("192.168.0.40"), "192.168.0.40:502", "TCP 192.168.0.40:502#3"),
        (SerialLine("/dev/ttyUSB0"), "/dev/ttyUSB0", "RTU /dev/ttyUSB0#3"),
    ],
)
def test_a_table_shows_where_a_meter_is(endpoint: Endpoint, place: str, connection: str) -> None:
    """MT-8."""
    assert (str(endpoint), endpoint.of_unit(3)) == (place, connection)
