"""A whole small site for tests: the real daemon, and simulated stations and meters on loopback sockets."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from actors.messages import GetSnapshot, ListSessions, SessionRecord
from evce.configuration.document import SiteDocument
from evce.configuration.revisions import next_revision
from evce.configuration.toml_source import parse_toml, write_toml
from evce.records import RevisionRecord
from evce.units import Amps, ZoneId
from evce.views import ConnectorView, SiteSnapshot
from tests.conftest import TIMEOUT_FACTOR
from tools.cli import main
from tools.daemon import Daemon, Endpoints
from tools.data_folder import DataFolder
from tools.simulation.client import BackOff
from tools.simulation.outlet import Outlet
from tools.simulation.site import SimulatedSite
from tools.simulation.world import WorldOptions

__all__ = [
    "CARS",
    "SPARE",
    "YARD",
    "House",
    "closed_with",
    "dial",
    "evce",
    "simulated",
    "until",
    "with_meters_at",
]

YARD = """
[site]
name = "Yard"
time_zone = "Europe/Paris"
[ocpp]
profile_memory = "ram"
host = "127.0.0.1"
meter_interval_s = 1
[web]
host = "127.0.0.1"
[[zones]]
id = "main"
name = "Main switchboard"
maximum_a = 100
mode = "dynamic"
meter = "main-meter"
degraded_setpoint_a = 20
building_maximum_a = 60
[[zones]]
id = "garage"
name = "Garage"
parent = "main"
maximum_a = 40
[[zones]]
id = "gate"
name = "Gate"
parent = "main"
maximum_a = 50
[[stations]]
box_identity = "CP-1"
name = "Garage 1"
family = "parking"
zone = "garage"
  [[stations.connectors]]
  wiring = "TRI123"
  rating_a = 32
[[stations]]
box_identity = "CP-2"
name = "Garage 2"
family = "parking"
zone = "garage"
  [[stations.connectors]]
  wiring = "TRI123"
  rating_a = 32
[[stations]]
box_identity = "CP-3"
name = "Gate 1"
family = "parking"
zone = "gate"
  [[stations.connectors]]
  wiring = "TRI123"
  rating_a = 32
[[zones]]
id = "annex"
name = "Annex"
maximum_a = 32
[[meters]]
id = "main-meter"
name = "Main meter"
role = "zone"
zone = "main"
model = "pm5320"
host = "127.0.0.1"
poll_ms = 250
[inputs]
enabled = true
  [[inputs.channels]]
  name = "Grid operator"
  percent = 40
  pin = 17
  enabled = true
[authentication]
mode = "all_cards"
[advanced]
ramp_a_per_s = 50
"""
"""A root with a building and a meter, places for two cars and for one below it; an empty root."""

CARS = ("CP-1", "CP-2", "CP-3")

SPARE = """
[[stations]]
box_identity = "CP-X"
name = "Annex 1"
family = "parking"
zone = "annex"
  [[stations.connectors]]
  wiring = "TRI123"
  rating_a = 32
"""
"""A registered station that nobody simulates: tests speak in its name."""


def until(condition: Callable[[], bool], seconds: float, what: str = "") -> None:
    """Wait for something in another thread or process that tells nobody; fails the test after `seconds`."""
    deadline = time.monotonic() + seconds * TIMEOUT_FACTOR
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, f"still not so after {seconds} s: {what}"
        pause.wait(0.01)


def evce(*arguments: str, answer: str | None = None) -> Result:
    """Run the command line."""
    return CliRunner().invoke(main, list(arguments), input=answer)


def simulated(document: SiteDocument) -> SimulatedSite:
    """The stations, meters and cars of a document; nobody comes by himself, the building is dark."""
    options = WorldOptions(
        arrivals_factor=0.0, building_share=0.0, utc_at_zero=time.time() - time.monotonic()
    )
    return SimulatedSite(document, options, free_ports=True, back_off=BackOff(0.05, 0.2), period=0.05)


def with_meters_at(document: SiteDocument, ports: dict[str, int]) -> SiteDocument:
    """The document with the ports on which its meters really listen."""
    meters = tuple(meter.model_copy(update={"port": ports[meter.id]}) for meter in document.meters)
    return document.model_copy(update={"meters": meters})


class House:
    """The daemon in this process, at free ports, with the simulated site around it."""

    def __init__(self, folder: Path, toml: str = YARD) -> None:
        self.folder = folder
        self.site = simulated(parse_toml(toml))
        self.document = with_meters_at(parse_toml(toml + SPARE), self.site.start_meters())
        self._data = DataFolder(folder)
        self._lock = self._data.hold()
        self.daemon: Daemon

    def start(self) -> "House":
        self._lock.__enter__()
        self.daemon = Daemon(self._data, self._first_revision(), Endpoints("127.0.0.1", 0, 0))
        self.daemon.start()
        self.site.start(
            f"ws://127.0.0.1:{self.daemon.ocpp_port}/ocpp",
            f"wss://127.0.0.1:{self.daemon.ocpps_port}/ocpp",
        )
        return self

    def stop(self) -> None:
        """Stop the daemon while the stations are still there, as in life."""
        if hasattr(self, "daemon"):
            self.daemon.stop()
            self._lock.__exit__(None, None, None)
        self.site.stop()

    def _first_revision(self) -> RevisionRecord:
        now = datetime.now(UTC)
        record = next_revision(None, self.document, author="test", comment="", now=now)
        with self._data.write(now) as store:
            store.append_revision(record)
        return record

    # What people see and do.

    def ask(self, name: str, question: Any) -> Any:
        return self.daemon.runtime.ask(name, question, 5.0 * TIMEOUT_FACTOR)

    def snapshot(self) -> SiteSnapshot:
        snapshot = self.ask("view", GetSnapshot())
        assert isinstance(snapshot, SiteSnapshot)
        return snapshot

    def evce(self, *arguments: str, answer: str | None = None) -> Result:
        """Run the command line on this house's data folder."""
        return evce(*arguments, "--data", str(self.folder), answer=answer)

    def connector(self, station: str) -> ConnectorView:
        """The first connector of a station, as the dashboard has it."""
        views = {str(key): view for key, view in self.snapshot().stations.items()}
        return views[station].connectors[0]

    def sessions(self, *, running: bool) -> list[SessionRecord]:
        sessions: list[SessionRecord] = self.ask("recorder", ListSessions(running_only=running))
        return sessions

    # What is true.

    def outlet(self, station: str) -> Outlet:
        """The first outlet of a simulated station; only to look at."""
        return self.site.world.stations[station].outlets[1]

    def pilot(self, station: str) -> Amps:
        """What the station offers its car now, A."""
        return self.outlet(station).pilot

    def obey(self, line: str) -> str:
        answer = self.site.obey(line)
        assert answer.startswith("ok"), answer
        return answer

    def highest(self, zone: str) -> Amps:
        """The true current of the zone's most loaded phase."""
        return max(self.site.truth()[ZoneId(zone)])

    def restore(self, revision: int) -> None:
        """Undo what a failed test has left behind, so that the next one fails for a reason of its own."""
        self.evce("input", "1", "off")
        if parse_toml(self.evce("config", "show").output).zones != self.document.zones:
            self.evce("config", "rollback", str(revision), "--yes")

    def all_verified(self) -> bool:
        stations = {str(identity): view for identity, view in self.snapshot().stations.items()}
        return all(name in stations and stations[name].verified for name in self.site.world.stations)

    def unhurried(self) -> bool:
        """Whether all three cars get what their zones have to give."""
        return [self.pilot(name) for name in CARS] == [20.0, 20.0, 32.0]

    def site_file(self, path: Path, **changes: Any) -> Path:
        """Write the document in force with some top-level sections replaced."""
        path.write_text(write_toml(self.document.model_copy(update=changes)))
        return path


def dial(house: House, name: str, **options: Any) -> ClientConnection:
    """Connect to the daemon's OCPP port in this station's name."""
    options = {"subprotocols": [Subprotocol("ocpp1.6")], "proxy": None, "compression": None} | options
    return connect(f"ws://127.0.0.1:{house.daemon.ocpp_port}/ocpp/{name}", **options)


def closed_with(socket: ClientConnection) -> int | None:
    """The close code, behind whatever the daemon still said; None when it went without a word."""
    while True:
        try:
            socket.recv(timeout=5.0 * TIMEOUT_FACTOR)
        except ConnectionClosed as closed:
            return None if closed.rcvd is None else closed.rcvd.code
