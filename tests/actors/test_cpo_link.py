"""The sockets to the operator on real loopback connections: security, proxies, floods, ends."""

import asyncio
import datetime as dt
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from actors.cpo_link import CpoConnector, password_of
from actors.messages import Message, UplinkConnected, UplinkHeard, UplinkLost
from evce.cpo.settings import UplinkSettings
from evce.ocppj import Call
from evce.units import BoxIdentity
from tests.conftest import TIMEOUT_FACTOR
from tools.simulation.cpo_server import CpoServer

BOX = BoxIdentity("CP 1")
PATIENCE = 10.0 * TIMEOUT_FACTOR


class Ends:
    """A connector, and what it delivers."""

    def __init__(self, folder: Path) -> None:
        self.connector = CpoConnector(folder)
        self.post: queue.Queue[Message] = queue.Queue()

    def dial(self, url: str, session: int = 1, **settings: Any) -> None:
        self.connector.dial(BOX, session, UplinkSettings(url, **settings), 0.0, self.post.put)

    def next(self, kind: type[Message]) -> Any:
        while True:
            message = self.post.get(timeout=PATIENCE)
            if isinstance(message, kind):
                return message


@pytest.fixture
def ends(tmp_path: Path) -> Iterator[Ends]:
    made = Ends(tmp_path)
    yield made
    made.connector.close()


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[CpoServer]:
    server = CpoServer(tmp_path / "book")
    server.start()
    yield server
    server.stop()


def test_each_station_has_its_own_path(ends: Ends, operator: CpoServer) -> None:
    """CPO-1: URL/<box identity>."""
    ends.dial(f"ws://127.0.0.1:{operator.port}/a/b")
    assert ends.next(UplinkConnected) == UplinkConnected(1)
    assert operator.paths == ["/a/b/CP%201"]
    ends.connector.send(BOX, 1, '[2,"x","Heartbeat",{}]')
    heard = ends.next(UplinkHeard)
    assert (heard.session, heard.frame.id) == (1, "x")
    ends.connector.send(BOX, 99, "of another session")
    ends.connector.hang_up(BOX, 1, "enough")
    assert ends.next(UplinkLost) == UplinkLost(1, "enough")


def test_a_newer_session_takes_the_place_of_an_older(ends: Ends, operator: CpoServer) -> None:
    ends.dial(f"ws://127.0.0.1:{operator.port}/")
    ends.next(UplinkConnected)
    ends.dial(f"ws://127.0.0.1:{operator.port}/", session=2)
    told = {(type(message), message.session) for message in (ends.next(Message), ends.next(Message))}
    assert told == {(UplinkLost, 1), (UplinkConnected, 2)}


def test_nobody_there_is_told_in_words(ends: Ends) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ends.dial(f"ws://127.0.0.1:{port}/")
    assert "Connect call failed" in ends.next(UplinkLost).reason


def test_basic_authentication_is_read_from_the_file(tmp_path: Path, ends: Ends) -> None:
    """CPO-1: OC-7's profile 1 toward the operator; a wrong password is told without it."""
    server = CpoServer(tmp_path / "book", password="open sesame")
    server.start()
    try:
        url = f"ws://127.0.0.1:{server.port}/"
        passwords = tmp_path / "passwords"
        passwords.write_text("# operator\nCP-9 other\n* wrong\n")
        ends.dial(url, credentials_file="passwords")
        assert ends.next(UplinkLost).reason == "refused with HTTP status 401"
        passwords.write_text("* open sesame\n")
        ends.dial(url, session=2, credentials_file="passwords")
        assert ends.next(UplinkConnected).session == 2
        passwords.unlink()
        ends.dial(url, session=3, credentials_file="passwords")
        while (lost := ends.next(UplinkLost)).session != 3:
            pass  # the end of the connection before
        assert "No such file" in lost.reason
    finally:
        server.stop()


def test_a_key_of_the_operator_goes_before_the_file(tmp_path: Path, ends: Ends) -> None:
    """CPO-1: the bytes themselves, as the white paper has them; a refusal is told as one of the password."""
    server = CpoServer(tmp_path / "book", password="open sesame")
    server.keys[BOX] = key = bytes(range(236, 256))
    server.start()
    try:
        url = f"ws://127.0.0.1:{server.port}/"
        (tmp_path / "passwords").write_text("* open sesame\n")
        ends.dial(url, credentials_file="passwords")
        assert ends.next(UplinkLost).unauthorised
        ends.dial(url, session=2, credentials_file="passwords", key=key)
        assert ends.next(UplinkConnected).session == 2
    finally:
        server.stop()


def test_a_station_s_own_line_comes_before_the_others(tmp_path: Path) -> None:
    path = tmp_path / "p"
    path.write_text("* common\nCP-1 own\n")
    assert [password_of(BoxIdentity(name), path) for name in ("CP-1", "CP-2")] == ["own", "common"]
    path.write_text("CP-1 own\n")
    with pytest.raises(ValueError, match="no line for CP-2"):
        password_of(BoxIdentity("CP-2"), path)


def certify(folder: Path, name: str, issuer: tuple[Any, Any] | None = None) -> tuple[Any, Any]:
    """A certificate and key in `name`.pem and `name`.key, self-signed without an issuer."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer[0].subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
    )
    certificate = builder.sign(key if issuer is None else issuer[1], hashes.SHA256())
    (folder / f"{name}.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / f"{name}.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return certificate, key


def test_tls_trusts_the_named_authority_and_shows_a_certificate(tmp_path: Path, ends: Ends) -> None:
    """CPO-1: wss:// with the operator's authority and a client certificate, and not without them."""
    authority = certify(tmp_path, "ca")
    certify(tmp_path, "server", authority)
    certify(tmp_path, "client", authority)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem", tmp_path / "server.key")
    context.load_verify_locations(tmp_path / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    server = CpoServer(tmp_path / "book", ssl=context)
    server.start()
    try:
        url = f"wss://127.0.0.1:{server.port}/"
        ends.dial(url)
        assert "certificate verify failed" in ends.next(UplinkLost).reason
        ends.dial(url, session=2, ca_file="ca.pem")
        assert ends.next(UplinkLost).session == 2
        ends.dial(url, session=3, ca_file="ca.pem", certificate_file="client.pem", key_file="client.key")
        assert ends.next(UplinkConnected).session == 3
    finally:
        server.stop()


class Peer:
    """A server that does one thing to whoever connects; `seen` is what came first."""

    def __init__(self, talk: Callable[[socket.socket, "Peer"], None]) -> None:
        self.seen = b""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._talk = talk
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return
        with connection:
            self.seen = connection.recv(4096)
            self._talk(connection, self)

    def close(self) -> None:
        self._listener.close()


def test_the_proxy_is_honoured(ends: Ends, operator: CpoServer) -> None:
    """CPO-6: the connection goes through the HTTP proxy of the configuration."""

    def tunnel(connection: socket.socket, peer: Peer) -> None:
        with socket.create_connection(("127.0.0.1", operator.port)) as onward:
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            back = threading.Thread(target=_pump, args=(onward, connection), daemon=True)
            back.start()
            _pump(connection, onward)

    proxy = Peer(tunnel)
    ends.dial(f"ws://127.0.0.1:{operator.port}/", proxy=f"http://127.0.0.1:{proxy.port}")
    ends.next(UplinkConnected)
    assert proxy.seen.startswith(f"CONNECT 127.0.0.1:{operator.port} HTTP/1.1".encode())
    proxy.close()


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(4096):
            target.sendall(data)
    except OSError:
        return


def test_a_redirect_is_not_followed(ends: Ends, operator: CpoServer) -> None:
    """RELIABILITY §4.15: the address is the configuration's, nobody else's."""

    def redirect(connection: socket.socket, _: Peer) -> None:
        target = f"Location: ws://127.0.0.1:{operator.port}/\r\nContent-Length: 0\r\n\r\n"
        connection.sendall(b"HTTP/1.1 302 Found\r\n" + target.encode())

    peer = Peer(redirect)
    ends.dial(f"ws://127.0.0.1:{peer.port}/")
    assert ends.next(UplinkLost).reason == "refused with HTTP status 302"
    assert operator.paths == []
    peer.close()


def test_an_operator_without_ocpp_is_left(tmp_path: Path, ends: Ends) -> None:
    """OCTT 088: the subprotocol must be ocpp1.6."""

    async def serve_plain(ready: "queue.Queue[int]", over: asyncio.Event) -> None:
        from websockets.asyncio.server import serve

        async with serve(lambda ws: ws.wait_closed(), "127.0.0.1", 0) as server:
            ready.put(server.sockets[0].getsockname()[1])
            await over.wait()

    ready: queue.Queue[int] = queue.Queue()
    loop, over = asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(target=loop.run_until_complete, args=(serve_plain(ready, over),), daemon=True)
    thread.start()
    ends.dial(f"ws://127.0.0.1:{ready.get(timeout=PATIENCE)}/")
    assert "ocpp1.6" in ends.next(UplinkLost).reason
    loop.call_soon_threadsafe(over.set)
    thread.join(PATIENCE)


def test_a_flood_is_read_slowly_and_a_giant_ends_the_connection(ends: Ends, operator: CpoServer) -> None:
    """CPO-1: an operator that floods is held back at its own end."""
    ends.dial(f"ws://127.0.0.1:{operator.port}/")
    ends.next(UplinkConnected)
    began = time.monotonic()
    for number in range(140):
        operator.send_raw(BOX, f'[2,"{number}","ClearCache",{{}}]')
    heard = [ends.next(UplinkHeard) for _ in range(140)]
    assert [message.frame.id for message in heard if isinstance(message.frame, Call)][:2] == ["0", "1"]
    assert time.monotonic() - began > 1.8, "a hundred frames at once, then twenty a second"
    operator.send_raw(BOX, "x" * 2_000_000)
    assert "1009" in ends.next(UplinkLost).reason


def test_closing_ends_every_connection(tmp_path: Path, operator: CpoServer) -> None:
    made = Ends(tmp_path)
    made.connector.hang_up(BOX, None, "nobody is there")
    made.dial(f"ws://127.0.0.1:{operator.port}/")
    made.next(UplinkConnected)
    made.connector.close()
    assert made.next(UplinkLost).reason == "the daemon ends"
    assert "cpo-link" not in [thread.name for thread in threading.enumerate()]
