"""What engineers follow live, each for themselves: bounded in rows and time, and ended by itself."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Lock
from typing import Any, Generic, Protocol, TypeVar

from flask import Flask, Response, current_app, make_response, render_template, request

from evce.exchanges import Frame
from evce.tracing import Traced
from evce.units import BoxIdentity

__all__ = [
    "LONGEST",
    "MOST_ROWS",
    "MOST_WATCHES",
    "Kept",
    "Messages",
    "Source",
    "Sources",
    "TooManyError",
    "Watch",
    "WatchState",
    "Watches",
    "live_answer",
    "set_up",
    "sources",
    "watches",
    "watching_now",
]

LONGEST = timedelta(minutes=10)
"""After it a watch ends, so that a page left open for the night costs the site nothing."""

MOST_ROWS = 300
"""Messages kept to be read; the newest push out the oldest."""

MOST_WATCHES = 20
"""Of all readers together, those that ended and can still be read included."""

_NO_MORE = 286
"""The status with which htmx takes the answer and asks no more."""

Item_co = TypeVar("Item_co", covariant=True)
Item_contra = TypeVar("Item_contra", contravariant=True)
Item = TypeVar("Item")


class Source(Protocol[Item_co]):
    """Something that is followed. It ends by itself, too, when nobody takes from it for a while."""

    @property
    def running(self) -> bool:
        """Whether more will come."""

    def take(self) -> Sequence[Item_co]:
        """What came since, oldest first."""

    def close(self) -> None:
        """Hear no more; may be called twice."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What the running site lets its engineers follow; all of it may be called from any thread."""

    messages: Callable[[str, str], Source[Traced]]
    """Messages of actors, by patterns of the receiver's and of the message's name."""
    frames: Callable[[BoxIdentity], Source[Frame]]
    """The OCPP frames of a station."""


class Kept(Protocol[Item_contra]):
    """Where what came is kept, within bounds."""

    def add(self, item: Item_contra) -> None:
        """One more."""

    def newest_first(self, *wanted: str) -> list[Any]:
        """What is kept, or of it what is wanted."""


class Messages:
    """The newest messages of a trace, numbered as they came."""

    def __init__(self) -> None:
        self._rows: deque[tuple[int, Traced]] = deque(maxlen=MOST_ROWS)
        self._count = 0

    def add(self, item: Traced) -> None:
        """One more."""
        self._count += 1
        self._rows.append((self._count, item))

    def newest_first(self, *_: str) -> list[tuple[int, Traced]]:
        """What is kept, each with its number."""
        return list(reversed(self._rows))


class WatchState(StrEnum):
    """The last three are ends."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    OVER = "over"
    """It has run for as long as one may."""
    FORSAKEN = "forsaken"
    """Its page was not looked at for a while."""

    @property
    def ended(self) -> bool:
        """Whether nothing more comes of it."""
        return self not in (WatchState.RUNNING, WatchState.PAUSED)


class Watch(Generic[Item]):
    """One reader's look at one thing; safe to use from any thread.

    `subject` tells what it is about. While it is paused nothing is heard, and
    the site has no work with it.
    """

    def __init__(
        self, begin: Callable[[], Source[Item]], kept: Kept[Item], now: datetime, **subject: str
    ) -> None:
        self._begin = begin
        self._source = begin()
        self._lock = Lock()
        self._kept = kept
        self.subject = subject
        self.ends_at = now + LONGEST
        self.state = WatchState.RUNNING

    def look(self, now: datetime) -> WatchState:
        """Take in what came, and see whether it goes on."""
        with self._lock:
            if self.state is WatchState.RUNNING:
                self._take_in()
                if not self._source.running:
                    self.state = WatchState.FORSAKEN
            if not self.state.ended and now >= self.ends_at:
                self._end(WatchState.OVER)
            return self.state

    def pause(self) -> None:
        """Hear nothing for now: the rows stand still to be read."""
        with self._lock:
            if self.state is WatchState.RUNNING:
                self._take_in()
                self._end(WatchState.PAUSED)

    def resume(self) -> None:
        """Go on after a pause."""
        with self._lock:
            if self.state is WatchState.PAUSED:
                self._source = self._begin()
                self.state = WatchState.RUNNING

    def stop(self) -> None:
        """End it; what is kept can still be read."""
        with self._lock:
            if not self.state.ended:
                self._take_in()
                self._end(WatchState.STOPPED)

    def rows(self, *wanted: str) -> list[Any]:
        """What is kept of what came, newest first, of it what is wanted."""
        with self._lock:
            return self._kept.newest_first(*wanted)

    def _take_in(self) -> None:
        for item in self._source.take():
            self._kept.add(item)

    def _end(self, state: WatchState) -> None:
        self._source.close()
        self.state = state


class TooManyError(RuntimeError):
    """As many watches run as may."""


class Watches:
    """The watches of everybody, by login and page: a page has one, in however many tabs it is open."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: dict[tuple[str, str], Watch[Any]] = {}

    def find(self, login: str, page: str) -> Watch[Any] | None:
        """What this reader follows there, or has followed."""
        with self._lock:
            return self._known.get((login, page))

    def begin(self, login: str, page: str, make: Callable[[], Watch[Any]], now: datetime) -> Watch[Any]:
        """Begin anew there. Raises TooManyError; what has ended makes room, the oldest first."""
        with self._lock:
            before = self._known.pop((login, page), None)
            if before is not None:
                before.stop()
            while len(self._known) >= MOST_WATCHES:
                ended = next((key for key, watch in self._known.items() if watch.look(now).ended), None)
                if ended is None:
                    raise TooManyError
                del self._known[ended]
            watch = self._known[login, page] = make()
            return watch


def set_up(app: Flask, handed_in: Sources | None, now: Callable[[], datetime]) -> None:
    """Give the application what can be followed (None: nothing), and a clock that nobody sets."""
    app.extensions["evce_sources"] = handed_in
    app.extensions["evce_watches"] = Watches()
    app.extensions["evce_watching_now"] = now


def sources() -> Sources | None:
    """What can be followed here, None where the actors run elsewhere."""
    found = current_app.extensions["evce_sources"]
    return found if isinstance(found, Sources) else None


def watches() -> Watches:
    """The watches of everybody."""
    found: Watches = current_app.extensions["evce_watches"]
    return found


def watching_now() -> datetime:
    """The time by which watches end."""
    now: datetime = current_app.extensions["evce_watching_now"]()
    return now


def live_answer(rows: str, whole: str, place: str, values: Mapping[str, Any]) -> Response:
    """What the page gets that asks again and again: its `rows`, a template, with the values of its watch.

    Once the watch runs no more it gets the `whole` for the element `place`, with the buttons that fit now,
    and asks no more.
    """
    running = values["state"] is WatchState.RUNNING
    polling = request.headers.get("HX-Trigger", "").endswith("-rows")
    if running or not polling:
        return make_response(render_template(rows, **values), 200 if running else _NO_MORE)
    answer = make_response(render_template(whole, **values), _NO_MORE)
    answer.headers["HX-Retarget"] = f"#{place}"
    answer.headers["HX-Reswap"] = "outerHTML"
    return answer
