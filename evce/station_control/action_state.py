"""One action on a station as people see it: who asked for what, how far it is, and how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from math import inf
from typing import Any

from evce.station_control.action_words import Words
from evce.units import Monotonic

__all__ = ["Action", "ActionState"]


class ActionState(StrEnum):
    """Where an action is; the last five are ends."""

    ASKED = "asked"
    SENT = "sent"
    IN_PROGRESS = "in progress"
    DONE = "done"
    REFUSED = "refused"
    NOT_SUPPORTED = "not supported"
    TIMED_OUT = "timed out"
    FAILED = "failed"

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of it."""
        return self not in (ActionState.ASKED, ActionState.SENT, ActionState.IN_PROGRESS)


@dataclass(frozen=True, slots=True)
class Action:
    """`id` is chosen by whoever asks. `said` is the newest of `steps`, `result` what the station answered.

    `subject` is the transaction or reservation that it is about. `deadline` and `since` are monotonic.
    """

    id: str
    kind: str
    given: Mapping[str, Any]
    requested_by: str
    asked_at: datetime
    state: ActionState
    said: Words
    steps: tuple[tuple[datetime, Words], ...] = ()
    result: Mapping[str, Any] = field(default_factory=dict)
    subject: int | None = None
    file: str = ""
    """Name under which a file of the station was received."""
    awaits_file: bool = False
    """The station was told to send the file to EVCE itself."""
    firmware: str = ""
    """What the station ran when it was asked."""
    went_down: bool = False
    since: Monotonic = 0.0
    deadline: Monotonic = inf
    ended_at: datetime | None = None

    @property
    def connector(self) -> int | None:
        """The outlet that it is about, None for the whole station."""
        number = self.given.get("connector")
        return number if isinstance(number, int) and number > 0 else None
