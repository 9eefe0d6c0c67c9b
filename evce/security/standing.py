"""What EVCE keeps of a station's security: the keys that open, the highest profile seen, its certificates."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from evce.security.profiles import SecurityProfile
from evce.units import BoxIdentity

__all__ = ["MOST_KEYS", "CertificateRecord", "StationSecurity"]

MOST_KEYS: Final = 4
"""Keys that open at a time: the one in use, and those of changes whose outcome nobody knows."""


@dataclass(frozen=True, slots=True)
class StationSecurity:
    """One station. `keys` are hashes, oldest first: the first is the one that it last came with.

    A key that was sent is added before it is sent, and whatever is older goes once the station has come with
    it: whichever of the two sides is killed in between, the station's key is among them. `reached` is the
    highest profile that it has ever connected with, below which it doesn't get in again.
    """

    station: BoxIdentity
    keys: tuple[str, ...] = ()
    reached: SecurityProfile = SecurityProfile.NONE
    changed_at: datetime | None = None

    @property
    def full(self) -> bool:
        """No further key may be tried before the station has come with one of these."""
        return len(self.keys) >= MOST_KEYS

    def with_candidate(self, key_hash: str, now: datetime) -> "StationSecurity":
        """A key that the station may soon have."""
        return replace(self, keys=(*self.keys, key_hash), changed_at=now)

    def without(self, key_hash: str, now: datetime) -> "StationSecurity":
        """The station has refused this key."""
        return replace(self, keys=tuple(k for k in self.keys if k != key_hash), changed_at=now)

    def came_with(self, key_hash: str | None, profile: SecurityProfile, now: datetime) -> "StationSecurity":
        """The station connected with this key (None: without one): older ones close.

        Newer ones stay: it may have taken one and use it only after its next restart.
        """
        keys = self.keys
        if key_hash in keys:
            keys = keys[keys.index(key_hash) :]
        reached = max(self.reached, profile)
        if (keys, reached) == (self.keys, self.reached):
            return self
        return replace(self, keys=keys, reached=reached, changed_at=now)


@dataclass(frozen=True, slots=True)
class CertificateRecord:
    """A certificate that EVCE's authority made for a station; `serial` is in upper-case hexadecimal."""

    serial: str
    station: BoxIdentity
    issued_at: datetime
    expires_at: datetime
    fingerprint: str
    revoked_at: datetime | None = None

    def stands(self, now: datetime) -> bool:
        """Whether a station may come with it."""
        return self.revoked_at is None and now < self.expires_at
