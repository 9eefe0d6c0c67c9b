"""OCTT, Core: unlocking, configuration keys, cards, faults, the cache and vendors' own messages."""

from evce.facts import ConnectorStatus
from evce.station_control.action_state import ActionState
from tests.octt.charge_point import Payload
from tests.octt.stage import STRANGER, Play, case


def answers(status: str) -> Payload:
    """All that there is to say."""
    return {"status": status}


async def unlock(play: Play, status: str, expected: ActionState) -> None:
    """No session runs."""
    station = await play.begin()
    station.answers["UnlockConnector"] = lambda _: answers(status)
    action = await play.outcome(await play.order("unlock", connector=1))
    assert await station.expect("UnlockConnector") == {"connectorId": 1}
    assert action.state is expected
    assert await play.sessions() == []


@case()
async def test_octt_017_1_unlock_no_session_not_fixed_cable(play: Play) -> None:
    """OC-3."""
    await unlock(play, "Unlocked", ActionState.DONE)


@case()
async def test_octt_017_2_unlock_no_session_fixed_cable(play: Play) -> None:
    """OC-3."""
    await unlock(play, "NotSupported", ActionState.NOT_SUPPORTED)


@case()
async def test_octt_018_1_unlock_with_a_session(play: Play) -> None:
    """OC-3: the session ends with it."""
    station = await play.begin()
    station.answers["UnlockConnector"] = lambda _: answers("Unlocked")
    transaction = await play.charge()
    action = await play.outcome(await play.order("unlock", connector=1))
    assert action.state is ActionState.DONE
    await play.stop(transaction, "UnlockCommand", None)
    await play.leave()
    await play.booked("UnlockCommand")


@case()
async def test_octt_030_unlock_failure(play: Play) -> None:
    """OC-3: people learn that the lock is shut."""
    await unlock(play, "UnlockFailed", ActionState.FAILED)


@case()
async def test_octt_031_unlock_unknown_connector(play: Play) -> None:
    """OC-3: the station doesn't know that outlet."""
    station = await play.begin()
    station.answers["UnlockConnector"] = lambda payload: answers(
        "NotSupported" if payload["connectorId"] == 2 else "Unlocked"
    )
    action = await play.outcome(await play.order("unlock", connector=2))
    assert action.state is ActionState.NOT_SUPPORTED


@case()
async def test_octt_019_1_all_configuration_keys(play: Play) -> None:
    """OC-3: every key, as the station has it."""
    station = await play.begin()
    station.keys["VendorsOwn"] = ("7", True)
    action = await play.outcome(await play.order("get-keys"))
    assert action.state is ActionState.DONE
    told = {entry["key"]: entry["value"] for entry in action.result["configurationKey"]}
    assert told.keys() == station.keys.keys()
    assert told["VendorsOwn"] == "7"


@case()
async def test_octt_019_2_a_specific_key(play: Play) -> None:
    """OC-3: one by its name, and one that the station doesn't know."""
    station = await play.begin()
    action = await play.outcome(await play.order("get-keys", keys="NumberOfConnectors,Unheard"))
    await station.expect("GetConfiguration", lambda p: p == {"key": ["NumberOfConnectors", "Unheard"]})
    assert action.result["configurationKey"] == [
        {"key": "NumberOfConnectors", "value": "1", "readonly": True}
    ]
    assert action.result["unknownKey"] == ["Unheard"]


@case()
async def test_octt_021_change_configuration(play: Play) -> None:
    """OC-3."""
    station = await play.begin()
    station.keys["MinimumStatusDuration"] = ("0", False)
    action = await play.outcome(await play.order("set-key", key="MinimumStatusDuration", value="5"))
    assert action.state is ActionState.DONE
    assert station.keys["MinimumStatusDuration"][0] == "5"


@case()
async def test_octt_040_1_configuration_key_not_supported(play: Play) -> None:
    """OC-3: the refusal is told."""
    await play.begin()
    action = await play.outcome(await play.order("set-key", key="Unheard", value="5"))
    assert action.state is ActionState.NOT_SUPPORTED


@case()
async def test_octt_040_2_configuration_key_invalid_value(play: Play) -> None:
    """OC-3: the refusal is told."""
    station = await play.begin()
    plain = station.answers["ChangeConfiguration"]
    station.answers["ChangeConfiguration"] = lambda payload: (
        answers("Rejected") if payload["value"] == "-5" else plain(payload)
    )
    action = await play.outcome(await play.order("set-key", key="MinimumStatusDuration", value="-5"))
    assert action.state is ActionState.REFUSED


async def turned_away(play: Play, card: str, status: str) -> None:
    """The reader says no; nothing begins."""
    station = await play.begin()
    await station.status("Preparing")
    assert await play.authorize(card) == status
    await station.status("Available")
    assert await play.sessions() == []


@case()
async def test_octt_023_1_authorize_invalid(play: Play) -> None:
    """AU-1: a card that nobody has accepted."""
    await turned_away(play, STRANGER, "Invalid")


@case(operated=True)
async def test_octt_023_2_authorize_expired(play: Play) -> None:
    """AU-3: the operator's word, as it is."""
    await turned_away(play, "EXPIRED1", "Expired")


@case(operated=True)
async def test_octt_023_3_authorize_blocked(play: Play) -> None:
    """AU-3: the operator's word, as it is."""
    await turned_away(play, "BLOCKED1", "Blocked")


@case()
async def test_octt_024_lock_failure(play: Play) -> None:
    """OC-1: the fault is shown and alarmed, and goes with its cause."""
    station = await play.begin()
    await station.status("Preparing")
    assert await play.authorize() == "Accepted"
    await station.status("Faulted", error="ConnectorLockFailure")
    assert (await play.outlet()).status is ConnectorStatus.FAULTED
    await play.until(lambda: play.alarmed("faulted"), "the alarm")
    assert await play.sessions() == []
    await station.status("Available")
    assert (await play.outlet()).status is ConnectorStatus.AVAILABLE
    await play.until(lambda: play.alarmed(), "no alarm")


@case()
async def test_octt_061_clear_authorization_cache(play: Play) -> None:
    """OC-3: done, or refused by a station without a cache."""
    station = await play.begin()
    kept = ["Accepted"]
    station.answers["ClearCache"] = lambda _: answers(kept[0])
    assert (await play.outcome(await play.order("clear-cache"))).state is ActionState.DONE
    kept[0] = "Rejected"
    assert (await play.outcome(await play.order("clear-cache"))).state is ActionState.REFUSED


@case()
async def test_octt_064_data_transfer_to_the_central_system(play: Play) -> None:
    """OC-1: nothing of any vendor is understood here, and it says so."""
    station = await play.begin()
    answer = await station.call("DataTransfer", vendorId="OCTT", messageId="m", data="d")
    assert answer == {"status": "UnknownVendorId"}
