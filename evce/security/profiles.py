"""The security profiles of OCPP 1.6: what a connection offers, what a station needs, and who is let in."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

__all__ = ["Offer", "Refusal", "SecurityProfile", "judge", "profile_of"]


class SecurityProfile(IntEnum):
    """Security white paper §2; 0 is OCPP 1.6 as it was before."""

    NONE = 0
    BASIC_AUTH = 1
    TLS_BASIC_AUTH = 2
    CLIENT_CERTIFICATE = 3


@dataclass(frozen=True, slots=True)
class Offer:
    """What a connection brings. `key` is None without a password, else whether it is one of the station's.

    `certificate` is None without a client certificate (TLS has checked its chain), else whether it is this
    station's and stands.
    """

    tls: bool = False
    key: bool | None = None
    certificate: bool | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a connection is refused. `guess`: it counts as an attempt at somebody's key."""

    why: str
    status: int
    guess: bool = False


_UNAUTHORIZED: Final = 401
_FORBIDDEN: Final = 403


def profile_of(offer: Offer) -> SecurityProfile:
    """The profile that a connection has proven; TLS alone proves nothing about a station."""
    if offer.tls and offer.certificate:
        return SecurityProfile.CLIENT_CERTIFICATE
    if offer.key:
        return SecurityProfile.TLS_BASIC_AUTH if offer.tls else SecurityProfile.BASIC_AUTH
    return SecurityProfile.NONE


def judge(needed: SecurityProfile, offer: Offer, *, has_key: bool) -> Refusal | None:
    """Whether a station that needs `needed` may connect with what it offers; None lets it in.

    A wrong password or certificate is refused also where none is needed: an error of the station's that
    people should see, or an attempt. `has_key`: there is a key to compare with; without one a password is
    only refused where it is needed.
    """
    if offer.certificate is False:
        return Refusal("its certificate is another station's or was revoked", _FORBIDDEN)
    if offer.key is False and has_key and profile_of(offer) < SecurityProfile.CLIENT_CERTIFICATE:
        return Refusal("its password is wrong", _UNAUTHORIZED, guess=True)
    if profile_of(offer) >= needed:
        return None
    if needed is SecurityProfile.CLIENT_CERTIFICATE:
        if not offer.tls:
            return Refusal("it must connect by wss:// with its certificate", _FORBIDDEN)
        return Refusal("it must bring its certificate", _FORBIDDEN)
    if needed is SecurityProfile.TLS_BASIC_AUTH and not offer.tls:
        return Refusal("it must connect by wss://", _FORBIDDEN)
    if not has_key:
        return Refusal("it has no password yet: set one", _UNAUTHORIZED)
    return Refusal("its password is missing", _UNAUTHORIZED)
