"""What people do to a running site from the command line, and what its cars feel of it."""

import time
from pathlib import Path

from evce.configuration.toml_source import parse_toml
from evce.units import ZoneId
from tests.conftest import TIMEOUT_FACTOR
from tests.integration.house import CARS, House, closed_with, dial, until
from tools.referee.referee import Referee


def garage_at(house: House, amps: float, path: Path) -> Path:
    """A site file whose garage has another maximum."""
    zones = tuple(
        zone.model_copy(update={"maximum_a": amps}) if zone.id == "garage" else zone
        for zone in house.document.zones
    )
    return house.site_file(path, zones=zones)


def test_a_zones_maximum_changes_under_running_sessions(
    charging: House, referee: Referee, tmp_path: Path
) -> None:
    """CF-1: applied live, shown first, kept with who and when, rolled back in one step; sessions go on."""
    running = {session.transaction for session in charging.sessions(running=True)}
    starts = {name: view.restarts for name, view in charging.snapshot().actors.items()}
    number = charging.snapshot().revision
    smaller = garage_at(charging, 24, tmp_path / "smaller.toml")

    applied = charging.evce("config", "apply", str(smaller), "--yes", "--author", "ann")
    assert applied.output == f"  zones[garage].maximum_a: 40 → 24\nrevision {number + 1} is in force\n"
    until(lambda: charging.pilot("CP-1") <= 12.0 and charging.pilot("CP-2") <= 12.0, 5, "12 A each")
    until(lambda: charging.highest("garage") <= 24.5, 10, "the cars follow")
    assert charging.pilot("CP-3") == 32.0
    shown = parse_toml(charging.evce("config", "show").output)
    assert {zone.id: zone.maximum_a for zone in shown.zones}["garage"] == 24
    until(lambda: charging.snapshot().revision == number + 1, 5, "the dashboard names the revision")

    stale = charging.evce("config", "apply", str(smaller), "--yes", "--based-on", str(number))
    assert stale.exit_code == 1
    assert f"revision {number + 1} is in force by now" in stale.output

    differs = charging.evce("config", "diff", str(number), str(number + 1))
    assert differs.output == "  zones[garage].maximum_a: 40 → 24\n"
    back = charging.evce("config", "rollback", str(number), "--yes", "--author", "bob")
    assert back.output == f"  zones[garage].maximum_a: 24 → 40\nrevision {number + 2} is in force\n"
    until(charging.unhurried, 30, "20, 20 and 32 A again")

    history = charging.evce("config", "history").output.splitlines()
    assert [line.split()[0] for line in history[:2]] == [str(number + 2), str(number + 1)]
    assert [("ann" in line, "bob" in line) for line in history[:2]] == [(False, True), (True, False)]
    assert {session.transaction for session in charging.sessions(running=True)} == running
    assert {name: view.restarts for name, view in charging.snapshot().actors.items()} == starts
    assert [str(violation) for violation in referee.violations] == []


def test_a_digital_input_reduces_every_car_within_a_second(charging: House, referee: Referee) -> None:
    """DI-1: 40 % of each zone's maximum while the contact is closed, and everything afterwards."""
    began = time.monotonic()
    assert charging.evce("input", "1", "on").output == "input 1 is on\n"
    until(lambda: [round(charging.pilot(name)) <= most for name, most in limits()] == [True] * 3, 5, "40 %")
    assert time.monotonic() - began <= 1.0 * TIMEOUT_FACTOR
    shown = charging.snapshot()
    assert [(view.name, view.active) for view in shown.inputs] == [("Grid operator", True)]
    until(lambda: charging.snapshot().zones[ZoneId("garage")].limit[0] == 16.0, 5, "the page shows it")

    assert charging.evce("input", "1", "off").output == "input 1 is off\n"
    until(charging.unhurried, 30, "20, 20 and 32 A again")
    refused = charging.evce("input", "2", "on")
    assert (refused.exit_code, "no input 2 is enabled" in refused.output) == (1, True)


def limits() -> list[tuple[str, int]]:
    return [("CP-1", 8), ("CP-2", 8), ("CP-3", 20)]


def test_a_removed_station_is_hung_up_on(house: House, tmp_path: Path) -> None:
    """CF-1, OC-2: it is a stranger from then on, until it is registered again."""
    number = house.snapshot().revision
    stations = tuple(station for station in house.document.stations if station.box_identity != "CP-X")
    smaller = house.site_file(tmp_path / "smaller.toml", stations=stations)
    with dial(house, "CP-X") as socket:
        assert house.evce("config", "apply", str(smaller), "--yes").exit_code == 0
        assert closed_with(socket) == 1008
    with dial(house, "CP-X") as socket:
        socket.send('[2,"a","BootNotification",{"chargePointVendor":"V","chargePointModel":"M"}]')
        assert closed_with(socket) == 1008
    assert house.evce("config", "rollback", str(number), "--yes").exit_code == 0
    with dial(house, "CP-X"):
        pass


def test_cards_are_saved_and_listed(house: House) -> None:
    """AU-3: a card is added and changed while the site runs."""
    saved = house.evce("card", "save", "04A1B2C3", "--vip", "--comment", "Ann")
    assert saved.output == "04A1B2C3 is saved\n"
    until(lambda: "04A1B2C3" in house.evce("card", "list").output, 5, "it is listed")
    line = next(line for line in house.evce("card", "list").output.splitlines() if "04A1B2C3" in line)
    assert ("yes" in line, "VIP" in line, "Ann" in line) == (True, True, True)
    house.evce("card", "save", "04A1B2C3", "--blocked")
    until(lambda: "no" in house.evce("card", "list").output.split("04A1B2C3")[1].split("\n")[0], 5, "blocked")
    refused = house.evce("card", "save", "X" * 21)
    assert (refused.exit_code, "1 to 20 characters" in refused.output) == (1, True)


def test_the_tree_is_listed(house: House) -> None:
    """AC-4: every actor with its state."""
    listed = house.evce("actors", "list").output
    for name in ("supervisor", "recorder", "view", "site", "zone/main", "zone/garage", "meter/main-meter"):
        assert name in listed
    for name in CARS:
        assert f"station/{name}" in listed
    assert "running" in listed
