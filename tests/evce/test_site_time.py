"""Tests of the site's time: a correction that the host's steps don't move, and what a restart makes of it."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evce.site_time import (
    EARLIEST,
    KeptTime,
    Machine,
    SiteTime,
    TimeSettings,
    TimeSource,
    restored,
    time_fault,
)
from evce.steady_time import SLEW

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
HOUR = 3600.0


def machine(running: float, stepped: float = 0.0, boot: str = "a") -> Machine:
    """So many s after noon; the host's clock has been set forward by `stepped` meanwhile."""
    return Machine(NOON + timedelta(seconds=running + stepped), running, boot)


def ahead(site: SiteTime, running: float, stepped: float = 0.0) -> float:
    """How far the site's time is ahead of the true one, which was the host's at first."""
    return (site.at(machine(running, stepped)) - machine(running).host).total_seconds()


def test_without_a_correction_it_is_the_hosts_clock() -> None:
    """CPO-4: off: from the host, with all that is done to it."""
    site = SiteTime(machine(0.0))
    assert [ahead(site, 1.0), ahead(site, 2.0, -86_400.0), ahead(site, 3.0)] == [0.0, -86_400.0, 0.0]
    assert not site.corrected


@pytest.mark.parametrize("step", [HOUR, -86_400.0, -1.7e9])
def test_a_step_of_the_hosts_clock_does_not_move_a_corrected_time(step: float) -> None:
    """CPO-4, RELIABILITY §2: NTP ±1 day, RTC 1970: the operator was right all the same."""
    site = SiteTime(machine(0.0))
    site.shift(machine(0.0), 30.0)
    assert ahead(site, 10.0) == pytest.approx(30.0)
    assert ahead(site, 20.0, step) == pytest.approx(30.0, abs=1e-5)
    assert ahead(site, 30.0) == pytest.approx(30.0, abs=1e-5)
    site.follow_host()
    assert ahead(site, 40.0, step) == step


def test_a_small_error_is_led_in_without_a_jump() -> None:
    """CPO-4: small drifts are slewed; no moment comes twice."""
    site = SiteTime(machine(0.0))
    site.shift(machine(0.0), -4.0, slowly=True)
    times = [site.at(machine(float(second))) for second in range(0, 1000, 10)]
    assert all(a < b for a, b in pairwise(times))
    assert ahead(site, 400.0 / 2 + 800.0) == pytest.approx(-4.0)
    assert site.slewing == 0.0
    site.shift(machine(1000.0), 4.0, slowly=True)
    assert ahead(site, 1100.0) == pytest.approx(-4.0 + SLEW * 100.0)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("step"), st.floats(-2e9, 2e9)),
            st.tuples(st.just("wait"), st.floats(0.0, 1e5)),
        ),
        max_size=12,
    ),
    st.floats(-1e6, 1e6),
)
def test_whatever_is_done_to_the_host_a_corrected_time_runs_evenly(
    deeds: list[tuple[str, float]], correction: float
) -> None:
    """CPO-4: between any two looks as much time passes as on the monotonic clock, up to the smallest step."""
    running = stepped = 0.0
    site = SiteTime(machine(0.0))
    site.shift(machine(0.0), correction)
    for deed, amount in deeds:
        before, began = site.at(machine(running, stepped)), running
        if deed == "step":
            stepped = amount
        else:
            running += amount
        passed = (site.at(machine(running, stepped)) - before).total_seconds()
        assert passed == pytest.approx(running - began, abs=0.51)


def kept(source: TimeSource = TimeSource.OPERATOR, correction: float = HOUR) -> KeptTime:
    """Written at noon plus 100 s, in the machine's first life."""
    at = machine(100.0)
    return KeptTime(source, at.host + timedelta(seconds=correction), at, NOON, "")


@pytest.mark.parametrize(
    ("later", "true", "guessed"),
    [
        (machine(200.0), HOUR, False),
        (machine(200.0, stepped=HOUR), 0.0, False),
        (machine(200.0, stepped=-1.7e9), HOUR + 1.7e9, False),
        (Machine(NOON + timedelta(seconds=900.0), 5.0, "b"), HOUR, False),
        (Machine(NOON + timedelta(seconds=900.0), 150.0, ""), HOUR, False),
    ],
    ids=[
        "ran on",
        "host set right meanwhile",
        "host lost its time meanwhile",
        "machine restarted",
        "no Linux",
    ],
)
def test_a_correction_survives_the_process(later: Machine, true: float, guessed: bool) -> None:
    """CPO-4: kept over a restart; a host's clock that was set right meanwhile isn't corrected twice."""
    site, found = restored(kept(), later)
    assert found is guessed
    assert site.corrected
    assert (site.at(later) - later.host).total_seconds() == pytest.approx(true, abs=1e-5)


def test_a_machine_that_lost_its_time_goes_on_where_it_was_written_down() -> None:
    """CPO-4: RTC 1970 after a power cut: no record comes before an older one; it is a guess."""
    later = Machine(datetime(1970, 1, 1, 0, 1, tzinfo=UTC), 20.0, "b")
    site, guessed = restored(kept(), later)
    assert guessed
    assert site.at(later) == kept().site


@pytest.mark.parametrize("before", [None, kept(TimeSource.HOST)])
def test_without_a_correction_the_host_counts_after_a_restart(before: KeptTime | None) -> None:
    later = machine(500.0, stepped=-1.7e9)
    site, guessed = restored(before, later)
    assert (site.corrected, guessed, site.at(later)) == (False, False, later.host)


def test_what_is_kept_can_be_read_again() -> None:
    assert KeptTime.read(kept().text()) == kept()
    plain = KeptTime(TimeSource.PERSON, NOON, machine(1.0), None, "anna")
    assert KeptTime.read(plain.text()) == plain


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", kept().text()[:-9], kept().text().replace("+00:00", ""), '{"source": "moon"}'],
)
def test_what_is_damaged_is_as_good_as_missing(text: str) -> None:
    """CPO-4: after a power cut the file may be half of one."""
    assert KeptTime.read(text) is None


def test_an_operator_that_may_not_tell_the_time_any_more_counts_no_more() -> None:
    """CPO-4: switched off between two lives of the process."""
    assert not kept().counts(TimeSettings())
    assert kept().counts(TimeSettings(operator="ws://x/"))
    assert kept(TimeSource.PERSON).counts(TimeSettings())


@pytest.mark.parametrize(
    ("moment", "wrong"),
    [
        (NOON, False),
        (EARLIEST, False),
        (EARLIEST - timedelta(seconds=1), True),
        (datetime(1970, 1, 1, tzinfo=UTC), True),
        (datetime(2107, 1, 1, tzinfo=UTC), True),
    ],
)
def test_what_can_not_be_is_told(moment: datetime, wrong: bool) -> None:
    """CPO-4, API-4: the years that a clock shows which has lost its time."""
    assert bool(time_fault(moment)) is wrong
    if wrong:
        assert time_fault(moment).startswith(f"{moment:%Y-%m-%d}")
