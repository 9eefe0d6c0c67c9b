"""What went over the link of a station since its actor began, counted, and its last errors: for reports."""

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from evce.records import StationMemory
from evce.units import Seconds

__all__ = ["ERRORS_KEPT", "Dossier", "Traffic"]

ERRORS_KEPT: Final = 50
"""The newest errors of a station; the event log has the others."""


@dataclass(slots=True)
class Traffic:
    """CALLs by action: of the station, to it, what became of those. `slowest` is the longest answer, s."""

    received: Counter[str] = field(default_factory=Counter)
    sent: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    unanswered: Counter[str] = field(default_factory=Counter)
    slowest: Seconds = 0.0
    links: int = 0
    errors: deque[tuple[datetime, str]] = field(default_factory=lambda: deque(maxlen=ERRORS_KEPT))

    def was_answered(self, action: str, after: Seconds | None) -> None:
        """A CALL to the station got its answer."""
        self.answered[action] += 1
        self.slowest = max(self.slowest, after or 0.0)

    def was_refused(self, action: str, code: str, description: str, at: datetime) -> None:
        """A CALL to the station got a CALLERROR."""
        self.refused[action] += 1
        self.errors.append((at, f"{action} was refused: {code} {description}".strip()))

    def went_unanswered(self, action: str, timeout: Seconds, at: datetime) -> None:
        """A CALL to the station got no answer in time."""
        self.unanswered[action] += 1
        self.errors.append((at, f"{action} was not answered within {timeout:g} s"))

    def link_lost(self, reason: str, at: datetime) -> None:
        """The connection ended."""
        self.errors.append((at, f"connection lost: {reason}"))

    def counted(self) -> tuple[tuple[str, int, int, int, int, int], ...]:
        """By action: received, sent, answered, refused, unanswered."""
        kinds = (self.received, self.sent, self.answered, self.refused, self.unanswered)
        actions = sorted({action for kind in kinds for action in kind})
        return tuple(
            (
                action,
                self.received[action],
                self.sent[action],
                self.answered[action],
                self.refused[action],
                self.unanswered[action],
            )
            for action in actions
        )


@dataclass(frozen=True, slots=True)
class Dossier:
    """What a station's actor knows that nobody else shows. `waiting` CALLs wait for their turn."""

    memory: StationMemory | None
    peer: str
    connected_for: Seconds | None
    waiting: int
    unit: str
    links: int
    slowest: Seconds
    counted: tuple[tuple[str, int, int, int, int, int], ...] = ()
    errors: tuple[tuple[datetime, str], ...] = ()
