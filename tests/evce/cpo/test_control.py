"""The uplink as a whole: connected while there is something to say, and nobody's fault is anybody else's."""

from dataclasses import replace

import pytest

from evce.cpo.settings import UplinkSettings
from evce.ocppj import parse
from evce.records import UplinkMemory
from evce.units import TransactionId
from tests.evce.cpo.bench import SETTINGS, START, STOP, Bench, told
from tests.evce.station_control.bench import BOX, make_station


def test_the_station_introduces_itself_and_shows_its_states() -> None:
    """CPO-1: the operator sees the station as it is."""
    bench = Bench(picture=told("Preparing"))
    assert bench.calls[0] == ("BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"})
    assert [(p["connectorId"], p["status"]) for p in bench.sent("StatusNotification")] == [
        (0, "Available"),
        (1, "Preparing"),
    ]
    assert bench.control.view().state == "online"
    assert bench.notes["boot", ""] == {"chargePointVendor": "V", "chargePointModel": "M"}


def test_without_a_station_nobody_is_dialled() -> None:
    bench = Bench(picture=told(connected=False))
    assert (bench.dials, bench.control.view().state) == ([], "away")
    bench.tell(told())
    assert bench.control.view().state == "online"


def test_a_station_that_stays_away_is_hung_up_once_all_is_told() -> None:
    bench = Bench()
    bench.tell(told(connected=False))
    assert bench.sent("StatusNotification")[-1]["status"] == "Unavailable"
    bench.wait(59.0)
    assert bench.control.view().state == "online"
    bench.wait(2.0)
    assert bench.control.view().state == "away"
    assert bench.hung_up == ["the station is not connected"]


def test_what_waits_is_told_also_without_the_station() -> None:
    """CPO-3: a session that was closed by force reaches the operator."""
    bench = Bench(picture=told(connected=False))
    bench.keep("StartTransaction", START)
    assert len(bench.sent("StartTransaction")) == 1
    assert bench.disk == []


def test_another_address_is_dialled_at_once() -> None:
    """CF-1: a change of the configuration needs no restart."""
    bench = Bench()
    other = replace(SETTINGS, url="ws://other.test/ocpp")
    bench.control.reconfigure(make_station(), other, bench.moment)
    bench.carry_out()
    assert bench.hung_up == ["the configuration has changed"]
    assert len(bench.dials) == 2
    assert bench.control.view().state == "online"


def test_an_earlier_life_is_remembered() -> None:
    """CPO-3: ids, cards, keys and profiles outlive a kill."""
    profile = {
        "chargingProfileId": 3,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Absolute",
        "chargingSchedule": {
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10.0}],
        },
    }
    memory = UplinkMemory(
        BOX,
        transactions=((TransactionId(1), 77),),
        notes={
            ("profile", "3"): {"connector": 0, "transaction": None, "profile": profile},
            ("key", "WebSocketPingInterval"): {"value": 30, "over": 120},
            ("card", "04A1"): {"status": "Accepted"},
        },
    )
    bench = Bench(memory=memory, picture=told("Charging", 1), reachable=False)
    assert bench.ceilings == {1: 10.0}
    answer = bench.ask("a")
    assert answer is not None
    assert (answer.payload, answer.cached) == (None, {"status": "Accepted"})
    bench.reachable = True
    bench.wait(5.0)
    bench.command("RemoteStopTransaction", transactionId=77)
    assert bench.relays[0].payload == {"transactionId": 1}
    keys = bench.command("GetConfiguration", key=["WebSocketPingInterval"])
    assert keys["configurationKey"][0]["value"] == "30"


def test_a_disk_that_is_away_is_asked_again() -> None:
    bench = Bench(disk_away=True)
    assert bench.dials == []
    bench.disk_away = False
    bench.wait(20.0)
    assert bench.control.view().state == "online"


def test_an_operator_that_is_silent_is_dialled_anew() -> None:
    """RELIABILITY: CPO slow."""
    bench = Bench(replies={"StartTransaction": None})
    bench.keep("StartTransaction", START)
    bench.wait(29.0)
    assert bench.hung_up == []
    bench.replies.clear()
    bench.wait(5.0)
    assert bench.hung_up == ["the operator's system doesn't answer"]
    assert (len(bench.sent("StartTransaction")), bench.disk) == (2, [])


@pytest.mark.parametrize(
    "text",
    ['[2,"a"', "[]", "null", '[3,"unknown",{}]', '[4,"unknown","InternalError","",{}]', '[9,"a"]', "\x00"],
)
def test_nonsense_changes_nothing(text: str) -> None:
    """RELIABILITY §3: malformed frames are dropped or answered."""
    bench = Bench()
    before = list(bench.calls)
    bench.hear(text)
    assert (bench.calls, bench.control.view().state) == (before, "online")


def test_too_much_nonsense_ends_the_connection() -> None:
    bench = Bench()
    for _ in range(10):
        bench.hear("nonsense")
    assert bench.hung_up == ["too many malformed frames of the operator's system"]


def test_frames_of_an_old_connection_speak_for_nobody() -> None:
    bench = Bench(replies={"StartTransaction": None})
    bench.keep("StartTransaction", START)
    (message_id,) = bench.held
    bench.lose()
    late = f'[3,"{message_id}",{{"transactionId":5,"idTagInfo":{{"status":"Accepted"}}}}]'
    bench.control.frame(1, parse(late), bench.moment)
    bench.carry_out()
    assert len(bench.disk) == 1


def test_a_day_of_outage_ends_with_all_told_in_order() -> None:
    """CPO-3: RELIABILITY, CPO down 24 h."""
    bench = Bench()
    bench.reachable = False
    bench.lose()
    for number in range(1, 41):
        bench.keep("StartTransaction", {**START, "meterStart": number}, number)
        bench.keep("StopTransaction", {**STOP, "meterStop": number}, number)
    bench.wait(86_400.0)
    assert (len(bench.disk), bench.control.view().waiting) == (80, 80)
    assert "cpo_unreachable" in bench.alarms
    bench.reachable = True
    bench.wait(130.0)
    assert bench.disk == []
    told_as = [(a, p) for a, p in bench.calls if a in ("StartTransaction", "StopTransaction")]
    assert [p["meterStart" if a == "StartTransaction" else "meterStop"] for a, p in told_as] == [
        number for number in range(1, 41) for _ in range(2)
    ]
    assert "cpo_unreachable" not in bench.alarms


def test_settings_have_the_values_of_the_specification() -> None:
    """CPO-2: 500 attempts, 120 s."""
    settings = UplinkSettings("ws://x")
    assert (settings.attempts, settings.ping_interval) == (500, 120.0)
