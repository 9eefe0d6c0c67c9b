"""The throughput: a tiny run of the real thing, and its table."""

import asyncio
from collections.abc import Callable

import pytest

from evce.validation import check_request
from tests.tools.benchmarks.peer import Peer, listening
from tools.benchmarks.light_station import LightStation
from tools.benchmarks.throughput import Flood, ThroughputRow, bench_throughput, throughput_section


@pytest.mark.scenario
def test_all_three_servers_are_measured_and_compared() -> None:
    """OC-5: MeterValues through the whole daemon, beside two servers that do less."""
    rows = bench_throughput(seconds=0.3, stations=2)
    assert [row.server for row in rows] == ["daemon", "ocpp", "bare"]
    assert all(row.answered > 0.0 and 0.0 < row.p50 <= row.p99 for row in rows)
    assert rows[0].handled is not None
    assert rows[0].handled > 0.0
    assert rows[1].handled is rows[2].handled is None


def test_a_flood_sends_the_next_once_the_one_before_is_answered(patience: Callable[[float], float]) -> None:
    async def run() -> None:
        async with asyncio.timeout(patience(10)), listening(Peer()) as peer:
            station = LightStation("A", 32.0)
            await station.connect("127.0.0.1", peer.port)
            flood = Flood(station)
            flood.begin()
            while flood.answered < 20:
                await asyncio.sleep(0)
            flood.end()
            while not flood.idle:
                await asyncio.sleep(0)
            assert len(peer.calls) == flood.answered == len(flood.round_trips)
            assert [check_request(*call) for call in peer.calls] == [None] * flood.answered
            await station.heartbeat()
            station.close()

    asyncio.run(run())


def test_a_refused_frame_is_no_round_trip() -> None:
    async def run() -> None:
        station = LightStation("A", 32.0)
        flood = Flood(station)
        with pytest.raises(RuntimeError, match="InternalError"):
            flood._heard(b'[4,"1","InternalError","",{}]')
        assert flood.answered == 0

    asyncio.run(run())


def test_the_table_tells_ratios_and_goals() -> None:
    rows = [
        ThroughputRow("daemon", 5000.0, 4000.4, 1.0, 2.0, 99.0, 40.0),
        ThroughputRow("ocpp", 500.0, None, 1.0, 2.0, 99.0, 4.0),
        ThroughputRow("bare", 20000.0, None, 1.0, 2.0, 99.0, 60.0),
    ]
    section = throughput_section(rows)
    assert [list(row)[1:5] for row in section.rows] == [
        ["5000", "4000", "1.00", ""],
        ["500", "", "10.00", "≥ 10"],
        ["20000", "", "0.25", "≥ 0.5"],
    ]
    assert all(len(row) == len(section.headers) for row in section.rows)
