"""The servers of stations' files: HTTP always, FTP and FTPS while a station of the document uses them."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from evce.configuration.choices import FileTransfer
from evce.configuration.document import SiteDocument
from evce.errors import EvceError
from evce.units import BoxIdentity
from web.file_exchange import FileExchange
from web.server import WebServer, WebServerError
from web.station_files import StationFiles
from web.station_ftp import FtpAddress, FtpDoorkeeper, StationFtp

__all__ = ["FileDoor"]

logger = logging.getLogger(__name__)

_BY_FTP = (FileTransfer.FTP, FileTransfer.FTPS)


@dataclass(frozen=True, slots=True)
class _Open:
    """A server of FTP that runs, and what it was asked to be."""

    address: FtpAddress
    server: StationFtp


class FileDoor:
    """Without it the site charges all the same: a server that can't be started is told, and tried again.

    `certificate` gives the PEM files for FTPS, made where need be. `any_port` takes free ports in place of
    the document's.
    """

    def __init__(
        self,
        exchange: FileExchange,
        doorkeeper: FtpDoorkeeper,
        host: str,
        certificate: Callable[[], tuple[Path, Path]],
        *,
        any_port: bool = False,
    ) -> None:
        self._exchange = exchange
        self._doorkeeper = doorkeeper
        self._host = host
        self._certificate = certificate
        self._any_port = any_port
        self._document: SiteDocument | None = None
        self._http: WebServer | None = None
        self._ftp: dict[FileTransfer, _Open] = {}
        self._lock = threading.Lock()
        self._following: threading.Thread | None = None

    def start(self, document: SiteDocument) -> None:
        """Open what the document asks for."""
        wanted = 0 if self._any_port else document.ocpp.files_port
        server = WebServer(StationFiles(self._exchange), self._host, wanted)
        try:
            self._exchange.published(FileTransfer.HTTP, server.start())
        except WebServerError as error:
            self._failed(FileTransfer.HTTP, error)
        self._http = server
        self._document = document
        self._follow()

    def admit(self, document: SiteDocument) -> None:
        """Another revision is in force. Returns at once, since the first key for FTPS takes a while."""
        self._exchange.ways(
            {BoxIdentity(s.box_identity): _way(document, s.box_identity) for s in document.stations}
        )
        if self._http is None:
            return
        self._document = document
        self._following = threading.Thread(target=self._follow, name="station-files", daemon=True)
        self._following.start()

    def stop(self) -> None:
        """Close everything; what is on its way breaks off."""
        if self._following is not None:
            self._following.join()
        with self._lock:
            self._document = None
            while self._ftp:
                self._ftp.popitem()[1].server.stop()
        if self._http is not None:
            self._http.stop()

    def _follow(self) -> None:
        """Open and close servers of FTP as the newest document asks."""
        with self._lock:
            document = self._document
            if document is None:
                return
            used = {_way(document, station.box_identity) for station in document.stations}
            for way in _BY_FTP:
                self._change(way, self._address(document, way) if way in used else None)

    def _change(self, way: FileTransfer, wanted: FtpAddress | None) -> None:
        known = self._ftp.get(way)
        if known is not None and known.address == wanted:
            return
        if known is not None:
            del self._ftp[way]
            known.server.stop()
        if wanted is None:
            self._exchange.closed(way, "no station of the site uses it")
            return
        certificate = self._certificate if way is FileTransfer.FTPS else None
        server = StationFtp(self._doorkeeper, wanted, certificate)
        try:
            self._exchange.published(way, server.start())
        except (EvceError, OSError, ValueError) as error:
            self._failed(way, error)
        else:
            self._ftp[way] = _Open(wanted, server)

    def _failed(self, way: FileTransfer, error: Exception) -> None:
        logger.warning("stations can leave and fetch no files over %s: %s", way.upper(), error)
        self._exchange.closed(way, str(error))

    def _address(self, document: SiteDocument, way: FileTransfer) -> FtpAddress:
        ocpp = document.ocpp
        port = ocpp.ftps_port if way is FileTransfer.FTPS else ocpp.ftp_port
        data_ports = None
        if ocpp.ftp_data_port_first and not self._any_port:
            data_ports = range(ocpp.ftp_data_port_first, ocpp.ftp_data_port_last + 1)
        return FtpAddress(self._host, 0 if self._any_port else port, data_ports, ocpp.files_address or "")


def _way(document: SiteDocument, station: str) -> FileTransfer:
    return document.file_transfer_of(BoxIdentity(station))
