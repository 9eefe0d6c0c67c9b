"""Tests of whether the release that runs is kept."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from evce.release.course import BASE, KEPT_AFTER, Course
from evce.release.shelf import ReleaseShelf
from evce.units import Monotonic
from tests.evce.release.test_shelf import put
from tools.releases.trial import ReleaseTrial, untold_event

AT = datetime(2026, 11, 23, tzinfo=UTC)


class Clock:
    moment: Monotonic = 100.0

    def __call__(self) -> Monotonic:
        return self.moment


@pytest.fixture
def shelf(tmp_path: Path) -> ReleaseShelf:
    made = ReleaseShelf(tmp_path)
    for version in ("1.0", "1.1"):
        put(made, version)
    made.change(lambda course: course.wanted("1.1", "olivia", AT).starting(AT))
    return made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def trial(shelf: ReleaseShelf, clock: Clock) -> ReleaseTrial:
    return ReleaseTrial(shelf, "1.1", clock)


def starts(shelf: ReleaseShelf) -> int:
    found = shelf.course().trial
    assert found is not None
    return found.starts


def test_it_is_kept_after_a_minute_without_a_break(
    shelf: ReleaseShelf, trial: ReleaseTrial, clock: Clock
) -> None:
    """SR-4: what isn't needed any more goes, and the log of events has it once."""
    assert trial.well() is None
    clock.moment += KEPT_AFTER - 1
    assert trial.well() is None
    trial.unwell()
    clock.moment += 2
    assert trial.well() is None
    clock.moment += KEPT_AFTER
    event = trial.well()
    assert event is not None
    assert (event.message, event.author) == ("release 1.1 has run well and is kept", "olivia")
    assert (shelf.course().current, shelf.course().former) == ("1.1", BASE)
    assert [one.manifest.version for one in shelf.installed()] == ["1.1"]
    assert trial.well() is None
    assert untold_event(shelf) is None
    trial.ended()
    trial.failed("later")
    assert shelf.course().current == "1.1"


def test_an_end_by_a_person_doesn_t_count_and_one_by_itself_says_why(
    shelf: ReleaseShelf, trial: ReleaseTrial
) -> None:
    """SR-4"""
    trial.failed("the database can't be read")
    found = shelf.course().trial
    assert found is not None
    assert (found.starts, found.why) == (1, "the database can't be read")
    trial.ended()
    assert starts(shelf) == 0


def test_what_is_wanted_meanwhile_is_not_this_one_s_trial(
    shelf: ReleaseShelf, trial: ReleaseTrial, clock: Clock
) -> None:
    """SR-4"""
    shelf.change(lambda course: course.wanted("1.0", "olivia", AT).starting(AT))
    trial.well()
    clock.moment += KEPT_AFTER
    assert trial.well() is None
    trial.ended()
    assert starts(shelf) == 1
    assert shelf.course().current == BASE


def test_the_first_installation_is_never_on_trial(tmp_path: Path, clock: Clock) -> None:
    """SR-4: and makes no folder."""
    trial = ReleaseTrial(ReleaseShelf(tmp_path), BASE, clock)
    trial.well()
    clock.moment += 2 * KEPT_AFTER
    assert trial.well() is None
    trial.ended()
    trial.failed("why")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_refuses_doesn_t_end_the_daemon(
    shelf: ReleaseShelf, trial: ReleaseTrial, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    """RELIABILITY 2"""
    (shelf.folder / "state.json").write_text("{")
    trial.well()
    clock.moment += KEPT_AFTER
    assert trial.well() is None
    assert "can't be kept" in caplog.text


def test_how_an_update_ended_is_told_with_its_reason(shelf: ReleaseShelf) -> None:
    """SR-4"""
    shelf.change(lambda course: course.rolled_back("no such module", AT))
    event = untold_event(shelf)
    assert event is not None
    assert (event.at, event.type) == (AT, "audit")
    assert event.message == "release 1.1 was rolled back: no such module"
    shelf.change(lambda _: Course("1.1", "1.0", AT).gone_back("olivia", AT))
    event = untold_event(shelf)
    assert event is not None
    assert event.message == "went back from release 1.1"
