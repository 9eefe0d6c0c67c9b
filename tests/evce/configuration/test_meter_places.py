"""Tests of where meters can be."""

from typing import Any

import pytest

from evce.configuration.meter_places import check_meter_places
from evce.configuration.sections import MeterSettings
from evce.endpoints import SerialLine, TcpEndpoint

RTU = {"protocol": "rtu", "model": "iem3x5x", "device": "/dev/ttyUSB0", "unit": 1}
TCP = {"model": "pm5320", "host": "192.168.0.40"}


@pytest.mark.parametrize(
    ("meters", "expected"),
    [
        ([TCP, TCP | {"port": 503}, TCP | {"unit": 1}, TCP | {"host": "192.168.0.41"}], []),
        ([RTU, RTU | {"unit": 2}, RTU | {"device": "/dev/ttyUSB1", "baud": 9_600}, TCP], []),
        ([RTU | {"model": "feeder"}, RTU | {"unit": 247}], []),
        ([RTU | {"device": 7}, TCP | {"host": 7}, TCP | {"unit": "x"}, RTU | {"model": []}], []),
        ([{"model": "pm5320"}], ["meters[m0].host: must be given: where the Modbus TCP meter is"]),
        (
            [TCP, TCP | {"port": 502, "host": "192.168.0.40"}],
            [
                'meters[m1].host = "192.168.0.40": must differ from meters[m0] in host, port or unit: '
                "one meter can't be two"
            ],
        ),
        (
            [{"protocol": "rtu", "model": "iem3x5x", "unit": 1}],
            ["meters[m0].device: must be given: the serial line of the Modbus RTU meter"],
        ),
        (
            [RTU | {"model": "pm5320"}],
            [
                'meters[m0].model = "pm5320": must be iem3x5x or a meter model of the site where the '
                "protocol is rtu"
            ],
        ),
        (
            [{"protocol": "rtu", "model": "iem3x5x", "device": "/dev/ttyS0"}],
            ["meters[m0].unit: must be from 1 to 247 where the protocol is rtu"],
        ),
        (
            [RTU, RTU],
            ["meters[m1].unit = 1: must differ from meters[m0] in device or unit: one meter can't be two"],
        ),
        (
            [RTU, RTU | {"unit": 2, "parity": "none", "stop_bits": 2, "baud": 9_600}],
            [
                "meters[m1].baud = 9600: must be as for meters[m0], which is on the same line",
                'meters[m1].parity = "none": must be as for meters[m0], which is on the same line',
                "meters[m1].stop_bits = 2: must be as for meters[m0], which is on the same line",
            ],
        ),
    ],
)
def test_each_meter_can_be_reached_and_has_its_own_place(
    meters: list[dict[str, Any]], expected: list[str]
) -> None:
    """MT-1: RELIABILITY §3, field, value, what is allowed."""
    named = [{"id": f"m{place}", **meter} for place, meter in enumerate(meters)]
    entries = [(("meters", place), meter) for place, meter in enumerate(named)]
    assert [str(one) for one in check_meter_places({"meters": named}, entries)] == expected


def test_a_meter_is_reached_as_its_settings_say() -> None:
    """MT-1: TCP at port 502 unless something else is said; a line as the iEM3x5x comes from the factory."""
    common = {"id": "m", "name": "M", "role": "reporting"}
    on_line = MeterSettings.model_validate({**common, **RTU})
    assert on_line.endpoint == SerialLine("/dev/ttyUSB0", 19_200, "E", 1)
    assert MeterSettings.model_validate({**common, **TCP}).endpoint == TcpEndpoint("192.168.0.40", 502)
