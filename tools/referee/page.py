"""What the referee saw, as a page for people: violations first, then each feeder and phase over time."""

import html
from collections.abc import Iterable, Sequence

from evce.units import Amps, Monotonic
from tools.referee.referee import (
    HEAT_ALLOWED,
    REACTION_WINDOW,
    TOO_LONG,
    Referee,
    TracePoint,
    Violation,
    ZoneRecord,
)

__all__ = ["as_html"]

_WIDTH, _HEIGHT = 900, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 44, 10, 24
_POINTS = 800
"""More points than pixels show nothing."""

_STEPS = (10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0, 14400.0, 43200.0, 86400.0)
_MARKS = 10

_STYLE = """
:root{color-scheme:light dark;--ink:#1b1d21;--soft:#5b6068;--page:#fff;--panel:#f4f5f7;--rule:#d5d8dd;
--amps:#1657a8;--limit:#b3261e;--heat:#b45f06;--breach:#b3261e;--good:#1d6b34}
@media (prefers-color-scheme:dark){:root{--ink:#e7e9ed;--soft:#a2a8b3;--page:#15171b;--panel:#1e2127;
--rule:#3a3f48;--amps:#7db3f5;--limit:#ff8a80;--heat:#f2b05e;--breach:#ff8a80;--good:#7fd497}}
body{font:15px/1.45 system-ui,sans-serif;color:var(--ink);background:var(--page);max-width:62rem;
margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}h3{font-size:.95rem;margin:.8rem 0 .2rem}
.verdict{font-size:1.1rem;font-weight:600}.bad{color:var(--breach)}.good{color:var(--good)}
.soft,figcaption{color:var(--soft);font-size:.85rem}
table{border-collapse:collapse;width:100%}td,th{padding:.25rem .7rem .25rem 0;text-align:left;
border-bottom:1px solid var(--rule)}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
figure{margin:0;background:var(--panel);border-radius:6px;padding:.3rem}svg{display:block;width:100%}
svg text{font-size:11px;fill:var(--soft)}.rule{stroke:var(--rule)}.limit{stroke:var(--limit);
stroke-dasharray:5 3}.amps{stroke:var(--amps);fill:none;stroke-width:1.5}
.heat{fill:var(--heat);opacity:.28}.allowed{stroke:var(--heat);stroke-dasharray:2 4}
.breach{fill:var(--breach);opacity:.18}li{margin:.2rem 0}
.key{display:inline-block;width:1.4em;height:.7em;vertical-align:middle;margin:0 .3em 0 .9em}
"""


def as_html(referee: Referee, title: str = "Referee's report", on_purpose: Iterable[str] = ()) -> str:
    """One page without scripts or anything from elsewhere, light or dark as the reader's screen is.

    Violations come first, then the differences between the books, the feeders as a table and as plots;
    `on_purpose` are the disturbances of the run, a line each.
    """
    parts = [
        _verdict(referee),
        _section("Violations", [_told(violation, referee.began or 0.0) for violation in referee.violations]),
        _section("Differences between the books", referee.notes),
        _table(referee),
        *(_feeder(record, referee) for record in referee.zones.values()),
        _section("What was done to the site", list(on_purpose)),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{html.escape(title)}</h1>{''.join(parts)}</body></html>\n"
    )


def _verdict(referee: Referee) -> str:
    seconds = (referee.last or 0.0) - (referee.began or 0.0)
    seen = f'<p class="soft">{referee.observations} observations in {_span(seconds)}.</p>'
    if referee.clean:
        return f'<p class="verdict good">No limit was missed, and the books agree.</p>{seen}'
    counted = (
        f"{_counted(len(referee.violations), 'violation')}, {_counted(len(referee.notes), 'difference')}"
    )
    return f'<p class="verdict bad">Not clean: {counted}.</p>{seen}'


def _section(title: str, lines: Sequence[str]) -> str:
    if not lines:
        return ""
    return f"<h2>{title}</h2><ul>{''.join(f'<li>{html.escape(line)}</li>' for line in lines)}</ul>"


def _told(violation: Violation, began: Monotonic) -> str:
    if violation.cause == TOO_LONG:
        worst = f"up to {violation.worst:.1f} A, {REACTION_WINDOW:.0f} s are allowed"
    else:
        worst = f"up to {100.0 * violation.worst:.0f} % of the way to its trip"
    lasted = violation.ended - violation.began
    return (
        f"{violation.zone} L{violation.phase + 1}: {violation.cause}, for {lasted:.1f} s from "
        f"{violation.began - began:.1f} s on, {worst}"
    )


def _table(referee: Referee) -> str:
    rows = "".join(
        f"<tr><td>{html.escape(r.zone)}</td><td>{html.escape(r.standard)}</td>"
        f'<td class="n">{r.maximum:.1f}</td>'
        + "".join(f'<td class="n">{amps:.1f}</td>' for amps in r.highest)
        + f'<td class="n">{r.longest_above:.1f}</td><td class="n">{100.0 * r.heat_used:.0f} %</td></tr>'
        for r in referee.zones.values()
    )
    return (
        "<h2>Feeders</h2><table><tr><th>zone</th><th>breaker</th>"
        + "".join(
            f'<th class="n">{head}</th>'
            for head in ("limit A", "highest L1", "L2", "L3", "longest above s", "breaker heat")
        )
        + f"</tr>{rows}</table>"
        f'<p class="soft">Breaker heat: 0 % as warm as at the limit, 100 % it trips; '
        f"{100.0 * HEAT_ALLOWED:.0f} % may be used.</p>"
    )


def _feeder(record: ZoneRecord, referee: Referee) -> str:
    heading = f"<h2>{html.escape(record.zone)}</h2>"
    if not record.trace:
        return heading + '<p class="soft">Nothing was observed.</p>'
    legend = "".join(
        f'<span class="key" style="background:var(--{colour})"></span>{text}'
        for colour, text in (
            ("amps", "current, A"),
            ("limit", f"limit, {record.maximum:.0f} A"),
            ("heat", "breaker heat, right-hand scale"),
        )
    )
    points = _thinned(record.trace)
    plots = "".join(
        f"<h3>L{phase + 1}</h3><figure>{_plot(record, phase, points, referee.violations)}</figure>"
        for phase in range(3)
    )
    return f'{heading}<p class="soft">{legend}</p>{plots}'


def _thinned(trace: Sequence[TracePoint]) -> list[TracePoint]:
    """At most `_POINTS` points, each the highest of those it stands for, so that no peak is hidden."""
    size = max(1, -(-len(trace) // _POINTS))
    thinned = []
    for start in range(0, len(trace), size):
        group = trace[start : start + size]
        a, b, c = (max(point.amps[phase] for point in group) for phase in range(3))
        d, e, f = (max(point.heat[phase] for point in group) for phase in range(3))
        thinned.append(TracePoint(group[0].at, (a, b, c), (d, e, f)))
    return thinned


def _plot(
    record: ZoneRecord, phase: int, points: Sequence[TracePoint], violations: Iterable[Violation]
) -> str:
    """An SVG of one phase: its current, the limit as a dashed line, the breaker's heat as an area."""
    first, last = points[0].at, max(points[-1].at, points[0].at + 1.0)
    top = 1.15 * max(record.maximum, record.highest[phase])
    bottom = min(0.0, *(point.amps[phase] for point in points))
    right, low = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM

    def x(at: Monotonic) -> float:
        return _LEFT + (min(max(at, first), last) - first) / (last - first) * (right - _LEFT)

    def y(amps: Amps) -> float:
        return _TOP + (top - amps) / (top - bottom) * (low - _TOP)

    def of_heat(share: float) -> float:
        return low - min(max(share, 0.0), 1.0) * (low - _TOP)

    def across(at: float, kind: str) -> str:
        return f'<line class="{kind}" x1="{_LEFT}" x2="{right}" y1="{at:.1f}" y2="{at:.1f}"/>'

    breaches = "".join(
        f'<rect class="breach" x="{x(v.began):.1f}" y="{_TOP}" height="{low - _TOP}" '
        f'width="{max(x(v.ended) - x(v.began), 2.0):.1f}"><title>{html.escape(str(v))}</title></rect>'
        for v in violations
        if v.zone == record.zone and v.phase == phase
    )
    heat = " ".join(f"{x(point.at):.1f},{of_heat(point.heat[phase]):.1f}" for point in points)
    amps = " ".join(f"{x(point.at):.1f},{y(point.amps[phase]):.1f}" for point in points)
    limit = y(record.maximum)
    marks = "".join(
        f'<line class="rule" x1="{x(at):.1f}" x2="{x(at):.1f}" y1="{low}" y2="{low + 4}"/>'
        f'<text x="{x(at):.1f}" y="{_HEIGHT - 6}" text-anchor="middle">{_span(at - first)}</text>'
        for at in _marks(first, last)
    )
    told = f"{record.zone} L{phase + 1}: at most {record.highest[phase]:.1f} A of {record.maximum:.1f} A"
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{html.escape(told)}">{breaches}'
        f'<polygon class="heat" points="{_LEFT},{low} {heat} {x(points[-1].at):.1f},{low}"/>'
        f"{across(y(0.0), 'rule')}{across(of_heat(HEAT_ALLOWED), 'allowed')}{across(limit, 'limit')}"
        f'<polyline class="amps" points="{amps}"/>'
        f'<text x="{_LEFT - 4}" y="{limit + 4:.1f}" text-anchor="end">{record.maximum:.0f} A</text>'
        f'<text x="{_LEFT - 4}" y="{y(0.0) + 4:.1f}" text-anchor="end">0 A</text>'
        f'<text x="{right + 4}" y="{of_heat(HEAT_ALLOWED) + 4:.1f}">{100.0 * HEAT_ALLOWED:.0f} %</text>'
        f'<text x="{right + 4}" y="{of_heat(0.0) + 4:.1f}">0 %</text>{marks}</svg>'
    )


def _marks(first: Monotonic, last: Monotonic) -> list[Monotonic]:
    """Where the time is written: round steps from the beginning on, ten at most."""
    step = next((step for step in _STEPS if (last - first) / step <= _MARKS), last - first)
    return [first + number * step for number in range(int((last - first) / step) + 1)]


def _span(seconds: float) -> str:
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min" + (f" {whole % 60} s" if whole % 60 else "")
    return f"{whole // 3600} h" + (f" {whole % 3600 // 60} min" if whole % 3600 // 60 else "")


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"
