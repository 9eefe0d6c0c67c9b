"""What goes wrong at a site, drawn by chance from a seed: links, meters, inputs, disks, actors, processes."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from evce.units import Seconds
from tools.commands.survivable_step import largest_step
from tools.rehearsal.house import House
from tools.simulation.meters import MeterFault

__all__ = ["KINDS", "Mishap", "mishaps"]

_ACTORS: Final = ("zone/", "station/", "meter/", "inputs", "recorder", "view", "site", "supervisor/")

_METER_FAULTS: Final = (MeterFault.SILENT, MeterFault.EXCEPTION, MeterFault.NAN)
"""A meter that stands still is left out: until it is found suspect, no controller can know of a step."""


@dataclass(frozen=True, slots=True)
class Mishap:
    """Something that goes wrong `at` s and is mended `lasts` s later; 0 where nothing is to mend."""

    at: Seconds
    kind: str
    what: str
    lasts: Seconds
    strike: Callable[[House], None]
    mend: Callable[[House], None] | None = None

    def __str__(self) -> str:
        lasts = f" for {self.lasts:.0f} s" if self.lasts else ""
        return f"{self.at:7.1f} s  {self.kind}: {self.what}{lasts}"


def mishaps(house: House, seed: int, seconds: Seconds, every: Seconds) -> list[Mishap]:
    """Draw the mishaps of a window of so many seconds, one `every` s on average; by time.

    The same house and seed give the same ones.
    """
    chance = Random(f"mishaps/{seed}")  # noqa: S311 - a rehearsal, no secret
    found = []
    at = chance.expovariate(1.0 / every)
    while at < seconds:
        found.append(KINDS[chance.choice(sorted(KINDS))](house, chance, at))
        at += chance.expovariate(1.0 / every)
    return found


def _actor_dies(house: House, chance: Random, at: Seconds) -> Mishap:
    names = sorted(name for name in house.runtime.directory.names() if name.startswith(_ACTORS))
    name, how = chance.choice(names), chance.choice(("exception", "exit", "hang"))

    def strike(house: House) -> None:
        # Whoever has just died of an earlier mishap needn't die of this one.
        house.runtime.kill(name, how)

    return Mishap(at, "actor", f"{name} fails ({how})", 0.0, strike)


def _link_breaks(house: House, chance: Random, at: Seconds) -> Mishap:
    name = chance.choice(sorted(house.world.stations))
    return Mishap(at, "link", f"{name} is hung up on", 0.0, lambda house: house.site.hang_up(name, house.now))


def _station_reboots(house: House, chance: Random, at: Seconds) -> Mishap:
    name = chance.choice(sorted(house.world.stations))

    def strike(house: House) -> None:
        house.world.stations[name].reboot(house.now, "PowerLoss")

    return Mishap(at, "station", f"{name} loses its power", 0.0, strike)


def _meter_fails(house: House, chance: Random, at: Seconds) -> Mishap:
    meter, fault = chance.choice(sorted(house.world.meters)), chance.choice(_METER_FAULTS)

    def strike(house: House) -> None:
        house.world.meters[meter].fault = fault

    def mend(house: House) -> None:
        house.world.meters[meter].fault = MeterFault.NONE

    return Mishap(at, "meter", f"{meter} is {fault}", chance.uniform(1.0, 60.0), strike, mend)


def _input_closes(house: House, chance: Random, at: Seconds) -> Mishap:
    number = chance.randint(1, len(house.document.inputs.channels)) if house.document.inputs.enabled else 1

    def strike(house: House) -> None:
        house.inputs.switch(number, True)

    def mend(house: House) -> None:
        house.inputs.switch(number, False)

    return Mishap(at, "input", f"input {number} closes", chance.uniform(0.1, 90.0), strike, mend)


def _disk_fills(_: House, chance: Random, at: Seconds) -> Mishap:
    def strike(house: House) -> None:
        house.disk.full = True

    def mend(house: House) -> None:
        house.disk.full = False

    return Mishap(at, "disk", "the disk is full", chance.uniform(1.0, 40.0), strike, mend)


def _process_dies(_: House, chance: Random, at: Seconds) -> Mishap:
    away = round(4.0 * chance.uniform(0.5, 5.0)) / 4.0
    return Mishap(
        at, "process", f"the process is killed, back after {away:g} s", 0.0, lambda h: h.crash(away)
    )


def _building_steps(house: House, chance: Random, at: Seconds) -> Mishap:
    zone = chance.choice(sorted(house.world.buildings))
    record = house.referee.zones[zone]
    amps = chance.uniform(0.2, 1.0) * min(largest_step(record.maximum, record.standard), 0.3 * record.maximum)
    seconds = chance.uniform(5.0, 120.0)

    def strike(house: House) -> None:
        house.world.step(zone, amps, seconds)

    return Mishap(at, "building", f"{zone} takes {amps:.0f} A more for {seconds:.0f} s", 0.0, strike)


KINDS: Final[dict[str, Callable[[House, Random, Seconds], Mishap]]] = {
    "actor": _actor_dies,
    "building": _building_steps,
    "disk": _disk_fills,
    "input": _input_closes,
    "link": _link_breaks,
    "meter": _meter_fails,
    "process": _process_dies,
    "station": _station_reboots,
}
"""Each kind of mishap with what draws one for a moment."""
