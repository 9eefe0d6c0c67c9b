"""Lines of CSV that every program reads alike: no locale, and no cell that begins a formula."""

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime

__all__ = ["FORMULA", "csv_line", "iso"]

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would take a cell for that begins with it (CWE-1236); an apostrophe goes before it."""


def csv_line(cells: Iterable[str]) -> str:
    """One line, with its end (RFC 4180)."""
    out = io.StringIO()
    csv.writer(out).writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells])
    return out.getvalue()


def iso(moment: datetime | None) -> str:
    """A time in UTC, `2026-01-31T12:00:00Z`; empty for none."""
    return "" if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
