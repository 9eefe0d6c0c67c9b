"""The mailbox: lanes, order, coalescing, bounds and what becomes of askers."""

import threading
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import pykka
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pykka._envelope import Envelope
from pykka.messages import _ActorStop

from actors.inbox import Inbox
from actors.messages.base import Message, Sample
from actors.messages.supervision import AnswererDied
from tests.actors.runtimes import Note, Reading, Rush


class _Now:
    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


def make(now: Any = None, **options: Any) -> Inbox:
    return Inbox(threading.Condition(), now or _Now(), **options)


def drain(inbox: Inbox) -> list[Any]:
    messages = []
    while (envelope := inbox.take()) is not None:
        messages.append(envelope.message)
    return messages


@dataclass(frozen=True, slots=True)
class Spiteful(Sample):
    """A message whose own properties fail."""

    how: str

    @property
    def coalesce_key(self) -> Hashable:
        if self.how == "raises":
            raise ValueError("no key")
        return [] if self.how == "unhashable" else None  # type: ignore[return-value]


def test_urgent_comes_first_and_in_order() -> None:
    """A reduction overtakes what waits; two reductions keep their order."""
    inbox = make()
    for message in (Note("a"), Rush("1"), Reading("m", 1), Rush("2")):
        inbox.put(Envelope(message))
    assert drain(inbox) == [Rush("1"), Rush("2"), Note("a"), Reading("m", 1)]


def test_the_newest_sample_takes_the_place_of_the_one_that_waits() -> None:
    """A meter that reports often doesn't lose its turn by it."""
    inbox = make()
    for message in (Reading("m", 1), Note("a"), Reading("m", 2), Reading("n", 3)):
        inbox.put(Envelope(message))
    assert drain(inbox) == [Reading("m", 2), Note("a"), Reading("n", 3)]
    assert inbox.stats().coalesced == 1


def test_samples_of_different_kinds_never_replace_each_other() -> None:
    """Keys are only compared within one class."""

    @dataclass(frozen=True, slots=True)
    class Other(Sample):
        @property
        def coalesce_key(self) -> Hashable:
            return "m"

    inbox = make()
    inbox.put(Envelope(Reading("m", 1)))
    inbox.put(Envelope(Other()))
    assert drain(inbox) == [Reading("m", 1), Other()]


def test_at_the_bound_the_oldest_sample_is_shed_and_counted() -> None:
    """Events are never touched."""
    inbox = make(sample_bound=2)
    inbox.put(Envelope(Note("first")))
    for value in range(10):
        inbox.put(Envelope(Reading(None, value)))
    stats = inbox.stats()
    assert (stats.samples, stats.shed, stats.events) == (2, 8, 1)
    assert drain(inbox) == [Note("first"), Reading(None, 8), Reading(None, 9)]


def test_a_flood_of_samples_behind_a_waiting_event_takes_no_memory() -> None:
    """What was shed doesn't stay behind as holes."""
    inbox = make(sample_bound=4)
    inbox.put(Envelope(Note("stuck")))
    for value in range(5000):
        inbox.put(Envelope(Reading(None, value)))
    assert len(inbox._queue) < 20
    assert drain(inbox)[1:] == [Reading(None, value) for value in range(4996, 5000)]
    assert inbox.empty()


def test_full_tells_the_edge_but_refuses_nothing() -> None:
    """The socket pushes back, `put` doesn't."""
    inbox = make(event_bound=2)
    for text in "abc":
        assert inbox.full is (text == "c")
        assert inbox.offer(Envelope(Note(text)))
    assert len(drain(inbox)) == 3
    assert not inbox.full


@pytest.mark.parametrize(("drains", "expected"), [(False, ["stop", "a"]), (True, ["a", "stop"])])
def test_stop_overtakes_unless_the_actor_drains(drains: bool, expected: list[str]) -> None:
    """The recorder writes down first what it was given."""
    inbox = make(drain_on_stop=drains)
    inbox.put(Envelope(Note("a")))
    inbox.put(Envelope(_ActorStop(), reply_to=pykka.ThreadingFuture()))
    assert ["stop" if isinstance(each, _ActorStop) else each.text for each in drain(inbox)] == expected


def test_a_question_is_never_coalesced_away() -> None:
    """Even when somebody asks with a sample."""
    inbox = make()
    for value in (1, 2):
        inbox.put(Envelope(Reading("m", value), reply_to=pykka.ThreadingFuture()))
    assert drain(inbox) == [Reading("m", 1), Reading("m", 2)]


@pytest.mark.parametrize("message", [Spiteful("raises"), Spiteful("unhashable"), None, object(), 3, "text"])
def test_put_takes_anything(message: Any) -> None:
    """`put` never raises, whatever it is given."""
    inbox = make()
    inbox.put(Envelope(message))
    assert drain(inbox) == [message]


def test_after_the_close_nothing_comes_in_and_askers_are_told() -> None:
    """Those who wait in it, and those who come later."""
    inbox = make()
    early: pykka.ThreadingFuture[Any] = pykka.ThreadingFuture()
    late: pykka.ThreadingFuture[Any] = pykka.ThreadingFuture()
    stop: pykka.ThreadingFuture[Any] = pykka.ThreadingFuture()
    inbox.put(Envelope(Note("a"), reply_to=early))
    inbox.put(Envelope(_ActorStop(), reply_to=stop))
    inbox.close()
    assert not inbox.offer(Envelope(Note("b"), reply_to=late))
    inbox.put(Envelope(Note("c")))
    assert (inbox.empty(), inbox.closed, inbox.stats().refused) == (True, True, 2)
    for future in (early, late):
        with pytest.raises(AnswererDied):
            future.get(timeout=0)
    assert stop.get(timeout=0) is None


def test_the_close_wakes_who_waits() -> None:
    """An abandoned idle actor's thread ends."""
    inbox = make()
    got: list[Any] = []
    thread = threading.Thread(target=lambda: got.append(inbox.get()), daemon=True)
    thread.start()
    inbox.close()
    thread.join(timeout=5)
    assert [type(envelope.message) for envelope in got] == [_ActorStop]


def test_statistics_tell_depth_per_lane_and_age() -> None:
    """Cheap enough for a screen that asks every second."""
    now = _Now()
    inbox = make(now)
    assert inbox.stats().oldest == 0.0
    inbox.put(Envelope(Note("a")))
    now.time = 2.0
    inbox.put(Envelope(Rush("1")))
    inbox.put(Envelope(Reading("m", 1)))
    now.time = 3.0
    stats = inbox.stats()
    assert (stats.urgent, stats.events, stats.samples, stats.depth, stats.oldest) == (1, 1, 1, 3, 3.0)
    assert inbox.take() is not None
    assert inbox.stats().handled == 1


ANY_MESSAGE = st.one_of(
    st.builds(Note, st.text("ab", max_size=1), st.sampled_from("xyz")),
    st.builds(Rush, st.text("ab", max_size=1)),
    st.builds(Reading, st.sampled_from(["m", "n", "o", None]), st.integers(0, 9)),
    st.builds(Spiteful, st.sampled_from(["raises", "unhashable", "none"])),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(ANY_MESSAGE, st.just("take")), max_size=60), st.integers(1, 4))
def test_any_sequence_of_puts_and_takes_agrees_with_the_model(steps: list[Any], bound: int) -> None:
    """Urgent first; events FIFO and complete; per key the newest sample; counts add up."""
    inbox = make(sample_bound=bound)
    urgent: list[Any] = []
    rest: list[tuple[Any, Any]] = []  # (key of a sample or None, message), in order
    shed = coalesced = handled = 0
    for number, step in enumerate(steps):
        if step == "take":
            expected = urgent.pop(0) if urgent else rest.pop(0)[1] if rest else None
            envelope = inbox.take()
            assert (None if envelope is None else envelope.message) is expected
            handled += envelope is not None
            continue
        assert inbox.offer(Envelope(step))
        if isinstance(step, Rush):
            urgent.append(step)
            continue
        key: Any = None
        if isinstance(step, Reading):
            key = step.source or number + 1000
        elif isinstance(step, Spiteful) and step.how == "none":
            key = number + 1000
        places = [index for index, (other, _) in enumerate(rest) if key is not None and other == key]
        if places:
            rest[places[0]] = (key, step)
            coalesced += 1
            continue
        if key is not None:
            samples = [index for index, (other, _) in enumerate(rest) if other is not None]
            if len(samples) >= bound:
                del rest[samples[0]]
                shed += 1
        rest.append((key, step))
    stats = inbox.stats()
    assert stats.depth == len(urgent) + len(rest)
    assert (stats.shed, stats.coalesced, stats.handled) == (shed, coalesced, handled)
    assert inbox.empty() is (not urgent and not rest)
    assert drain(inbox) == urgent + [message for _, message in rest]


def test_many_senders_each_keep_their_order() -> None:
    """First in, first out per sender, with threads that put at the same time."""
    inbox = make()
    senders, each = 4, 500

    def put(sender: str) -> None:
        for number in range(each):
            inbox.put(Envelope(Note(str(number), sender)))

    threads = [threading.Thread(target=put, args=(str(number),), daemon=True) for number in range(senders)]
    for thread in threads:
        thread.start()
    got: dict[str, list[int]] = {}
    for _ in range(senders * each):
        message: Message = inbox.get().message
        assert isinstance(message, Note)
        got.setdefault(message.sender, []).append(int(message.text))
    for thread in threads:
        thread.join(timeout=5)
    assert got == {str(number): list(range(each)) for number in range(senders)}
