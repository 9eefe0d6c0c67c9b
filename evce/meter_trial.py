"""Finds out what is wrong with the settings of a meter: asks as they say, then as they may be meant."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from evce.registers import LIVE, MeterReading, ReadRequest, RegisterMap, WordOrder, decode, read_plan
from evce.units import Amps

__all__ = ["PollFault", "Probe", "Trial", "TrialOutcome", "Verdict", "plausible"]

LIKELY_UNITS = (1, 255, 2, 3, 100, 247)
"""Unit ids that meters and gateways have when nobody sets another; 255 is the device itself (Modbus/TCP)."""

LARGEST_CURRENT: Amps = 10_000.0
SMALLEST_CURRENT: Amps = 1e-3
"""Nothing measures less; a number read in the wrong order is often of the order of 1e-40."""

CURRENTS_SAY_SOMETHING: Amps = 3.0
"""Of this sum of currents on, the power has to fit: transformers and rounding decide below it."""

HIGHEST_VOLTS = 300.0
LOWEST_VOLTS = 90.0
LEAST_POWER_FACTOR = 0.05


class PollFault(StrEnum):
    """Why a read failed."""

    UNREACHABLE = "unreachable"
    """No connection to the address and port."""
    NO_LINE = "no line"
    """The serial line can't be opened."""
    SILENT = "silent"
    """Something takes the connection and doesn't answer."""
    NO_SUCH_UNIT = "no such unit"
    """A gateway says that nobody has this unit id."""
    NO_SUCH_REGISTER = "no such register"
    """The device refuses these registers."""
    OTHER = "other"


class Verdict(StrEnum):
    """What came of a trial."""

    READ = "read"
    ZERO = "zero"
    """It is read, and no current flows."""
    ODD = "odd"
    """It answers with figures that can't be right, and no other model makes sense of them."""
    WORD_ORDER = "word order"
    """The words come the other way round."""
    OTHER_MODEL = "other model"
    OTHER_UNIT = "other unit"
    REFUSED = "refused"
    """It has none of the registers of any model."""
    SILENT = "silent"
    UNREACHABLE = "unreachable"
    NO_LINE = "no line"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class TrialOutcome:
    """What to tell people: `unit` or `model` is what answers instead, `detail` the device's own words."""

    verdict: Verdict
    reading: MeterReading | None = None
    unit: int | None = None
    model: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """One thing to ask: these requests, of this unit."""

    unit: int
    model: str
    registers: RegisterMap

    @property
    def requests(self) -> tuple[ReadRequest, ...]:
        """The live quantities, and energy."""
        return read_plan(self.registers, (*LIVE, *(q for q in self.registers.registers if q not in LIVE)))


class Trial:
    """One trial, step by step: ask `probe`, tell the answer; `outcome` is there once it is over.

    `others` are the models that it may be instead, by id.
    """

    def __init__(self, unit: int, registers: RegisterMap, others: Mapping[str, RegisterMap]) -> None:
        self._asked = Probe(unit, "", registers)
        self._others = others
        self._rest: Iterator[Probe] = iter(())
        self._first: TrialOutcome | None = None
        self.probe = self._asked
        self.outcome: TrialOutcome | None = None

    def answered(self, answers: Mapping[ReadRequest, Sequence[int]]) -> None:
        """The registers that the probe asked for."""
        reading = decode(self.probe.registers, answers)
        if self.probe is not self._asked:
            if self.probe.unit != self._asked.unit:
                self.outcome = TrialOutcome(Verdict.OTHER_UNIT, reading, self.probe.unit)
            elif plausible(reading) and _flows(reading):
                self.outcome = TrialOutcome(Verdict.OTHER_MODEL, reading, model=self.probe.model)
            else:
                self._go_on()
            return
        if plausible(reading):
            self.outcome = TrialOutcome(Verdict.READ if _flows(reading) else Verdict.ZERO, reading)
            return
        turned = decode(_turned(self.probe.registers), answers)
        if plausible(turned) and _flows(turned):
            self.outcome = TrialOutcome(Verdict.WORD_ORDER, turned)
            return
        self._first = TrialOutcome(Verdict.ODD, reading)
        self._try_models()

    def failed(self, fault: PollFault, reason: str) -> None:
        """The read did not work; `reason` is for people."""
        if self.probe is not self._asked:
            # Whoever refuses registers is there all the same: that is its unit id.
            if fault is PollFault.NO_SUCH_REGISTER and self.probe.unit != self._asked.unit:
                self.outcome = TrialOutcome(Verdict.OTHER_UNIT, unit=self.probe.unit)
            else:
                self._go_on()
            return
        match fault:
            case PollFault.UNREACHABLE:
                self.outcome = TrialOutcome(Verdict.UNREACHABLE, detail=reason)
            case PollFault.NO_LINE:
                self.outcome = TrialOutcome(Verdict.NO_LINE, detail=reason)
            case PollFault.SILENT | PollFault.NO_SUCH_UNIT | PollFault.OTHER:
                # Some answer a foreign unit id with a failure of their own.
                failed = fault is PollFault.OTHER
                self._first = TrialOutcome(Verdict.FAILED if failed else Verdict.SILENT, detail=reason)
                units = (unit for unit in LIKELY_UNITS if unit != self._asked.unit)
                self._rest = (replace(self._asked, unit=unit) for unit in units)
                self._go_on()
            case PollFault.NO_SUCH_REGISTER:
                self._first = TrialOutcome(Verdict.REFUSED, detail=reason)
                self._try_models()

    def _try_models(self) -> None:
        found = (Probe(self._asked.unit, model, registers) for model, registers in self._others.items())
        self._rest = (probe for probe in found if probe.registers != self._asked.registers)
        self._go_on()

    def _go_on(self) -> None:
        following = next(self._rest, None)
        if following is None:
            self.outcome = self._first
        else:
            self.probe = following


def plausible(reading: MeterReading) -> bool:
    """Whether a low-voltage feeder may read like this: every phase known, and a power that fits."""
    currents = [amps for amps in reading.amps if amps is not None]
    if len(currents) < len(reading.amps):
        return False
    if any(abs(amps) > LARGEST_CURRENT or 0.0 < abs(amps) < SMALLEST_CURRENT for amps in currents):
        return False
    total = sum(map(abs, currents))
    if reading.power is None:
        return True
    highest = total * HIGHEST_VOLTS
    if total < CURRENTS_SAY_SOMETHING:
        return abs(reading.power) <= highest + CURRENTS_SAY_SOMETHING * HIGHEST_VOLTS
    return total * LOWEST_VOLTS * LEAST_POWER_FACTOR <= abs(reading.power) <= highest


def _flows(reading: MeterReading) -> bool:
    return any(reading.amps)


def _turned(registers: RegisterMap) -> RegisterMap:
    high = registers.word_order is WordOrder.HIGH_FIRST
    return replace(registers, word_order=WordOrder.LOW_FIRST if high else WordOrder.HIGH_FIRST)
