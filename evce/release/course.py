"""Which release runs: on trial after an update, kept once it has run for a while, else back to the former."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from evce.release.package import is_version
from evce.units import Seconds

__all__ = ["BASE", "KEPT_AFTER", "MOST_STARTS", "Course", "End", "Outcome", "Trial"]

BASE: Final = ""
"""In place of a version: the installation that the machine began with."""

MOST_STARTS: Final = 2
"""Starts of a release on trial that may end before it is kept; the next one is the former release's."""

KEPT_AFTER: Final[Seconds] = 60.0
"""So long a release on trial must run well, without a break."""

_LONGEST_TEXT = 500


class Outcome(StrEnum):
    """How a change of the release ended."""

    KEPT = "kept"
    ROLLED_BACK = "rolled_back"
    """It didn't start, or didn't run for long: by EVCE itself."""
    GONE_BACK = "gone_back"
    """By a person."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A release that isn't kept yet: since when, who wanted it, and how many starts of it were begun."""

    version: str
    since: datetime
    by: str
    starts: int = 0
    why: str = ""
    """What went wrong with its last start, as far as that is known."""


@dataclass(frozen=True, slots=True)
class End:
    """How the last change ended; `told` once the log of events has it."""

    version: str
    outcome: Outcome
    at: datetime
    by: str = ""
    why: str = ""
    told: bool = False


@dataclass(frozen=True, slots=True)
class Course:
    """The release that runs, the one before it, and what is on trial.

    `since` is when the present one began its trial, `undo` the time to which the database has to be put back
    before anything else: a newer release may have changed its tables.
    """

    current: str = BASE
    former: str | None = None
    since: datetime | None = None
    undo: datetime | None = None
    trial: Trial | None = None
    last: End | None = None

    @property
    def to_run(self) -> str:
        """What a start of EVCE runs now."""
        return self.current if self.trial is None else self.trial.version

    def wanted(self, version: str, by: str, now: datetime) -> "Course":
        """Somebody wants this release; it is on trial from its next start on."""
        return replace(self, trial=Trial(version, now, by))

    def starting(self, now: datetime) -> "Course":
        """A start of EVCE begins: it counts for the release on trial, which had its chance after some."""
        trial = self.trial
        if trial is None:
            return self
        if trial.starts >= MOST_STARTS:
            why = trial.why or f"it was started {trial.starts} times and never ran for {KEPT_AFTER:g} s"
            return self.rolled_back(why, now)
        return replace(self, trial=replace(trial, starts=trial.starts + 1))

    def rolled_back(self, why: str, now: datetime) -> "Course":
        """The release on trial can't be run."""
        trial = self.trial
        if trial is None:
            return self
        end = End(trial.version, Outcome.ROLLED_BACK, now, trial.by, why[:_LONGEST_TEXT])
        return replace(self, trial=None, undo=trial.since, last=end)

    def failed(self, why: str) -> "Course":
        """A start of the release on trial has failed for a reason that is known."""
        trial = self.trial
        return self if trial is None else replace(self, trial=replace(trial, why=why[:_LONGEST_TEXT]))

    def ended_in_order(self) -> "Course":
        """A start of the release on trial was ended by a person: it doesn't count."""
        trial = self.trial
        if trial is None:
            return self
        return replace(self, trial=replace(trial, starts=max(0, trial.starts - 1)))

    def kept(self, now: datetime) -> "Course":
        """The release on trial has run for long enough."""
        trial = self.trial
        if trial is None:
            return self
        end = End(trial.version, Outcome.KEPT, now, trial.by)
        return Course(trial.version, self.current, trial.since, last=end)

    def gone_back(self, by: str, now: datetime) -> "Course":
        """A person wants the former release again."""
        if self.former is None:
            return self
        end = End(self.current, Outcome.GONE_BACK, now, by)
        return Course(self.former, undo=self.since, last=end)

    def lost(self, why: str, now: datetime) -> "Course":
        """The release that was kept can't be run any more: the machine's own installation is."""
        end = End(self.current, Outcome.ROLLED_BACK, now, "", why[:_LONGEST_TEXT])
        return Course(undo=self.since, last=end)

    def undone(self) -> "Course":
        """The database is what the release that runs expects."""
        return replace(self, undo=None)

    def told(self) -> "Course":
        """The log of events has how the last change ended."""
        return self if self.last is None else replace(self, last=replace(self.last, told=True))

    def seen(self) -> "Course":
        """Somebody has read how the last change ended; the log of events keeps it."""
        return self if self.last is None or not self.last.told else replace(self, last=None)

    def text(self) -> str:
        """For a file."""
        return json.dumps(asdict(self), default=_plain, indent=1)

    @classmethod
    def read(cls, text: str) -> "Course | None":
        """From a file; None where it is none."""
        try:
            plain = json.loads(text)
            trial, last = plain["trial"], plain["last"]
            return cls(
                _version(plain["current"]),
                None if plain["former"] is None else _version(plain["former"]),
                None if plain["since"] is None else _time(plain["since"]),
                None if plain["undo"] is None else _time(plain["undo"]),
                None
                if trial is None
                else Trial(
                    _version(trial["version"]),
                    _time(trial["since"]),
                    str(trial["by"]),
                    int(trial["starts"]),
                    str(trial["why"]),
                ),
                None
                if last is None
                else End(
                    _version(last["version"]),
                    Outcome(last["outcome"]),
                    _time(last["at"]),
                    str(last["by"]),
                    str(last["why"]),
                    last["told"] is True,
                ),
            )
        except (KeyError, TypeError, ValueError, RecursionError):
            return None


def _version(value: Any) -> str:
    if value != BASE and not (isinstance(value, str) and is_version(value)):
        raise ValueError(value)
    return str(value)


def _time(value: Any) -> datetime:
    found = datetime.fromisoformat(value)
    if found.tzinfo is None:
        raise ValueError(value)
    return found


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
