"""What the gateway decides without a socket: who may connect, with which key, and what it counts."""

import base64
import binascii
import hashlib
import hmac
from collections import OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Protocol
from urllib.parse import unquote, urlsplit

from evce.units import BoxIdentity, Monotonic, Seconds

__all__ = [
    "SUBPROTOCOL",
    "Credentials",
    "GatewayCounters",
    "GatewayTimings",
    "Lockout",
    "StationAccess",
    "StationLink",
    "hash_key",
    "identity_of",
    "key_fits",
    "offers_ocpp",
    "read_basic_auth",
]

SUBPROTOCOL: Final = "ocpp1.6"

_IDENTITY_LENGTH: Final = 255
_PREFIX: Final = "/ocpp/"

_SCRYPT_N, _SCRYPT_R, _SCRYPT_P = 2**13, 8, 1
"""8 MiB and about 15 ms: bearable for 300 stations that reconnect, costly enough for a guesser."""


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
    """A registered station. `key_hash` (see `hash_key`) asks for HTTP basic auth (OC-7).

    `accepted` False: it must send a BootNotification first, so that nothing is answered before its actor
    has agreed.
    """

    station: BoxIdentity
    key_hash: str | None = None
    accepted: bool = True


@dataclass(frozen=True, slots=True)
class GatewayTimings:
    """Seconds. A half-open socket is found within 15 s of silence; any frame proves life.

    A silent socket is pinged after `ping_after` and dropped after `silence`, looked at every `sweep`. An
    old socket of the same identity has `duplicate_pong` to answer. Handshakes take `handshake` at most.
    An actor whose inbox is full or that is being restarted is waited for, looking every `pause`, for
    `patience` at most. After one meter value the next of the station gather for `hold`: its zone hears of
    measurements twice a second at most.
    """

    silence: Seconds = 14.0
    ping_after: Seconds = 6.0
    sweep: Seconds = 1.0
    duplicate_pong: Seconds = 2.0
    duplicate_alarm: Seconds = 60.0
    handshake: Seconds = 10.0
    pause: Seconds = 0.02
    hold: Seconds = 0.25
    patience: Seconds = 5.0


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
    key: str


@dataclass(slots=True)
class Lockout:
    """After `limit` failures within `window` a source waits: guessing a key takes centuries."""

    limit: int = 6
    window: Seconds = 60.0
    sources: int = 1000
    _failures: OrderedDict[tuple[str, str], deque[Monotonic]] = field(default_factory=OrderedDict)

    def locked(self, identity: str, peer: str, now: Monotonic) -> bool:
        """Whether this peer must wait before it may try again for this identity."""
        failures = self._failures.get((identity, peer))
        return failures is not None and len(failures) == self.limit and now - failures[0] < self.window

    def failed(self, identity: str, peer: str, now: Monotonic) -> None:
        """Note a wrong key; the table is bounded, the source that was quiet for longest goes first."""
        failures = self._failures.setdefault((identity, peer), deque(maxlen=self.limit))
        failures.append(now)
        self._failures.move_to_end((identity, peer))
        while len(self._failures) > self.sources:
            self._failures.popitem(last=False)


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
    """Read an HTTP basic Authorization header (RFC 7617); None for anything else."""
    if header is None:
        return None
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, separator, key = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return Credentials(user, key) if separator else None


def hash_key(key: str, salt: bytes) -> str:
    """Hash an AuthorizationKey for the configuration; `salt` is 16 random bytes."""
    digest = hashlib.scrypt(key.encode(), salt=salt, n=_SCRYPT_N, r=_SCRYPT_R, p=_SCRYPT_P, dklen=32)
    return f"scrypt${salt.hex()}${digest.hex()}"


def key_fits(key: str, key_hash: str) -> bool:
    """Compare a key with its hash in constant time; False for a hash that can't be read."""
    try:
        _, salt, _ = key_hash.split("$")
        return hmac.compare_digest(hash_key(key, bytes.fromhex(salt)), key_hash)
    except ValueError:
        return False
