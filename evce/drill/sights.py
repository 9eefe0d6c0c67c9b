"""What a drill looks at: one line of its table for each thing that people see."""

from typing import Final

from evce.drill.expectation import Expectation, Sight
from evce.drill.kinds import Stage
from evce.facts import Link
from evce.planning.foresight import Foreseen
from evce.units import Amps, BoxIdentity, MeterId, Seconds, TransactionId, ZoneId
from evce.views import SiteSnapshot

__all__ = [
    "CLOSE",
    "NOTICED",
    "alarm_over",
    "alarm_stands",
    "board",
    "in_amps",
    "limit_is",
    "limit_is_no_longer",
    "link",
    "meter_is",
    "pledges_fit",
    "queue",
    "setpoint_follows",
    "setpoints_fit",
    "share_held",
    "station_is_away",
    "verified",
]

CLOSE: Final[Amps] = 1.0
"""A car may come, go or rest between the prediction and the cut; a smaller difference is none."""

NOTICED: Final[Seconds] = 1.0
"""Until people see what an actor knows (RELIABILITY §2: an outcome is shown within a second)."""

_TENTH: Final[Amps] = 0.1


def share_held(each: Foreseen) -> Expectation:
    """The pledge of a lost connector stays what the planner says, at every look."""
    low, high = sorted((each.pledge, each.pledge_after))

    def look(sight: Sight) -> tuple[str, bool]:
        line = sight.pledges.get(str(each.key))
        if line is None:
            return "unknown", False
        amps = max(line.pledge)
        return in_amps(amps), low - _TENTH <= amps <= high + _TENTH

    predicted = (
        f"{in_amps(high)} stay reserved"
        if high - low < _TENTH
        else f"{in_amps(low)} to {in_amps(high)} reserved"
    )
    return Expectation(Stage.CUT, f"outlet {each.key}", predicted, NOTICED, look, holds=True)


def setpoint_follows(each: Foreseen, within: Seconds, before: SiteSnapshot) -> Expectation:
    """A car that is told less takes it. Where it doesn't, cars that came or left since `before` are told."""

    def look(sight: Sight) -> tuple[str, bool]:
        station = sight.snapshot.stations.get(each.key.station)
        views = () if station is None else station.connectors
        view = next((view for view in views if view.key == each.key), None)
        if view is None or view.setpoint is None:
            return "unknown", False
        if view.transaction is None:
            return "its session is over", True
        if abs(view.setpoint - each.then) <= CLOSE:
            return in_amps(view.setpoint), True
        return f"{in_amps(view.setpoint)}{_meanwhile(before, sight.snapshot)}", False

    predicted = f"{in_amps(each.now)} -> {in_amps(each.then)}"
    return Expectation(Stage.CUT, f"outlet {each.key}", predicted, within, look)


# What zones do.


def limit_is(zone: ZoneId, most: Amps, bound: str, within: Seconds) -> Expectation:
    """The zone's limit falls to `most`, A; `bound` begins what sets it, empty for anything."""

    def look(sight: Sight) -> tuple[str, bool]:
        view = sight.snapshot.zones.get(zone)
        if view is None:
            return "unknown", False
        so = max(view.limit) <= most + _TENTH and view.bound_by.startswith(bound)
        return f"{in_amps(max(view.limit))}, by {view.bound_by}", so

    predicted = f"limit {in_amps(most)}" + (f", by {bound}" if bound else " at most")
    return Expectation(Stage.CUT, f"zone {zone}", predicted, within, look)


def limit_is_no_longer(zone: ZoneId, bound: str, within: Seconds) -> Expectation:
    """Something else sets the zone's limit again."""

    def look(sight: Sight) -> tuple[str, bool]:
        view = sight.snapshot.zones.get(zone)
        if view is None:
            return "unknown", False
        return f"{in_amps(max(view.limit))}, by {view.bound_by}", not view.bound_by.startswith(bound)

    return Expectation(Stage.RESTORED, f"zone {zone}", f"no longer by {bound}", within, look)


def setpoints_fit(zone: ZoneId, within: Seconds) -> Expectation:
    """All that is granted in the zone is within its limit."""

    def look(sight: Sight) -> tuple[str, bool]:
        view = sight.snapshot.zones.get(zone)
        if view is None:
            return "unknown", False
        over = max(view.setpoints[phase] - view.limit[phase] for phase in range(3))
        return f"{in_amps(max(view.setpoints))} of {in_amps(max(view.limit))}", over <= _TENTH

    return Expectation(Stage.CUT, f"zone {zone}", "setpoints within its limit", within, look, holds=True)


def pledges_fit(zone: ZoneId, within: Seconds) -> Expectation:
    """All that may be drawn in the zone is within its limit."""

    def look(sight: Sight) -> tuple[str, bool]:
        view = sight.snapshot.zones.get(zone)
        if view is None:
            return "unknown", False
        over = max(view.pledged[phase] - view.limit[phase] for phase in range(3))
        return f"{in_amps(max(view.pledged))} of {in_amps(max(view.limit))}", over <= _TENTH

    return Expectation(
        Stage.CUT, f"zone {zone}", "all that may be drawn within its limit", within, look, holds=True
    )


# What people see.


def meter_is(name: MeterId, state: str, within: Seconds, stage: Stage) -> Expectation:
    """The meter's state, in the words of the pages."""

    def look(sight: Sight) -> tuple[str, bool]:
        view = sight.snapshot.meters.get(name)
        return ("unknown", False) if view is None else (view.state, view.state == state)

    return Expectation(stage, f"meter {name}", state, within, look)


def station_is_away(name: BoxIdentity, within: Seconds) -> Expectation:
    """People see that the station is away."""

    return Expectation(
        Stage.CUT, f"station {name}", "not connected", within, lambda sight: link(sight, name, Link.LOST)
    )


def link(sight: Sight, name: BoxIdentity, link: Link) -> tuple[str, bool]:
    """Whether the station's link is seen so."""
    view = sight.snapshot.stations.get(name)
    if view is None:
        return "unknown", False
    return "connected" if view.link is Link.CONNECTED else "not connected", view.link is link


def verified(sight: Sight, name: BoxIdentity) -> tuple[str, bool]:
    """Whether the station is connected, and its profiles verified."""
    view = sight.snapshot.stations.get(name)
    so = view is not None and view.link is Link.CONNECTED and view.verified
    return "verified" if so else "not verified", so


def board(sight: Sight, *, lost: bool) -> tuple[str, bool]:
    """Whether the digital inputs are shown as lost."""
    is_lost = any(channel.board_lost for channel in sight.snapshot.inputs if channel.enabled)
    return "can't be read" if is_lost else "read", is_lost is lost


def alarm_stands(code: str, source: str, within: Seconds) -> Expectation:
    """An alarm stands while it is cut off."""

    return Expectation(
        Stage.CUT, f"alarm {code}", "stands", within, lambda sight: _stands(sight, code, source, so=True)
    )


def alarm_over(code: str, source: str, within: Seconds) -> Expectation:
    """The alarm is over once it is restored."""

    return Expectation(
        Stage.RESTORED, f"alarm {code}", "over", within, lambda sight: _stands(sight, code, source, so=False)
    )


def _stands(sight: Sight, code: str, source: str, *, so: bool) -> tuple[str, bool]:
    stands = any((alarm.code, alarm.source) == (code, source) for alarm in sight.snapshot.alarms)
    return "stands" if stands else "none", stands is so


def queue(sight: Sight, before: SiteSnapshot) -> tuple[str, bool]:
    """Whether no more messages wait for the operator than `before`."""
    waiting = sum(view.waiting for view in sight.snapshot.uplinks.values())
    had = sum(view.waiting for view in before.uplinks.values())
    return f"{waiting} messages", waiting <= had


def _meanwhile(before: SiteSnapshot, after: SiteSnapshot) -> str:
    """Who came and who left changes everybody's share."""
    had, has = _sessions(before), _sessions(after)
    came, left = len(has - had), len(had - has)
    return f"; meanwhile {came} came and {left} left" if came or left else ""


def _sessions(snapshot: SiteSnapshot) -> set[TransactionId]:
    return {
        each.transaction.id
        for station in snapshot.stations.values()
        for each in station.connectors
        if each.transaction is not None
    }


def in_amps(amps: Amps) -> str:
    """As people read it."""
    return f"{round(amps, 1):g} A"
