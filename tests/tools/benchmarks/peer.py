"""A central system made of a few lines, for light stations to talk to."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol


class Peer:
    """Answers each CALL with `answers[action]` and keeps it in `calls`; `connection` is the newest one.

    An answer with "refused" in it is a CALLERROR, one with "silent" none.
    """

    def __init__(self, **answers: dict[str, Any]) -> None:
        self.answers = answers
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.results: asyncio.Queue[list[Any]] = asyncio.Queue()
        self.greeting: list[Any] | None = None
        self.connected = asyncio.Event()
        self.connection: ServerConnection
        self.port = 0

    async def talk(self, connection: ServerConnection) -> None:
        self.connection = connection
        self.connected.set()
        if self.greeting is not None:
            await connection.send(json.dumps(self.greeting))
        async for text in connection:
            frame = json.loads(text)
            if frame[0] != 2:
                self.results.put_nowait(frame)
                continue
            self.calls.append((frame[2], frame[3]))
            answer = self.answers.get(frame[2], {})
            if "silent" in answer:
                continue
            reply = [4, frame[1], "InternalError", "", {}] if "refused" in answer else [3, frame[1], answer]
            await connection.send(json.dumps(reply))

    async def call(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Send a CALL; return what the station answers."""
        await self.connection.send(json.dumps([2, "1", action, payload]))
        kind, _, answer = await self.results.get()
        assert kind == 3
        return dict(answer)


@asynccontextmanager
async def listening(
    peer: Peer, handler: Callable[[ServerConnection], Any] | None = None
) -> AsyncIterator[Peer]:
    """Let the peer listen on a free port of 127.0.0.1."""
    async with serve(
        handler or peer.talk, "127.0.0.1", 0, subprotocols=[Subprotocol("ocpp1.6")], max_size=None
    ) as server:
        peer.port = next(iter(server.sockets)).getsockname()[1]
        yield peer
