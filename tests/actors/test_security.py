"""The security actor with a real database: passwords changed, kills in between, certificates looked after."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from actors.messages import (
    AlarmCleared,
    AlarmRaised,
    CallRelayed,
    CallStation,
    ChangeStationKey,
    ChangeStationProfile,
    ForgetStationSecurity,
    GetSecurityOutcome,
    GetStationSecurity,
    Message,
    RelayCall,
    RelayFailed,
    RevokeCertificate,
    SecurityOutcome,
    SecuritySeen,
    SignStationCertificate,
    StationAuthenticated,
    StationCertificateSigned,
)
from actors.recorder import Recorder
from actors.runtime import SimulatedRuntime
from actors.security import SecurityActor, SecurityEdges
from evce.errors import StorageError
from evce.security.profiles import SecurityProfile
from evce.security.standing import MOST_KEYS, CertificateRecord, StationSecurity
from evce.station_control.uplink import NOT_CONNECTED
from evce.storage import Store, open_store
from evce.units import BoxIdentity
from tests.actors.ears import Heard, listen
from tests.actors.runtimes import wait

CP = BoxIdentity("CP-1")
NONE, KEY, TLS, CERTIFICATE = SecurityProfile


@dataclass
class Door:
    """What the gateway would know."""

    stations: dict[BoxIdentity, StationSecurity] = field(default_factory=dict)
    revoked: set[str] = field(default_factory=set)

    def learn(self, stations: Iterable[StationSecurity], certificates: Iterable[CertificateRecord]) -> None:
        self.stations = {known.station: known for known in stations}
        self.revoked = {known.serial for known in certificates if known.revoked_at is not None}

    @property
    def keys(self) -> tuple[str, ...]:
        return self.stations.get(CP, StationSecurity(CP)).keys


class Maker:
    """An authority whose certificates are good for `days`."""

    def __init__(self, days: int = 700) -> None:
        self.days, self.made = days, 0

    def sign(
        self, csr: str, station: BoxIdentity, names: Iterable[str], now: datetime
    ) -> tuple[str, CertificateRecord]:
        if "bad" in csr:
            raise ValueError("its key is too small")
        self.made += 1
        until = now + timedelta(days=self.days)
        return f"chain for {', '.join(names)}", CertificateRecord(f"0{self.made}", station, now, until, "")


class House:
    """The actor with its recorder, and ears in place of the station and the view."""

    def __init__(self, folder: Path, days: int = 700) -> None:
        self.folder, self.days = folder, days
        self.closes: list[Callable[[], None]] = []
        self.maker = Maker(days)
        self.live()

    def live(self) -> None:
        """A process begins, on the disk of the one before."""
        self.runtime = SimulatedRuntime(seed=1)
        self.door = Door()
        self.renewed: list[datetime] = []
        self.hung_up: list[BoxIdentity] = []
        edges = SecurityEdges(
            self.door,
            self.maker,
            lambda station: (station, "SN"),
            lambda: CERTIFICATE,
            lambda station, _: self.hung_up.append(station),
            self.renewed.append,
        )

        def opened(now: datetime) -> Store:
            store = open_store(self.folder / "evce.db", now)
            self.closes.append(store.close)
            return store

        self.runtime.spawn("recorder", lambda context: Recorder(context, opened))
        self.station: Heard = listen(self.runtime, f"station/{CP}")
        self.view: Heard = listen(self.runtime, "view")
        self.runtime.spawn("security", lambda context: SecurityActor(context, edges))
        self.runtime.run_for(1.0)

    def killed(self) -> None:
        """What was not on the disk is gone."""
        while self.closes:
            self.closes.pop()()
        self.live()

    def tell(self, message: Message) -> None:
        assert self.runtime.tell("security", message)
        self.runtime.run_for(0.5)

    def outcome(self, request: str) -> SecurityOutcome | None:
        found: SecurityOutcome | None = self.runtime.ask("security", GetSecurityOutcome(request), 5.0)
        return found

    def change(self, key_hash: str, *, send: bool = True) -> None:
        self.tell(ChangeStationKey(key_hash, CP, b"\x0f" * 20, key_hash, send, "ann"))

    def calls(self) -> list[RelayCall]:
        return self.station.of(RelayCall)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    for close in house.closes:
        close()


def test_a_password_is_changed_when_the_station_has_come_with_it(house: House) -> None:
    """OC-7, TC_073."""
    house.change("old", send=False)
    assert house.door.keys == ("old",)
    house.change("new")
    (call,) = house.calls()
    assert (call.action, call.author) == ("ChangeConfiguration", "ann")
    assert call.payload == {"key": "AuthorizationKey", "value": "0F" * 20}
    assert house.outcome("new") is None
    house.tell(CallRelayed("new", {"status": "Accepted"}))
    assert house.outcome("new").done  # type: ignore[union-attr]
    assert house.door.keys == ("old", "new")
    house.tell(StationAuthenticated(CP, KEY, "new"))
    assert (house.door.keys, house.door.stations[CP].reached) == (("new",), KEY)


@pytest.mark.parametrize("after", ["sent", "accepted", "refused", "came"])
def test_a_kill_in_between_loses_no_key_that_the_station_may_have(house: House, after: str) -> None:
    """OC-7: whatever the station had heard by then, it gets in afterwards."""
    house.change("old", send=False)
    house.change("new")
    may_have = {"sent": {"old", "new"}, "accepted": {"new"}, "refused": {"old"}, "came": {"new"}}[after]
    if after in ("accepted", "came"):
        house.tell(CallRelayed("new", {"status": "Accepted"}))
    if after == "refused":
        house.tell(CallRelayed("new", {"status": "Rejected"}))
    if after == "came":
        house.tell(StationAuthenticated(CP, KEY, "new"))
    house.killed()
    assert may_have <= set(house.door.keys)


def test_the_key_is_on_the_disk_before_the_station_hears_of_it(house: House, monkeypatch: Any) -> None:
    """OC-7: a disk that refuses keeps the station's password as it is."""

    def refuse(*_: object) -> None:
        raise StorageError("disk full")

    house.change("old", send=False)
    monkeypatch.setattr(Store, "keep_station_security", refuse)
    house.change("new")
    house.runtime.run_for(3.0)
    assert house.calls() == []
    monkeypatch.undo()
    house.runtime.run_for(20.0)
    assert len(house.calls()) == 1


@pytest.mark.parametrize(
    ("answer", "keys"),
    [
        (CallRelayed("new", {"status": "Rejected"}), ("old",)),
        (CallRelayed("new", {"status": "NotSupported"}), ("old",)),
        (CallRelayed("new", {"status": "RebootRequired"}), ("old", "new")),
        (RelayFailed("new", "GenericError", "the station: no answer"), ("old", "new")),
        (RelayFailed("new", "InternalError", NOT_CONNECTED), ("old",)),
    ],
)
def test_only_what_the_station_certainly_does_not_have_is_closed(
    house: House, answer: Message, keys: tuple[str, ...]
) -> None:
    """OC-7."""
    house.change("old", send=False)
    house.change("new")
    house.tell(answer)
    assert house.door.keys == keys
    outcome = house.outcome("new")
    assert outcome is not None
    assert outcome.done == (isinstance(answer, CallRelayed) and answer.payload["status"] == "RebootRequired")


def test_changes_that_nobody_confirms_are_bounded_without_closing_a_key(house: House) -> None:
    """OC-7."""
    for n in range(MOST_KEYS):
        house.change(f"k{n}")
    house.change("one more")
    outcome = house.outcome("one more")
    assert outcome is not None
    assert not outcome.done
    assert "have it reconnect" in outcome.text
    assert house.door.keys == tuple(f"k{n}" for n in range(MOST_KEYS))


def test_a_profile_is_changed_only_upward_and_with_what_it_needs(house: House) -> None:
    """OC-7, TC_083."""

    def asked(profile: SecurityProfile) -> str:
        request = f"to {profile}, {len(house.calls())}"
        house.tell(ChangeStationProfile(request, CP, profile, "ann"))
        outcome = house.outcome(request)
        return "" if outcome is None else outcome.text

    assert "no password yet" in asked(KEY)
    house.change("key", send=False)
    assert asked(TLS) == ""
    assert house.calls()[-1].payload == {"key": "SecurityProfile", "value": "2"}
    assert "no certificate yet" in asked(CERTIFICATE)
    house.tell(StationAuthenticated(CP, TLS, "key"))
    assert "no way down" in asked(KEY)
    house.killed()
    assert house.door.stations[CP].reached is TLS
    house.tell(ForgetStationSecurity("forget", CP, "ann"))
    assert (house.door.stations[CP].reached, house.door.keys) == (NONE, ())


def test_certificates_are_made_kept_and_revoked(house: House) -> None:
    """OC-7, TC_074: a station that asks again and again gets no more than a few."""
    ear = listen(house.runtime, "asker")
    house.tell(SignStationCertificate("asker", "bad", CP, "bad csr"))
    for n in range(8):
        house.tell(SignStationCertificate("asker", f"r{n}", CP, "csr"))
    answers = ear.of(StationCertificateSigned)
    assert answers[0] == StationCertificateSigned("bad", None, "its key is too small")
    assert answers[1] == StationCertificateSigned("r0", "chain for CP-1, SN")
    assert [answer.chain is None for answer in answers] == [True, *[False] * 6, True, True]
    house.tell(RevokeCertificate("revoke", "01", "ann"))
    house.tell(RevokeCertificate("none", "FF", "ann"))
    assert house.hung_up == []
    house.tell(StationAuthenticated(CP, CERTIFICATE, None))
    house.tell(RevokeCertificate("again", "01", "ann"))
    assert house.hung_up == [CP]  # whoever came with one comes again, with one that stands
    assert house.door.revoked == {"01"}
    assert not house.outcome("none").done  # type: ignore[union-attr]
    house.killed()
    assert house.door.revoked == {"01"}
    seen = house.runtime.ask("security", GetStationSecurity(), 5.0)
    assert isinstance(seen, SecuritySeen)
    assert len(seen.certificates) == 6


def test_a_certificate_that_ends_is_renewed_by_the_station_or_told(tmp_path: Path) -> None:
    """OC-7: asked for once a day, an alarm when that doesn't help, and none once it has."""
    house = House(tmp_path, days=40)
    house.tell(SignStationCertificate("asker", "first", CP, "csr"))
    house.tell(StationAuthenticated(CP, CERTIFICATE, None))
    house.runtime.run_for(5 * 86_400.0)
    assert house.calls() == []
    house.runtime.run_for(8 * 86_400.0)
    asked = house.calls()
    assert 2 <= len(asked) <= 5
    assert asked[0].payload == {"requestedMessage": "SignChargePointCertificate"}
    assert house.view.of(AlarmRaised) == []
    house.runtime.run_for(15 * 86_400.0)
    (raised,) = house.view.of(AlarmRaised)
    assert (raised.alarm.code, raised.alarm.source) == ("station_certificate", "CP-1")
    house.maker.days = 700
    house.tell(SignStationCertificate("asker", "second", CP, "csr"))
    house.runtime.run_for(86_400.0)
    assert "station_certificate" in {cleared.code for cleared in house.view.of(AlarmCleared)}
    assert house.renewed[-1] > datetime(2000, 1, 1, tzinfo=UTC)
    for close in house.closes:
        close()


def test_a_call_is_answered_with_what_the_station_said(house: House) -> None:
    """OC-7, TC_076: that there is none is no failure of a question."""
    for action, done in (("GetInstalledCertificateIds", True), ("DeleteCertificate", False)):
        house.tell(CallStation(action, CP, action, {}, "ann"))
        house.tell(CallRelayed(action, {"status": "NotFound"}))
        outcome = house.outcome(action)
        assert outcome is not None
        assert (outcome.done, outcome.payload) == (done, {"status": "NotFound"})
    house.tell(CallStation("gone", BoxIdentity("CP-9"), "GetLog", {}, "ann"))
    wait(house.runtime, lambda: house.outcome("gone") is not None)
