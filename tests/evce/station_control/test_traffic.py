"""What went over a station's link, counted."""

from evce.station_control.traffic import ERRORS_KEPT
from tests.evce.station_control.bench import SILENCE, Bench


def test_calls_of_both_sides_are_counted_with_what_became_of_them() -> None:
    """LG-3: a report tells them."""
    bench = Bench(answers={"GetConfiguration": SILENCE})  # type: ignore[dict-item]
    bench.connect()
    bench.say("Heartbeat")
    bench.say("Heartbeat")
    bench.wait(bench.settings.call_timeout)
    dossier = bench.control.dossier(bench.now)
    counted = {action: counts for action, *counts in dossier.counted}
    assert counted["Heartbeat"] == [2, 0, 0, 0, 0]
    received, sent, answered, refused, unanswered = counted["GetConfiguration"]
    assert (received, answered, refused) == (0, 0, 0)
    assert sent >= unanswered >= 1
    assert any("GetConfiguration was not answered" in text for _, text in dossier.errors)
    assert dossier.links == 1
    profiles = counted["SetChargingProfile"]
    assert profiles[2] == profiles[1] > 0


def test_a_lost_link_is_an_error_and_errors_are_bounded() -> None:
    """LG-3: a station that flaps all night fills nothing."""
    bench = Bench()
    for _ in range(ERRORS_KEPT + 5):
        bench.connect()
        bench.disconnect()
    dossier = bench.control.dossier(bench.now)
    assert len(dossier.errors) == ERRORS_KEPT
    assert dossier.links == ERRORS_KEPT + 5
    assert "connection lost" in dossier.errors[-1][1]
