"""Why a connector gets what it gets: the binding constraint, and one plain sentence for it (UI-9)."""

from enum import StrEnum
from typing import NamedTuple

from evce.units import Amps, ConnectorKey, Seconds, ZoneId

__all__ = ["Reason", "ReasonKind", "sentence"]


class ReasonKind(StrEnum):
    """Which rule a target stopped at."""

    WANTS_NOTHING = "wants_nothing"
    CAP = "cap"
    """It has all that it may have."""
    CAP_BELOW_FLOOR = "cap_below_floor"
    """The most it may have is below its floor, so it gets nothing."""
    ZONE_LIMIT = "zone_limit"
    """A zone is used up on a phase and it has its fair share of that."""
    FLOOR_DOES_NOT_FIT = "floor_does_not_fit"
    """A zone has less than its floor on a phase, whoever else is there."""
    PASSED_OVER = "passed_over"
    """Its floor would fit, but others came first."""
    PAUSED = "paused"
    """It was suspended a moment ago."""


class Reason(NamedTuple):
    """The binding constraint of one target.

    `zone`, `phase` (0 = L1) and `limit` name the constraint, `limit` being what is left of the zone's
    limit after `set_aside`; `bound_by` says what sets it. `shared` counts the cars charging on it,
    `left` is what those that came first leave of it. `first` is the last of those that came first and
    `rule` why it did, or how those that share do so where it isn't evenly. `wait` is the time until a
    pause is over, in seconds.
    """

    kind: ReasonKind
    amps: Amps = 0.0
    vip: bool = False
    zone: ZoneId | None = None
    name: str = ""
    phase: int = 0
    limit: Amps = 0.0
    set_aside: Amps = 0.0
    bound_by: str = ""
    shared: int = 0
    left: Amps = 0.0
    floor: Amps = 0.0
    cap: Amps = 0.0
    capped_by: str = ""
    first: ConnectorKey | None = None
    rule: str = ""
    reserved: bool = False
    wait: Seconds = 0.0


def _amps(value: Amps) -> str:
    text = f"{value:.1f}"
    return f"{text.removesuffix('.0')} A"


def _cars(count: int) -> str:
    return "1 car" if count == 1 else f"{count} cars"


def _where(reason: Reason) -> str:
    return f"zone {reason.name or reason.zone}"


def _limit(reason: Reason) -> str:
    """The limit in words: "50 A on L2 (meter, after 18 A set aside for lost stations)"."""
    notes = [reason.bound_by] if reason.bound_by else []
    if reason.set_aside > 0:
        notes.append(f"after {_amps(reason.set_aside)} set aside for stations out of control")
    text = f"{_amps(reason.limit)} on L{reason.phase + 1}"
    return f"{text} ({', '.join(notes)})" if notes else text


def sentence(reason: Reason) -> str:
    """One English sentence that names the rule, the limit, the zone, the phase and the amounts."""
    gets = f"VIP: gets {_amps(reason.amps)}" if reason.vip else f"Gets {_amps(reason.amps)}"
    match reason.kind:
        case ReasonKind.WANTS_NOTHING:
            return "Gets 0 A: no car asks for current here."
        case ReasonKind.CAP:
            return f"{gets}: {reason.capped_by} allows no more."
        case ReasonKind.CAP_BELOW_FLOOR:
            return (
                f"Gets 0 A: it needs at least {_amps(reason.floor)} and {reason.capped_by} "
                f"allows {_amps(reason.cap)}."
            )
        case ReasonKind.ZONE_LIMIT:
            how = f", {reason.rule}" if reason.rule else ""
            return f"{gets}: {_where(reason)} has {_limit(reason)} for {_cars(reason.shared)}{how}."
        case ReasonKind.FLOOR_DOES_NOT_FIT:
            return f"Suspended: it needs {_amps(reason.floor)} and {_where(reason)} has {_limit(reason)}."
        case ReasonKind.PASSED_OVER:
            last = f", {reason.first} the last of them ({reason.rule})" if reason.first else ""
            kept = "; the next place is kept for it" if reason.reserved else ""
            return (
                f"Suspended: it needs {_amps(reason.floor)} and {_where(reason)} has {_amps(reason.left)} "
                f"left of {_limit(reason)}; {_cars(reason.shared)} came first{last}{kept}."
            )
        case ReasonKind.PAUSED:
            return f"Suspended a moment ago: may start again in {reason.wait:.0f} s."
