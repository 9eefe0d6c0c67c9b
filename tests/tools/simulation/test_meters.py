"""Meters read over real Modbus TCP by pymodbus' own client, register by register from the documents."""

import asyncio
import math
import struct
from collections.abc import Awaitable, Callable, Sequence

import pytest
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusIOException
from pymodbus.pdu import ModbusPDU

from tools.simulation.meters import (
    LAYOUTS,
    MeterFault,
    MeterRefusedError,
    MeterServer,
    MeterSilentError,
    MeterUnpluggedError,
    Reading,
    SimulatedMeter,
)

TRUE = Reading(currents=(12.5, 230.25, 7.0), power=57_400.0, energy=1_234_567_890.0)


class Truth:
    def __init__(self) -> None:
        self.reading = TRUE

    def __call__(self) -> Reading:
        return self.reading


async def on_wire(
    meter: SimulatedMeter, scene: Callable[[AsyncModbusTcpClient], Awaitable[None]], unit: int = 255
) -> None:
    server = MeterServer(meter, unit=unit)
    port = await server.start()
    client = AsyncModbusTcpClient("127.0.0.1", port=port, timeout=0.3, retries=0)
    try:
        assert await client.connect()
        await scene(client)
    finally:
        client.close()
        await server.stop()


async def read(client: AsyncModbusTcpClient, register: int, count: int, unit: int = 255) -> ModbusPDU:
    return await client.read_holding_registers(register - 1, count=count, device_id=unit)


def decode(code: str, registers: Sequence[int]) -> float:
    value = struct.unpack(code, struct.pack(f">{len(registers)}H", *registers))[0]
    return float(value)


@pytest.mark.parametrize(
    ("model", "register", "count", "code", "expected"),
    [
        ("pm5320", 3000, 2, ">f", 12.5),
        ("pm5320", 3002, 2, ">f", 230.25),
        ("pm5320", 3004, 2, ">f", 7.0),
        ("pm5320", 3060, 2, ">f", 57.4),
        ("pm5320", 3204, 4, ">q", 1_234_567_890),
        ("iem3x5x", 3002, 2, ">f", 230.25),
        ("iem3x5x", 3060, 2, ">f", 57.4),
        ("powertag", 3004, 2, ">f", 7.0),
        ("powertag", 3060, 2, ">f", 57_400.0),
        ("powertag", 3204, 4, ">q", 1_234_567_890),
        ("nsx_legacy", 12016, 1, ">h", 12),
        ("nsx_legacy", 12017, 1, ">h", 230),
        ("nsx_legacy", 12018, 1, ">h", 7),
        ("nsx_legacy", 12041, 1, ">h", 574),
        ("nsx_legacy", 12050, 2, ">i", 1_234_568),
        ("nsx", 1017, 1, ">h", 230),
        ("nsx", 1037, 1, ">h", 574),
        ("nsx", 2000, 2, ">i", 1_234_568),
        ("mtz", 32028, 2, ">f", 12.5),
        ("mtz", 32032, 2, ">f", 7.0),
        ("mtz", 32078, 2, ">f", 57_400.0),
        ("mtz", 32096, 4, ">q", 1_234_567_890),
    ],
)
def test_each_quantity_is_where_the_documents_say(
    model: str, register: int, count: int, code: str, expected: float
) -> None:
    """MT-2: register N is read at wire address N - 1."""

    async def scene(client: AsyncModbusTcpClient) -> None:
        answer = await read(client, register, count)
        assert decode(code, answer.registers) == pytest.approx(expected)

    asyncio.run(on_wire(SimulatedMeter(model, Truth()), scene))


def test_the_values_are_always_the_true_ones() -> None:
    truth = Truth()

    async def scene(client: AsyncModbusTcpClient) -> None:
        for amps in (1.0, 99.0):
            truth.reading = Reading((amps, 0.0, 0.0), -5000.0, 0.0)
            assert decode(">f", (await read(client, 3000, 2)).registers) == amps
        assert decode(">f", (await read(client, 3060, 2)).registers) == -5.0

    asyncio.run(on_wire(SimulatedMeter("pm5320", truth), scene))


@pytest.mark.parametrize(("register", "count"), [(2990, 2), (2999, 2), (3110, 10), (1, 1)])
def test_an_address_outside_the_map_is_refused(register: int, count: int) -> None:
    """MT-7: illegal data address."""

    async def scene(client: AsyncModbusTcpClient) -> None:
        answer = await read(client, register, count)
        assert answer.isError()
        assert answer.exception_code == 2

    asyncio.run(on_wire(SimulatedMeter("pm5320", Truth()), scene))


def test_each_fault_shows_as_it_would_on_a_real_meter() -> None:
    """MT-7: silent, exception, NaN, frozen, and well again."""
    truth = Truth()
    meter = SimulatedMeter("pm5320", truth)

    async def scene(client: AsyncModbusTcpClient) -> None:
        meter.fault = MeterFault.EXCEPTION
        assert (await read(client, 3000, 2)).exception_code == 4
        meter.fault = MeterFault.NAN
        assert math.isnan(decode(">f", (await read(client, 3000, 2)).registers))
        meter.fault = MeterFault.FROZEN
        truth.reading = Reading((99.0, 99.0, 99.0), 0.0, 0.0)
        assert decode(">f", (await read(client, 3000, 2)).registers) == 12.5
        meter.fault = MeterFault.NONE
        assert decode(">f", (await read(client, 3000, 2)).registers) == 99.0
        truth.reading = TRUE
        meter.fault = MeterFault.NEGATIVE
        assert decode(">f", (await read(client, 3000, 2)).registers) == -12.5
        meter.fault = MeterFault.REVERSED
        signs = [decode(">f", (await read(client, each, 2)).registers) for each in (3000, 3002, 3004)]
        assert signs == [12.5, -230.25, 7.0]
        for silent in (MeterFault.SILENT, MeterFault.UNPLUGGED):
            meter.fault = silent
            with pytest.raises(ModbusIOException):
                await read(client, 3000, 2)

    asyncio.run(on_wire(meter, scene))


def test_only_its_own_unit_is_answered_for() -> None:
    """MT-1: unit id."""

    async def scene(client: AsyncModbusTcpClient) -> None:
        assert not (await read(client, 3000, 2, unit=17)).isError()
        assert (await read(client, 3000, 2, unit=18)).isError()

    asyncio.run(on_wire(SimulatedMeter("pm5320", Truth()), scene, unit=17))


@pytest.mark.parametrize("model", list(LAYOUTS))
def test_without_a_socket_the_same_registers_are_read(model: str) -> None:
    meter = SimulatedMeter(model, Truth())
    first = meter.layout.currents[0].register
    meter.fault = MeterFault.SILENT
    with pytest.raises(MeterSilentError):
        meter.read(first - 1, 1)
    meter.fault = MeterFault.UNPLUGGED
    with pytest.raises(MeterUnpluggedError):
        meter.read(first - 1, 1)
    meter.fault = MeterFault.EXCEPTION
    with pytest.raises(MeterRefusedError):
        meter.read(first - 1, 1)
    meter.fault = MeterFault.NONE
    assert meter.read(first - 1, 3)[0] == meter.registers()[first]
    with pytest.raises(MeterRefusedError):
        meter.read(first, 5000)


def test_an_integer_register_says_unavailable_for_nan() -> None:
    meter = SimulatedMeter("nsx", Truth())
    meter.fault = MeterFault.NAN
    assert meter.read(1015, 1) == [0x8000]


def test_an_unknown_model_is_refused() -> None:
    with pytest.raises(ValueError, match="pm5320"):
        SimulatedMeter("pm9999", Truth())
