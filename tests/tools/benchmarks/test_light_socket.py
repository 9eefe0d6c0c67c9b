"""The client that costs next to nothing, against the real server of `websockets`."""

import asyncio
from collections.abc import Callable

import pytest
from websockets.asyncio.server import ServerConnection

from tests.tools.benchmarks.peer import Peer, listening
from tools.benchmarks.light_socket import LightSocket, masked


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 200_000])
def test_a_text_of_any_length_goes_there_and_back(size: int, patience: Callable[[float], float]) -> None:
    """OC-1: frames of RFC 6455 with all three forms of length."""

    async def echo(connection: ServerConnection) -> None:
        async for text in connection:
            await connection.send(text)

    async def run() -> None:
        heard: asyncio.Queue[bytes] = asyncio.Queue()
        text = b"x" * size
        async with asyncio.timeout(patience(10)), listening(Peer(), echo) as peer:
            socket = LightSocket("/ocpp/A", heard.put_nowait, lambda _: None)
            await socket.connect("127.0.0.1", peer.port)
            socket.send(text)
            socket.send(b"end")
            assert await heard.get() == text
            assert await heard.get() == b"end"
            assert socket.arrived > 0.0
            socket.close()

    asyncio.run(run())


def test_what_comes_with_the_handshake_is_heard(patience: Callable[[float], float]) -> None:
    async def run() -> None:
        heard: asyncio.Queue[bytes] = asyncio.Queue()
        async with asyncio.timeout(patience(10)), listening(Peer()) as peer:
            peer.greeting = ["at once"]
            socket = LightSocket("/ocpp/A", heard.put_nowait, lambda _: None)
            await socket.connect("127.0.0.1", peer.port)
            assert await heard.get() == b'["at once"]'
            socket.close()

    asyncio.run(run())


@pytest.mark.parametrize("cut", [1, 2, 3, 5, 9])
def test_frames_in_pieces_are_put_together(cut: int) -> None:
    """TCP knows no frames."""

    async def run() -> None:
        heard: list[bytes] = []
        socket = LightSocket("/ocpp/A", heard.append, lambda _: None)
        stream = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
        stream += b"\x81\x03one" + b"\x81\x7e\x00\xc8" + b"y" * 200 + b"\x81\x05three"
        for begin in range(0, len(stream), cut):
            socket.data_received(stream[begin : begin + cut])
        assert heard == [b"one", b"y" * 200, b"three"]

    asyncio.run(run())


def test_a_ping_is_answered(patience: Callable[[float], float]) -> None:
    """OC-1: a silent station that lives isn't dropped."""

    async def run() -> None:
        async with asyncio.timeout(patience(10)), listening(Peer()) as peer:
            socket = LightSocket("/ocpp/A", lambda _: None, lambda _: None)
            await socket.connect("127.0.0.1", peer.port)
            await peer.connected.wait()
            await (await peer.connection.ping())
            socket.close()

    asyncio.run(run())


def test_whoever_is_closed_learns_why(patience: Callable[[float], float]) -> None:
    async def run() -> None:
        closed: asyncio.Queue[str] = asyncio.Queue()
        async with asyncio.timeout(patience(10)), listening(Peer()) as peer:
            socket = LightSocket("/ocpp/A", lambda _: None, closed.put_nowait)
            await socket.connect("127.0.0.1", peer.port)
            await peer.connected.wait()
            await peer.connection.close(1008, "enough")
            assert await closed.get() == "the server closed it: 1008 enough"

    asyncio.run(run())


def test_who_hangs_up_itself_is_told_nothing(patience: Callable[[float], float]) -> None:
    async def run() -> None:
        closed: list[str] = []
        async with asyncio.timeout(patience(10)), listening(Peer()) as peer:
            socket = LightSocket("/ocpp/A", lambda _: None, closed.append)
            await socket.connect("127.0.0.1", peer.port)
            await peer.connected.wait()
            socket.close()
            await peer.connection.wait_closed()
            assert peer.connection.close_code == 1000
        assert closed == []

    asyncio.run(run())


def test_a_refused_handshake_is_an_error(patience: Callable[[float], float]) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async def run() -> None:
        async with (
            asyncio.timeout(patience(10)),
            await asyncio.start_server(refuse, "127.0.0.1", 0) as server,
        ):
            socket = LightSocket("/ocpp/A", lambda _: None, lambda _: None)
            with pytest.raises(ConnectionError, match="404"):
                await socket.connect("127.0.0.1", server.sockets[0].getsockname()[1])

    asyncio.run(run())


def test_a_client_masks() -> None:
    """RFC 6455 §5.1: a server closes on a frame that isn't masked."""
    assert masked(1, b"ab") == b"\x81\x82\x00\x00\x00\x00ab"
