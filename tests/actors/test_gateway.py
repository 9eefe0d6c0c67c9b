"""The gateway over real websockets on loopback: life of a connection, and the way out."""

import asyncio
import json
import socket as sockets
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from actors import gateway_certificates
from actors.gateway import Gateway
from actors.messages import CallReceived, LinkClosed, LinkOpened
from actors.runtime.clock import SystemClock
from evce.units import BoxIdentity
from tests.actors.wire import PATIENCE, Wire, run

CP = BoxIdentity("CP-01")


def test_each_connection_of_a_station_has_a_higher_incarnation() -> None:
    """OC-6."""

    async def talk(wire: Wire) -> None:
        for incarnation in (1, 2, 3):
            async with wire.client():
                opened = await wire.anext(LinkOpened)
                assert (opened.station, opened.incarnation, opened.peer) == (CP, incarnation, "127.0.0.1")
            closed = await wire.anext(LinkClosed)
            assert closed.incarnation == incarnation

    with Wire() as wire:
        run(talk(wire))
        assert wire.gateway.counters.connections == 3


def test_the_numbering_outlives_the_gateway() -> None:
    """OC-6."""
    incarnations = {CP: 41}

    async def talk(wire: Wire) -> None:
        async with wire.client():
            assert (await wire.anext(LinkOpened)).incarnation == 42

    with Wire(incarnations=incarnations) as wire:
        run(talk(wire))
    assert incarnations == {CP: 42}


def test_frames_go_out_in_their_order_from_any_thread_and_only_to_their_incarnation() -> None:
    """OC-1."""

    async def talk(wire: Wire) -> None:
        async with wire.client() as socket:
            incarnation = (await wire.anext(LinkOpened)).incarnation
            wire.gateway.send(CP, incarnation - 1, "old")
            wire.gateway.send(BoxIdentity("CP-99"), 1, "nobody")
            for n in range(100):
                wire.gateway.send(CP, incarnation, f"[3,{n}]")
            got = [await asyncio.wait_for(socket.recv(), PATIENCE) for _ in range(100)]
            assert got == [f"[3,{n}]" for n in range(100)]

    with Wire() as wire:
        run(talk(wire))


def test_a_socket_is_closed_with_its_code() -> None:
    async def talk(wire: Wire) -> None:
        async with wire.client() as socket:
            incarnation = (await wire.anext(LinkOpened)).incarnation
            wire.gateway.disconnect(CP, incarnation + 1, 1011, "not this one")
            wire.gateway.disconnect(CP, incarnation, 1011, "why")
            with pytest.raises(ConnectionClosed):
                await asyncio.wait_for(socket.recv(), PATIENCE)
            assert (socket.close_code, socket.close_reason) == (1011, "why")
        assert "1011" in (await wire.anext(LinkClosed)).reason

    with Wire() as wire:
        run(talk(wire))


def test_a_new_actor_is_told_of_its_link_again() -> None:
    """AC-2."""

    async def talk(wire: Wire) -> None:
        async with wire.client():
            first = await wire.anext(LinkOpened)
            wire.gateway.announce(CP)
            assert await wire.anext(LinkOpened) == first
            wire.gateway.announce(BoxIdentity("CP-02"))
            assert wire.gateway.connected() == (CP,)

    with Wire() as wire:
        run(talk(wire))


def test_a_station_that_is_cut_off_is_refused_until_it_is_let_in_again() -> None:
    """AC-4: its connection breaks without a close frame; others are none the wiser."""

    async def talk(wire: Wire) -> None:
        async with wire.client() as socket, wire.client("CP-02") as other:
            await wire.anext(LinkOpened)
            await wire.anext(LinkOpened)
            wire.gateway.bar(CP)
            with pytest.raises(ConnectionClosed):
                await asyncio.wait_for(socket.recv(), PATIENCE)
            assert socket.close_code == 1006
            closed = await wire.anext(LinkClosed)
            assert (closed.station, closed.reason) == (CP, "cut off for a drill")
            with pytest.raises(InvalidStatus) as refused:
                async with wire.client():
                    pass
            assert refused.value.response.status_code == 503
            assert wire.gateway.connected() == (BoxIdentity("CP-02"),)
            await other.ping()
            wire.gateway.unbar(CP)
            async with wire.client():
                assert (await wire.anext(LinkOpened)).incarnation == 2

    with Wire() as wire:
        run(talk(wire))


def test_a_half_open_socket_is_found() -> None:
    """OC-6: 15 s of silence with the timings of the product; any frame proves life."""

    async def talk(wire: Wire) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
        writer.write(
            b"GET /ocpp/CP-01 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Protocol: ocpp1.6\r\n\r\n"
        )
        assert b"101" in await reader.readline()
        await wire.anext(LinkOpened)
        assert "silent" in (await wire.anext(LinkClosed)).reason  # no pong was ever sent
        writer.close()

    with Wire() as wire:
        run(talk(wire))


def test_a_quiet_station_that_answers_pings_stays() -> None:
    """OC-6."""

    async def talk(wire: Wire) -> None:
        async with wire.client() as socket:
            await wire.anext(LinkOpened)
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(socket.recv(), 1.2)  # twice the silence that is allowed
            await socket.send('[2,"a","Heartbeat",{}]')
            assert json.loads(await asyncio.wait_for(socket.recv(), PATIENCE))[:2] == [3, "a"]
            assert (await wire.anext(CallReceived)).incarnation == 1

    with Wire() as wire:
        run(talk(wire))


def test_a_port_that_is_taken_is_an_error_at_the_start() -> None:
    with sockets.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        gateway = Gateway("127.0.0.1", port, lambda _, __: True, SystemClock(), lambda _: None)
        with pytest.raises(OSError, match=str(port)):
            gateway.start()


def test_a_gateway_that_fails_while_it_serves_does_not_die_in_silence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """RELIABILITY, OOM: its thread ends by its error, so that the process can end, too."""
    failures: list[threading.ExceptHookArgs] = []
    failed = threading.Event()

    def hook(failure: threading.ExceptHookArgs) -> None:
        failures.append(failure)
        failed.set()

    def fail() -> None:
        raise SystemExit("no memory")

    monkeypatch.setattr(threading, "excepthook", hook)
    gateway = Gateway("127.0.0.1", 0, lambda _, __: True, SystemClock(), lambda _: None)
    monkeypatch.setattr(gateway, "_stop", fail)
    gateway.start()
    gateway.stop()
    assert failed.wait(PATIENCE)
    (failure,) = failures
    assert failure.thread is not None
    assert (failure.thread.name, str(failure.exc_value)) == ("gateway", "no memory")


def test_a_site_that_asks_for_tls_has_no_other_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """OC-7: who speaks without it to the one that is there gets no answer."""
    monkeypatch.setattr(gateway_certificates, "_ROOT_BITS", 2048)
    context = gateway_certificates.CertificateStore(tmp_path).context(datetime.now(UTC), ["127.0.0.1"])
    gateway = Gateway(
        "127.0.0.1", None, lambda _, __: True, SystemClock(), lambda _: None, secured=(0, context)
    )

    async def knock() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", gateway.secured_port)
        writer.write(b"GET /ocpp/CP-01 HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = await reader.read()
        writer.close()
        return answer

    try:
        assert gateway.start() is None
        assert gateway.secured_port
        assert b"HTTP" not in run(knock())
    finally:
        gateway.stop()


def test_a_stop_says_goodbye() -> None:
    """AC-3."""

    async def talk(wire: Wire) -> None:
        async with wire.client() as socket:
            await wire.anext(LinkOpened)
            stopping = asyncio.create_task(asyncio.to_thread(wire.gateway.stop))
            with pytest.raises(ConnectionClosed):
                await asyncio.wait_for(socket.recv(), PATIENCE)
            assert socket.close_code == 1001
            await stopping
        await wire.anext(LinkClosed)
        wire.gateway.send(CP, 1, "nobody listens")

    with Wire() as wire:
        run(talk(wire))
