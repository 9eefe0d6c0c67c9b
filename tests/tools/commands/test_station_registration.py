"""`evce station register`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from evce.configuration.document import SiteDocument
from evce.configuration.revisions import parse_json
from tools.cli import main
from tools.control.server import ControlServer

SITE = """
[site]
name = "Yard"
[[zones]]
id = "main"
name = "Main"
maximum_a = 100
[[stations]]
box_identity = "CP-1"
name = "Gate"
zone = "main"
  [[stations.connectors]]
  wiring = "TRI123"
"""


def told(identity: str, **values: Any) -> dict[str, Any]:
    plain = {"box_identity": identity, "name": identity, "registered": False, "link": "never_seen"}
    return plain | {"vendor": "", "model": "", "serial_number": "", "address": ""} | values


WAITING = [
    told("CP-1", registered=True),
    told("N-1", vendor="EVlink", model="City", serial_number="S-1", address="192.168.0.7"),
    told("N-2"),
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "site.toml").write_text(SITE)
    folder = tmp_path / "data"
    assert evce(folder, "config", "apply", str(tmp_path / "site.toml"), "--yes").exit_code == 0
    return folder


def evce(data: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--data", str(data)])


def register(data: Path, *arguments: str, waiting: list[dict[str, Any]] = WAITING) -> Result:
    def stations(_: Mapping[str, Any]) -> dict[str, Any]:
        return {"stations": waiting}

    server = ControlServer(data, {"stations": stations})
    server.start()
    try:
        return evce(data, "station", "register", *arguments, "--yes")
    finally:
        server.stop()


def in_force(data: Path) -> SiteDocument:
    return parse_json(evce(data, "config", "show", "--format", "json").output)


def test_one_is_registered_with_what_it_said_and_what_is_given(data: Path) -> None:
    """OC-2, OC-4: as a revision that says so."""
    options = ("--name", "Left", "--zone", "main", "--wiring", "TRI231", "--wiring", "MONO2")
    result = register(data, "N-1", *options)
    assert (result.exit_code, "revision 2 is in force" in result.output) == (0, True), result.output
    station = in_force(data).stations[-1]
    assert (station.name, station.family, station.serial_number, station.address, station.zone) == (
        "Left",
        "city",
        "S-1",
        "192.168.0.7",
        "main",
    )
    assert [str(outlet.wiring) for outlet in station.connectors] == ["TRI231", "MONO2"]
    assert "registered Left" in evce(data, "config", "history").output


def test_all_are_registered(data: Path) -> None:
    """OC-4: another family brings its own sockets."""
    assert register(data, "--all", "--family", "pro_ac_metal").exit_code == 0
    stations = in_force(data).stations
    assert [station.box_identity for station in stations] == ["CP-1", "N-1", "N-2"]
    assert {str(socket) for socket in stations[1].connectors[0].sockets} == {"T2S"}


@pytest.mark.parametrize(
    ("arguments", "waiting", "words"),
    [
        (("N-3",), WAITING, "STATION='N-3': waiting are N-1, N-2"),
        (("CP-1",), WAITING, "STATION='CP-1': waiting are N-1, N-2"),
        (("--all",), WAITING[:1], "no station is waiting"),
        ((), WAITING, "name the stations, or give --all"),
        (("--all", "--name", "X"), WAITING, "--name is for one station alone"),
        (("N-1", "--name", "Gate"), WAITING, "must be unique"),
        (("N-1", "--zone", "attic"), WAITING, "attic"),
        (("N-1", *("--wiring", "MONO1") * 3), WAITING, "2 outlets at most"),
    ],
)
def test_what_can_not_be_is_told_and_changes_nothing(
    data: Path, arguments: tuple[str, ...], waiting: list[dict[str, Any]], words: str
) -> None:
    """OC-4."""
    result = register(data, *arguments, waiting=waiting)
    assert result.exit_code != 0
    assert words in result.output
    assert len(in_force(data).stations) == 1
