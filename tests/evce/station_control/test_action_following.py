"""Actions that go on after their answer, until something shows how they ended."""

from typing import Any

import pytest

from evce.station_control.action_state import ActionState
from tests.evce.station_control.bench import SILENCE, Bench, Refusal


def connected(**changes: Any) -> Bench:
    bench = Bench(**changes)
    bench.connect()
    return bench


def outcome(bench: Bench) -> tuple[ActionState, str]:
    return bench.action.state, str(bench.action.said)


def boot(bench: Bench, firmware: str = "3.4") -> None:
    bench.say("BootNotification", chargePointVendor="v", chargePointModel="m", firmwareVersion=firmware)


def test_a_remote_start_is_done_once_its_transaction_runs() -> None:
    """OC-3."""
    bench = connected()
    assert bench.act("start", connector=1, card="04a1").state is ActionState.IN_PROGRESS
    assert bench.sent("RemoteStartTransaction") == [{"connectorId": 1, "idTag": "04a1"}]
    bench.plug_and_start("04A1")
    assert outcome(bench) == (ActionState.DONE, "Transaction 1 started.")


def test_a_start_of_a_card_that_may_not_charge_has_failed() -> None:
    """OC-3, AU-1."""
    from evce.configuration.choices import Authentication
    from evce.station_control.settings import StationSettings

    bench = connected(settings=StationSettings(authentication=Authentication.KNOWN_CARDS))
    bench.act("start", connector=1, card="04A1")
    bench.plug_and_start("04A1")
    assert bench.action.state is ActionState.FAILED
    assert "no current" in str(bench.action.said)


def test_a_car_that_never_comes_ends_the_start_after_the_station_s_own_time() -> None:
    """OC-3: ConnectionTimeOut and half a minute."""
    bench = connected(keys={"ConnectionTimeOut": "20"})
    bench.act("start", connector=1, card="04A1")
    bench.wait(49.0)
    assert bench.action.state is ActionState.IN_PROGRESS
    bench.wait(2.0)
    assert bench.action.state is ActionState.TIMED_OUT
    bench.plug_and_start("OTHER")
    assert bench.action.state is ActionState.TIMED_OUT


@pytest.mark.parametrize("forced", [False, True])
def test_a_stop_is_done_once_the_transaction_has_ended(forced: bool) -> None:
    """OC-3."""
    bench = connected()
    number = bench.plug_and_start()
    bench.act("stop", connector=1, forced=forced)
    assert "is ending" in str(bench.action.said)
    bench.say("StopTransaction", transactionId=number, meterStop=2000, timestamp=bench.time())
    assert outcome(bench) == (ActionState.DONE, "Transaction 1 ended.")


def test_a_stop_that_is_accepted_and_not_done_is_told_or_forced() -> None:
    """OC-3."""
    bench = connected()
    bench.plug_and_start()
    bench.act("stop", connector=1)
    bench.wait(61.0)
    assert bench.action.state is ActionState.TIMED_OUT
    assert "still runs after" in str(bench.action.said)
    bench.act("stop", connector=1, forced=True)
    bench.wait(61.0)
    assert bench.action.state is ActionState.DONE
    assert "closed by EVCE" in str(bench.action.said)
    assert [stop.reason for stop in bench.stops] == ["Forced"]


@pytest.mark.parametrize("reply", [{"status": "Rejected"}, Refusal("NotSupported"), SILENCE, None])
def test_a_forced_stop_is_booked_here_where_the_station_won_t_or_is_away(reply: Any) -> None:
    """OC-3."""
    bench = connected()
    bench.plug_and_start()
    if reply is None:
        bench.disconnect()
    else:
        bench.answers["RemoteStopTransaction"] = reply
    bench.act("stop", connector=1, forced=True)
    bench.wait(11.0)
    assert bench.action.state is ActionState.DONE
    assert [stop.transaction for stop in bench.stops] == [1]


def test_a_forced_stop_that_can_t_be_recorded_says_so() -> None:
    """OC-3: a full disk closes nothing."""
    bench = connected()
    bench.plug_and_start()
    bench.disconnect()
    bench.recorder = "away"
    bench.act("stop", connector=1, forced=True)
    bench.wait(31.0)
    assert bench.action.state is ActionState.FAILED
    assert "could not be closed" in str(bench.action.said)


def test_a_reset_is_done_with_the_boot_after_it() -> None:
    """OC-3."""
    bench = connected()
    bench.act("reset", type="Hard")
    assert bench.sent("Reset") == [{"type": "Hard"}]
    bench.wait(2.0)
    bench.disconnect()
    assert "went down" in str(bench.action.said)
    bench.wait(20.0)
    bench.connect()
    boot(bench)
    assert outcome(bench) == (ActionState.DONE, "Restarted after 22 s; firmware 3.4.")


def test_a_boot_that_we_asked_for_is_no_restart() -> None:
    """OC-3: learning asks for a BootNotification after each connection."""
    bench = connected()
    bench.act("reset")
    boot(bench)
    assert bench.action.state is ActionState.IN_PROGRESS
    bench.wait(121.0)
    assert bench.action.state is ActionState.TIMED_OUT
    assert "did not restart" in str(bench.action.said)


def test_a_station_that_restarts_without_an_answer_or_a_boot_is_back() -> None:
    """OC-3: a hard reset may leave no time to answer."""
    bench = connected(answers={"Reset": SILENCE, "TriggerMessage": Refusal("NotImplemented")})
    bench.act("reset", type="Hard")
    bench.disconnect()
    assert bench.action.state is ActionState.IN_PROGRESS
    bench.connect()
    bench.wait(61.0)
    assert bench.action.state is ActionState.DONE
    assert "without a BootNotification" in str(bench.action.said)


def test_a_station_that_stays_away_after_a_reset_is_told() -> None:
    """OC-3."""
    bench = connected()
    bench.act("reset")
    bench.disconnect()
    bench.wait(301.0)
    assert outcome(bench) == (ActionState.TIMED_OUT, "Not back after 300 s.")


def test_a_scheduled_change_takes_effect_with_the_outlet_s_status() -> None:
    """OC-3."""
    bench = connected(answers={"ChangeAvailability": {"status": "Scheduled"}})
    bench.act("availability", connector=1, type="Inoperative")
    bench.status("Charging")
    assert "once the running transaction" in str(bench.action.said)
    bench.status("Unavailable")
    assert outcome(bench) == (ActionState.DONE, "In effect.")


def test_a_triggered_message_is_awaited() -> None:
    """OC-3."""
    bench = connected()
    bench.act("trigger", message="StatusNotification", connector=1)
    bench.say("Heartbeat")
    assert bench.action.state is ActionState.IN_PROGRESS
    bench.status("Available")
    assert outcome(bench) == (ActionState.DONE, "StatusNotification came.")
    bench.act("trigger", message="MeterValues", connector=1)
    bench.wait(31.0)
    assert "no MeterValues came within 30 s" in str(bench.action.said)


def test_a_reservation_is_used_cancelled_or_expires() -> None:
    """OC-3."""
    bench = connected()
    bench.act("reserve", connector=1, card="04A1", minutes=10)
    number = bench.sent("ReserveNow")[0]["reservationId"]
    bench.status("Reserved")
    bench.say(
        "StartTransaction",
        connectorId=1,
        idTag="04A1",
        meterStart=0,
        reservationId=number,
        timestamp=bench.time(),
    )
    assert outcome(bench) == (ActionState.DONE, "Used: a transaction began with the reservation.")
    reserved = bench.act("reserve", connector=1, card="04A1", minutes=10)
    assert reserved.subject != number
    bench.act("cancel-reservation", reservation=reserved.subject)
    ended = next(a for a in bench.control.actions() if a.id == reserved.id)
    assert str(ended.said) == "Cancelled by ada."
    bench.act("reserve", connector=1, card="04A1", minutes=10)
    bench.wait(601.0)
    assert outcome(bench) == (ActionState.DONE, "Expired unused.")


@pytest.mark.parametrize("status", ["Faulted", "Occupied", "Unavailable"])
def test_an_outlet_that_can_t_be_reserved_says_why(status: str) -> None:
    """OC-3."""
    bench = connected(answers={"ReserveNow": {"status": status}})
    bench.act("reserve", connector=1, card="04A1")
    assert outcome(bench) == (ActionState.REFUSED, f"Not reserved: the connector is {status}.")


def diagnostics(bench: Bench) -> str:
    """Ask for a file that EVCE receives itself; returns the action's id."""
    bench.answers["GetDiagnostics"] = {"fileName": "d.zip"}
    given = {"location": "http://192.0.2.9/x/"}
    bench.control.act("d", "diagnostics", given, "ada", bench.moment, awaits_file=True)
    bench.carry_out()
    return "d"


def state_of(bench: Bench, action: str) -> tuple[ActionState, str]:
    found = next(a for a in bench.control.actions() if a.id == action)
    return found.state, str(found.said)


@pytest.mark.parametrize("file_first", [True, False])
def test_diagnostics_are_done_with_the_file_and_the_station_s_word(file_first: bool) -> None:
    """OC-3: in either order."""
    bench = connected()
    action = diagnostics(bench)
    assert state_of(bench, action) == (ActionState.IN_PROGRESS, "The station sends d.zip.")
    bench.say("DiagnosticsStatusNotification", status="Uploading")
    steps = [
        lambda: bench.control.file_moved(action, "d.zip", 9, bench.moment, received=True),
        lambda: bench.say("DiagnosticsStatusNotification", status="Uploaded"),
    ]
    for step in steps if file_first else reversed(steps):
        assert state_of(bench, action)[0] is ActionState.IN_PROGRESS
        step()
    assert state_of(bench, action) == (ActionState.DONE, "Received d.zip, 9 bytes.")


def test_a_file_without_a_word_counts_and_a_word_without_a_file_doesn_t() -> None:
    """OC-3: some stations never say Uploaded, some say it of nothing."""
    bench = connected()
    action = diagnostics(bench)
    bench.control.file_moved(action, "d.zip", 9, bench.moment, received=True)
    bench.wait(31.0)
    assert state_of(bench, action)[0] is ActionState.DONE
    action = diagnostics(bench)
    bench.say("DiagnosticsStatusNotification", status="Uploaded")
    bench.wait(31.0)
    assert "nothing arrived" in state_of(bench, action)[1]


def test_an_upload_that_fails_or_has_nothing_to_send_is_told() -> None:
    """OC-3."""
    bench = connected()
    action = diagnostics(bench)
    bench.say("DiagnosticsStatusNotification", status="UploadFailed")
    assert state_of(bench, action) == (ActionState.FAILED, "The upload failed: UploadFailed.")
    bench.answers["GetDiagnostics"] = {}
    assert "nothing to send" in str(bench.act("diagnostics", location="ftp://192.0.2.1/").said)


def test_a_log_is_followed_by_its_own_number() -> None:
    """OC-1: GetLog of the security white paper."""
    bench = connected(answers={"GetLog": {"status": "Accepted", "filename": "l.gz"}})
    bench.act("log", location="ftp://192.0.2.1/")
    number = bench.sent("GetLog")[0]["requestId"]
    bench.say("LogStatusNotification", status="UploadFailure", requestId=number + 1)
    assert bench.action.state is ActionState.IN_PROGRESS
    bench.say("LogStatusNotification", status="Uploaded", requestId=number)
    assert outcome(bench) == (ActionState.DONE, "The station says that it has sent l.gz.")


@pytest.mark.parametrize("failure", ["DownloadFailed", "InstallationFailed"])
def test_an_update_is_followed_to_its_end(failure: str) -> None:
    """OC-3, SR-4."""
    bench = connected(answers={"UpdateFirmware": {}})
    bench.act("firmware", location="http://192.0.2.9/fw.bin")
    bench.say("FirmwareStatusNotification", status="Idle")
    bench.say("FirmwareStatusNotification", status="Downloading")
    assert "Downloading" in str(bench.action.said)
    bench.say("FirmwareStatusNotification", status=failure)
    assert outcome(bench) == (ActionState.FAILED, f"The update failed: {failure}.")


SIGNED = {
    "location": "http://192.0.2.9/fw.bin",
    "certificate": "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----",
    "signature": "QUJD",
}


@pytest.mark.parametrize(
    ("last", "ends"),
    [
        ("Installed", (ActionState.DONE, "Installed.")),
        ("InvalidSignature", (ActionState.FAILED, "The update failed: InvalidSignature.")),
        ("InstallVerificationFailed", (ActionState.FAILED, "The update failed: InstallVerificationFailed.")),
    ],
)
def test_a_signed_update_is_followed_by_its_number(last: str, ends: tuple[ActionState, str]) -> None:
    """OC-3: what is said of another request is none of its business."""
    bench = connected(answers={"SignedUpdateFirmware": {"status": "Accepted"}})
    bench.act("signed-firmware", **SIGNED)
    number = bench.action.subject
    assert number is not None
    bench.say("SignedFirmwareStatusNotification", status="Downloading", requestId=number)
    bench.say("SignedFirmwareStatusNotification", status="InstallationFailed", requestId=number + 1)
    assert "Downloading" in str(bench.action.said)
    bench.say("SignedFirmwareStatusNotification", status="SignatureVerified", requestId=number)
    bench.say("SignedFirmwareStatusNotification", status=last, requestId=number)
    assert outcome(bench) == ends


@pytest.mark.parametrize("status", ["Rejected", "InvalidCertificate", "RevokedCertificate"])
def test_a_signed_update_that_a_station_refuses_says_why(status: str) -> None:
    """OC-3."""
    bench = connected(answers={"SignedUpdateFirmware": {"status": status}})
    bench.act("signed-firmware", **SIGNED)
    state, said = outcome(bench)
    assert (state, status in said) == (ActionState.REFUSED, True)


def test_an_update_may_restart_the_station_in_its_middle() -> None:
    """SR-4: seen in the field; some never say Installed."""
    bench = connected(answers={"UpdateFirmware": {}})
    boot(bench, "3.4")
    for says_installed in (True, False):
        bench.act("firmware", location="http://192.0.2.9/fw.bin")
        bench.control.file_moved(bench.action.id, "fw.bin", 9, bench.moment, received=False)
        assert "fetched" in str(bench.action.said)
        bench.say("FirmwareStatusNotification", status="Installing")
        bench.disconnect()
        bench.wait(30.0)
        bench.connect()
        boot(bench, "3.5" if says_installed else "3.6")
        assert bench.action.state is ActionState.IN_PROGRESS
        if says_installed:
            bench.say("FirmwareStatusNotification", status="Installed")
            assert outcome(bench) == (ActionState.DONE, "Installed.")
        else:
            bench.wait(61.0)
            assert outcome(bench) == (ActionState.DONE, "The station runs firmware 3.6.")


def test_an_update_without_news_is_given_up() -> None:
    """OC-3."""
    bench = connected(answers={"UpdateFirmware": {}})
    bench.act("firmware", location="http://192.0.2.9/fw.bin")
    bench.wait(1_801.0)
    assert bench.action.state is ActionState.TIMED_OUT
