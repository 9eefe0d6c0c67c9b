"""What open browsers see and cost: how soon a change is shown, how long pages take, what control pays."""

import asyncio
import random
import re
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evce.configuration.document import SiteDocument
from tools.benchmarks.fleet import Fleet
from tools.benchmarks.light_station import LightStation
from tools.benchmarks.machine import Cores, cores, on_core
from tools.benchmarks.reaction import LOWEST_A, SAMPLE_S, STEP_A, Step, react
from tools.benchmarks.report import Section, percentile
from tools.benchmarks.servers import Server, running_daemon
from tools.benchmarks.site import HEADROOM, POLL_MS, RATING, bench_site, identities
from tools.benchmarks.web_browser import LightBrowser, log_in

__all__ = ["Block", "WebLoad", "bench_web", "faulted_shown", "web_section"]

STATIONS = 100
BROWSERS = 20

PAGE_GOAL_MS = 200.0
"""p95 of a whole page."""
SHOWN_GOAL_S = 2.0
"""From the station's word to the screen (UI-4)."""

ROUNDS = 2
"""Times without and with browsers, in turns: what changes on the machine meanwhile meets both."""

CHANGES = 40
VISIT_EVERY_S = 5.0
"""A person at each browser goes to another page so often, on average."""

_SEEN_WITHIN_S = 15.0
_FAULTED = re.compile(r'Stations faulted">.*?<b class="num">(\d+)</b>', re.DOTALL)
_CREDENTIALS = re.compile(r"log in\s+(\S+)\s+(\S+)")


@dataclass(frozen=True, slots=True)
class Block:
    """The reaction while so many browsers were open; `cpu` of the daemon, in percent of a core."""

    browsers: int
    steps: tuple[Step, ...]
    missed: int
    cpu: float


@dataclass
class WebLoad:
    """All figures of one run. Seconds from a StatusNotification: `told` to each stream, `shown` on each page.

    `pages` are the whole pages and `parts` the refreshed live parts, in s. `unseen` changes were not on a
    page in time, `refused` answers were no page.
    """

    stations: int
    browsers: int
    blocks: list[Block] = field(default_factory=list)
    told: list[float] = field(default_factory=list)
    shown: list[float] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)
    parts: list[float] = field(default_factory=list)
    unseen: int = 0
    refused: int = 0


def bench_web(
    stations: int = STATIONS, browsers: int = BROWSERS, steps: int = 100, changes: int = CHANGES
) -> WebLoad:
    """Measure `steps` steps of the load without and as many with browsers, then `changes` at one station."""
    pinned = cores()
    with on_core(pinned.load):
        return asyncio.run(_measure(WebLoad(stations, browsers), steps, changes, pinned))


async def _measure(load: WebLoad, steps: int, changes: int, pinned: Cores) -> WebLoad:
    fleet = Fleet(load.stations)
    herald = LightStation(identities(load.stations + 1)[-1], RATING)
    try:
        port = await fleet.open_meter()
        with running_daemon(_site(load.stations, port), pinned.server) as server:
            await fleet.connect(server.port)
            await herald.connect("127.0.0.1", server.port)
            await herald.boot()
            await fleet.plug_in()
            fleet.keep_reporting(SAMPLE_S)
            windows = await _Windows.of(server, load)
            per_block = max(1, steps // ROUNDS)
            for _ in range(ROUNDS):
                load.blocks.append(await _react(fleet, server, 0, per_block))
                await windows.open()
                load.blocks.append(await _react(fleet, server, load.browsers, per_block))
                await windows.close()
            fleet.building = 0.0
            await windows.open()
            await _tell(herald, windows.browsers, changes, load)
            await windows.close()
    finally:
        herald.close()
        await fleet.close()
    return load


def _site(stations: int, meter_port: int) -> SiteDocument:
    """One station more than cars, with the limit of the cars alone: a step must overload it."""
    site = bench_site(stations + 1, meter_port)
    limit = stations * RATING + HEADROOM
    zones = [zone.model_copy(update={"maximum_a": min(zone.maximum_a, limit)}) for zone in site.zones]
    return site.model_copy(update={"zones": tuple(zones)})


class _Windows:
    """The open browsers, and the people who go from page to page with them."""

    def __init__(self, server: Server, load: WebLoad, trust: ssl.SSLContext, cookies: dict[str, str]) -> None:
        self.browsers: list[LightBrowser] = []
        self._server, self._load = server, load
        self._trust, self._cookies = trust, cookies
        self._people: list[asyncio.Task[None]] = []

    @classmethod
    async def of(cls, server: Server, load: WebLoad) -> "_Windows":
        """Log in, with what the daemon has printed at its first start."""
        if server.data is None:
            raise ValueError("a server without a data folder has no pages")
        # The certificate is the daemon's own.
        trust = ssl.create_default_context(cafile=str(server.data / "certificate.pem"))
        login, password = _credentials(server.data.parent / "said")
        return cls(server, load, trust, await log_in(server.web_port, trust, login, password))

    async def open(self) -> None:
        """Each window on a page of its own; whole pages are counted from now on."""
        pages = _pages(self._load.stations)
        self.browsers = [
            LightBrowser(self._server.web_port, self._trust, self._cookies, pages[number % len(pages)])
            for number in range(self._load.browsers)
        ]
        for browser in self.browsers:
            await browser.open()
        self._people = [
            asyncio.ensure_future(self._wander(browser, number))
            for number, browser in enumerate(self.browsers)
        ]

    async def close(self) -> None:
        """Close them all, and count what they have seen. Raises what ended one of them before."""
        for task in self._people:
            if task.done():
                task.result()
            task.cancel()
        await asyncio.gather(*self._people, return_exceptions=True)
        for browser in self.browsers:
            browser.check()
            await browser.close()
            self._load.parts += browser.answers
            self._load.refused += len(browser.refused)

    async def _wander(self, browser: LightBrowser, number: int) -> None:
        chance = random.Random(number)  # noqa: S311  # when a person chooses a page, not a secret
        pages = [*_pages(self._load.stations), "/sessions", "/events-log", "/alarms", "/meters"]
        while True:
            await asyncio.sleep(chance.uniform(0.5, 1.5) * VISIT_EVERY_S)
            self._load.pages.append(await browser.visit(chance.choice(pages)))


def _pages(stations: int) -> list[str]:
    """Live pages of all kinds, the heaviest first."""
    names = identities(stations)
    return ["/", "/zones/main", "/zones/row-1", f"/stations/{names[0]}", f"/stations/{names[-1]}"]


def _credentials(said: Path) -> tuple[str, str]:
    found = _CREDENTIALS.search(said.read_text())
    if found is None:
        raise RuntimeError("the daemon has printed no login")
    return found[1], found[2]


async def _react(fleet: Fleet, server: Server, browsers: int, steps: int) -> Block:
    """As the benchmark of the reaction: a staircase of the building's load."""
    done: list[Step] = []
    missed = 0
    chance = random.Random(browsers + steps)  # noqa: S311  # the phase of a step within a poll, not a secret
    before = server.usage()
    while len(done) + missed < steps:
        await fleet.charge_up()
        room = round((RATING - LOWEST_A) / STEP_A)
        for _ in range(min(room, steps - len(done) - missed)):
            await asyncio.sleep(0.2 + chance.uniform(0.0, POLL_MS / 1000.0))
            step = await react(fleet)
            if step is None:
                missed += 1
            else:
                done.append(step)
            await fleet.report()
    return Block(browsers, tuple(done), missed, server.usage().share_since(before))


async def _tell(herald: LightStation, browsers: Sequence[LightBrowser], changes: int, load: WebLoad) -> None:
    """Let a station without a car fault and recover; every page counts the faulted stations."""
    chance = random.Random(changes)  # noqa: S311
    for number in range(changes):
        await asyncio.sleep(chance.uniform(1.0, 2.0))
        faulted = number % 2 == 0
        told = await _noted(herald, browsers, faulted)
        load.unseen += told.count(None)
        load.told += [one[0] for one in told if one is not None]
        load.shown += [one[1] for one in told if one is not None]


async def _noted(
    herald: LightStation, browsers: Sequence[LightBrowser], faulted: bool
) -> list[tuple[float, float] | None]:
    """For each browser the seconds until its stream told, and until its page showed, one change."""
    sent = time.monotonic()
    wanted = int(faulted)
    asking = asyncio.ensure_future(
        herald.ask(
            "StatusNotification",
            {
                "connectorId": 1,
                "errorCode": "OtherError" if faulted else "NoError",
                "status": "Faulted" if faulted else "Available",
            },
        )
    )
    found: dict[int, tuple[float, float]] = {}
    while len(found) < len(browsers) and time.monotonic() - sent < _SEEN_WITHIN_S:
        for number, browser in enumerate(browsers):
            newest = browser.newest
            if number in found or newest is None or newest.shown <= sent:
                continue
            if faulted_shown(newest.text) == wanted:
                found[number] = (max(0.0, newest.told - sent), newest.shown - sent)
        await asyncio.sleep(0.005)
    await asking
    return [found.get(number) for number in range(len(browsers))]


def faulted_shown(page: str) -> int | None:
    """How many faulted stations the bar of a page counts; None where there is no bar."""
    found = _FAULTED.search(page)
    return None if found is None else int(found[1])


def web_section(load: WebLoad) -> Section:
    """The table: what people see, then what the control loop pays for it."""
    return Section(
        "The pages under load",
        ("what", "count", "p50 ms", "p95 ms", "p99 ms", "max ms", "goal", "verdict"),
        [
            _timed("a change told to a stream", load.told, 99, SHOWN_GOAL_S * 1000.0, load.unseen),
            _timed("the change on the page", load.shown, 99, SHOWN_GOAL_S * 1000.0, load.unseen),
            _timed("a whole page", load.pages, 95, PAGE_GOAL_MS, load.refused),
            _timed("a live part", load.parts, 95, PAGE_GOAL_MS, load.refused),
            *(_reaction(load.blocks, browsers) for browsers in (0, load.browsers)),
        ],
        (
            f"{load.stations} stations that charge, each with MeterValues every {SAMPLE_S:g} s, and "
            f"{load.browsers} browsers: streams of events over HTTPS, the live part of the page fetched anew "
            f"after each change with the rests of live.js, and every {VISIT_EVERY_S:g} s another whole page.",
            "A change: one more station without a car faults or recovers. Told: the event after which the "
            "page was fetched that shows it; on the page: that page has arrived. Each browser counts.",
            "Reaction: after the read of the meter until the last reduction on the wire, as in the table "
            f"of reactions; in {ROUNDS} turns without and with browsers on one daemon.",
            "Daemon's processor time: "
            + "; ".join(
                f"{browsers} browsers {_cpu(load.blocks, browsers):.0f} % of a core"
                for browsers in (0, load.browsers)
            )
            + ".",
            "The browsers and the stations share the load's core.",
        ),
    )


def _timed(what: str, seconds: Sequence[float], percent: int, goal_ms: float, failed: int) -> tuple[str, ...]:
    goal = f"p{percent} ≤ {goal_ms:g}"
    if not seconds:
        return (what, "0", "", "", "", "", goal, "MISSED")
    ms = [1000.0 * one for one in seconds]
    reached = percentile(ms, percent) <= goal_ms and not failed
    verdict = "reached" if reached else f"MISSED ({failed} failed)" if failed else "MISSED"
    return (what, str(len(ms)), *(f"{percentile(ms, one):.0f}" for one in (50, 95, 99, 100)), goal, verdict)


def _reaction(blocks: Sequence[Block], browsers: int) -> tuple[str, ...]:
    chosen = [block for block in blocks if block.browsers == browsers]
    own = [step.last - step.seen for block in chosen for step in block.steps]
    missed = sum(block.missed for block in chosen)
    what = f"reaction with {browsers} browsers" if browsers else "reaction without browsers"
    verdict = f"{missed} missed" if missed else ""
    if not own:
        return (what, "0", "", "", "", "", "", verdict)
    return (
        what,
        str(len(own)),
        *(f"{percentile(own, percent):.0f}" for percent in (50, 95, 99, 100)),
        "",
        verdict,
    )


def _cpu(blocks: Sequence[Block], browsers: int) -> float:
    chosen = [block.cpu for block in blocks if block.browsers == browsers]
    return sum(chosen) / len(chosen) if chosen else 0.0
