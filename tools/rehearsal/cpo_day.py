"""A day with a remote operator who is down for hours, slow, silent or wrong, while the daemon is killed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from evce.configuration.document import SiteDocument
from evce.storage import Store
from evce.units import Seconds
from tools.rehearsal.house import House, RehearsalError
from tools.rehearsal.operator import VirtualOperator
from tools.rehearsal.sites import small_site
from tools.simulation.cpo_book import Book
from tools.simulation.world import WorldOptions

__all__ = ["CpoDay", "CpoDayReport", "book_differences", "play_day"]

_CPO = {
    "enabled": True,
    "url": "ws://127.0.0.1:1/ocpp",
    "retry_interval_s": 5,
    "meter_interval_s": 60,
}
_CARDS = {"mode": "known_cards", "offline": "accept"}

_DELIVERED_WITHIN: Seconds = 7_200.0
"""Retries wait longer and longer (OCPP 1.6 §9.1), an hour at most."""


@dataclass(frozen=True, slots=True)
class CpoDay:
    """`cars` come that many times as often as recorded, and stay for `stay` of the time."""

    hours: float = 24.0
    seed: int = 1
    cars: float = 5.0
    stay: float = 0.3


@dataclass(frozen=True, slots=True)
class CpoDayReport:
    """What was found: `sessions` in the database, `repeats` that the operator recognised, and `problems`."""

    sessions: int
    longest_queue: int
    repeats: int
    problems: tuple[str, ...]


def book_differences(book: Book, store: Store) -> list[str]:
    """How the operator's book differs from the database: in content, in order, in number."""
    ids = store.cpo_transactions()
    found = [*book.faults]
    expected: dict[str, list[tuple[datetime, int, str, int]]] = {}
    for session in store.sessions(limit=1_000_000):
        cpo = ids.get(session.transaction)
        booked = book.transactions.get(cpo or 0)
        if cpo is None or booked is None:
            found.append(f"session {session.transaction} is not in the book")
            continue
        events = expected.setdefault(str(session.connector.station), [])
        events.append((session.started_at, 0, "start", cpo))
        if session.stopped_at is not None:
            events.append((session.stopped_at, 1, "stop", cpo))
        ours = (session.connector.number, session.id_tag, round(session.meter_start), session.meter_stop)
        theirs = (booked.connector, booked.id_tag, booked.meter_start, booked.meter_stop)
        if ours != theirs:
            found.append(f"session {session.transaction}: {theirs} instead of {ours}")
    for station, events in expected.items():
        told = [(event, transaction) for box, event, transaction in book.order if box == station]
        if told != [(event, transaction) for _, _, event, transaction in sorted(events)]:
            found.append(f"{station}: told as {told}")
    if len(book.transactions) != len(ids):
        found.append(f"{len(book.transactions)} in the book, {len(ids)} in the database")
    return found


def play_day(day: CpoDay, folder: Path, told: Callable[[str], None] = lambda _: None) -> CpoDayReport:
    """Play it in virtual time, then compare the books. `told` hears of each part as it begins."""
    operator = VirtualOperator(folder)
    options = WorldOptions(
        seed=day.seed, arrivals_factor=day.cars, stay_share=day.stay, building_share=0.3, solar_share=0.0
    )
    house = House(folder, document=_document(), options=options, seed=day.seed, operator=operator)
    queues = [0]
    problems: list[str] = []
    house.settle_in()
    for name, share in _parts(house, operator):
        told(f"{house.now / 3600.0:5.2f} h  {name}")
        house.run(share * day.hours * 3600.0)
        queues.append(_waiting(house))
    told(f"{house.now / 3600.0:5.2f} h  everybody leaves")
    for station in house.world.stations.values():
        for number in station.outlets:
            station.unplug(number, house.now)
    try:
        house.run(60.0)
        house.run_until(lambda: not _waiting(house), _DELIVERED_WITHIN, "the journal is delivered")
    except RehearsalError as late:
        problems.append(str(late))
    with Store(house.database, datetime.now(UTC), read_only=True) as store:
        sessions = len(store.sessions(limit=1_000_000))
        problems += book_differences(operator.system.book, store)
    problems += [f"the operator complains: {complaint}" for complaint in operator.system.complaints]
    problems += [f"died: {death}" for death in house.deaths()]
    problems += [f"{violation}" for violation in house.referee.violations]
    problems += house.differences()
    house.close()
    return CpoDayReport(sessions, max(queues), operator.system.book.repeats, tuple(problems))


def _parts(house: House, operator: VirtualOperator) -> Iterator[tuple[str, float]]:
    """Each part of the day with its share of it; the operator is changed when its part begins."""
    habits = operator.system.habits
    yield "all is well", 0.15
    operator.down = True
    yield "the operator is down", 0.25
    operator.down, habits.slow = False, 2.0
    yield "it is back, and slow", 0.1
    habits.slow, habits.errors = 0.0, 10
    yield "it answers transactions with errors", 0.1
    habits.errors, habits.mute = 0, True
    yield "it answers nothing", 0.05
    habits.mute, habits.wrong = False, True
    yield "it answers nonsense", 0.05
    habits.wrong, operator.down = False, True
    yield "it is down again", 0.05
    house.crash()
    yield "and the daemon was killed", 0.05
    house.crash(10.0)
    yield "and killed once more", 0.05
    operator.down = False
    yield "all is well again", 0.15


def _document() -> SiteDocument:
    site = small_site().model_dump(mode="json", exclude_none=True)
    return SiteDocument.parse(site | {"cpo": _CPO, "authentication": _CARDS})


def _waiting(house: House) -> int:
    return sum(uplink.waiting for uplink in house.snapshot().uplinks.values())
