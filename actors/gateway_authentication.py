"""Whether a connection is the station that it claims to be: password or certificate against what is known."""

import asyncio
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request

from actors.gateway_alarms import PassingAlarms
from actors.gateway_protocol import Credentials, GatewayTimings, Lockout, StationAccess, read_basic_auth
from actors.messages import Message, RecordEvent, StationAuthenticated
from actors.runtime.clock import Clock
from evce.security.keys import key_fits
from evce.security.profiles import Offer, Refusal, judge, profile_of
from evce.units import BoxIdentity, Monotonic, Seconds

__all__ = ["Authentication"]

_LOG_EVERY: Final[Seconds] = 60.0
"""Seconds between two log lines about one station's same refusal: stations knock every few seconds."""

_LOCKED: Final = Refusal("too many wrong passwords from its address: it must wait a minute", 429)
_NOT_READY: Final = Refusal("passwords and certificates aren't known yet", 503)


@dataclass(frozen=True, slots=True)
class _Found:
    """What a connection offers, and the hash of the key that fitted."""

    offer: Offer
    key: str | None = None


class Authentication:
    """Runs on the gateway's loop; hashing happens on other threads."""

    def __init__(self, tell: Callable[[str, Message], bool], clock: Clock, timings: GatewayTimings) -> None:
        self._tell = tell
        self._clock = clock
        self._lockout = Lockout()
        self._logged: dict[BoxIdentity, tuple[str, Monotonic]] = {}
        self._alarms = PassingAlarms(
            "station_refused",
            "Set the station's password or profile; an unknown device may be trying to get in.",
            timings.refused_alarm,
            tell,
            clock,
        )

    async def check(
        self, connection: ServerConnection, request: Request, access: StationAccess, peer: str
    ) -> Refusal | None:
        """None lets it in."""
        refusal, found = await self._decide(connection, request, access, peer)
        if refusal is None:
            self._admitted(access, found)
            return None
        if refusal.guess:
            self._lockout.failed(access.station, peer, self._clock.monotonic())
        if refusal is not _NOT_READY:
            self._note(access.station, peer, refusal.why)
        return refusal

    async def _decide(
        self, connection: ServerConnection, request: Request, access: StationAccess, peer: str
    ) -> tuple[Refusal | None, _Found]:
        credentials = read_basic_auth(request.headers.get("Authorization"))
        if not access.ready and access.needed:
            return _NOT_READY, _Found(Offer())
        if credentials is not None and self._lockout.locked(access.station, peer, self._clock.monotonic()):
            return _LOCKED, _Found(Offer())
        found = await self._found(connection, credentials, access)
        return judge(access.needed, found.offer, has_key=bool(access.keys)), found

    async def _found(
        self, connection: ServerConnection, credentials: Credentials | None, access: StationAccess
    ) -> _Found:
        secured: ssl.SSLObject | None = connection.transport.get_extra_info("ssl_object")
        certificate = None if secured is None else _certificate_fits(secured.getpeercert(), access)
        if credentials is None:
            return _Found(Offer(secured is not None, None, certificate))
        fitting = None
        if credentials.user == access.station and access.keys:
            loop = asyncio.get_running_loop()
            fitting = await loop.run_in_executor(None, _fitting, credentials.key, access.keys)
        return _Found(Offer(secured is not None, fitting is not None, certificate), fitting)

    def _admitted(self, access: StationAccess, found: _Found) -> None:
        """Tell what is news: a profile higher than ever, or another key than the last time."""
        self._alarms.cease(access.station)
        self._logged.pop(access.station, None)
        profile = profile_of(found.offer)
        other_key = found.key is not None and found.key != access.keys[0]
        if profile > access.reached or other_key:
            self._tell("security", StationAuthenticated(access.station, profile, found.key))

    def _note(self, station: BoxIdentity, peer: str, why: str) -> None:
        self._alarms.rise(station, f"a device that calls itself {station} (from {peer}) was refused: {why}")
        now = self._clock.monotonic()
        known = self._logged.get(station)
        if known is None or known[0] != why or now - known[1] >= _LOG_EVERY:
            self._logged[station] = (why, now)
            text = f"connection from {peer} refused: {why}"
            self._tell("recorder", RecordEvent(self._clock.utc_now(), station, "security", text))


def _fitting(key: bytes, hashes: tuple[str, ...]) -> str | None:
    """The hash that this key has, the newest first: a station that has a new one sends it."""
    return next((known for known in reversed(hashes) if key_fits(key, known)), None)


def _certificate_fits(certificate: Mapping[str, Any] | None, access: StationAccess) -> bool | None:
    """Whether a certificate, whose chain and time TLS has checked, is the station's; None without one."""
    if not certificate:
        return None
    names = [value for part in certificate.get("subject", ()) for name, value in part if name == "commonName"]
    serial = str(certificate.get("serialNumber", "")).upper()
    return len(names) == 1 and names[0] in access.names and serial not in access.revoked
