"""The stations' door of the daemon: who may connect, with which certificates, and what TLS needs for it."""

import ssl
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from actors.gateway_access import AccessBook
from actors.gateway_certificates import CertificateStore, ServerFiles, own_hosts
from actors.security import SecurityEdges
from evce.configuration.document import SiteDocument
from evce.errors import EvceError
from evce.security.profiles import SecurityProfile
from evce.units import BoxIdentity

__all__ = ["StationDoor"]


class StationDoor:
    """Made once at the start, from the document in force; files are given from the data folder on.

    Without `ocpp.tls_port` nothing is made on the disk until a station asks for a certificate. Raises
    `EvceError` for files that can't be used.
    """

    def __init__(self, folder: Path, document: SiteDocument, now: datetime) -> None:
        self.book = AccessBook()
        self._document = document
        self._store = CertificateStore(folder, document.site.name)
        ocpp = document.ocpp
        self._hosts = own_hosts(ocpp.host, *ocpp.tls_names)
        self._own: ServerFiles | None = None
        if ocpp.tls_certificate_file is not None and ocpp.tls_key_file is not None:
            self._own = ServerFiles(folder / ocpp.tls_certificate_file, folder / ocpp.tls_key_file)
        self.secured: tuple[int, ssl.SSLContext] | None = None
        """The port for `wss://` with its TLS."""
        if ocpp.tls_port is not None:
            further = None if ocpp.tls_client_ca_file is None else folder / ocpp.tls_client_ca_file
            try:
                context = self._store.context(now, self._hosts, self._own, further)
            except (OSError, ValueError) as error:
                raise EvceError(f"the certificates toward the stations can't be used: {error}") from error
            self.secured = (ocpp.tls_port, context)

    def admit(self, document: SiteDocument) -> None:
        """Another revision is in force."""
        self._document = document
        self.book.configure(document)

    def certificate(self, now: datetime) -> tuple[Path, Path]:
        """The PEM files of certificate and key that EVCE shows the stations, made where there are none."""
        files = self._store.files(now, self._hosts, self._own)
        return files.certificate, files.key

    def edges(self, hang_up: Callable[[BoxIdentity, str], None]) -> SecurityEdges:
        """What the security actor needs of this door; `hang_up` ends a station's connection."""
        return SecurityEdges(
            door=self.book,
            authority=self._store,
            names=self._names,
            highest_profile=self._highest_profile,
            hang_up=hang_up,
            renew=self._renew,
        )

    def _names(self, station: BoxIdentity) -> tuple[str, ...]:
        access = self.book.known(station)
        return (station,) if access is None else access.names

    def _highest_profile(self) -> SecurityProfile:
        return SecurityProfile.BASIC_AUTH if self.secured is None else SecurityProfile.CLIENT_CERTIFICATE

    def _renew(self, now: datetime) -> None:
        """Put a certificate into use that was made or exchanged meanwhile, before the old one ends."""
        if self.secured is not None:
            _, context = self.secured
            self._store.load(context, now, self._hosts, self._own)
            self._store.trust(context, now)
