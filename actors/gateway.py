"""The OCPP gateway: one thread with an asyncio loop between the stations' sockets and their actors."""

import asyncio
import logging
import ssl
import threading
from collections import deque
from collections.abc import Callable, Coroutine, MutableMapping, Sequence
from contextlib import AsyncExitStack
from typing import Any, Final, cast

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from actors.gateway_admission import Admission, peer_of
from actors.gateway_connection import StationConnection
from actors.gateway_conversation import Conversation, Session
from actors.gateway_protocol import SUBPROTOCOL, GatewayCounters, GatewayTimings, StationAccess
from actors.gateway_taps import Taps
from actors.messages import LinkClosed, LinkOpened, Message
from actors.runtime.clock import Clock
from evce.ocppj import MAX_FRAME
from evce.units import BoxIdentity
from evce.validation import prepare

__all__ = ["Gateway"]

logger = logging.getLogger(__name__)

_START_TIMEOUT: Final = 10.0
_PROTOCOL_ERROR: Final = 1002
_REASON_LENGTH: Final = 120
"""RFC 6455 §5.5: 125 bytes for code and reason."""


class Gateway:
    """Accepts stations at `ws://host:port/ocpp/<box identity>`, and at `wss://` on a port of its own.

    `port` None: no unencrypted connections at all. `secured` is the other port with its TLS, or None. The
    context may be given other certificates at any time: they hold for the handshakes that follow.
    `send` tells an actor by name (False: nobody is there), `full` whether its inbox should get no more,
    `known` the registered stations; all are called on the gateway's thread and must not block. Frames are
    checked here, so that an actor sees only what is valid; what is not is answered as OCPP-J wants it.
    `incarnations` lets the numbering of connections outlive the gateway.
    """

    def __init__(
        self,
        host: str,
        port: int | None,
        send: Callable[[str, Message], bool],
        clock: Clock,
        known: Callable[[BoxIdentity], StationAccess | None],
        *,
        full: Callable[[str], bool] = lambda _: False,
        secured: tuple[int, ssl.SSLContext] | None = None,
        incarnations: MutableMapping[BoxIdentity, int] | None = None,
        timings: GatewayTimings = GatewayTimings(),  # noqa: B008  # frozen
    ) -> None:
        self._host, self._port = host, port
        self._secured = secured
        self.secured_port: int | None = None
        """The port for `wss://` that was bound."""
        self._tell = send
        self._timings = timings
        self._incarnations = {} if incarnations is None else incarnations
        self.counters = GatewayCounters()
        self._clock = clock
        self._admission = Admission(known, send, clock, self.counters, timings, self._replaced)
        self.taps = Taps(clock)
        """Where an engineer listens in on a station's frames."""
        self._conversation = Conversation(send, full, clock, self.counters, timings, self.taps)
        self._sessions: dict[BoxIdentity, Session] = {}
        self._outbox: deque[Callable[[], None]] = deque()
        self._waking = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._started = threading.Event()
        self._failure: BaseException | None = None
        self._thread: threading.Thread | None = None

    # From any thread.

    def start(self) -> int | None:
        """Listen; returns the unencrypted port that was bound. Raises `OSError` when that isn't possible."""
        prepare()
        self._thread = threading.Thread(target=self._run, name="gateway", daemon=True)
        self._thread.start()
        if not self._started.wait(_START_TIMEOUT):
            raise TimeoutError("the gateway didn't start")
        if self._failure is not None:
            raise self._failure
        return self._port

    def stop(self, timeout: float = 5.0) -> None:
        """Close every socket (1001, going away) and end the thread; waits for at most `timeout` seconds."""
        self._post(self._stop)
        if self._thread is not None:
            self._thread.join(timeout)

    def connected(self) -> tuple[BoxIdentity, ...]:
        """The stations that are connected now."""
        return tuple(self._sessions)

    def send(self, station: BoxIdentity, incarnation: int, text: str) -> None:
        """See `StationLink.send`."""
        self._post(lambda: self._send(station, incarnation, text))

    def disconnect(self, station: BoxIdentity, incarnation: int, code: int, reason: str) -> None:
        """See `StationLink.disconnect`."""
        self._post(lambda: self._disconnect(station, incarnation, code, reason))

    def announce(self, station: BoxIdentity) -> None:
        """See `StationLink.announce`."""
        self._post(lambda: self._announce(station))

    def bar(self, station: BoxIdentity) -> None:
        """Cut a station off, for a drill: its socket breaks, and it is refused until `unbar`."""
        self._post(lambda: self._bar(station))

    def unbar(self, station: BoxIdentity) -> None:
        """Let the station in again when it next calls."""
        self._post(lambda: self._admission.barred.discard(station))

    def _post(self, work: Callable[[], None]) -> None:
        """Hand work to the loop; many posts in a row wake it once."""
        self._outbox.append(work)
        loop = self._loop
        if self._waking or loop is None:
            return
        self._waking = True
        try:
            loop.call_soon_threadsafe(self._work)
        except RuntimeError:  # the loop is closed: so are all sockets
            self._outbox.clear()

    # On the loop's thread from here on.

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            self._failure = error
            if self._started.is_set():
                raise  # nobody waits for it any more: whoever watches the threads must hear of it
        finally:
            self._started.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        async with AsyncExitStack() as servers:
            if self._port is not None:
                self._port = await self._listen(servers, self._port, None)
            if self._secured is not None:
                self.secured_port = await self._listen(servers, *self._secured)
            self._started.set()
            sweeper = asyncio.create_task(self._sweep())
            await self._stopping.wait()
            sweeper.cancel()

    async def _listen(self, servers: AsyncExitStack, port: int, tls: ssl.SSLContext | None) -> int:
        """Open one port; returns the one that was bound."""
        server = await servers.enter_async_context(
            serve(
                self._converse,
                self._host,
                port,
                ssl=tls,
                create_connection=StationConnection,
                process_request=self._admission.admit,
                select_subprotocol=_select_subprotocol,
                compression=None,
                max_size=MAX_FRAME,
                ping_interval=None,
                open_timeout=self._timings.handshake,
                close_timeout=2.0,
                server_header=None,
                logger=_websockets_logger,
                ssl_handshake_timeout=None if tls is None else self._timings.handshake,
            )
        )
        bound: int = server.sockets[0].getsockname()[1]
        return bound

    def _stop(self) -> None:
        if self._stopping is not None:
            self._stopping.set()

    def _work(self) -> None:
        self._waking = False
        outbox = self._outbox
        while outbox:
            outbox.popleft()()

    def _send(self, station: BoxIdentity, incarnation: int, text: str) -> None:
        session = self._session(station, incarnation)
        if session is not None:
            self._conversation.write(session, text)

    def _disconnect(self, station: BoxIdentity, incarnation: int, code: int, reason: str) -> None:
        session = self._session(station, incarnation)
        if session is not None:
            self._background(session.connection.close(code, reason[:120]))

    def _bar(self, station: BoxIdentity) -> None:
        self._admission.barred.add(station)
        session = self._sessions.get(station)
        if session is not None:
            self._end(session, "cut off for a drill")
            session.connection.transport.abort()

    def _announce(self, station: BoxIdentity) -> None:
        session = self._sessions.get(station)
        if session is not None:
            self._tell(session.name, LinkOpened(station, session.incarnation, session.peer))

    def _session(self, station: BoxIdentity, incarnation: int) -> Session | None:
        session = self._sessions.get(station)
        return session if session is not None and session.incarnation == incarnation else None

    async def _converse(self, connection: ServerConnection) -> None:
        """One task for each connection, from the end of the handshake to the end of the socket."""
        if await self._admission.strangers.hear(connection):
            self.counters.refused_connections += 1
            return
        access = self._admission.access_of(connection)
        if access is None or connection.subprotocol is None:
            self.counters.refused_connections += 1
            await connection.close(_PROTOCOL_ERROR, f"this server speaks {SUBPROTOCOL}")
            return
        if access.station in self._admission.barred:  # since its handshake began
            self._admission.release(access.station, connection)
            connection.transport.abort()
            return
        session = self._open(access, cast(StationConnection, connection))
        reason = "the connection was lost"
        try:
            await self._conversation.listen(session)
        except ConnectionClosed as closed:
            reason = str(closed)
        finally:
            self._end(session, reason)

    def _open(self, access: StationAccess, connection: StationConnection) -> Session:
        incarnation = self._incarnations.get(access.station, 0) + 1
        self._incarnations[access.station] = incarnation
        heard_at = self._clock.monotonic()
        session = Session(access, incarnation, connection, peer_of(connection), heard_at)
        self._sessions[access.station] = session
        self.counters.connections += 1
        self._tell(session.name, LinkOpened(session.station, incarnation, session.peer))
        return session

    def _end(self, session: Session, reason: str) -> None:
        """Once for each session, whoever notices first."""
        if session.ended:
            return
        session.ended = True
        self._conversation.release(session)
        self._admission.release(session.station, session.connection)
        if self._sessions.get(session.station) is session:
            del self._sessions[session.station]
        self._tell(session.name, LinkClosed(session.station, session.incarnation, reason))

    def _replaced(self, station: BoxIdentity, connection: ServerConnection) -> None:
        session = self._sessions.get(station)
        if session is not None and session.connection is connection:
            self._end(session, "it didn't answer, and a newer connection took its place")

    async def _sweep(self) -> None:
        """Find half-open sockets: silence, also after a ping."""
        timings = self._timings
        while True:
            await asyncio.sleep(timings.sweep)
            now = self._clock.monotonic()
            for session in list(self._sessions.values()):
                silent = now - session.heard_at
                if silent >= timings.silence:
                    self._end(session, f"silent for {silent:.0f} s")
                    session.connection.transport.abort()
                elif silent >= timings.ping_after and not session.probing:
                    session.probing = True
                    self._background(self._probe(session))

    async def _probe(self, session: Session) -> None:
        try:
            await (await session.connection.ping())
            session.heard_at = self._clock.monotonic()
        finally:
            session.probing = False

    def _background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.debug("a socket ended meanwhile: %s", error)


def _select_subprotocol(_: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """A client without OCPP 1.6 completes its handshake without one, and is closed then."""
    return Subprotocol(SUBPROTOCOL) if SUBPROTOCOL in offered else None


_websockets_logger = logging.getLogger("evce.websockets")
_websockets_logger.setLevel(logging.CRITICAL)
"""Each failed handshake of a stranger would be a traceback; what matters is in the event log."""
