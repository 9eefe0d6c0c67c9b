"""Messages that are heard as they arrive, and those that wait: nothing is lost, doubled or overtaken."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import cast

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve

from actors.gateway_connection import StationConnection
from tests.actors.wire import PATIENCE, run


@asynccontextmanager
async def pair() -> AsyncIterator[tuple[ClientConnection, StationConnection]]:
    """Both ends of one connection on the loopback."""
    arrived: asyncio.Future[StationConnection] = asyncio.get_running_loop().create_future()

    async def keep(connection: ServerConnection) -> None:
        arrived.set_result(cast(StationConnection, connection))
        await connection.wait_closed()

    async with (
        serve(keep, "127.0.0.1", 0, create_connection=StationConnection) as server,
        connect(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/") as client,
    ):
        yield client, await arrived


class Ear:
    """Hears messages, or refuses them while `deaf`."""

    def __init__(self) -> None:
        self.deaf = False
        self.heard: list[bytes] = []
        self.refused: list[bytes] = []
        self._changed = asyncio.Event()

    def hear(self, data: bytes) -> bool:
        (self.refused if self.deaf else self.heard).append(data)
        self._changed.set()
        return not self.deaf

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._changed.clear()
                await self._changed.wait()


async def receive(connection: StationConnection) -> bytes:
    async with asyncio.timeout(PATIENCE):
        return await connection.recv(decode=False)


def test_a_message_is_heard_as_it_arrives() -> None:
    """OC-1: text or bytes, in their order, and none of them waits for `recv` as well."""

    async def talk() -> None:
        ear = Ear()
        async with pair() as (client, connection):
            connection.hear = ear.hear
            for message in ("a", b"b", "\u00e9"):
                await client.send(message)
            await ear.until(lambda: len(ear.heard) == 3)
            assert ear.heard == [b"a", b"b", "\u00e9".encode()]
            connection.hear = None
            await client.send("last")
            assert await receive(connection) == b"last"

    run(talk())


def test_what_follows_a_refused_message_waits_behind_it() -> None:
    """OC-1: until everything that waited has been dealt with, nothing is heard directly."""

    async def talk() -> None:
        ear = Ear()
        async with pair() as (client, connection):
            connection.hear = ear.hear
            ear.deaf = True
            await client.send("1")
            await ear.until(lambda: bool(ear.refused))
            ear.deaf = False
            await client.send("2")
            assert await receive(connection) == b"1"
            await client.send("3")
            await (await client.ping())  # by its answer the message before it has arrived
            for expected in (b"2", b"3"):
                connection.caught_up()
                assert await receive(connection) == expected
            assert (ear.refused, ear.heard) == ([b"1"], [])
            connection.caught_up()
            await client.send("4")
            await ear.until(lambda: ear.heard == [b"4"])

    run(talk())


def test_a_message_in_pieces_is_put_together_by_the_queue() -> None:
    """OC-1: control frames in between count for nothing."""

    async def talk() -> None:
        ear = Ear()
        async with pair() as (client, connection):
            connection.hear = ear.hear

            async def pieces() -> AsyncIterator[str]:
                yield "one "
                await (await client.ping())
                yield "two"

            await client.send(pieces())
            assert await receive(connection) == b"one two"
            connection.caught_up()
            await client.send("direct")
            await ear.until(lambda: ear.heard == [b"direct"])

    run(talk())


def test_what_came_before_anybody_listened_is_heard_first() -> None:
    """OC-1: a station may send its BootNotification together with the end of its handshake."""

    async def talk() -> None:
        ear = Ear()
        async with pair() as (client, connection):
            await client.send("early")
            await (await client.ping())
            connection.hear = ear.hear
            await client.send("late")
            await (await client.ping())
            assert await receive(connection) == b"early"
            connection.caught_up()
            assert await receive(connection) == b"late"
            assert ear.heard == []

    run(talk())
