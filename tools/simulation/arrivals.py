"""Cars that come and go as they came and went at a real site, faster than life on request."""

import csv
import gzip
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from evce.units import Seconds, WattHours
from tools.simulation.vehicle import VehicleSpec

__all__ = ["Arrival", "Badge", "RecordedStay", "Temperament", "arrivals", "badges", "recorded_stays"]

_WARM_START: Seconds = 1200.0
"""Recorded seconds within which the cars that are there when the replay begins are plugged in."""

_LONGEST_GAP: Seconds = 1200.0
"""Nights and weekends without a car are cut to this."""

_LARGEST_NEED: WattHours = 60_000.0


@dataclass(frozen=True, slots=True)
class RecordedStay:
    """One recorded session: seconds since Monday 00:00, length of stay, Wh asked for and Wh delivered."""

    at: Seconds
    stay: Seconds
    requested: WattHours
    delivered: WattHours


@dataclass(frozen=True, slots=True)
class Badge:
    """A driver's card."""

    id_tag: str
    vip: bool = False


@dataclass(frozen=True, slots=True)
class Arrival:
    """One car to come: `at` s after the start, for `stay` s, wanting `needs` Wh into its battery."""

    at: Seconds
    stay: Seconds
    needs: WattHours
    badge: Badge
    vehicle: VehicleSpec


@dataclass(frozen=True, slots=True)
class Temperament:
    """How many of the cars are difficult, as shares of all."""

    sleepers: float = 0.05
    overdrawing: float = 0.05
    ignoring: float = 0.0
    overdraw: float = 0.15
    """By how much those that overdraw do so."""


@cache
def recorded_stays() -> tuple[RecordedStay, ...]:
    """Four weeks of sessions at the JPL site (ACN-Data, CC BY 4.0), in order of arrival."""
    path = resources.files("tools.simulation") / "data" / "arrivals.csv.gz"
    rows = csv.DictReader(gzip.decompress(path.read_bytes()).decode().splitlines())
    return tuple(
        RecordedStay(
            float(row["arrival_s"]),
            float(row["stay_s"]),
            float(row["requested_wh"]),
            float(row["delivered_wh"]),
        )
        for row in rows
    )


def badges(count: int = 60, vips: int = 4) -> list[Badge]:
    """The drivers' cards; the first `vips` of them are VIP. The same list each time."""
    return [Badge(f"EV{number:06X}", number < vips) for number in range(count)]


_MODELS: tuple[tuple[float, int, float, float], ...] = (
    # share, phases, A per phase, Wh
    (0.25, 1, 16.0, 12_000.0),
    (0.20, 1, 32.0, 42_000.0),
    (0.10, 2, 16.0, 36_000.0),
    (0.30, 3, 16.0, 62_000.0),
    (0.15, 3, 32.0, 80_000.0),
)


def _vehicle(rng: random.Random, needs: WattHours, factor: float, temperament: Temperament) -> VehicleSpec:
    """A car that can take `needs` Wh; battery and need shrink by `factor` alike: it tapers as late."""
    fitting = [model for model in _MODELS if model[3] >= needs * 1.1] or [_MODELS[-1]]
    _, phases, maximum, battery = rng.choices(fitting, weights=[model[0] for model in fitting])[0]
    reaction = round(rng.uniform(0.0, 2.0), 2)
    mood = rng.random()
    sleeps = mood < temperament.sleepers
    overdraws = not sleeps and mood < temperament.sleepers + temperament.overdrawing
    ignores = not sleeps and not overdraws and rng.random() < temperament.ignoring
    return VehicleSpec(
        phases=phases,
        maximum=maximum,
        battery=battery / factor,
        reaction=reaction,
        ramp=min(5.0, 5.8 - reaction),
        sleeps_after=rng.uniform(60.0, 300.0) if sleeps else None,
        overdraw=temperament.overdraw if overdraws else 0.0,
        ignores_pilot=ignores,
    )


def arrivals(
    seed: int = 0,
    factor: float = 1.0,
    drivers: Sequence[Badge] | None = None,
    temperament: Temperament | None = None,
    begin: Seconds = 14 * 3600.0,
    stay_share: float = 1.0,
) -> Iterator[Arrival]:
    """The recorded arrivals for ever, `factor` times as often.

    At ten-fold arrivals cars come ten times as often, stay a tenth as long and want a tenth of the energy:
    as many are there at a time, and the electrical physics needs no hurrying. The replay begins `begin` s
    after Monday 00:00, by default on a busy afternoon; whoever was there then arrives at once. `stay_share`
    shortens every stay, for more coming and going than a workplace has.
    """
    rng = random.Random(f"arrivals/{seed}")  # noqa: S311 - a simulation, no secret
    mood = temperament or Temperament()
    cards = list(drivers) if drivers is not None else badges()
    recorded = recorded_stays()
    present = [stay for stay in recorded if stay.at < begin < stay.at + stay.stay]
    stays = [
        RecordedStay(
            begin + _WARM_START * number / len(present),
            stay.at + stay.stay - begin,
            stay.requested,
            stay.delivered,
        )
        for number, stay in enumerate(present)
    ]
    stays = sorted([*stays, *(stay for stay in recorded if stay.at >= begin)], key=lambda stay: stay.at)
    clock = 0.0
    previous = begin
    while True:
        for stay in stays:
            clock += min(max(0.0, stay.at - previous), _LONGEST_GAP)
            previous = stay.at
            needs = min(max(stay.requested, stay.delivered), _LARGEST_NEED)
            yield Arrival(
                at=clock / factor,
                stay=max(30.0, stay.stay * stay_share / factor),
                needs=needs / factor,
                badge=rng.choice(cards),
                vehicle=_vehicle(rng, needs, factor, mood),
            )
        previous = begin
