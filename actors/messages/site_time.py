"""Messages about what time it is: what the operator says, what a person or a program sets, what is shown."""

from dataclasses import dataclass
from datetime import datetime

from actors.messages.base import Message, Question
from evce.site_time import TimeSource
from evce.units import BoxIdentity, Monotonic, Seconds

__all__ = [
    "SITE_TIME",
    "AskOperatorTime",
    "FollowHostTime",
    "GetSiteTime",
    "GetTimeAnswer",
    "OperatorTold",
    "SetSiteTime",
    "SiteTimeView",
    "TimeAnswer",
]

SITE_TIME = "time"
"""Name of the actor that looks after the site's time."""


@dataclass(frozen=True, slots=True)
class OperatorTold(Message):
    """At `at` the operator answered with its time (None: unreadable), `round_trip` s after the question."""

    station: BoxIdentity
    time: datetime | None
    round_trip: Seconds
    at: Monotonic


@dataclass(frozen=True, slots=True)
class AskOperatorTime(Message):
    """To an uplink: send a heartbeat, whose answer tells the time."""


@dataclass(frozen=True, slots=True)
class SetSiteTime(Message):
    """It is this time, says `by`. `request` names it for `GetTimeAnswer`."""

    request: str
    time: datetime
    source: TimeSource
    by: str


@dataclass(frozen=True, slots=True)
class FollowHostTime(Message):
    """Take the host's clock again, says `by`. `request` names it for `GetTimeAnswer`."""

    request: str
    by: str


@dataclass(frozen=True, slots=True)
class GetSiteTime(Question):
    """To `SITE_TIME`. Answer: the `SiteTimeView` of this moment."""


@dataclass(frozen=True, slots=True)
class GetTimeAnswer(Question):
    """To `SITE_TIME`. Answer: the `TimeAnswer`; None for a request that isn't known, or no longer."""

    request: str


@dataclass(frozen=True, slots=True)
class SiteTimeView:
    """What time it is, and who says so. Times in aware UTC, differences in s.

    `told` is what stations are served. `operator_rules`: nobody else may set it. `slewing` is still to be
    made up for. `heard_at` and `by` tell when the source spoke last, and who; `refused` why the operator
    isn't followed. `guessed`: the machine has lost its time.
    """

    site: datetime
    host: datetime
    told: datetime
    source: TimeSource
    operator_rules: bool
    programs_may: bool
    slewing: Seconds = 0.0
    heard_at: datetime | None = None
    by: str = ""
    refused: str = ""
    guessed: bool = False

    @property
    def offset(self) -> Seconds:
        """How far the site's time is ahead of the host's clock."""
        return (self.site - self.host).total_seconds()


@dataclass(frozen=True, slots=True)
class TimeAnswer:
    """What became of a request: by how much the site's time was set forward, or why it was refused."""

    moved: Seconds
    refused: str = ""
