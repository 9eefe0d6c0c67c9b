"""What must follow from a drill: from the planner's own foresight, and from the proof of the site's fuses."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from evce.configuration.choices import MeterRole
from evce.configuration.document import SiteDocument
from evce.configuration.proven import proof_of
from evce.cpo.link import back_off
from evce.drill.expectation import Expectation, Sight
from evce.drill.kinds import Kind, Stage
from evce.drill.sights import (
    CLOSE,
    NOTICED,
    alarm_over,
    alarm_stands,
    board,
    in_amps,
    limit_is,
    limit_is_no_longer,
    link,
    meter_is,
    pledges_fit,
    queue,
    setpoint_follows,
    setpoints_fit,
    share_held,
    station_is_away,
    verified,
)
from evce.drill.target import Target
from evce.electrical import SiteModel
from evce.facts import Link
from evce.planning.foresight import Foreseen, Foresight
from evce.plausibility import PlausibilityLimits
from evce.pledges import SETTLING
from evce.proof import Event, course_sentence, overload_sentence, zone_sentence
from evce.station_control.settings import LEASE_MARGIN
from evce.units import BoxIdentity, MeterId, Seconds, ZoneId
from evce.views import SiteSnapshot

__all__ = ["Prediction", "degraded", "predict"]

TOLD: Final[Seconds] = 2.0
"""Until a station has taken a reduction (invariant 15)."""

BOARD_LOST: Final[Seconds] = 2.0
"""RELIABILITY §2, GPIO missing; it is tried again as often."""

STATION_BACK: Final[Seconds] = 60.0
"""RELIABILITY §2: stations call again by themselves."""

VERIFIED_BACK: Final[Seconds] = 90.0
"""And its profiles are verified again half a minute later."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """`notes` tell in words what follows. `least` is the shortest drill in s that can show it.

    `dangers` name what might be overloaded meanwhile, or raised by the drill; it is refused unless forced.
    """

    target: Target
    notes: tuple[str, ...]
    dangers: tuple[str, ...]
    least: Seconds
    expectations: tuple[Expectation, ...]


def degraded(target: Target, document: SiteDocument, snapshot: SiteSnapshot) -> tuple[str, ...]:
    """What is amiss already in the trees that a drill concerns; with it a drill would show nothing."""
    model = document.model()
    inside = {zone for root in target.roots(model) for zone in model.subtree(root)}
    found = []
    for zone in snapshot.zones.values():
        if zone.id in inside and zone.bound_by.startswith("meter lost"):
            found.append(f"zone {zone.id} is degraded: its meter is lost")
    for meter in snapshot.meters.values():
        zones = Target(Kind.METER, meter.id).zones(model)
        if meter.state != "connected" and (inside.intersection(zones) or target.name == meter.id):
            found.append(f"meter {meter.id} is {meter.state}")
    for station in snapshot.stations.values():
        concerned = station.zone in inside or (
            target.kind is Kind.STATION and target.name == station.box_identity
        )
        if not concerned or not station.registered:
            continue
        if station.link is not Link.CONNECTED:
            found.append(f"station {station.box_identity} is not connected")
        elif not station.verified:
            found.append(f"station {station.box_identity} is not verified yet")
    if any(channel.board_lost for channel in snapshot.inputs) and (inside or target.kind is Kind.INPUTS):
        found.append("the digital inputs can't be read")
    if target.kind is Kind.CPO:
        uplinks = {str(station): view.state for station, view in snapshot.uplinks.items()}
        wanted = (
            [target.name] if target.name else [name for name, state in uplinks.items() if state != "away"]
        )
        offline = [name for name in wanted if uplinks.get(name) != "online"]
        found += [f"the uplink of {name} is {uplinks.get(name, 'away')}" for name in offline]
        if not wanted:
            found.append("no uplink to the operator is online")
    return tuple(found)


def predict(
    target: Target,
    document: SiteDocument,
    snapshot: SiteSnapshot,
    foresights: Mapping[ZoneId, Foresight],
    lasts: Seconds,
) -> Prediction:
    """Say what follows when the target is cut off for `lasts` s; `foresights` by the root of each tree."""
    known = _Known(target, document, document.model(), snapshot, foresights, lasts)
    match target.kind:
        case Kind.METER:
            return _meter(known)
        case Kind.STATION:
            return _station(known)
        case Kind.CPO:
            return _cpo(known)
        case _:
            return _inputs(known)


@dataclass(frozen=True, slots=True)
class _Known:
    target: Target
    document: SiteDocument
    model: SiteModel
    snapshot: SiteSnapshot
    foresights: Mapping[ZoneId, Foresight]
    lasts: Seconds

    def connectors(self) -> Iterator[Foreseen]:
        for foresight in self.foresights.values():
            yield from foresight.connectors

    def of(self, zone: ZoneId) -> Foresight | None:
        return self.foresights.get(self.model.path(zone)[-1])

    def lifted(self) -> tuple[str, ...]:
        """A zone that the drill would give more than it has now."""
        return tuple(
            f"zone {zone}: its limit would rise from {in_amps(min(before))} "
            f"to {in_amps(min(foresight.limits[zone]))}"
            for foresight in self.foresights.values()
            for zone, before in foresight.before.items()
            if min(foresight.limits[zone]) > min(before) + CLOSE
        )


# The four kinds.


def _meter(known: _Known) -> Prediction:
    name = MeterId(known.target.name)
    settings = known.document.meter(name)
    poll = settings.poll_ms / 1000.0
    limits = PlausibilityLimits(poll)
    lost, back = limits.lost_after + NOTICED, limits.good_polls * poll + limits.poll + NOTICED
    rows = [
        meter_is(name, "not connected", lost, Stage.CUT),
        alarm_stands("meter_lost", name, lost),
        meter_is(name, "connected", back + NOTICED, Stage.RESTORED),
        alarm_over("meter_lost", name, back + NOTICED),
    ]
    zones = known.target.zones(known.model)
    proof = {zone.zone: zone for zone in proof_of(known.document).zones}
    notes, dangers = [], list(known.lifted())
    for zone in zones:
        if known.model.zones[zone].meter != name:
            notes.append(f"zone {zone}: local production that this meter reads no longer adds to its limit")
            continue
        foresight = known.of(zone)
        cases = [case for case in proof[zone].cases if case.event is Event.METER_LOST and case.over > 0.0]
        if cases:
            dangers.append(f"zone {zone} {overload_sentence(max(cases, key=lambda case: case.over))}")
        notes.append(f"zone {zone}: {zone_sentence(proof[zone])}")
        if foresight is not None:
            most = max(foresight.limits[zone])
            bound = foresight.bound_by[zone]
            notes.append(
                f"zone {zone} goes degraded after {limits.lost_after:g} s: "
                f"{in_amps(most)} per phase for its cars"
            )
            rows += [
                limit_is(zone, most, bound, lost),
                setpoints_fit(zone, lost + TOLD),
                pledges_fit(zone, lost + TOLD + SETTLING),
                limit_is_no_longer(zone, bound, back + NOTICED),
            ]
    if settings.role is MeterRole.REPORTING or not zones:
        notes.append("no zone lives by this meter: nothing is reduced")
    changes, cut = _cuts(known, lost + TOLD)
    return _prediction(known, [*notes, *changes], dangers, limits.lost_after + NOTICED + TOLD, [*rows, *cut])


def _station(known: _Known) -> Prediction:
    name = BoxIdentity(known.target.name)
    zone = known.model.stations[name].zone
    rows = [
        station_is_away(name, NOTICED),
        alarm_stands("disconnected", name, NOTICED),
        Expectation(
            Stage.RESTORED,
            f"station {name}",
            "connected",
            STATION_BACK,
            lambda sight: link(sight, name, Link.CONNECTED),
        ),
        Expectation(
            Stage.RESTORED, f"station {name}", "verified again", VERIFIED_BACK, lambda s: verified(s, name)
        ),
    ]
    notes, dangers = [], []
    for each in known.connectors():
        if each.key.station == name:
            notes.append(_kept(each))
            rows.append(share_held(each))
    for member in () if zone is None else known.model.path(zone):
        proof = next(zone for zone in proof_of(known.document).zones if zone.zone == member)
        cases = [case for case in proof.cases if case.event is Event.STATIONS_LOST and case.over > 0.0]
        if cases:
            dangers.append(f"zone {member} {overload_sentence(max(cases, key=lambda case: case.over))}")
        notes.append(f"zone {member}: {zone_sentence(proof)}")
        if proof.exposed:
            # What it holds may stay until the longest of its leases has run out.
            leases = [each.lease or 0.0 for each in known.connectors() if each.key.station == name]
            notes.append(f"zone {member}: {course_sentence(proof, round(max(leases) + LEASE_MARGIN))}")
        if not known.model.zones[member].dynamic:  # elsewhere the limit moves with the building
            rows.append(pledges_fit(member, NOTICED + TOLD + SETTLING))
    changes, cut = _cuts(known, NOTICED + TOLD)
    return _prediction(known, [*notes, *changes], dangers, NOTICED + TOLD, [*rows, *cut])


def _cpo(known: _Known) -> Prediction:
    online = [
        station
        for station, view in known.snapshot.uplinks.items()
        if view.state == "online" and known.target.name in ("", station)
    ]
    failures, waited = 0, 0.0
    while waited <= known.lasts:
        waited += back_off(failures, 0.0)
        failures += 1
    back = back_off(failures, 1.0) + STATION_BACK

    def count(sight: Sight, *, up: bool) -> tuple[str, bool]:
        views = [sight.snapshot.uplinks.get(station) for station in online]
        there = sum(view is not None and view.state == "online" for view in views)
        return f"{there} of {len(online)} online", there == (len(online) if up else 0)

    def limits(sight: Sight) -> tuple[str, bool]:
        changed = [
            zone
            for zone, view in known.snapshot.zones.items()
            if zone in sight.snapshot.zones and sight.snapshot.zones[zone].bound_by != view.bound_by
        ]
        return ("unchanged", True) if not changed else (f"other in {', '.join(changed)}", False)

    rows = [
        Expectation(Stage.CUT, str(known.target), "0 online", NOTICED, lambda s: count(s, up=False)),
        Expectation(Stage.CUT, "what limits each zone", "unchanged", NOTICED, limits, holds=True),
        Expectation(
            Stage.RESTORED, str(known.target), f"{len(online)} online", back, lambda s: count(s, up=True)
        ),
        Expectation(
            Stage.RESTORED, "queue to the operator", "empty", back, lambda s: queue(s, known.snapshot)
        ),
    ]
    notes = [
        "charging goes on by the limits of the site; what the operator must know waits on the disk",
        f"each uplink dials again by itself, at most {back_off(failures, 1.0):.0f} s after it is restored",
    ]
    return _prediction(known, notes, [], NOTICED + TOLD, rows)


def _inputs(known: _Known) -> Prediction:
    percent = known.document.inputs.safe_percent
    shown, told = BOARD_LOST, BOARD_LOST + NOTICED
    rows = [
        Expectation(Stage.CUT, "digital inputs", "can't be read", shown, lambda s: board(s, lost=True)),
        alarm_stands("input_board_lost", "inputs", shown),
        Expectation(
            Stage.RESTORED,
            "digital inputs",
            "read",
            BOARD_LOST + 2 * NOTICED,
            lambda s: board(s, lost=False),
        ),
        alarm_over("input_board_lost", "inputs", BOARD_LOST + 2 * NOTICED),
    ]
    for root in known.model.roots:
        for zone in known.model.subtree(root):
            most = known.model.zones[zone].maximum * percent / 100.0
            rows += [limit_is(zone, most, "", told), setpoints_fit(zone, told + TOLD)]
    notes = [f"{percent} % of every maximum holds (inputs.safe_percent), whatever the contacts say"]
    changes, cut = _cuts(known, told + TOLD)
    return _prediction(known, [*notes, *changes], known.lifted(), told + TOLD, [*rows, *cut])


def _prediction(
    known: _Known,
    notes: list[str],
    dangers: list[str] | tuple[str, ...],
    least: Seconds,
    rows: list[Expectation],
) -> Prediction:
    """What would only be seen after the end of the drill is not expected of it."""
    reached = [row for row in rows if row.stage is Stage.RESTORED or row.within <= known.lasts]
    return Prediction(known.target, tuple(notes), tuple(dangers), least, tuple(reached))


# What connectors do.


def _cuts(known: _Known, within: Seconds) -> tuple[list[str], list[Expectation]]:
    """Every car that is reduced by more than chance, and how many are not."""
    told = [each for each in known.connectors() if each.controllable]
    cut = [each for each in told if each.cut > CLOSE]
    notes = [f"{each.key}: {in_amps(each.now)} -> {in_amps(each.then)}" for each in cut]
    if told and len(told) > len(cut):
        notes.append(f"{len(told) - len(cut)} of {len(told)} charging outlets keep what they have")
    return notes, [setpoint_follows(each, within, known.snapshot) for each in cut]


def _kept(each: Foreseen) -> str:
    if each.lease is None or each.fallback is None:
        return f"{each.key} stays reserved with {in_amps(each.pledge)}"
    return (
        f"{each.key} stays reserved with {in_amps(each.pledge)}; if it stayed away, it would fall to "
        f"{in_amps(each.fallback)} by itself in {each.lease:.0f} s"
    )
