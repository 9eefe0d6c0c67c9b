"""The sessions of stations over FTP and FTPS: what a login may ask for, and what it sees."""

import logging
import os
import socket
import sys
from pathlib import Path
from typing import Any, ClassVar

from pyftpdlib.exceptions import FilesystemError
from pyftpdlib.filesystems import AbstractedFS
from pyftpdlib.handlers import DTPHandler, FTPHandler, TLS_DTPHandler, TLS_FTPHandler

from evce.units import Seconds
from web.file_exchange import FileExchangeError, Incoming, Ticket, safe_name

__all__ = ["CLIENT_FIRST", "Session", "TlsSession"]

log = logging.getLogger(__name__)

CLIENT_FIRST: Seconds = 3.0
"""How long FTPS waits for TLS from the first byte, before it says that AUTH TLS may come."""

_SILENT_FOR: Seconds = 60.0
"""A station on a slow modem still sends something each minute."""
# fmt: off
_COMMANDS = frozenset((
    "ABOR", "ALLO", "AUTH", "CDUP", "CWD", "EPRT", "EPSV", "FEAT", "HELP", "LIST", "MDTM", "MODE", "NLST",
    "NOOP", "OPTS", "PASS", "PASV", "PBSZ", "PORT", "PROT", "PWD", "QUIT", "REIN", "REST", "RETR", "SIZE",
    "STAT", "STOR", "STRU", "SYST", "TYPE", "USER", "XCUP", "XCWD", "XPWD",
))
# fmt: on
"""Nothing that makes, renames or removes anything."""


class _Upload:
    """The file that a station sends, as pyftpdlib writes it. Closed without `keep`, nothing stays."""

    def __init__(self, incoming: Incoming) -> None:
        self.name = incoming.path.name
        self.incoming = incoming
        self.closed = False
        incoming.__enter__()

    def write(self, chunk: bytes) -> None:
        self.incoming.write(chunk)

    def keep(self) -> None:
        """It is here whole. Raises OSError for one that can't be kept."""
        if self.closed:
            return
        if self.incoming.size == 0:
            raise FileExchangeError("there was no file")
        self.closed = True
        self.incoming.__exit__(None, None, None)

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            self.incoming.__exit__(OSError, None, None)


class _Folder(AbstractedFS):  # type: ignore[misc]
    """What a login sees: the one file that it may fetch, or room for one; and no path of the disk."""

    def ftp2fs(self, ftppath: str) -> str:
        return str(self.ftpnorm(ftppath))

    def fs2ftp(self, fspath: str) -> str:
        return fspath

    def validpath(self, _: str) -> bool:
        return True

    def realpath(self, path: str) -> str:
        return path

    def open(self, filename: str, mode: str) -> Any:
        """The file of the ticket, while it is good for one. What FilesystemError says the station sees."""
        session = self.cmd_channel
        exchange, ticket = session.authorizer.exchange, session.ticket
        if exchange.login(ticket.user, ticket.token) is not ticket:
            raise FilesystemError("This login has done its service")
        if mode == "rb" and ticket.source is not None:
            content = self._source(filename).open("rb")
            session.size = os.fstat(content.fileno()).st_size
            exchange.taken(ticket)
            return content
        if mode != "wb" or ticket.source is not None:
            raise FilesystemError("This login is not for that")
        try:
            session.incoming = exchange.incoming(ticket, safe_name(filename))
            return _Upload(session.incoming)
        except OSError as error:
            raise FilesystemError(str(error)) from error

    def chdir(self, path: str) -> None:
        if not self.isdir(path):
            raise FilesystemError("There is no such folder")
        self.cwd = path

    def listdir(self, _: str) -> list[str]:
        ticket: Ticket = self.cmd_channel.ticket
        return [] if ticket.source is None else [ticket.name]

    def stat(self, path: str) -> os.stat_result:
        return self._source(path).stat()

    lstat = stat

    def isdir(self, path: str) -> bool:
        return path == "/"

    def isfile(self, path: str) -> bool:
        return path.lstrip("/") in self.listdir("/")

    lexists = isfile

    def islink(self, _: str) -> bool:
        return False

    def getsize(self, path: str) -> int:
        return self.stat(path).st_size

    def getmtime(self, path: str) -> float:
        return self.stat(path).st_mtime

    def get_user_by_uid(self, _: int) -> str:
        return "evce"

    get_group_by_gid = get_user_by_uid

    def _source(self, path: str) -> Path:
        source: Path | None = self.cmd_channel.ticket.source
        if source is None or not self.isfile(path):
            raise FilesystemError("There is no such file")
        return source


class _Data(DTPHandler):  # type: ignore[misc]
    """The connection of one file."""

    timeout = _SILENT_FOR
    transfer_finished: bool

    def __init__(self, sock: socket.socket, session: "Session") -> None:
        super().__init__(sock, session)
        if not self.connected:  # it broke before it could be used
            session.give_up_transfer()

    def handle_error(self) -> None:
        """A file that can't be written, or grew too large, is refused in words."""
        error = sys.exc_info()[1]
        cause = error.args[0] if isinstance(error, OSError) and error.args else None
        if isinstance(cause, OSError):  # as pyftpdlib wraps what came of writing
            self._resp = (f"552 {cause}.", log.warning)
            self.close()
        else:
            super().handle_error()

    def close(self) -> None:
        """Keep a file before the station hears that it was received.

        The end of a connection is the end of a file (RFC 959 §3.4.1), but one that broke is not.
        """
        if not self._closed and self.receive and self.transfer_finished and self.file_obj is not None:
            try:
                if isinstance(sys.exc_info()[1], ConnectionError) or self._trouble():
                    raise ConnectionResetError("the connection broke")
                self.file_obj.keep()
            except OSError as trouble:
                self.transfer_finished = False
                self._resp = (f"451 Nothing was kept: {trouble}.", log.warning)
        super().close()

    def _trouble(self) -> int:
        """What the network holds against the connection, if nothing has asked before."""
        return int(self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))


class _TlsData(_Data, TLS_DTPHandler):  # type: ignore[misc]
    """The same within TLS."""


class Session(FTPHandler):  # type: ignore[misc]
    """The connection on which a station gives its commands.

    `authorizer` has the exchange, and gives the session its ticket (see `web.station_ftp.FtpDoorkeeper`).
    """

    banner = "EVCE"
    timeout = _SILENT_FOR
    max_login_attempts = 3
    use_gmt_times = True
    abstracted_fs = _Folder
    dtp_handler = _Data
    proto_cmds: ClassVar[dict[str, Any]] = {
        name: kind for name, kind in FTPHandler.proto_cmds.items() if name in _COMMANDS
    }
    # Firmware and archives are never text, whatever mode a station leaves on.
    _current_type = property(lambda _: "i", lambda _, __: None)

    ticket: Ticket
    incoming: Incoming
    size = 0
    _in_dtp_queue: tuple[_Upload, str] | None
    _out_dtp_queue: tuple[Any, bool, Any, str] | None

    def process_command(self, cmd: str, *args: Any, **kwargs: Any) -> None:
        """Do a command; one for a file is answered at once where no connection can come for it any more."""
        super().process_command(cmd, *args, **kwargs)
        awaited = self._dtp_connector is not None or (self._dtp_acceptor and not self._dtp_acceptor._closed)
        if not (self._closed or awaited):
            self.give_up_transfer()

    def give_up_transfer(self) -> None:
        """Answer a file that waits for its connection (RFC 959 §5.4), so that the station doesn't wait."""
        incoming, outgoing = self._in_dtp_queue, self._out_dtp_queue
        self._in_dtp_queue = self._out_dtp_queue = None
        file = incoming[0] if incoming is not None else outgoing[2] if outgoing is not None else None
        if file is not None:
            file.close()
        if incoming is not None or outgoing is not None:
            self.respond_w_warning("425 There is no data connection: ask for one with PASV or EPSV.")

    def on_file_received(self, _: str) -> None:
        self.authorizer.exchange.arrived(self.ticket, self.incoming)

    def on_file_sent(self, _: str) -> None:
        self.authorizer.exchange.fetched(self.ticket, self.size)


class TlsSession(Session, TLS_FTPHandler):  # type: ignore[misc]
    """The same within TLS: from the first byte, or from AUTH TLS on (RFC 4217) for those that wait for us."""

    dtp_handler = _TlsData
    tls_control_required = True
    tls_data_required = True
    proto_cmds: ClassVar[dict[str, Any]] = {
        name: kind for name, kind in TLS_FTPHandler.proto_cmds.items() if name in _COMMANDS
    }
    _waiting: Any = None

    def handle(self) -> None:
        self._waiting = self.ioloop.call_later(CLIENT_FIRST, self._greet, _errback=self.handle_error)

    def handle_read_event(self) -> None:
        if self._waiting is not None and not self._waiting.cancelled:
            self._waiting.cancel()
            self.secure_connection(self.ssl_context)
        super().handle_read_event()

    def handle_ssl_established(self) -> None:
        if not self._last_response:  # else it was AUTH that began it
            self._greet()

    def close(self) -> None:
        if self._waiting is not None and not self._waiting.cancelled:
            self._waiting.cancel()
        super().close()

    def _greet(self) -> None:
        FTPHandler.handle(self)
