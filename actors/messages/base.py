"""What every message is: a frozen value that knows its lane through a mailbox."""

from collections.abc import Hashable
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

__all__ = ["Lane", "Message", "Question", "Sample"]


class Lane(Enum):
    """How a mailbox treats a message (DESIGN §3)."""

    URGENT = "urgent"
    """Meter readings, reductions and stop: before everything else, in their order."""
    EVENT = "event"
    """First in, first out per sender; never shed."""
    SAMPLE = "sample"
    """Only the newest per `coalesce_key` counts; may be shed."""


@dataclass(frozen=True, slots=True)
class Message:
    """Base of all messages: facts in the past tense, orders in the imperative."""

    default_lane: ClassVar[Lane] = Lane.EVENT

    @property
    def lane(self) -> Lane:
        """The lane of this very message; an order's may depend on what it orders."""
        return self.default_lane

    @property
    def coalesce_key(self) -> Hashable:
        """Samples with equal keys replace each other; None never does."""
        return None


@dataclass(frozen=True, slots=True)
class Sample(Message):
    """Base of the messages of which only the newest counts."""

    default_lane: ClassVar[Lane] = Lane.SAMPLE


@dataclass(frozen=True, slots=True)
class Question(Message):
    """Base of what an edge (web, shell, API) may `ask`; answering one changes nothing."""
