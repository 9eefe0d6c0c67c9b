"""An exchange of files with FTP and FTPS servers before it, and stations' ways to speak to them."""

import ftplib
import io
import socket
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from actors.messages import FileMoved, Message
from evce.configuration.choices import FileTransfer
from evce.units import BoxIdentity
from web.file_exchange import FileExchange
from web.lockout import Lockout
from web.login_rules import LoginRules
from web.site import Site
from web.station_ftp import FtpAddress, FtpDoorkeeper, StationFtp

__all__ = ["BOX", "PORTS", "AfterAuth", "FromTheFirstByte", "Here", "client", "fetched"]

BOX = BoxIdentity("CP-01")
NOW = datetime(2026, 11, 1, tzinfo=UTC)
PORTS = range(47_300, 47_340)


class Here:
    """An exchange with both servers before it, and what was told of it."""

    def __init__(self, folder: Path, certificate: tuple[Path, Path]) -> None:
        self.told: list[Message] = []
        self.news = threading.Condition()
        self.exchange = FileExchange(folder / "files", self.tell, lambda: 0.0)
        self.lockout = Lockout(Site(lambda *_: [], self.tell, 1.0), LoginRules(attempts=2), lambda: NOW)
        doorkeeper = FtpDoorkeeper(self.exchange, self.lockout, self.tell, lambda: NOW)
        self.servers = (
            StationFtp(doorkeeper, FtpAddress("127.0.0.1", 0, PORTS)),
            StationFtp(doorkeeper, FtpAddress("127.0.0.1", 0), lambda: certificate),
        )
        self.ports = [server.start() for server in self.servers]
        for way, port in zip((FileTransfer.FTP, FileTransfer.FTPS), self.ports, strict=True):
            self.exchange.published(way, port)
        self.use(FileTransfer.FTP)

    def stop(self) -> None:
        for server in self.servers:
            server.stop()

    def tell(self, _: str, message: Message) -> bool:
        with self.news:
            self.told.append(message)
            self.news.notify()
        return True

    def receives(self) -> str:
        return self.exchange.to_receive(BOX, "r", "127.0.0.1")

    def content(self) -> list[bytes]:
        kept = [self.exchange.path(BOX, file.name) for file in self.exchange.kept(BOX)]
        return [path.read_bytes() for path in kept if path is not None]

    def use(self, way: FileTransfer) -> None:
        self.exchange.ways({BOX: way})

    def serves(self, content: bytes = b"0123456789") -> str:
        return self.exchange.to_serve(BOX, "r", "fw 1.bin", io.BytesIO(content), "127.0.0.1")

    def moved(self, count: int) -> list[FileMoved]:
        """What was told of files: after the last byte, so that a station may have it before."""

        def told() -> list[FileMoved]:
            return [message for message in self.told if isinstance(message, FileMoved)]

        with self.news:
            assert self.news.wait_for(lambda: len(told()) >= count, 10.0)
        return told()


def client(address: str, kind: type[ftplib.FTP] = ftplib.FTP, **changes: str) -> ftplib.FTP:
    """Logged in as the address says."""
    parts = urlsplit(address)
    made = kind(timeout=10)
    made.connect(parts.hostname or "", parts.port or 0)
    made.login(changes.get("user", parts.username or ""), changes.get("password", parts.password or ""))
    return made


def fetched(connection: ftplib.FTP, name: str, rest: int | None = None) -> bytes:
    got = bytearray()
    connection.retrbinary(f"RETR {name}", got.extend, rest=rest)
    return bytes(got)


class FromTheFirstByte(ftplib.FTP_TLS):
    """FTPS as stations with libcurl speak it."""

    def connect(self, *args: Any, **options: Any) -> str:
        self.host, self.port = args[0], args[1]
        plain = socket.create_connection((self.host, self.port), 10.0)
        self.af = plain.family
        self.sock = self.context.wrap_socket(plain, server_hostname=self.host)  # type: ignore[assignment]
        self.file = self.sock.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()
        return self.welcome

    def login(self, *args: Any, **options: Any) -> str:
        """TLS is on already."""
        options["secure"] = False
        answer = super().login(*args, **options)
        self.prot_p()
        return answer


class AfterAuth(ftplib.FTP_TLS):
    """FTPS as RFC 4217 has it."""

    def login(self, *args: Any, **options: Any) -> str:
        answer = super().login(*args, **options)
        self.prot_p()
        return answer
