"""Tests of what pages, programs and the command line share to look at the site's time and to set it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from actors.messages import (
    SITE_TIME,
    FollowHostTime,
    GetTimeAnswer,
    Message,
    Question,
    SiteTimeView,
    TimeAnswer,
)
from evce.site_time import TimeSource
from web.site import NoAnswerError
from web.site_time import as_plain_time, follow_host, moment_of, set_time, time_view

NOON = datetime(2026, 7, 1, 10, 0, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")


class Actor:
    """Answers the last request."""

    def __init__(self, answer: object = None, there: bool = True) -> None:
        self.answer = answer
        self.there = there
        self.told: list[Message] = []

    def ask(self, name: str, question: Question, timeout: float) -> object:
        assert (name, timeout > 0.0) == (SITE_TIME, True)
        if isinstance(question, GetTimeAnswer):
            assert question.request == self.told[-1].request  # type: ignore[attr-defined]
        return self.answer

    def tell(self, name: str, message: Message) -> bool:
        assert name == SITE_TIME
        self.told.append(message)
        return self.there


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-07-01T12:00:00+02:00", NOON),
        (" 2026-07-01T10:00:00Z ", NOON),
        ("2026-07-01 12:00", NOON),
        ("2026-01-01T11:00:00", datetime(2026, 1, 1, 10, 0, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_by_its_offset_or_by_the_sites_clock(text: str, moment: datetime) -> None:
    """CPO-4, TOU-6: summer and winter."""
    assert moment_of(text, PARIS) == moment


@pytest.mark.parametrize("text", ["2026-07-01T12:00:00", "12:00", "", "now", "0001-01-01T00:00:00+10:00"])
def test_programs_name_the_offset(text: str) -> None:
    """API-4: nobody guesses in which zone a program lives."""
    with pytest.raises(ValueError, match=r"a time such as 2026-11-22T18:00:00\+01:00$"):
        moment_of(text)


def test_whoever_sets_it_gets_the_answer_to_that() -> None:
    """CPO-4."""
    actor = Actor(TimeAnswer(5.0))
    assert set_time(actor.ask, actor.tell, NOON, TimeSource.PERSON, "anna") == TimeAnswer(5.0)
    assert follow_host(actor.ask, actor.tell, "anna") == TimeAnswer(5.0)
    assert isinstance(actor.told[-1], FollowHostTime)
    assert len({message.request for message in actor.told}) == 2  # type: ignore[attr-defined]


@pytest.mark.parametrize("actor", [Actor(TimeAnswer(0.0), there=False), Actor(None)])
def test_where_nobody_answers_that_is_said(actor: Actor) -> None:
    with pytest.raises(NoAnswerError, match="time did not answer"):
        follow_host(actor.ask, actor.tell, "anna")
    with pytest.raises(NoAnswerError, match="time did not answer"):
        time_view(actor.ask)


def test_programs_get_plain_figures() -> None:
    """API-4."""
    view = SiteTimeView(
        NOON,
        NOON - timedelta(seconds=2),
        NOON - timedelta(seconds=1.5),
        TimeSource.WEB_SERVICES,
        operator_rules=False,
        programs_may=True,
        slewing=0.25,
        heard_at=NOON,
        by="service",
    )
    plain = as_plain_time(view, "Europe/Paris")
    assert (plain["time"], plain["ahead_of_host_s"]) == ("2026-07-01T10:00:00.000+00:00", 2.0)
    assert (plain["stations_behind_s"], plain["still_moving_s"]) == (1.5, 0.25)
    assert (plain["source"], plain["by"]) == ("web services", "service")
