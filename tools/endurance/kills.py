"""Kills the daemon of a busy site again and again: whatever it had acknowledged must be on the disk."""

import random
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from evce.records import SessionRecord
from evce.units import Seconds
from tools.data_folder import DataFolder
from tools.demo import Demo, DemoOptions
from tools.referee.page import as_html
from tools.simulation.site import SimulatedSite

__all__ = ["Acknowledged", "KillOptions", "KillReport", "acknowledged", "kill_often", "lost", "missing"]

_BACK_WITHIN: Seconds = 60.0
"""A daemon that is killed is started again after a second; more is a failure of its own."""

_AGREE_WITHIN: Seconds = 90.0
"""In the end: stations are back, and what they kept through the last outage has been told."""

_SOON: Seconds = 0.02


@dataclass(frozen=True, slots=True)
class KillOptions:
    """How often the daemon is killed, and by which seed; each time within `longest` s of its start.

    `arrivals` makes so many times as many cars come as on the recorded day.
    """

    count: int = 300
    seed: int = 1
    longest: Seconds = 12.0
    arrivals: float = 1000.0


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A transaction as its station knows it: the id it was given, and whether its end was acknowledged."""

    station: str
    connector: int
    id_tag: str
    transaction: int
    ended: bool


@dataclass(frozen=True, slots=True)
class KillReport:
    """What came of it. `acknowledged` counts transactions whose start was, `ended` those whose end was too.

    `problems` is empty where nothing was lost, doubled or overloaded; `page` is the referee's.
    """

    kills: int
    acknowledged: int
    ended: int
    longest_above: Seconds
    problems: tuple[str, ...]
    page: str


def missing(acknowledged: Iterable[Acknowledged], recorded: Mapping[int, SessionRecord]) -> list[str]:
    """What stations were told and the database, by transaction id, doesn't know; ids given twice."""
    problems = []
    given: dict[int, Acknowledged] = {}
    for known in acknowledged:
        name = f"transaction {known.transaction} of {known.station}/{known.connector}"
        if known.transaction in given:
            other = given[known.transaction]
            problems.append(f"{name} was given to {other.station}/{other.connector} as well")
        given[known.transaction] = known
        session = recorded.get(known.transaction)
        if session is None:
            problems.append(f"{name} was acknowledged and is lost")
        elif (str(session.connector.station), session.connector.number) != (known.station, known.connector):
            problems.append(f"{name} is recorded for {session.connector}")
        elif known.ended and session.stopped_at is None:
            problems.append(f"{name}: its end was acknowledged and is lost")
    return problems


def kill_often(options: KillOptions, folder: Path, told: Callable[[int], object]) -> KillReport:
    """Run the demo site in `folder` and kill its daemon; `told` hears the number of kills so far.

    Each time, before the daemon is back, what the stations had been told is looked for in the database.
    """
    drawn = random.Random(options.seed)  # noqa: S311  # moments, no secrets
    demo = Demo(
        folder,
        DemoOptions(
            arrivals=options.arrivals,
            web_port=0,
            seed=options.seed,
            steps=10.0,
            log=folder / "log",
            quiet=True,
        ),
    )
    problems: dict[str, None] = {}
    pause = threading.Event()
    try:
        demo.start()
        for number in range(1, options.count + 1):
            pause.wait(drawn.uniform(0.0, options.longest))
            starts = demo.service.starts
            demo.service.kill()
            problems |= dict.fromkeys(f"kill {number}: {what}" for what in lost(demo.site, demo.data))
            told(number)
            if not _within(_BACK_WITHIN, lambda starts=starts: demo.service.starts > starts):  # type: ignore[misc]
                problems[f"kill {number}: the daemon was not started again"] = None
                break
        # Alone now: first everybody is back and has told what is kept, then the books are compared.
        _within(_AGREE_WITHIN, lambda: not demo.compared()[1])
        demo.referee.stop()
        demo.referee.note([*problems, *demo.compared()[1], *demo.site.complaints()])
        known = acknowledged(demo.site)
    finally:
        demo.stop()
    referee = demo.referee
    return KillReport(
        kills=options.count,
        acknowledged=len(known),
        ended=sum(each.ended for each in known),
        longest_above=max(record.longest_above for record in referee.zones.values()),
        problems=(*map(str, referee.violations), *referee.notes),
        page=as_html(referee, f"{options.count} kills, seed {options.seed}"),
    )


def acknowledged(site: SimulatedSite) -> list[Acknowledged]:
    """Every transaction that a station has been given an id for, as it knows it."""

    def look() -> list[Acknowledged]:
        running = (
            outlet.session
            for station in site.world.stations.values()
            for outlet in station.outlets.values()
            if outlet.session is not None
        )
        ended = (s for station in site.world.stations.values() for s in station.sessions)
        return [
            Acknowledged(s.station, s.connector, s.id_tag, s.transaction, s.delivered)
            for s in (*running, *ended)
            if s.transaction is not None
        ]

    return site.call(look)


def lost(site: SimulatedSite, data: Path) -> list[str]:
    """What stations were told and is not in the database of this data folder."""
    known = acknowledged(site)
    with DataFolder(data).read(datetime.now(UTC)) as store:
        recorded = {int(session.transaction): session for session in store.sessions(limit=1_000_000)}
    return missing(known, recorded)


def _within(seconds: Seconds, condition: Callable[[], bool]) -> bool:
    """Wait for something in another thread that tells nobody."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            return False
        pause.wait(_SOON)
    return True
