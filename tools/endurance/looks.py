"""What people can see of a fault on the ground: alarms, links, sessions, and what cars are offered."""

from collections.abc import Callable, Sequence
from typing import Final

from evce.units import Amps, Seconds
from tools.endurance.ground import CARS
from tools.endurance.trial import Look, Scene
from tools.faults.fault import When

__all__ = [
    "alarm",
    "alarm_over",
    "back",
    "fallen",
    "happened",
    "no_alarm",
    "not_raised",
    "one_alarm",
    "same_sessions",
    "unmoved",
    "watch",
]

_SAME: Final[Amps] = 1.0
"""The building's drift gives some tenths."""


def watch(text: str, within: Seconds, so: Callable[[Scene], bool], when: When = When.STRIKE) -> Look:
    """Something that must be so within this time."""
    return Look(text, within, so, when)


def alarm(code: str, source: str, within: Seconds) -> Look:
    """An alarm stands."""
    return Look(f"alarm {code} of {source}", within, lambda scene: (code, source) in scene.now.alarms)


def no_alarm(code: str, during: Seconds = 0.0) -> Look:
    """No such alarm stands."""
    return Look(
        f"no alarm {code}",
        during,
        lambda scene: not any(known == code for known, _ in scene.now.alarms),
        kept=True,
    )


def alarm_over(code: str, within: Seconds) -> Look:
    """No such alarm stands any more once the fault is over."""
    return Look(
        f"alarm {code} is over",
        within,
        lambda scene: scene.now.up and not any(known == code for known, _ in scene.now.alarms),
        When.MEND,
    )


def not_raised(names: Sequence[str], during: Seconds = 0.0) -> Look:
    """None of these cars is offered more than before."""
    return Look(
        f"{', '.join(names)} not raised",
        during,
        lambda scene: all(scene.now.pilots[name] <= scene.before.pilots[name] + _SAME for name in names),
        kept=True,
    )


def same_sessions(names: Sequence[str] = CARS, during: Seconds = 0.0) -> Look:
    """The sessions of these stations run on."""
    return Look(
        "same sessions" if len(names) == len(CARS) else f"same session of {', '.join(names)}",
        during,
        lambda scene: all(scene.now.running.get(name) == scene.before.running[name] for name in names),
        kept=True,
    )


def back(names: Sequence[str], within: Seconds, when: When = When.MEND) -> Look:
    """These stations are connected and verified."""
    return Look(
        f"{'all' if len(names) == len(CARS) else ', '.join(names)} connected and verified",
        within,
        lambda scene: scene.now.verified >= set(names),
        when,
    )


def unmoved(names: Sequence[str], during: Seconds) -> Look:
    """These cars are offered what they were offered."""
    return Look(
        f"{', '.join(names)} neither raised nor cut",
        during,
        lambda scene: all(abs(scene.now.pilots[n] - scene.before.pilots[n]) <= _SAME for n in names),
        kept=True,
    )


def one_alarm(code: str, during: Seconds) -> Look:
    """It may begin once, and not again after it was over."""

    def so(scene: Scene) -> bool:
        stands, begun = any(known == code for known, _ in scene.now.alarms), f"{code} begun"
        if stands != bool(scene.notes.get(code)):
            scene.notes[code] = float(stands)
            scene.notes[begun] = scene.notes.get(begun, 0.0) + stands
        return scene.notes.get(begun, 0.0) <= 1.0

    return Look(f"one alarm {code} at most", during, so, kept=True)


def fallen(within: Seconds) -> Look:
    """Every car gets no more than its fall-back, which nobody told its station now."""
    return watch(
        "every car at its fall-back, by itself",
        within,
        lambda scene: all(scene.now.pilots[name] <= scene.ground.fallback(name) + 0.1 for name in CARS),
    )


def happened(proxy: str, what: str, who: str = "") -> Look:
    """The proxy truly did it: a fault that never struck proves nothing."""

    def so(scene: Scene) -> bool:
        count = scene.ground.proxies.seen(proxy, who)[what]
        return count > scene.notes.setdefault(f"{proxy} {what}", count)

    return watch(f"it happened ({what})", 30.0, so)
