"""Who gets a socket: registered stations with the right key, one connection for each."""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from weakref import WeakKeyDictionary

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.protocol import State

from actors.gateway_alarms import PassingAlarms
from actors.gateway_authentication import Authentication
from actors.gateway_protocol import GatewayCounters, GatewayTimings, StationAccess, identity_of, offers_ocpp
from actors.gateway_strangers import Strangers
from actors.messages import Message, StationDetected
from actors.runtime.clock import Clock
from evce.units import BoxIdentity

__all__ = ["Admission", "peer_of"]


def peer_of(connection: ServerConnection) -> str:
    """The peer's address; empty when it is gone already."""
    address = connection.remote_address
    return str(address[0]) if address else ""


class Admission:
    """Decides before the upgrade. `replaced` is told when an old connection has to make room.

    Unregistered stations are the `strangers`.
    """

    def __init__(
        self,
        known: Callable[[BoxIdentity], StationAccess | None],
        tell: Callable[[str, Message], bool],
        clock: Clock,
        counters: GatewayCounters,
        timings: GatewayTimings,
        replaced: Callable[[BoxIdentity, ServerConnection], None],
    ) -> None:
        self._known = known
        self._tell = tell
        self._counters = counters
        self._timings = timings
        self._replaced = replaced
        self._claims: dict[BoxIdentity, ServerConnection] = {}
        self._admitted: WeakKeyDictionary[ServerConnection, StationAccess] = WeakKeyDictionary()
        self._authentication = Authentication(tell, clock, timings)
        self.strangers = Strangers(tell, clock, timings)
        self.barred: set[BoxIdentity] = set()
        """Stations that are cut off for a drill."""
        self._duplicates = PassingAlarms(
            "duplicate_identity",
            "Give every station an identity of its own; an unknown device may be trying to get in.",
            timings.duplicate_alarm,
            tell,
            clock,
        )

    async def admit(self, connection: ServerConnection, request: Request) -> Response | None:
        """`process_request` of websockets: a response refuses, None goes on with the handshake."""
        identity = identity_of(request.path)
        access = None if identity is None else self._known(identity)
        if access is None:
            if identity is not None:
                peer = peer_of(connection)
                self._tell("view", StationDetected(identity, peer))
                offers = offers_ocpp(request.headers.get_all("Sec-WebSocket-Protocol"))
                if offers and self.strangers.let_in(identity, peer, connection):
                    return None
            return self._refuse(connection, HTTPStatus.NOT_FOUND, "no such station")
        if access.station in self.barred:
            return self._refuse(connection, HTTPStatus.SERVICE_UNAVAILABLE, "cut off for a drill")
        peer = peer_of(connection)
        refusal = await self._authentication.check(connection, request, access, peer)
        if refusal is not None:
            response = self._refuse(connection, HTTPStatus(refusal.status), refusal.why)
            if refusal.status == HTTPStatus.UNAUTHORIZED:
                response.headers["WWW-Authenticate"] = 'Basic realm="ocpp", charset="UTF-8"'
            return response
        if not offers_ocpp(request.headers.get_all("Sec-WebSocket-Protocol")):
            return None  # OCPP-J 1.6 §3.1.2: complete the handshake, then close
        if not await self._claim(access.station, connection):
            self._duplicates.rise(
                access.station,
                f"a second station calls itself {access.station} (from {peer}) and was refused",
            )
            return self._refuse(connection, HTTPStatus.CONFLICT, "this identity is connected already")
        self._admitted[connection] = access
        return None

    def access_of(self, connection: ServerConnection) -> StationAccess | None:
        """The station that was admitted on this connection."""
        return self._admitted.get(connection)

    def release(self, station: BoxIdentity, connection: ServerConnection) -> None:
        """The connection has ended: its identity is free, unless a newer one has it already."""
        if self._claims.get(station) is connection:
            del self._claims[station]

    async def _claim(self, station: BoxIdentity, connection: ServerConnection) -> bool:
        """Take the identity; an older connection keeps it if it is alive."""
        while (older := self._claims.get(station)) is not None and older.state is not State.CLOSED:
            if older.state is State.CONNECTING or await self._alive(older):
                return False
            if self._claims.get(station) is older:
                self._replaced(station, older)
                older.transport.abort()
                self._claims.pop(station, None)
        self._claims[station] = connection
        return True

    async def _alive(self, connection: ServerConnection) -> bool:
        """Whether it answers a ping in time."""
        try:
            pong = await connection.ping()
        except ConnectionClosed:
            return False
        done, _ = await asyncio.wait({asyncio.ensure_future(pong)}, timeout=self._timings.duplicate_pong)
        return any(not future.cancelled() and future.exception() is None for future in done)

    def _refuse(self, connection: ServerConnection, status: HTTPStatus, text: str) -> Response:
        self._counters.refused_connections += 1
        return connection.respond(status, f"{text}\n")
