"""A station's side of the uplink: what the operator hears, decides, commands and allows."""

from dataclasses import replace
from typing import Any

import pytest

from evce.configuration.choices import Authentication, OfflineAuthentication
from evce.station_control.effects import AskOperator, Inform, NotRelayed, RelayAnswered
from evce.station_control.settings import OPERATOR_WITHIN, StationSettings
from evce.units import TransactionId
from tests.evce.station_control.bench import SILENCE, Bench

OPERATED = StationSettings(fallback={1: 9.0, 2: 9.0}, authentication=Authentication.KNOWN_CARDS, uplink=True)


def asked(bench: Bench) -> list[AskOperator]:
    return [effect for effect in bench.effects if isinstance(effect, AskOperator)]


def answer(bench: Bench, payload: dict[str, Any] | None, cached: dict[str, Any] | None = None) -> None:
    """The operator answers what it was asked last."""
    bench.control.operator_answered(asked(bench)[-1].request, payload, cached, bench.moment)
    bench.carry_out()


def connected(settings: StationSettings = OPERATED) -> Bench:
    bench = Bench(settings=settings)
    bench.connect()
    return bench


def test_the_operator_decides_about_a_card() -> None:
    """AU-3: its words go to the station unchanged."""
    bench = connected()
    assert bench.say("Authorize", idTag="04a1") is None
    assert asked(bench)[-1].payload == {"idTag": "04a1"}
    info = {"status": "Accepted", "parentIdTag": "P", "expiryDate": "2027-01-01T00:00:00Z"}
    answer(bench, {"idTagInfo": info})
    assert bench.replies["s1"][2] == {"idTagInfo": info}


@pytest.mark.parametrize(
    ("offline", "cached", "status"),
    [
        (OfflineAuthentication.ACCEPT, None, "Accepted"),
        (OfflineAuthentication.REJECT, {"status": "Accepted"}, "Invalid"),
        (OfflineAuthentication.CACHE, {"status": "Accepted"}, "Accepted"),
        (OfflineAuthentication.CACHE, None, "Invalid"),
    ],
)
def test_in_an_outage_the_rule_for_it_decides(
    offline: OfflineAuthentication, cached: dict[str, Any] | None, status: str
) -> None:
    """AU-2, CPO-3: accept all, reject all, use cache."""
    bench = connected(replace(OPERATED, offline=offline))
    bench.say("Authorize", idTag="04a1")
    answer(bench, None, cached)
    assert bench.replies["s1"][2] == {"idTagInfo": {"status": status}}


def test_an_uplink_that_says_nothing_keeps_no_driver_waiting() -> None:
    """CPO-3: a hung uplink is an outage."""
    bench = connected(replace(OPERATED, offline=OfflineAuthentication.ACCEPT))
    bench.say("Authorize", idTag="04a1")
    bench.wait(OPERATOR_WITHIN + 0.1)
    assert bench.replies["s1"][2] == {"idTagInfo": {"status": "Accepted"}}
    answer(bench, {"idTagInfo": {"status": "Blocked"}})
    assert len([reply for reply in bench.replies if reply == "s1"]) == 1


@pytest.mark.parametrize("mode", [Authentication.ALL_CARDS, Authentication.PLUG_AND_CHARGE])
def test_where_no_card_is_asked_for_the_operator_isn_t_either(mode: Authentication) -> None:
    """AU-1: the installer's choice to let everybody charge stands."""
    bench = connected(replace(OPERATED, authentication=mode))
    assert bench.say("Authorize", idTag="04a1") == {"idTagInfo": {"status": "Accepted"}}
    assert asked(bench) == []


def test_starts_and_stops_are_kept_with_the_station_s_own_words() -> None:
    """CPO-3: what goes into the journal is what the station said."""
    bench = connected(replace(OPERATED, authentication=Authentication.ALL_CARDS))
    number = bench.plug_and_start("04a1")
    assert bench.starts[0].upstream is not None
    assert bench.starts[0].upstream["idTag"] == "04a1"
    bench.say("StopTransaction", transactionId=number, meterStop=1500, timestamp=bench.time())
    assert bench.stops[0].upstream is not None
    assert bench.stops[0].upstream["meterStop"] == 1500
    plain = connected(StationSettings(fallback={1: 9.0}, authentication=Authentication.ALL_CARDS))
    plain.plug_and_start()
    assert plain.starts[0].upstream is None


def test_the_operator_hears_what_the_station_says() -> None:
    """CPO-1: the operator sees each station; what is EVCE's own business stays here."""
    bench = connected()
    bench.status("Preparing")
    bench.say("Heartbeat")
    bench.say("FirmwareStatusNotification", status="Installed")
    heard = [effect.action for effect in bench.effects if isinstance(effect, Inform)]
    assert heard == ["StatusNotification", "FirmwareStatusNotification"]
    quiet = connected(replace(OPERATED, uplink=False))
    quiet.status("Preparing")
    assert [effect for effect in quiet.effects if isinstance(effect, Inform)] == []


def test_a_command_s_answer_goes_back_as_it_is() -> None:
    """CPO-1: its commands reach the station."""
    bench = connected()
    bench.answers["UnlockConnector"] = {"status": "UnlockFailed"}
    bench.control.relay("r", "UnlockConnector", {"connectorId": 1}, bench.moment)
    bench.carry_out()
    bench.wait(1.0)
    found = [effect for effect in bench.effects if isinstance(effect, RelayAnswered)]
    assert found == [RelayAnswered("r", {"status": "UnlockFailed"})]


@pytest.mark.parametrize("action", ["Reset", "Nonsense"])
def test_a_command_that_doesn_t_arrive_says_so(action: str) -> None:
    bench = connected()
    bench.answers[action] = SILENCE
    bench.control.relay("r", action, {"type": "Soft"}, bench.moment)
    bench.carry_out()
    bench.wait(30.0)
    assert [effect.request for effect in bench.effects if isinstance(effect, NotRelayed)] == ["r"]


def test_a_lost_link_ends_the_wait_for_a_command() -> None:
    bench = connected()
    bench.answers["ClearCache"] = SILENCE
    bench.control.relay("r", "ClearCache", {}, bench.moment)
    bench.carry_out()
    bench.disconnect()
    assert [effect.request for effect in bench.effects if isinstance(effect, NotRelayed)] == ["r"]
    bench.control.relay("s", "ClearCache", {}, bench.moment)
    bench.carry_out()
    assert [effect.request for effect in bench.effects if isinstance(effect, NotRelayed)] == ["r", "s"]


def test_a_reduction_doesn_t_wait_for_the_operator_s_commands() -> None:
    """RELIABILITY invariant 15: a pending CALL never delays a reduction by more than 2 s."""
    bench = connected(replace(OPERATED, authentication=Authentication.ALL_CARDS))
    bench.plug_and_start()
    bench.order(20.0, 1)
    bench.wait(5.0)
    bench.answers["ClearCache"] = SILENCE
    for number in range(5):
        bench.control.relay(f"r{number}", "ClearCache", {}, bench.moment)
    bench.carry_out()
    began = bench.now
    bench.order(6.0, 2)
    bench.wait(2.1)
    assert bench.profiles("TxProfile")[-1] == 6.0
    assert bench.now - began < 2.2


def test_a_ceiling_is_told_to_the_zone() -> None:
    """CPO-1: the operator's profiles are an upper limit of the allocation."""
    bench = connected()
    bench.control.take_news()
    bench.control.assign_ceilings({1: 7.5}, bench.moment)
    assert bench.facts.ceiling == 7.5
    assert bench.control.take_news()
    bench.control.assign_ceilings({}, bench.moment)
    assert bench.facts.ceiling is None


def test_a_refused_session_gets_nothing_and_is_stopped() -> None:
    """AU-3: also when the operator's word comes after the start."""
    bench = connected(replace(OPERATED, authentication=Authentication.ALL_CARDS))
    number = bench.plug_and_start()
    bench.control.refuse_transaction(TransactionId(number), "Blocked", bench.moment)
    bench.carry_out()
    bench.wait(1.0)
    assert not bench.facts.wants
    assert bench.sent("RemoteStopTransaction") == [{"transactionId": number}]


def test_an_unknown_data_transfer_is_the_operator_s() -> None:
    """OCTT 064."""
    bench = connected()
    assert bench.say("DataTransfer", vendorId="V", data="x") is None
    answer(bench, {"status": "Accepted", "data": "y"})
    assert bench.replies["s1"][2] == {"status": "Accepted", "data": "y"}
    bench.say("DataTransfer", vendorId="V")
    answer(bench, None)
    assert bench.replies["s2"][2] == {"status": "UnknownVendorId"}


def test_the_picture_for_the_uplink_is_whole() -> None:
    bench = connected(replace(OPERATED, authentication=Authentication.ALL_CARDS))
    number = bench.plug_and_start("04a1")
    told = bench.control.told()
    (connector,) = told.connectors
    assert (told.connected, connector.status, connector.transaction) == (True, "Charging", number)
    assert connector.id_tag == "04A1"
