"""What a station says it measures, in each of the ways stations say it."""

from collections.abc import Sequence

from evce.units import NOMINAL_VOLTAGE
from tools.simulation.outlet import Outlet
from tools.simulation.quirks import CurrentStyle

__all__ = ["sampled_values"]

_PHASES = ("L1", "L2", "L3")


def _value(value: str, context: str, measurand: str, unit: str, phase: str | None = None) -> dict[str, str]:
    sample = {"value": value, "context": context, "measurand": measurand, "location": "Outlet", "unit": unit}
    return sample if phase is None else {**sample, "phase": phase}


def _currents(outlet: Outlet, context: str, style: CurrentStyle) -> list[dict[str, str]]:
    wired = len(outlet.connector.wiring.grid_phases)
    amps = outlet.told_currents[:wired]

    def one(value: float, phase: str | None = None) -> dict[str, str]:
        text = f"{value:.0f}" if style is CurrentStyle.INTEGERS else f"{value:.2f}"
        return _value(text, context, "Current.Import", "A", phase)

    match style:
        case CurrentStyle.SUM:
            return [one(sum(amps))]
        case CurrentStyle.AVERAGE:
            return [one(sum(amps) / wired)]
        case CurrentStyle.FIRST_PHASE:
            return [one(amps[0])]
        case CurrentStyle.LINE_TO_NEUTRAL:
            return [one(a, f"{phase}-N") for a, phase in zip(amps, _PHASES, strict=False)]
        case _:
            return [one(a, phase) for a, phase in zip(amps, _PHASES, strict=False)]


def sampled_values(
    outlet: Outlet, measurands: Sequence[str], context: str, style: CurrentStyle
) -> list[dict[str, str]]:
    """SampledValues of MeterValues.req for the measurands the station was told to sample.

    Phases are the station's own: L1 is its first terminal, whatever grid phase that is wired to.
    """
    values: list[dict[str, str]] = []
    for measurand in measurands:
        match measurand:
            case "Current.Import":
                values += _currents(outlet, context, style)
            case "Power.Active.Import":
                values.append(_value(f"{outlet.power:.0f}", context, measurand, "W"))
            case "Energy.Active.Import.Register":
                values.append(_value(f"{outlet.register:.0f}", context, measurand, "Wh"))
            case "Current.Offered":
                values.append(_value(f"{outlet.pilot:.1f}", context, measurand, "A"))
            case "Voltage":
                wired = len(outlet.connector.wiring.grid_phases)
                values += [
                    _value(f"{NOMINAL_VOLTAGE:.0f}", context, measurand, "V", f"{phase}-N")
                    for phase in _PHASES[:wired]
                ]
            case "SoC" if outlet.vehicle is not None:
                values.append(_value(f"{outlet.vehicle.charge * 100:.0f}", context, measurand, "Percent"))
            case _:
                continue
    return values
