"""A session's timeline, worked out of its course and the event log: key moments, stretches, what bound it."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from actors.messages import RecordEvent, SessionPoint, SessionRecord
from evce.units import Amps, WattHours
from web.languages import gettext
from web.states import State, session_state

__all__ = ["BEFORE", "Band", "Happening", "Moment", "Stretch", "Timeline", "bands", "plain", "timeline_of"]

BEFORE = timedelta(minutes=15)
"""A plug goes in, or a card is shown, at most so long before the session that it belongs to."""

_AFTER = timedelta(minutes=1)
_STRETCHES = 200
_LOG_LINES = 200
_FIGURES = re.compile(r"\d+(?:[.,]\d+)*")
_CARD = re.compile(r"card (.+) (accepted|refused)")
"""As the station's control logs what became of a card."""

_PAUSES = (State.SUSPENDED_SYSTEM, State.SUSPENDED_EV)


class Happening(StrEnum):
    """What a key moment is about."""

    PLUGGED_IN = "plugged_in"
    AUTHORISED = "authorised"
    REFUSED = "refused"
    STARTED = "started"
    DRAWING = "drawing"
    SUSPENDED = "suspended"
    PAUSED_BY_CAR = "paused_by_car"
    RESUMED = "resumed"
    LOST = "lost"
    BACK = "back"
    FAULTED = "faulted"
    ENDED = "ended"

    @property
    def word(self) -> str:
        """What happened, in the reader's words."""
        match self:
            case Happening.PLUGGED_IN:
                return gettext("Plugged in")
            case Happening.AUTHORISED:
                return gettext("Authorised")
            case Happening.REFUSED:
                return gettext("Card refused")
            case Happening.STARTED:
                return gettext("Started")
            case Happening.DRAWING:
                return gettext("The car begins to charge")
            case Happening.SUSPENDED:
                return gettext("Suspended by system")
            case Happening.PAUSED_BY_CAR:
                return gettext("Suspended by EV")
            case Happening.RESUMED:
                return gettext("Resumed")
            case Happening.LOST:
                return gettext("Station disconnected")
            case Happening.BACK:
                return gettext("Station connected again")
            case Happening.FAULTED:
                return gettext("Faulted")
            case Happening.ENDED:
                return gettext("Ended")


@dataclass(frozen=True, slots=True)
class Moment:
    """A key moment; `detail` tells more in English: the card, the reason, how it ended."""

    at: datetime
    what: Happening
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in one state and bound by one thing.

    `lowest` to `highest` is what was allowed, A per phase; `drawn` the most that was drawn on a phase, None
    where nobody knows; `energy` what was charged in it, Wh; `reason` why, in English.
    """

    begin: datetime
    end: datetime
    state: State
    lowest: Amps
    highest: Amps
    drawn: Amps | None
    energy: WattHours
    reason: str

    @property
    def seconds(self) -> float:
        """How long it lasted."""
        return (self.end - self.begin).total_seconds()


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of one state on the picture: where it stands and how long it is, in percent of the whole."""

    state: State
    begin: datetime
    end: datetime
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """All of a session. `complete` is False where nothing is kept of its course (any more)."""

    session: SessionRecord
    begin: datetime
    end: datetime
    points: tuple[SessionPoint, ...]
    moments: tuple[Moment, ...]
    stretches: tuple[Stretch, ...]
    bands: tuple[Band, ...]
    log: tuple[RecordEvent, ...]
    complete: bool
    left_out: int = 0
    """So many of the earliest stretches."""

    @property
    def paused(self) -> float:
        """For how long it was suspended, by the system or by the car, s."""
        return sum((b.end - b.begin).total_seconds() for b in self.bands if b.state in _PAUSES)


def timeline_of(
    session: SessionRecord, points: Sequence[SessionPoint], log: Iterable[RecordEvent], now: datetime
) -> Timeline:
    """Lay a session's course and its station's lines of the log (any order) along time."""
    points = tuple(_with_reasons(sorted(points, key=lambda point: point.at)))
    plugged = _plugged_in(points)
    # A session is timed by its station's clock, its course by ours.
    begin = min([session.started_at, *(point.at for point in points[:1])])
    end = max([session.stopped_at or now, *(point.at for point in points[-1:])])
    lines = sorted(
        (line for line in log if begin - BEFORE <= line.at <= end + _AFTER), key=lambda line: line.at
    )
    running = [point for point in points if point is not points[0] or plugged is None]
    stretches = tuple(_stretches(running, end))
    moments = [
        *([Moment(plugged, Happening.PLUGGED_IN)] if plugged else []),
        *_cards(session, lines),
        Moment(session.started_at, Happening.STARTED, session.id_tag),
        *_changes(stretches),
    ]
    if session.stopped_at is not None:
        moments.append(Moment(session.stopped_at, Happening.ENDED, session.stop_reason or ""))
    return Timeline(
        session,
        begin,
        end,
        points,
        tuple(sorted(moments, key=_order)),
        stretches[-_STRETCHES:],
        bands(stretches, begin, end),
        tuple(lines[-_LOG_LINES:]),
        complete=bool(running),
        left_out=max(0, len(stretches) - _STRETCHES),
    )


def plain(timeline: Timeline) -> dict[str, object]:
    """A timeline for programs: times in ISO 8601 UTC, currents in A per phase, kWh, reasons in English."""
    session = timeline.session
    return {
        "transaction": session.transaction,
        "station": session.connector.station,
        "connector": session.connector.number,
        "id_tag": session.id_tag,
        "started_at": _iso(session.started_at),
        "stopped_at": None if session.stopped_at is None else _iso(session.stopped_at),
        "energy_kwh": _kwh(session.energy),
        "charged_s": None if session.split is None else round(session.split.charged, 1),
        "energy_by_period_kwh": (
            None
            if session.split is None
            else {name: _kwh(part) for name, part in session.split.periods.items()}
        ),
        "stop_reason": session.stop_reason,
        "complete": timeline.complete,
        "paused_s": round(timeline.paused, 1),
        "moments": [
            {"at": _iso(moment.at), "what": moment.what.value, "detail": moment.detail}
            for moment in timeline.moments
        ],
        "stretches": [
            {
                "begin": _iso(one.begin),
                "end": _iso(one.end),
                "state": one.state.value,
                "allowed_a": [round(one.lowest, 2), round(one.highest, 2)],
                "drawn_a": None if one.drawn is None else round(one.drawn, 2),
                "energy_kwh": _kwh(one.energy),
                "reason": one.reason,
            }
            for one in timeline.stretches
        ],
        "points": [
            {
                "at": _iso(point.at),
                "allowed_a": round(point.allowed, 2),
                "drawn_a": None if point.drawn is None else round(point.drawn, 2),
                "energy_kwh": _kwh(point.energy),
                "state": session_state(point).value,
                "reason": point.reason,
            }
            for point in timeline.points
        ],
    }


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _kwh(energy: WattHours) -> float:
    return round(energy / 1000.0, 3)


def bands(stretches: Iterable[Stretch], begin: datetime, end: datetime) -> tuple[Band, ...]:
    """The states one after the other, stretches of the same state as one."""
    whole = max((end - begin).total_seconds(), 1e-3)
    laid: list[Band] = []
    for one in _joined(stretches, lambda before, after: before.state is after.state):
        left = 100.0 * (one.begin - begin).total_seconds() / whole
        width = 100.0 * one.seconds / whole
        laid.append(Band(one.state, one.begin, one.end, round(left, 3), round(width, 3)))
    return tuple(laid)


def _order(moment: Moment) -> tuple[datetime, int]:
    """By time; stations tell whole seconds only, within which things happen in their natural order."""
    return moment.at.replace(microsecond=0), tuple(Happening).index(moment.what)


def _with_reasons(points: Iterable[SessionPoint]) -> Iterator[SessionPoint]:
    """Each point with its reason, also where it is as before."""
    known = ""
    for point in points:
        known = known if point.reason is None else point.reason
        yield replace(point, reason=known)


def _plugged_in(points: Sequence[SessionPoint]) -> datetime | None:
    """When the plug went in, where the course was seen from there on."""
    if not points or session_state(points[0]) is not State.OCCUPIED or points[0].energy > 0.0:
        return None
    return points[0].at


def _stretches(points: Sequence[SessionPoint], end: datetime) -> Iterator[Stretch]:
    """Points from one to the next, joined where state and binding rule stay."""
    if not points:
        return iter(())
    ends = [*(point.at for point in points[1:]), end]
    energies = [*(point.energy for point in points[1:]), points[-1].energy]
    single = [
        Stretch(
            begin=point.at,
            end=max(until, point.at),
            state=session_state(point),
            lowest=point.allowed,
            highest=point.allowed,
            drawn=point.drawn,
            energy=max(0.0, charged - point.energy),
            reason=point.reason or "",
        )
        for point, until, charged in zip(points, ends, energies, strict=True)
    ]
    return _joined(
        single, lambda one, next_: one.state is next_.state and _gist(one.reason) == _gist(next_.reason)
    )


def _joined(stretches: Iterable[Stretch], alike: Callable[[Stretch, Stretch], bool]) -> Iterator[Stretch]:
    before: Stretch | None = None
    for one in stretches:
        if before is not None and alike(before, one):
            before = replace(
                before,
                end=one.end,
                lowest=min(before.lowest, one.lowest),
                highest=max(before.highest, one.highest),
                drawn=max((a for a in (before.drawn, one.drawn) if a is not None), default=None),
                energy=before.energy + one.energy,
                reason=before.reason if before.lowest <= one.lowest else one.reason,
            )
            continue
        if before is not None:
            yield before
        before = one
    if before is not None:
        yield before


def _gist(reason: str) -> str:
    """A reason without its figures: which rule it is."""
    return _FIGURES.sub("#", reason)


def _cards(session: SessionRecord, lines: Iterable[RecordEvent]) -> Iterator[Moment]:
    """What became of the session's card before it began."""
    for line in lines:
        found = _CARD.fullmatch(line.message)
        if (
            found
            and line.at <= session.started_at + _AFTER
            and found[1].casefold() == session.id_tag.casefold()
        ):
            what = Happening.AUTHORISED if found[2] == "accepted" else Happening.REFUSED
            yield Moment(line.at, what, found[1])


def _changes(stretches: Sequence[Stretch]) -> Iterator[Moment]:
    """The moments at which the state changed."""
    if stretches and stretches[0].state in _PAUSES:
        yield _began(stretches[0])
    drew = bool(stretches) and stretches[0].state is State.CHARGING
    for before, after in pairwise(stretches):
        if before.state is after.state:
            continue
        if after.state is State.CHARGING:
            back = before.state is State.DISCONNECTED
            resumed = Happening.RESUMED if drew else Happening.DRAWING
            yield Moment(after.begin, Happening.BACK if back else resumed, after.reason)
            drew = True
        elif after.state in (*_PAUSES, State.DISCONNECTED, State.FAULTED):
            yield _began(after)
        elif before.state is State.DISCONNECTED:
            yield Moment(after.begin, Happening.BACK)


_BEGINS = {
    State.SUSPENDED_SYSTEM: Happening.SUSPENDED,
    State.SUSPENDED_EV: Happening.PAUSED_BY_CAR,
    State.DISCONNECTED: Happening.LOST,
    State.FAULTED: Happening.FAULTED,
}


def _began(after: Stretch) -> Moment:
    why = after.reason if after.state is State.SUSPENDED_SYSTEM else ""
    return Moment(after.begin, _BEGINS[after.state], why)
