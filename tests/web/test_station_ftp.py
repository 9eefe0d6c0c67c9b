"""Tests of the FTP and FTPS servers of stations' files."""

import ftplib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.messages import RecordEvent
from evce.configuration.choices import FileTransfer
from tests.web.ftp import PORTS, Here, client
from web import file_exchange, ftp_sessions, station_ftp
from web.certificate import ensure_certificate
from web.file_exchange import FileExchangeError
from web.station_ftp import LOCKED_AS, FtpAddress, FtpDoorkeeper, StationFtp, StationFtpError


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    files = ensure_certificate(tmp_path_factory.mktemp("certificate"))
    return files.certificate, files.key


@pytest.fixture
def here(tmp_path: Path, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Here]:
    monkeypatch.setattr(ftp_sessions.Session, "auth_failed_timeout", 0.01)
    made = Here(tmp_path, certificate)
    yield made
    made.stop()


@pytest.mark.parametrize(
    "changes",
    [{"user": "anonymous"}, {"user": "s00000000"}, {"password": "x" * 22}, {"user": "é", "password": "é"}],
)
def test_who_guesses_is_locked_out(here: Here, changes: dict[str, str]) -> None:
    """US-3, RELIABILITY 4.13: also from a login that is right, for a while."""
    address = here.receives()
    for _ in range(2):
        with pytest.raises(ftplib.error_perm, match="530"):
            client(address, **changes)
    with pytest.raises(ftplib.error_perm, match="Too many wrong logins"):
        client(address)
    assert here.lockout.locked() == [(LOCKED_AS, "127.0.0.1", 60.0)]
    (line,) = [message for message in here.told if isinstance(message, RecordEvent)]
    assert line.message == "127.0.0.1 was locked out of the files over FTP"


def test_a_login_ends_with_its_time(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    """RELIABILITY 4.13."""
    monkeypatch.setattr(file_exchange, "VALID", 0.0)
    with pytest.raises(ftplib.error_perm, match="530"):
        client(here.receives())


def test_files_come_on_the_ports_that_the_firewall_lets_through(here: Here) -> None:
    """OC-3."""
    with client(here.receives()) as ftp:
        assert ftplib.parse227(ftp.sendcmd("PASV"))[1] in PORTS  # noqa: S321
        assert ftplib.parse229(ftp.sendcmd("EPSV"), ("127.0.0.1", 0))[1] in PORTS  # noqa: S321


def test_too_many_connections_are_told_so(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    """RELIABILITY 4.12."""
    address = here.receives()
    known = [client(address) for _ in range(station_ftp._CONNECTIONS_OF_ONE)]
    with pytest.raises(ftplib.error_temp, match="421 Too many connections"):
        client(address)
    for each in known:
        each.close()


def test_it_stops_whatever_goes_on_and_leaves_no_thread(here: Here) -> None:
    """RELIABILITY 3."""
    connection = client(here.receives())
    data = connection.transfercmd("STOR d.zip")
    data.sendall(b"x")
    for server in here.servers:
        server.stop()
        server.stop()
    assert [thread for thread in threading.enumerate() if thread.name == "station-ftp"] == []
    with pytest.raises((EOFError, OSError)):
        connection.sendcmd("NOOP")
    data.close()
    connection.close()
    assert here.content() == []


def test_a_port_that_is_taken_and_a_certificate_that_is_none_are_told(here: Here, tmp_path: Path) -> None:
    """RELIABILITY 3."""
    taken = FtpAddress("127.0.0.1", here.ports[0])
    doorkeeper = FtpDoorkeeper(here.exchange, here.lockout, here.tell)
    with pytest.raises(
        StationFtpError, match=f"can't listen on 127.0.0.1:{here.ports[0]}: Address already in use"
    ):
        StationFtp(doorkeeper, taken).start()
    rubbish = tmp_path / "rubbish.pem"
    rubbish.write_text("no certificate")
    with pytest.raises(StationFtpError, match=r"rubbish.pem can't be used"):
        StationFtp(doorkeeper, FtpAddress("127.0.0.1", 0), lambda: (rubbish, rubbish)).start()


def test_without_a_server_there_is_no_address_and_the_reason_is_told(here: Here) -> None:
    """OC-3."""
    here.exchange.closed(FileTransfer.FTP, "can't listen on 0.0.0.0:8821: Address already in use")
    with pytest.raises(FileExchangeError, match=r"no files over FTP: can't listen on 0.0.0.0:8821"):
        here.receives()


def test_an_error_in_its_loop_is_not_its_end(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """RELIABILITY 2: one connection's trouble; others want their files."""
    left = [OSError("odd"), ValueError("odder"), None]

    class Loop:
        def loop(self) -> None:
            if (error := left.pop(0)) is not None:
                raise error

    monkeypatch.setattr(station_ftp, "_AFTER_FAILURE", 0.0)
    station_ftp._serve(Loop())
    assert left == []
    assert caplog.text.count("goes on") == 2
