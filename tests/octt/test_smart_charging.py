"""OCTT, Smart Charging: the profiles that hold a station's current, EVCE's own and the operator's."""

from typing import Any

from evce.station_control.action_state import ActionState
from tests.octt.charge_point import Payload, stamp
from tests.octt.stage import CARD, Play, case
from tools.simulation.wire import Answer

LIMIT = 10.0
"""A: what the operator allows."""


def limits(profile: Payload) -> list[float]:
    """A per phase of each period."""
    schedule = profile["chargingSchedule"]
    assert schedule["chargingRateUnit"] == "A"
    return [period["limit"] for period in schedule["chargingSchedulePeriod"]]


def profile(purpose: str, **more: Any) -> Payload:
    """The operator's limit for as long as it stays."""
    return {
        "chargingProfileId": 77,
        "stackLevel": 2,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": "Relative" if purpose == "TxProfile" else "Recurring",
        "chargingSchedule": {
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": LIMIT}],
        },
        **more,
    }


async def told(play: Play, amps: float) -> None:
    """The station holds its transaction to this."""

    async def holds() -> bool:
        held = play.station.profiles.get((1, "TxProfile"))
        return held is not None and limits(held)[0] == amps

    await play.until(holds, f"{amps} A by a TxProfile")


async def operator(play: Play, action: str, payload: Payload) -> Payload:
    """A command of the operator for this station; what it is answered."""
    cpo = play.system.cpo
    assert cpo is not None

    async def there() -> bool:
        return play.identity in cpo.operator.told

    await play.until(there, "the operator sees the station")
    while True:
        answer = await play.in_thread(lambda: cpo.call(play.identity, action, payload, 40.0))
        assert isinstance(answer, Answer), answer
        if answer.payload != {"status": "Rejected"} or not play.wire.loses:
            return answer.payload


@case()
async def test_octt_056_central_smart_charging_tx_default_profile(play: Play) -> None:
    """LM-1, DG-1: before any car comes, the station knows what it may give one without being told."""
    station = await play.begin()
    sent = await station.expect("SetChargingProfile")
    kept = sent["csChargingProfiles"]
    assert sent["connectorId"] == 1
    assert kept["chargingProfilePurpose"] == "TxDefaultProfile"
    assert "transactionId" not in kept
    assert min(limits(kept)) <= 32.0


@case()
async def test_octt_057_central_smart_charging_tx_profile(play: Play) -> None:
    """LM-1: the running transaction gets what there is, under its id, and no longer than the lease."""
    station = await play.begin()
    transaction = await play.charge()
    await told(play, 32.0)
    held = station.profiles[1, "TxProfile"]
    assert held["transactionId"] == transaction
    await play.stop(transaction)
    await play.leave()


@case(operated=True)
async def test_octt_059_remote_start_with_a_charging_profile(play: Play) -> None:
    """CPO-1: the operator's profile counts as a further limit from the transaction's first setpoint on."""
    station = await play.begin()
    station.answers["RemoteStartTransaction"] = lambda _: {"status": "Accepted"}
    payload = {"connectorId": 1, "idTag": CARD, "chargingProfile": profile("TxProfile")}
    answer = await operator(play, "RemoteStartTransaction", payload)
    assert answer == {"status": "Accepted"}
    started = await station.expect("RemoteStartTransaction")
    assert started == {"connectorId": 1, "idTag": CARD}, "EVCE keeps control of the current"
    transaction = await play.charge()
    await told(play, LIMIT)
    await play.stop(transaction)
    await play.leave()


@case()
async def test_octt_066_get_composite_schedule(play: Play) -> None:
    """OC-3: an engineer reads what the station means to do, as it says it."""
    station = await play.begin()
    schedule = {
        "duration": 300,
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6.0}],
    }
    station.answers["GetCompositeSchedule"] = lambda payload: {
        "status": "Accepted",
        "connectorId": payload["connectorId"],
        "scheduleStart": stamp(),
        "chargingSchedule": schedule,
    }
    asked = {"connectorId": 1, "duration": 300}
    action = await play.outcome(await play.order("call", call="GetCompositeSchedule", payload=asked))
    assert action.state is ActionState.DONE
    assert action.result["chargingSchedule"] == schedule


@case(operated=True)
async def test_octt_067_clear_charging_profile(play: Play) -> None:
    """CPO-1: what the operator limited is free again once it takes its profile back."""
    await play.begin()
    transaction = await play.charge()
    await told(play, 32.0)
    payload = {"connectorId": 1, "csChargingProfiles": profile("TxProfile")}
    assert await operator(play, "SetChargingProfile", payload) == {"status": "Accepted"}
    await told(play, LIMIT)
    assert await operator(play, "ClearChargingProfile", {"id": 77}) == {"status": "Accepted"}
    await told(play, 32.0)
    assert await operator(play, "ClearChargingProfile", {"id": 77}) == {"status": "Unknown"}
    await play.stop(transaction)
    await play.leave()
