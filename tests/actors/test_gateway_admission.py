"""Who gets a socket."""

import asyncio
import json

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from actors.gateway_protocol import StationAccess
from actors.messages import AlarmCleared, AlarmRaised, LinkClosed, LinkOpened, StationDetected
from evce.security.profiles import SecurityProfile
from evce.units import BoxIdentity
from tests.actors.wire import PATIENCE, Wire, run

CP = BoxIdentity("CP-01")


@pytest.mark.parametrize(
    ("path", "detected"),
    [("/ocpp/CP-99", "CP-99"), ("/ocpp/", None), ("/", None), ("/ocpp/CP-01/more", None)],
)
def test_a_station_that_is_not_registered_is_refused_and_shown(path: str, detected: str | None) -> None:
    """OC-2."""

    async def talk(wire: Wire) -> None:
        with pytest.raises(InvalidStatus) as refusal:
            async with connect(f"ws://127.0.0.1:{wire.port}{path}"):
                pass
        assert refusal.value.response.status_code == 404

    with Wire() as wire:
        run(talk(wire))
        if detected is None:
            assert wire.post.empty()
        else:
            name, message = wire.post.get_nowait()
            assert (name, message) == ("view", StationDetected(BoxIdentity(detected), "127.0.0.1"))


@pytest.mark.parametrize("offer", [None, ["ocpp2.0.1"]])
def test_a_client_without_ocpp_1_6_is_let_in_and_closed(offer: list[str] | None) -> None:
    """OC-1: OCPP-J 1.6 §3.1.2 wants the handshake to be completed."""

    async def talk(wire: Wire) -> None:
        async with wire.client(subprotocols=offer) as socket:
            assert socket.subprotocol is None
            with pytest.raises(ConnectionClosed):
                await asyncio.wait_for(socket.recv(), PATIENCE)
            assert socket.close_code == 1002

    with Wire() as wire:
        run(talk(wire))
        assert wire.post.empty()


@pytest.mark.parametrize(
    ("needed", "ready", "headers", "status"),
    [
        (SecurityProfile.BASIC_AUTH, True, {"Authorization": "Bearer x"}, 401),
        (SecurityProfile.TLS_BASIC_AUTH, True, {}, 403),
        (SecurityProfile.BASIC_AUTH, False, {}, 503),
    ],
)
def test_who_is_not_what_the_site_asks_for_is_refused_before_the_upgrade(
    needed: SecurityProfile, ready: bool, headers: dict[str, str], status: int
) -> None:
    """OC-7."""

    async def talk(wire: Wire) -> None:
        with pytest.raises(InvalidStatus) as refusal:
            async with wire.client(additional_headers=headers):
                pass
        response = refusal.value.response
        assert response.status_code == status
        assert ("WWW-Authenticate" in response.headers) == (status == 401)

    with Wire(StationAccess(CP, needed=needed, ready=ready)) as wire:
        run(talk(wire))


def test_a_second_station_of_the_same_identity_is_refused_while_the_first_answers() -> None:
    """OC-2, OC-6: with an alarm that ends when the intruder is quiet."""

    async def talk(wire: Wire) -> None:
        async with wire.client() as first:
            await wire.anext(LinkOpened)
            with pytest.raises(InvalidStatus) as refusal:
                async with wire.client():
                    pass
            assert refusal.value.response.status_code == 409
            alarm = (await wire.anext(AlarmRaised)).alarm
            assert (alarm.code, alarm.source) == ("duplicate_identity", "CP-01")
            await wire.anext(AlarmCleared)
            await first.send('[2,"a","Heartbeat",{}]')
            assert json.loads(await asyncio.wait_for(first.recv(), PATIENCE))[1] == "a"

    with Wire() as wire:
        run(talk(wire))


def test_an_old_socket_that_does_not_answer_makes_room() -> None:
    """OC-6: the newcomer is a new incarnation, and the old one is told to be gone before."""

    async def talk(wire: Wire) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
        writer.write(
            b"GET /ocpp/CP-01 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Protocol: ocpp1.6\r\n\r\n"
        )
        assert b"101" in await reader.readline()
        assert (await wire.anext(LinkOpened)).incarnation == 1
        async with wire.client() as newcomer:
            assert (await wire.anext(LinkClosed)).incarnation == 1
            assert (await wire.anext(LinkOpened)).incarnation == 2
            await newcomer.send('[2,"a","Heartbeat",{}]')
            assert json.loads(await asyncio.wait_for(newcomer.recv(), PATIENCE))[1] == "a"
        writer.close()

    with Wire() as wire:
        run(talk(wire))
