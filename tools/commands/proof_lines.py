"""The proof of a configuration on the screen: what holds whatever communication is lost, and what doesn't."""

from collections.abc import Iterator

from evce.configuration.document import SiteDocument
from evce.configuration.proven import proof_of, until_told
from evce.electrical import SiteModel
from evce.proof import ZoneProof, advice, course_sentence, overload_sentence, zone_sentence
from evce.station_control.settings import LEASE_MARGIN
from evce.station_control.wear import longest_lease
from evce.units import Seconds
from tools.commands.survivable_step import largest_step
from tools.referee.breakers import standard_for

__all__ = ["doubts", "meanwhile", "proof_lines"]

_DECLARE = "declare building_maximum_a, the most that all but the cars ever draws there"


def proof_lines(document: SiteDocument) -> Iterator[str]:
    """Every zone of the site, for `evce check`."""
    model = document.model()
    for zone in proof_of(document).zones:
        yield from _of_zone(zone, model, document)


def doubts(document: SiteDocument) -> tuple[str, ...]:
    """Only what does not hold or can't be shown, for those who are about to put it in force."""
    model = document.model()
    return tuple(
        line
        for zone in proof_of(document).zones
        if zone.failures or zone.undeclared
        for line in _of_zone(zone, model, document)
    )


def meanwhile(before: SiteDocument, document: SiteDocument) -> tuple[str, ...]:
    """What to see to while one document takes the place of another."""
    return tuple(
        f"  {case.zone}  {overload_sentence(case)}\n"
        "      see that these stations are connected when it is applied"
        for case in until_told(before, document)
    )


def _of_zone(zone: ZoneProof, model: SiteModel, document: SiteDocument) -> Iterator[str]:
    yield f"  {zone.zone}  {zone_sentence(zone)}"
    if zone.failures:
        worst = max(zone.failures, key=lambda case: case.over)
        yield f"      {advice(worst, model)}"
    elif zone.undeclared:
        yield f"      {_DECLARE}"
    elif zone.exposed:
        # What a lease of the others would hold, a lease of this tree's dynamic zones bounds.
        base: Seconds = document.advanced.lease_dynamic_s
        below = [station for member in model.subtree(zone.zone) for station in model.stations_of[member]]
        longest = (longest_lease(base, document.writes_a_day(station)) for station in below)
        seconds = max(longest, default=base) + LEASE_MARGIN
        stands = largest_step(zone.limit, standard_for(zone.limit), seconds)
        yield f"      {course_sentence(zone, seconds)}; its breaker stands a rise of {stands:g} A that long"
