"""Files of stations over FTP: asked for at the daemon, sent and fetched by simulated stations."""

import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evce.configuration.choices import FileTransfer, FileTransferChoice
from evce.units import BoxIdentity
from tests.integration.house import CARS, House, until
from tools.simulation import transfers
from web import ftp_sessions


def apply(house: House, path: Path, **ocpp: Any) -> None:
    """Put the house's document in force with other ways for files."""
    changed = house.document.ocpp.model_copy(update=ocpp)
    result = house.evce("config", "apply", str(house.site_file(path, ocpp=changed)), "--yes")
    assert result.exit_code == 0, result.output


def obey(house: House, *command: str) -> str:
    result = house.evce("station", *command)
    assert result.exit_code == 0, result.output
    return result.output


def test_diagnostics_logs_and_firmware_go_by_ftp_and_ftps(
    idle: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OC-3, SR-4: from the revision on that says so, and each station in its own way; no thread stays."""
    monkeypatch.setattr(transfers, "_INSTALLS_FOR", 0.1)
    monkeypatch.setattr(ftp_sessions, "CLIENT_FIRST", 0.1)
    station = idle.site.world.stations["CP-3"]
    monkeypatch.setattr(station, "quirks", replace(station.quirks, reboot_time=0.2))
    number = idle.snapshot().revision
    firmware = tmp_path / "3.4.0.0.1"
    firmware.write_bytes(bytes(range(256)) * 2_000)
    used: list[str] = []
    run = transfers.Transfer.run
    monkeypatch.setattr(transfers.Transfer, "run", lambda own: used.append(own.address) or run(own))
    stations = tuple(
        settings.model_copy(update={"file_transfer": FileTransferChoice.FTPS})
        if settings.box_identity == "CP-2"
        else settings
        for settings in idle.document.stations
    )
    monkeypatch.setattr(idle, "document", idle.document.model_copy(update={"stations": stations}))
    apply(idle, tmp_path / "ftp.toml", file_transfer=FileTransfer.FTP)
    until(lambda: {"ftp", "ftps"} == set(idle.daemon._files._ports) - {"http"}, 10, "both servers run")

    assert "done: Received" in obey(idle, "diagnostics", "CP-1")
    assert "done: Received" in obey(idle, "log", "CP-2", "--type", "SecurityLog")
    assert "done: Installed" in obey(idle, "firmware", "CP-3", str(firmware))
    assert [address.split(":")[0] for address in used] == ["ftp", "ftps", "ftp"]
    kept = obey(idle, "actions", "CP-1").split()[-1]
    assert "CP-1" in Path(kept).read_text()
    until(lambda: idle.snapshot().stations[BoxIdentity("CP-3")].firmware == "3.4.0.0.1", 20, "it runs")

    idle.evce("config", "rollback", str(number), "--yes")
    until(lambda: not [t for t in threading.enumerate() if t.name == "station-ftp"], 10, "nobody uses FTP")
    until(idle.all_verified, 20, "as before")


def test_a_station_that_is_older_is_updated_by_itself(
    idle: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SR-5: from the file on the command line to the version that it says it runs; a car holds it up."""
    monkeypatch.setattr(transfers, "_INSTALLS_FOR", 0.1)
    for name in CARS:
        station = idle.site.world.stations[name]
        monkeypatch.setattr(station, "quirks", replace(station.quirks, reboot_time=0.2))
    idle.obey("plug CP-1 BADGE-1")
    until(lambda: idle.connector("CP-1").transaction is not None, 20, "a car charges at CP-1")
    file = tmp_path / "9.0.0.1"  # a simulated station takes the file's name for its version
    file.write_bytes(b"image")
    before = {name: idle.snapshot().stations[BoxIdentity(name)].firmware for name in CARS}

    def runs(name: str) -> bool:
        idle.daemon._firmware.look()
        return idle.snapshot().stations[BoxIdentity(name)].firmware == "9.0.0.1"

    added = idle.evce("firmware", "add", str(file), "--family", "parking")
    assert added.exit_code == 0, added.output
    until(lambda: runs("CP-2") and runs("CP-3"), 20, "the free ones are updated")
    listed = idle.evce("firmware", "list", "--json")
    states = {one["station"]: one for one in json.loads(listed.output)["stations"]}
    assert (states["CP-1"]["firmware"], states["CP-1"]["waits_for"]) == (
        before["CP-1"],
        "connector 1 is in use",
    )
    idle.obey("unplug CP-1")
    until(lambda: runs("CP-1"), 20, "it is updated once the car has gone")
    assert idle.evce("firmware", "remove", added.output.split(":")[0]).exit_code == 0
    until(idle.all_verified, 20, "as before")
