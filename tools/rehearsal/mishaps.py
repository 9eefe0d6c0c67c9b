"""What goes wrong at a site, by name or drawn from a seed: links, meters, disks, actors, processes."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from evce.units import Amps, Seconds, ZoneId
from tools.commands.survivable_step import largest_step
from tools.rehearsal.house import FULL, House
from tools.simulation.meters import MeterFault

__all__ = [
    "KINDS",
    "Mishap",
    "actor_fails",
    "building_steps",
    "disk_fails",
    "input_closes",
    "link_breaks",
    "link_is_cut",
    "meter_fails",
    "mishaps",
    "process_dies",
    "station_reboots",
]

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


# ---- by name; each strikes at 0 ----


def actor_fails(name: str, how: str = "exception") -> Mishap:
    """An actor fails: exception, exit or hang. One that has just died of something else needn't."""

    def strike(house: House) -> None:
        house.runtime.kill(name, how)

    return Mishap(0.0, "actor", f"{name} fails ({how})", 0.0, strike)


def link_breaks(name: str) -> Mishap:
    """A station's connection is reset; it dials again."""
    return Mishap(0.0, "link", f"{name} is hung up on", 0.0, lambda h: h.site.hang_up(name, h.now))


def link_is_cut(name: str, lasts: Seconds) -> Mishap:
    """A station's connection is reset, and no other can be had for a while."""
    return Mishap(
        0.0,
        "link",
        f"{name} is cut off",
        lasts,
        lambda h: h.site.cut(name, h.now),
        lambda h: h.site.restore(name, h.now),
    )


def station_reboots(name: str) -> Mishap:
    """A station loses its power for a moment."""

    def strike(house: House) -> None:
        house.world.stations[name].reboot(house.now, "PowerLoss")

    return Mishap(0.0, "station", f"{name} loses its power", 0.0, strike)


def meter_fails(meter: str, fault: MeterFault, lasts: Seconds) -> Mishap:
    """A meter answers wrongly, or not at all."""

    def strike(house: House) -> None:
        house.world.meters[meter].fault = fault

    def mend(house: House) -> None:
        house.world.meters[meter].fault = MeterFault.NONE

    return Mishap(0.0, "meter", f"{meter} is {fault}", lasts, strike, mend)


def input_closes(number: int, lasts: Seconds) -> Mishap:
    """A contact closes for a while."""

    def strike(house: House) -> None:
        house.inputs.switch(number, True)

    def mend(house: House) -> None:
        house.inputs.switch(number, False)

    return Mishap(0.0, "input", f"input {number} closes", lasts, strike, mend)


def disk_fails(lasts: Seconds, trouble: str = FULL) -> Mishap:
    """No commit succeeds for a while; `trouble` in SQLite's words."""

    def strike(house: House) -> None:
        house.disk.trouble = trouble

    def mend(house: House) -> None:
        house.disk.trouble = ""

    what = "the disk is full" if trouble == FULL else f"the disk fails ({trouble})"
    return Mishap(0.0, "disk", what, lasts, strike, mend)


def process_dies(away: Seconds) -> Mishap:
    """As by `kill -9`; another process on the same database after `away` s."""
    return Mishap(
        0.0, "process", f"the process is killed, back after {away:g} s", 0.0, lambda h: h.crash(away)
    )


def building_steps(zone: str, amps: Amps, seconds: Seconds) -> Mishap:
    """The building of a dynamic zone takes more for a while; it ends by itself."""

    def strike(house: House) -> None:
        house.world.step(ZoneId(zone), amps, seconds)

    return Mishap(0.0, "building", f"{zone} takes {amps:.0f} A more for {seconds:.0f} s", 0.0, strike)


# ---- drawn by chance ----


def mishaps(house: House, seed: int, seconds: Seconds, every: Seconds) -> list[Mishap]:
    """Draw the mishaps of a window of so many seconds, one `every` s on average; by time.

    The same house and seed give the same ones.
    """
    chance = Random(f"mishaps/{seed}")  # noqa: S311 - a rehearsal, no secret
    found = []
    at = chance.expovariate(1.0 / every)
    while at < seconds:
        found.append(replace(KINDS[chance.choice(sorted(KINDS))](house, chance), at=at))
        at += chance.expovariate(1.0 / every)
    return found


def _actor_dies(house: House, chance: Random) -> Mishap:
    names = sorted(name for name in house.runtime.directory.names() if name.startswith(_ACTORS))
    return actor_fails(chance.choice(names), chance.choice(("exception", "exit", "hang")))


def _link_breaks(house: House, chance: Random) -> Mishap:
    return link_breaks(chance.choice(sorted(house.world.stations)))


def _station_reboots(house: House, chance: Random) -> Mishap:
    return station_reboots(chance.choice(sorted(house.world.stations)))


def _meter_fails(house: House, chance: Random) -> Mishap:
    meter, fault = chance.choice(sorted(house.world.meters)), chance.choice(_METER_FAULTS)
    return meter_fails(meter, fault, chance.uniform(1.0, 60.0))


def _input_closes(house: House, chance: Random) -> Mishap:
    number = chance.randint(1, len(house.document.inputs.channels)) if house.document.inputs.enabled else 1
    return input_closes(number, chance.uniform(0.1, 90.0))


def _disk_fills(_: House, chance: Random) -> Mishap:
    return disk_fails(chance.uniform(1.0, 40.0))


def _process_dies(_: House, chance: Random) -> Mishap:
    return process_dies(round(4.0 * chance.uniform(0.5, 5.0)) / 4.0)


def _building_steps(house: House, chance: Random) -> Mishap:
    zone = chance.choice(sorted(house.world.buildings))
    record = house.referee.zones[zone]
    amps = chance.uniform(0.2, 1.0) * min(largest_step(record.maximum, record.standard), 0.3 * record.maximum)
    return building_steps(zone, amps, chance.uniform(5.0, 120.0))


KINDS: Final[dict[str, Callable[[House, Random], Mishap]]] = {
    "actor": _actor_dies,
    "building": _building_steps,
    "disk": _disk_fills,
    "input": _input_closes,
    "link": _link_breaks,
    "meter": _meter_fails,
    "process": _process_dies,
    "station": _station_reboots,
}
"""Each kind of mishap with what draws one."""
