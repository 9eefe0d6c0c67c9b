"""A gateway on a free port, with a post office in place of the actors."""

import asyncio
import json
import queue
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any, TypeVar

from websockets.asyncio.client import ClientConnection, connect

from actors.gateway import Gateway
from actors.gateway_protocol import GatewayTimings, StationAccess
from actors.messages import Message
from actors.runtime.clock import SystemClock
from evce.units import BoxIdentity
from tests.conftest import TIMEOUT_FACTOR

__all__ = ["PATIENCE", "QUICK", "Wire", "call", "run"]

T = TypeVar("T")

QUICK = GatewayTimings(
    silence=0.6, ping_after=0.2, sweep=0.05, duplicate_pong=0.3, duplicate_alarm=0.2, patience=0.3, hold=0.01
)
PATIENCE = 5.0 * TIMEOUT_FACTOR


def run(work: Awaitable[T]) -> T:
    async def bounded() -> T:
        return await asyncio.wait_for(work, 3.0 * PATIENCE)

    return asyncio.run(bounded())


class Wire:
    """`post` holds what was told to actors as (name, message); names in `away` take nothing."""

    def __init__(self, *access: StationAccess, timings: GatewayTimings = QUICK, **options: Any) -> None:
        stations = access or (StationAccess(BoxIdentity("CP-01")), StationAccess(BoxIdentity("CP-02")))
        known = {station.station: station for station in stations}
        self.post: queue.Queue[tuple[str, Message]] = queue.Queue()
        self.away: set[str] = set()
        self.full: set[str] = set()
        self.gateway = Gateway(
            "127.0.0.1",
            0,
            self._tell,
            SystemClock(),
            known.get,
            full=lambda name: name in self.full,
            timings=timings,
            **options,
        )

    def __enter__(self) -> "Wire":
        self.port = self.gateway.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.gateway.stop()

    def client(self, identity: str = "CP-01", **options: Any) -> connect:
        options = {"subprotocols": ["ocpp1.6"], "compression": None, "ping_interval": None} | options
        return connect(f"ws://127.0.0.1:{self.port}/ocpp/{identity}", **options)

    def next(self, kind: type[Message], matching: Callable[[Any], bool] = lambda _: True) -> Any:
        """The next message of this kind; others are passed over. Fails when none comes."""
        while True:
            _, message = self.post.get(timeout=PATIENCE)
            if isinstance(message, kind) and matching(message):
                return message

    async def anext(self, kind: type[Message], matching: Callable[[Any], bool] = lambda _: True) -> Any:
        return await asyncio.to_thread(self.next, kind, matching)

    def _tell(self, name: str, message: Message) -> bool:
        if name in self.away:
            return False
        self.post.put((name, message))
        return True


async def call(socket: ClientConnection, action: str, payload: object, message_id: str = "a") -> list[Any]:
    """Send a CALL and return the frame that answers it."""
    await socket.send(json.dumps([2, message_id, action, payload]))
    answer = json.loads(await asyncio.wait_for(socket.recv(), PATIENCE))
    assert isinstance(answer, list)
    return answer
