"""The gate before a revision: its fuses hold whatever communication is lost, or a person has accepted it."""

from typing import Final

from evce.configuration.document import SiteDocument
from evce.degraded import degraded_currents
from evce.errors import Refusal, UnprovenError
from evce.proof import Proof, WorstCase, advice, overload_sentence, prove

__all__ = ["ACCEPTED", "proof_of", "proven", "until_told"]

ACCEPTED: Final = "accepted unproven: "
"""Begins what is added to the comment of a revision whose fuses need not hold."""


def proof_of(document: SiteDocument) -> Proof:
    """What can be shown of every fuse of the site."""
    return prove(document.model(), document.load_shedding.floor_standard)


def proven(document: SiteDocument, comment: str, accept_unproven: bool) -> str:
    """The comment that the revision of this document is to have.

    Raises `UnprovenError` with a refusal per zone when a fuse doesn't hold and nobody accepts it. What
    can't be shown because no building was declared is no reason to refuse.
    """
    failures = _worst_of_each_zone(proof_of(document))
    if not failures:
        return comment
    if not accept_unproven:
        raise UnprovenError(_refusal(case, document) for case in failures)
    zones = ", ".join(f"{case.zone} by {case.over:.1f} A" for case in failures)
    accepted = f"{ACCEPTED}{zones}"
    return comment if accepted in comment else f"{comment} ({accepted})".strip()


def until_told(before: SiteDocument, document: SiteDocument) -> tuple[WorstCase, ...]:
    """What holds for good under a document, and not until every station has its new fall-back.

    A station that is away while it comes into force keeps the one it has (DG-6). The daemon reserves that
    share for as long, so that only the loss of all the others as well is too much.
    """
    kept = degraded_currents(before.model(), before.load_shedding.floor_standard)
    for_good = {case.zone for case in proof_of(document).failures}
    meanwhile = prove(document.model(), document.load_shedding.floor_standard, kept)
    return tuple(case for case in _worst_of_each_zone(meanwhile) if case.zone not in for_good)


def _worst_of_each_zone(proof: Proof) -> tuple[WorstCase, ...]:
    return tuple(max(zone.failures, key=lambda case: case.over) for zone in proof.zones if zone.failures)


def _refusal(case: WorstCase, document: SiteDocument) -> Refusal:
    place = [zone.id for zone in document.zones].index(case.zone)
    path = ("zones", place, "maximum_a")
    text = f"{overload_sentence(case)}; {advice(case, document.model())}"
    return Refusal(path, f"zones[{case.zone}].maximum_a", case.limit, text)
