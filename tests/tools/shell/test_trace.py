"""Tests of the live trace."""

from collections.abc import Iterator

import pytest

from actors.runtime import ThreadRuntime
from evce import tracing
from evce.tracing import MOST_PER_S, WAITING, Traced
from tests.actors.runtimes import Note, Notes, Probe, Reading, wait
from tools.shell.trace import trace


@pytest.fixture
def runtime() -> Iterator[ThreadRuntime]:
    runtime = ThreadRuntime(seed=1)
    for name in ("zone/main", "zone/gate", "view"):
        runtime.spawn(name, Probe)
    yield runtime
    runtime.close()


def say(runtime: ThreadRuntime, count: int = 1) -> None:
    """Tell everybody two things, and wait until they were heard."""
    for name in ("zone/main", "zone/gate", "view"):
        for number in range(count):
            runtime.tell(name, Note(f"n{number}"))
        runtime.tell(name, Reading("m", 1))
        runtime.ask(name, Notes(), 5.0)


@pytest.mark.parametrize(
    ("names", "kinds", "heard"),
    [
        ("", "", 9),
        ("view", "", 3),
        ("zone/*", "", 6),
        ("", "Note", 3),
        ("zone/*", "*ot*", 4),
        ("view", "reading", 1),
        ("nobody", "", 0),
    ],
)
def test_a_trace_tells_what_fits_its_filter(
    runtime: ThreadRuntime, names: str, kinds: str, heard: int
) -> None:
    """AC-4: by the receiver's and the message's name."""
    traced = trace(runtime, names, kinds, count=100, seconds=0.3)
    assert next(traced) is None
    say(runtime)
    told = [each for each in traced if each is not None]
    assert len(told) == heard
    assert all(each.missed == 0 for each in told)


def test_a_message_is_told_with_its_time_receiver_and_fields(runtime: ThreadRuntime) -> None:
    """AC-4: what an engineer needs to follow it."""
    traced = trace(runtime, "view", "Note", count=1, seconds=5.0)
    next(traced)
    before = runtime.clock.utc_now()
    say(runtime)
    (told,) = [each for each in traced if each is not None]
    assert (told.to, told.type, told.fields) == ("view", "Note", {"text": "n0", "sender": ""})
    assert told.at[:16] >= before.isoformat()[:16]


def test_a_flood_is_cut_and_counted(runtime: ThreadRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    """AC-4: bounded; what is missing is told."""
    monkeypatch.setattr(tracing, "MOST_PER_S", 10)
    traced = trace(runtime, "view", "Note", count=100_000, seconds=1.5)
    next(traced)
    say(runtime, count=50)
    told = [each for each in traced if isinstance(each, Traced)]
    assert 10 <= len(told) <= 20  # a new second may have begun meanwhile
    runtime.tell("view", Note("after"))
    assert MOST_PER_S <= WAITING


def test_a_trace_that_is_closed_or_over_leaves_nothing(runtime: ThreadRuntime) -> None:
    """AC-4: it switches itself off."""
    traced = trace(runtime, "", "", count=2, seconds=60.0)
    next(traced)
    assert runtime._listeners != ()
    say(runtime)
    assert len([each for each in traced if each is not None]) == 2
    assert runtime._listeners == ()
    second = trace(runtime, "", "", count=2, seconds=60.0)
    next(second)
    assert runtime._listeners != ()
    second.close()
    assert runtime._listeners == ()


def test_what_was_missed_is_told_with_the_next(
    runtime: ThreadRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AC-4: whoever reads knows that there was more."""
    monkeypatch.setattr(tracing, "WAITING", 2)
    traced = trace(runtime, "view", "Note", count=3, seconds=5.0)
    next(traced)
    say(runtime, count=5)
    first, second = next(traced), next(traced)
    runtime.tell("view", Note("after"))
    wait(runtime, lambda: "after" in runtime.ask("view", Notes(), 5.0))
    (last,) = [each for each in traced if each is not None]
    told = [(each.fields["text"], each.missed) for each in (first, second, last) if each is not None]
    assert told == [("n0", 0), ("n1", 0), ("after", 3)]
