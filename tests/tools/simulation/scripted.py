"""A central system by the script, and the parts that tests of the simulated site are made of."""

import json
from collections.abc import Callable
from typing import Any

from evce.configuration.document import SiteDocument
from evce.configuration.toml_source import parse_toml
from evce.electrical import Connector, Socket, Wiring
from evce.units import BoxIdentity, ConnectorKey
from tools.simulation.profiles16 import print_time
from tools.simulation.quirks import Quirks
from tools.simulation.station import Station, StationSpec
from tools.simulation.vehicle import Vehicle, VehicleSpec

UTC = 1_700_000_000.0


def connector(number: int = 1, wiring: Wiring = Wiring.TRI123, rating: float = 32.0) -> Connector:
    return Connector(ConnectorKey(BoxIdentity("CP-01"), number), wiring, rating, (Socket.T2,))


def station(*connectors: Connector, **quirks: Any) -> Station:
    return Station(StationSpec("CP-01", connectors or (connector(),), UTC, Quirks(**quirks)))


def car(phases: int = 3, **spec: Any) -> Vehicle:
    return Vehicle(VehicleSpec(phases=phases, reaction=0.0, **spec), stored=30_000.0)


class Central:
    """Answers a station's calls at once and keeps them. `answers` overrides what an action gets;
    a list is taken one by one, None is no answer, a pair of strings is a CALLERROR."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.results: dict[str, Any] = {}
        self.answers: dict[str, Any] = {}
        self.time: Callable[[], float] = lambda: UTC
        self._count = 0
        self._transactions: dict[tuple[int, str], int] = {}

    def seen(self, action: str) -> list[dict[str, Any]]:
        return [payload for name, payload in self.calls if name == action]

    def statuses(self, number: int = 1) -> list[str]:
        return [p["status"] for p in self.seen("StatusNotification") if p["connectorId"] == number]

    def take(self, frame: str) -> str | None:
        """One frame of the station; returns the answer to put on the wire."""
        match json.loads(frame):
            case [2, message_id, action, payload]:
                self.calls.append((action, payload))
                answer = self._answer(action, payload)
                match answer:
                    case None:
                        return None
                    case (code, text):
                        return json.dumps([4, message_id, code, text, {}])
                    case _:
                        return json.dumps([3, message_id, answer])
            case [3, message_id, payload]:
                self.results[message_id] = payload
            case [4, message_id, code, *_]:
                self.results[message_id] = code
        return None

    def call(self, action: str, payload: dict[str, Any]) -> tuple[str, str]:
        """A frame to send to the station, and its message id."""
        self._count += 1
        message_id = f"csms-{self._count}"
        return message_id, json.dumps([2, message_id, action, payload])

    def _answer(self, action: str, payload: dict[str, Any]) -> Any:
        if action in self.answers:
            scripted = self.answers[action]
            return scripted.pop(0) if isinstance(scripted, list) and scripted else scripted
        match action:
            case "BootNotification":
                return {"status": "Accepted", "currentTime": print_time(self.time()), "interval": 60}
            case "Heartbeat":
                return {"currentTime": print_time(self.time())}
            case "Authorize":
                return {"idTagInfo": {"status": "Accepted"}}
            case "StartTransaction":
                key = (payload["connectorId"], payload["timestamp"])
                number = self._transactions.setdefault(key, 100 + len(self._transactions))
                return {"transactionId": number, "idTagInfo": {"status": "Accepted"}}
            case _:
                return {}


class Dialogue:
    """One station and a central system under a virtual clock, without sockets."""

    def __init__(self, at: Station, central: Central | None = None) -> None:
        self.station = at
        self.central = central or Central()
        self.now = 0.0
        self.central.time = lambda: UTC + self.now

    def connect(self) -> "Dialogue":
        self.station.connected(self.now)
        return self.run(0.5)

    def disconnect(self) -> "Dialogue":
        self.station.disconnected(self.now)
        return self

    def run(self, seconds: float, step: float = 0.1) -> "Dialogue":
        for _ in range(round(seconds / step)):
            self.now += step
            self.station.tick(self.now)
            self.exchange()
        return self

    def exchange(self) -> None:
        while frames := self.station.frames(self.now):
            for frame in frames:
                answer = self.central.take(frame)
                if answer is not None:
                    self.station.receive(answer, self.now)

    def ask(self, action: str, payload: dict[str, Any]) -> Any:
        """A call of the central system; returns the payload of the answer, or the error's code."""
        message_id, frame = self.central.call(action, payload)
        self.station.receive(frame, self.now)
        self.exchange()
        return self.central.results[message_id]

    def charging(self, **spec: Any) -> "Dialogue":
        """A car is plugged in and its session runs, settled."""
        self.station.plug(1, car(**spec), "CARD-A", self.now, delay=0.0)
        return self.run(8.0)


SITE = """
[site]
name = "Test"
[[zones]]
id = "main"
name = "Main"
maximum_a = 100
mode = "dynamic"
meter = "m1"
[[zones]]
id = "garage"
name = "Garage"
parent = "main"
maximum_a = 63
[[stations]]
box_identity = "CP-01"
name = "One"
family = "parking"
zone = "garage"
  [[stations.connectors]]
  wiring = "TRI123"
  rating_a = 32
  [[stations.connectors]]
  wiring = "TRI231"
  rating_a = 32
[[stations]]
box_identity = "CP-02"
name = "Two"
family = "city"
zone = "garage"
  [[stations.connectors]]
  wiring = "MONO3"
  rating_a = 32
[[meters]]
id = "m1"
name = "Main meter"
role = "zone"
model = "pm5320"
host = "127.0.0.1"
port = 15021
[[meters]]
id = "pv"
name = "Roof"
role = "production"
zone = "main"
model = "mtz"
host = "127.0.0.1"
port = 15022
[[meters]]
id = "lift"
name = "Lift"
role = "reporting"
zone = "garage"
model = "nsx"
host = "127.0.0.1"
port = 15023
"""


def site() -> SiteDocument:
    return parse_toml(SITE)
