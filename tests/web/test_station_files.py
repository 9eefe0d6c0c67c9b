"""Tests of what stations send and fetch over HTTP, through a real server."""

import http.client
import io
import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Condition

import pytest

from actors.messages import FileMoved, Message
from evce.units import BoxIdentity
from web import file_exchange
from web.file_exchange import FileExchange
from web.server import WebServer
from web.station_files import StationFiles

BOX = BoxIdentity("CP-01")


class Here:
    def __init__(self, folder: Path) -> None:
        self.told: list[Message] = []
        self.news = Condition()
        self.exchange = FileExchange(folder, self.tell, lambda: 0.0)
        self.server = WebServer(StationFiles(self.exchange), "127.0.0.1", 0)
        self.port = self.server.start()
        self.exchange.published("http", self.port)

    def tell(self, _: str, message: Message) -> bool:
        with self.news:
            self.told.append(message)
            self.news.notify()
        return True

    def wait_for(self, count: int) -> None:
        with self.news:
            assert self.news.wait_for(lambda: len(self.told) >= count, 10.0)
        assert len(self.told) == count

    def ask(self, method: str, address: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        path = "/" + address.split("/", 3)[-1]
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, path, body, {name.replace("_", "-"): v for name, v in headers.items()})
        answer = connection.getresponse()
        got = answer.status, answer.read()
        connection.close()
        return got

    def receives(self) -> str:
        return self.exchange.to_receive(BOX, "r", "127.0.0.1")

    def content(self) -> list[bytes]:
        kept = [self.exchange.path(BOX, file.name) for file in self.exchange.kept(BOX)]
        return [path.read_bytes() for path in kept if path is not None]


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Here]:
    made = Here(tmp_path / "files")
    yield made
    made.server.stop()


FORM = (
    b'--X\r\nContent-Disposition: form-data; name="a"\r\n\r\nno file\r\n'
    b'--X\r\nContent-Disposition: form-data; name="f"; filename="d.zip"\r\n\r\nabc\r\n--X--\r\n'
)


@pytest.mark.parametrize(
    ("method", "suffix", "body", "kind", "name"),
    [
        ("PUT", "d.zip", b"abc", "application/zip", "d.zip"),
        ("POST", "", b"abc", "application/octet-stream", "file"),
        ("POST", "", FORM, "multipart/form-data; boundary=X", "d.zip"),
    ],
)
def test_a_station_leaves_a_file_once(
    here: Here, method: str, suffix: str, body: bytes, kind: str, name: str
) -> None:
    """OC-3: however it sends it."""
    address = here.receives() + suffix
    assert here.ask(method, address, body, Content_Type=kind)[0] == 201
    assert here.content() == [b"abc"]
    (moved,) = here.told
    assert isinstance(moved, FileMoved)
    assert (moved.size, moved.name.endswith(name)) == (3, True)
    assert here.ask(method, address, body, Content_Type=kind)[0] == 404


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/zip"),
        (FORM[:60], "multipart/form-data; boundary=X"),
        (FORM, "multipart/form-data; boundary=Y"),
    ],
)
def test_what_is_no_whole_file_is_refused_and_may_come_again(here: Here, body: bytes, kind: str) -> None:
    """RELIABILITY 3."""
    address = here.receives()
    assert here.ask("POST", address, body, Content_Type=kind)[0] == 400
    assert (here.content(), here.told) == ([], [])
    assert here.ask("PUT", address, b"abc")[0] == 201


def test_a_refused_sender_sees_the_answer_whatever_it_still_sends(here: Here) -> None:
    """OC-3: a station tells its operator what it was told, not that the line broke."""
    with socket.create_connection(("127.0.0.1", here.port), 10.0) as connection:
        connection.sendall(b"PUT /files/nothing/x HTTP/1.1\r\nHost: x\r\nContent-Length: 600000\r\n\r\n")
        for _ in range(60):
            connection.sendall(b"x" * 10_000)
        assert connection.makefile("rb").readline().split()[1] == b"404"


def test_what_is_too_large_is_refused(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    """RELIABILITY 4.19."""
    monkeypatch.setattr(file_exchange, "FILE_MOST", 10)
    assert here.ask("PUT", here.receives(), b"x" * 11)[0] == 413
    assert here.content() == []


def test_a_station_fetches_a_file_and_goes_on_where_it_broke_off(here: Here) -> None:
    """SR-4."""
    address = here.exchange.to_serve(BOX, "r", "fw.bin", io.BytesIO(b"0123456789"), "127.0.0.1")
    assert here.ask("HEAD", address)[0] == 200
    assert here.told == []
    assert here.ask("GET", address) == (200, b"0123456789")
    assert here.ask("GET", address, Range="bytes=4-") == (206, b"456789")
    assert here.ask("GET", address, Range="bytes=40-") == (200, b"0123456789")
    assert here.ask("GET", address)[0] == 404
    here.wait_for(3)  # told when the last byte has left: the station has it by then already


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
@pytest.mark.parametrize("path", ["/", "/files/", "/files/nothing/x", "/files/../../etc/passwd", "/login"])
def test_everything_else_is_not_found(here: Here, method: str, path: str) -> None:
    """RELIABILITY 4.12: the stations' port shows nothing else."""
    assert here.ask(method, "http://x" + path, b"abc" if method != "GET" else None)[0] == 404
