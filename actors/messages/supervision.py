"""Messages between supervisors and their children, and the errors that an `ask` at the edge can meet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from actors.messages.base import Lane, Message

if TYPE_CHECKING:
    from actors.supervisor import ChildSpec

__all__ = [
    "AnswererDied",
    "AskFailed",
    "ChildBegan",
    "ChildDied",
    "ChildEnded",
    "NoAnswer",
    "NobodyThere",
    "RestartChild",
    "StartChild",
    "StopChild",
]


class AskFailed(Exception):  # noqa: N818  # says what happened, as a message does
    """An `ask` brought no answer. Each kind is also a builtin one:

    AskFailed
    ├── NobodyThere (LookupError)   no living actor has that name
    ├── NoAnswer (TimeoutError)     it didn't answer in time
    └── AnswererDied (RuntimeError) it died, or was stopped, before it answered
    """


class NobodyThere(AskFailed, LookupError):  # noqa: N818
    """No living actor has that name."""


class NoAnswer(AskFailed, TimeoutError):  # noqa: N818
    """The actor didn't answer within the time-out."""


class AnswererDied(AskFailed, RuntimeError):  # noqa: N818
    """The actor died, or was stopped, before it answered."""


@dataclass(frozen=True, slots=True)
class ChildBegan(Message):
    """The child's `on_begin` is through: it now takes messages."""

    default_lane: ClassVar[Lane] = Lane.URGENT

    name: str
    incarnation: int


@dataclass(frozen=True, slots=True)
class ChildDied(Message):
    """The child failed. `reason` is one line, `traceback` the text a developer needs (may be empty)."""

    default_lane: ClassVar[Lane] = Lane.URGENT

    name: str
    incarnation: int
    reason: str
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class ChildEnded(Message):
    """The child stopped in good order, asked to or by itself."""

    default_lane: ClassVar[Lane] = Lane.URGENT

    name: str
    incarnation: int


@dataclass(frozen=True, slots=True)
class StartChild(Message):
    """To a supervisor: have this child, last in order. A child of that name is replaced in its place."""

    spec: ChildSpec


@dataclass(frozen=True, slots=True)
class StopChild(Message):
    """To a supervisor: stop the child in good order; `remove` also forgets its specification."""

    name: str
    remove: bool = True


@dataclass(frozen=True, slots=True)
class RestartChild(Message):
    """To a supervisor: stop the child in good order if it runs, then start it. Doesn't count as a failure."""

    name: str
