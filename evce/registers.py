"""Which Modbus registers of a power meter hold what, how to read them in few requests, and what they say."""

import math
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from evce.configuration.choices import MeterModel
from evce.units import Amps, WattHours, Watts

__all__ = [
    "BUILT_IN",
    "CURRENTS",
    "LIVE",
    "LONGEST_READ",
    "Format",
    "MeterReading",
    "Quantity",
    "ReadRequest",
    "Register",
    "RegisterKind",
    "RegisterMap",
    "WordOrder",
    "decode",
    "decode_register",
    "read_plan",
]

LONGEST_READ = 125
"""Registers that one request may ask for (Modbus Application Protocol V1.1b3, 6.3 and 6.4)."""


class Quantity(StrEnum):
    """What a register may hold (MT-3). Decoded: A RMS, W, Wh."""

    CURRENT_L1 = "current_l1"
    CURRENT_L2 = "current_l2"
    CURRENT_L3 = "current_l3"
    ACTIVE_POWER_L1 = "active_power_l1"
    ACTIVE_POWER_L2 = "active_power_l2"
    ACTIVE_POWER_L3 = "active_power_l3"
    ACTIVE_POWER = "active_power"
    ENERGY_DELIVERED = "energy_delivered"


CURRENTS = (Quantity.CURRENT_L1, Quantity.CURRENT_L2, Quantity.CURRENT_L3)
POWERS = (Quantity.ACTIVE_POWER_L1, Quantity.ACTIVE_POWER_L2, Quantity.ACTIVE_POWER_L3)

LIVE = (*CURRENTS, *POWERS, Quantity.ACTIVE_POWER)
"""What control needs with every poll; the energy register may be read more seldom."""


class Format(StrEnum):
    """How a number lies in its registers (MT-3); int16 is the circuit breakers' signed power."""

    FLOAT32 = "float32"
    INT64 = "int64"
    INT32 = "int32"
    UINT16 = "uint16"
    INT16 = "int16"

    @property
    def words(self) -> int:
        """How many registers it takes."""
        return struct.calcsize(_PACKED[self]) // 2


class RegisterKind(StrEnum):
    """Modbus function 3 reads holding registers, function 4 input registers."""

    HOLDING = "holding"
    INPUT = "input"


class WordOrder(StrEnum):
    """Which word of a longer number comes first; the bytes in a word are always big-endian."""

    HIGH_FIRST = "high_first"
    LOW_FIRST = "low_first"


_PACKED: dict[Format, str] = {
    Format.FLOAT32: ">f",
    Format.INT64: ">q",
    Format.INT32: ">i",
    Format.UINT16: ">H",
    Format.INT16: ">h",
}

_NOT_AVAILABLE: dict[Format, tuple[int, ...]] = {
    # Any NaN counts; Schneider Electric's is 0xFFC00000 (PowerTag Link user guide, DOCA0157EN).
    Format.FLOAT32: (),
    Format.INT64: (0x8000_0000_0000_0000, 0xFFFF_FFFF_FFFF_FFFF),
    Format.INT32: (0x8000_0000, 0xFFFF_FFFF),
    Format.UINT16: (0x8000, 0xFFFF),
    Format.INT16: (0x8000,),
}
"""The bit patterns with which meters say that there is nothing to say."""


@dataclass(frozen=True, slots=True)
class Register:
    """Where a quantity lies. `number` counts from 1 as the manuals do; times `scale` it is A, W or Wh."""

    number: int
    format: Format = Format.FLOAT32
    kind: RegisterKind = RegisterKind.HOLDING
    scale: float = 1.0

    @property
    def address(self) -> int:
        """The address in the request: PDU addresses count from 0."""
        return self.number - 1


@dataclass(frozen=True)
class RegisterMap:
    """The registers of one model of meter.

    `bridge` is how many unasked registers a request may run over: 0 where the manual doesn't say that
    those between may be read. `energy_step` is the finest step of the energy register in Wh.
    """

    name: str
    registers: Mapping[Quantity, Register]
    word_order: WordOrder = WordOrder.HIGH_FIRST
    bridge: int = 0
    energy_step: WattHours | None = None


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """One Modbus request: `count` registers from PDU address `address` on."""

    kind: RegisterKind
    address: int
    count: int

    def covers(self, register: Register) -> bool:
        """Whether the answer holds all of this register's number."""
        ends = register.address + register.format.words
        return (
            self.kind is register.kind
            and self.address <= register.address
            and ends <= self.address + self.count
        )


@dataclass(frozen=True, slots=True)
class MeterReading:
    """What a meter said: A per grid phase, W, Wh; None where it said nothing or that it doesn't know."""

    amps: tuple[Amps | None, Amps | None, Amps | None]
    power: Watts | None = None
    energy: WattHours | None = None


def read_plan(
    register_map: RegisterMap, quantities: Iterable[Quantity] = Quantity
) -> tuple[ReadRequest, ...]:
    """The fewest requests that read these quantities, the one with the first current first.

    Neighbours share a request as long as it runs over no more than `bridge` other registers in a row and
    asks for no more than 125.
    """
    wanted = [
        register_map.registers[quantity] for quantity in quantities if quantity in register_map.registers
    ]
    plan: list[ReadRequest] = []
    for register in sorted(wanted, key=lambda register: (register.kind, register.address)):
        ends = register.address + register.format.words
        if plan and (last := plan[-1]).kind is register.kind:
            gap = register.address - (last.address + last.count)
            if gap <= register_map.bridge and ends - last.address <= LONGEST_READ:
                plan[-1] = ReadRequest(last.kind, last.address, max(last.count, ends - last.address))
                continue
        plan.append(ReadRequest(register.kind, register.address, register.format.words))
    first = register_map.registers.get(Quantity.CURRENT_L1)
    return tuple(sorted(plan, key=lambda request: first is None or not request.covers(first)))


def decode_register(words: Sequence[int], register: Register, order: WordOrder) -> float | None:
    """The number in these words, scaled; None for not available, NaN and infinity."""
    ordered = words if order is WordOrder.HIGH_FIRST else tuple(reversed(words))
    raw = struct.pack(f">{len(ordered)}H", *ordered)
    if int.from_bytes(raw) in _NOT_AVAILABLE[register.format]:
        return None
    (number,) = struct.unpack(_PACKED[register.format], raw)
    scaled = float(number) * register.scale
    return scaled if math.isfinite(scaled) else None


def decode(register_map: RegisterMap, answers: Mapping[ReadRequest, Sequence[int]]) -> MeterReading:
    """The reading in the answers to a plan's requests; what was not asked for is None.

    A meter that gives power per phase only has their sum as its power. Raises `ValueError` when an
    answer is not as long as its request wants.
    """
    for request, words in answers.items():
        if len(words) != request.count:
            raise ValueError(f"{len(words)} registers came where {request.count} were asked for")

    def value(quantity: Quantity) -> float | None:
        register = register_map.registers.get(quantity)
        if register is None:
            return None
        for request, words in answers.items():
            if request.covers(register):
                start = register.address - request.address
                return decode_register(
                    words[start : start + register.format.words], register, register_map.word_order
                )
        return None

    power = value(Quantity.ACTIVE_POWER)
    if power is None and Quantity.ACTIVE_POWER not in register_map.registers:
        parts = [part for quantity in POWERS if (part := value(quantity)) is not None]
        power = sum(parts) if len(parts) == len(POWERS) else None
    first, second, third = (value(quantity) for quantity in CURRENTS)
    return MeterReading((first, second, third), power, value(Quantity.ENERGY_DELIVERED))


def _floats(name: str, watts: float) -> RegisterMap:
    """What the PowerLogic, iEM and PowerTag meters share; `watts` is how many W their power counts."""
    return RegisterMap(
        name,
        {
            Quantity.CURRENT_L1: Register(3000),
            Quantity.CURRENT_L2: Register(3002),
            Quantity.CURRENT_L3: Register(3004),
            Quantity.ACTIVE_POWER: Register(3060, scale=watts),
            Quantity.ENERGY_DELIVERED: Register(3204, Format.INT64),
        },
        energy_step=1.0,
    )


def _breaker(name: str, currents: int, power: int, energy: int, bridge: int) -> RegisterMap:
    """The layout of Micrologic E trip units: whole A, tenths of a kW with a sign, whole kWh."""
    return RegisterMap(
        name,
        {
            Quantity.CURRENT_L1: Register(currents, Format.UINT16),
            Quantity.CURRENT_L2: Register(currents + 1, Format.UINT16),
            Quantity.CURRENT_L3: Register(currents + 2, Format.UINT16),
            Quantity.ACTIVE_POWER: Register(power, Format.INT16, scale=100.0),
            Quantity.ENERGY_DELIVERED: Register(energy, Format.INT32, scale=1000.0),
        },
        bridge=bridge,
        energy_step=1000.0,
    )


BUILT_IN: Mapping[MeterModel, RegisterMap] = {
    MeterModel.PM5320: _floats("PowerLogic PM5320", watts=1000.0),
    MeterModel.IEM3X5X: _floats("Acti 9 iEM3x5x", watts=1000.0),
    MeterModel.POWERTAG: _floats("PowerTag", watts=1.0),
    MeterModel.NSX_LEGACY: _breaker("Compact NSX (common registers)", 12016, 12041, 12050, bridge=30),
    MeterModel.NSX: _breaker("Compact NSX", 1016, 1037, 2000, bridge=20),
    MeterModel.MTZ: RegisterMap(
        "Masterpact MTZ",
        {
            Quantity.CURRENT_L1: Register(32028),
            Quantity.CURRENT_L2: Register(32030),
            Quantity.CURRENT_L3: Register(32032),
            Quantity.ACTIVE_POWER: Register(32078),
            Quantity.ENERGY_DELIVERED: Register(32096, Format.INT64),
        },
        bridge=50,
        energy_step=1.0,
    ),
}
"""The maps of MT-2 (guide 1.1.1.2.2), all holding registers, high word first.

Register numbers count from 1: the manuals list the same numbers beside hexadecimal PDU addresses that are
one lower (PowerTag Link user guide DOCA0157EN: register 3000 is address 0x0BB7 = 2999; MasterPacT and
ComPacT Modbus guide DOCA0384EN: "register = address + 1").

- PM5320: PM5300 register list, FLOAT32 A at 3000, FLOAT32 kW at 3060, INT64 Wh at 3204.
- iEM3x5x: iEM3000 user manual DOCA0005EN, the same three, power in kW.
- PowerTag: DOCA0157EN, "PowerTag Energy Sensors Modbus Registers": FLOAT32 A and W, INT64 Wh, 0xFFC00000
  for not available.
- NSX legacy: the "table of common registers" from 12000 on of COM-LVP38EN, whose 113 registers may be read
  in one request: INT A, INT 0.1 kW, DINT kWh.
- NSX: Compact NSX Modbus guide LV434106/DOCA0091EN: 1016-1018 A, 1037 0.1 kW, 2000 DINT kWh; 0x8000 and
  0x80000000 for not available.
- MTZ: the standard data set from 32000 on, MasterPact MTZ Modbus guide DOCA0105EN: FLOAT32 A and W, INT64
  Wh, readable in one request.
"""
