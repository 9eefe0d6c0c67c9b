"""Tests of the change feed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from evce.views import SiteSnapshot
from tests.web.fake_site import FakeSite
from web.changes import Change, ChangeFeed
from web.site import NoAnswerError, Site

WITHIN = 10.0


@asynccontextmanager
async def polling(snapshot: Callable[[], SiteSnapshot]) -> AsyncIterator[ChangeFeed]:
    feed = ChangeFeed(snapshot, 0.01)
    feed.start()
    try:
        yield feed
    finally:
        await asyncio.to_thread(feed.stop)


async def until(
    queue: "asyncio.Queue[Change | None]", wanted: Callable[[Change | None], bool]
) -> Change | None:
    async def look() -> Change | None:
        while not wanted(news := await queue.get()):
            pass
        return news

    return await asyncio.wait_for(look(), WITHIN)


def run(story: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(story())  # type: ignore[arg-type]


def test_each_change_wakes_every_listener(site: FakeSite) -> None:
    """UI-4: two browsers, one poller."""

    async def story() -> None:
        async with polling(Site(site.ask, site.tell, 1.0).snapshot) as feed:
            queues = [feed.listen(), feed.listen()]
            site.change()
            for queue in queues:
                assert await until(queue, lambda news: news == Change(2, answering=True))

    run(story)


def test_a_slow_listener_gets_the_newest_only(site: FakeSite) -> None:
    """UI-4: it skips versions, it never lags."""

    async def story() -> None:
        async with polling(Site(site.ask, site.tell, 1.0).snapshot) as feed:
            slow, quick = feed.listen(), feed.listen()
            for version in range(2, 8):
                site.change()
                await until(quick, lambda news, v=version: news is not None and news.version == v)  # type: ignore[misc]
            assert slow.qsize() == 1
            news = slow.get_nowait()
            assert news is not None
            assert news.version == 7

    run(story)


def test_a_silent_view_is_told_and_so_is_its_return(site: FakeSite) -> None:
    """UI-11: the page says that the connection is lost, and comes back."""

    async def story() -> None:
        async with polling(Site(site.ask, site.tell, 1.0).snapshot) as feed:
            queue = feed.listen()
            site.silent.add("view")
            await until(queue, lambda news: news is not None and not news.answering)
            site.silent.clear()
            await until(queue, lambda news: news is not None and news.answering)

    run(story)


def test_it_survives_what_a_question_throws() -> None:
    """AC-2: this thread has no supervisor."""
    calls: list[int] = []

    def snapshot() -> SiteSnapshot:
        calls.append(1)
        if len(calls) < 3:
            raise ValueError("unexpected")
        raise NoAnswerError("view")

    async def story() -> None:
        async with polling(snapshot) as feed:
            await until(feed.listen(), lambda news: news is not None and not news.answering)

    run(story)
    assert len(calls) >= 3


def test_stopping_ends_every_listener(site: FakeSite) -> None:
    """AC-3: quick and clean; who comes later is told so at once."""

    async def story() -> None:
        feed = ChangeFeed(Site(site.ask, site.tell, 1.0).snapshot, 30.0)
        feed.start()
        queue, left = feed.listen(), feed.listen()
        feed.leave(left)
        assert feed.listeners == 1
        await asyncio.wait_for(asyncio.to_thread(feed.stop), 5)
        assert await until(queue, lambda news: news is None) is None
        assert await feed.listen().get() is None

    run(story)
