"""Plays faults on a house in virtual time and judges what is seen: one, two at once, or a whole timeline."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from actors.messages import AskFailed
from evce.units import Seconds
from tools.faults.fault import Fault, Sight, When
from tools.faults.stage import Site, Stage, build
from tools.referee.page import as_html
from tools.rehearsal.house import LOOK_EVERY, House, RehearsalError
from tools.rehearsal.mishaps import Mishap
from tools.rehearsal.series import virtual_disk
from tools.simulation.world import WorldOptions

__all__ = ["Expected", "Observed", "PlayReport", "Strike", "play", "play_fault"]

FINE: Seconds = 0.05
"""How often is looked in the first seconds after something happened."""

FINE_FOR: Seconds = 2.0

DRILLS = ("KilledForDrill", "SystemExit", "HangForDrill", "hung")
"""In the reasons of the deaths that faults bring about themselves."""


@dataclass(frozen=True, slots=True)
class Strike:
    """A fault that strikes `at` s after the cars have settled. `lasts` replaces its own time."""

    fault: Fault
    at: Seconds = 0.0
    station: str = "O1"
    variant: str = ""
    lasts: Seconds | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """A sight of the whole play, whose time counts from `at` s on."""

    at: Seconds
    sight: Sight


@dataclass(frozen=True, slots=True)
class Observed:
    """One sight as it was: when it came true (s after strike or mending), and whether that was in time."""

    fault: str
    text: str
    seen: bool
    after: Seconds | None


@dataclass(frozen=True, slots=True)
class PlayReport:
    """What came of it: empty `problems` where all was well. `simulated` and `took` (processor time) in s."""

    name: str
    problems: tuple[str, ...]
    observed: tuple[Observed, ...]
    mishaps: tuple[str, ...]
    simulated: Seconds
    took: Seconds
    page: str = ""
    """The referee's, with each feeder over time; of a play that failed."""

    @property
    def passed(self) -> bool:
        return not self.problems


@dataclass
class _Watch:
    """A sight under way."""

    fault: str
    stage: Stage
    sight: Sight
    since: Seconds | None = None
    done: Observed | None = None

    def look(self, now: Seconds) -> None:
        if self.since is None or now < self.since or self.done is not None:
            return
        passed = now - self.since
        # Moments of virtual time are sums of floats.
        over = passed >= self.sight.within - 1e-6
        try:
            so = self.sight.so(self.stage)
        except AskFailed:  # the view itself is being replaced
            so = self.sight.kept and not over
        if (self.sight.kept and (not so or over)) or (not self.sight.kept and (so or over)):
            self._end(so, passed)

    def _end(self, seen: bool, passed: Seconds) -> None:
        after = passed if seen != self.sight.kept else None
        self.done = Observed(self.fault, str(self.sight), seen, after)


@dataclass
class _Course:
    """The state of one play."""

    house: House
    problems: list[str] = field(default_factory=list)
    watches: list[_Watch] = field(default_factory=list)
    mishaps: list[Mishap] = field(default_factory=list)
    agenda: list[tuple[Seconds, int, Strike | Stage]] = field(default_factory=list)
    mends: dict[int, Mishap] = field(default_factory=dict)
    fine_until: Seconds = 0.0


def play_fault(fault: Fault, variant: str = "", seed: int = 1) -> PlayReport:
    """Play one fault alone on a temporary folder."""
    name = f"{fault.id} ({variant})" if variant else fault.id
    with virtual_disk() as folder:
        return play(name, [Strike(fault, variant=variant)], Path(folder), seed=seed)


def play(
    name: str,
    strikes: Sequence[Strike],
    folder: Path,
    *,
    seed: int = 1,
    site: Site | None = None,
    options: WorldOptions | None = None,
    expected: Sequence[Expected] = (),
) -> PlayReport:
    """Let the faults strike in their time, watch what must be seen of each, and let everything calm down.

    All of them play on `site`, by default that of the first fault which has one of its own; `expected` is
    watched for as well. The whole time the referee watches the feeders; in the end the sessions on the disk
    are compared with what the cars took.
    """
    began = time.process_time()
    course = _Course(build(folder, site or _site_of(strikes), seed, options))
    house = course.house
    baseline = house.standing()
    if expected:
        audience = Stage(house)
        audience.listen()
        audience.begin()
        course.watches += [_Watch(name, audience, each.sight, house.now + each.at) for each in expected]
    try:
        _run(course, strikes)
        _calm(course, strikes, baseline)
    except RehearsalError as error:
        course.problems.append(str(error))
    except Exception as error:  # one play that breaks off ends no series
        course.problems.append(f"the play broke off: {type(error).__name__}: {error}")
    _judge(course, strikes)
    observed = tuple(watch.done for watch in course.watches if watch.done is not None)
    return PlayReport(
        name,
        tuple(course.problems),
        observed,
        tuple(map(str, course.mishaps)),
        house.now,
        time.process_time() - began,
        _page(name, seed, course) if course.problems else "",
    )


def _page(name: str, seed: int, course: _Course) -> str:
    """What the referee saw; problems that aren't the referee's own are told beside it."""
    referee = course.house.referee
    own = {f"referee: {violation}" for violation in referee.violations}
    referee.note(problem for problem in course.problems if problem not in own)
    return as_html(referee, f"{name}, seed {seed}", map(str, course.mishaps))


def _site_of(strikes: Sequence[Strike]) -> Site:
    return next((strike.fault.site for strike in strikes if strike.fault.site != Site()), Site())


def _run(course: _Course, strikes: Sequence[Strike]) -> None:
    house = course.house
    start = house.now
    alone = len(strikes) == 1
    waiting = sorted(strikes, key=lambda strike: strike.at)
    mending: list[tuple[Seconds, Stage, Mishap]] = []
    last = start
    while waiting or mending or house.now < last or any(_open(watch) for watch in course.watches):
        now = house.now
        for stage, mishap in [(stage, mishap) for at, stage, mishap in mending if at <= now]:
            mending = [entry for entry in mending if entry[1] is not stage]
            if mishap.mend is not None:
                mishap.mend(house)
            stage.mended = now
            _watch_from(course, stage, When.MEND, now)
            course.fine_until = now + FINE_FOR
        while waiting and start + waiting[0].at <= now:
            strike = waiting.pop(0)
            stage, mishap = _strike(course, strike, alone=alone)
            lasts = mishap.lasts if strike.lasts is None or mishap.mend is None else strike.lasts
            if mishap.mend is not None:
                mending.append((stage.struck + lasts, stage, mishap))
            last = max(last, stage.struck + max(lasts, strike.fault.watched))
            course.fine_until = house.now + FINE_FOR
        for watch in course.watches:
            watch.look(house.now)
        house.run(FINE if house.now < course.fine_until else LOOK_EVERY)


def _open(watch: _Watch) -> bool:
    return watch.since is not None and watch.done is None


def _strike(course: _Course, strike: Strike, *, alone: bool) -> tuple[Stage, Mishap]:
    stage = Stage(course.house, station=strike.station, variant=strike.variant)
    stage.listen()
    stage.begin()
    mishap = strike.fault.mishap(stage)
    course.mishaps.append(mishap)
    course.watches += [
        _Watch(strike.fault.id, stage, sight) for sight in strike.fault.sights if alone or not sight.alone
    ]
    mishap.strike(course.house)
    _watch_from(course, stage, When.STRIKE, stage.struck)
    return stage, mishap


def _watch_from(course: _Course, stage: Stage, when: When, now: Seconds) -> None:
    for watch in course.watches:
        if watch.stage is stage and watch.sight.when is when:
            watch.since = now


def _calm(course: _Course, strikes: Sequence[Strike], baseline: set[tuple[str, str]]) -> None:
    """Everything must come right again by itself."""
    house, within = course.house, max(strike.fault.calms_within for strike in strikes)
    house.run_until(house.all_verified, within, "every station is verified again")
    leaves = {code for strike in strikes for code in strike.fault.leaves}

    def others() -> set[tuple[str, str]]:
        return {alarm for alarm in house.standing() - baseline if alarm[0] not in leaves}

    try:
        house.run_until(lambda: not others(), within, "the alarms are over")
    except RehearsalError as error:
        raise RehearsalError(f"{error}: {sorted(others())}") from error
    if all(strike.fault.books for strike in strikes):
        for where in list(house.world.stations):
            house.world.stations[where].unplug(1, house.now)
        house.run_until(lambda: not house.differences(), 60.0, "the books agree")


def _judge(course: _Course, strikes: Sequence[Strike]) -> None:
    house = course.house
    course.problems += [
        f"{watch.fault}: not seen: {watch.sight}"
        for watch in course.watches
        if watch.done is None or not watch.done.seen
    ]
    course.problems += [f"referee: {violation}" for violation in house.referee.violations]
    if all(strike.fault.books for strike in strikes):
        course.problems += [f"books: {difference}" for difference in house.differences()]
    course.problems += [
        f"an actor died: {death}" for death in house.deaths() if not any(word in death for word in DRILLS)
    ]
    try:
        house.close()
    except RehearsalError as error:
        course.problems.append(str(error))
