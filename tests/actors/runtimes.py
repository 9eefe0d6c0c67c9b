"""What the tests of actors share: runtimes of either kind, small messages, an actor that fails when told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import pytest

from actors.messages.base import Lane, Message, Question, Sample
from actors.runtime import Runtime, SimulatedRuntime, ThreadRuntime
from actors.supervised import Context, HangForDrill, Supervised
from tests.conftest import TIMEOUT_FACTOR

__all__ = [
    "BOTH",
    "Echo",
    "Fail",
    "Note",
    "Notes",
    "Probe",
    "Reading",
    "Rush",
    "SetAlarm",
    "make_runtime",
    "running",
    "wait",
]

BOTH = pytest.mark.parametrize("kind", ["threads", "simulated"])


@dataclass(frozen=True, slots=True)
class Note(Message):
    text: str
    sender: str = ""


@dataclass(frozen=True, slots=True)
class Rush(Message):
    default_lane: ClassVar[Lane] = Lane.URGENT

    text: str


@dataclass(frozen=True, slots=True)
class Reading(Sample):
    source: str | None
    value: int

    @property
    def coalesce_key(self) -> Hashable:
        return self.source


@dataclass(frozen=True, slots=True)
class SetAlarm(Message):
    seconds: float
    text: str
    key: Hashable = None
    cancel: bool = False


@dataclass(frozen=True, slots=True)
class Fail(Message):
    error: type[BaseException] = RuntimeError


@dataclass(frozen=True, slots=True)
class Notes(Question):
    """Answer: what the probe wrote down."""


@dataclass(frozen=True, slots=True)
class Echo(Question):
    """Answer: None; with an error the probe dies of it."""

    error: type[BaseException] | None = None


class Probe(Supervised):
    """Writes down what happens to it, in a list that the test may share with it."""

    def __init__(self, context: Context, notes: list[str] | None = None, fails_in: str = "") -> None:
        super().__init__(context)
        self.notes = notes if notes is not None else []
        self.fails_in = fails_in
        if fails_in == "constructor":
            raise RuntimeError("constructor fails")

    def on_begin(self) -> None:
        self._perhaps("begin")
        self.notes.append(f"begin {self.context.incarnation}")

    def on_message(self, message: Message) -> None:
        match message:
            case Fail(error):
                raise error("told to fail")
            case SetAlarm(_, _, key, True):
                assert key is not None
                self.cancel(key)
            case SetAlarm(seconds, text, key):
                self.after(seconds, Note(text), key)
            case Note(text) | Rush(text):
                self.notes.append(text)
            case Reading(source, value):
                self.notes.append(f"{source}={value}")

    def on_question(self, question: Question) -> object:
        match question:
            case Notes():
                return list(self.notes)
            case Echo(error) if error is not None:
                self.notes.append("half changed")
                raise error("asked to fail")
        return None

    def on_drained(self) -> None:
        self._perhaps("drained")
        self.notes.append("drained")

    def on_end(self) -> None:
        self._perhaps("end")
        self.notes.append("end")

    def _perhaps(self, where: str) -> None:
        if self.fails_in == where:
            raise RuntimeError(f"{where} fails")
        if self.fails_in == f"hang in {where}":
            raise HangForDrill


def make_runtime(kind: str, on_give_up: Callable[[str], None] | None = None) -> Runtime:
    if kind == "threads":
        return ThreadRuntime(on_give_up=on_give_up, seed=1)
    return SimulatedRuntime(seed=1, on_give_up=on_give_up)


@pytest.fixture
def running(kind: str) -> Iterator[Runtime]:
    """A runtime of the kind that the test is parametrised with, closed at the end."""
    runtime = make_runtime(kind)
    yield runtime
    if isinstance(runtime, ThreadRuntime):
        runtime.close(timeout=2.0)


def wait(runtime: Runtime, condition: Callable[[], bool], seconds: float = 5.0) -> None:
    """Let the actors work until the condition holds; fails the test otherwise."""
    assert runtime.wait_until(condition, runtime.clock.monotonic() + seconds * TIMEOUT_FACTOR), (
        f"still not so after {seconds} s; threads: {[thread.name for thread in threading.enumerate()]}"
    )
