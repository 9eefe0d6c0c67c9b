"""The debug shell's answers as text for a screen: pure, nothing here asks anybody."""

from collections.abc import Iterable, Iterator, Sequence
from functools import singledispatch
from typing import Any

from evce.plain import one_line
from evce.planning.ledger import LedgerLine
from evce.units import PhaseAmps, Seconds
from tools.shell.answers import (
    ActorLine,
    Done,
    Inspection,
    Ledger,
    Log,
    LogLine,
    Names,
    Process,
    Profile,
    ProfileLine,
    Stacks,
    Top,
    Traced,
    Tree,
    Why,
    ZoneOnPath,
)

__all__ = ["duration", "table", "text"]

TOP_LINES = 20
"""Actors on a screen of 24 lines."""

NAMES_SHOWN = 6
"""Threads named in one group of stacks."""

NUMBERS = {"waiting", "age", "msg/s", "p50", "p99", "busy", "restarts", "now", "share", "pledge", "setpoint"}
"""Columns that are right-aligned."""


@singledispatch
def text(answer: Any) -> str:
    """The answer as lines for a person."""
    raise TypeError(f"nobody has said how {type(answer).__name__} looks")


@text.register
def _(answer: Tree) -> str:
    head = (
        "actor",
        "state",
        "waiting",
        "age",
        "msg/s",
        "p50",
        "p99",
        "restarts",
        "last failure",
    )
    rows = [
        (f"{branch}{line.name}", line.state, *_mailbox(line), *_rates(line), line.restarts, line.last_failure)
        for branch, line in _as_tree(answer.actors)
    ]
    return f"{table(head, rows)}\nrates of the last {answer.window_s:.0f} s"


@text.register
def _(answer: Top) -> str:
    head = ("actor", "state", "busy", "msg/s", "p50", "p99", "waiting", "age", "now", "restarts")
    rows = [
        (
            line.name,
            line.state,
            f"{line.share:.1%}",
            *_rates(line),
            *_mailbox(line),
            duration(line.busy_s) if line.busy_s else "",
            line.restarts,
        )
        for line in answer.actors[:TOP_LINES]
    ]
    total = sum(line.per_s for line in answer.actors)
    odd = sum(line.state != "running" for line in answer.actors)
    summary = f"{len(answer.actors)} actors, {total:.1f} msg/s in the last {answer.window_s:.1f} s"
    more = len(answer.actors) - len(rows)
    return "\n".join(
        [
            _process(answer.process),
            summary + (f", {odd} not running" if odd else ""),
            table(head, rows),
            *([f"… {more} more"] if more else []),
        ]
    )


@text.register
def _(answer: Inspection) -> str:
    line, inbox = answer.line, answer.line.inbox
    lines = [
        f"{line.name}  {answer.kind}, {line.state} since {line.since or 'its start'}, "
        f"incarnation {line.incarnation}, {line.restarts} restarts",
        f"below      {line.supervisor or 'nobody'}",
    ]
    if line.last_failure:
        lines.append(f"failed     {line.last_failure}")
    if inbox is not None:
        lines += [
            f"waiting    {inbox.urgent} urgent, {inbox.events} events, {inbox.samples} samples, "
            f"the oldest for {duration(inbox.oldest)}",
            f"so far     {inbox.handled} handled, {inbox.coalesced} replaced by newer ones, "
            f"{inbox.shed} shed, {inbox.refused} refused",
        ]
    lines.append(
        f"handlers   {line.per_s:.1f}/s, p50 {_or_dash(line.p50_s)}, p99 {_or_dash(line.p99_s)}; "
        f"now {f'busy for {duration(line.busy_s)}' if line.busy_s else 'idle'}, "
        f"hung after {answer.hang_budget_s:g} s"
    )
    if answer.timers:
        lines.append(f"timers     {', '.join(answer.timers)}")
    lines += [f"{answer.path or 'state'}:", *_indented(answer.value, "  ")]
    if answer.heir is not None:
        lines += ["kept for its successor:", *_indented(answer.heir, "  ")]
    return "\n".join(lines)


@text.register
def _(answer: Why) -> str:
    setpoint = "none yet" if answer.setpoint is None else _amps(answer.setpoint)
    lines = [
        f"{answer.connector} ({answer.station}): {answer.reason or 'no zone has planned for it yet'}",
        f"  setpoint   {setpoint}, measured {_phases(answer.measured)}",
        f"  outlet     {answer.status}, {answer.wiring}, rated {_amps(answer.rating)}",
        f"  station    {answer.link.replace('_', ' ')}, {'' if answer.verified else 'not '}verified",
        f"  session    {answer.session or 'none'}",
    ]
    if answer.pledge is not None:
        lines.append(f"  pledge     {_phases(answer.pledge.pledge)}: {_because(answer.pledge)}")
    if answer.zones:
        lines.append(_zones(answer.zones))
    return "\n".join(lines)


@text.register
def _(answer: Ledger) -> str:
    left = tuple(limit - pledged for limit, pledged in zip(answer.limit, answer.pledged, strict=True))
    rows = [
        (
            line.connector,
            line.zone,
            _phases(line.pledge),
            "-" if line.setpoint is None else f"{line.setpoint:g}",
            _because(line),
        )
        for line in answer.lines
    ]
    return "\n".join(
        [
            f"{answer.zone} ({answer.name}): {_phases(answer.pledged)} of {_phases(answer.limit)} pledged "
            f"({answer.bound_by}), {_phases((left[0], left[1], left[2]))} left",
            table(("connector", "zone", "pledge L1 L2 L3", "setpoint", "because"), rows)
            if rows
            else "no connector",
        ]
    )


@text.register
def _(answer: Traced) -> str:
    missed = f"… {answer.missed} more than can be shown\n" if answer.missed else ""
    fields = f" {one_line(answer.fields)}" if answer.fields else ""
    way = f"{answer.sender} → {answer.to}" if answer.sender else answer.to
    return f"{missed}{answer.at[11:23]}  {way}  {answer.type}{fields}"


@text.register
def _(answer: Log) -> str:
    return "\n".join(_log_line(line) for line in answer.lines) or "no line"


@text.register
def _(answer: Stacks) -> str:
    groups = []
    for stack in answer.stacks:
        more = len(stack.threads) - NAMES_SHOWN
        names = ", ".join(stack.threads[:NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")
        # A thread that waits does so in the standard library: one line tells who called it.
        own = [frame for frame in stack.frames if " python3" not in frame] or stack.frames
        frames = own[-1:] if stack.idle else stack.frames
        groups.append(
            "\n".join([f"{names}{' (waiting)' if stack.idle else ''}", *(f"  {f}" for f in frames)])
        )
    return "\n".join(groups) or "no thread of that name"


@text.register
def _(answer: Profile) -> str:
    def part(title: str, lines: Sequence[ProfileLine]) -> str:
        return table(("share", title), [(f"{line.share:.1%}", line.what) for line in lines])

    if not answer.threads:
        return f"{answer.looks} looks in {answer.seconds:.1f} s: every thread waited at each of them"
    return "\n\n".join(
        [
            f"{answer.looks} looks in {answer.seconds:.1f} s; share of the looks at which a thread worked",
            part("thread", answer.threads),
            part("function, innermost", answer.functions),
            part("function, with all it calls", answer.inclusive),
        ]
    )


@text.register
def _(answer: Done) -> str:
    late = "" if answer.audited else "\nNot in the audit log yet: the recorder can't write. It is in the log."
    return f"{answer.text}{late}"


@text.register
def _(answer: Names) -> str:
    return "\n".join((*answer.actors, *answer.connectors))


def table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Columns as wide as they must be; numbers to the right, no line ends in blanks."""
    cells = [[name.upper() for name in head], *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if name in NUMBERS else cell.ljust(width)
            for cell, width, name in zip(row, widths, head, strict=True)
        ).rstrip()
        for row in cells
    )


def duration(seconds: Seconds) -> str:
    """Two or three digits and a unit: 12 µs, 3.4 ms, 5.0 s, 3 min, 2 h."""
    if seconds < 0.000_999_5:
        return f"{seconds * 1e6:.0f} µs"
    if seconds < 0.999_5:
        return f"{seconds * 1e3:.{1 if seconds < 0.009_95 else 0}f} ms"
    if seconds < 119.5:
        return f"{seconds:.{1 if seconds < 9.95 else 0}f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


def _as_tree(actors: Sequence[ActorLine]) -> Iterator[tuple[str, ActorLine]]:
    names = {line.name for line in actors}
    below: dict[str, list[ActorLine]] = {}
    for line in actors:
        below.setdefault(line.supervisor if line.supervisor in names else "", []).append(line)

    def branches(supervisor: str, indent: str) -> Iterator[tuple[str, ActorLine]]:
        children = below.get(supervisor, [])
        for child in children:
            last = child is children[-1]
            top = supervisor == ""
            yield ("" if top else f"{indent}{'└' if last else '├'} "), child
            yield from branches(child.name, "" if top else f"{indent}{' ' if last else '│'} ")

    return branches("", "")


def _mailbox(line: ActorLine) -> tuple[str, str]:
    if line.inbox is None:
        return "-", "-"
    return str(line.inbox.depth), duration(line.inbox.oldest) if line.inbox.depth else ""


def _rates(line: ActorLine) -> tuple[str, str, str]:
    return f"{line.per_s:.1f}", _or_dash(line.p50_s), _or_dash(line.p99_s)


def _or_dash(seconds: Seconds | None) -> str:
    return "-" if seconds is None else duration(seconds)


def _process(process: Process) -> str:
    return (
        f"evce {process.version}  pid {process.pid}  up {duration(process.up_s)}  cpu {process.cpu:.0%}  "
        f"memory {process.memory / 1e6:.0f} MB  threads {process.threads}  files {process.files}  "
        f"undelivered {process.undelivered}  hung {process.zombies}"
    )


def _amps(amps: float) -> str:
    return f"{amps:g} A"


def _phases(amps: PhaseAmps | None) -> str:
    if amps is None:
        return "nothing"
    return f"{amps[0]:.1f} {amps[1]:.1f} {amps[2]:.1f} A"


def _because(line: LedgerLine) -> str:
    """What the pledge follows from, in the order of its weight."""
    told = ", ".join(f"{amps:g}" for amps in line.unanswered)
    before = ", ".join(f"{amps:g}" for amps in line.settling)
    reasons = [
        "" if line.link == "connected" else line.link.replace("_", " "),
        "" if line.verified else "not verified",
        f"setpoint {line.setpoint:g}" if line.charging and line.setpoint is not None else "",
        f"{before} still settling" if before else "",
        f"{told} not answered" if told else "",
        f"draws {max(line.measured):.1f}" if line.measured is not None and max(line.measured) > 0 else "",
        f"lease ends in {duration(line.lease)}" if line.lease is not None and line.link == "lost" else "",
        f"falls back to {line.fallback:g}" if line.fallback is not None and line.link == "lost" else "",
    ]
    given = [reason for reason in reasons if reason]
    return ", ".join(given) or "no session"


def _zones(zones: Sequence[ZoneOnPath]) -> str:
    rows = [
        (
            zone.id,
            _phases(zone.limit),
            zone.bound_by,
            _phases(zone.setpoints),
            _phases(zone.pledged),
            _phases(zone.lost),
            _phases(zone.measured),
        )
        for zone in zones
    ]
    return table(("zone", "limit", "bound by", "setpoints", "pledged", "set aside", "measured"), rows)


def _log_line(line: LogLine) -> str:
    traceback = "".join(f"\n    {each}" for each in line.traceback.splitlines())
    return f"{line.at[:19]}Z {line.level.upper():8} {line.thread}: {line.message}{traceback}"


def _indented(value: Any, indent: str) -> Iterator[str]:
    """JSON values as an outline."""
    if isinstance(value, dict) and value:
        for key, part in value.items():
            if isinstance(part, dict | list) and part and len(one_line(part)) > 90:
                yield f"{indent}{key}:"
                yield from _indented(part, f"{indent}  ")
            else:
                yield f"{indent}{key}: {one_line(part)}"
    elif isinstance(value, list) and value:
        for part in value:
            yield f"{indent}- {one_line(part)}"
    else:
        yield f"{indent}{one_line(value)}"
