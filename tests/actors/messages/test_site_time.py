"""Tests of the messages about the site's time."""

from datetime import UTC, datetime, timedelta

from actors.messages import SITE_TIME, GetSiteTime, Lane, Question, SetSiteTime, SiteTimeView
from evce.site_time import TimeSource

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)


def test_two_who_set_the_time_are_heard_in_their_order() -> None:
    """CPO-4: none replaces or overtakes the other: each has its answer."""
    order = SetSiteTime("one", NOON, TimeSource.PERSON, "anna")
    assert (order.lane, order.coalesce_key, SITE_TIME) == (Lane.EVENT, None, "time")
    assert isinstance(GetSiteTime(), Question)


def test_the_offset_is_how_far_the_site_is_ahead_of_the_host() -> None:
    view = SiteTimeView(
        NOON, NOON + timedelta(seconds=5), NOON, TimeSource.HOST, operator_rules=False, programs_may=False
    )
    assert view.offset == -5.0
