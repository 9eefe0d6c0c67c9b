"""How long hundreds of stations that arrive at once take to be in service, and whom that keeps waiting."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tools.benchmarks.fleet import Fleet
from tools.benchmarks.light_station import LightStation
from tools.benchmarks.machine import Cores, cores, on_core
from tools.benchmarks.report import Section, percentile
from tools.benchmarks.servers import running_daemon
from tools.benchmarks.site import MOST_STATIONS, RATING, bench_site, identities

__all__ = ["SIZES", "ConnectRow", "Newcomer", "bench_connect", "connect_section"]

SIZES = (300,)

GOAL_S = 60.0
"""Until the last of 300 is in service."""

GIVE_UP_S = 180.0

FACTORY = {
    "MeterValueSampleInterval": "60",
    "MeterValuesSampledData": "Energy.Active.Import.Register",
    "HeartbeatInterval": "300",
}
"""How stations are delivered: each of these has to be changed."""

_BYSTANDER_EVERY = 0.05


@dataclass(frozen=True, slots=True)
class ConnectRow:
    """Seconds from the rush's beginning until each station was accepted, and until it was in service.

    `heartbeats` are the round trips of a station that was there before, in s, while the others came.
    `missing` is how many were not in service when the measurement was given up.
    """

    stations: int
    accepted: tuple[float, ...]
    in_service: tuple[float, ...]
    heartbeats: tuple[float, ...]
    missing: int


class Newcomer(LightStation):
    """A station out of its box; in service once its keys are changed and both default profiles are there."""

    def __init__(self, identity: str) -> None:
        super().__init__(identity, RATING)
        self.keys |= FACTORY
        self.accepted_at: float | None = None
        self.in_service_at: float | None = None

    async def arrive(self, port: int) -> None:
        """Connect to 127.0.0.1 and boot."""
        await self.connect("127.0.0.1", port)
        await self.boot()
        self.accepted_at = time.monotonic()

    def _obey(self, message_id: str, action: str, payload: Mapping[str, Any]) -> None:
        super()._obey(message_id, action, payload)
        configured = all(self.keys[key] != value for key, value in FACTORY.items())
        if self.in_service_at is None and configured and self.levels >= {0, 1}:
            self.in_service_at = time.monotonic()


class _Mute(LightStation):
    """One that answers nothing: the daemon waits for it in vain, and nobody else may."""

    def _obey(self, message_id: str, action: str, payload: Mapping[str, Any]) -> None:
        """Say nothing."""


def bench_connect(stations: int = SIZES[0]) -> ConnectRow:
    """Let so many stations arrive at the same moment, one that never answers among them."""
    pinned = cores()
    with on_core(pinned.load):
        return asyncio.run(_rush(stations, pinned))


async def _rush(count: int, pinned: Cores) -> ConnectRow:
    fleet = Fleet(0)
    port = await fleet.open_meter()
    names = identities(min(count + 2, MOST_STATIONS))
    mute, bystander = _Mute(names[-1], RATING), LightStation(names[-2], RATING)
    newcomers = [Newcomer(name) for name in names[:count]]
    try:
        with running_daemon(bench_site(len(names), port), pinned.server) as server:
            for first in (mute, bystander):
                await first.connect("127.0.0.1", server.port)
                await first.boot()
            heartbeats: list[float] = []
            watching = asyncio.ensure_future(_watch(bystander, heartbeats))
            began = time.monotonic()
            await asyncio.gather(*(station.arrive(server.port) for station in newcomers))
            await fleet.until(lambda: all(s.in_service_at is not None for s in newcomers), GIVE_UP_S)
            watching.cancel()
            return ConnectRow(
                count,
                tuple(s.accepted_at - began for s in newcomers if s.accepted_at is not None),
                tuple(s.in_service_at - began for s in newcomers if s.in_service_at is not None),
                tuple(heartbeats),
                sum(s.in_service_at is None for s in newcomers),
            )
    finally:
        for station in (*newcomers, mute, bystander):
            station.close()
        await fleet.close()


async def _watch(station: LightStation, heartbeats: list[float]) -> None:
    """Note how long each heartbeat takes, until cancelled."""
    while True:
        sent = time.monotonic()
        await station.heartbeat()
        heartbeats.append(time.monotonic() - sent)
        await asyncio.sleep(_BYSTANDER_EVERY)


def connect_section(rows: Sequence[ConnectRow]) -> Section:
    """The table."""
    headers = (
        "stations at once",
        "accepted p50",
        "accepted last",
        "in service p50",
        "in service last",
        "bystander p99",
        "goal",
    )
    return Section(
        "Connecting",
        headers,
        [
            (
                f"{row.stations}",
                f"{percentile(row.accepted, 50):.2f} s",
                f"{max(row.accepted):.2f} s",
                f"{percentile(row.in_service, 50):.2f} s",
                f"{max(row.in_service):.2f} s" if not row.missing else f"{row.missing} never",
                f"{1000.0 * percentile(row.heartbeats, 99):.0f} ms",
                "reached" if not row.missing and max(row.in_service) <= GOAL_S else "MISSED",
            )
            for row in rows
        ],
        [
            "All stations dial at the same moment, out of the box: three configuration keys are changed in "
            "each, and it is in service once it also holds both of its default profiles.",
            "One more station accepts its connection and then answers nothing. The bystander was there "
            "before; its heartbeats show whether anybody waits for the others.",
            f"Goal: the last of {SIZES[-1]} is in service within {GOAL_S:g} s.",
        ],
    )
