"""When a car will leave and what it needs: what its driver stated, and what the site's sessions teach."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from math import isfinite
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evce.units import Seconds, WattHours, Watts

__all__ = [
    "LONGEST_STAY",
    "MOST_ENERGY",
    "UNSTATED",
    "VISITS",
    "Forecast",
    "Outlook",
    "Statement",
    "Visit",
    "departure_of",
    "forecast",
    "urgency",
]

Floats = NDArray[np.float64]

LONGEST_STAY: Seconds = 7 * 86_400.0
"""A departure further ahead is a slip of the pen."""

MOST_ENERGY: WattHours = 300_000.0
"""No battery of a car takes more."""

VISITS = 2_000
"""Sessions that a forecast looks back on: weeks of a large site, months of a small one; newest first."""

_TIME_OF_DAY = re.compile(r"(\d{1,2}):(\d{2})")

_QUANTILES = 20
"""So many equally likely values tell a distribution well enough, and travel well with the facts."""

_HOUR = 3_600.0

# How alike two visits are. Each scale is where likeness has fallen to a third.
_ARRIVAL: Seconds = 1.0 * _HOUR
"""Who comes at seven stays for the day; who comes at ten, for a meeting."""
_STATED_STAY: Seconds = 0.75 * _HOUR
_STATED_ENERGY = 0.35
"""Natural logarithm of a ratio: a third less, or half as much again."""
_OTHER_KIND_OF_DAY = 0.2
"""A weekend tells a little about a working day."""
_SILENT = 0.05
"""What a visit without a statement tells about one with a statement."""
_SAME_CARD = 8.0
"""A driver's own visits tell more than those of others."""

_WORD = 0.5
"""What a statement weighs by itself, in visits exactly alike: decides alone where nothing is known yet, and
little where visits tell what statements turn out to mean (tried out on recorded weeks, see docs)."""
_STAY_SLIPS = (-2.0, -1.0, -0.25, 0.0, 0.5)
"""How far, in hours, drivers leave from when they said: sooner rather than later (ACN-Data, JPL 2019)."""
_NEED_SLIPS = (0.4, 0.6, 0.8, 1.0)
"""Which part of what they ask for cars turn out to take (ACN-Data, JPL 2019)."""
_NEEDS: tuple[WattHours, ...] = (4_000.0, 9_000.0, 16_000.0, 30_000.0)
"""What cars take where a departure was stated and nothing else is known."""
_ENOUGH = 1.0
"""Weight of visits, in visits exactly alike, below which history alone says nothing."""

_UNDECIDED: Seconds = 0.5 * _HOUR
"""With half an hour to spare, or lacking, it is still open whether a car gets its energy in time."""
_OVERDUE: Seconds = 0.5 * _HOUR
"""Whoever has stayed longer than expected may leave any moment."""
_STILL_WANTS: WattHours = 1_000.0
"""Whoever has taken more than expected and still draws wants a little more."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What the driver stated; None where nothing was. `departure` is aware UTC, `energy` Wh in all."""

    departure: datetime | None = None
    energy: WattHours | None = None

    def refusal(self, now: datetime) -> str | None:
        """What is wrong with it, None when nothing is; a departure in the past is."""
        if self.departure is not None:
            ahead = (self.departure - now).total_seconds()
            if not 0.0 < ahead <= LONGEST_STAY:
                days = LONGEST_STAY / 86_400.0
                return f"departure={self.departure.isoformat()}: must be later than now, within {days:g} days"
        if self.energy is not None and not (isfinite(self.energy) and 0.0 < self.energy <= MOST_ENERGY):
            return f"energy={self.energy / 1000.0:g} kWh: more than 0, at most {MOST_ENERGY / 1000.0:g} kWh"
        return None


UNSTATED = Statement()
"""A driver who said nothing."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A session: `stay` s from its start to its end, `energy` Wh, `card` in its folded form, "" unknown.

    Of one that only begins `stay` and `energy` mean nothing.
    """

    arrived: datetime
    stay: Seconds = 0.0
    energy: WattHours = 0.0
    card: str = ""
    statement: Statement = UNSTATED

    @property
    def stated_stay(self) -> Seconds:
        """From the start to the stated departure; not a number where none was stated."""
        departure = self.statement.departure
        return float("nan") if departure is None else (departure - self.arrived).total_seconds()

    @property
    def stated_energy(self) -> WattHours:
        """Not a number where none was stated."""
        return float("nan") if self.statement.energy is None else self.statement.energy


@dataclass(frozen=True, slots=True)
class Forecast:
    """Equally likely stays (s) and needs (Wh) of one session, both from its start, ascending."""

    stays: tuple[Seconds, ...]
    needs: tuple[WattHours, ...]


def departure_of(text: str, now: datetime) -> datetime:
    """Read a departure: a time of day ("17:30", the next one) or a date with a time (ISO 8601).

    `now` is the site's own wall clock, with its zone. Raises ValueError for anything else.
    """
    hours = _TIME_OF_DAY.fullmatch(text.strip())
    try:
        if hours is None:
            moment = datetime.fromisoformat(text.strip())
            return moment if moment.tzinfo is not None else moment.replace(tzinfo=now.tzinfo)
        moment = now.replace(hour=int(hours[1]), minute=int(hours[2]), second=0, microsecond=0)
    except ValueError:
        raise ValueError(f"departure={text!r}: a time such as 17:30 or 2026-03-02T17:30") from None
    return moment if moment > now else moment + timedelta(days=1)


def forecast(visit: Visit, history: Iterable[Visit], zone: tzinfo) -> Forecast | None:
    """Expect of a visit what visits like it came to; None where neither history nor driver says anything.

    Alike are visits that arrived at the same time of day and on the same kind of day by the site's clock, in
    `zone`, with the same card, and whose drivers stated the same. So a statement counts for what statements
    have been worth at this site: where drivers ask for twice what they need, asking for twice brings nothing.
    """
    known = [past for past in history if past.stay > 0.0 and past.energy >= 0.0]
    weights = _likeness(visit, known, zone)
    stays = np.array([past.stay for past in known])
    needs = np.array([past.energy for past in known])
    said_stay, said_need = visit.stated_stay, visit.stated_energy
    enough = bool(weights.sum() >= _ENOUGH)
    if not enough and np.isnan(said_stay) and np.isnan(said_need):
        return None
    stays, stay_weights = _with_word(stays, weights, said_stay + np.array(_STAY_SLIPS) * _HOUR)
    needs, need_weights = _with_word(needs, weights, said_need * np.array(_NEED_SLIPS))
    if not enough and np.isnan(said_need):
        needs, need_weights = np.array(_NEEDS), np.ones(len(_NEEDS))
    if not enough and np.isnan(said_stay):
        return None
    return Forecast(
        stays=_quantiles(np.maximum(stays, 60.0), stay_weights), needs=_quantiles(needs, need_weights)
    )


class Outlook(NamedTuple):
    """A forecast, and its session so far: `elapsed` s and `energy` Wh since it began; `power` W at most."""

    forecast: Forecast
    elapsed: Seconds
    energy: WattHours
    power: Watts


def urgency(outlook: Outlook) -> float:
    """How likely it is that a car leaves short even if it has all its power from now on, 0 to 1.

    This is its laxity (time left less the time that its need takes at full power), over everything that is
    expected; a laxity near zero counts half.
    """
    expected, elapsed, energy, power = outlook
    left = np.array(expected.stays) - elapsed
    left = left[left > 0.0]
    lacks = np.array(expected.needs) - energy
    lacks = lacks[lacks > 0.0]
    if not len(left):
        left = np.array([_OVERDUE])
    if not len(lacks):
        lacks = np.array([_STILL_WANTS])
    hours = lacks / max(power, 1.0)
    laxity = left[None, :] - hours[:, None] * _HOUR
    return float(np.mean(1.0 / (1.0 + np.exp(np.clip(laxity / _UNDECIDED, -50.0, 50.0)))))


def _likeness(visit: Visit, known: Sequence[Visit], zone: tzinfo) -> Floats:
    if not known:
        return np.zeros(0)
    # By the clock on the wall: who comes at seven comes an hour later in UTC once summer is over.
    arrived, now = [past.arrived.astimezone(zone) for past in known], visit.arrived.astimezone(zone)
    hour = np.array([_time_of_day(moment) for moment in arrived]) - _time_of_day(now)
    apart = np.abs((hour + 43_200.0) % 86_400.0 - 43_200.0)
    likeness = np.exp(-((apart / _ARRIVAL) ** 2))
    weekend = now.weekday() >= 5
    likeness *= [1.0 if (moment.weekday() >= 5) is weekend else _OTHER_KIND_OF_DAY for moment in arrived]
    if visit.card:
        likeness *= [_SAME_CARD if past.card == visit.card else 1.0 for past in known]
    if visit.statement.departure is not None:
        stated = np.array([past.stated_stay for past in known]) - visit.stated_stay
        likeness *= np.where(np.isnan(stated), _SILENT, np.exp(-((stated / _STATED_STAY) ** 2)))
    if visit.statement.energy is not None:
        ratio = np.log(np.array([past.stated_energy for past in known]) / visit.stated_energy)
        likeness *= np.where(np.isnan(ratio), _SILENT, np.exp(-((ratio / _STATED_ENERGY) ** 2)))
    return np.asarray(likeness, dtype=np.float64)


def _time_of_day(moment: datetime) -> Seconds:
    return moment.hour * 3_600.0 + moment.minute * 60.0 + moment.second


def _with_word(values: Floats, weights: Floats, stated: Floats) -> tuple[Floats, Floats]:
    """What history says, and what the driver says where the driver says something."""
    stated = stated[~np.isnan(stated)]
    said = np.full(len(stated), _WORD / max(len(stated), 1))
    return np.concatenate([values, stated]), np.concatenate([weights, said])


def _quantiles(values: Floats, weights: Floats) -> tuple[float, ...]:
    order = np.argsort(values, kind="stable")
    sums = np.cumsum(weights[order])
    wanted = (np.arange(_QUANTILES) + 0.5) / _QUANTILES * sums[-1]
    found = values[order][np.minimum(np.searchsorted(sums, wanted), len(values) - 1)]
    return tuple(round(float(value)) * 1.0 for value in found)
