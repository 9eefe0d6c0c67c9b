"""What the referee saw, as a table and as JSON, and all of it as files."""

import json
from dataclasses import asdict
from pathlib import Path

from tools.referee.page import as_html
from tools.referee.referee import Referee

__all__ = ["as_json", "as_text", "write_report"]


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


def write_report(referee: Referee, folder: Path) -> int:
    """Write `referee.txt`, `referee.json` and `referee.html`; returns the exit code, 1 when not clean."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "referee.txt").write_text(as_text(referee) + "\n")
    (folder / "referee.json").write_text(as_json(referee) + "\n")
    (folder / "referee.html").write_text(as_html(referee))
    return referee.exit_code
