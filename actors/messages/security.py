"""Messages about the stations' security: who came how, keys, certificates, and what people change of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from actors.messages.base import Message, Question
from evce.security.profiles import SecurityProfile
from evce.security.standing import CertificateRecord, StationSecurity
from evce.units import BoxIdentity

__all__ = [
    "CallStation",
    "ChangeStationKey",
    "ChangeStationProfile",
    "FindStationSecurity",
    "ForgetStationSecurity",
    "GetSecurityOutcome",
    "GetStationSecurity",
    "KeepCertificate",
    "KeepStationSecurity",
    "RevokeCertificate",
    "SecurityOutcome",
    "SecuritySeen",
    "SignStationCertificate",
    "StationAuthenticated",
    "StationCertificateSigned",
    "StationSecurityFound",
    "StationSecurityKept",
]


@dataclass(frozen=True, slots=True)
class StationAuthenticated(Message):
    """A station came with a key (its hash) or a profile that is news; told by the gateway."""

    station: BoxIdentity
    profile: SecurityProfile
    key: str | None = field(repr=False)


# Certificates.


@dataclass(frozen=True, slots=True)
class SignStationCertificate(Message):
    """A station's SignCertificate. Answer: `StationCertificateSigned`."""

    reply_to: str
    request: str
    station: BoxIdentity
    csr: str


@dataclass(frozen=True, slots=True)
class StationCertificateSigned(Message):
    """`chain` is PEM; None: not signed, `reason` says why."""

    request: str
    chain: str | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RevokeCertificate(Message):
    """A station doesn't get in with this certificate any more. Outcome: `GetSecurityOutcome`."""

    request: str
    serial: str
    requested_by: str


# What people have done; how it went is told by `GetSecurityOutcome(request)`.


@dataclass(frozen=True, slots=True)
class ChangeStationKey(Message):
    """A new key for a station: sent to it, or (`send` False) the one that it has already."""

    request: str
    station: BoxIdentity
    key: bytes = field(repr=False)
    key_hash: str = field(repr=False)
    send: bool
    requested_by: str


@dataclass(frozen=True, slots=True)
class ChangeStationProfile(Message):
    """Have a station change to a higher security profile."""

    request: str
    station: BoxIdentity
    profile: SecurityProfile
    requested_by: str


@dataclass(frozen=True, slots=True)
class ForgetStationSecurity(Message):
    """Forget keys and the profile reached: the only way down."""

    request: str
    station: BoxIdentity
    requested_by: str


@dataclass(frozen=True, slots=True)
class CallStation(Message):
    """A CALL of the security white paper whose answer somebody waits for."""

    request: str
    station: BoxIdentity
    action: str
    payload: Mapping[str, Any]
    requested_by: str


@dataclass(frozen=True, slots=True)
class SecurityOutcome:
    """How something went: `text` for people, `payload` is the station's answer where it gave one."""

    done: bool
    text: str
    payload: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class GetSecurityOutcome(Question):
    """Answer: `SecurityOutcome | None`, None while it isn't known."""

    request: str


@dataclass(frozen=True, slots=True)
class SecuritySeen:
    """What is known of all stations."""

    stations: tuple[StationSecurity, ...]
    certificates: tuple[CertificateRecord, ...]


@dataclass(frozen=True, slots=True)
class GetStationSecurity(Question):
    """Answer: `SecuritySeen`."""


# The recorder.


@dataclass(frozen=True, slots=True)
class FindStationSecurity(Message):
    """Answer: `StationSecurityFound`."""

    reply_to: str


@dataclass(frozen=True, slots=True)
class StationSecurityFound(Message):
    stations: tuple[StationSecurity, ...]
    certificates: tuple[CertificateRecord, ...]


@dataclass(frozen=True, slots=True)
class KeepStationSecurity(Message):
    """Answered once it is on the disk by `StationSecurityKept`, where `request` isn't empty."""

    reply_to: str
    request: str
    record: StationSecurity = field(repr=False)


@dataclass(frozen=True, slots=True)
class StationSecurityKept(Message):
    request: str


@dataclass(frozen=True, slots=True)
class KeepCertificate(Message):
    """Answered as `KeepStationSecurity`."""

    reply_to: str
    request: str
    record: CertificateRecord
