"""Two people's changes to one document: what each left alone is the other's, of the rest mine counts."""

from collections.abc import Mapping
from typing import Any

from evce.configuration.refusals import name_of

__all__ = ["merged"]


def merged(base: Any, mine: Any, theirs: Any) -> Any:
    """Their plain document with my changes since the base on top.

    Things of a list go by their name. A thing that I removed is gone, one that they removed stays gone unless
    I changed it. A list of plain values is one value: mine where I changed it.
    """
    if mine == base or theirs == mine:
        return theirs
    if theirs == base:
        return mine
    match base, mine, theirs:
        case Mapping(), Mapping(), Mapping():
            return _merged_tables(base, mine, theirs)
        case list(), list(), list() if _are_things([*base, *mine, *theirs]):
            return _merged_things(base, mine, theirs)
        case _:
            return mine


def _merged_tables(base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> Any:
    keys = dict.fromkeys((*theirs, *mine))
    return {key: merged(base.get(key), mine.get(key), theirs.get(key)) for key in keys}


def _merged_things(base: list[Any], mine: list[Any], theirs: list[Any]) -> list[Any]:
    old, own, other = _by_name(base), _by_name(mine), _by_name(theirs)
    together = {
        name: merged(old.get(name), own.get(name), other.get(name)) for name in dict.fromkeys((*other, *own))
    }
    return [thing for thing in together.values() if thing is not None]


def _are_things(items: list[Any]) -> bool:
    return all(name_of(item) for item in items)


def _by_name(things: list[Any]) -> dict[str, Any]:
    return {name_of(thing): thing for thing in things}
