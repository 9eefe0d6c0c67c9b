"""The central system with a crowd of scripted stations: all cases are played at once, each by its own."""

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import pytest

from actors.messages import (
    GetActions,
    GetSecurityOutcome,
    GetSnapshot,
    ListSessions,
    Message,
    Question,
    RequestAction,
    SecurityOutcome,
    SessionRecord,
)
from evce.configuration.revisions import next_revision
from evce.configuration.toml_source import parse_toml
from evce.records import CardRecord
from evce.station_control.action_kinds import kind_named, read_parameters
from evce.station_control.action_state import Action, ActionState
from evce.units import BoxIdentity
from evce.views import ConnectorView, StationView
from tests.conftest import TIMEOUT_FACTOR
from tests.integration.house import evce
from tests.octt.charge_point import PATIENCE, ChargePoint, stamp
from tests.octt.wires import Wire, Wires
from tools.daemon import Daemon, Endpoints
from tools.data_folder import DataFolder
from tools.simulation.cpo import Habits
from tools.simulation.cpo_server import CpoServer

__all__ = ["CARD", "PARENT", "STRANGER", "Play", "Stage", "case", "plays_of"]

CARD, PARENT, STRANGER = "04A1B2C3", "04FFFFFF", "0BADCARD"
"""A card that may charge, one of its group, and one that may not."""

LONGEST_PLAY = 150.0
"""Seconds."""

_SITE = """
[site]
name = "Test stand"
time_zone = "Europe/Paris"
[ocpp]
profile_memory = "ram"
host = "127.0.0.1"
tls_port = 0
[web]
host = "127.0.0.1"
[[zones]]
id = "hall"
name = "Hall"
maximum_a = 10000
[authentication]
mode = "known_cards"
offline = "{offline}"
"""

_STATION = """
[[stations]]
box_identity = "{identity}"
name = "{identity}"
family = "generic"
zone = "hall"
  [[stations.connectors]]
  wiring = "TRI123"
  rating_a = 32
"""

T = TypeVar("T")
Script = Callable[["Play"], Awaitable[None]]


class CentralSystem:
    """The real daemon on loopback, and behind it an operator of charging stations where there is a `cpo`."""

    def __init__(self, folder: Path, toml: str, cpo: CpoServer | None = None) -> None:
        self.folder = folder
        self.cpo = cpo
        self._data = DataFolder(folder)
        self._document = parse_toml(toml)
        self._lock = self._data.hold()

    def start(self) -> None:
        """Begin with a card that may charge."""
        self._lock.__enter__()
        now = datetime.now(UTC)
        revision = next_revision(None, self._document, author="test", comment="", now=now)
        with self._data.write(now) as store:
            store.append_revision(revision)
            store.save_card(CardRecord(CARD, authorised=True), now)
        self.daemon = Daemon(self._data, revision, Endpoints("127.0.0.1", 0, 0))
        self.daemon.start()
        shown = evce("certificate", "root", "--data", str(self.folder))
        assert shown.exit_code == 0, shown.output
        self.root = shown.output
        """PEM of the certificate authority that stations have to trust."""

    def stop(self) -> None:
        self.daemon.stop()
        self._lock.__exit__(None, None, None)

    async def ask(self, name: str, question: Question) -> Any:
        return await asyncio.to_thread(self.daemon.runtime.ask, name, question, PATIENCE)

    def tell(self, name: str, message: Message) -> None:
        assert self.daemon.runtime.tell(name, message)


@dataclass
class Play:
    """One case on one wire: its station, and the people at the central system."""

    system: CentralSystem
    station: ChargePoint
    wire: Wire
    _done: set[str] = field(default_factory=set)

    @property
    def identity(self) -> str:
        return self.station.identity

    # ---- the station ----

    async def begin(self) -> ChargePoint:
        """The station connects and boots, and is known."""
        await self.station.connect()
        answer = await self.station.boot()
        assert answer["status"] == "Accepted"
        await self.until(self.verified, "the station is in service")
        self.wire.in_service = True
        return self.station

    async def authorize(self, card: str = CARD) -> str:
        """What the central system says of a card."""
        answer = await self.station.call("Authorize", idTag=card)
        return str(answer["idTagInfo"]["status"])

    async def start(self, card: str = CARD, *, at: str | None = None, **more: Any) -> int:
        """A transaction begins that is accepted; returns its id."""
        answer = await self.station.call(
            "StartTransaction", connectorId=1, idTag=card, meterStart=1000, timestamp=at or stamp(), **more
        )
        assert answer["idTagInfo"]["status"] == "Accepted", answer
        return int(answer["transactionId"])

    async def stop(
        self, transaction: int, reason: str = "Local", card: str | None = CARD, *, at: str | None = None
    ) -> None:
        """It ends with 3 kWh."""
        tag = {} if card is None else {"idTag": card}
        await self.station.say(
            "StopTransaction",
            transactionId=transaction,
            meterStop=4000,
            timestamp=at or stamp(),
            reason=reason,
            **tag,
        )

    async def charge(self, card: str = CARD) -> int:
        """A session that runs: the cable, the card, the transaction."""
        await self.station.status("Preparing")
        assert await self.authorize(card) == "Accepted"
        transaction = await self.start(card)
        await self.station.status("Charging")
        await self.station.meter(1500, transaction, 16.0)
        return transaction

    async def leave(self) -> None:
        """The cable is pulled."""
        await self.station.status("Finishing")
        await self.station.status("Available")

    # ---- people at the central system ----

    async def order(self, kind: str, **given: Any) -> Action:
        """Have the station do something; returns once it has answered. What the wire lost is asked again."""
        values, faults = read_parameters(kind_named(kind), given)
        assert not faults, faults
        waits = (ActionState.ASKED, ActionState.SENT)
        while True:
            request = uuid4().hex
            station = BoxIdentity(self.identity)
            name = f"station/{station}"
            self.system.tell(name, RequestAction(station, kind, values, "tester", request))
            action = await self._when(request, lambda found: found.state not in waits)
            if action.state is not ActionState.TIMED_OUT or not self.wire.loses:
                return action

    async def outcome(self, action: Action) -> Action:
        """What became of it in the end."""
        return await self._when(action.id, lambda found: found.state.ended)

    async def actions(self) -> tuple[Action, ...]:
        """All that were asked of this station, newest first."""
        known: tuple[Action, ...] = await self.system.ask(f"station/{self.identity}", GetActions())
        return known

    async def _when(self, request: str, fits: Callable[[Action], bool]) -> Action:
        found: list[Action] = []

        async def look() -> bool:
            found[:] = await self.system.ask(f"station/{self.identity}", GetActions(request))
            return bool(found) and fits(found[0])

        await self.until(look, f"the action of {self.identity}")
        return found[0]

    async def secure(self, message: Callable[[str], Message]) -> SecurityOutcome:
        """Have something done about the station's security, and wait for how it went."""
        while True:
            request = uuid4().hex
            self.system.tell("security", message(request))
            found: list[SecurityOutcome] = []

            async def known(request: str = request, found: list[SecurityOutcome] = found) -> bool:
                outcome = await self.system.ask("security", GetSecurityOutcome(request))
                found[:] = [] if outcome is None else [outcome]
                return bool(found)

            await self.until(known, "the outcome")
            if found[0].done or found[0].payload is not None or not self.wire.loses:
                return found[0]

    async def dial_again(self, **options: Any) -> None:
        """Connect anew, in another way."""
        await self.station.disconnect()
        scheme, port = "ws", self.system.daemon.ocpp_port
        if "ssl" in options:
            scheme, port = "wss", self.system.daemon.ocpps_port
        self.station.url = f"{scheme}://127.0.0.1:{port}/ocpp"
        self.station.options = options
        await self.station.connect()

    async def sessions(self) -> list[SessionRecord]:
        """What the database has of this station, oldest first."""
        sessions = await self.system.ask("recorder", ListSessions(limit=100_000))
        return [s for s in reversed(sessions) if s.connector.station == self.identity]

    async def booked(self, reason: str = "Local", energy: float = 3000.0) -> SessionRecord:
        """The one session that there was, ended: it is there once."""
        (session,) = await self.sessions()
        assert (session.stop_reason, session.energy) == (reason, energy)
        assert session.stopped_at is not None
        return session

    async def seen(self) -> StationView:
        """The station as people see it."""
        snapshot = await self.system.ask("view", GetSnapshot())
        view: StationView = snapshot.stations[BoxIdentity(self.identity)]
        return view

    async def outlet(self) -> ConnectorView:
        """Its outlet as people see it."""
        return (await self.seen()).connectors[0]

    async def alarmed(self, *codes: str) -> bool:
        """Whether exactly these alarms stand for it."""
        snapshot = await self.system.ask("view", GetSnapshot())
        return {a.code for a in snapshot.alarms if a.source.startswith(self.identity)} == set(codes)

    async def verified(self) -> bool:
        """Whether it is in service."""
        snapshot = await self.system.ask("view", GetSnapshot())
        view = snapshot.stations.get(BoxIdentity(self.identity))
        return view is not None and view.verified

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Wait for something that blocks."""
        return await asyncio.to_thread(work)

    async def until(self, condition: Callable[[], Awaitable[bool]], what: str) -> None:
        """Look again and again; fails after as long as the central system may need."""
        assert await self.within(PATIENCE, condition), f"never: {what}"

    async def within(self, seconds: float, condition: Callable[[], Awaitable[bool]]) -> bool:
        """Whether it comes true in that time."""
        deadline = asyncio.get_running_loop().time() + seconds * TIMEOUT_FACTOR
        while not await condition():
            if asyncio.get_running_loop().time() >= deadline:
                return False
            await asyncio.sleep(0.1)
        return True


@dataclass(frozen=True, slots=True)
class _Part:
    """One case on one wire. `operated`: at the system that has an operator behind it."""

    script: Script
    wire: Wires
    operated: bool

    @property
    def identity(self) -> str:
        number = self.script.__name__.removeprefix("test_octt_")
        return f"{number[:28]}-{self.wire.value}"


def case(*, operated: bool = False) -> Callable[[Script], Callable[..., None]]:
    """Make a test on every wire of a script; `operated`: at the system that has an operator behind it."""

    def decorate(script: Script) -> Callable[..., None]:
        @pytest.mark.parametrize("wire", list(Wires), ids=str)
        def test(stage: Stage, wire: Wires) -> None:
            stage.result(_Part(script, wire, operated))

        test.__name__, test.__doc__, test.__module__ = script.__name__, script.__doc__, script.__module__
        test.octt_script = (script, operated)  # type: ignore[attr-defined]
        return test

    return decorate


def plays_of(items: Iterable[pytest.Item]) -> list[_Part]:
    """The plays of the tests that are about to run."""
    parts = []
    for item in items:
        script = getattr(getattr(item, "function", None), "octt_script", None)
        if script is not None:
            wire: Wires = item.callspec.params["wire"]  # type: ignore[attr-defined]
            parts.append(_Part(script[0], wire, script[1]))
    return parts


class Stage:
    """Runs the plays on a loop of its own thread; `result` waits for one of them."""

    def __init__(self, folder: Path, parts: list[_Part]) -> None:
        self._parts = parts
        self._cpo = CpoServer(
            folder / "book", habits=Habits(cards={"EXPIRED1": "Expired", "BLOCKED1": "Blocked"})
        )
        stations = {
            operated: "".join(_STATION.format(identity=p.identity) for p in parts if p.operated is operated)
            for operated in (False, True)
        }
        uplink = f'[cpo]\nenabled = true\nurl = "ws://127.0.0.1:{self._cpo.start()}/ocpp"\n'
        site = _SITE.format(offline="reject")
        self._systems = {
            operated: CentralSystem(
                folder / str(operated),
                site + stations[operated] + (uplink if operated else ""),
                self._cpo if operated else None,
            )
            for operated in sorted({part.operated for part in parts})
        }
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="octt", daemon=True)
        self._played: dict[_Part, Future[None]] = {}

    def start(self) -> None:
        """Everybody begins."""
        for system in self._systems.values():
            system.start()
        self._thread.start()
        for part in self._parts:
            self._played[part] = asyncio.run_coroutine_threadsafe(self._play(part), self._loop)

    def stop(self) -> None:
        for played in self._played.values():
            played.cancel()
        for system in self._systems.values():
            system.stop()
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(10.0)
        self._loop.close()
        self._cpo.stop()

    def result(self, part: _Part) -> None:
        """Wait for this play's end; raises what it raised."""
        self._played[part].result(LONGEST_PLAY * TIMEOUT_FACTOR)

    async def _play(self, part: _Part) -> None:
        system = self._systems[part.operated]
        wire = Wire(part.wire, part.script.__name__)
        url = f"ws://127.0.0.1:{system.daemon.ocpp_port}/ocpp"
        station = ChargePoint(url, part.identity, wire)
        play = Play(system, station, wire)
        try:
            await part.script(play)
            assert station.complaints == []
        finally:
            with contextlib.suppress(Exception):
                await station.disconnect()
