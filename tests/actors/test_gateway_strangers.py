"""What a station that isn't registered is heard of, and what it is not."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus

from actors.messages import StationDetected
from evce.units import BoxIdentity
from tests.actors.wire import PATIENCE, QUICK, Wire, call, run

NEW = BoxIdentity("NEW-1")
BOOT = {
    "chargePointVendor": "Schneider Electric",
    "chargePointModel": "EVlink Parking",
    "chargeBoxSerialNumber": "3N2205",
    "firmwareVersion": "3.4.0",
}
TIMINGS = replace(QUICK, introduction=0.05, stranger=10.0)
SHORT = replace(QUICK, introduction=0.05, stranger=0.3)


async def frame(socket: ClientConnection) -> Any:
    return json.loads(await asyncio.wait_for(socket.recv(), PATIENCE))


async def end(socket: ClientConnection) -> int | None:
    async def read_on() -> None:
        while True:
            await asyncio.wait_for(socket.recv(), PATIENCE)

    with pytest.raises(ConnectionClosed):
        await read_on()
    return socket.close_code


def test_a_stranger_is_heard_once_and_refused() -> None:
    """OC-2: what it says of itself is shown; its next visits end before the upgrade."""

    async def talk(wire: Wire) -> None:
        async with wire.client(NEW) as socket:
            _, message_id, answer = await call(socket, "BootNotification", BOOT)
            assert (message_id, answer["status"], answer["interval"]) == ("a", "Rejected", 300)
            assert await end(socket) == 1008
        told = await wire.anext(StationDetected, lambda m: bool(m.vendor))
        assert told == StationDetected(
            NEW, "127.0.0.1", "Schneider Electric", "EVlink Parking", "3N2205", "3.4.0"
        )
        with pytest.raises(InvalidStatus) as refusal:
            async with wire.client(NEW):
                pass
        assert refusal.value.response.status_code == 404

    with Wire(timings=TIMINGS) as wire:
        run(talk(wire))


@pytest.mark.parametrize("first", ['[2,"s","StopTransaction",{"transactionId":1}]', "nonsense", ""])
def test_a_stranger_that_booted_long_ago_is_asked_and_owes_what_it_owed(first: str) -> None:
    """OC-2: an answer would have it forget the end of a session that is nobody's here."""

    async def talk(wire: Wire) -> None:
        async with wire.client(NEW) as socket:
            if first:
                await socket.send(first)
            asked = await frame(socket)
            assert asked[0] == 2
            assert asked[2:] == ["TriggerMessage", {"requestedMessage": "BootNotification"}]
            await socket.send(json.dumps([3, asked[1], {"status": "Accepted"}]))
            assert (await call(socket, "BootNotification", BOOT))[2]["status"] == "Rejected"

    with Wire(timings=TIMINGS) as wire:
        run(talk(wire))


@pytest.mark.parametrize("said", ["", '[2,"b","BootNotification",{"chargePointVendor":"' + "x" * 99 + '"}]'])
def test_a_stranger_that_says_nothing_valid_is_closed(said: str) -> None:
    """OC-2: nothing of it but its identity is shown."""

    async def talk(wire: Wire) -> None:
        async with wire.client(NEW) as socket:
            if said:
                await socket.send(said)
            assert await end(socket) == 1008
        assert [message for _, message in list(wire.post.queue)] == [StationDetected(NEW, "127.0.0.1")]

    with Wire(timings=SHORT) as wire:
        run(talk(wire))


def test_a_flood_of_strangers_finds_sixteen_places() -> None:
    """OC-2: RELIABILITY §3; a registered station gets in all the same."""

    async def talk(wire: Wire) -> None:
        sockets = [await wire.client(f"X{number}") for number in range(16)]
        with pytest.raises(InvalidStatus) as refusal:
            async with wire.client("X16"):
                pass
        assert refusal.value.response.status_code == 404
        async with wire.client() as station:
            assert (await call(station, "Heartbeat", {}))[0] == 3
        assert (await call(sockets[0], "BootNotification", BOOT))[2]["status"] == "Rejected"
        assert await end(sockets[0]) == 1008
        async with wire.client("X17"):
            pass
        for socket in sockets:
            await socket.close()

    with Wire(timings=replace(TIMINGS, introduction=9.0)) as wire:
        run(talk(wire))
