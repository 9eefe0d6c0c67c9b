"""The FTP and FTPS servers of stations' files (RFC 959, RFC 4217): each file has a login of its own."""

import logging
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from OpenSSL import SSL
from pyftpdlib.exceptions import AuthenticationFailed
from pyftpdlib.ioloop import IOLoop
from pyftpdlib.servers import FTPServer

from actors.messages import RecordEvent
from evce.errors import EvceError
from evce.units import Seconds
from web.file_exchange import FileExchange
from web.ftp_sessions import Session, TlsSession
from web.lockout import Lockout
from web.site import Tell

__all__ = ["LOCKED_AS", "FtpAddress", "FtpDoorkeeper", "StationFtp", "StationFtpError"]

log = logging.getLogger(__name__)

LOCKED_AS = "(files over ftp)"
"""The name under which sources that guess are locked: no login of people, and one for all logins here."""

_CONNECTIONS = 40
"""Sockets at the same time, two for each station that is served and one while it connects."""
_CONNECTIONS_OF_ONE = 8
"""Of one address: a whole car park may stand behind it."""
_AFTER_FAILURE: Seconds = 0.5
_STOP_WITHIN: Seconds = 5.0
_BACKLOG = 16

# Its own words go through our log, at most warnings: who comes and goes is told by the actions.
_LIBRARY = logging.getLogger("pyftpdlib")
_LIBRARY.addHandler(logging.NullHandler())
_LIBRARY.setLevel(logging.WARNING)


class StationFtpError(EvceError, OSError):
    """The server could not be started: address in use, certificate unreadable, …"""


@dataclass(frozen=True, slots=True)
class FtpAddress:
    """Where to listen, and what stations are told of it.

    `data_ports` are opened for files (passive mode), any free ones where there are none. `outside` is the
    address by which stations reach this computer, where it differs from its own.
    """

    host: str
    port: int
    data_ports: range | None = None
    outside: str = ""


class FtpDoorkeeper:
    """Who may log in, as pyftpdlib asks for it: whoever has the login of an open address, and nobody else."""

    def __init__(
        self,
        exchange: FileExchange,
        lockout: Lockout,
        tell: Tell,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.exchange = exchange
        self._lockout = lockout
        self._tell = tell
        self._now = now

    def validate_authentication(self, user: str, password: str, handler: Any) -> None:
        """Let the session in, or raise AuthenticationFailed."""
        source = str(handler.remote_ip)
        if self._lockout.locked_for(LOCKED_AS, source) > 0.0:
            raise AuthenticationFailed("Too many wrong logins, come again later.")
        ticket = self.exchange.login(user, password)
        if ticket is None:
            if self._lockout.attempt(LOCKED_AS, source):
                words = f"{source} was locked out of the files over FTP"
                self._tell("recorder", RecordEvent(self._now(), "evce", "audit", words, "evce"))
            raise AuthenticationFailed("Authentication failed.")
        self._lockout.succeeded(LOCKED_AS, source)
        handler.ticket = ticket

    # What else pyftpdlib asks for: the folder of each session knows what its login may (`_Folder`).

    def get_home_dir(self, _: str) -> str:
        return "/"

    def get_msg_login(self, _: str) -> str:
        return "Welcome."

    def get_msg_quit(self, _: str) -> str:
        return "Goodbye."

    def has_perm(self, _: str, __: str, ___: str | None = None) -> bool:
        return True

    def get_perms(self, _: str) -> str:
        return "elrw"

    def impersonate_user(self, _: str, __: str) -> None:
        return

    def terminate_impersonation(self, _: str) -> None:
        return


class _Bell:
    """Ends the loop from another thread; pyftpdlib's loop is told by whatever may be read."""

    def __init__(self, ioloop: Any) -> None:
        self._loop = ioloop
        self._hears, self._rings = socket.socketpair()
        self._fileno = self._hears.fileno()
        ioloop.register(self._fileno, self, ioloop.READ)

    def ring(self) -> None:
        with suppress(OSError):  # rung before
            self._rings.send(b"!")

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return False

    def handle_read_event(self) -> None:
        self._loop.close()

    def close(self) -> None:
        self._hears.close()
        self._rings.close()


class StationFtp:
    """An FTP server on a thread of its own; with a certificate (PEM, and its key) an FTPS server.

    `certificate` is asked anew for each connection, so that a renewed one holds at once. `start` returns the
    port; `stop` ends what is on its way and leaves no thread.
    """

    def __init__(
        self,
        doorkeeper: FtpDoorkeeper,
        address: FtpAddress,
        certificate: Callable[[], tuple[Path, Path]] | None = None,
    ) -> None:
        self._doorkeeper = doorkeeper
        self._address = address
        self._certificate = certificate
        self._bell: _Bell | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> int:
        """Bind, begin to serve, and return the port (the one bound where 0 was asked for)."""
        if self._thread is not None:
            raise StationFtpError("the FTP server was started already")
        if self._certificate is not None:
            _context(*self._certificate())
        listener = self._bind()
        port = int(listener.getsockname()[1])
        loop = IOLoop()
        server = FTPServer(listener, self._session(), ioloop=loop, backlog=_BACKLOG)
        server.max_cons, server.max_cons_per_ip = _CONNECTIONS, _CONNECTIONS_OF_ONE
        self._bell = _Bell(loop)
        self._thread = threading.Thread(target=_serve, args=(loop,), name="station-ftp", daemon=True)
        self._thread.start()
        return port

    def stop(self) -> None:
        """Stop serving; a second call does nothing."""
        if self._thread is None or self._bell is None:
            return
        self._bell.ring()
        self._thread.join(_STOP_WITHIN)
        if self._thread.is_alive():
            log.warning("The FTP server did not stop in %.0f s", _STOP_WITHIN)
        self._thread = None

    def _session(self) -> type[Session]:
        """What pyftpdlib makes of each connection; it takes its settings from the class."""
        certificate, outside = self._certificate, self._address.outside
        settings: dict[str, Any] = {
            "authorizer": self._doorkeeper,
            "passive_ports": self._address.data_ports,
            "masquerade_address": outside if outside.count(".") == 3 and outside[-1].isdigit() else None,
        }
        if certificate is None:
            return type("Session", (Session,), settings)
        settings["get_ssl_context"] = classmethod(lambda _: _context(*certificate()))
        return type("TlsSession", (TlsSession,), settings)

    def _bind(self) -> socket.socket:
        host, port = self._address.host, self._address.port
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, port))
        except OSError as error:
            listener.close()
            raise StationFtpError(f"can't listen on {host}:{port}: {error.strerror}") from error
        listener.set_inheritable(False)
        return listener


def _serve(loop: Any) -> None:
    """Go on after an error: it is one connection's, and others want their files."""
    pause = threading.Event()
    while True:
        try:
            loop.loop()
        except Exception:
            log.exception("The FTP server failed, and goes on")
            pause.wait(_AFTER_FAILURE)
        else:
            return


def _context(certificate: Path, key: Path) -> SSL.Context:
    """TLS 1.2 at least. Raises StationFtpError for files that can't be used."""
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    try:
        context.use_certificate_chain_file(str(certificate))
        context.use_privatekey_file(str(key))
        context.check_privatekey()
    except SSL.Error as error:
        raise StationFtpError(f"the certificate {certificate} can't be used with its key {key}") from error
    return context
