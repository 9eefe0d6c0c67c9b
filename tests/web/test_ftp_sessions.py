"""Tests of what stations send and fetch over FTP and FTPS, by the library's client."""

import ftplib
import io
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from evce.configuration.choices import FileTransfer
from tests.web.ftp import BOX, AfterAuth, FromTheFirstByte, Here, client, fetched
from web import file_exchange, ftp_sessions
from web.certificate import ensure_certificate
from web.file_exchange import Incoming


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


def test_a_station_leaves_one_file(here: Here) -> None:
    """OC-3: under the name that it likes, and once."""
    address = here.receives()
    with client(address) as ftp:
        assert ftp.nlst() == []
        ftp.storbinary("STOR d 1.zip", io.BytesIO(b"abc\r\n" * 40_000))
        with pytest.raises(ftplib.error_perm, match="has done its service"):
            ftp.storbinary("STOR d2.zip", io.BytesIO(b"abc"))
    (moved,) = here.moved(1)
    assert here.content() == [b"abc\r\n" * 40_000]
    assert (moved.station, moved.request, moved.size, moved.received) == (BOX, "r", 200_000, True)
    assert moved.name.endswith("-d_1.zip")
    with pytest.raises(ftplib.error_perm, match="530"):
        client(address)


def test_a_station_fetches_a_file_and_goes_on_where_it_broke_off(here: Here) -> None:
    """SR-4: a few times."""
    address = here.serves()
    with client(address) as ftp:
        assert (ftp.nlst(), ftp.size("fw_1.bin")) == (["fw_1.bin"], 10)
        ftp.sendcmd("TYPE A")  # a firmware is no text, whatever the station says
        assert fetched(ftp, "fw_1.bin") == b"0123456789"
        assert fetched(ftp, "/fw_1.bin", 4) == b"456789"
        ftp.set_pasv(False)
        assert fetched(ftp, "fw_1.bin") == b"0123456789"
        with pytest.raises(ftplib.error_perm, match="has done its service"):
            fetched(ftp, "fw_1.bin")
    assert [moved.size for moved in here.moved(3)] == [10, 10, 10]


@pytest.mark.parametrize("kind", [FromTheFirstByte, AfterAuth])
def test_both_ways_of_tls_serve_files(
    here: Here, kind: type[ftplib.FTP_TLS], monkeypatch: pytest.MonkeyPatch
) -> None:
    """OC-3, SR-4: whichever the station means by ftps."""
    if kind is AfterAuth:
        monkeypatch.setattr(ftp_sessions, "CLIENT_FIRST", 0.05)
    here.use(FileTransfer.FTPS)
    address = here.receives()
    assert address.startswith("ftps://")
    with client(address, kind) as ftp:
        ftp.storbinary("STOR d.zip", io.BytesIO(b"abc" * 50_000))
    with client(here.serves(b"x" * 200_000), kind) as ftp:
        assert fetched(ftp, "fw_1.bin") == b"x" * 200_000
    here.moved(2)
    assert here.content() == [b"abc" * 50_000]


def test_ftps_takes_no_password_and_no_file_in_clear(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    """OC-3, RELIABILITY 4.13."""
    monkeypatch.setattr(ftp_sessions, "CLIENT_FIRST", 0.05)
    here.use(FileTransfer.FTPS)
    address = here.receives()
    with pytest.raises(ftplib.error_perm, match="TLS required on the control"):
        client(address)
    with (
        client(address, ftplib.FTP_TLS) as ftp,
        pytest.raises(ftplib.error_perm, match="on the data channel"),
    ):
        ftp.storbinary("STOR d.zip", io.BytesIO(b"abc"))


def test_nothing_can_be_made_renamed_or_removed(here: Here) -> None:
    """RELIABILITY 4.12."""
    with client(here.serves()) as ftp:
        for command in ("APPE d", "DELE fw_1.bin", "MKD x", "RNFR fw_1.bin", "RMD /", "STOU x", "MLSD"):
            with pytest.raises(ftplib.error_perm, match="not understood"):
                ftp.sendcmd(command)
        with pytest.raises(ftplib.error_perm, match="not understood"):
            ftp.sendcmd("SITE CHMOD 777 fw_1.bin")
        assert ftp.nlst() == ["fw_1.bin"]


def test_a_login_sees_its_own_file_and_does_only_what_it_was_made_for(here: Here) -> None:
    """RELIABILITY 4.12, 4.13."""
    receives, serves = here.receives(), here.serves()
    own = urlsplit(serves)
    with client(serves) as ftp:
        for path in ("../../evce.sqlite", "/etc/passwd", "/received/CP-01/x", "//fw_2.bin"):
            with pytest.raises(ftplib.error_perm):
                fetched(ftp, path)
        for folder in ("..", "/", "."):
            ftp.cwd(folder)
            assert (ftp.pwd(), ftp.nlst()) == ("/", ["fw_1.bin"])
        with pytest.raises(ftplib.error_perm):
            ftp.cwd("/etc")
        with pytest.raises(ftplib.error_perm, match="not for that"):
            ftp.storbinary("STOR fw_1.bin", io.BytesIO(b"other"))
        listed: list[str] = []
        ftp.dir(listed.append)
        assert [(line.split()[2:5], line.split()[-1]) for line in listed] == [
            (["evce", "evce", "10"], "fw_1.bin")
        ]
    with client(receives) as ftp:
        with pytest.raises(ftplib.error_perm, match="not for that"):
            fetched(ftp, "fw_1.bin")
        with pytest.raises(ftplib.error_perm, match="not for that"):
            ftp.storbinary("STOR d.zip", io.BytesIO(b"abc"), rest=2)
    assert here.exchange.ticket(own.password or "", to_serve=True) is None  # no way round by HTTP


def reset(data: socket.socket) -> None:
    """Break a connection as a station that loses its power does once it is back."""
    data.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    data.close()


def test_an_upload_that_breaks_off_leaves_nothing_and_may_come_again(
    here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RELIABILITY 3."""
    written = threading.Event()
    write = Incoming.write
    monkeypatch.setattr(Incoming, "write", lambda *given: (write(*given), written.set()))
    address = here.receives()
    with client(address) as ftp:
        data = ftp.transfercmd("STOR d.zip")
        data.sendall(b"x" * 1_000)
        assert written.wait(10.0)
        reset(data)
        with pytest.raises(ftplib.error_temp, match="451 Nothing was kept: the connection broke"):
            ftp.voidresp()
        with pytest.raises(ftplib.error_temp, match="451 Nothing was kept: there was no file"):
            ftp.storbinary("STOR d.zip", io.BytesIO(b""))
    with client(address) as ftp:
        data = ftp.transfercmd("STOR d.zip")
        data.sendall(b"x" * 1_000)
    with client(address) as ftp:
        ftp.storbinary("STOR d.zip", io.BytesIO(b"abc"))
    here.moved(1)
    assert here.content() == [b"abc"]
    assert [path.suffix for path in tmp_path.rglob("*") if path.is_file() and "received" in path.parts] == [
        ".zip"
    ]
    data.close()


def test_a_data_connection_that_broke_before_its_file_is_told_at_once(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RELIABILITY 3: the station doesn't wait for an answer until the session ends."""
    monkeypatch.setattr(ftp_sessions.Session.passive_dtp, "timeout", 5.0)
    for kind, command in (
        (here.receives, "STOR d.zip"),
        (here.serves, "RETR fw_1.bin"),
        (here.serves, "NLST"),
    ):
        with client(kind()) as ftp:
            data = socket.create_connection(ftp.makepasv(), 10.0)
            reset(data)
            with pytest.raises(ftplib.error_temp, match=r"425 There is no data connection|421 Passive data"):
                ftp.sendcmd(command) and ftp.getresp()
            assert ftp.nlst() is not None
    assert here.content() == []


def test_what_is_too_large_is_refused(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    """RELIABILITY 4.19."""
    monkeypatch.setattr(file_exchange, "FILE_MOST", 10)
    with (
        client(here.receives()) as ftp,
        pytest.raises(ftplib.error_perm, match="552 a file may have 10 bytes"),
    ):
        ftp.storbinary("STOR d.zip", io.BytesIO(b"x" * 11))
    monkeypatch.setattr(file_exchange, "DISK_LEFT", 2**60)
    with client(here.receives()) as ftp, pytest.raises(ftplib.error_perm, match="no room"):
        ftp.storbinary("STOR d.zip", io.BytesIO(b"x"))
    assert (here.content(), here.moved(0)) == ([], [])
