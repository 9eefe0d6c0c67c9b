"""OCTT, Local Authorization List: what a station keeps is asked for, sent whole and in differences."""

from actors.messages import SaveCard
from evce.records import CardRecord
from evce.station_control.action_state import ActionState
from tests.octt.charge_point import ChargePoint, Payload
from tests.octt.stage import CARD, Play, case


async def with_list(play: Play, version: int, status: str = "Accepted") -> ChargePoint:
    """A station whose list has this version, and which answers each new one with `status`."""
    station = await play.begin()
    kept = [version]

    def take(payload: Payload) -> Payload:
        if status == "Accepted":
            kept[0] = payload["listVersion"]
        return {"status": status}

    station.answers["GetLocalListVersion"] = lambda _: {"listVersion": kept[0]}
    station.answers["SendLocalList"] = take
    return station


async def sent(play: Play, **given: object) -> ActionState:
    """How the sending of the list ended."""
    while True:
        action = await play.outcome(await play.order("card-list", **given))
        if action.state is not ActionState.TIMED_OUT or not play.wire.loses:
            return action.state


@case()
async def test_octt_042_1_get_local_list_version_not_supported(play: Play) -> None:
    """AU-2, OC-3: -1, and nothing is sent."""
    station = await with_list(play, -1)
    assert await sent(play) is ActionState.NOT_SUPPORTED
    assert "SendLocalList" not in {name for name, _ in station.heard}


@case()
async def test_octt_042_2_get_local_list_version_empty(play: Play) -> None:
    """AU-2: version 0 is an empty list; an engineer reads the same."""
    await with_list(play, 0)
    action = await play.outcome(await play.order("call", call="GetLocalListVersion", payload={}))
    assert (action.state, action.result) == (ActionState.DONE, {"listVersion": 0})


@case()
async def test_octt_043_1_send_local_list_not_supported(play: Play) -> None:
    """AU-2: told to whoever asked."""
    await with_list(play, 0, "NotSupported")
    assert await sent(play) is ActionState.NOT_SUPPORTED


@case()
async def test_octt_043_3_send_local_list_failed(play: Play) -> None:
    """AU-2: told to whoever asked."""
    await with_list(play, 0, "Failed")
    assert await sent(play) is ActionState.FAILED


@case()
async def test_octt_043_4_send_local_list_full(play: Play) -> None:
    """AU-2: whatever it has, the whole list."""
    station = await with_list(play, 3)
    assert await sent(play, full=True) is ActionState.DONE
    told = await station.expect("SendLocalList")
    assert (told["updateType"], told["listVersion"]) == ("Full", 4)
    assert {"idTag": CARD, "idTagInfo": {"status": "Accepted"}} in told["localAuthorizationList"]


@case()
async def test_octt_043_5_send_local_list_differential(play: Play) -> None:
    """AU-2: a card more, and nothing but that is sent."""
    station = await with_list(play, 0)
    assert await sent(play, full=True) is ActionState.DONE
    another = f"04DD{play.wire.kind[:4]}".upper()
    play.system.tell("recorder", SaveCard(CardRecord(another, authorised=True)))
    told = await station.expect(
        "SendLocalList",
        lambda p: (
            p["updateType"] == "Differential"
            and another in {entry["idTag"] for entry in p["localAuthorizationList"]}
        ),
    )
    assert CARD not in {entry["idTag"] for entry in told["localAuthorizationList"]}
