"""What the gateway decides without a socket: who may connect, with which key, and what it counts."""

import base64
import binascii
from collections import OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

from evce.security.keys import as_sent
from evce.security.profiles import SecurityProfile
from evce.units import BoxIdentity, Monotonic, Seconds

__all__ = [
    "SUBPROTOCOL",
    "Credentials",
    "GatewayCounters",
    "GatewayTimings",
    "Lockout",
    "StationAccess",
    "StationLink",
    "identity_of",
    "offers_ocpp",
    "read_basic_auth",
]

SUBPROTOCOL: Final = "ocpp1.6"

_IDENTITY_LENGTH: Final = 255
_PREFIX: Final = "/ocpp/"


class StationLink(Protocol):
    """The way out to the stations' sockets, as a station actor sees it. Thread-safe, never blocks."""

    def send(self, station: BoxIdentity, incarnation: int, text: str) -> None:
        """Put a frame on the socket of this incarnation; nothing happens when it is gone."""

    def disconnect(self, station: BoxIdentity, incarnation: int, code: int, reason: str) -> None:
        """Close the socket of this incarnation."""

    def announce(self, station: BoxIdentity) -> None:
        """Send `LinkOpened` once more if the station is connected: a new actor asks for its link."""


@dataclass(frozen=True, slots=True)
class StationAccess:
    """A registered station, and how it gets in (OC-7).

    `keys` are hashes of the passwords that open, `needed` the least profile: what the site asks for, or what
    the station has reached, the higher one. A client certificate must name one of `names` and not be
    among `revoked` (serial numbers). `ready` False: keys and certificates aren't known yet, so that a station
    that needs them has to wait. `accepted` False: it must send a BootNotification first, so that nothing is
    answered before its actor has agreed.
    """

    station: BoxIdentity
    keys: tuple[str, ...] = ()
    needed: SecurityProfile = SecurityProfile.NONE
    reached: SecurityProfile = SecurityProfile.NONE
    names: tuple[str, ...] = ()
    revoked: frozenset[str] = frozenset()
    ready: bool = True
    accepted: bool = True


@dataclass(frozen=True, slots=True)
class GatewayTimings:
    """Seconds. A half-open socket is found within 15 s of silence; any frame proves life.

    A silent socket is pinged after `ping_after` and dropped after `silence`, looked at every `sweep`. An
    old socket of the same identity has `duplicate_pong` to answer. Handshakes take `handshake` at most.
    Alarms about refused devices stand for `duplicate_alarm` and `refused_alarm` after the last attempt.
    An actor whose inbox is full or that is being restarted is waited for, looking every `pause`, for
    `patience` at most. After one meter value the next of the station gather for `hold`: its zone hears of
    measurements twice a second at most. A station that isn't registered has `stranger` to introduce itself,
    is asked to after `introduction`, and then refused before the upgrade for `revisit`.
    """

    silence: Seconds = 14.0
    ping_after: Seconds = 6.0
    sweep: Seconds = 1.0
    duplicate_pong: Seconds = 2.0
    duplicate_alarm: Seconds = 60.0
    refused_alarm: Seconds = 300.0
    handshake: Seconds = 10.0
    pause: Seconds = 0.02
    hold: Seconds = 0.25
    patience: Seconds = 5.0
    stranger: Seconds = 15.0
    introduction: Seconds = 3.0
    revisit: Seconds = 300.0


@dataclass(slots=True)
class GatewayCounters:
    """Counted since the start. `accepted` are valid frames, `handled` those that an actor's inbox took."""

    connections: int = 0
    accepted: int = 0
    handled: int = 0
    malformed: int = 0
    violations: int = 0
    refused_connections: int = 0


@dataclass(frozen=True, slots=True)
class Credentials:
    """What came in an Authorization header."""

    user: str
    key: bytes = field(repr=False)


@dataclass(slots=True)
class Lockout:
    """After `limit` failures within `window` a source waits: guessing a key takes centuries.

    A source is an address with the identity that it claims, so that nobody can lock a station out from
    another address; and an address by itself, with `many` failures, so that it can't try all identities.
    """

    limit: int = 6
    many: int = 30
    window: Seconds = 60.0
    sources: int = 1000
    _failures: OrderedDict[tuple[str, str], deque[Monotonic]] = field(default_factory=OrderedDict)

    def locked(self, identity: str, peer: str, now: Monotonic) -> bool:
        """Whether this peer must wait before it may try again for this identity."""
        return self._full((identity, peer), self.limit, now) or self._full(("", peer), self.many, now)

    def failed(self, identity: str, peer: str, now: Monotonic) -> None:
        """Note a wrong key; the table is bounded, the source that was quiet for longest goes first."""
        for source, limit in (((identity, peer), self.limit), (("", peer), self.many)):
            failures = self._failures.setdefault(source, deque(maxlen=limit))
            failures.append(now)
            self._failures.move_to_end(source)
        while len(self._failures) > self.sources:
            self._failures.popitem(last=False)

    def _full(self, source: tuple[str, str], limit: int, now: Monotonic) -> bool:
        failures = self._failures.get(source)
        return failures is not None and len(failures) == limit and now - failures[0] < self.window


def identity_of(target: str) -> BoxIdentity | None:
    """The box identity in a request target `/ocpp/<identity>`; None for any other path."""
    path = urlsplit(target).path
    if not path.startswith(_PREFIX):
        return None
    identity = unquote(path.removeprefix(_PREFIX).rstrip("/"))
    if not identity or len(identity) > _IDENTITY_LENGTH or "/" in identity or not identity.isprintable():
        return None
    return BoxIdentity(identity)


def offers_ocpp(headers: Iterable[str]) -> bool:
    """Whether one of the Sec-WebSocket-Protocol headers offers OCPP 1.6."""
    return any(offer.strip() == SUBPROTOCOL for header in headers for offer in header.split(","))


def read_basic_auth(header: str | None) -> Credentials | None:
    """Read an HTTP basic Authorization header (RFC 7617), whose key may be any bytes; None for others."""
    if header is None:
        return None
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, separator, key = base64.b64decode(encoded.strip(), validate=True).partition(b":")
        return Credentials(user.decode(), as_sent(key)) if separator else None
    except (binascii.Error, UnicodeDecodeError):
        return None
