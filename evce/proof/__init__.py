"""Shows before a configuration is applied that each fuse holds whatever communication is lost."""

from evce.proof.words import advice, course_sentence, overload_sentence, zone_sentence
from evce.proof.worst_case import Event, Proof, WorstCase, ZoneProof, prove

__all__ = [
    "Event",
    "Proof",
    "WorstCase",
    "ZoneProof",
    "advice",
    "course_sentence",
    "overload_sentence",
    "prove",
    "zone_sentence",
]
