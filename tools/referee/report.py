"""What the referee saw, as a table, as JSON and as a page with one plot per feeder."""

import html
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from evce.units import Amps
from tools.referee.referee import HEAT_ALLOWED, Referee, TracePoint, ZoneRecord

__all__ = ["as_html", "as_json", "as_text", "write_report"]

_WIDTH, _HEIGHT, _MARGIN = 900, 220, 42
_COLOURS = ("#8a5a2b", "#222222", "#8c8c8c")
"""L1 brown, L2 black, L3 grey, as the conductors (IEC 60445)."""
_POINTS = 1200
"""More points than pixels show nothing."""


def as_text(referee: Referee) -> str:
    """A table: one line a zone, then what went wrong."""
    lines = [f"{'zone':<20} {'limit A':>8} {'highest A':>24} {'longest above s':>16} {'heat used':>10}"]
    for record in referee.zones.values():
        highest = " ".join(f"{amps:7.1f}" for amps in record.highest)
        lines.append(
            f"{record.zone:<20} {record.maximum:>8.1f} {highest:>24} {record.longest_above:>16.1f} "
            f"{record.heat_used:>10.2f}"
        )
    began, last = referee.began or 0.0, referee.last or 0.0
    lines.append(f"{referee.observations} observations in {last - began:.0f} s")
    lines += [f"VIOLATION {violation}" for violation in referee.violations]
    lines += [f"DISCREPANCY {note}" for note in referee.notes]
    lines.append("no violation" if referee.clean else "NOT CLEAN")
    return "\n".join(lines)


def as_json(referee: Referee) -> str:
    """The same for programs; the traces are left to the page."""
    return json.dumps(
        {
            "clean": referee.clean,
            "observations": referee.observations,
            "seconds": (referee.last or 0.0) - (referee.began or 0.0),
            "violations": [asdict(violation) for violation in referee.violations],
            "discrepancies": referee.notes,
            "zones": {
                record.zone: {
                    "maximum": record.maximum,
                    "standard": record.standard,
                    "highest": record.highest,
                    "longest_above": record.longest_above,
                    "heat_used": record.heat_used,
                }
                for record in referee.zones.values()
            },
        },
        indent=2,
    )


def _thinned(trace: Sequence[TracePoint]) -> list[TracePoint]:
    """At most `_POINTS` points, each the highest of those it stands for, so that no peak is hidden."""
    size = max(1, -(-len(trace) // _POINTS))
    thinned = []
    for start in range(0, len(trace), size):
        group = trace[start : start + size]
        a, b, c = (max(point.amps[phase] for point in group) for phase in range(3))
        thinned.append(TracePoint(group[0].at, (a, b, c)))
    return thinned


def _plot(record: ZoneRecord) -> str:
    """An SVG of the current of each phase over time, the limit as a red line."""
    trace = _thinned(record.trace)
    if not trace:
        return "<p>nothing was observed</p>"
    first, last = trace[0].at, max(trace[-1].at, trace[0].at + 1.0)
    top = 1.15 * max(record.maximum, *record.highest)
    bottom = min(0.0, *(min(point.amps) for point in trace))

    def x(at: float) -> float:
        return _MARGIN + (at - first) / (last - first) * (_WIDTH - _MARGIN - 8)

    def y(amps: Amps) -> float:
        return 8 + (top - amps) / (top - bottom) * (_HEIGHT - 30)

    lines = [
        f'<polyline fill="none" stroke="{_COLOURS[phase]}" points="'
        + " ".join(f"{x(point.at):.1f},{y(point.amps[phase]):.1f}" for point in trace)
        + '"/>'
        for phase in range(3)
    ]
    limit = y(record.maximum)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{html.escape(record.zone)}">'
        f'<line x1="{_MARGIN}" x2="{_WIDTH - 8}" y1="{limit:.1f}" y2="{limit:.1f}" stroke="#c00"/>'
        f'<line x1="{_MARGIN}" x2="{_WIDTH - 8}" y1="{y(0):.1f}" y2="{y(0):.1f}" stroke="#999"/>'
        f'<text x="2" y="{limit + 4:.1f}">{record.maximum:.0f} A</text>'
        f'<text x="2" y="{y(0) + 4:.1f}">0 A</text>'
        f'<text x="{_WIDTH - 60}" y="{_HEIGHT - 4}">{last - first:.0f} s</text>' + "".join(lines) + "</svg>"
    )


def as_html(referee: Referee, title: str = "Referee's report") -> str:
    """One self-contained page: verdict, table, and a plot per feeder (L1 brown, L2 black, L3 grey)."""
    verdict = "No limit was missed." if referee.clean else "Not clean."
    faults = "".join(f"<li>{html.escape(str(item))}</li>" for item in [*referee.violations, *referee.notes])
    rows = "".join(
        f"<tr><td>{html.escape(r.zone)}</td><td>{r.maximum:.1f}</td><td>{html.escape(r.standard)}</td>"
        f"<td>{' / '.join(f'{amps:.1f}' for amps in r.highest)}</td><td>{r.longest_above:.1f}</td>"
        f"<td>{r.heat_used:.2f}</td></tr>"
        for r in referee.zones.values()
    )
    plots = "".join(f"<h2>{html.escape(r.zone)}</h2>{_plot(r)}" for r in referee.zones.values())
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(title)}</title>'
        "<style>body{font:15px sans-serif;max-width:60rem;margin:2rem auto}td,th{padding:.2rem .8rem;"
        "text-align:left}svg{width:100%}text{font-size:11px}</style>"
        f"<h1>{html.escape(title)}</h1><p><strong>{verdict}</strong> "
        f"{referee.observations} observations. Heat used may reach {HEAT_ALLOWED}.</p><ul>{faults}</ul>"
        "<table><tr><th>zone</th><th>limit A</th><th>breaker</th><th>highest A, L1 / L2 / L3</th>"
        f"<th>longest above s</th><th>heat used</th></tr>{rows}</table>{plots}</html>"
    )


def write_report(referee: Referee, folder: Path) -> int:
    """Write `referee.txt`, `referee.json` and `referee.html`; returns the exit code, 1 when not clean."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "referee.txt").write_text(as_text(referee) + "\n")
    (folder / "referee.json").write_text(as_json(referee) + "\n")
    (folder / "referee.html").write_text(as_html(referee))
    return referee.exit_code
