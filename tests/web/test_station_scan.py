"""Looking for stations on the loopback."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from evce.station_scan import Found, ScanRefusedError
from tests.conftest import TIMEOUT_FACTOR
from web.station_scan import ScanBusyError, StationScan

PATIENCE = 20.0 * TIMEOUT_FACTOR


@contextmanager
def station(address: str) -> Iterator[tuple[int, list[str]]]:
    """A web page of a station; its port, and what it was asked."""
    asked: list[str] = []

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"{self.path} {self.headers.get('Authorization')}")
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<title>EVlink City</title>")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class calls it so
            pass

    server = HTTPServer((address, 0), Page)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1], asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_what_has_a_web_page_is_found_and_asked_once() -> None:
    """OC-5: one request, no password."""
    with station("127.0.0.2") as (port, asked):
        scan = StationScan((port,))
        scan.start("127.0.0.1", "127.0.0.9")
        assert scan.wait(PATIENCE)
    progress = scan.progress
    assert progress.found == (Found("127.0.0.2", (port,), "EVlink City", "Schneider Electric"),)
    assert (progress.done, progress.total, progress.cancelled) == (9, 9, False)
    assert asked == ["/ None"]


def test_a_device_that_says_nothing_readable_is_found_without_words() -> None:
    """OC-5."""
    with ExitStack() as stack:
        mute = stack.enter_context(socket.create_server(("127.0.0.3", 0)))
        port = mute.getsockname()[1]

        def garbage() -> None:
            for _ in range(2):
                connection, _ = mute.accept()
                with connection:
                    connection.sendall(b"\x00\xff nonsense\r\n\r\n")

        thread = threading.Thread(target=garbage, daemon=True)
        thread.start()
        scan = StationScan((port,))
        scan.start("127.0.0.3", "127.0.0.3")
        assert scan.wait(PATIENCE)
        thread.join(PATIENCE)
    assert scan.progress.found == (Found("127.0.0.3", (port,)),)


def test_a_scan_is_broken_off_and_only_one_runs() -> None:
    """OC-5: what was found stays."""
    reached, go_on = threading.Event(), threading.Event()

    class Slow(StationScan):
        def _look(self, address: str) -> Found | None:
            reached.set()
            go_on.wait(PATIENCE)
            return Found(address, (80,))

    scan = Slow()
    scan.start("127.0.0.1", "127.0.0.200")
    assert reached.wait(PATIENCE)
    with pytest.raises(ScanBusyError):
        scan.start("127.0.0.1", "127.0.0.2")
    scan.cancel()
    go_on.set()
    assert scan.wait(PATIENCE)
    progress = scan.progress
    assert progress.cancelled
    assert 1 <= len(progress.found) <= 16
    scan.start("127.0.0.1", "127.0.0.2")
    assert scan.wait(PATIENCE)
    assert [one.address for one in scan.progress.found] == ["127.0.0.1", "127.0.0.2"]
    with pytest.raises(ScanRefusedError):
        scan.start("8.8.8.8", "8.8.8.8")
