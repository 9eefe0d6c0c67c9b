"""Tests of asking for meter values that a station doesn't send as often as it was told."""

import pytest

from tests.evce.station_control.bench import SILENCE, Bench, Refusal


def charging(**given: object) -> Bench:
    bench = Bench(**given)  # type: ignore[arg-type]
    bench.connect()
    bench.say("BootNotification", chargePointModel="m", chargePointVendor="v")
    bench.status("Available")
    bench.wait(5.0)
    bench.plug_and_start()
    bench.order(16.0, 1)
    bench.draw(15.0, 15.0, 15.0)
    return bench


def asked(bench: Bench) -> list[dict[str, object]]:
    return [call for call in bench.sent("TriggerMessage") if call["requestedMessage"] == "MeterValues"]


def test_a_station_whose_reports_stay_away_is_asked_for_them() -> None:
    """LM-10: what the car draws is known again ten seconds later, and each ten seconds from then on."""
    bench = charging()
    before = len(asked(bench))
    bench.wait(9.0)
    assert len(asked(bench)) == before
    bench.wait(2.0)
    assert asked(bench)[before:] == [{"requestedMessage": "MeterValues", "connectorId": 1}]
    bench.wait(20.0)
    assert len(asked(bench)) == before + 3
    bench.draw(15.0, 15.0, 15.0)
    bench.wait(9.0)
    assert len(asked(bench)) == before + 3


def test_a_session_that_has_just_begun_has_time_to_report() -> None:
    """LM-10: however long the station has been connected."""
    bench = Bench()
    bench.connect()
    bench.say("BootNotification", chargePointModel="m", chargePointVendor="v")
    bench.wait(300.0)
    bench.plug_and_start()
    bench.order(16.0, 1)
    bench.wait(9.0)
    assert asked(bench) == []
    bench.wait(2.0)
    assert len(asked(bench)) == 1


def test_a_station_that_reports_as_told_is_left_alone() -> None:
    """LM-10: the wire is quiet where all is well."""
    bench = charging()
    before = len(asked(bench))
    for _ in range(12):
        bench.wait(5.0)
        bench.draw(15.0, 15.0, 15.0)
    assert len(asked(bench)) == before


@pytest.mark.parametrize(
    "told", [("Charging", 0.0), ("SuspendedEV", 16.0), ("Finishing", 16.0)], ids=lambda told: str(told[0])
)
def test_a_car_that_draws_nothing_is_not_asked_for(told: tuple[str, float]) -> None:
    """LM-10: one that is paused, full, or about to leave."""
    status, amps = told
    bench = charging()
    before = len(asked(bench))
    bench.order(amps, 2)
    bench.status(status)
    bench.wait(60.0)
    assert len(asked(bench)) == before


@pytest.mark.parametrize("answer", [{"status": "NotImplemented"}, Refusal("NotSupported"), SILENCE])
def test_a_station_that_says_no_is_asked_no_more_before_it_connects_anew(answer: object) -> None:
    """LM-10: three times is enough."""
    bench = charging()
    bench.answers["TriggerMessage"] = answer  # type: ignore[assignment]
    before = len(asked(bench))
    bench.wait(300.0)
    assert len(asked(bench)) == before + 3
    bench.answers.pop("TriggerMessage")
    bench.disconnect()
    bench.connect()
    bench.wait(5.0)
    again = len(asked(bench))
    bench.order(16.0, 2)
    bench.wait(40.0)
    assert len(asked(bench)) > again


def test_a_station_without_remote_trigger_is_never_asked() -> None:
    """LM-10: it says so itself."""
    bench = charging(keys={"SupportedFeatureProfiles": "Core,SmartCharging"})
    bench.wait(120.0)
    assert asked(bench) == []
