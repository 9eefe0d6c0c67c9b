"""One reading out of a station's MeterValues, whatever its dialect: A per station phase, Wh and W."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from evce.units import NOMINAL_VOLTAGE, Amps, PhaseAmps, Volts, WattHours, Watts

__all__ = ["NOTHING_READ", "Reading", "parse_time", "read_meter_values"]

PLAUSIBLE_VOLTAGE: Final = (150.0, 300.0)
"""Phase to neutral; outside it a reading is taken for a mistake and the nominal voltage is used."""

PLAUSIBLE_VOLTAGE_LOADED: Final[Volts] = 253.0
"""The highest that EN 50160 allows, 230 V + 10 %: it makes fewest amperes of a watt."""

NEGATIVE_TOLERANCE: Final = -1.0
"""A current transformer's noise around zero, in A or W; below it the sign is a wiring mistake."""

LIMIT: Final = 1e9
"""Beyond this a value is not a measurement of a charging station."""

_YEARS: Final = (1900, 8999)
"""The first and last year of a time: clocks without a battery say 1970, and 9999 ends all arithmetic."""

_PHASE_INDEX: Final = {"L1": 0, "L2": 1, "L3": 2, "L1-N": 0, "L2-N": 1, "L3-N": 2}
_CURRENT: Final = "Current.Import"
_POWER: Final = "Power.Active.Import"
_ENERGY: Final = "Energy.Active.Import.Register"
_KILO: Final = frozenset({"kWh", "kW"})
_GRID_SIDE: Final = frozenset({"Inlet", "Body"})


@dataclass(frozen=True, slots=True)
class Reading:
    """What a station measured at one connector.

    `amps` is on the station's phases, None where neither current nor power was told. `split_known` is
    False where one number had to stand for several phases: `amps` is then an upper bound on each of
    them, and `least` what the busiest carries at least. `at` is by the station's clock, None where the
    time can't be read. `doubts` names the values that were left out or mended.
    """

    at: datetime | None = None
    amps: PhaseAmps | None = None
    split_known: bool = False
    least: Amps = 0.0
    energy: WattHours | None = None
    power: Watts | None = None
    voltage: Volts | None = None
    doubts: tuple[str, ...] = ()


NOTHING_READ: Final = Reading()


def read_meter_values(meter_values: Sequence[Mapping[str, Any]], phases: int) -> Reading:
    """Reduce `meterValue` of a valid MeterValues to the newest value per quantity.

    `phases` is how many phases the connector is wired to (1 or 3). A current without a phase may be
    the sum, the average or one phase: as long as that is unknown it counts on every phase. A power
    alone counts as if one phase carried all of it, the worst case (DESIGN §4).
    """
    samples: dict[tuple[str, str | None], float] = {}
    outlet: dict[tuple[str, str | None], bool] = {}
    doubts: list[str] = []
    newest: datetime | None = None
    for meter_value in _oldest_first(meter_values):
        newest = parse_time(meter_value["timestamp"]) or newest
        for sample in meter_value["sampledValue"]:
            measurand = sample.get("measurand", _ENERGY)
            if measurand not in (_CURRENT, _POWER, _ENERGY, "Voltage"):
                continue
            key = (measurand, sample.get("phase"))
            at_outlet = sample.get("location") not in _GRID_SIDE
            if outlet.get(key, False) and not at_outlet:
                continue  # what leaves the outlet counts, what enters the station is all connectors
            value = _number(sample, measurand, doubts)
            if value is not None:
                samples[key] = value
                outlet[key] = at_outlet
    voltage = _voltage(samples)
    amps, split_known = _amps(samples, phases, voltage or NOMINAL_VOLTAGE)
    return Reading(
        at=newest,
        amps=amps,
        split_known=split_known,
        least=0.0 if amps is None else max(amps) if split_known else _least(samples, phases),
        energy=_total(samples, _ENERGY),
        power=_total(samples, _POWER),
        voltage=voltage,
        doubts=tuple(doubts),
    )


def parse_time(text: object) -> datetime | None:
    """Read a station's RFC 3339 time leniently (comma, space, no zone); None when it can't be read.

    A time without a zone counts as UTC, as OCPP 1.6 §3.14 advises stations to write it.
    One at the ends of the calendar is no time either: nothing could be added to it.
    """
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text.strip().replace(",", "."))
        utc = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return utc if _YEARS[0] <= utc.year <= _YEARS[1] else None


def _oldest_first(meter_values: Sequence[Mapping[str, Any]]) -> Iterable[Mapping[str, Any]]:
    """Buffered values come several in a message; the newest must be read last."""
    if len(meter_values) == 1:
        return meter_values
    beginning = datetime.min.replace(tzinfo=UTC)
    return sorted(meter_values, key=lambda value: parse_time(value["timestamp"]) or beginning)


def _number(sample: Mapping[str, Any], measurand: str, doubts: list[str]) -> float | None:
    """A value in A, W, Wh or V; a strange one is left out and named."""
    text = sample["value"]
    if sample.get("format") == "SignedData":
        return None
    try:
        value = float(text.strip().replace(",", "."))
    except ValueError:
        value = math.nan
    if sample.get("unit") in _KILO:
        value *= 1000.0
    if not -LIMIT <= value <= LIMIT:  # NaN compares false and ends here as well
        doubts.append(f"{measurand} {text[:20]!r} is no measurement")
        return None
    if value < NEGATIVE_TOLERANCE and measurand in (_CURRENT, _POWER):
        doubts.append(f"{measurand} {text[:20]} is negative: counted with its size")
        return -value
    return max(value, 0.0)


def _voltage(samples: Mapping[tuple[str, str | None], float]) -> Volts | None:
    """The lowest plausible phase voltage: it makes most amperes of a watt."""
    low, high = PLAUSIBLE_VOLTAGE
    plausible = [
        value
        for (measurand, phase), value in samples.items()
        if measurand == "Voltage" and (phase is None or phase in _PHASE_INDEX) and low <= value <= high
    ]
    return min(plausible, default=None)


def _amps(
    samples: Mapping[tuple[str, str | None], float], phases: int, voltage: Volts
) -> tuple[PhaseAmps | None, bool]:
    for measurand, divisor in ((_CURRENT, 1.0), (_POWER, voltage)):
        per_phase = _per_phase(samples, measurand)
        if per_phase is not None:
            amps = (per_phase[0] / divisor, per_phase[1] / divisor, per_phase[2] / divisor)
            return (amps if phases > 1 else (max(amps), 0.0, 0.0)), True
        total = samples.get((measurand, None))
        if total is not None:
            each = total / divisor
            return _on_each(each, phases), phases == 1 or each == 0.0
    return None, False


def _least(samples: Mapping[tuple[str, str | None], float], phases: int) -> Amps:
    """On the busiest phase, whatever the number without a phase stands for; a power is of all phases."""
    current, power = samples.get((_CURRENT, None), 0.0), _total(samples, _POWER) or 0.0
    return max(current, power / PLAUSIBLE_VOLTAGE_LOADED) / phases


def _per_phase(samples: Mapping[tuple[str, str | None], float], measurand: str) -> PhaseAmps | None:
    values = [0.0, 0.0, 0.0]
    found = False
    for (name, phase), value in samples.items():
        if name == measurand and phase in _PHASE_INDEX:
            index = _PHASE_INDEX[phase]
            values[index] = max(values[index], value)
            found = True
    return (values[0], values[1], values[2]) if found else None


def _on_each(amps: Amps, phases: int) -> PhaseAmps:
    return (amps, amps, amps) if phases > 1 else (amps, 0.0, 0.0)


def _total(samples: Mapping[tuple[str, str | None], float], measurand: str) -> float | None:
    total = samples.get((measurand, None))
    if total is not None:
        return total
    per_phase = _per_phase(samples, measurand)
    return None if per_phase is None else sum(per_phase)
