"""The station without physics, against a peer that speaks OCPP."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from evce.meter_values import read_meter_values
from evce.validation import check_request, check_result
from tests.tools.benchmarks.peer import Peer, listening
from tools.benchmarks.light_station import LightStation, meter_values

Act = Callable[[LightStation, Peer], Awaitable[None]]
STARTED = {"StartTransaction": {"transactionId": 7, "idTagInfo": {"status": "Accepted"}}}


def play(act: Act, seconds: float, **answers: dict[str, Any]) -> tuple[Peer, list[tuple[float, float]]]:
    """Let a station connect, then act; returns the peer and the changes of the current."""
    changes: list[tuple[float, float]] = []
    peer = Peer(**(STARTED | answers))

    async def run() -> None:
        async with asyncio.timeout(seconds), listening(peer):
            station = LightStation(
                "A", 32.0, lambda _, before, after, __: changes.append((before, after)), rises_after=0.0
            )
            await station.connect("127.0.0.1", peer.port)
            await peer.connected.wait()
            await act(station, peer)
            station.close()

    asyncio.run(run())
    return peer, changes


def profile(purpose: str, limit: float, level: int = 0) -> dict[str, Any]:
    schedule = {
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}],
    }
    return {
        "connectorId": 1,
        "csChargingProfiles": {
            "chargingProfileId": 1,
            "stackLevel": level,
            "chargingProfilePurpose": purpose,
            "chargingProfileKind": "Absolute",
            "chargingSchedule": schedule,
        },
    }


def test_a_session_is_said_in_valid_ocpp(patience: Callable[[float], float]) -> None:
    """OC-2: what a station says from its boot to its first measurement."""

    async def act(station: LightStation, _: Peer) -> None:
        await station.boot()
        await station.plug_in()
        await station.report()
        await station.heartbeat()

    peer, _ = play(act, patience(10))
    assert [action for action, _ in peer.calls] == [
        "BootNotification",
        "StatusNotification",
        "StatusNotification",
        "StartTransaction",
        "StatusNotification",
        "MeterValues",  # the car begins to draw
        "MeterValues",
        "Heartbeat",
    ]
    assert [check_request(action, payload) for action, payload in peer.calls] == [None] * 8
    assert peer.calls[5][1]["transactionId"] == 7


@pytest.mark.parametrize(
    ("profiles", "current"),
    [
        ([], 32.0),
        ([profile("TxDefaultProfile", 10)], 10.0),
        ([profile("TxDefaultProfile", 10), profile("TxDefaultProfile", 6, level=1)], 6.0),
        ([profile("TxDefaultProfile", 6, level=1), profile("TxDefaultProfile", 10)], 6.0),
        ([profile("TxDefaultProfile", 6), profile("TxProfile", 16)], 16.0),
        ([profile("TxProfile", 50)], 32.0),
        ([profile("TxProfile", 16), profile("TxProfile", 0)], 0.0),
    ],
)
def test_the_car_follows_the_profile_in_force(
    profiles: list[dict[str, Any]], current: float, patience: Callable[[float], float]
) -> None:
    """OC-4: the transaction's profile, else the highest default (OCPP 1.6 §3.13.2)."""
    seen: list[float] = []

    async def act(station: LightStation, peer: Peer) -> None:
        await station.plug_in()
        for payload in profiles:
            assert await peer.call("SetChargingProfile", payload) == {"status": "Accepted"}
        composite = await peer.call("GetCompositeSchedule", {"connectorId": 1, "duration": 60})
        assert check_result("GetCompositeSchedule", composite) is None
        seen.append(composite["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"])
        seen.append(station.current)

    play(act, patience(10))
    assert seen == [current, current]


def test_nothing_flows_before_a_transaction(patience: Callable[[float], float]) -> None:
    async def act(_: LightStation, peer: Peer) -> None:
        await peer.call("SetChargingProfile", profile("TxDefaultProfile", 10))

    assert play(act, patience(10))[1] == []


def test_each_change_is_told_with_the_current_before_and_after(patience: Callable[[float], float]) -> None:
    async def act(station: LightStation, peer: Peer) -> None:
        await station.plug_in()
        for amps in (16, 16, 12, 20):
            await peer.call("SetChargingProfile", profile("TxProfile", amps))

    assert play(act, patience(10))[1] == [(0.0, 32.0), (32.0, 16.0), (16.0, 12.0), (12.0, 20.0)]


def test_a_rise_is_reported_before_the_car_takes_it(patience: Callable[[float], float]) -> None:
    """LM-8: otherwise the meter would show a rise that nobody has claimed, and the building got the blame."""
    seen: list[float] = []

    async def run() -> None:
        peer = Peer(**STARTED)
        risen = asyncio.Event()

        def changed(_: LightStation, __: float, after: float, ___: float) -> None:
            seen.append(after)
            risen.set()

        async with asyncio.timeout(patience(10)), listening(peer):
            station = LightStation("A", 32.0, changed, rises_after=0.05)
            await station.connect("127.0.0.1", peer.port)
            await station.plug_in()
            assert (station.offered, station.current) == (32.0, 0.0)
            await risen.wait()
            reports = [payload for action, payload in peer.calls if action == "MeterValues"]
            assert read_meter_values(reports[0]["meterValue"], 3).amps == (32.0, 32.0, 32.0)
            station.close()

    asyncio.run(run())
    assert seen == [32.0]


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("GetConfiguration", {}),
        ("ChangeConfiguration", {"key": "HeartbeatInterval", "value": "60"}),
        ("ClearChargingProfile", {}),
        ("TriggerMessage", {"requestedMessage": "Heartbeat"}),
    ],
)
def test_every_order_is_accepted(
    action: str, payload: dict[str, Any], patience: Callable[[float], float]
) -> None:
    """OC-3: nothing keeps the daemon from the measurement."""

    async def act(_: LightStation, peer: Peer) -> None:
        answer = await peer.call(action, payload)
        assert check_result(action, answer) is None
        assert answer.get("status", "Accepted") == "Accepted"

    play(act, patience(10))


@pytest.mark.parametrize("message", ["BootNotification", "StatusNotification", "MeterValues", "Heartbeat"])
def test_what_is_triggered_is_said(message: str, patience: Callable[[float], float]) -> None:
    """OC-3: TriggerMessage."""

    async def act(station: LightStation, peer: Peer) -> None:
        await peer.call("TriggerMessage", {"requestedMessage": message, "connectorId": 1})
        await station.ask("DataTransfer", {"vendorId": "behind it"})

    peer, _ = play(act, patience(10))
    assert [action for action, _ in peer.calls] == [message, "DataTransfer"]
    assert check_request(*peer.calls[0]) is None


def test_an_error_and_a_closed_socket_end_the_waiting(patience: Callable[[float], float]) -> None:
    async def refused(station: LightStation, _: Peer) -> None:
        with pytest.raises(ConnectionError, match="InternalError"):
            await station.heartbeat()

    async def closed(station: LightStation, peer: Peer) -> None:
        asking = asyncio.ensure_future(station.ask("Heartbeat", {}))
        while "Heartbeat" not in [action for action, _ in peer.calls]:
            await asyncio.sleep(0)
        await peer.connection.close(1001, "bye")
        with pytest.raises(ConnectionError, match="1001 bye"):
            await asking
        with pytest.raises(ConnectionError, match="not connected"):
            await station.heartbeat()

    play(refused, patience(10), Heartbeat={"refused": True})
    play(closed, patience(10), Heartbeat={"silent": True})


def test_measured_values_are_read_back_as_they_were_meant() -> None:
    """OC-5: current on each phase, energy, power and voltage."""
    payload = meter_values(12.34, 5678.0, 7)
    assert check_request("MeterValues", payload) is None
    reading = read_meter_values(payload["meterValue"], 3)
    assert reading.amps == (12.34, 12.34, 12.34)
    assert reading.energy == 5678.0
    assert reading.voltage == 230.0
    assert reading.doubts == ()
