"""The security actor: keeps the stations' keys, profiles and certificates, and has stations change them."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final, Protocol

from actors.messages import (
    AlarmCleared,
    AlarmRaised,
    CallRelayed,
    CallStation,
    ChangeStationKey,
    ChangeStationProfile,
    FindStationSecurity,
    ForgetStationSecurity,
    GetSecurityOutcome,
    GetStationSecurity,
    KeepCertificate,
    KeepStationSecurity,
    Message,
    Question,
    RecordEvent,
    RelayCall,
    RelayFailed,
    RevokeCertificate,
    SecurityOutcome,
    SecuritySeen,
    SignStationCertificate,
    StationAuthenticated,
    StationCertificateSigned,
    StationSecurityFound,
    StationSecurityKept,
)
from actors.station import SECURITY, station_name
from actors.supervised import LONGEST_PAUSE_S, Context, Supervised
from evce.security.calls import authorization_key, extended_trigger, security_profile
from evce.security.profiles import SecurityProfile
from evce.security.standing import MOST_KEYS, CertificateRecord, StationSecurity
from evce.station_control.uplink import NOT_CONNECTED
from evce.units import BoxIdentity
from evce.views import AlarmView

__all__ = ["CertificateMaker", "Doorkeeper", "SecurityActor", "SecurityEdges"]

_RECORDER: Final = "recorder"
_ACCEPTED: Final = ("Accepted", "RebootRequired")

_FINE: Final = (("GetInstalledCertificateIds", "NotFound"),)
"""Answers that are no failure: there is none."""

_ASK_AGAIN: Final = 2.0
"""Seconds until the recorder is asked again when it gave no answer."""

_LOOK_EVERY: Final = 6 * 3600.0
"""Seconds between two looks at what expires."""

_RENEWED_BEFORE: Final = timedelta(days=30)
"""A station is asked to renew its certificate from then on, every day."""

_ALARMED_BEFORE: Final = timedelta(days=14)

_MOST_AN_HOUR: Final = 6
"""Certificates for one station: one that asks again and again fills no disk."""

_NOBODY: Final = "the station is not known, or being restarted"

_OUTCOMES_KEPT: Final = 200


class Doorkeeper(Protocol):
    """Who lets stations in (`actors.gateway_access`). Thread-safe, never blocks."""

    def learn(self, stations: Iterable[StationSecurity], certificates: Iterable[CertificateRecord]) -> None:
        """All that is known of keys, profiles and certificates."""


class CertificateMaker(Protocol):
    """The certificate authority. Reads and writes files, and takes a second when it makes its first key."""

    def sign(
        self, csr: str, station: BoxIdentity, names: Iterable[str], now: datetime
    ) -> tuple[str, CertificateRecord]:
        """A certificate, PEM, and its record. Raises `ValueError` or `OSError` in words."""


@dataclass(frozen=True, slots=True)
class SecurityEdges:
    """The ways out of this actor.

    `names` are those that a station's certificate may carry, `highest_profile` is what the open ports allow,
    `hang_up` ends a station's connection, with a reason, and `renew` looks after EVCE's own certificate.
    """

    door: Doorkeeper
    authority: CertificateMaker
    names: Callable[[BoxIdentity], tuple[str, ...]]
    highest_profile: Callable[[], SecurityProfile]
    hang_up: Callable[[BoxIdentity, str], None]
    renew: Callable[[datetime], None] = lambda _: None


@dataclass(frozen=True, slots=True)
class _Look(Message):
    """Time to see what expires."""


@dataclass(frozen=True, slots=True)
class _AskAgain(Message):
    """The recorder gave no answer."""


@dataclass(frozen=True, slots=True)
class _Pending:
    """What somebody waits for; `then` is done with the answer to its key."""

    station: BoxIdentity
    author: str
    what: str
    key_hash: str = ""
    call: RelayCall | None = None
    """To be sent once what precedes it is on the disk."""


class SecurityActor(Supervised):
    """Runs on its own thread. After a failure its successor reads everything from the disk again.

    A key is on the disk before the station is told of it, and the older one opens until the station has come
    with the new one: a kill in between loses nothing.
    """

    longest_pause_s: ClassVar[float] = LONGEST_PAUSE_S
    """Without it nobody new gets in, and nobody who is in is put out."""

    def __init__(self, context: Context, edges: SecurityEdges) -> None:
        super().__init__(context)
        self._edges = edges
        self._known: dict[BoxIdentity, StationSecurity] = {}
        self._certificates: dict[str, CertificateRecord] = {}
        self._learnt = False
        self._pending: dict[str, _Pending] = {}
        self._outcomes: OrderedDict[str, SecurityOutcome] = OrderedDict()
        self._alarms: dict[BoxIdentity, str] = {}
        self._asked_to_renew: dict[BoxIdentity, datetime] = {}

    def on_begin(self) -> None:
        """Runs before the first message: what is on the disk?"""
        self._ask()
        self.after(_LOOK_EVERY, _Look(), "look")

    def on_message(self, message: Message) -> None:
        match message:
            case StationSecurityFound(stations, certificates):
                self._found(stations, certificates)
            case StationAuthenticated(station, profile, key):
                self._came(station, profile, key)
            case SignStationCertificate():
                self._sign(message)
            case ChangeStationKey():
                self._change_key(message)
            case ChangeStationProfile():
                self._change_profile(message)
            case ForgetStationSecurity(request, station, requested_by):
                self._audit(station, requested_by, "keys and profile forgotten: it may come without any")
                self._keep(StationSecurity(station, changed_at=self.utc_now()), "")
                self._settle(request, SecurityOutcome(True, f"{station} may come as the configuration says"))
            case RevokeCertificate(request, serial, requested_by):
                self._revoke(request, serial.upper(), requested_by)
            case CallStation(request, station, action, payload, requested_by):
                self._call(request, _Pending(station, requested_by, action), action, payload)
            case StationSecurityKept(request):
                self._kept(request)
            case CallRelayed(request, payload):
                self._answered(request, payload)
            case RelayFailed(request, _, description):
                self._failed(request, description)
            case _Look():
                self._look()
            case _AskAgain() if not self._learnt:
                self._ask()
            case _AskAgain():
                pass
            case _:
                super().on_message(message)

    def on_question(self, question: Question) -> object:
        match question:
            case GetSecurityOutcome(request):
                return self._outcomes.get(request)
            case GetStationSecurity():
                return SecuritySeen(tuple(self._known.values()), tuple(self._certificates.values()))
        return super().on_question(question)

    # What is known.

    def _ask(self) -> None:
        self.send(_RECORDER, FindStationSecurity(self.name))
        self.after(_ASK_AGAIN, _AskAgain(), "ask")

    def _found(
        self, stations: tuple[StationSecurity, ...], certificates: tuple[CertificateRecord, ...]
    ) -> None:
        if self._learnt:
            return  # a second answer is older than what happened since
        self._known = {known.station: known for known in stations}
        self._certificates = {known.serial: known for known in certificates}
        self._learnt = True
        self._tell_door()
        self._look()

    def _of(self, station: BoxIdentity) -> StationSecurity:
        return self._known.get(station, StationSecurity(station))

    def _keep(self, record: StationSecurity, request: str) -> None:
        """In force at once, except for a key that nobody was told of; durable when `request` is answered."""
        self._known[record.station] = record
        self._tell_door()
        self.send(_RECORDER, KeepStationSecurity(self.name, request, record))

    def _tell_door(self) -> None:
        self._edges.door.learn(self._known.values(), self._certificates.values())

    def _came(self, station: BoxIdentity, profile: SecurityProfile, key: str | None) -> None:
        before = self._of(station)
        after = before.came_with(key, profile, self.utc_now())
        if after == before or not self._learnt:
            return
        if after.keys != before.keys:
            self._log(station, "it came with its new password: the old one is closed")
        if after.reached != before.reached:
            self._log(
                station, f"security profile {after.reached} reached: it doesn't get in with a lower one"
            )
        self._keep(after, "")

    # What people ask for.

    def _change_key(self, order: ChangeStationKey) -> None:
        station, now, known = order.station, self.utc_now(), self._of(order.station)
        if not self._learnt:
            self._refuse(order.request, "the database is not read yet; try again")
            return
        pending = _Pending(station, order.requested_by, "password", order.key_hash)
        if not order.send:
            self._pending[order.request] = pending
            self._keep(replace(known, keys=(order.key_hash,), changed_at=now), order.request)
            return
        if known.full:
            self._refuse(
                order.request,
                f"{MOST_KEYS} passwords open for {station} already, since it came with none of the newer "
                "ones: have it reconnect, or set the one that it has",
            )
            return
        call = self._relay(
            order.request, order.requested_by, "ChangeConfiguration", authorization_key(order.key)
        )
        self._pending[order.request] = replace(pending, call=call)
        self._keep(known.with_candidate(order.key_hash, now), order.request)

    def _change_profile(self, order: ChangeStationProfile) -> None:
        station, known, wanted = order.station, self._of(order.station), order.profile
        now = self.utc_now()
        if wanted <= known.reached:
            fault = f"{station} has reached profile {int(known.reached)}; OCPP knows no way down"
        elif wanted > self._edges.highest_profile():
            fault = "there is no port for wss:// (ocpp.tls_port)"
        elif wanted < SecurityProfile.CLIENT_CERTIFICATE and not known.keys:
            fault = f"{station} has no password yet: change it first"
        elif wanted is SecurityProfile.CLIENT_CERTIFICATE and not any(
            c.station == station and c.stands(now) for c in self._certificates.values()
        ):
            fault = f"{station} has no certificate yet: have it ask for one first"
        else:
            pending = _Pending(station, order.requested_by, "profile")
            self._call(order.request, pending, "ChangeConfiguration", security_profile(wanted))
            return
        self._refuse(order.request, fault)

    def _call(self, request: str, pending: _Pending, action: str, payload: Mapping[str, Any]) -> None:
        self._pending[request] = pending
        call = self._relay(request, pending.author, action, payload)
        if not self.send(station_name(pending.station), call):
            self._failed(request, _NOBODY)

    def _relay(self, request: str, author: str, action: str, payload: Mapping[str, Any]) -> RelayCall:
        return RelayCall(self.name, request, action, payload, author)

    def _kept(self, request: str) -> None:
        """What had to be on the disk first is there."""
        pending = self._pending.get(request)
        if pending is None:
            return
        if pending.call is None:
            del self._pending[request]
            self._audit(pending.station, pending.author, "password set")
            self._settle(
                request, SecurityOutcome(True, f"{pending.station} gets in with this password alone")
            )
        elif not self.send(station_name(pending.station), pending.call):
            self._failed(request, _NOBODY)

    def _answered(self, request: str, payload: Mapping[str, Any]) -> None:
        pending = self._pending.pop(request, None)
        if pending is None:
            return
        status = str(payload.get("status", "answered"))
        done = status in _ACCEPTED
        text = f"{pending.station}: {pending.what} {status}"
        if pending.what == "password" and done:
            text = f"{pending.station} took the new password; the old one opens until it has come with it"
        elif pending.what == "password":
            self._keep(self._of(pending.station).without(pending.key_hash, self.utc_now()), "")
            text = f"{pending.station} didn't take the new password ({status}); the old one stays"
        elif pending.what == "profile" and done:
            text = f"{pending.station} changes its profile; it is kept once it has come with it"
        fine = done or (pending.what, status) in _FINE
        self._settle(request, SecurityOutcome(fine, text, payload))

    def _failed(self, request: str, description: str) -> None:
        """A new key stays among those that open, unless the station certainly never heard of it."""
        pending = self._pending.pop(request, None)
        if pending is None:
            return
        text = f"{pending.station}: {pending.what} not confirmed: {description}"
        if pending.what == "password" and description in (NOT_CONNECTED, _NOBODY):
            self._keep(self._of(pending.station).without(pending.key_hash, self.utc_now()), "")
        elif pending.what == "password":
            text += "; both passwords open until the station comes with one"
        self._log(pending.station, text)
        self._settle(request, SecurityOutcome(False, text))

    def _refuse(self, request: str, why: str) -> None:
        self._settle(request, SecurityOutcome(False, why))

    def _settle(self, request: str, outcome: SecurityOutcome) -> None:
        self._outcomes[request] = outcome
        while len(self._outcomes) > _OUTCOMES_KEPT:
            self._outcomes.popitem(last=False)

    # Certificates.

    def _sign(self, asked: SignStationCertificate) -> None:
        station, now = asked.station, self.utc_now()
        lately = [
            c
            for c in self._certificates.values()
            if c.station == station and abs(now - c.issued_at) < timedelta(hours=1)
        ]
        try:
            if not self._learnt:
                raise ValueError("the database is not read yet")
            if len(lately) >= _MOST_AN_HOUR:
                raise ValueError(f"{_MOST_AN_HOUR} certificates were made for it within an hour")
            chain, record = self._edges.authority.sign(asked.csr, station, self._edges.names(station), now)
        except (OSError, ValueError) as error:
            self.send(asked.reply_to, StationCertificateSigned(asked.request, None, str(error)))
            return
        self._certificates[record.serial] = record
        self._asked_to_renew.pop(station, None)
        self.send(_RECORDER, KeepCertificate(self.name, "", record))
        self._log(station, f"certificate {record.serial} made, good until {record.expires_at:%Y-%m-%d}")
        self.send(asked.reply_to, StationCertificateSigned(asked.request, chain))

    def _revoke(self, request: str, serial: str, author: str) -> None:
        known = self._certificates.get(serial)
        if known is None:
            self._refuse(request, f"serial={serial!r}: no certificate of this authority has it")
            return
        record = replace(known, revoked_at=known.revoked_at or self.utc_now())
        self._certificates[serial] = record
        self._tell_door()
        self.send(_RECORDER, KeepCertificate(self.name, "", record))
        self._audit(known.station, author, f"certificate {serial} revoked")
        if self._of(known.station).reached is SecurityProfile.CLIENT_CERTIFICATE:
            self._edges.hang_up(known.station, "its certificate may have been revoked")
        self._settle(request, SecurityOutcome(True, f"{known.station} doesn't get in with {serial} any more"))

    def _look(self) -> None:
        """Have what expires renewed, and tell where that doesn't help."""
        self.after(_LOOK_EVERY, _Look(), "look")
        now = self.utc_now()
        try:
            self._edges.renew(now)
        except (OSError, ValueError) as error:
            self._log(
                BoxIdentity("EVCE"), f"the certificate toward the stations could not be renewed: {error}"
            )
        newest: dict[BoxIdentity, CertificateRecord] = {}
        for record in self._certificates.values():
            best = newest.get(record.station)
            if record.revoked_at is None and (best is None or record.expires_at > best.expires_at):
                newest[record.station] = record
        for station, record in newest.items():
            left = record.expires_at - now
            if self._of(station).reached is SecurityProfile.CLIENT_CERTIFICATE and left < _RENEWED_BEFORE:
                self._renew(station, now)
            self._warn(station, record, left < _ALARMED_BEFORE)

    def _renew(self, station: BoxIdentity, now: datetime) -> None:
        asked_at = self._asked_to_renew.get(station)
        if asked_at is not None and now - asked_at < timedelta(days=1):
            return
        self._asked_to_renew[station] = now
        payload = extended_trigger("SignChargePointCertificate")
        request = f"renew {station} {now.isoformat()}"
        self._call(request, _Pending(station, "EVCE", "renewal"), "ExtendedTriggerMessage", payload)

    def _warn(self, station: BoxIdentity, record: CertificateRecord, soon: bool) -> None:
        reached = self._of(station).reached is SecurityProfile.CLIENT_CERTIFICATE
        stands = station in self._alarms
        if soon and reached and not stands:
            self._alarms[station] = record.serial
            alarm = AlarmView(
                "station_certificate",
                station,
                f"the certificate of {station} ends on {record.expires_at:%Y-%m-%d} and was not renewed",
                "Have the station ask for another one; without it, it can't connect any more.",
                "warning",
                self.utc_now(),
            )
            self.send("view", AlarmRaised(alarm))
        elif stands and not (soon and reached):
            del self._alarms[station]
            self.send("view", AlarmCleared("station_certificate", station, self.utc_now()))

    # The log.

    def _log(self, station: BoxIdentity, text: str) -> None:
        self.send(_RECORDER, RecordEvent(self.utc_now(), station, SECURITY, text))

    def _audit(self, station: BoxIdentity, author: str, text: str) -> None:
        self.send(_RECORDER, RecordEvent(self.utc_now(), station, "audit", text, author))
