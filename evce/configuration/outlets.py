"""What an outlet can't be: sockets that its family doesn't have, currents that its sockets don't carry."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from evce.configuration.defaults import AC_SOCKETS, DC_SOCKETS, family_defaults
from evce.configuration.refusals import Path, refusal
from evce.electrical import Connector, Family, Socket, Wiring
from evce.errors import Refusal
from evce.floors import FloorStandard, floor
from evce.units import Amps, BoxIdentity, ConnectorKey

__all__ = ["check_outlets"]

TYPE_2_SINGLE_PHASE: Amps = 70.0
TYPE_2_THREE_PHASE: Amps = 63.0
"""Highest ratings of a type 2 connector, IEC 62196-2, configuration type 2."""

_ANY_KEY = ConnectorKey(BoxIdentity(""), 1)
"""A floor doesn't depend on which connector it is."""

_Choice = TypeVar("_Choice", bound=StrEnum)

DOMESTIC: Amps = 16.0
"""Highest rating of a domestic socket (TE)."""


Plain = Mapping[str, Any]


def check_outlets(data: Plain, path: Path, station: Plain, standard: Any) -> Iterator[Refusal]:
    """What is wrong with the connectors of the station at this path, under the site's floor standard."""
    connectors = station.get("connectors")
    family = _member(Family, station.get("family", Family.GENERIC))
    for place, connector in enumerate(connectors if isinstance(connectors, list | tuple) else ()):
        if isinstance(connector, Mapping):
            yield from _check_outlet(data, (*path, "connectors", place), connector, family, standard)


def _check_outlet(
    data: Plain, path: Path, outlet: Plain, family: Family | None, standard: Any
) -> Iterator[Refusal]:
    names = outlet.get("sockets")
    sockets = [_member(Socket, name) for name in names] if isinstance(names, list | tuple) else [None]
    known = tuple(socket for socket in sockets if socket is not None)
    at_sockets = (*path, "sockets")
    if len(known) != len(sockets) or not known:
        return
    if len(set(known)) != len(known):
        yield refusal(data, at_sockets, "must name each socket once")
    if family is not None:
        possible = family_defaults(family).possible
        if not possible.issuperset(known):
            yield refusal(data, at_sockets, f"must be among {_list(possible)} at the family {family}")
            return
    if AC_SOCKETS.intersection(known) and DC_SOCKETS.intersection(known):
        yield refusal(data, at_sockets, "must be all AC (T2, T2S, TE) or all DC (CCS, CHAdeMO)")
        return
    wiring, rating = _member(Wiring, outlet.get("wiring")), outlet.get("rating_a")
    if wiring is None:
        return
    if DC_SOCKETS.intersection(known) and not wiring.three_phase:
        yield refusal(data, (*path, "wiring"), "must be TRI123, TRI231 or TRI312 for a DC outlet")
        return
    if not isinstance(rating, int | float):
        return
    if (limit := _highest_rating(wiring, known)) is not None and rating > limit[0]:
        yield refusal(data, (*path, "rating_a"), f"must be at most {limit[0]:g}, what {limit[1]}")
    if family is not None and (chosen := _member(FloorStandard, standard)) is not None:
        least = floor(Connector(_ANY_KEY, wiring, rating, known, family), chosen)
        if rating < least:
            allowed = f"must be at least {least:g}, the floor of this outlet under {chosen}"
            yield refusal(data, (*path, "rating_a"), allowed)


def _highest_rating(wiring: Wiring, sockets: tuple[Socket, ...]) -> tuple[Amps, str] | None:
    """The highest rating that these sockets can have, and the reason; None where the station alone knows."""
    if set(sockets) == {Socket.TE}:
        return DOMESTIC, "a domestic socket carries"
    if not AC_SOCKETS.issuperset(sockets):
        return None
    if wiring.three_phase:
        return TYPE_2_THREE_PHASE, "a type 2 connector carries on three phases"
    return TYPE_2_SINGLE_PHASE, "a type 2 connector carries on one phase"


def _list(possible: frozenset[Socket]) -> str:
    return ", ".join(socket for socket in Socket if socket in possible)


def _member(choice: type[_Choice], value: Any) -> _Choice | None:
    """The member that a word names; None for what isn't one, which has been told already."""
    try:
        return choice(value)
    except ValueError:
        return None
