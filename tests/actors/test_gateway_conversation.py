"""What is said on a socket: checked, answered, handed on."""

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from actors.gateway_protocol import StationAccess
from actors.messages import CallAnswered, CallReceived, CallRefused, LinkClosed, RecordEvent
from evce.ocppj import MAX_FRAME
from evce.units import BoxIdentity
from tests.actors.wire import PATIENCE, QUICK, Wire, call, run

VALUES = {
    "connectorId": 1,
    "meterValue": [{"timestamp": "2026-01-05T06:00:00Z", "sampledValue": [{"value": "5"}]}],
}


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ('[2,"a","Heartbeat"]', "FormationViolation"),
        ('[2,"a","Heartbeat",{}', "FormationViolation"),
        (f'[2,"{"i" * 37}","Heartbeat",{{}}]', "FormationViolation"),
        ('[2,"a","X",' + '{"a":' * 40 + "1" + "}" * 40 + "]", "FormationViolation"),
        (b'[2,"a","Heartbeat",{"x":"\xff"}]', "FormationViolation"),
        ('[2,"a","Unheard",{}]', "NotImplemented"),
        ('[2,"a","Reset",{"type":"Soft"}]', "NotSupported"),
        ('[2,"a","Authorize",{}]', "ProtocolError"),
        ('[2,"a","Authorize",{"idTag":5}]', "TypeConstraintViolation"),
        (
            '[2,"a","StatusNotification",{"connectorId":1,"errorCode":"NoError","status":"Idle"}]',
            "PropertyConstraintViolation",
        ),
    ],
)
def test_a_bad_call_is_answered_with_the_code_of_ocpp(frame: str | bytes, code: str) -> None:
    """OC-1: and the conversation goes on."""

    async def talk(wire: Wire) -> None:
        async with wire.client() as socket:
            await socket.send(frame, text=True)
            answer = json.loads(await asyncio.wait_for(socket.recv(), PATIENCE))
            assert (answer[0], answer[2]) == (4, code)
            assert (await call(socket, "Heartbeat", {}, "next"))[:2] == [3, "next"]
            assert (await wire.anext(RecordEvent)).device == "CP-01"

    with Wire() as wire:
        run(talk(wire))


@pytest.mark.parametrize(
    "frame", ["hello", "{}", "[]", '[2,5,"Heartbeat",{}]', b"\xff", '[5,"a",{}]', '[3,"a"]']
)
def test_what_can_not_be_answered_is_logged(frame: str | bytes) -> None:
    """OC-1."""

    async def talk(wire: Wire) -> None:
        async with wire.client() as socket:
            await socket.send(frame, text=True)
            assert "malformed" in (await wire.anext(RecordEvent)).message
            assert (await call(socket, "Heartbeat", {}))[:2] == [3, "a"]

    with Wire() as wire:
        run(talk(wire))


def test_ten_malformed_frames_end_the_conversation() -> None:
    """OC-1."""

    async def talk(wire: Wire) -> None:
        async with wire.client() as socket:
            for _ in range(10):
                await socket.send("hello")
            with pytest.raises(ConnectionClosed):
                await asyncio.wait_for(socket.recv(), PATIENCE)
            assert socket.close_code == 1008
        await wire.anext(LinkClosed)

    with Wire() as wire:
        run(talk(wire))
        assert wire.gateway.counters.malformed >= 10


def test_a_frame_above_one_mebibyte_is_closed_with_1009() -> None:
    """OC-1."""

    async def talk(wire: Wire) -> None:
        async with wire.client() as socket:
            filler = "x" * (MAX_FRAME - 100)
            assert (await call(socket, "DataTransfer", {"vendorId": "V", "data": filler, "x": 1}))[0] == 4
            await socket.send("x" * (MAX_FRAME + 1))
            with pytest.raises(ConnectionClosed):
                await asyncio.wait_for(socket.recv(), PATIENCE)
            assert socket.close_code == 1009

    with Wire() as wire:
        run(talk(wire))


def test_who_listens_in_hears_every_frame_as_it_was() -> None:
    """OC-3: also what is answered here, and what can't be read; nothing of it once nobody listens."""

    async def talk(wire: Wire) -> None:
        tap = wire.gateway.taps.open(BoxIdentity("CP-01"))
        async with wire.client() as socket:
            answer = await call(socket, "Heartbeat", {}, "h")
            await call(socket, "MeterValues", VALUES, "m")
            await socket.send('[2,"a","Heartbeat"]')
            await asyncio.wait_for(socket.recv(), PATIENCE)
            heard = [(frame.from_station, json.loads(frame.text)) for frame in tap.take()]
            assert heard[:4] == [
                (True, [2, "h", "Heartbeat", {}]),
                (False, answer),
                (True, [2, "m", "MeterValues", VALUES]),
                (False, [3, "m", {}]),
            ]
            assert [(ours, frame[0]) for ours, frame in heard[4:]] == [(True, 2), (False, 4)]
            tap.close()
            await call(socket, "Heartbeat", {}, "again")
        assert tap.take() == []
        assert wire.gateway.taps.by_station == {}

    with Wire() as wire:
        run(talk(wire))


@pytest.mark.parametrize(("action", "payload"), [("Heartbeat", {}), ("MeterValues", VALUES)])
def test_what_depends_on_nothing_is_answered_at_once(action: str, payload: dict[str, Any]) -> None:
    """OC-1: also while the actor is being restarted."""

    async def talk(wire: Wire) -> None:
        async with wire.client() as socket:
            assert (await call(socket, action, payload))[:2] == [3, "a"]
            received = await wire.anext(CallReceived)
            assert (received.action, received.answered) == (action, True)
            wire.away.add("station/CP-01")
            assert (await call(socket, action, payload, "b"))[:2] == [3, "b"]

    with Wire() as wire:
        run(talk(wire))


def test_nothing_is_answered_here_for_a_station_that_was_never_accepted() -> None:
    """OC-2: its actor has to agree first."""

    async def talk(wire: Wire) -> None:
        async with wire.client() as socket:
            await socket.send('[2,"a","Heartbeat",{}]')
            assert not (await wire.anext(CallReceived)).answered

    with Wire(StationAccess(BoxIdentity("CP-01"), accepted=False)) as wire:
        run(talk(wire))


def test_everything_else_is_handed_to_the_actor() -> None:
    """OC-1."""

    async def talk(wire: Wire) -> None:
        async with wire.client() as socket:
            await socket.send('[2,"a","Authorize",{"idTag":"04A1"}]')
            received = await wire.anext(CallReceived)
            assert (received.message_id, received.payload, received.answered) == (
                "a",
                {"idTag": "04A1"},
                False,
            )
            await socket.send('[3,"m1",{"status":"Accepted"}]')
            assert (await wire.anext(CallAnswered)).payload == {"status": "Accepted"}
            await socket.send('[4,"m2","InternalError","oh",{}]')
            assert (await wire.anext(CallRefused)).code == "InternalError"

    with Wire() as wire:
        run(talk(wire))
        assert wire.gateway.counters.accepted == wire.gateway.counters.handled == 3


def test_of_meter_values_in_a_rush_the_newest_arrives_before_what_follows_them() -> None:
    """OC-6: samples gather, and the order towards events is kept."""

    async def talk(wire: Wire) -> list[tuple[str, str]]:
        async with wire.client() as socket:
            for n in range(50):
                await socket.send(json.dumps([2, f"m{n}", "MeterValues", VALUES]))
            for _ in range(50):
                await asyncio.wait_for(socket.recv(), PATIENCE)
            await socket.send('[2,"stop","Authorize",{"idTag":"04A1"}]')
            got = []
            while not got or got[-1][1] != "stop":
                received = await wire.anext(CallReceived)
                got.append((received.action, received.message_id))
            return got

    with Wire() as wire:
        got = run(talk(wire))
        assert got[-2:] == [("MeterValues", "m49"), ("Authorize", "stop")]
        assert wire.gateway.counters.accepted == 51


@pytest.mark.parametrize(("hold", "events"), [(3600.0, ["Authorize"]), (0.05, [])])
def test_a_lone_meter_value_does_not_wait_for_others(hold: float, events: list[str]) -> None:
    """OC-6, LM-8: only what comes within a moment after it is held, until an event or the moment's end."""

    async def talk(wire: Wire) -> None:
        async with wire.client() as socket:
            await call(socket, "MeterValues", VALUES, "first")
            assert (await wire.anext(CallReceived)).message_id == "first"
            await call(socket, "MeterValues", VALUES, "second")
            for action in events:
                await socket.send(json.dumps([2, "event", action, {"idTag": "04A1"}]))
            assert (await wire.anext(CallReceived)).message_id == "second"

    with Wire(timings=replace(QUICK, hold=hold)) as wire:
        run(talk(wire))


def test_what_waits_for_a_full_inbox_arrives_in_its_order_and_once() -> None:
    """OC-1, AC-1: heard directly before and after, from the queue meanwhile."""

    async def talk(wire: Wire) -> list[str]:
        async with wire.client() as socket:
            for n in range(30):
                if n == 10:
                    wire.full.add("station/CP-01")
                if n == 20:
                    wire.full.clear()
                await socket.send(json.dumps([2, f"m{n}", "Authorize", {"idTag": "04A1"}]))
                if n in (9, 19):
                    await (await socket.ping())
            return [(await wire.anext(CallReceived)).message_id for _ in range(30)]

    with Wire() as wire:
        assert run(talk(wire)) == [f"m{n}" for n in range(30)]
        assert wire.gateway.counters.accepted == wire.gateway.counters.handled == 30


def test_while_no_actor_is_there_the_station_is_told_to_try_again() -> None:
    """OC-6, AC-2."""

    async def talk(wire: Wire) -> None:
        async with wire.client() as socket:
            wire.away.add("station/CP-01")
            assert (await call(socket, "Authorize", {"idTag": "04A1"}))[2] == "InternalError"
            await socket.send('[2,"b","Authorize",{"idTag":"04A1"}]')
            wire.away.clear()
            assert (await wire.anext(CallReceived)).message_id == "b"

    with Wire() as wire:
        run(talk(wire))


def test_a_full_inbox_stops_the_reading_of_that_socket_alone() -> None:
    """AC-1."""

    async def talk(wire: Wire) -> None:
        async with wire.client() as slow, wire.client("CP-02") as other:
            wire.full.add("station/CP-01")
            await slow.send('[2,"a","Heartbeat",{}]')
            assert (await call(other, "Heartbeat", {}))[:2] == [3, "a"]
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(slow.recv(), 0.1)
            wire.full.clear()
            assert json.loads(await asyncio.wait_for(slow.recv(), PATIENCE))[:2] == [3, "a"]

    with Wire() as wire:
        run(talk(wire))
