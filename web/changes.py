"""The change feed: one thread asks the view for something newer and wakes every listening browser."""

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from evce.units import Seconds
from evce.views import SiteSnapshot
from web.site import NoAnswerError

__all__ = ["Change", "ChangeFeed"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Change:
    """What a browser is told: a new version of the site, or that the site doesn't answer (UI-11)."""

    version: int
    answering: bool


class ChangeFeed:
    """Polls `snapshot` every `interval` seconds on its own thread; listeners live on event loops.

    A listener's queue holds the newest change only: a slow browser skips versions, it never lags.
    """

    def __init__(self, snapshot: Callable[[], SiteSnapshot], interval: Seconds) -> None:
        self._snapshot = snapshot
        self._interval = interval
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._listeners: dict[asyncio.Queue[Change | None], asyncio.AbstractEventLoop] = {}
        self._newest = Change(-1, answering=True)

    def start(self) -> None:
        """Begin to poll; a second call does nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="web-changes", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the polling and every listener."""
        self._closing.set()
        with self._lock:
            for queue in self._listeners:
                self._offer(queue, None)
        if self._thread is not None:
            self._thread.join(self._interval + 5.0)
            self._thread = None

    def listen(self) -> asyncio.Queue[Change | None]:
        """A queue on the running loop: the newest change at once, then each one; None means the end."""
        queue: asyncio.Queue[Change | None] = asyncio.Queue(maxsize=1)
        with self._lock:
            self._listeners[queue] = asyncio.get_running_loop()
            queue.put_nowait(None if self._closing.is_set() else self._newest)
        return queue

    def leave(self, queue: asyncio.Queue[Change | None]) -> None:
        """Stop listening."""
        with self._lock:
            self._listeners.pop(queue, None)

    @property
    def listeners(self) -> int:
        """How many browsers listen now."""
        return len(self._listeners)

    def _run(self) -> None:
        seen: tuple[object, ...] = ()
        while not self._closing.is_set():
            try:
                snapshot = self._snapshot()
            except NoAnswerError:
                self._publish(Change(self._newest.version, answering=False))
            except Exception:  # this thread has no supervisor: it must survive what a question throws
                log.exception("Polling the view failed")
            else:
                if (snapshot.version, snapshot.taken_at) != seen or not self._newest.answering:
                    seen = (snapshot.version, snapshot.taken_at)
                    self._publish(Change(snapshot.version, answering=True))
            self._closing.wait(self._interval)

    def _publish(self, change: Change) -> None:
        with self._lock:
            if change == self._newest and not change.answering:
                return
            self._newest = change
            for queue in self._listeners:
                self._offer(queue, change)

    def _offer(self, queue: asyncio.Queue[Change | None], change: Change | None) -> None:
        def replace() -> None:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(change)

        try:
            self._listeners[queue].call_soon_threadsafe(replace)
        except RuntimeError:  # its loop is closed; the browser is gone
            log.debug("A listener's event loop is closed")
