"""What is played, in words that fit into a file or another process: faults by id, and what is expected."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from evce.units import Amps, Seconds
from tools.faults.catalogue import FAULTS, fault_of
from tools.faults.fault import Fault, Sight
from tools.faults.play import Expected, PlayReport, Strike, play
from tools.faults.stage import CARS, Site, Stage
from tools.rehearsal.series import virtual_disk

__all__ = ["Cue", "Expectation", "Script", "at_random", "each", "perform"]


@dataclass(frozen=True, slots=True)
class Cue:
    """A fault that strikes `at` s. `lasts` in s in place of its own time, where it is given."""

    fault: str
    at: Seconds = 0.0
    station: str = "O1"
    variant: str = ""
    lasts: Seconds | None = None


@dataclass(frozen=True, slots=True)
class Expectation:
    """Something that must come true within so many seconds from `at` on: just one of the others is given.

    `alarm` stands, `no_alarm` doesn't; the cars of a zone draw at most or at least so many A on any phase; a
    station offers its car at most or at least so many A, or is verified.
    """

    at: Seconds
    within: Seconds
    alarm: str = ""
    no_alarm: str = ""
    source: str = ""
    zone: str = ""
    station: str = ""
    at_most_a: Amps | None = None
    at_least_a: Amps | None = None
    verified: bool | None = None

    def sight(self) -> Sight:
        """The same as something to watch for."""
        return Sight(self._text(), self.within, self._seen())

    def _text(self) -> str:
        what = self.zone or self.station
        if self.alarm or self.no_alarm:
            return f"alarm {self.alarm}" if self.alarm else f"no alarm {self.no_alarm}"
        if self.verified is not None:
            return f"{self.station} is {'' if self.verified else 'not '}verified"
        if self.at_most_a is not None:
            return f"{what}: {self.at_most_a:g} A at most"
        return f"{what}: {self.at_least_a:g} A at least"

    def _seen(self) -> Callable[[Stage], bool]:
        if self.alarm or self.no_alarm:
            return lambda stage: stage.stands(self.alarm or self.no_alarm, self.source) is bool(self.alarm)
        if self.verified is not None:
            return lambda stage: (
                (view := stage.station_view(self.station)) is not None and view.verified is self.verified
            )
        return self._amps

    def _amps(self, stage: Stage) -> bool:
        amps = max(stage.house.cars(self.zone)) if self.zone else stage.pilot(self.station)
        if self.at_most_a is not None:
            return amps <= self.at_most_a
        return self.at_least_a is not None and amps >= self.at_least_a


@dataclass(frozen=True, slots=True)
class Script:
    """A play: faults on the site of the first one, and what is expected beyond their own sights."""

    name: str
    cues: tuple[Cue, ...]
    expected: tuple[Expectation, ...] = ()
    seed: int = 1


def perform(script: Script) -> PlayReport:
    """Play a script on a temporary folder."""
    strikes = [
        Strike(fault_of(cue.fault), cue.at, cue.station, cue.variant, cue.lasts) for cue in script.cues
    ]
    expected = [Expected(expectation.at, expectation.sight()) for expectation in script.expected]
    with virtual_disk() as folder:
        return play(script.name, strikes, Path(folder), seed=script.seed, expected=expected)


def each(seed: int = 1, ids: tuple[str, ...] = ()) -> list[Script]:
    """Every fault alone, or those named, in each of its variants. Raises LookupError."""
    chosen = [fault_of(id_) for id_ in ids] or list(FAULTS.values())
    return [
        Script(
            f"{fault.id} ({variant})" if variant else fault.id, (Cue(fault.id, variant=variant),), seed=seed
        )
        for fault in chosen
        for variant in fault.variants
    ]


def at_random(seed: int, count: int = 6, every: Seconds = 20.0) -> Script:
    """Some faults in a row, drawn from a seed: what, where, when and for how long."""
    chance = Random(f"random/{seed}")  # noqa: S311 - a rehearsal, no secret
    known = [fault for fault in FAULTS.values() if not fault.alone and fault.site == Site()]
    cues: list[Cue] = []
    parts: set[str] = set()
    at = 0.0
    while len(cues) < count:
        fault = chance.choice(known)
        if fault.parts & parts:
            continue
        parts |= fault.parts
        cues.append(_cue(fault, chance, round(at, 2), chance.choice(CARS)))
        at += chance.expovariate(1.0 / every)
    return Script(f"random, seed {seed}", tuple(cues), seed=seed)


def _cue(fault: Fault, chance: Random, at: Seconds, station: str) -> Cue:
    return Cue(fault.id, at, station, chance.choice(fault.variants))
