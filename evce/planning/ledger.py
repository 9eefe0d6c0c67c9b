"""The pledges of a zone line by line, with what each is made of, for people who ask why there is no room."""

from dataclasses import dataclass

from evce.facts import ConnectorFacts
from evce.planning.planner import Planner
from evce.pledges import SETTLING, on_phases
from evce.units import Amps, ConnectorKey, Monotonic, PhaseAmps, Seconds, ZoneId

__all__ = ["LedgerLine", "ledger"]


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """The pledge of one connector in A per grid phase, and what it follows from.

    `setpoint` is what the station accepted last, `settling` what it accepted before and may still be
    followed, `unanswered` what it was told and hasn't answered, `measured` its draw. `fallback` is what
    it falls to by itself (None: nobody knows), `lease` the seconds until then (None: no lease runs).
    """

    connector: str
    zone: str
    pledge: PhaseAmps
    rating: Amps
    link: str
    verified: bool
    charging: bool
    setpoint: Amps | None
    settling: tuple[Amps, ...]
    unanswered: tuple[Amps, ...]
    measured: PhaseAmps | None
    fallback: Amps | None
    lease: Seconds | None


def ledger(planner: Planner, zone: ZoneId, now: Monotonic) -> tuple[LedgerLine, ...]:
    """Every connector of the zone and of those below it; none for a zone that isn't the planner's."""
    if zone not in planner.model.zones:
        return ()
    below = set(planner.model.subtree(zone))
    pledges = planner.pledges(now)
    return tuple(
        _line(planner, key, pledges[key], now)
        for key in planner.model.connectors
        if planner.model.stations[key.station].zone in below
    )


def _line(planner: Planner, key: ConnectorKey, pledge: Amps, now: Monotonic) -> LedgerLine:
    facts = planner.facts[key]
    lease = None if facts.lease_ends_at is None else max(0.0, facts.lease_ends_at - now)
    return LedgerLine(
        connector=str(key),
        zone=str(planner.model.stations[key.station].zone),
        pledge=on_phases(pledge, planner.mask(key)),
        rating=planner.model.connectors[key].rating,
        link=facts.link.value,
        verified=facts.verified,
        charging=facts.transaction is not None,
        setpoint=facts.setpoint,
        settling=_settling(facts, now),
        unanswered=facts.outstanding,
        measured=facts.draw,
        fallback=facts.fallback,
        lease=lease,
    )


def _settling(facts: ConnectorFacts, now: Monotonic) -> tuple[Amps, ...]:
    return tuple(
        past.amps
        for past in facts.acknowledged
        if past.superseded_at is not None and now - past.superseded_at < SETTLING
    )
