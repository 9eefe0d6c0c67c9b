"""Tests of the web server: TLS, start, stop, impatience."""

import socket
import ssl
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from flask import Flask

from tests.web.serving import connection, request, served
from web import server as server_module
from web.asgi import WebApplication
from web.certificate import ensure_certificate
from web.server import WebServer, WebServerError


def test_it_serves_https_with_its_own_certificate(app: Flask, tmp_path: Path) -> None:
    """US-4: the host name is checked against the generated certificate."""
    with served(app, tmp_path) as port:
        status, headers, body = request(port, tmp_path, "/healthz")
        assert (status, body.strip()) == (200, b'{"status":"ok"}')
        assert "server" not in headers
        assert request(port, tmp_path, "/login")[0] == 200


@pytest.mark.parametrize(
    ("version", "allowed"),
    [(ssl.TLSVersion.TLSv1_1, False), (ssl.TLSVersion.TLSv1_2, True), (ssl.TLSVersion.TLSv1_3, True)],
)
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_old_tls_is_refused(app: Flask, tmp_path: Path, version: ssl.TLSVersion, allowed: bool) -> None:
    """US-3: 1.3 and 1.2."""
    with served(app, tmp_path) as port:
        context = ssl.create_default_context(cafile=str(tmp_path / "certificate.pem"))
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = version
        with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
            if allowed:
                with context.wrap_socket(plain, server_hostname="localhost") as secure:
                    assert (secure.version() or "").startswith("TLSv1.")
            else:
                with pytest.raises((ssl.SSLError, ConnectionError)):
                    context.wrap_socket(plain, server_hostname="localhost")


def test_stopping_is_quick_even_with_an_open_stream(app: Flask, tmp_path: Path) -> None:
    """AC-3: nothing is left behind: no thread, no bound port."""
    token = app.extensions["evce_sessions"].begin("olivia")
    files = ensure_certificate(tmp_path)
    server = WebServer(WebApplication(app), "127.0.0.1", 0, files.certificate, files.key)
    port = server.start()
    link = connection(port, tmp_path)
    link.request("GET", "/events", headers={"Cookie": f"__Host-evce-session={token}"})
    answer = link.getresponse()
    assert answer.status == 200
    assert answer.readline().startswith(b"retry:")
    began = time.monotonic()
    server.stop()
    assert time.monotonic() - began < 4
    server.stop()
    link.close()
    assert not [t for t in threading.enumerate() if t.name in ("web-server", "web-changes")]
    with served(app, tmp_path, port) as again:
        assert again == port


def test_a_taken_port_is_an_error_that_names_it(app: Flask, tmp_path: Path) -> None:
    """AC-3: said at the start, not found out later."""
    with served(app, tmp_path) as port:
        files = ensure_certificate(tmp_path)
        other = WebServer(WebApplication(app), "127.0.0.1", port, files.certificate, files.key)
        with pytest.raises(WebServerError, match=str(port)):
            other.start()


def test_an_unreadable_certificate_is_an_error_that_names_it(app: Flask, tmp_path: Path) -> None:
    """US-4: one's own certificate may be wrong."""
    files = ensure_certificate(tmp_path)
    files.certificate.write_text("nonsense")
    server = WebServer(WebApplication(app), "127.0.0.1", 0, files.certificate, files.key)
    with pytest.raises(WebServerError, match=r"certificate\.pem"):
        server.start()


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nHost: local"])
def test_a_client_that_dawdles_with_its_headers_is_cut_off(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    """RELIABILITY 4.19: slowloris."""
    monkeypatch.setattr(server_module, "_HEADERS_WITHIN", 0.2)
    with served(app, tmp_path) as port:
        context = ssl.create_default_context(cafile=str(tmp_path / "certificate.pem"))
        with (
            socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as secure,
        ):
            secure.sendall(begun)
            with suppress(ssl.SSLError, ConnectionError):  # cut off, only less politely
                assert secure.recv(100) == b""


@pytest.mark.parametrize("error", [OSError("no file descriptors"), SystemExit(3), None])
def test_an_end_that_nobody_asked_for_is_heard_by_who_looks_after_threads(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException | None
) -> None:
    """AC-3: the daemon then makes room for a new process: without pages nobody could help it."""

    async def main_loop(_: object) -> None:
        if error is not None:
            raise error

    ends: list[BaseException | None] = []
    over = threading.Event()

    def hear(failure: threading.ExceptHookArgs) -> None:
        ends.append(failure.exc_value)
        over.set()

    monkeypatch.setattr(threading, "excepthook", hear)
    monkeypatch.setattr("uvicorn.Server.main_loop", main_loop)
    files = ensure_certificate(tmp_path)
    server = WebServer(WebApplication(app), "127.0.0.1", 0, files.certificate, files.key)
    server.start()
    assert over.wait(10)
    server.stop()
    assert isinstance(ends[0], WebServerError)
    assert "ended by" in str(ends[0])
