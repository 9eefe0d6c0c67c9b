"""The control language of the simulated site, one order a line, on standard input or a loopback port."""

import asyncio
import contextlib
import json
from collections.abc import Callable
from dataclasses import asdict

from evce.units import ZoneId
from tools.simulation.arrivals import Arrival, Badge
from tools.simulation.client import Fleet
from tools.simulation.meters import MeterFault
from tools.simulation.vehicle import VehicleSpec
from tools.simulation.world import World

__all__ = ["HELP", "ControlServer", "obey"]

HELP = """\
plug CP-01/1 [BADGE] [PHASES] [KWH]   a car comes and stays
unplug CP-01/1                        its cable is pulled
badge CP-01/1 BADGE                   a badge at the reader
fault CP-01/1 on|off                  the outlet breaks, is repaired
cut CP-01 | restore CP-01             its link breaks, works again
reboot CP-01                          power off and on
meter ID ok|silent|exception|frozen|nan
step ZONE AMPS [A] SECONDS [s]        the building takes more for a while
input N on|off                        switches a digital input
truth | book | stations | complaints  what is so, as JSON
help"""


def _outlet(word: str) -> tuple[str, int]:
    name, _, number = word.rpartition("/")
    return (name, int(number)) if name else (word, 1)


def obey(
    world: World,
    line: str,
    *,
    fleet: Fleet | None = None,
    on_input: Callable[[int, bool], None] | None = None,
) -> str:
    """Carry out one order. Whatever is wrong with it is said in the answer, which begins with `error`."""
    try:
        return _obey(world, line.split(), fleet, on_input)
    except (KeyError, IndexError) as problem:
        return f"error: there is no {problem}"
    except ValueError as problem:
        return f"error: {problem}"


def _obey(
    world: World, words: list[str], fleet: Fleet | None, on_input: Callable[[int, bool], None] | None
) -> str:
    now = world.now
    match words:
        case ["plug", where, *rest]:
            name, number = _outlet(where)
            badge = rest[0] if rest else world.drivers[0].id_tag
            phases = int(rest[1]) if len(rest) > 1 else 3
            needs = float(rest[2]) * 1000 if len(rest) > 2 else 20_000.0
            spec = VehicleSpec(phases=phases, battery=max(60_000.0, needs))
            world.plug(name, number, Arrival(0.0, 30 * 86_400.0, needs, Badge(badge), spec))
        case ["unplug", where]:
            name, number = _outlet(where)
            world.stations[name].unplug(number, now)
        case ["badge", where, id_tag]:
            name, number = _outlet(where)
            world.stations[name].present(number, id_tag, now)
        case ["fault", where, "on" | "off" as switch]:
            name, number = _outlet(where)
            world.stations[name].fault(number, switch == "on", now)
        case ["cut" | "restore" as order, name] if fleet is not None:
            (fleet.cut if order == "cut" else fleet.restore)(world.stations[name].spec.box_identity)
        case ["reboot", name]:
            world.stations[name].reboot(now, "PowerLoss")
        case ["meter", meter, fault]:
            world.meters[meter].fault = MeterFault(fault)
        case ["step", zone, amps, *rest]:
            seconds = next((float(word) for word in rest if word not in ("A", "s")), 10.0)
            cut = world.step(ZoneId(zone), float(amps), seconds)
            return f"ok: {cut:.1f} A for {seconds:.0f} s"
        case ["input", number, "on" | "off" as switch]:
            if on_input is None:
                return "error: nobody here switches inputs"
            on_input(int(number), switch == "on")
        case ["truth"]:
            return json.dumps({"now": now, "zones": world.truth()})
        case ["book"]:
            return json.dumps([asdict(session) for session in world.book()])
        case ["stations"]:
            return json.dumps(
                {
                    f"{name}/{number}": {
                        "status": outlet.status(),
                        "online": station.online,
                        "pilot": outlet.pilot,
                        "amps": outlet.grid_currents,
                    }
                    for name, station in world.stations.items()
                    for number, outlet in station.outlets.items()
                }
            )
        case ["complaints"]:
            return json.dumps({n: s.complaints for n, s in world.stations.items() if s.complaints})
        case ["help"]:
            return HELP
        case _:
            return f"error: don't know {' '.join(words)!r}; try help"
    return "ok"


class ControlServer:
    """Listens on loopback; each line is an order, each answer ends with a line that holds a dot."""

    def __init__(self, obey_line: Callable[[str], str]) -> None:
        self._obey = obey_line
        self._server: asyncio.Server | None = None

    async def start(self, port: int = 0) -> int:
        """Listen; returns the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            while line := await reader.readline():
                answer = self._obey(line.decode(errors="replace").strip())
                writer.write(f"{answer}\n.\n".encode())
                await writer.drain()
        writer.close()
