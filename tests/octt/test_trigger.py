"""OCTT, Remote Trigger: messages that people ask a station for."""

from evce.station_control.action_state import ActionState
from tests.octt.stage import Play, case


@case()
async def test_octt_054_trigger_message(play: Play) -> None:
    """OC-3: every message that can be asked for comes, and the action is done with it."""
    station = await play.begin()
    for message in (
        "MeterValues",
        "Heartbeat",
        "StatusNotification",
        "DiagnosticsStatusNotification",
        "FirmwareStatusNotification",
        "BootNotification",
    ):
        about = {"connector": 1} if message in ("MeterValues", "StatusNotification") else {}
        action = await play.outcome(await play.order("trigger", message=message, **about))
        assert action.state is ActionState.DONE, message
        wanted = {"requestedMessage": message} | ({"connectorId": 1} if about else {})
        await station.expect("TriggerMessage", lambda payload, wanted=wanted: payload == wanted)
    assert await play.verified(), "a boot that was asked for is no restart"


@case()
async def test_octt_055_trigger_message_rejected(play: Play) -> None:
    """OC-3: the refusal is told."""
    station = await play.begin()
    station.answers["TriggerMessage"] = lambda _: {"status": "Rejected"}
    assert (await play.order("trigger", message="MeterValues", connector=1)).state is ActionState.REFUSED
