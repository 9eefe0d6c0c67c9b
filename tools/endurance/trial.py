"""One fault played on the ground: what must be seen of it in which time, and what was seen."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from evce.units import Amps, Monotonic, Seconds
from tools.endurance.ground import CARS, Glance, Ground
from tools.faults.fault import When

__all__ = [
    "Finding",
    "Look",
    "Scene",
    "Trial",
    "Verdict",
    "play",
    "play_all",
]

SETTLES_WITHIN: Final[Seconds] = 90.0
"""Before a trial: every station verified and every car at its share."""

CALMS_WITHIN: Final[Seconds] = 120.0
"""After it everything is as before, and every message delivered."""

_SUSPECTED: Final = "setpoint_not_respected"
_LATE: Final[Seconds] = 10.0
"""What wasn't seen in time is waited for twice as long and this: by how much it is late tells much."""

_WELL_USED: Final = 0.85
"""Of a feeder's maximum: all cars want more than they get."""

_STEADY: Final[Seconds] = 4.0
_SAME: Final[Amps] = 1.0
"""The building's drift gives some tenths."""


@dataclass
class Scene:
    """A trial that is being played. `before` is what was seen last before it struck, `now` what is so now."""

    ground: Ground
    before: Glance
    now: Glance
    struck: Monotonic
    mended: Monotonic | None = None
    notes: dict[str, float] = field(default_factory=dict)
    """A look's own."""


@dataclass(frozen=True, slots=True)
class Look:
    """Something that must be seen within so many seconds; with `kept` it must be so all that time.

    A kept look `within` 0 lasts as long as the fault.
    """

    text: str
    within: Seconds
    so: Callable[[Scene], bool]
    when: When = When.STRIKE
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of a look: after how many seconds it was seen, or for one that is kept, no longer."""

    look: Look
    good: bool
    after: Seconds | None

    @property
    def allowed(self) -> str:
        """Until when it was to be seen."""
        look = self.look
        since = ", from the end" if look.when is When.MEND else ""
        if look.kept:
            return f"for {look.within:g}" if look.within else "as long as it lasts"
        return f"within {look.within:g}{since}"

    @property
    def seen(self) -> str:
        """What was seen."""
        if self.look.kept:
            return "kept" if self.after is None else f"not any more after {self.after:.1f}"
        return "never" if self.after is None else f"{self.after:.1f}"

    def __str__(self) -> str:
        return f"{self.look.text} ({self.allowed}): {self.seen}"


@dataclass(frozen=True, slots=True)
class Trial:
    """One fault. `row` is its name in the requirements.

    It `lasts` so many seconds where nobody asks for more or less, and needs `least` for what is to be seen
    of it. `strike` and `mend` do it; the `steps` are done so many seconds after it struck. `garbles`:
    whether it makes frames that must be complained of.
    """

    name: str
    row: str
    breaks: str
    strike: Callable[[Scene], object]
    looks: tuple[Look, ...]
    mend: Callable[[Scene], object] = lambda scene: scene.ground.calm()
    lasts: Seconds = 15.0
    least: Seconds = 0.0
    steps: tuple[tuple[Seconds, Callable[[Scene], object]], ...] = ()
    garbles: bool = False
    suspects: bool = False
    """Whether a car may count as one that doesn't follow, until it leaves."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a trial; `problems` are those of the referee and of the books."""

    trial: Trial
    findings: tuple[Finding, ...]
    problems: tuple[str, ...]
    took: Seconds

    @property
    def good(self) -> bool:
        """Whether all was seen in time, and nothing else went wrong."""
        return not self.problems and all(finding.good for finding in self.findings)

    @property
    def complaints(self) -> tuple[str, ...]:
        """All that is wrong, in sentences."""
        missed = (str(finding) for finding in self.findings if not finding.good)
        return tuple(f"{self.trial.name}: {text}" for text in (*missed, *self.problems))


class _Watched:
    """A look while its time runs."""

    def __init__(self, look: Look, lasts: Seconds) -> None:
        self.look = look
        self.within = lasts if look.kept and not look.within else look.within
        self.finding: Finding | None = None

    def judge(self, scene: Scene) -> None:
        """Hold it against what is seen now; once decided, it stays so."""
        since = scene.struck if self.look.when is When.STRIKE else scene.mended
        if self.finding is not None or since is None:
            return
        after = scene.now.at - since
        if after < 0.0:
            return
        if self.look.kept:
            if after > self.within:
                self.finding = Finding(self.look, True, None)
            elif not self.look.so(scene):
                self.finding = Finding(self.look, False, after)
        elif self.look.so(scene):
            self.finding = Finding(self.look, after <= self.within, after)
        elif after > 2.0 * self.within + _LATE:
            self.finding = Finding(self.look, False, None)


def play(ground: Ground, trial: Trial, seconds: Seconds | None = None, patience: float = 1.0) -> Verdict:
    """Play one trial, for `seconds` where that is enough for its looks, from calm to calm.

    `patience` stretches the times within which something must be seen, for a machine that is slow.
    """
    began = time.monotonic()
    lasts = trial.lasts if seconds is None else max(trial.least, seconds)
    if not _until_calm(ground, SETTLES_WITHIN * patience, steady=True):
        return Verdict(trial, (), (f"not calm before it: {_unrest(ground)}",), time.monotonic() - began)
    breaches, complaints = len(ground.referee.violations), len(ground.complaints())
    before = ground.now
    scene = Scene(ground, before, before, time.monotonic())
    watched = [
        _Watched(look if look.kept else replace(look, within=look.within * patience), lasts)
        for look in trial.looks
    ]
    todo = [*sorted(trial.steps, key=lambda step: step[0]), (lasts, trial.mend)]
    trial.strike(scene)
    while todo or any(each.finding is None for each in watched):
        scene.now = ground.next(scene.now)
        for each in watched:
            each.judge(scene)
        while todo and scene.now.at - scene.struck >= todo[0][0]:
            _, action = todo.pop(0)
            if not todo:
                scene.mended = time.monotonic()
            action(scene)
    if trial.suspects:
        _see_to_suspects(ground)
    calmed = _until_calm(ground, CALMS_WITHIN * patience, steady=False)
    problems = [] if calmed else [f"not calm {CALMS_WITHIN:g} s after its end: {_unrest(ground)}"]
    problems += map(str, ground.referee.violations[breaches:])
    problems += ground.disagreements()
    if not trial.garbles:
        problems += ground.complaints()[complaints:]
    findings = tuple(each.finding for each in watched if each.finding is not None)
    return Verdict(trial, findings, tuple(problems), time.monotonic() - began)


def play_all(
    ground: Ground,
    trials: Sequence[Trial],
    seconds: Seconds | None,
    begun: Callable[[Trial], object],
    told: Callable[[Verdict], object],
    patience: float = 1.0,
) -> list[Verdict]:
    """Play one after another; `begun` hears of each when it begins, `told` when it is over.

    A site that doesn't calm down before a trial isn't played on with.
    """
    verdicts: list[Verdict] = []
    for trial in trials:
        begun(trial)
        verdict = play(ground, trial, seconds, patience)
        verdicts.append(verdict)
        told(verdict)
        if not verdict.findings:
            break
    return verdicts


def _until_calm(ground: Ground, within: Seconds, *, steady: bool) -> bool:
    for name in CARS:
        if ground.site.world.stations[name].outlets[1].vehicle is None:
            ground.plug(name)
    since = time.monotonic()
    return ground.wait(
        lambda glance: not _unrest(ground) and (not steady or _is_steady(ground, glance, since)), within
    )


def _see_to_suspects(ground: Ground) -> None:
    """Whoever didn't hear a reduction is suspected of not following it, as long as its car is there."""
    suspects = {source for code, source in ground.next(ground.now).alarms if code == _SUSPECTED}
    for source in suspects:
        ground.unplug(source.partition("/")[0])
    if suspects:
        ground.wait(
            lambda glance: ground.all_told() and all(code != _SUSPECTED for code, _ in glance.alarms),
            SETTLES_WITHIN,
        )


def _unrest(ground: Ground) -> str:
    """What isn't as it should be, for people; empty when all is well."""
    now = ground.now
    found = []
    if not now.up:
        found.append("the daemon doesn't answer")
    elif len(now.verified) < len(CARS):
        found.append(f"not verified: {', '.join(sorted(set(CARS) - now.verified))}")
    if any(now.running.get(name) is None for name in CARS):
        found.append("not every car has its transaction")
    if now.alarms:
        found.append(f"alarms {', '.join(sorted(f'{code} of {source}' for code, source in now.alarms))}")
    if now.waiting or now.online < len(CARS):
        found.append(f"{now.online} uplinks, {now.waiting} messages for the operator")
    if not ground.all_told():
        found.append("stations have more to tell")
    return "; ".join(found)


def _is_steady(ground: Ground, glance: Glance, since: Monotonic) -> bool:
    """Whether every car has its share, which hasn't moved for a while, and each feeder is well used."""
    if glance.at - since < _STEADY:
        return False
    lately = ground.since(glance.at - _STEADY)
    truth, zones = ground.site.truth(), ground.model.zones
    return all(
        max(g.pilots[name] for g in lately) - min(g.pilots[name] for g in lately) <= _SAME
        and glance.pilots[name] > 0.0
        for name in CARS
    ) and all(max(truth[root]) >= _WELL_USED * zones[root].maximum for root in ground.model.roots)
