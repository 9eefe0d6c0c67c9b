"""A web server over the invented site on a free loopback port, and a client that trusts it."""

import http.client
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from web.asgi import WebApplication
from web.certificate import ensure_certificate
from web.server import WebServer

__all__ = ["connection", "request", "served"]


@contextmanager
def served(app: Flask, folder: Path, port: int = 0) -> Iterator[int]:
    """The bound port; the server is stopped at the end."""
    files = ensure_certificate(folder)
    server = WebServer(WebApplication(app), "127.0.0.1", port, files.certificate, files.key)
    bound = server.start()
    try:
        yield bound
    finally:
        server.stop()


def connection(port: int, folder: Path, timeout: float = 10.0) -> http.client.HTTPSConnection:
    """A connection that checks the certificate and the host name."""
    context = ssl.create_default_context(cafile=str(folder / "certificate.pem"))
    return http.client.HTTPSConnection("localhost", port, timeout=timeout, context=context)


def request(
    port: int,
    folder: Path,
    path: str,
    *,
    method: str = "GET",
    body: bytes = b"",
    headers: dict[str, str] | None = None,
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers, body."""
    link = connection(port, folder)
    try:
        link.request(method, path, body or None, headers or {})
        answer = link.getresponse()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
    finally:
        link.close()
