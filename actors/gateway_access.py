"""Who may connect: the registered stations with keys, profiles and certificates, for the gateway's thread."""

import threading
from collections.abc import Iterable

from actors.gateway_protocol import StationAccess
from evce.configuration.document import SiteDocument
from evce.security.profiles import SecurityProfile
from evce.security.standing import CertificateRecord, StationSecurity
from evce.units import BoxIdentity

__all__ = ["AccessBook"]


class AccessBook:
    """Written by the actors that know of sites and keys, read by the gateway; safe from any thread.

    Until `learn` was called, no key is known: stations that need one have to wait.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._document: SiteDocument | None = None
        self._security: dict[BoxIdentity, StationSecurity] = {}
        self._revoked: frozenset[str] = frozenset()
        self._learnt = False
        self._known: dict[BoxIdentity, StationAccess] = {}

    @property
    def learnt(self) -> bool:
        """Whether keys and certificates are known."""
        return self._learnt

    @property
    def stations(self) -> tuple[BoxIdentity, ...]:
        """Everybody who is registered."""
        return tuple(self._known)

    def known(self, station: BoxIdentity) -> StationAccess | None:
        """How a station gets in; None for one that isn't registered."""
        return self._known.get(station)

    def configure(self, document: SiteDocument) -> None:
        """Another revision is in force."""
        with self._lock:
            self._document = document
            self._work_out()

    def learn(self, stations: Iterable[StationSecurity], certificates: Iterable[CertificateRecord]) -> None:
        """What is known of keys, profiles and certificates, all of it."""
        with self._lock:
            self._security = {known.station: known for known in stations}
            self._revoked = frozenset(c.serial for c in certificates if c.revoked_at is not None)
            self._learnt = True
            self._work_out()

    def _work_out(self) -> None:
        """A whole new picture each time, so that a reader never sees half of a change."""
        document = self._document
        if document is None:
            return
        known = {}
        for settings in document.stations:
            station = BoxIdentity(settings.box_identity)
            security = self._security.get(station, StationSecurity(station))
            asked = SecurityProfile(max(document.ocpp.security_profile, settings.security_profile))
            names = (station, settings.serial_number)
            known[station] = StationAccess(
                station,
                keys=security.keys,
                needed=max(asked, security.reached),
                reached=security.reached,
                names=tuple(name for name in names if name),
                revoked=self._revoked,
                ready=self._learnt,
            )
        self._known = known
