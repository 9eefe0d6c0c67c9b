"""Tests of the proxy: real sockets on both sides, websockets and Modbus ADUs between them."""

import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from websockets.exceptions import ConnectionClosed, InvalidMessage
from websockets.sync.client import ClientConnection, connect
from websockets.sync.server import ServerConnection, serve

from tests.conftest import TIMEOUT_FACTOR
from tools.faults.framing import Framing
from tools.faults.lane import Trouble
from tools.faults.proxy import Proxies

ADU = bytes.fromhex("000700000006ff030bb70006")

Patience = Callable[[float], float]


class Echo(socketserver.BaseRequestHandler):
    """Says back what it hears."""

    def handle(self) -> None:
        try:
            while data := self.request.recv(4096):
                self.request.sendall(data)
        except ConnectionResetError:
            pass


@pytest.fixture
def proxies() -> Iterator[Proxies]:
    made = Proxies(seed=1)
    yield made
    made.close()


@pytest.fixture
def meter(proxies: Proxies) -> Iterator[int]:
    """The port of the proxy called "meter" before something that echoes ADUs."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield proxies.open("meter", Framing.MODBUS, server.server_address[1])
        proxies.close()
        server.shutdown()
        thread.join()


@pytest.fixture
def evce(proxies: Proxies) -> Iterator[int]:
    """The port of the proxy called "evce" before a websocket that echoes."""

    def echo(connection: ServerConnection) -> None:
        try:
            for message in connection:
                connection.send(message)
        except ConnectionClosed:
            pass

    with serve(echo, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield proxies.open("evce", Framing.WEBSOCKET, server.socket.getsockname()[1])
        proxies.close()
        server.shutdown()
        thread.join()


def dial(port: int, who: str) -> ClientConnection:
    return connect(f"ws://127.0.0.1:{port}/ocpp/{who}", proxy=None, open_timeout=5 * TIMEOUT_FACTOR)


@pytest.fixture
def client(meter: int, patience: Patience) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", meter), patience(5.0)) as sock:
        yield sock


def test_frames_go_through_unchanged(proxies: Proxies, evce: int) -> None:
    with dial(evce, "A") as station:
        for text in ("", "x" * 200, "é" * 40_000):
            station.send(text)
            assert station.recv(timeout=5) == text
    assert proxies.seen("evce", "A")["frames"] >= 6
    assert proxies.seen("evce", "B")["frames"] == 0


def test_adus_go_through_unchanged(client: socket.socket) -> None:
    client.sendall(ADU + ADU)
    heard = b""
    while len(heard) < 24 and (more := client.recv(24)):
        heard += more
    assert heard == ADU + ADU


def test_only_the_one_that_is_meant_is_disturbed(proxies: Proxies, evce: int) -> None:
    with dial(evce, "A") as one, dial(evce, "B%20b") as other:
        proxies.disturb("evce", "B b", onward=Trouble(duplicate=1.0))
        for station in (one, other):
            station.send("hello")
            assert station.recv(timeout=5) == "hello"
        assert other.recv(timeout=5) == "hello"
        with pytest.raises(TimeoutError):
            one.recv(timeout=0.05)
        proxies.calm("evce")
        other.send("again")
        assert other.recv(timeout=5) == "again"
        with pytest.raises(TimeoutError):
            other.recv(timeout=0.05)


def test_a_message_overtakes_another(proxies: Proxies, evce: int) -> None:
    with dial(evce, "A") as station:
        proxies.disturb("evce", back=Trouble(reorder=1.0))
        for text in ("first", "second", "alone"):
            station.send(text)
        assert [station.recv(timeout=5) for _ in range(3)] == ["second", "first", "alone"]


def test_a_reset_is_one(proxies: Proxies, client: socket.socket) -> None:
    client.sendall(ADU)
    client.recv(12, socket.MSG_WAITALL)
    proxies.reset("meter")
    with pytest.raises(ConnectionResetError):
        client.recv(1)


def test_who_comes_may_be_refused(proxies: Proxies, evce: int) -> None:
    with dial(evce, "A") as station:
        proxies.refuse("evce", "A")
        with pytest.raises(InvalidMessage):
            dial(evce, "A")
        station.send("still here")
        assert station.recv(timeout=5) == "still here"
    proxies.refuse("evce", "A", refused=False)
    with dial(evce, "A"):
        pass


def test_half_open_nobody_learns_of_an_end(proxies: Proxies, client: socket.socket, meter: int) -> None:
    """What is sent is acknowledged by TCP, and no FIN comes through; once over, both are told by a reset."""
    client.sendall(ADU)
    client.recv(12, socket.MSG_WAITALL)
    half_open = Trouble(swallow=True)
    proxies.disturb("meter", onward=half_open, back=half_open)
    newcomer = socket.create_connection(("127.0.0.1", meter), 5.0)
    client.settimeout(0.1)
    for sock in (client, newcomer):
        sock.settimeout(0.1)
        sock.sendall(ADU)
        with pytest.raises(TimeoutError):
            sock.recv(1)
    client.shutdown(socket.SHUT_WR)
    with pytest.raises(TimeoutError):
        client.recv(1)
    proxies.calm("meter")
    for sock in (client, newcomer):
        sock.settimeout(5.0)
        with pytest.raises(ConnectionResetError):
            sock.recv(1)
    newcomer.close()


def test_a_connection_is_cut_in_mid_frame(proxies: Proxies, client: socket.socket) -> None:
    proxies.disturb("meter", back=Trouble(cut=1.0))
    client.sendall(ADU)
    got = client.recv(12)
    with pytest.raises(ConnectionResetError):
        client.recv(12)
    assert ADU.startswith(got)
    assert 0 < len(got) < len(ADU)


@pytest.mark.parametrize(
    ("trouble", "least"), [(Trouble(delay=0.2), 0.2), (Trouble(rate=40.0), 8 / 40.0)], ids=["delay", "rate"]
)
def test_what_comes_late_comes_whole(
    trouble: Trouble, least: float, proxies: Proxies, client: socket.socket
) -> None:
    proxies.disturb("meter", onward=trouble)
    began = time.monotonic()
    client.sendall(ADU)
    assert client.recv(12, socket.MSG_WAITALL) == ADU
    assert time.monotonic() - began >= least


def test_an_end_is_passed_on(client: socket.socket) -> None:
    client.sendall(ADU)
    client.shutdown(socket.SHUT_WR)
    assert client.recv(12, socket.MSG_WAITALL) == ADU
    assert client.recv(1) == b""


def test_a_server_that_is_not_there_looks_like_a_reset(proxies: Proxies, patience: Patience) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = proxies.open("nobody", Framing.MODBUS, sock.getsockname()[1])
        with (
            pytest.raises(ConnectionResetError),
            socket.create_connection(("127.0.0.1", port), patience(5.0)) as client,
        ):
            client.recv(1)
