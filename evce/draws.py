"""What a car draws between two reports of its station: at least, most likely, and once it has followed."""

from dataclasses import dataclass
from math import inf

from evce.facts import ConnectorFacts, Link
from evce.pledges import SETTLING, on_phases
from evce.units import NO_AMPS, Amps, Monotonic, PhaseAmps, Seconds

__all__ = ["DEAD_TIME", "REPORT_AGES", "REPORT_FADES", "RISES_WITHIN", "Draw", "draw_of"]

DEAD_TIME: Seconds = 2.0
"""A car that was told less begins to follow within this time; earlier it is no proof of anything else."""

REPORT_AGES: Seconds = 20.0
"""A report of this age begins to count less: four sample intervals of 5 s."""

REPORT_FADES: Seconds = 60.0
"""Over this time an old report fades to nothing; at once, the limit would oscillate (DESIGN §4.6)."""

RISES_WITHIN: Seconds = SETTLING
"""A car that was told more follows within this time; a report from before tells of a moment on its way."""

_AT_SETPOINT: Amps = 0.5
"""A car that reports this much less than its setpoint, or no less, uses it whole."""


@dataclass(frozen=True, slots=True)
class Draw:
    """The draw of one connector, A per grid phase.

    `least` is certain, `expected` our best knowledge of this moment, `settled` that of the moment when the
    car has followed its setpoint down, `risen` that of the moment when it has followed it up, `most` its
    pledge. `told_at` is the time of the last report of a car that may have taken more since, -inf where it
    was allowed more after that, None where it can't or where no report will come.
    """

    least: PhaseAmps
    expected: PhaseAmps
    settled: PhaseAmps
    risen: PhaseAmps
    most: PhaseAmps
    told_at: Monotonic | None = None


_NOTHING = Draw(NO_AMPS, NO_AMPS, NO_AMPS, NO_AMPS, NO_AMPS)


def draw_of(
    facts: ConnectorFacts, mask: tuple[bool, bool, bool], pledged: Amps, read_at: Monotonic, now: Monotonic
) -> Draw:
    """Return what the connector draws; `mask` names its possible grid phases, `pledged` is its pledge in A.

    A car that never reported is taken at its setpoint. `read_at` is when the meter was read beside which its
    draw is set.
    """
    idle = pledged == 0.0 and facts.transaction is None and not any(facts.drawn)
    if idle and (facts.draw is not None or not facts.setpoint):
        return _NOTHING
    setpoint = pledged if facts.setpoint is None else facts.setpoint
    most = on_phases(pledged, mask)
    if facts.draw is None or facts.draw_at is None:
        at_setpoint = on_phases(setpoint, mask)
        return Draw(NO_AMPS, at_setpoint, at_setpoint, at_setpoint, most)
    reported = _as_read(facts, facts.draw, facts.draw_at, setpoint, read_at)
    settled = (min(reported[0], setpoint), min(reported[1], setpoint), min(reported[2], setpoint))
    expected = _expected(facts, facts.draw_at, reported, settled, now)
    rises = _may_rise(facts, setpoint)
    return Draw(
        _least(facts, facts.draw_at, reported, pledged, now),
        expected,
        settled,
        _risen(expected, on_phases(setpoint, mask)) if rises and _on_its_way_up(facts) else expected,
        most,
        _told_at(facts, facts.draw_at) if rises else None,
    )


def _told_at(facts: ConnectorFacts, draw_at: Monotonic) -> Monotonic:
    """The last report; none counts of a car that was allowed more since, which may be what the meter sees."""
    return -inf if facts.acknowledged and facts.acknowledged[-1].at > draw_at else draw_at


def _as_read(
    facts: ConnectorFacts, draw: PhaseAmps, draw_at: Monotonic, setpoint: Amps, read_at: Monotonic
) -> PhaseAmps:
    """What the car drew when the meter was read, by a report that may be younger.

    One that was told less only after that, and uses it whole, used what it had before: its fall isn't in the
    reading, and beside it would be taken for the building's rise. Of one that pauses nobody knows the phases.
    """
    if draw_at <= read_at or not _AT_SETPOINT < setpoint <= max(draw) + _AT_SETPOINT:
        return draw
    for accepted in facts.acknowledged:
        if accepted.at <= read_at and (accepted.superseded_at is None or accepted.superseded_at > read_at):
            first, second, third = (
                max(amps, accepted.amps) if amps >= setpoint - _AT_SETPOINT else amps for amps in draw
            )
            return (first, second, third)
    return draw


def _least(
    facts: ConnectorFacts, draw_at: Monotonic, reported: PhaseAmps, pledged: Amps, now: Monotonic
) -> PhaseAmps:
    """The last report, no more than any setpoint accepted since, fading with the report's age.

    Nothing where the report doesn't tell the phases apart.
    """
    if not facts.split_known:
        return NO_AMPS
    ceiling = pledged
    for accepted in facts.acknowledged:
        if accepted.superseded_at is None or accepted.superseded_at > draw_at:
            ceiling = min(ceiling, accepted.amps)
    faded = 1.0 - min(max((now - draw_at - REPORT_AGES) / REPORT_FADES, 0.0), 1.0)
    first, second, third = reported
    return (min(first, ceiling) * faded, min(second, ceiling) * faded, min(third, ceiling) * faded)


def _expected(
    facts: ConnectorFacts, draw_at: Monotonic, reported: PhaseAmps, settled: PhaseAmps, now: Monotonic
) -> PhaseAmps:
    """A car that was told less draws all of what it reported for the dead time, then evenly less.

    Told less and less, it is on its way to each of these setpoints since it was told: the next one doesn't
    give it new time for the last.
    """
    if not facts.acknowledged:
        return settled
    expected = list(reported)
    most = max(reported)
    newer = -inf
    for accepted in reversed(facts.acknowledged):
        if accepted.amps < newer:
            break
        newer = accepted.amps
        if newer >= most:
            continue  # it leaves the car all that it reported
        at_report = _unsettled(draw_at - accepted.at)
        remaining = _unsettled(now - accepted.at) / at_report if at_report > 0.0 else 0.0
        for phase, amps in enumerate(reported):
            bound = accepted.amps + max(amps - accepted.amps, 0.0) * remaining
            expected[phase] = min(expected[phase], bound)
    return (expected[0], expected[1], expected[2])


def _on_its_way_up(facts: ConnectorFacts) -> bool:
    """Whether its last report was taken before it can have followed what it has been allowed since."""
    since = -inf
    for accepted in reversed(facts.acknowledged):
        if accepted.amps < max(facts.drawn) + _AT_SETPOINT:
            break
        since = accepted.at
    return facts.draw_at is not None and facts.draw_at < since + RISES_WITHIN


def _risen(expected: PhaseAmps, setpoint: PhaseAmps) -> PhaseAmps:
    return (max(expected[0], setpoint[0]), max(expected[1], setpoint[1]), max(expected[2], setpoint[2]))


def _may_rise(facts: ConnectorFacts, setpoint: Amps) -> bool:
    return (
        facts.link is Link.CONNECTED
        and facts.transaction is not None
        and max(facts.drawn) < setpoint - _AT_SETPOINT
    )


def _unsettled(since: Seconds) -> float:
    """How much of a step down a car has still before it, 1 to 0."""
    return 1.0 - min(max((since - DEAD_TIME) / (SETTLING - DEAD_TIME), 0.0), 1.0)
