"""MeterValues round trips a second: the whole daemon beside the `ocpp` package and bare websockets."""

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tools.benchmarks.fleet import Fleet
from tools.benchmarks.light_station import LightStation, meter_values
from tools.benchmarks.machine import Cores, cores, on_core
from tools.benchmarks.report import Section, percentile
from tools.benchmarks.servers import Counted, Server, running_daemon, running_rival
from tools.benchmarks.site import RATING, bench_site, identities

__all__ = ["STATIONS", "Flood", "ThroughputRow", "bench_throughput", "throughput_section"]

STATIONS = 100

GOALS = {"ocpp": 10.0, "bare": 0.5}
"""How many times the throughput of each other server the daemon is to reach."""

WARM_UP_S = 2.0

DRAINS_WITHIN_S = 30.0

NAMES = {
    "daemon": "EVCE daemon",
    "ocpp": "`ocpp` package, ChargePoint with its defaults",
    "bare": "bare websockets + json",
}


@dataclass(frozen=True, slots=True)
class ThroughputRow:
    """One server. Rates are frames a second; `handled` is None where there are no actors.

    `p50` and `p99` are round trips in ms; `server_cpu` and `load_cpu` percent of their cores.
    """

    server: str
    answered: float
    handled: float | None
    p50: float
    p99: float
    server_cpu: float
    load_cpu: float


class Flood:
    """One station that sends the next MeterValues as soon as the one before is answered."""

    def __init__(self, station: LightStation) -> None:
        self.answered = 0
        self.round_trips: list[float] = []
        self._station = station
        self._amps = RATING
        self._number = 0
        self._body = b""
        self._stale_at = 0.0
        self._sent_at = 0.0
        self._running = False
        self.idle = True

    def begin(self) -> None:
        """Send the first."""
        self._running = True
        self._station.on_answer = self._heard
        self._send()

    def end(self) -> None:
        """Send no more; what is on its way is still answered, then `idle` is True."""
        self._running = False

    def _heard(self, text: bytes) -> None:
        if not text.startswith(b"[3,"):
            raise RuntimeError(f"the server refused a frame: {text.decode(errors='replace')}")
        self.answered += 1
        self.round_trips.append(self._station.socket.arrived - self._sent_at)
        if self._running:
            self._send()
        else:
            self.idle = True
            self._station.on_answer = None

    def _send(self) -> None:
        now = time.monotonic()
        self.idle = False
        self._number += 1
        if now >= self._stale_at:
            # Values a second old are as good, and making them costs the load more than sending them.
            self._stale_at = now + 1.0
            values = meter_values(self._station.offered, self._station.energy, self._station.transaction)
            self._body = json.dumps(values).encode()
        self._sent_at = now
        self._station.socket.send(b'[2,"f%d","MeterValues",%b]' % (self._number, self._body))


def bench_throughput(seconds: float = 10.0, stations: int = STATIONS) -> list[ThroughputRow]:
    """Measure all three servers one after another, each for `seconds` after warming up."""
    pinned = cores()
    with on_core(pinned.load):
        return [
            asyncio.run(_daemon(stations, seconds, pinned)),
            asyncio.run(_rival("ocpp", stations, seconds, pinned)),
            asyncio.run(_rival("bare", stations, seconds, pinned)),
        ]


async def _daemon(stations: int, seconds: float, pinned: Cores) -> ThroughputRow:
    fleet = Fleet(stations)
    try:
        port = await fleet.open_meter()
        with running_daemon(bench_site(stations, port), pinned.server) as server:
            await fleet.connect(server.port)
            await fleet.plug_in()
            await fleet.charge_up()
            return await _flood("daemon", server, fleet.stations, seconds)
    finally:
        await fleet.close()


async def _rival(kind: str, stations: int, seconds: float, pinned: Cores) -> ThroughputRow:
    with running_rival(kind, pinned.server) as server:
        made = [LightStation(identity, RATING) for identity in identities(stations)]
        try:
            for station in made:
                await station.connect("127.0.0.1", server.port)
            return await _flood(kind, server, made, seconds)
        finally:
            for station in made:
                station.close()
            # The sockets are closed by the loop's next turn; the server's end waits for that.
            await asyncio.sleep(0)


async def _flood(name: str, server: Server, stations: list[LightStation], seconds: float) -> ThroughputRow:
    floods = [Flood(station) for station in stations]
    counted_before = server.counted()
    for flood in floods:
        flood.begin()
    await asyncio.sleep(min(WARM_UP_S, seconds))
    for flood in floods:
        flood.round_trips.clear()
    before, load_before = server.usage(), time.process_time()
    await asyncio.sleep(seconds)
    after, load_after = server.usage(), time.process_time()
    round_trips = [trip for flood in floods for trip in flood.round_trips]
    for flood in floods:
        flood.end()
    lasted = after.at - before.at
    counted = await _drained(server, floods)
    sent = sum(flood.answered for flood in floods)
    rate = len(round_trips) / lasted
    return ThroughputRow(
        server=name,
        answered=rate,
        handled=None if server.data is None else rate * (counted.handled - counted_before.handled) / sent,
        p50=percentile(round_trips, 50) * 1000.0,
        p99=percentile(round_trips, 99) * 1000.0,
        server_cpu=after.share_since(before),
        load_cpu=100.0 * (load_after - load_before) / lasted,
    )


async def _drained(server: Server, floods: Sequence[Flood]) -> Counted:
    """Wait until everything is answered and the actors have nothing left to do."""
    deadline = time.monotonic() + DRAINS_WITHIN_S
    while not all(flood.idle for flood in floods):
        if time.monotonic() > deadline:
            raise RuntimeError("not every frame was answered")
        await asyncio.sleep(0.05)
    while (counted := server.counted()).waiting and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
    return counted


def throughput_section(rows: Sequence[ThroughputRow], stations: int = STATIONS) -> Section:
    """Make the table; the daemon's row is the first."""
    own = rows[0].answered
    return Section(
        f"Throughput: MeterValues round trips at {stations} stations",
        (
            "server",
            "answered /s",
            "handled by actors /s",
            "daemon ÷ this",
            "goal",
            "p50 ms",
            "p99 ms",
            "server CPU %",
            "answered per CPU s",
            "load CPU %",
        ),
        [
            [
                NAMES[row.server],
                f"{row.answered:.0f}",
                "" if row.handled is None else f"{row.handled:.0f}",
                f"{own / row.answered:.2f}",
                f"≥ {GOALS[row.server]:g}" if row.server in GOALS else "",
                f"{row.p50:.1f}",
                f"{row.p99:.1f}",
                f"{row.server_cpu:.0f}",
                f"{100.0 * row.answered / max(row.server_cpu, 0.1):.0f}",
                f"{row.load_cpu:.0f}",
            ]
            for row in rows
        ],
        (
            "Closed loop: each station sends its next MeterValues (eight samples) once the one before is "
            "answered. In the daemon it passes the websocket, the OCPP schema and the inbox of the station's "
            "actor, in a running transaction; the other servers answer and do nothing with it.",
            "Handled by actors: how many messages the stations' actors worked through, their own timers "
            "included. A measurement that a newer one of the same outlet overtakes is answered, not handled.",
            "Answered per CPU s: what the server would reach with its core to itself, had others taken "
            "part of it.",
            "A load near 100 % of its core means that the load, not the server, was the limit.",
        ),
    )
