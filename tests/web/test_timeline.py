"""A timeline tells the key moments of a session and what bound it when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from actors.messages import RecordEvent, SessionPoint, SessionRecord
from evce.units import BoxIdentity, ConnectorKey, TransactionId
from web import timeline as module
from web.states import State
from web.timeline import Happening, Timeline, timeline_of

NOON = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
RUNNING = SessionRecord(
    TransactionId(7),
    ConnectorKey(BoxIdentity("CP-01"), 1),
    "Garage 1",
    "AbC",
    vip=False,
    started_at=NOON,
    meter_start=0.0,
)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


ENDED = replace(RUNNING, stopped_at=at(60), energy=9000.0, stop_reason="Local")


def point(
    minutes: float,
    allowed: float,
    state: str = "Charging",
    reason: str | None = None,
    drawn: float | None = 9.0,
    energy: float = 0.0,
) -> SessionPoint:
    return SessionPoint(TransactionId(7), at(minutes), allowed, drawn, energy, state, reason)


def line(minutes: float, message: str) -> RecordEvent:
    return RecordEvent(at(minutes), "CP-01", "transaction", message)


COURSE = [
    point(-1, 0.0, "Preparing", drawn=0.0),
    point(0.1, 0.0, reason="no room: 4 A left", drawn=0.0),
    point(5, 16.0, reason="shares 63 A with 3 cars", energy=10.0),
    point(10, 10.0, reason="shares 63 A with 6 cars", drawn=9.9, energy=1000.0),
    point(20, 0.0, "SuspendedEVSE", "no room: 2 A left", 0.0, 3000.0),
    point(30, 16.0, reason="gets all that it may have", energy=3000.0),
    point(40, 16.0, "Away", drawn=None, energy=5000.0),
    point(41, 16.0, energy=5000.0),
    point(50, 16.0, "SuspendedEV", drawn=0.0, energy=9000.0),
]
LOG = [
    line(-2, "card abc accepted"),
    line(-90, "card abc refused"),
    line(-1, "card OTHER refused"),
    line(30, "connector 1 is Charging"),
    line(90, "card abc accepted"),
]


def told(timeline: Timeline) -> list[tuple[float, Happening]]:
    return [((m.at - NOON).total_seconds() / 60.0, m.what) for m in timeline.moments]


def test_the_key_moments_are_told_in_their_order() -> None:
    """UI-8: from the plug to the end, pauses of the system apart from those of the car."""
    assert told(timeline_of(ENDED, COURSE, LOG, at(100))) == [
        (-2, Happening.AUTHORISED),
        (-1, Happening.PLUGGED_IN),
        (0, Happening.STARTED),
        (0.1, Happening.SUSPENDED),
        (5, Happening.DRAWING),
        (20, Happening.SUSPENDED),
        (30, Happening.RESUMED),
        (40, Happening.LOST),
        (41, Happening.BACK),
        (50, Happening.PAUSED_BY_CAR),
        (60, Happening.ENDED),
    ]


def test_what_happens_within_a_second_is_told_in_its_natural_order() -> None:
    """UI-8: a station says whole seconds, the log knows better."""
    found = timeline_of(ENDED, [point(0.004, 16.0)], [line(0.005, "card AbC accepted")], at(100))
    assert [m.what for m in found.moments][:2] == [Happening.AUTHORISED, Happening.STARTED]


def test_stretches_say_what_was_allowed_and_what_bound_it() -> None:
    """UI-9: another figure in the same reason is no new line; the reason of the lowest one stands for all."""
    found = timeline_of(ENDED, COURSE, (), at(100))
    shared = found.stretches[1]
    assert (shared.lowest, shared.highest, shared.drawn, shared.energy) == (10.0, 16.0, 9.9, 2990.0)
    assert shared.reason == "shares 63 A with 6 cars"
    assert [(one.state, one.seconds / 60.0) for one in found.stretches[2:]] == [
        (State.SUSPENDED_SYSTEM, 10),
        (State.CHARGING, 10),
        (State.DISCONNECTED, 1),
        (State.CHARGING, 9),
        (State.SUSPENDED_EV, 10),
    ]
    assert found.stretches[-1].reason == "gets all that it may have"
    assert found.paused == pytest.approx((4.9 + 10 + 10) * 60)


def test_the_band_covers_the_whole_session_without_a_gap() -> None:
    """UI-8."""
    found = timeline_of(ENDED, COURSE, (), at(100))
    assert found.begin == at(-1)
    assert sum(band.width for band in found.bands) == pytest.approx(100.0 * 59.9 / 61.0, abs=0.1)
    for before, after in zip(found.bands, found.bands[1:], strict=False):
        assert after.left == pytest.approx(before.left + before.width, abs=0.01)
        assert after.state is not before.state


def test_a_running_session_goes_on_until_now() -> None:
    """UI-8: and says nothing of an end."""
    found = timeline_of(RUNNING, COURSE, LOG, at(70))
    assert found.stretches[-1].end == found.end == at(70)
    assert told(found)[-1] == (50, Happening.PAUSED_BY_CAR)
    assert [entry.message for entry in found.log] == [
        "card abc accepted",
        "card OTHER refused",
        "connector 1 is Charging",
    ]


def test_a_session_whose_course_is_gone_keeps_its_beginning_and_end() -> None:
    """UI-8: years later."""
    found = timeline_of(ENDED, (), (), at(1e6))
    assert told(found) == [(0, Happening.STARTED), (60, Happening.ENDED)]
    assert (found.complete, found.bands, found.stretches) == (False, (), ())


@pytest.mark.parametrize("off", [-500.0, 500.0])
def test_a_station_whose_clock_is_wrong_is_shown_all_the_same(off: float) -> None:
    """OC-6: the session is timed by the station, its course by us."""
    wrong = replace(ENDED, started_at=at(off), stopped_at=at(off + 60))
    found = timeline_of(wrong, COURSE, (), at(100))
    assert found.begin <= min(at(off), at(-1))
    assert found.end >= max(at(off + 60), at(50))
    assert all(0.0 <= band.left <= 100.0 and band.left + band.width <= 100.1 for band in found.bands)


def test_a_course_that_begins_late_has_no_plug() -> None:
    """AC-2: EVCE was restarted in between."""
    assert timeline_of(ENDED, COURSE[3:], (), at(100)).moments[0].what is Happening.STARTED
    late = [point(10, 0.0, "Preparing", energy=500.0)]
    assert [m.what for m in timeline_of(ENDED, late, (), at(100)).moments] == [
        Happening.STARTED,
        Happening.ENDED,
    ]


def test_of_very_many_stretches_the_newest_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """RELIABILITY 6: and it is said how many aren't."""
    monkeypatch.setattr(module, "_STRETCHES", 3)
    found = timeline_of(ENDED, COURSE, (), at(100))
    assert (len(found.stretches), found.left_out) == (3, 4)
    assert len(found.bands) == 7


def test_every_happening_has_a_word_of_its_own() -> None:
    """UI-8."""
    assert len({what.word for what in Happening}) == len(Happening)
