"""Power meters on real Modbus TCP with the register maps of the devices, always showing the true currents.

Register numbers and wire addresses. The guide's tables (1.1.2.2) and the makers' documents count registers
from 1; the address in the frame is one less. Schneider Electric says so itself: "Address: a 16-bit register
address … used in the Modbus frame. Register: … (register = address + 1)" in DOCA0384EN (PacT Modbus guide,
MasterPacT MTZ and ComPacT NSX) and in the EM3000 manual's "Table format"; the Compact NSX guide lists
register 2000 beside address 0x07CF. The PM51xx/PM53xx register list (FA234017) is 1-based as well, and two
iEM3000 meters read over a gateway answer at register - 1 (mbmap-library, schneider-electric/iem3000).
So this meter holds register N at wire address N - 1.

Formats. PM5320, iEM3x5x: float32 A from 3000, float32 kW at 3060, int64 Wh at 3204 (same lists). PowerTag:
the same, but W (PowerTag Link guide DOCA0157EN, which has register 3000 at address 0x0BB7).
NSX: int16 A from 1016, int16 0.1 kW at 1037, int32 kWh at 2000 (Compact NSX Modbus guide). NSX legacy: the
same quantities in its simplified data set from 12000. MTZ: float32 A from 32028, float32 W at 32078, int64 Wh
at 32096 (DOCA0105EN, standard data set). All big endian, most significant word first.
"""

import asyncio
import contextlib
import math
import struct
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from evce.units import PhaseAmps, WattHours, Watts

__all__ = [
    "LAYOUTS",
    "Cell",
    "Layout",
    "MeterFault",
    "MeterRefusedError",
    "MeterServer",
    "MeterSilentError",
    "MeterUnpluggedError",
    "Reading",
    "SimulatedMeter",
]


@dataclass(frozen=True, slots=True)
class Reading:
    """What is true at the meter: A per phase (unsigned RMS), W (negative: exported), Wh delivered."""

    currents: PhaseAmps
    power: Watts
    energy: WattHours


@dataclass(frozen=True, slots=True)
class Cell:
    """One quantity in the map: register number, `struct` code, and what one unit of it is worth."""

    register: int
    code: str
    unit: float


@dataclass(frozen=True, slots=True)
class Layout:
    """A device's map. `blocks` are the register ranges (first, count) that the device answers for."""

    currents: tuple[Cell, Cell, Cell]
    power: Cell
    energy: Cell
    blocks: tuple[tuple[int, int], ...]


def _powerlogic(power_unit: Watts) -> Layout:
    return Layout(
        currents=(Cell(3000, ">f", 1.0), Cell(3002, ">f", 1.0), Cell(3004, ">f", 1.0)),
        power=Cell(3060, ">f", power_unit),
        energy=Cell(3204, ">q", 1.0),
        blocks=((3000, 112), (3204, 68)),
    )


LAYOUTS: dict[str, Layout] = {
    "pm5320": _powerlogic(1000.0),
    "iem3x5x": _powerlogic(1000.0),
    "powertag": _powerlogic(1.0),
    "nsx_legacy": Layout(
        currents=(Cell(12016, ">h", 1.0), Cell(12017, ">h", 1.0), Cell(12018, ">h", 1.0)),
        power=Cell(12041, ">h", 100.0),
        energy=Cell(12050, ">i", 1000.0),
        blocks=((12000, 114),),
    ),
    "nsx": Layout(
        currents=(Cell(1016, ">h", 1.0), Cell(1017, ">h", 1.0), Cell(1018, ">h", 1.0)),
        power=Cell(1037, ">h", 100.0),
        energy=Cell(2000, ">i", 1000.0),
        blocks=((1000, 100), (2000, 30)),
    ),
    "mtz": Layout(
        currents=(Cell(32028, ">f", 1.0), Cell(32030, ">f", 1.0), Cell(32032, ">f", 1.0)),
        power=Cell(32078, ">f", 1.0),
        energy=Cell(32096, ">q", 1.0),
        blocks=((32000, 120),),
    ),
}
"""Map of each model in the site file's words."""

_UNAVAILABLE = {"h": -32768, "i": -2147483648, "q": -9223372036854775808}
"""What Schneider devices show for a value they don't have."""


class MeterFault(StrEnum):
    """What can be wrong with a meter."""

    NONE = "ok"
    SILENT = "silent"
    EXCEPTION = "exception"
    FROZEN = "frozen"
    NAN = "nan"
    NEGATIVE = "negative"
    """Every current has the wrong sign."""
    REVERSED = "reversed"
    """The transformer of L2 is the wrong way round."""
    UNPLUGGED = "unplugged"
    """The line to it is open: every try fails at once."""


_SIGNS = {MeterFault.NEGATIVE: (-1.0, -1.0, -1.0), MeterFault.REVERSED: (1.0, -1.0, 1.0)}

_LEAST = 1.0


class MeterUnpluggedError(ConnectionError):
    """There is nobody at the other end of the line."""


class MeterSilentError(Exception):
    """The meter doesn't answer."""


class MeterRefusedError(Exception):
    """The meter answers with this Modbus exception code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"Modbus exception {code}")
        self.code = code


class SimulatedMeter:
    """A meter's registers. `source` gives what is true; it is asked at every read."""

    def __init__(self, model: str, source: Callable[[], Reading]) -> None:
        if model not in LAYOUTS:
            raise ValueError(f"model is {model!r}: known are {', '.join(LAYOUTS)}")
        self.model = model
        self.layout = LAYOUTS[model]
        self.reads = 0
        self._source = source
        self._fault = MeterFault.NONE
        self._frozen: Reading | None = None

    @property
    def fault(self) -> MeterFault:
        return self._fault

    @fault.setter
    def fault(self, fault: MeterFault) -> None:
        self._frozen = self._source() if fault is MeterFault.FROZEN else None
        self._fault = fault

    def registers(self) -> dict[int, int]:
        """Every register that holds a quantity, by register number."""
        reading = self._frozen or self._source()
        if self._fault is MeterFault.NAN:
            reading = replace(reading, currents=(math.nan, math.nan, math.nan), power=math.nan)
        if self._fault in _SIGNS:
            l1, l2, l3 = reading.currents
            s1, s2, s3 = _SIGNS[self._fault]
            # A current of nothing has no wrong sign; a meter never shows quite nothing.
            currents = (s1 * max(l1, _LEAST), s2 * max(l2, _LEAST), s3 * max(l3, _LEAST))
            reading = replace(reading, currents=currents)
        layout = self.layout
        words: dict[int, int] = {}
        for cell, value in zip(
            (*layout.currents, layout.power, layout.energy),
            (*reading.currents, reading.power, reading.energy),
            strict=True,
        ):
            words.update(_words(cell, value))
        return words

    def read(self, address: int, count: int) -> list[int]:
        """What a read at this *wire* address answers. Raises MeterSilentError or MeterRefusedError."""
        self.reads += 1
        if self._fault is MeterFault.SILENT:
            raise MeterSilentError(self.model)
        if self._fault is MeterFault.UNPLUGGED:
            raise MeterUnpluggedError(f"{self.model} can't be reached")
        if self._fault is MeterFault.EXCEPTION:
            raise MeterRefusedError(int(ExcCodes.DEVICE_FAILURE))
        first = address + 1
        inside = any(start <= first and first + count <= start + size for start, size in self.layout.blocks)
        if not inside:
            raise MeterRefusedError(int(ExcCodes.ILLEGAL_ADDRESS))
        words = self.registers()
        return [words.get(register, 0) for register in range(first, first + count)]


def _words(cell: Cell, value: float) -> dict[int, int]:
    scaled = value / cell.unit
    if cell.code.endswith("f"):
        packed = struct.pack(cell.code, scaled)
    else:
        letter = cell.code[-1]
        highest = 2 ** (8 * struct.calcsize(cell.code) - 1) - 1
        whole = _UNAVAILABLE[letter] if math.isnan(scaled) else max(-highest, min(highest, round(scaled)))
        packed = struct.pack(cell.code, whole)
    words = struct.unpack(f">{len(packed) // 2}H", packed)
    return {cell.register + i: word for i, word in enumerate(words)}


class MeterServer:
    """One meter on Modbus TCP. All methods belong to the event loop it was started on."""

    def __init__(
        self, meter: SimulatedMeter, host: str = "127.0.0.1", port: int = 0, unit: int = 255
    ) -> None:
        self.meter = meter
        self.host = host
        self.port = port
        self._unit = unit
        self._server: ModbusTcpServer | None = None

    async def start(self) -> int:
        """Listen; returns the port, which the system chose where 0 was asked for."""
        device = SimDevice(
            id=self._unit,
            simdata=[
                SimData(first - 1, count=count, values=0, datatype=DataType.REGISTERS)
                for first, count in self.meter.layout.blocks
            ],
            action=self._act,
        )
        server = ModbusTcpServer(device, address=(self.host, self.port), trace_packet=self._pass)
        await server.serve_forever(background=True)
        self._server = server
        sockets = getattr(server.transport, "sockets", ())
        if sockets:
            self.port = int(sockets[0].getsockname()[1])
        return self.port

    async def stop(self) -> None:
        if self._server is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await self._server.shutdown()  # type: ignore[no-untyped-call]
            self._server = None

    def _pass(self, sending: bool, data: bytes) -> bytes:
        """A silent meter takes the question and says nothing, and so does one behind an open line."""
        mute = self.meter.fault in (MeterFault.SILENT, MeterFault.UNPLUGGED)
        return b"" if sending and mute else data

    async def _act(
        self,
        _function: int,
        start: int,
        address: int,
        count: int,
        registers: list[int],
        _written: list[int] | list[bool] | None,
    ) -> ExcCodes | None:
        try:
            values = self.meter.read(address, count)
        except (MeterSilentError, MeterUnpluggedError):
            return None
        except MeterRefusedError as refusal:
            return ExcCodes(refusal.code)
        registers[address - start : address - start + count] = values
        return None
