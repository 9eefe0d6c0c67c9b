"""Tests of what is followed live for somebody: begun, paused, ended by a person or by itself."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from evce.tracing import Traced
from tests.web.fake_sources import FakeSources, some_messages
from web.watching import LONGEST, MOST_ROWS, MOST_WATCHES, Messages, TooManyError, Watch, Watches, WatchState

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)
LATER = NOW + LONGEST


def traced(fake: FakeSources) -> Watch[Traced]:
    return Watch(lambda: fake.sources.messages("zone/*", ""), Messages(), NOW, name="zone/*")


def texts(watch: Watch[Traced]) -> list[str]:
    return [each.type for _, each in watch.rows()]


def test_what_came_is_read_the_newest_first_and_kept_within_bounds() -> None:
    """AC-4: bounded in rows."""
    fake = FakeSources()
    watch = traced(fake)
    fake.messages[0].coming = some_messages()
    assert watch.look(NOW) is WatchState.RUNNING
    assert texts(watch) == ["Settle", "StationReported", "CallReceived"]
    fake.messages[0].coming = some_messages() * MOST_ROWS
    watch.look(NOW)
    rows = watch.rows()
    assert len(rows) == MOST_ROWS
    assert rows[0][0] == 3 + 3 * MOST_ROWS


def test_while_it_is_paused_nothing_is_heard_and_then_it_goes_on() -> None:
    """AC-4: a pause costs the site nothing."""
    fake = FakeSources()
    watch = traced(fake)
    fake.messages[0].coming = some_messages()[:1]
    watch.pause()
    assert watch.state is WatchState.PAUSED
    assert not fake.messages[0].running
    assert watch.look(NOW) is WatchState.PAUSED
    assert texts(watch) == ["CallReceived"]
    watch.resume()
    fake.messages[1].coming = some_messages()[1:2]
    assert watch.look(NOW) is WatchState.RUNNING
    assert texts(watch) == ["StationReported", "CallReceived"]


def _stop(watch: Watch[Traced], _: FakeSources) -> WatchState:
    watch.stop()
    return watch.look(NOW)


def _over(watch: Watch[Traced], _: FakeSources) -> WatchState:
    assert watch.look(LATER - timedelta(seconds=1)) is WatchState.RUNNING
    return watch.look(LATER)


def _over_paused(watch: Watch[Traced], _: FakeSources) -> WatchState:
    watch.pause()
    return watch.look(LATER)


def _forsaken(watch: Watch[Traced], fake: FakeSources) -> WatchState:
    fake.messages[0].running = False
    return watch.look(NOW)


@pytest.mark.parametrize(
    ("end", "state"),
    [
        (_stop, WatchState.STOPPED),
        (_over, WatchState.OVER),
        (_over_paused, WatchState.OVER),
        (_forsaken, WatchState.FORSAKEN),
    ],
)
def test_it_ends_and_can_still_be_read(
    end: Callable[[Watch[Traced], FakeSources], WatchState], state: WatchState
) -> None:
    """AC-4: by a person, by its time, or because nobody looked; what ended does not go on."""
    fake = FakeSources()
    watch = traced(fake)
    fake.messages[0].coming = some_messages()
    assert end(watch, fake) is state
    assert state.ended
    assert len(texts(watch)) == 3
    assert not fake.messages[0].running
    watch.resume()
    watch.pause()
    watch.stop()
    assert watch.look(NOW) is state
    assert len(fake.messages) == 1


def test_a_page_has_one_watch_and_all_of_them_are_bounded() -> None:
    """AC-4: whoever begins anew ends what ran there; what has ended makes room."""
    fake, watches = FakeSources(), Watches()
    first = watches.begin("ada", "trace", lambda: traced(fake), NOW)
    again = watches.begin("ada", "trace", lambda: traced(fake), NOW)
    assert first.state is WatchState.STOPPED
    assert watches.find("ada", "trace") is again
    assert watches.find("bob", "trace") is None
    for number in range(MOST_WATCHES - 1):
        watches.begin("bob", f"console/{number}", lambda: traced(fake), NOW)
    with pytest.raises(TooManyError):
        watches.begin("cid", "trace", lambda: traced(fake), NOW)
    again.stop()
    assert watches.begin("cid", "trace", lambda: traced(fake), NOW).state is WatchState.RUNNING
    assert watches.find("ada", "trace") is None
