"""All stations and the meter above them."""

import asyncio
from collections.abc import Callable

from pymodbus.client import AsyncModbusTcpClient

from tests.tools.benchmarks.peer import Peer, listening
from tests.tools.benchmarks.test_light_station import STARTED, profile
from tools.benchmarks.fleet import Fleet, WatchedMeter
from tools.simulation.meters import Reading


def test_the_meter_reads_the_building_and_every_car(patience: Callable[[float], float]) -> None:
    """MT-2: a PM5320 on the real wire."""

    async def run() -> None:
        fleet = Fleet(2, rises_after=0.0)
        fleet.building = 40.0
        async with asyncio.timeout(patience(20)), listening(Peer(**STARTED)) as peer:
            port = await fleet.open_meter()
            await fleet.connect(peer.port)
            await fleet.plug_in()
            assert fleet.total == 64.0
            client = AsyncModbusTcpClient("127.0.0.1", port=port)
            await client.connect()
            answer = await client.read_holding_registers(2999, count=6, device_id=255)
            kind = client.DATATYPE.FLOAT32
            assert client.convert_from_registers(answer.registers, kind) == [104.0, 104.0, 104.0]
            client.close()
            await fleet.close()

    asyncio.run(run())


def test_only_reductions_are_noted(patience: Callable[[float], float]) -> None:
    """LM-8: what the reaction time is measured by."""

    async def run() -> None:
        fleet = Fleet(1, rises_after=0.0)
        async with asyncio.timeout(patience(20)), listening(Peer(**STARTED)) as peer:
            await fleet.connect(peer.port)
            await fleet.plug_in()
            for amps in (20.0, 20.0, 25.0, 24.8):
                await peer.call("SetChargingProfile", profile("TxProfile", amps))
            assert [station.identity for station, _ in fleet.reductions] == ["CP-0001", "CP-0001"]
            assert fleet.reductions[0][1] <= fleet.reductions[1][1]
            assert abs(fleet.total - 24.8) < 1e-9
            await fleet.close()

    asyncio.run(run())


def test_reports_are_spread_over_the_stations(patience: Callable[[float], float]) -> None:
    async def run() -> None:
        fleet = Fleet(3)
        async with asyncio.timeout(patience(20)), listening(Peer(**STARTED)) as peer:
            await fleet.connect(peer.port)
            before = len(peer.calls)
            fleet.keep_reporting(0.03)
            assert await fleet.until(lambda: len(peer.calls) >= before + 6, patience(10))
            await fleet.close()
            assert {action for action, _ in peer.calls[before:]} == {"MeterValues"}

    asyncio.run(run())


def test_waiting_ends_when_patience_does() -> None:
    async def run() -> None:
        fleet = Fleet(1)
        assert await fleet.until(lambda: True, 0.0)
        assert not await fleet.until(lambda: False, 0.0)

    asyncio.run(run())


def test_the_meter_notes_the_first_look_at_its_currents() -> None:
    """MT-2: a look at the energy register says nothing of a new current."""
    meter = WatchedMeter(lambda: Reading((1.0, 1.0, 1.0), 0.0, 0.0))
    meter.watch()
    meter.read(3203, 4)
    assert meter.seen_at is None
    meter.read(2999, 6)
    first = meter.seen_at
    assert first is not None
    meter.read(2999, 6)
    assert meter.seen_at == first
