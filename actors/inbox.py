"""An actor's mailbox: urgent first, events in order and never shed, samples coalesced to the newest."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Protocol

from pykka._envelope import Envelope
from pykka.messages import _ActorStop

from actors.messages.base import Lane
from actors.messages.supervision import AnswererDied

__all__ = ["EVENT_BOUND", "SAMPLE_BOUND", "Carried", "Inbox", "InboxStats", "Signal", "reject"]

EVENT_BOUND = 1000
"""Waiting events at which `full` tells the socket edge to push back: about 0.5 s of work of a busy actor."""

SAMPLE_BOUND = 256
"""Waiting samples with different keys before the oldest is shed: twice what the largest station sends."""


class Carried(Envelope[Any]):
    """What an actor told another: it also says who did, for whoever follows the messages."""

    __slots__ = ("sender",)

    def __init__(self, message: Any, sender: str) -> None:
        self.message = message
        self.reply_to = None
        self.sender = sender


class Signal(Protocol):
    """What a `threading.Condition` does, so that the simulated runtime can put its scheduler in its place."""

    def __enter__(self) -> Any: ...

    def __exit__(self, *exc_info: Any) -> Any: ...

    def notify(self) -> None: ...

    def wait(self, timeout: float | None = None) -> Any: ...


@dataclass(frozen=True, slots=True)
class InboxStats:
    """What waits (`urgent`, `events`, `samples`), for how long, and what became of the rest since the start.

    `oldest` is the age in seconds of what waits longest, 0.0 when nothing waits. `coalesced` counts samples
    that a newer one replaced, `shed` samples dropped at the bound, `refused` what came after the close.
    """

    urgent: int
    events: int
    samples: int
    oldest: float
    handled: int
    coalesced: int
    shed: int
    refused: int

    @property
    def depth(self) -> int:
        """Number of messages that wait, over all lanes."""
        return self.urgent + self.events + self.samples


class _Slot:
    """A place in the queue; a sample's envelope is exchanged in place, a shed one leaves None."""

    __slots__ = ("envelope", "key", "since")

    def __init__(self, envelope: Envelope[Any], since: float, key: Hashable) -> None:
        self.envelope: Envelope[Any] | None = envelope
        self.since = since
        self.key = key


class Inbox:
    """Takes the place of pykka's `queue.Queue`. One consumer; any thread may put.

    `put` and `offer` never block on the consumer and never raise, whatever the message. `monotonic` gives
    seconds. With `drain_on_stop` pykka's stop message queues behind what waits; otherwise it is urgent.
    """

    def __init__(
        self,
        signal: Signal,
        monotonic: Callable[[], float],
        *,
        event_bound: int = EVENT_BOUND,
        sample_bound: int = SAMPLE_BOUND,
        drain_on_stop: bool = False,
    ) -> None:
        self._signal = signal
        self._monotonic = monotonic
        self._event_bound = event_bound
        self._sample_bound = max(1, sample_bound)
        self._stop_lane = Lane.EVENT if drain_on_stop else Lane.URGENT
        self._urgent: deque[_Slot] = deque()
        self._queue: deque[_Slot] = deque()
        self._samples: OrderedDict[Hashable, _Slot] = OrderedDict()
        self._events = 0
        self._holes = 0
        self._closed = False
        self._handled = 0
        self._coalesced = 0
        self._shed = 0
        self._refused = 0

    def put(self, envelope: Envelope[Any], /) -> None:
        """Deliver, as pykka's refs do it: after the close nothing happens, except that an asker is told."""
        self.offer(envelope)

    def offer(self, envelope: Envelope[Any]) -> bool:
        """Deliver; False when the inbox is closed. An asker then gets `AnswererDied` instead of silence."""
        lane, key = self._sort(envelope)
        with self._signal:
            if self._closed:
                self._refused += 1
            else:
                self._insert(envelope, lane, key)
                self._signal.notify()
                return True
        reject(envelope, "the actor is gone")
        return False

    def get(self) -> Envelope[Any]:
        """Wait for the next message; once the inbox is closed that is pykka's stop."""
        with self._signal:
            while not self._closed:
                envelope = self._pop()
                if envelope is not None:
                    return envelope
                self._signal.wait()
        return Envelope(_ActorStop())

    def take(self) -> Envelope[Any] | None:
        """The next message, or None when nothing waits."""
        with self._signal:
            return self._pop()

    def empty(self) -> bool:
        """Nothing waits on any lane."""
        return not self._urgent and not self._events and not self._samples

    @property
    def urgent(self) -> bool:
        """Whether something waits on the urgent lane."""
        return bool(self._urgent)

    @property
    def full(self) -> bool:
        """So many events wait that the socket edge should stop reading; `put` goes on all the same."""
        return self._events >= self._event_bound

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def close(self) -> None:
        """Refuse everything from now on, drop what waits and tell those who asked."""
        with self._signal:
            self._closed = True
            left = [slot.envelope for slot in (*self._urgent, *self._queue) if slot.envelope is not None]
            self._urgent.clear()
            self._queue.clear()
            self._samples.clear()
            self._events = 0
            self._signal.notify()
        for envelope in left:
            reject(envelope, "the actor stopped before it handled the message")

    def stats(self) -> InboxStats:
        """The counters, at one moment."""
        with self._signal:
            since = [lane[0].since for lane in (self._urgent, self._queue) if lane]
            oldest = 0.0 if self.empty() else max(0.0, self._monotonic() - min(since))
            return InboxStats(
                urgent=len(self._urgent),
                events=self._events,
                samples=len(self._samples),
                oldest=oldest,
                handled=self._handled,
                coalesced=self._coalesced,
                shed=self._shed,
                refused=self._refused,
            )

    def _sort(self, envelope: Envelope[Any]) -> tuple[Lane, Hashable]:
        """Lane and coalescing key; a message whose own properties fail waits with the events."""
        message = envelope.message
        if isinstance(message, _ActorStop):
            return self._stop_lane, None
        if envelope.reply_to is not None:
            # Coalescing a question away would leave its asker without an answer.
            return Lane.EVENT, None
        try:
            lane = message.lane
            if lane is not Lane.SAMPLE:
                return (lane if lane is Lane.URGENT else Lane.EVENT), None
            key = message.coalesce_key
            if key is None:
                return lane, object()
            hash(key)
        except Exception:  # `put` never raises, and losing the message would be worse
            return Lane.EVENT, None
        # Keys of different kinds of samples may look alike.
        return lane, (type(message), key)

    def _insert(self, envelope: Envelope[Any], lane: Lane, key: Hashable) -> None:
        if lane is Lane.SAMPLE:
            waiting = self._samples.get(key)
            if waiting is not None:
                waiting.envelope = envelope
                self._coalesced += 1
                return
            if len(self._samples) >= self._sample_bound:
                _, oldest = self._samples.popitem(last=False)
                oldest.envelope = None
                self._shed += 1
                self._holes += 1
                self._skip_shed()
                if self._holes > self._sample_bound:
                    # Behind an event that waits long, a flood of samples would leave holes without end.
                    self._queue = deque(slot for slot in self._queue if slot.envelope is not None)
                    self._holes = 0
            slot = _Slot(envelope, self._monotonic(), key)
            self._samples[key] = slot
            self._queue.append(slot)
            return
        slot = _Slot(envelope, self._monotonic(), None)
        if lane is Lane.URGENT:
            self._urgent.append(slot)
        else:
            self._events += 1
            self._queue.append(slot)

    def _pop(self) -> Envelope[Any] | None:
        if self._urgent:
            slot = self._urgent.popleft()
        elif self._queue:
            slot = self._queue.popleft()
            if slot.key is None:
                self._events -= 1
            else:
                del self._samples[slot.key]
            self._skip_shed()
        else:
            return None
        self._handled += 1
        return slot.envelope

    def _skip_shed(self) -> None:
        """Keep the invariant that the first place of the queue is taken by a living envelope."""
        queue = self._queue
        while queue and queue[0].envelope is None:
            queue.popleft()
            self._holes -= 1


def reject(envelope: Envelope[Any], reason: str) -> None:
    """Tell the asker, if there is one still waiting, that no answer will come."""
    future = envelope.reply_to
    if future is None:
        return
    try:
        if isinstance(envelope.message, _ActorStop):
            future.set(None)
        else:
            error = AnswererDied(reason)
            future.set_exception((AnswererDied, error, None))
    except Exception:  # already answered: pykka raises queue.Full, and there is nobody left to tell
        return
