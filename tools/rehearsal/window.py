"""One seeded stretch of virtual time at a site with mishaps, and what the referee and the books say of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from heapq import heappop, heappush
from pathlib import Path
from typing import Final

from evce.configuration.document import SiteDocument
from evce.units import Seconds
from tools.demo import demo_document
from tools.referee.page import as_html
from tools.rehearsal.house import LOOK_EVERY, House, RehearsalError
from tools.rehearsal.mishaps import Mishap, mishaps
from tools.rehearsal.sites import small_site
from tools.rehearsal.weather import SteadinessWatch, weather
from tools.simulation.world import WorldOptions

__all__ = ["SITES", "Window", "WindowReport", "play"]

SITES: Final[dict[str, Callable[[], SiteDocument]]] = {"small": small_site, "demo": demo_document}
"""The sites that can be played, by name."""

CALMS_WITHIN: Seconds = 240.0
"""After the last mishap: every lease has run out, every station is back, every commit is on the disk."""


@dataclass(frozen=True, slots=True)
class Window:
    """What to play: the same window gives the same run to the last message.

    It begins `begin` s after Monday 00:00. With `weather` it is an ordinary stretch of a week, without
    mishaps but with clouds, steps and late reports; there setpoints mustn't swing either.
    """

    seed: int
    seconds: Seconds = 3600.0
    site: str = "small"
    mishap_every: Seconds = 120.0
    arrivals_factor: float = 40.0
    weather: bool = False
    begin: Seconds = 14 * 3600.0


@dataclass(frozen=True, slots=True)
class WindowReport:
    """What came of it. `problems` is empty where all was well.

    `hottest` is the largest share of its heat that a breaker took, `longest_above` how long a current was
    above a limit at a stretch; `turns` is how often a setpoint turned within 5 min that nothing outside
    explains, at most, looked at with `weather` only; `took` is processor time. Times in s. `page` is the
    referee's page where there were problems.
    """

    window: Window
    problems: tuple[str, ...]
    mishaps: tuple[str, ...]
    sessions: int
    hottest: float
    longest_above: Seconds
    simulated: Seconds
    took: Seconds
    page: str = ""
    turns: int = 0


def play(
    window: Window,
    folder: Path,
    heard: Callable[[str], None] | None = None,
    passed: Callable[[Seconds], None] | None = None,
) -> WindowReport:
    """Play a window on an empty folder.

    `heard` gets each message as it is handled, a line each; `passed` is told of virtual time as it passes.
    """
    began = time.process_time()
    document = SITES[window.site]()
    options = _options(window, document)
    house = House(folder, document=document, options=options, seed=window.seed, in_transit=True)
    if heard is not None:
        tell = heard
        house.heard.append(lambda at, name, message: tell(f"{at:10.3f} {name} {message!r}"))
    if passed is not None:
        house.watchers.append(partial(passed, LOOK_EVERY))
    watch: SteadinessWatch | None = None
    drawn: list[Mishap] = []
    problems: list[str] = []
    try:
        house.settle_in()
        if window.weather:
            watch = SteadinessWatch(house)
        else:
            drawn = mishaps(house, window.seed, window.seconds, window.mishap_every)
        _strike(house, drawn, house.now, window.seconds)
        house.run_until(house.all_verified, CALMS_WITHIN, "every station is back after the last mishap")
        house.run(10.0)
    except RehearsalError as error:
        problems.append(str(error))
    problems += [str(violation) for violation in house.referee.violations]
    problems += house.differences()
    if watch is not None:
        problems += watch.judge.problems
    zones = house.referee.zones.values()
    sessions = len(house.sessions())
    try:
        house.close()
    except RehearsalError as error:
        problems.append(str(error))
    return WindowReport(
        window,
        tuple(problems),
        tuple(map(str, drawn)),
        sessions,
        max(record.heat_used for record in zones),
        max(record.longest_above for record in zones),
        house.now,
        time.process_time() - began,
        _page(house, window, problems, drawn) if problems else "",
        0 if watch is None else watch.judge.worst,
    )


def _options(window: Window, document: SiteDocument) -> WorldOptions:
    if window.weather:
        stations = tuple(str(name) for name in document.model().stations)
        return weather(window.seed, window.begin, stations, window.arrivals_factor)
    return WorldOptions(
        seed=window.seed,
        arrivals_factor=window.arrivals_factor,
        begin=window.begin,
        step_every=45.0,
        step_share=0.15,
        building_share=0.6,
    )


def _page(house: House, window: Window, problems: list[str], drawn: list[Mishap]) -> str:
    """What the referee saw; problems that aren't the referee's own are told beside it."""
    known = {str(violation) for violation in house.referee.violations}
    house.referee.note(problem for problem in problems if problem not in known)
    return as_html(house.referee, f"Rehearsal at the {window.site} site, seed {window.seed}", map(str, drawn))


def _strike(house: House, drawn: list[Mishap], began: Seconds, seconds: Seconds) -> None:
    """Let everything go wrong in its time, and mend it."""
    agenda: list[tuple[Seconds, int, Callable[[House], None]]] = []
    for number, mishap in enumerate(drawn):
        heappush(agenda, (began + mishap.at, 2 * number, mishap.strike))
        if mishap.mend is not None:
            heappush(agenda, (began + mishap.at + mishap.lasts, 2 * number + 1, mishap.mend))
    while agenda:
        at, _, do = heappop(agenda)
        if at > house.now:
            house.run(at - house.now)
        do(house)
    if began + seconds > house.now:
        house.run(began + seconds - house.now)
