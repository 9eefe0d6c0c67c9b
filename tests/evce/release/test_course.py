"""Tests of which release runs."""

from datetime import UTC, datetime, timedelta

import pytest

from evce.release.course import BASE, Course, End, Outcome

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = AT + timedelta(minutes=3)


def test_a_release_that_runs_well_is_kept_and_leads_back_to_the_one_before() -> None:
    """SR-4"""
    course = Course().wanted("1.1", "olivia", AT)
    assert course.to_run == "1.1"
    course = course.starting(AT)
    assert (course.to_run, course.current) == ("1.1", BASE)
    course = course.kept(LATER)
    assert (course.current, course.former, course.since, course.trial) == ("1.1", BASE, AT, None)
    assert course.last == End("1.1", Outcome.KEPT, LATER, "olivia")
    assert course.starting(LATER) == course
    course = course.gone_back("olivia", LATER)
    assert (course.to_run, course.former, course.undo) == (BASE, None, AT)
    assert course.undone().undo is None


def test_a_release_that_never_runs_for_long_is_rolled_back_at_its_third_start() -> None:
    """SR-4: with the reason where there is one, and the database put back to before its trial."""
    before = Course("1.0", BASE, AT)
    course = before.wanted("1.1", "olivia", LATER)
    for _ in range(2):
        course = course.starting(LATER)
        assert course.to_run == "1.1"
    course = course.failed("no such module").starting(LATER)
    assert (course.to_run, course.former, course.since, course.undo) == ("1.0", BASE, AT, LATER)
    assert course.last == End("1.1", Outcome.ROLLED_BACK, LATER, "olivia", "no such module")
    unexplained = before.wanted("1.1", "", LATER).starting(LATER).starting(LATER).starting(LATER)
    assert unexplained.last is not None
    assert "2 times" in unexplained.last.why


def test_a_start_that_a_person_has_ended_says_nothing_about_a_release() -> None:
    """SR-4"""
    course = Course().wanted("1.1", "", AT)
    for _ in range(9):
        course = course.starting(AT).ended_in_order()
    assert course.to_run == "1.1"


def test_a_release_whose_files_are_gone_gives_way_to_the_first_installation() -> None:
    """SR-4"""
    course = Course("1.1", "1.0", AT).lost("its files are missing", LATER)
    assert (course.to_run, course.former, course.undo) == (BASE, None, AT)


def test_what_doesn_t_apply_changes_nothing() -> None:
    """SR-4"""
    course = Course("1.1")
    assert (
        course.kept(AT)
        == course.failed("")
        == course.ended_in_order()
        == course.rolled_back("", AT)
        == course
    )
    assert course.gone_back("olivia", AT) == course
    assert course.told() == course.seen() == course


def test_how_it_ended_is_told_once_and_seen_after() -> None:
    """SR-4"""
    course = Course().wanted("1.1", "", AT).kept(AT)
    assert course.seen() == course  # nobody has written it down yet
    assert course.told().seen().last is None


@pytest.mark.parametrize(
    "course",
    [
        Course(),
        Course("1.1", BASE, AT),
        Course("1.1", "1.0", AT).wanted("1.2", "olivia", LATER).starting(LATER).failed("why"),
        Course().wanted("1.2", "", LATER).rolled_back("why", LATER).told(),
    ],
)
def test_it_is_kept_in_a_file(course: Course) -> None:
    """SR-4"""
    assert Course.read(course.text()) == course


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "null", Course("1.1").text()[:-20], Course("1.1").text().replace("1.1", "../x")],
)
def test_what_is_no_such_file_is_none(text: str) -> None:
    """RELIABILITY 3"""
    assert Course.read(text) is None
