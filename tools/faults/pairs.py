"""Which two faults may strike at the same time, which may not and why, and in what order they are tried."""

from collections.abc import Sequence
from random import Random
from typing import Final

from evce.units import Seconds
from tools.faults.catalogue import FAULTS, fault_of
from tools.faults.fault import Fault
from tools.faults.script import Cue, Script
from tools.faults.stage import Site

__all__ = ["LATEST", "QUICK", "SEPARATOR", "left_out", "pair_named", "pairs", "why_not"]

SEPARATOR: Final = " + "

LATEST: Final[Seconds] = 20.0
"""Between the two faults of a pair, at most."""

VICTIMS: Final = ("O1", "G1")
"""Of the first and of the second fault, where it is a station."""

QUICK: Final = (
    "meter-implausible + actor-hangs",
    "profile-unanswered + meter-exception",
)
"""Of different parts each, and played in few seconds."""


def why_not(first: Fault, second: Fault) -> str:
    """Why the two can't strike at the same time; empty where they can."""
    for fault in (first, second):
        if fault.alone:
            return f"{fault.id}: {fault.alone}"
    if common := first.parts & second.parts:
        return f"both break the same: {', '.join(sorted(common))}"
    if len({first.site, second.site} - {Site()}) > 1:
        return "they are played at different sites"
    return ""


def pairs(count: int | None = None, seed: int = 1) -> list[Script]:
    """The first `count` of all pairs that are possible, each once; every one of them by default.

    The seed decides upon the order, in which every fault meets another one before any meets its next, and
    upon variants and moments; those of a pair don't depend on what else is played.
    """
    known = sorted(id_ for id_, fault in FAULTS.items() if not fault.alone)
    Random(f"pairs/{seed}").shuffle(known)  # noqa: S311 - a rehearsal, no secret
    found = [
        _script(first, second, seed)
        for first, second in _rounds(known)
        if not why_not(FAULTS[first], FAULTS[second])
    ]
    return found[:count]


def left_out() -> dict[str, str]:
    """Every pair that is not possible, and why."""
    known = list(FAULTS.values())
    return {
        SEPARATOR.join((first.id, second.id)): reason
        for number, first in enumerate(known)
        for second in known[number + 1 :]
        if (reason := why_not(first, second))
    }


def pair_named(name: str, seed: int = 1) -> Script:
    """The pair of this name, "meter-silent + link-reset". Raises LookupError with what is wrong with it."""
    ids = [word.strip() for word in name.split(SEPARATOR.strip())]
    if len(ids) != 2 or ids[0] == ids[1]:
        raise LookupError(f"pair={name!r}: two different faults with a + between them are allowed")
    if reason := why_not(fault_of(ids[0]), fault_of(ids[1])):
        raise LookupError(f"pair={name!r}: they can't strike at the same time: {reason}")
    return _script(ids[0], ids[1], seed)


def _rounds(names: Sequence[str]) -> list[tuple[str, str]]:
    """Everybody meets everybody once, in rounds in which each meets one: one stays, the others turn."""
    circle: list[str | None] = [*names, *([None] if len(names) % 2 else [])]
    half = len(circle) // 2
    met: list[tuple[str, str]] = []
    for number in range(len(circle) - 1):
        for one, other in zip(circle[:half], reversed(circle[half:]), strict=True):
            if one is not None and other is not None:
                met.append((one, other) if number % 2 else (other, one))
        circle = [circle[0], circle[-1], *circle[1:-1]]
    return met


def _script(first: str, second: str, seed: int) -> Script:
    name = SEPARATOR.join((first, second))
    chance = Random(f"pair/{seed}/{name}")  # noqa: S311 - a rehearsal, no secret
    moments = (0.0, round(chance.uniform(0.0, LATEST), 2))
    cues = tuple(
        Cue(id_, at, station, chance.choice(FAULTS[id_].variants))
        for id_, at, station in zip((first, second), moments, VICTIMS, strict=True)
    )
    return Script(name, cues, seed=seed)
