"""Compares two books of charging sessions: what the cars truly took, and what was recorded."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from evce.records import SessionRecord
from evce.units import Seconds, WattHours

__all__ = ["BookedSession", "Discrepancy", "Mismatch", "booked", "compare_sessions"]

_SHARE = 0.01
_FLOOR: WattHours = 20.0
_SAME_START: Seconds = 5.0


@dataclass(frozen=True, slots=True)
class BookedSession:
    """One ended session. `started` and `stopped` are UTC seconds, `energy` is Wh.

    `transaction` is the central system's id, None where the station was never given one.
    """

    station: str
    connector: int
    id_tag: str
    started: float
    stopped: float
    energy: WattHours
    transaction: int | None = None


def booked(sessions: Iterable[SessionRecord]) -> list[BookedSession]:
    """Return the daemon's records of the ended ones among these sessions, in their order."""
    return [
        BookedSession(
            station=str(session.connector.station),
            connector=session.connector.number,
            id_tag=session.id_tag,
            started=session.started_at.timestamp(),
            stopped=session.stopped_at.timestamp(),
            energy=session.energy,
            transaction=int(session.transaction),
        )
        for session in sessions
        if session.stopped_at is not None
    ]


class Mismatch(StrEnum):
    """What can be wrong between the books."""

    LOST = "lost"
    DOUBLED = "doubled"
    INVENTED = "invented"
    ENERGY = "energy"
    CARD = "card"


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One thing in which the books differ."""

    kind: Mismatch
    station: str
    connector: int
    started: float
    detail: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.station}/{self.connector} {self.detail}"


def compare_sessions(
    true_book: Iterable[BookedSession],
    recorded: Iterable[BookedSession],
    *,
    unsure: Iterable[BookedSession] = (),
    same_start: Seconds = _SAME_START,
) -> list[Discrepancy]:
    """Every true session must be recorded exactly once, with its card and its energy within the larger of
    1 % and 20 Wh, and nothing else may be recorded.

    Sessions belong together when station and connector are the same and they started within `same_start`
    s of each other, or bear the same transaction id. Those in `unsure` may be recorded or not: their end may
    still be on its way.
    """
    left = list(recorded)
    for session in unsure:
        left = [other for other in left if not _same(session, other, same_start)]
    found: list[Discrepancy] = []
    for session in sorted(true_book, key=lambda s: s.started):
        twins = [other for other in left if _same(session, other, same_start)]
        for twin in twins:
            left.remove(twin)
        found += _judge(session, twins)
    found += [
        Discrepancy(
            Mismatch.INVENTED, o.station, o.connector, o.started, f"{o.energy:.0f} Wh that no car ever took"
        )
        for o in left
    ]
    return found


def _same(session: BookedSession, other: BookedSession, same_start: Seconds) -> bool:
    if (session.station, session.connector) != (other.station, other.connector):
        return False
    if session.transaction is not None and session.transaction == other.transaction:
        return True
    return abs(session.started - other.started) <= same_start


def _judge(session: BookedSession, twins: Sequence[BookedSession]) -> list[Discrepancy]:
    def discrepancy(kind: Mismatch, detail: str) -> Discrepancy:
        return Discrepancy(kind, session.station, session.connector, session.started, detail)

    if not twins:
        return [discrepancy(Mismatch.LOST, f"{session.energy:.0f} Wh by {session.id_tag}")]
    if len(twins) > 1:
        return [discrepancy(Mismatch.DOUBLED, f"recorded {len(twins)} times")]
    twin = twins[0]
    found = []
    if abs(twin.energy - session.energy) > max(_FLOOR, _SHARE * session.energy):
        found.append(
            discrepancy(Mismatch.ENERGY, f"took {session.energy:.0f} Wh, recorded {twin.energy:.0f} Wh")
        )
    if twin.id_tag.casefold() != session.id_tag.casefold():
        found.append(discrepancy(Mismatch.CARD, f"card {session.id_tag}, recorded {twin.id_tag}"))
    return found
