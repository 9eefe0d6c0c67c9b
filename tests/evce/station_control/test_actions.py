"""Actions that are asked, sent and answered."""

from typing import Any

import pytest

from evce.order_fields import order_template
from evce.station_control.action_state import ActionState
from evce.station_control.actions import ENDED_KEPT, OPEN_MOST
from tests.evce.station_control.bench import SILENCE, Bench, Refusal


def connected(**changes: Any) -> Bench:
    bench = Bench(**changes)
    bench.connect()
    return bench


@pytest.mark.parametrize(
    ("kind", "given", "reply", "state", "words"),
    [
        ("unlock", {"connector": 1}, {"status": "Unlocked"}, ActionState.DONE, "Unlocked."),
        ("unlock", {"connector": 1}, {"status": "UnlockFailed"}, ActionState.FAILED, "lock did not open"),
        ("unlock", {"connector": 1}, {"status": "NotSupported"}, ActionState.NOT_SUPPORTED, "NotSupported"),
        ("unlock", {"connector": 1}, Refusal("NotImplemented"), ActionState.NOT_SUPPORTED, "NotImplemented"),
        ("unlock", {"connector": 1}, Refusal("InternalError"), ActionState.FAILED, "InternalError"),
        ("reset", {}, {"status": "Rejected"}, ActionState.REFUSED, "Rejected"),
        ("clear-cache", {}, {"status": "Accepted"}, ActionState.DONE, "answered Accepted"),
        ("availability", {"type": "Inoperative"}, {"status": "Accepted"}, ActionState.DONE, "In effect"),
        ("set-key", {"key": "Light", "value": "5"}, {"status": "Accepted"}, ActionState.DONE, "Light is set"),
        (
            "set-key",
            {"key": "Light", "value": "5"},
            {"status": "RebootRequired"},
            ActionState.DONE,
            "after a restart",
        ),
        (
            "data-transfer",
            {"vendor": "v"},
            {"status": "UnknownVendorId"},
            ActionState.REFUSED,
            "UnknownVendorId",
        ),
        (
            "call",
            {"call": "GetLocalListVersion"},
            {"listVersion": 3},
            ActionState.DONE,
            "Accepted.",
        ),
    ],
)
def test_an_answer_ends_an_action_with_an_outcome_in_words(
    kind: str, given: dict[str, Any], reply: Any, state: ActionState, words: str
) -> None:
    """OC-3."""
    bench = connected()
    bench.answers = dict.fromkeys(
        ("UnlockConnector", "Reset", "ClearCache", "ChangeAvailability", "DataTransfer"), reply
    )
    bench.answers |= {"ChangeConfiguration": reply, "GetLocalListVersion": reply}
    action = bench.act(kind, **given)
    assert action.state is state
    assert words in str(action.said)
    assert action.ended_at is not None
    assert any(log.type == "audit" and words in log.message and log.author == "ada" for log in bench.logs)


def test_what_an_engineer_sends_is_in_the_audit_line_without_its_secrets() -> None:
    """OC-3, RELIABILITY 4.22: the address of a file opens a door."""
    bench = connected(answers={"GetDiagnostics": {}, "Reset": {"status": "Accepted"}})
    bench.act("call", call="Reset", payload={"type": "Hard"})
    bench.act("call", call="GetDiagnostics", payload={"location": "http://10.0.0.1/files/SECRET/"})
    audit = [log.message for log in bench.logs if log.type == "audit"]
    assert any("Reset with {type: Hard}" in line for line in audit)
    assert any("GetDiagnostics with {location: http://10.0.0.1/files/(redacted)/}" in line for line in audit)
    assert not any("SECRET" in line for line in audit)


def test_what_the_station_answers_is_kept_for_people() -> None:
    """OC-3."""
    bench = connected(keys={"Light": "5"})
    action = bench.act("get-keys")
    assert action.result["configurationKey"] == [{"key": "Light", "readonly": False, "value": "5"}]


def test_silence_is_a_time_out_and_progress_is_seen_before() -> None:
    """OC-3."""
    bench = connected(answers={"UnlockConnector": SILENCE})
    assert bench.act("unlock", connector=1).state is ActionState.SENT
    bench.wait(10.5)
    assert bench.action.state is ActionState.TIMED_OUT
    assert "within 10 s" in str(bench.action.said)


@pytest.mark.parametrize(
    ("kind", "given", "words"),
    [
        ("unlock", {"connector": 7}, "connector: '7' won't do"),
        ("odd", {}, "action: unknown"),
        ("set-key", {"key": "heartbeatinterval", "value": "9"}, "EVCE keeps heartbeatinterval itself"),
        ("stop", {"connector": 1}, "No transaction runs on connector 1"),
    ],
)
def test_what_can_not_be_done_is_refused_before_the_station_hears_of_it(
    kind: str, given: dict[str, Any], words: str
) -> None:
    """RELIABILITY 3."""
    bench = connected()
    sent = len(bench.calls)
    action = bench.act(kind, **given)
    assert action.state is ActionState.REFUSED
    assert words in str(action.said)
    assert len(bench.calls) == sent


@pytest.mark.parametrize("kind", ["firmware", "signed-firmware"])
def test_no_firmware_goes_to_a_station_at_which_a_car_charges(kind: str) -> None:
    """SR-5: whoever asks for it; the station hears nothing of it until the session has ended."""
    bench = connected()
    bench.plug_and_start()
    certificate = "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----"
    signed = {"certificate": certificate, "signature": "QUJD"} if kind == "signed-firmware" else {}
    action = bench.act(kind, location="http://192.0.2.1/fw.bin", **signed)
    assert action.state is ActionState.REFUSED
    assert str(action.said) == "Not sent: a car charges at connector 1."
    assert bench.sent("UpdateFirmware") == bench.sent("SignedUpdateFirmware") == []


@pytest.mark.parametrize("call", ["UpdateFirmware", "SignedUpdateFirmware"])
def test_nor_does_firmware_from_the_message_console(call: str) -> None:
    """SR-5: an engineer can't go round it."""
    bench = connected()
    bench.plug_and_start()
    action = bench.act("call", call=call, payload=order_template(call, bench.moment.utc))
    assert (action.state, str(action.said)) == (
        ActionState.REFUSED,
        "Not sent: a car charges at connector 1.",
    )
    assert bench.sent(call) == []


def test_a_station_that_is_away_is_told_nothing() -> None:
    """OC-3."""
    bench = Bench()
    action = bench.act("reset")
    assert (action.state, str(action.said)) == (
        ActionState.FAILED,
        "Not sent: the station is not connected.",
    )


def test_a_connection_lost_tells_what_was_sent_from_what_was_not() -> None:
    """OC-3."""
    bench = connected(answers={"UnlockConnector": SILENCE})
    first = bench.act("unlock", connector=1).id
    second = bench.act("clear-cache").id
    bench.disconnect()
    said = {action.id: str(action.said) for action in bench.control.actions()}
    assert said == {
        first: "The connection was lost before the station answered.",
        second: "Not sent: the connection was lost.",
    }


def test_too_many_at_once_are_refused_and_the_list_of_ended_ones_is_bounded() -> None:
    """RELIABILITY 3."""
    bench = connected(answers={"UnlockConnector": SILENCE})
    for _ in range(OPEN_MOST):
        assert not bench.act("unlock", connector=1).state.ended
    assert "others have not ended" in str(bench.act("unlock", connector=1).said)
    bench.disconnect()
    for _ in range(2 * ENDED_KEPT):
        bench.act("reset")
    assert len(bench.control.actions()) == ENDED_KEPT


def test_a_successor_goes_on_with_what_was_accepted_and_tells_what_was_lost() -> None:
    """AC-2, OC-3: a restarted actor has its state again."""
    bench = connected(answers={"UnlockConnector": SILENCE})
    bench.act("reset")
    bench.act("unlock", connector=1)
    before = bench.control.actions()
    bench.die()
    bench.control.resume_actions(before, None, bench.moment)
    states = {action.kind: action.state for action in bench.control.actions()}
    assert states == {"reset": ActionState.IN_PROGRESS, "unlock": ActionState.FAILED}


def test_a_secret_of_an_address_is_not_logged() -> None:
    """RELIABILITY 4.22."""
    bench = connected(answers={"GetDiagnostics": Refusal("NotSupported")})
    bench.act("diagnostics", location="https://192.0.2.1/token-4711")
    assert not any("4711" in log.message for log in bench.logs)
