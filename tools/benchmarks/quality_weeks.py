"""Recorded weeks of charging sessions, each with what was known when it began."""

import csv
import gzip
from dataclasses import dataclass
from functools import cache
from importlib import resources

from evce.units import Amps, Seconds, WattHours, Watts

__all__ = ["MOST_WEEKS", "OUTLETS", "POWER", "RATING", "RecordedSession", "Week", "recorded", "weeks"]

OUTLETS = 52

RATING: Amps = 32.0
"""Of every outlet, on one phase."""

POWER: Watts = RATING * 230.0

WEEK: Seconds = 7 * 86_400.0

_SEASONS = ("May/June", "October/November")
_FIRST_WEEK, _LAST_WEEK = 4, 8
"""The first four weeks of a season are history only."""

MOST_WEEKS = len(_SEASONS) * (_LAST_WEEK - _FIRST_WEEK)


@dataclass(frozen=True, slots=True)
class RecordedSession:
    """One session; times in s since the first Monday 00:00 of its season, `need` in Wh.

    `stated_leaves` and `stated_need` are what the driver stated; None where nobody stated anything.
    """

    number: int
    season: int
    arrives: Seconds
    leaves: Seconds
    outlet: int
    need: WattHours
    stated_leaves: Seconds | None
    stated_need: WattHours | None


@dataclass(frozen=True, slots=True)
class Week:
    """The sessions that begin in one week; `history` are those of its season that began before."""

    name: str
    sessions: tuple[RecordedSession, ...]
    history: tuple[RecordedSession, ...]


@cache
def recorded() -> tuple[RecordedSession, ...]:
    """The recording that is shipped (see ATTRIBUTION.md beside it), in the order of arrivals.

    A need is at most what its outlet can give in the time that the car was there.
    """
    packed = resources.files("tools.simulation") / "data" / "recorded_weeks.csv.gz"
    with packed.open("rb") as raw, gzip.open(raw, "rt", newline="") as text:
        return tuple(_session(number, row) for number, row in enumerate(csv.DictReader(text)))


def _session(number: int, row: dict[str, str]) -> RecordedSession:
    arrives, stay = float(row["arrival_s"]), float(row["stay_s"])
    said_stay, said_need = row["stated_stay_s"], row["stated_wh"]
    return RecordedSession(
        number=number,
        season=int(row["season"]),
        arrives=arrives,
        leaves=arrives + stay,
        outlet=int(row["outlet"]),
        need=min(float(row["delivered_wh"]), stay / 3_600.0 * POWER),
        stated_leaves=arrives + float(said_stay) if said_stay else None,
        stated_need=float(said_need) if said_need else None,
    )


def weeks(count: int = MOST_WEEKS) -> list[Week]:
    """So many weeks, of both seasons in turn; each has at least four weeks of history."""
    places = [(season, week) for week in range(_FIRST_WEEK, _LAST_WEEK) for season in range(len(_SEASONS))]
    return [_week(season, week) for season, week in places[:count]]


def _week(season: int, week: int) -> Week:
    begins = week * WEEK
    of_season = [session for session in recorded() if session.season == season]
    return Week(
        name=f"{_SEASONS[season]}, week {week + 1}",
        sessions=tuple(s for s in of_season if begins <= s.arrives < begins + WEEK),
        history=tuple(s for s in of_season if s.arrives < begins),
    )
