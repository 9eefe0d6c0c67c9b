"""Every way of reporting a current, from the same true one."""

import pytest

from evce.electrical import Wiring
from tests.tools.simulation.scripted import car, connector
from tools.simulation.metering import sampled_values
from tools.simulation.outlet import Outlet
from tools.simulation.quirks import CurrentStyle


def outlet(wiring: Wiring = Wiring.TRI123, phases: int = 3, amps: float = 10.4) -> Outlet:
    vehicle = car(phases=phases)
    vehicle.current = amps
    return Outlet(connector(wiring=wiring), vehicle=vehicle, register=1234.4, pilot=16.0)


@pytest.mark.parametrize(
    ("style", "phases", "expected"),
    [
        (CurrentStyle.PER_PHASE, 3, [("L1", "10.40"), ("L2", "10.40"), ("L3", "10.40")]),
        (CurrentStyle.PER_PHASE, 1, [("L1", "10.40"), ("L2", "0.00"), ("L3", "0.00")]),
        (CurrentStyle.LINE_TO_NEUTRAL, 2, [("L1-N", "10.40"), ("L2-N", "10.40"), ("L3-N", "0.00")]),
        (CurrentStyle.SUM, 3, [(None, "31.20")]),
        (CurrentStyle.AVERAGE, 1, [(None, "3.47")]),
        (CurrentStyle.FIRST_PHASE, 3, [(None, "10.40")]),
        (CurrentStyle.INTEGERS, 3, [("L1", "10"), ("L2", "10"), ("L3", "10")]),
    ],
)
def test_a_current_in_each_style(
    style: CurrentStyle, phases: int, expected: list[tuple[str | None, str]]
) -> None:
    """EL-7: what a central system has to understand."""
    values = sampled_values(outlet(phases=phases), ["Current.Import"], "Sample.Periodic", style)
    assert [(value.get("phase"), value["value"]) for value in values] == expected


def test_a_single_phase_wiring_reports_one_phase() -> None:
    values = sampled_values(outlet(Wiring.MONO3), ["Current.Import"], "Trigger", CurrentStyle.PER_PHASE)
    assert [value["phase"] for value in values] == ["L1"]


def test_the_other_quantities() -> None:
    wanted = [
        "Power.Active.Import",
        "Energy.Active.Import.Register",
        "Current.Offered",
        "Voltage",
        "SoC",
        "RPM",
    ]
    values = sampled_values(outlet(), wanted, "Sample.Periodic", CurrentStyle.PER_PHASE)
    told = [(value["measurand"], value["value"], value["unit"]) for value in values]
    assert told[0] == ("Power.Active.Import", "7176", "W")
    assert told[1] == ("Energy.Active.Import.Register", "1234", "Wh")
    assert told[2] == ("Current.Offered", "16.0", "A")
    assert [unit for _, _, unit in told[3:]] == ["V", "V", "V", "Percent"]
