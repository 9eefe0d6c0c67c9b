"""Tests of the door to the running site."""

import pytest

from actors.messages import DeleteWebSession, GetSnapshot, ListEvents, Message, Question
from evce.units import ZoneId
from evce.views import SiteSnapshot
from tests.web.fake_site import FakeSite
from web import site as site_module
from web.site import NoAnswerError, Site


def door(site: FakeSite) -> Site:
    return Site(site.ask, site.tell, 0.5)


def test_an_unchanged_snapshot_is_not_sent_again(site: FakeSite) -> None:
    """UI-4: the pages ask for something newer than they have."""
    pages = door(site)
    first = pages.snapshot()
    assert pages.snapshot() is first
    assert [q.newer_than for _, q in site.asked if isinstance(q, GetSnapshot)] == [-1, 1]
    site.change()
    assert pages.snapshot().version == 2


def test_open_pages_see_the_moment_that_was_asked_for_last(
    site: FakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """UI-4: twenty browsers that are told of one change cost the view one question."""
    pages = door(site)
    told = pages.snapshot()
    site.change()
    assert pages.recent() is told
    assert len(site.asked) == 1
    newer = pages.snapshot()
    assert newer.version == 2
    assert pages.recent() is newer
    site.change()
    pages.tell("recorder", DeleteWebSession("nobody's"))
    assert pages.recent().version == 3, "what was ordered is to be seen"
    monkeypatch.setattr(site_module, "_RECENT_FOR", 0.0)
    site.change()
    assert pages.recent().version == 4, "nobody polls: it is asked for"


def test_an_answer_that_was_overtaken_takes_nobody_back(site: FakeSite) -> None:
    """UI-4: a page that asked earlier is answered later than the feed."""
    slow = []

    def ask(name: str, question: Question, timeout: float) -> object:
        answer = site.ask(name, question, timeout)
        if not slow:
            slow.append(True)
            site.change()
            overtaking.append(pages.snapshot())
        return answer

    overtaking: list[SiteSnapshot] = []
    pages = Site(ask, site.tell, 0.5)
    assert pages.snapshot().version == 1
    assert overtaking[0].version == 2
    assert pages.recent() is overtaking[0]


def test_a_restarted_view_that_counts_anew_is_believed(
    site: FakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AC-2: version 900 before, version 2 after: the page must not stand still."""
    monkeypatch.setattr(site_module, "_WHOLE_EVERY", 0.0)
    pages = door(site)
    for _ in range(5):
        site.change()
    assert pages.snapshot().version == 6
    site.snapshot = FakeSite(now=site.now).snapshot
    assert pages.snapshot().version == 1


@pytest.mark.parametrize("failure", [TimeoutError("late"), RuntimeError("dead"), LookupError("unknown")])
def test_every_way_not_to_answer_is_one_error_that_names_the_actor(failure: Exception) -> None:
    """A page has one thing to say then."""

    def ask(name: str, question: Question, timeout: float) -> object:
        raise failure

    with pytest.raises(NoAnswerError, match="recorder"):
        Site(ask, lambda *_: True, 0.5).event_log(ListEvents())


def test_a_silent_actor_is_logged_once_and_its_return_too(
    site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    """LG-1: two polls a second must not fill the log."""
    caplog.set_level("INFO", "web.site")
    pages = door(site)
    site.silent.add("view")
    for _ in range(5):
        with pytest.raises(NoAnswerError):
            pages.snapshot()
    site.silent.clear()
    pages.snapshot()
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


@pytest.mark.parametrize("answer", [None, "what?", 7])
def test_nonsense_is_no_answer(answer: object) -> None:
    """The first snapshot must be one; lists must be lists."""
    pages = Site(lambda *_: answer, lambda *_: True, 0.5)
    with pytest.raises(NoAnswerError):
        pages.snapshot()
    with pytest.raises(NoAnswerError):
        pages.trail(ZoneId("main"))


def test_telling_says_whether_anybody_was_there(site: FakeSite) -> None:
    """OC-3: a command into the void must be visible."""
    site.gone.add("station/CP-01")
    assert not door(site).tell("station/CP-01", Message())
    assert door(site).tell("station/CP-02", Message())
