"""The web server: uvicorn with TLS on a thread of its own, started and stopped by the daemon."""

import asyncio
import logging
import socket
import ssl
import threading
from pathlib import Path
from typing import Protocol

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from evce.units import Seconds
from web.stream import Receive, Scope, Send

__all__ = ["Application", "WebServer", "WebServerError"]

log = logging.getLogger(__name__)

_HEADERS_WITHIN: Seconds = 10.0
"""A client that takes longer for its request line and headers is cut off (slowloris)."""
_START_WITHIN: Seconds = 15.0
_STOP_WITHIN: Seconds = 5.0
_BACKLOG = 256


class WebServerError(RuntimeError):
    """The server could not be started: address in use, certificate unreadable, …"""


class Application(Protocol):
    """An ASGI application that wants to know when it begins and ends."""

    def start(self) -> None:
        """Called once, before the first request."""

    def stop(self) -> None:
        """Called once, before the open connections are waited for."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""


class _ImpatientProtocol(H11Protocol):
    """uvicorn waits for ever for the rest of a request's headers; this one doesn't."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        super().connection_lost(exc)

    def _watch(self) -> None:
        untouched = self.cycle is None
        waiting = self.conn.their_state is h11.IDLE and (untouched or bool(self.conn.trailing_data[0]))
        if waiting and self._deadline is None:
            self._deadline = self.loop.call_later(_HEADERS_WITHIN, self._give_up)
        elif not waiting and self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self.transport.close()


class _Server(uvicorn.Server):
    """Tells when it accepts connections."""

    def __init__(self, config: uvicorn.Config, ready: threading.Event) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready.set()


class WebServer:
    """Serves an application over HTTPS (TLS 1.2 at least, 1.3 where the browser has it).

    `certificate` and `key` are PEM files. `start` returns once connections are accepted; `stop` ends the
    open streams first and is done within seconds, whatever the browsers do. Without a certificate it speaks
    plain HTTP, for stations.
    """

    def __init__(
        self,
        application: Application,
        host: str,
        port: int,
        certificate: Path | None = None,
        key: Path | None = None,
    ) -> None:
        self._application = application
        self._host = host
        self._port = port
        self._certificate = certificate
        self._key = key
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> int:
        """Bind, begin to serve, and return the port (the one bound where 0 was asked for)."""
        if self._thread is not None:
            raise WebServerError("the web server was started already")
        listener = self._bind()
        port = int(listener.getsockname()[1])
        ready = threading.Event()
        try:
            self._server = _Server(self._config(), ready)
        except (OSError, ssl.SSLError) as error:
            listener.close()
            raise WebServerError(f"the certificate {self._certificate} can't be used: {error}") from error
        self._thread = threading.Thread(
            target=self._run, args=(listener, ready), name="web-server", daemon=True
        )
        self._application.start()
        self._thread.start()
        if not ready.wait(_START_WITHIN) or not self._server.started:
            self.stop()
            raise WebServerError(f"the web server did not start on {self._host}:{self._port}")
        return port

    def stop(self) -> None:
        """Stop serving; a second call does nothing. Returns within about five seconds."""
        if self._thread is None or self._server is None:
            return
        self._application.stop()
        self._server.should_exit = True
        self._thread.join(_STOP_WITHIN)
        if self._thread.is_alive():
            log.warning("The web server did not stop in %.0f s", _STOP_WITHIN)
        self._thread = None

    def _run(self, listener: socket.socket, ready: threading.Event) -> None:
        """Whoever looks after threads hears of an end that nobody has asked for: the pages would be gone."""
        assert self._server is not None  # noqa: S101 - set by start() before this thread begins
        try:
            self._server.run(sockets=[listener])
        except BaseException as error:
            if ready.is_set():
                raise WebServerError(f"the web server ended by an error: {error}") from error
            log.exception("The web server could not begin")
        finally:
            ready.set()
        if self._server.started and not self._server.should_exit:
            raise WebServerError("the web server ended by itself")

    def _bind(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((self._host, self._port))
            listener.listen(_BACKLOG)
        except OSError as error:
            listener.close()
            raise WebServerError(f"can't listen on {self._host}:{self._port}: {error.strerror}") from error
        listener.set_inheritable(False)
        return listener

    def _config(self) -> uvicorn.Config:
        config = uvicorn.Config(
            self._application,
            http=_ImpatientProtocol,
            ws="none",
            lifespan="off",
            interface="asgi3",
            loop="asyncio",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=15,
            timeout_graceful_shutdown=1,
            h11_max_incomplete_event_size=32 * 1024,
            ssl_certfile=None if self._certificate is None else str(self._certificate),
            ssl_keyfile=None if self._key is None else str(self._key),
        )
        config.load()
        if config.ssl is not None:
            config.ssl.minimum_version = ssl.TLSVersion.TLSv1_2
        return config
