"""The daemon is killed in the middle of three sessions and started again; the stations never noticed why."""

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from evce.configuration.toml_source import parse_toml, write_toml
from evce.records import SessionRecord
from evce.units import Amps
from tests.integration.house import CARS, YARD, simulated, until, with_meters_at
from tests.integration.process import Process
from tools.control.client import ControlError, control
from tools.data_folder import DataFolder
from tools.referee.books import booked, compare_sessions
from tools.referee.referee import Referee
from tools.simulation.site import SimulatedSite


@dataclass
class Wire:
    """What the daemon says to one simulated station, connection by connection."""

    connections: list[list[tuple[str, dict[str, Any]]]] = field(default_factory=list)

    def tap(self, site: SimulatedSite, name: str, patch: pytest.MonkeyPatch) -> "Wire":
        station = site.world.stations[name]
        connected: Callable[[float], None] = station.connected
        receive: Callable[[str | bytes, float], None] = station.receive

        def note_connected(now: float) -> None:
            self.connections.append([])
            connected(now)

        def note_received(frame: str | bytes, now: float) -> None:
            message = json.loads(frame)
            if message[0] == 2:
                self.connections[-1].append((message[2], message[3]))
            receive(frame, now)

        patch.setattr(station, "connected", note_connected)
        patch.setattr(station, "receive", note_received)
        return self

    def first_word(self) -> str:
        """What comes first on the last connection: a question to the station, or a limit for its car."""
        return next(
            action
            for action, payload in self.connections[-1]
            if action == "GetCompositeSchedule" or _purpose(payload) == "TxProfile"
        )

    def limits(self) -> list[Amps]:
        """The session's limits on the last connection."""
        profiles = [
            payload["csChargingProfiles"]
            for _, payload in self.connections[-1]
            if _purpose(payload) == "TxProfile"
        ]
        return [
            period["limit"]
            for profile in profiles
            for period in profile["chargingSchedule"]["chargingSchedulePeriod"]
        ]


def _purpose(payload: dict[str, Any]) -> str:
    return str(payload.get("csChargingProfiles", {}).get("chargingProfilePurpose", ""))


def sessions(data: Path) -> list[SessionRecord]:
    with DataFolder(data).read(datetime.now(UTC)) as store:
        return list(store.sessions(limit=100))


def running(data: Path) -> dict[str, int]:
    return {
        str(session.connector.station): int(session.transaction)
        for session in sessions(data)
        if session.stopped_at is None
    }


def living(data: Path) -> bool:
    try:
        return bool(control(data, "actors")["actors"])
    except ControlError:
        return False


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_sessions_survive_a_kill(tmp_path: Path, stack: ExitStack, monkeypatch: pytest.MonkeyPatch) -> None:
    """AC-2, CDR-2: the same sessions go on, none lost or doubled, each with the current that it had."""
    site = simulated(parse_toml(YARD))
    document = with_meters_at(site.document, site.start_meters())
    site_file = tmp_path / "site.toml"
    site_file.write_text(write_toml(document))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    stack.callback(site.stop)
    wires = {name: Wire().tap(site, name, monkeypatch) for name in CARS}
    referee = Referee(document.model())

    first = Process(tmp_path, str(site_file), ocpp_port=port)
    stack.callback(first.kill)
    first.ready()
    site.start(f"ws://127.0.0.1:{port}/ocpp")
    referee.watch(site.truth, period=0.1)
    stack.callback(referee.stop)
    outlets = {name: site.world.stations[name].outlets[1] for name in CARS}

    def offered() -> list[int]:
        return [round(outlets[name].pilot) for name in CARS]

    until(lambda: all(wire.connections and wire.connections[-1] for wire in wires.values()), 15, "connected")
    for name in CARS:
        site.obey(f"plug {name} BADGE-{name}")
    until(lambda: offered() == [20, 20, 32], 30, "the cars charge")
    before = running(first.data)
    assert sorted(before) == sorted(CARS)

    first.kill()
    until(lambda: not any(site.world.stations[name].online for name in CARS), 10, "the links are gone")
    site.obey("unplug CP-3")
    seen = {name: len(wire.connections) for name, wire in wires.items()}
    second = Process(tmp_path, ocpp_port=port)
    stack.callback(second.kill)
    second.ready()
    assert "log in" not in second.greeting

    until(lambda: all(len(wires[name].connections) > seen[name] for name in CARS), 15, "they are back")
    until(lambda: "CP-3" not in running(second.data), 15, "the stop of the outage has arrived")
    # A car whose lease still runs charges on before anything is said about it.
    until(lambda: all(wires[name].limits() for name in CARS[:2]), 60, "each is told what it had")
    until(lambda: offered()[:2] == [20, 20], 60, "the cars charge as before")
    assert running(second.data) == {name: before[name] for name in CARS[:2]}
    for name in CARS[:2]:
        assert wires[name].first_word() == "GetCompositeSchedule"
        assert set(wires[name].limits()) == {20.0}, "what it had, no more and no less"

    for name in CARS[:2]:
        site.obey(f"unplug {name}")
    until(lambda: not running(second.data), 10, "all are ended")
    assert second.process.poll() is None
    assert living(second.data)
    recorded = booked(sessions(second.data))
    assert [str(found) for found in compare_sessions(site.book(), recorded)] == []
    assert sorted(session.transaction or 0 for session in recorded) == sorted(before.values())
    assert [str(violation) for violation in referee.violations] == []
    assert site.complaints() == []
    assert "Traceback" not in second.log.read_text()
