"""The sights that many faults have in common."""

from evce.units import Amps, Seconds
from tools.faults.fault import Sight, When
from tools.faults.stage import Stage

__all__ = [
    "alarm",
    "alarm_over",
    "back",
    "line",
    "no_raise",
    "one_alarm",
    "same_sessions",
    "under",
    "unmoved",
]


def alarm(code: str, within: Seconds, *, at_victim: str = "", alone: bool = False) -> Sight:
    """An alarm is raised, or stands already; `at_victim` names the stage's attribute that is its source."""

    def so(stage: Stage) -> bool:
        source = str(getattr(stage, at_victim)) if at_victim else ""
        return stage.raised(code, source) > 0 or stage.stands(code, source)

    return Sight(f"alarm {code}", within, so, alone=alone)


def one_alarm(code: str, during: Seconds) -> Sight:
    """At most one such alarm is raised."""
    return Sight(
        f"no second alarm {code}", during, lambda stage: stage.raised(code) <= 1, kept=True, alone=True
    )


def alarm_over(code: str, within: Seconds) -> Sight:
    """No such alarm stands any more once it is mended."""
    return Sight(f"alarm {code} is over", within, lambda stage: not stage.stands(code), When.MEND, alone=True)


def line(words: str, within: Seconds) -> Sight:
    """The event log says so."""
    return Sight(f"log: “{words}”", within, lambda stage: stage.said(words), alone=True)


def no_raise(during: Seconds, by: Amps = 1.0) -> Sight:
    """No other car is offered more: the victim's share stays reserved."""
    return Sight(
        "no other car is raised", during, lambda stage: stage.nobody_rises(by), kept=True, alone=True
    )


def unmoved(during: Seconds, by: Amps = 1.0) -> Sight:
    """No car is offered less."""
    return Sight("no car is cut", during, lambda stage: stage.nobody_falls(by), kept=True, alone=True)


def under(zone: str, limit: Amps, within: Seconds, *, alone: bool = True) -> Sight:
    """What truly flows is below."""

    def so(stage: Stage) -> bool:
        return max(stage.house.cars(zone)) <= limit

    return Sight(f"the cars of {zone} draw {limit:g} A at most", within, so, alone=alone)


def same_sessions(during: Seconds) -> Sight:
    """Every session runs on."""
    return Sight("every session runs on", during, Stage.same_sessions, kept=True, alone=True)


def back(within: Seconds, when: When = When.MEND) -> Sight:
    """The victim is connected and verified."""
    return Sight("the station is connected and verified", within, Stage.linked, when, alone=True)
