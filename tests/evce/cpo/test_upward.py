"""What goes up to the operator."""

from datetime import timedelta
from typing import Any

import pytest

from evce.cpo.effects import TellTime
from evce.cpo.settings import KEEP_SAMPLE_EVERY, NOTICES_WAITING
from tests.evce.cpo.bench import EPOCH, START, STOP, Bench, told


def meter_values(context: str | None = None, transaction: int | None = 1) -> dict[str, Any]:
    sample = {"value": "1"} | ({} if context is None else {"context": context})
    values = [{"timestamp": "2026-01-05T06:00:00Z", "sampledValue": [sample]}]
    payload: dict[str, Any] = {"connectorId": 1, "meterValue": values}
    return payload if transaction is None else {**payload, "transactionId": transaction}


def test_a_session_goes_up_with_the_operator_s_id() -> None:
    """CPO-3: start, stop, ids mapped."""
    bench = Bench(replies={"StartTransaction": {"transactionId": 77, "idTagInfo": {"status": "Accepted"}}})
    bench.keep("StartTransaction", START)
    bench.keep("StopTransaction", STOP)
    assert bench.sent("StartTransaction") == [START]
    assert bench.sent("StopTransaction") == [{**STOP, "transactionId": 77}]
    assert bench.disk == []


def test_only_answered_failures_count_and_the_last_is_alarmed() -> None:
    """CPO-3: TransactionMessageAttempts; given up, kept and alarmed."""
    bench = Bench(replies={"StartTransaction": "InternalError"})
    bench.command("ChangeConfiguration", key="TransactionMessageAttempts", value="3")
    bench.keep("StartTransaction", START)
    bench.keep("StopTransaction", STOP)
    bench.wait(9.0)
    assert len(bench.sent("StartTransaction")) == 1
    bench.wait(2.0)
    bench.wait(21.0)
    assert len(bench.sent("StartTransaction")) == 3
    assert list(bench.alarms) == ["cpo_message_given_up"]
    assert bench.sent("StopTransaction") == [{**STOP, "transactionId": -1}]
    assert bench.control.view().given_up == 1


def test_an_answer_that_breaks_the_schema_is_a_failure() -> None:
    bench = Bench(replies={"StartTransaction": {"transactionId": "many"}})
    bench.keep("StartTransaction", START)
    assert bench.disk[0].attempts == 1
    assert "schema" in bench.disk[0].failure


def test_a_card_that_the_operator_refuses_afterwards_ends_the_session() -> None:
    """AU-3: the operator decides, also after the fact."""
    blocked = {"transactionId": 77, "idTagInfo": {"status": "Blocked"}}
    bench = Bench(replies={"StartTransaction": blocked})
    bench.keep("StartTransaction", START)
    assert [(r.transaction, r.status) for r in bench.refused] == [(1, "Blocked")]
    assert bench.disk == []


def test_the_operator_decides_about_cards() -> None:
    """AU-3: its words go to the station as they are."""
    info = {"status": "Blocked", "parentIdTag": "P"}
    bench = Bench(replies={"Authorize": {"idTagInfo": info}})
    answer = bench.ask("a")
    assert answer is not None
    assert answer.payload == {"idTagInfo": info}
    start = bench.ask("b", "StartTransaction", "04a1")
    assert start is not None
    assert start.payload == {"idTagInfo": info}
    assert len(bench.sent("Authorize")) == 1


def test_a_start_that_nobody_asked_about_is_decided_by_its_own_answer() -> None:
    bench = Bench()
    answer = bench.ask("a", "StartTransaction")
    assert answer is not None
    assert answer.payload == {"idTagInfo": {"status": "Accepted"}}
    assert bench.sent("Authorize") == []


def test_whoever_waits_at_the_reader_isn_t_kept_waiting() -> None:
    """CPO-3, AU-2: a slow operator decides nothing; its late answer is remembered for the next time."""
    bench = Bench(replies={"Authorize": None})
    assert bench.ask("a") is None
    bench.wait(4.1)
    late = bench.given["a"]
    assert (late.payload, late.cached) == (None, None)
    bench.hear(f'[3,"{bench.held[0]}",{{"idTagInfo":{{"status":"Accepted"}}}}]')
    assert bench.notes["card", "04A1"] == {"status": "Accepted"}


def test_in_an_outage_the_answer_is_nothing_at_once() -> None:
    bench = Bench(reachable=False)
    assert bench.ask("a") is not None
    assert bench.given["a"].payload is None


def test_samples_go_up_at_the_operator_s_pace() -> None:
    """CPO-1: the station reports to EVCE much more often."""
    bench = Bench(replies={"StartTransaction": {"transactionId": 77, "idTagInfo": {"status": "Accepted"}}})
    bench.keep("StartTransaction", START)
    for _ in range(10):
        bench.say("MeterValues", **meter_values())
        bench.wait(10.0)
    assert len(bench.sent("MeterValues")) == 4
    bench.say("MeterValues", **meter_values("Transaction.End"))
    assert len(bench.sent("MeterValues")) == 5
    assert {payload["transactionId"] for payload in bench.sent("MeterValues")} == {77}


def test_samples_of_an_outage_are_kept_sparsely() -> None:
    """CPO-3: bytes on disk are bounded."""
    bench = Bench(reachable=False)
    for _ in range(200):
        bench.say("MeterValues", **meter_values())
        bench.say("MeterValues", **meter_values(transaction=None))
        bench.wait(10.0)
    assert len(bench.kept) == int(2000 / KEEP_SAMPLE_EVERY) + 1


@pytest.mark.parametrize("status", ["Pending", "Rejected"])
def test_nothing_but_boot_is_said_before_the_operator_accepts(status: str) -> None:
    """OCPP 1.6 §4.2."""
    boot = {"status": status, "currentTime": "2026-01-05T06:00:00Z", "interval": 20}
    bench = Bench(replies={"BootNotification": boot})
    bench.keep("StartTransaction", START)
    bench.say("StatusNotification", connectorId=1, status="Charging", errorCode="NoError")
    assert {action for action, _ in bench.calls} == {"BootNotification"}
    bench.wait(41.0)
    assert len(bench.sent("BootNotification")) == 3
    bench.replies.clear()
    bench.wait(20.0)
    assert (len(bench.sent("StartTransaction")), bench.disk) == (1, [])


@pytest.mark.parametrize(
    ("interval", "beats", "shown"), [(300, 3, "300"), (0, 3, "300"), (60, 15, "60"), (1, 90, "10")]
)
def test_heartbeats_come_at_the_interval_that_the_operator_named(
    interval: int, beats: int, shown: str
) -> None:
    """OCPP 1.6 §4.2; never faster than each 10 s."""
    boot = {"status": "Accepted", "currentTime": "2026-01-05T06:00:00Z", "interval": interval}
    bench = Bench(replies={"BootNotification": boot})
    bench.wait(901.0)
    assert len(bench.sent("Heartbeat")) == beats
    keys = bench.command("GetConfiguration", key=["HeartbeatInterval"])
    assert keys["configurationKey"][0]["value"] == shown


def test_notices_of_a_slow_operator_are_bounded_and_states_are_the_newest() -> None:
    """RELIABILITY: CPO slow."""
    bench = Bench(replies={"Heartbeat": None})
    bench.command("TriggerMessage", requestedMessage="Heartbeat")
    for number in range(NOTICES_WAITING + 30):
        bench.say("SecurityEventNotification", type=f"E{number}", timestamp="2026-01-05T06:00:00Z")
        state = "Charging" if number % 2 else "SuspendedEV"
        bench.say("StatusNotification", connectorId=1, status=state, errorCode="NoError")
    bench.replies.clear()
    before = len(bench.calls)
    bench.hear(f'[3,"{bench.held[0]}",{{"currentTime":"2026-01-05T06:00:00Z"}}]')
    after = bench.calls[before:]
    assert len(after) <= NOTICES_WAITING + 1
    states = [payload["status"] for action, payload in after if action == "StatusNotification"]
    assert states == ["Charging"]


def test_the_station_s_lost_link_is_shown() -> None:
    bench = Bench()
    bench.tell(told(connected=False))
    assert [p["status"] for p in bench.sent("StatusNotification")][-2:] == ["Unavailable", "Unavailable"]


@pytest.mark.parametrize("status", ["Accepted", "Pending", "Rejected"])
def test_an_operator_that_accepts_tells_the_time(status: str) -> None:
    """CPO-4: with its answers to BootNotification and Heartbeat; whoever refuses says nothing of it."""
    boot = {"status": status, "currentTime": "2026-01-05T07:00:00.250+01:00", "interval": 300}
    bench = Bench(replies={"BootNotification": boot, "Heartbeat": {"currentTime": "yesterday"}})
    accepted = status == "Accepted"
    assert bench.times == ([TellTime(EPOCH + timedelta(seconds=0.25), 0.0)] if accepted else [])
    bench.wait(301.0)
    assert [told.time for told in bench.times[1:]] == ([None] if accepted else [])


def test_how_long_the_answer_took_is_told_with_it() -> None:
    """CPO-4: half of the way is taken off; a heartbeat is sent when the time is asked for."""
    bench = Bench(replies={"Heartbeat": None})
    bench.control.beat(bench.moment)
    bench.carry_out()
    bench.wait(3.0)
    bench.hear(f'[3,"{bench.held[0]}",{{"currentTime":"2026-01-05T06:00:02Z"}}]')
    assert bench.times[-1] == TellTime(EPOCH + timedelta(seconds=2), 3.0)
    bench.lose()
    before = len(bench.sent("Heartbeat"))
    bench.control.beat(bench.moment)
    bench.carry_out()
    assert len(bench.sent("Heartbeat")) == before, "without a connection nobody is asked"
