"""What the operator commands."""

from dataclasses import replace
from typing import Any

import pytest

from evce.cpo.settings import COMMANDS_A_MINUTE, COMMANDS_WAITING
from evce.cpo.told import ConnectorTold
from evce.units import TransactionId
from tests.evce.cpo.bench import EPOCH, SETTINGS, START, Bench, told


def profile(limit: float = 9.0, **changes: Any) -> dict[str, Any]:
    return {
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Absolute",
        "chargingSchedule": {
            "chargingRateUnit": "A",
            "startSchedule": EPOCH.isoformat(),
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}],
        },
        **changes,
    }


def relayed(bench: Bench, payload: dict[str, Any] | None = None) -> None:
    """The station answers what it got last."""
    bench.control.relayed(bench.relays[-1].request, payload or {"status": "Accepted"}, bench.moment)
    bench.carry_out()


def test_a_command_reaches_the_station_and_its_answer_the_operator() -> None:
    """CPO-1: its commands reach it."""
    bench = Bench()
    assert bench.command("Reset", type="Soft") is None
    assert (bench.relays[0].action, bench.relays[0].payload) == ("Reset", {"type": "Soft"})
    relayed(bench, {"status": "Rejected"})
    assert list(bench.answers.values()) == [{"status": "Rejected"}]


def test_plug_numbers_are_turned_back() -> None:
    """CPO-5: 11 is connector 1."""
    bench = Bench(settings=replace(SETTINGS, plug_numbering=True))
    bench.command("UnlockConnector", connectorId=11)
    assert bench.relays[0].payload == {"connectorId": 1}
    assert bench.command("UnlockConnector", connectorId=1) == "PropertyConstraintViolation"
    assert [p["connectorId"] for p in bench.sent("StatusNotification")] == [0, 11]


@pytest.mark.parametrize(
    ("action", "payload", "answer"),
    [
        ("Nonsense", {}, "NotImplemented"),
        ("Reset", {"type": "Violent"}, "PropertyConstraintViolation"),
        ("Reset", {}, "ProtocolError"),
        (
            "InstallCertificate",
            {"certificateType": "CentralSystemRootCertificate", "certificate": "x"},
            "NotSupported",
        ),
        ("RemoteStopTransaction", {"transactionId": 4711}, {"status": "Rejected"}),
        ("RemoteStartTransaction", {"connectorId": 7, "idTag": "A"}, {"status": "Rejected"}),
        ("ChangeConfiguration", {"key": "AuthorizationKey", "value": "x"}, {"status": "Rejected"}),
        ("ClearChargingProfile", {"id": 5}, {"status": "Unknown"}),
        ("GetCompositeSchedule", {"connectorId": 9, "duration": 60}, {"status": "Rejected"}),
        ("TriggerMessage", {"requestedMessage": "Heartbeat"}, {"status": "Accepted"}),
    ],
)
def test_what_can_t_be_done_is_said_at_once(action: str, payload: dict[str, Any], answer: Any) -> None:
    """CPO-1, RELIABILITY §3: each command is answered, truthfully."""
    bench = Bench()
    assert bench.command(action, **payload) == answer
    assert bench.relays == []


def test_one_command_at_a_time_and_not_too_many() -> None:
    """CPO-1: bounded queues."""
    bench = Bench()
    answers = [bench.command("ClearCache") for _ in range(COMMANDS_WAITING + 3)]
    assert len(bench.relays) == 1
    assert answers[:-2] == [None] * (COMMANDS_WAITING + 1)
    assert answers[-2:] == ["GenericError"] * 2
    relayed(bench)
    assert len(bench.relays) == 2


def test_a_flood_of_commands_is_refused() -> None:
    bench = Bench()
    answers = [
        bench.command("GetConfiguration", key=["HeartbeatInterval"]) for _ in range(COMMANDS_A_MINUTE + 5)
    ]
    assert answers[-5:] == ["GenericError"] * 5
    bench.wait(61.0)
    assert bench.command("GetConfiguration", key=["HeartbeatInterval"]) != "GenericError"


def test_an_answer_goes_to_the_socket_that_asked() -> None:
    bench = Bench()
    bench.command("ClearCache")
    bench.lose()
    bench.wait(5.0)
    relayed(bench)
    assert bench.answers == {}


def test_a_profile_is_accepted_once_it_is_on_disk_and_tells_the_station() -> None:
    """CPO-1: kept, and merged as an upper limit."""
    bench = Bench(picture=told("Charging", 1))
    assert bench.command("SetChargingProfile", connectorId=1, csChargingProfiles=profile()) == {
        "status": "Accepted"
    }
    assert bench.ceilings == {1: 9.0}
    assert bench.notes["profile", "1"] is not None
    assert bench.relays == []
    assert bench.command("ClearChargingProfile", id=1) == {"status": "Accepted"}
    assert (bench.ceilings, bench.notes["profile", "1"]) == ({1: None}, None)


def test_a_profile_that_can_t_be_kept_isn_t_accepted() -> None:
    """CPO-1: RELIABILITY, disk full."""
    bench = Bench(picture=told("Charging", 1))
    bench.disk_away = True
    assert bench.command("SetChargingProfile", connectorId=1, csChargingProfiles=profile()) is None
    bench.control.note_kept("t-r1", bench.moment, kept=False)
    bench.carry_out()
    assert list(bench.answers.values()) == ["InternalError"]
    assert bench.ceilings == {1: None}


def test_a_ceiling_changes_when_its_schedule_does() -> None:
    bench = Bench(picture=told("Charging", 1))
    periods = [{"startPeriod": 0, "limit": 20.0}, {"startPeriod": 600, "limit": 7.0}]
    timed = profile()
    timed["chargingSchedule"]["chargingSchedulePeriod"] = periods
    bench.command("SetChargingProfile", connectorId=1, csChargingProfiles=timed)
    bench.wait(599.0)
    assert bench.ceilings == {1: 20.0}
    bench.wait(2.0)
    assert bench.ceilings == {1: 7.0}


def test_a_profile_of_a_remote_start_waits_for_its_transaction() -> None:
    """OCPP 1.6 §5.11: OCTT 059; only the card's own session gets it."""
    bench = Bench()
    tx = profile(chargingProfilePurpose="TxProfile")
    del tx["chargingSchedule"]["startSchedule"]
    bench.command("RemoteStartTransaction", connectorId=1, idTag="04a1", chargingProfile=tx)
    assert bench.relays[0].payload == {"connectorId": 1, "idTag": "04a1"}
    relayed(bench)
    other = ConnectorTold(1, "Charging", transaction=TransactionId(5), id_tag="OTHER", started_at=EPOCH)
    bench.tell(replace(told(), connectors=(other,)))
    assert bench.ceilings == {1: None}
    bench.tell(told("Charging", 6))
    assert bench.ceilings == {1: 9.0}
    bench.tell(told())
    assert bench.ceilings == {1: None}


def test_a_remote_start_with_an_impossible_profile_is_rejected() -> None:
    bench = Bench()
    answer = bench.command("RemoteStartTransaction", connectorId=1, idTag="A", chargingProfile=profile())
    assert answer == {"status": "Rejected"}
    assert bench.relays == []


def test_a_card_of_a_remote_start_needs_no_second_question() -> None:
    """OCTT 010."""
    bench = Bench(replies={"Authorize": {"idTagInfo": {"status": "Invalid"}}})
    bench.command("RemoteStartTransaction", connectorId=1, idTag="APP")
    relayed(bench)
    answer = bench.ask("a", "StartTransaction", "APP")
    assert answer is not None
    assert answer.payload == {"idTagInfo": {"status": "Accepted"}}


def test_a_remote_stop_finds_the_session_by_the_operator_s_id() -> None:
    """CPO-3: ids mapped."""
    bench = Bench(replies={"StartTransaction": {"transactionId": 77, "idTagInfo": {"status": "Accepted"}}})
    bench.keep("StartTransaction", START, 12)
    bench.command("RemoteStopTransaction", transactionId=77)
    assert bench.relays[0].payload == {"transactionId": 12}


def test_a_lost_station_rejects_in_its_own_words() -> None:
    bench = Bench()
    bench.tell(told(connected=False))
    assert bench.command("Reset", type="Hard") == "InternalError"
    keys = bench.command("GetConfiguration")
    assert "ChargeProfileMaxStackLevel" in [entry["key"] for entry in keys["configurationKey"]]


def test_what_evce_knows_it_says_itself_when_triggered() -> None:
    """OCTT 054; a station asked to boot would count as restarted."""
    bench = Bench()
    before = len(bench.calls)
    assert bench.command("TriggerMessage", requestedMessage="BootNotification") == {"status": "Accepted"}
    assert bench.command("TriggerMessage", requestedMessage="StatusNotification") == {"status": "Accepted"}
    assert [action for action, _ in bench.calls[before:]] == [
        "BootNotification",
        "StatusNotification",
        "StatusNotification",
    ]
    bench.command("TriggerMessage", requestedMessage="MeterValues", connectorId=1)
    assert bench.relays[0].payload == {"requestedMessage": "MeterValues", "connectorId": 1}


def test_a_new_station_actor_is_told_the_ceilings_again() -> None:
    bench = Bench(picture=told("Charging", 1))
    bench.command("SetChargingProfile", connectorId=1, csChargingProfiles=profile())
    bench.ceilings = {}
    bench.control.station_began(bench.moment)
    bench.carry_out()
    assert bench.ceilings == {1: 9.0}
