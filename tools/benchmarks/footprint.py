"""Memory and processor time of the daemon: alone, with idle stations, and with all of them charging."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from tools.benchmarks.fleet import Fleet
from tools.benchmarks.machine import Cores, cores, on_core
from tools.benchmarks.report import Section
from tools.benchmarks.servers import Server, running_daemon
from tools.benchmarks.site import POLL_MS, bench_site

__all__ = ["STATIONS", "FootprintRow", "bench_footprint", "footprint_section"]

STATIONS = 100

SAMPLE_S = 5.0
HEARTBEAT_S = 60.0

SETTLES_S = 5.0
"""What has just connected or started is not yet idle."""


@dataclass(frozen=True, slots=True)
class FootprintRow:
    """One state of the site: `memory` resident in MiB, `cpu` in percent of one core over `seconds`."""

    state: str
    memory: float
    cpu: float
    threads: int
    seconds: float


def bench_footprint(seconds: float = 60.0, stations: int = STATIONS) -> list[FootprintRow]:
    """Watch the daemon for `seconds` in each state; one run, its memory grows from row to row."""
    pinned = cores()
    with on_core(pinned.load):
        return asyncio.run(_measure(seconds, stations, pinned))


async def _measure(seconds: float, stations: int, pinned: Cores) -> list[FootprintRow]:
    fleet = Fleet(stations)
    settles = min(SETTLES_S, seconds)
    try:
        port = await fleet.open_meter()
        with running_daemon(bench_site(stations, port), pinned.server) as server:
            await asyncio.sleep(settles)
            rows = [await _watch("nobody connected", server, seconds)]
            await fleet.connect(server.port)
            fleet.keep_alive(HEARTBEAT_S)
            await asyncio.sleep(settles)
            rows.append(await _watch(f"{stations} stations idle", server, seconds))
            await fleet.plug_in()
            fleet.keep_reporting(SAMPLE_S)
            await fleet.charge_up()
            await asyncio.sleep(settles)
            rows.append(await _watch(f"{stations} stations charging", server, seconds))
            return rows
    finally:
        await fleet.close()


async def _watch(state: str, server: Server, seconds: float) -> FootprintRow:
    before = server.usage()
    await asyncio.sleep(seconds)
    after = server.usage()
    return FootprintRow(state, after.memory, after.share_since(before), after.threads, after.at - before.at)


def footprint_section(rows: Sequence[FootprintRow]) -> Section:
    """Make the table."""
    return Section(
        "Footprint: memory and idle processor time",
        ("state", "resident MiB", "CPU %", "threads", "watched s"),
        [
            [row.state, f"{row.memory:.0f}", f"{row.cpu:.1f}", str(row.threads), f"{row.seconds:.0f}"]
            for row in rows
        ],
        (
            f"Idle: connected, a heartbeat every {HEARTBEAT_S:g} s. Charging: a transaction each, "
            f"MeterValues every {SAMPLE_S:g} s. In all states one meter is polled every {POLL_MS} ms and "
            "nobody looks at the pages.",
            "CPU in percent of one core.",
        ),
    )
