"""What the debug shell can have a running daemon tell, and do; whatever is done is audited first."""

import logging
import threading
from collections.abc import Callable, Generator, Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from actors.messages import AskFailed, GetLedger, GetSnapshot, RestartChild
from actors.runtime import ActorStats, Runtime, SimulatedRuntime
from actors.supervised import HANG_BUDGET_S, Context, Supervised
from evce.plain import parts_of, plain
from evce.planning.ledger import LedgerLine
from evce.units import ZoneId
from evce.views import ConnectorView, SiteSnapshot, StationView, ZoneView
from tools.control.audit import Audit
from tools.control.server import Deed, Stream, StreamedDeed
from tools.log import RecentLines
from tools.shell.answers import (
    ActorLine,
    Done,
    Inspection,
    Ledger,
    Log,
    LogLine,
    Names,
    Top,
    Tree,
    Why,
    ZoneOnPath,
    to_json,
)
from tools.shell.process import moment, process
from tools.shell.sampling import profile, stacks
from tools.shell.trace import trace
from tools.shell.vocabulary import did_you_mean, fields_of, message_of, vocabulary
from tools.shell.workload import Gauge, Mark, between, mark
from web.figures import why as sentence

__all__ = ["shell_deeds"]

PATIENCE = 5.0
"""Seconds for an actor to answer."""

LOOK_S = 0.2
"""How often a deed that waits has its client looked for."""

ONE_LINE = 300
"""Characters of a message's fields in the audit log."""

_TRACEBACKS = logging.Formatter()


def shell_deeds(runtime: Runtime, recent: RecentLines, gauge: Gauge) -> dict[str, Deed | StreamedDeed]:
    """The deeds of the debug shell by name: the first half tells, the second changes something."""
    telling = _Telling(runtime, recent, gauge)
    doing = _Doing(runtime, telling)
    return {
        "actors": lambda _: to_json(telling.tree()),
        "top": telling.top,
        "inspect": lambda request: to_json(telling.inspection(request)),
        "why": lambda request: to_json(telling.why(_text(request, "connector"))),
        "pledges": lambda request: to_json(telling.ledger(_text(request, "zone"))),
        "trace": telling.trace,
        "log": lambda request: to_json(telling.log(request)),
        "stacks": lambda request: to_json(stacks(str(request.get("threads") or ""))),
        "profile": telling.profile,
        "names": lambda _: to_json(telling.names()),
        "send": doing.send,
        "pause": doing.pause,
        "resume": doing.resume,
        "kill": doing.kill,
        "restart": doing.restart,
    }


class _Telling:
    """Reads and changes nothing."""

    def __init__(self, runtime: Runtime, recent: RecentLines, gauge: Gauge) -> None:
        self._runtime, self._recent, self._gauge = runtime, recent, gauge

    def tree(self) -> Tree:
        earlier, later = self._gauge.window()
        return Tree(later.at - earlier.at, self._lines(earlier, later))

    def top(self, request: Mapping[str, Any]) -> Stream:
        seconds, count = float(request.get("seconds") or 1.0), int(request.get("count") or 1)
        if not 0.1 <= seconds <= 60.0:
            raise ValueError(f"seconds={seconds:g}: from 0.1 to 60")
        earlier, began = mark(self._runtime), moment()
        for _ in range(count):
            yield from _wait(seconds)
            later, ended = mark(self._runtime), moment()
            lines = sorted(self._lines(earlier, later), key=_load, reverse=True)
            figures = process(self._runtime, began, ended)
            yield to_json(Top(figures, later.at - earlier.at, tuple(lines)))
            earlier, began = later, ended

    def inspection(self, request: Mapping[str, Any]) -> Inspection:
        name, path = _text(request, "name"), str(request.get("path") or "")
        actor = self.living(name)
        line = next(line for line in self._lines(*self._gauge.window()) if line.name == name)
        state = {key: part for key, part in parts_of(actor).items() if key not in _bookkeeping()}
        heir = {} if path else {key: actor.heir.get(key) for key in actor.heir.keys()}  # noqa: SIM118
        return Inspection(
            line=line,
            kind=type(actor).__name__,
            hang_budget_s=actor.context.hang_budget_s,
            timers=tuple(str(key[1]) if isinstance(key, tuple) else str(key) for key in list(actor._armed)),
            path=path,
            value=plain(_opened(_part(state, path)), depth=4 if path else 3),
            heir=plain(heir, depth=2) or None,
        )

    def why(self, name: str) -> Why:
        snapshot = self._snapshot()
        station, connector = _connector(snapshot, name)
        zones = tuple(_on_path(zone) for zone in _path(snapshot, station.zone))
        session = connector.transaction
        pledges = self._pledges(snapshot, station.zone)
        return Why(
            connector=str(connector.key),
            station=station.name,
            reason=sentence(None if station.zone is None else snapshot.zones.get(station.zone), connector),
            status=connector.status.value,
            link=station.link.value,
            verified=station.verified,
            wiring=connector.wiring,
            rating=connector.rating,
            setpoint=connector.setpoint,
            measured=connector.measured,
            session="" if session is None else f"{session.id} since {session.started_at:%H:%M:%S} UTC",
            zones=zones,
            pledge=next((line for line in pledges if line.connector == str(connector.key)), None),
        )

    def ledger(self, name: str) -> Ledger:
        snapshot = self._snapshot()
        zone = snapshot.zones.get(ZoneId(name.removeprefix("zone/")))
        if zone is None:
            hint = did_you_mean(name, snapshot.zones)
            raise LookupError(f"zone={name!r}: there is no such zone{hint}; known are {_all(snapshot.zones)}")
        lines = self._pledges(snapshot, zone.id, patiently=True)
        return Ledger(zone.id, zone.name, zone.limit, zone.bound_by, zone.pledged, lines)

    def trace(self, request: Mapping[str, Any]) -> Stream:
        names, kinds = str(request.get("name") or ""), str(request.get("type") or "")
        if names and not set(names) & set("*?["):
            self.known(names)
        count, seconds = int(request.get("count") or 1000), float(request.get("seconds") or 600.0)
        caught = trace(self._runtime, names, kinds, count=count, seconds=seconds)
        return _as_json(caught)

    def profile(self, request: Mapping[str, Any]) -> Stream:
        return _as_json(profile(float(request.get("seconds") or 5.0), str(request.get("threads") or "")))

    def log(self, request: Mapping[str, Any]) -> Log:
        level = str(request.get("level") or "debug").upper()
        least = logging.getLevelNamesMapping().get(level)
        if least is None:
            raise ValueError(f"level={level.lower()}: use debug, info, warning, error or critical")
        text = str(request.get("text") or "").lower()
        lines = [
            line
            for record in self._recent.records()
            if record.levelno >= least
            and text in (line := _line(record)).message.lower() + line.thread.lower()
        ]
        return Log(tuple(lines[-int(request.get("count") or 50) :]))

    def names(self) -> Names:
        try:
            snapshot = self._snapshot()
        except AskFailed:
            snapshot = None
        return Names(
            actors=tuple(stats.view.name for stats in self._runtime.tree()),
            zones=() if snapshot is None else tuple(snapshot.zones),
            connectors=()
            if snapshot is None
            else tuple(
                str(each.key) for station in snapshot.stations.values() for each in station.connectors
            ),
            messages={name: fields_of(kind) for name, kind in vocabulary().items()},
        )

    def known(self, name: str) -> ActorStats:
        """The actor of this name, also while it doesn't live. Raises LookupError."""
        stats = {each.view.name: each for each in self._runtime.tree()}
        if name not in stats:
            hint = did_you_mean(name, stats)
            raise LookupError(
                f"name={name!r}: no living actor has that name{hint}; `evce actors list` shows them"
            )
        return stats[name]

    def living(self, name: str) -> Supervised:
        """The living actor of this name. Raises LookupError with the state of one that is dead."""
        for actor in self._runtime.living():
            if actor.name == name and not actor.muted:
                return actor
        state = self.known(name).view.state
        raise LookupError(
            f"name={name!r}: not alive now, its state is {state!r}; `evce actors list` shows why"
        )

    def _lines(self, earlier: Mark, later: Mark) -> tuple[ActorLine, ...]:
        work = between(earlier, later)
        lines = []
        for stats in self._runtime.tree():
            view, done = stats.view, work.get(stats.view.name)
            line = ActorLine(
                name=view.name,
                supervisor=view.supervisor,
                state="paused" if stats.paused else view.state,
                restarts=view.restarts,
                last_failure=view.last_failure,
                since=None if view.since is None else view.since.isoformat(timespec="seconds"),
                incarnation=stats.incarnation,
                inbox=stats.inbox,
                busy_s=stats.busy_s,
                **({} if done is None else vars(done)),
            )
            lines.append(line)
        return tuple(lines)

    def _snapshot(self) -> SiteSnapshot:
        snapshot: SiteSnapshot = self._runtime.ask("view", GetSnapshot(), PATIENCE)
        return snapshot

    def _pledges(
        self, snapshot: SiteSnapshot, zone: ZoneId | None, *, patiently: bool = False
    ) -> tuple[LedgerLine, ...]:
        """The root's ledger; none when it doesn't answer, unless that would be the whole answer."""
        path = _path(snapshot, zone)
        if not path:
            return ()
        try:
            lines: tuple[LedgerLine, ...] = self._runtime.ask(
                f"zone/{path[-1].id}", GetLedger(path[0].id), PATIENCE
            )
        except AskFailed:
            if patiently:
                raise
            return ()
        return lines


class _Doing:
    """Changes something; the audit line is on its way to the disk before it happens."""

    def __init__(self, runtime: Runtime, telling: _Telling) -> None:
        self._runtime, self._telling = runtime, telling
        self._audit = Audit(runtime)

    def send(self, request: Mapping[str, Any]) -> dict[str, Any]:
        name = _text(request, "name")
        given = request.get("fields") or {}
        if not isinstance(given, Mapping):
            raise ValueError("fields: a mapping of field to text")
        clock = self._runtime.clock
        message = message_of(
            _text(request, "type"),
            {str(field): str(value) for field, value in given.items()},
            clock.monotonic(),
            clock.utc_now(),
        )
        self._telling.living(name)
        fields = f"{plain(message)}"[:ONE_LINE]
        return self._do(
            request,
            f"{type(message).__name__} was sent to {name} by hand: {fields}",
            lambda: self._runtime.tell(name, message),
        )

    def pause(self, request: Mapping[str, Any]) -> dict[str, Any]:
        name, seconds = _text(request, "name"), float(request.get("seconds") or HANG_BUDGET_S)
        actor = self._telling.living(name)
        if actor.paused:
            raise ValueError(f"name={name!r}: it is paused already; `resume {name}` ends that")
        longest = actor.longest_pause_s
        if not 0.0 < seconds <= longest:
            raise ValueError(f"seconds={seconds:g}: {name} may be paused for up to {longest:g} s")
        return self._do(
            request, f"{name} was paused for {seconds:g} s", lambda: self._runtime.pause(name, seconds)
        )

    def resume(self, request: Mapping[str, Any]) -> dict[str, Any]:
        name = _text(request, "name")
        if not self._telling.living(name).paused:
            raise ValueError(f"name={name!r}: it isn't paused; nothing was done")
        return self._do(request, f"{name} was resumed", lambda: self._runtime.resume(name))

    def kill(self, request: Mapping[str, Any]) -> dict[str, Any]:
        name, how = _text(request, "name"), str(request.get("how") or "exception")
        if how not in ("exception", "exit", "hang"):
            raise ValueError(f"how={how!r}: use exception, exit or hang")
        self._telling.living(name)
        return self._do(
            request, f"{name} was killed for a drill ({how})", lambda: self._runtime.kill(name, how)
        )

    def restart(self, request: Mapping[str, Any]) -> dict[str, Any]:
        name = _text(request, "name")
        supervisor = self._telling.known(name).view.supervisor
        if not supervisor:
            raise ValueError(f"{name} has no supervisor: restart the daemon, `systemctl restart evce`")
        return self._do(
            request,
            f"{name} was restarted by hand",
            lambda: self._runtime.tell(supervisor, RestartChild(name)),
        )

    def _do(self, request: Mapping[str, Any], text: str, deed: Callable[[], bool]) -> dict[str, Any]:
        audited = self._audit.written(str(request.get("author") or "unknown"), text)
        if not deed():
            raise LookupError(f"nobody was there any more: not so, {text}")
        return to_json(Done(text, audited))


def _wait(seconds: float) -> Stream:
    """Let time pass, and the client be looked for meanwhile."""
    over = threading.Event()
    left = seconds
    while left > 0:
        yield None
        over.wait(min(LOOK_S, left))
        left -= LOOK_S


def _as_json(answers: Generator[Any, None, None]) -> Stream:
    try:
        for answer in answers:
            yield None if answer is None else to_json(answer)
    finally:
        answers.close()


def _text(request: Mapping[str, Any], key: str) -> str:
    value = str(request.get(key) or "")
    if not value:
        raise LookupError(f"{key}: missing")
    return value


@cache
def _bookkeeping() -> frozenset[str]:
    """The attributes that every actor has for its own life."""
    return frozenset((*vars(Supervised(Context("", SimulatedRuntime()))), "random"))


def _part(state: Mapping[str, Any], path: str) -> Any:
    """Follow `a.b.c` through fields, keys and positions; a key may have dots of its own."""
    value: Any = state
    words = path.split(".") if path else []
    while words:
        parts = value if isinstance(value, Mapping) and value is state else parts_of(value)
        for taken in range(len(words), 0, -1):
            key = ".".join(words[:taken])
            if key in parts:
                value, words = parts[key], words[taken:]
                break
        else:
            known = f"; it has {_all(parts)}" if parts else ""
            raise LookupError(f"path={path!r}: there is no {words[0]!r}{known}")
    return value


def _opened(value: Any) -> Any:
    """What was named, also where it is machinery that is shown by its name otherwise."""
    return value if isinstance(value, list | tuple | Mapping) else parts_of(value) or value


def _all(names: Iterable[Any]) -> str:
    known = [str(name) for name in names]
    more = f" and {len(known) - 20} more" if len(known) > 20 else ""
    return ", ".join(known[:20]) + more


def _load(line: ActorLine) -> tuple[float, float]:
    return line.share + line.busy_s, line.per_s


def _line(record: logging.LogRecord) -> LogLine:
    return LogLine(
        at=datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        level=record.levelname.lower(),
        logger=record.name,
        thread=record.threadName or "",
        message=record.getMessage(),
        traceback=_TRACEBACKS.formatException(record.exc_info) if record.exc_info else "",
    )


def _connector(snapshot: SiteSnapshot, name: str) -> tuple[StationView, ConnectorView]:
    by_name: dict[str, tuple[StationView, ConnectorView]] = {}
    for station in snapshot.stations.values():
        for connector in station.connectors:
            by_name[str(connector.key)] = station, connector
    found = by_name.get(name) or by_name.get(f"{name}/1")
    if found is None:
        hint = did_you_mean(name, [*snapshot.stations, *by_name])
        raise LookupError(f"connector={name!r}: there is none{hint}; known are {_all(by_name) or 'none'}")
    return found


def _path(snapshot: SiteSnapshot, zone: ZoneId | None) -> list[ZoneView]:
    """The zone and those above it, the root last."""
    path: list[ZoneView] = []
    view = None if zone is None else snapshot.zones.get(zone)
    while view is not None and view not in path:
        path.append(view)
        view = None if view.parent is None else snapshot.zones.get(view.parent)
    return path


def _on_path(zone: ZoneView) -> ZoneOnPath:
    return ZoneOnPath(
        zone.id,
        zone.name,
        zone.limit,
        zone.bound_by,
        zone.setpoints,
        zone.pledged,
        zone.lost,
        zone.measured,
    )
