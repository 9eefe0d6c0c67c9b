"""What is kept of a station over restarts of EVCE: who it is, and what it was found to be able to do."""

from typing import Final

from evce.records import StationMemory
from evce.secret_words import is_secret_option
from evce.station_control.capabilities import Capabilities
from evce.station_control.state import Identity, State
from evce.station_control.ways import Ways
from evce.units import BoxIdentity

__all__ = ["KEYS_KEPT", "Memory", "recall"]

KEYS_KEPT: Final = 300
"""Stations list up to about 150 keys; what lists more is cut."""


class Memory:
    """Works out what a successor should know of a station; again only when something of it has changed."""

    def __init__(self) -> None:
        self._of: tuple[Identity, Capabilities | None, tuple[bool, ...]] | None = None
        self._is: StationMemory | None = None

    def of(self, state: State) -> StationMemory | None:
        """Return it, None while nothing was told."""
        told, known, ways = state.identity, state.capabilities, state.ways
        habits = (ways.whole_amps, ways.in_watts, ways.grain_known, ways.no_composite)
        if self._of is None or self._of[0] is not told or self._of[1] is not known or self._of[2] != habits:
            self._of = (told, known, habits)
            self._is = None if known is None and told == Identity() else _remembered(state)
        return self._is


def _remembered(state: State) -> StationMemory:
    told, known = state.identity, state.capabilities
    return StationMemory(
        station=BoxIdentity(state.name),
        vendor=told.vendor,
        model=told.model,
        serial_number=told.serial_number,
        firmware=told.firmware,
        keys=None if known is None else _kept(known),
        whole_amps=state.ways.whole_amps,
        in_watts=state.ways.in_watts,
        grain_known=state.ways.grain_known,
        no_composite=state.ways.no_composite,
    )


def recall(state: State, memory: StationMemory) -> None:
    """Take over what a predecessor knew; what the station itself has told meanwhile counts more."""
    if state.identity == Identity():
        state.identity = Identity(memory.vendor, memory.model, memory.serial_number, memory.firmware)
        state.news = True
    if state.capabilities is None and memory.keys is not None and _is_the_same(state, memory):
        state.capabilities = Capabilities(dict(memory.keys))
        state.ways = Ways(memory.whole_amps, memory.in_watts, memory.grain_known, memory.no_composite)


def _is_the_same(state: State, memory: StationMemory) -> bool:
    """Tell whether the device that is there is the one remembered: another, or another firmware, is asked."""
    return state.identity == Identity(memory.vendor, memory.model, memory.serial_number, memory.firmware)


def _kept(known: Capabilities) -> dict[str, tuple[str, bool]]:
    # Some stations tell secrets in the clear.
    open_keys = ((name, entry) for name, entry in known.keys.items() if not is_secret_option(name))
    return {name: entry for (name, entry), _ in zip(open_keys, range(KEYS_KEPT), strict=False)}
