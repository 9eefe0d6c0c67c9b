"""Tests of the lines of CSV."""

from datetime import datetime, timedelta, timezone

import pytest

from web.csv_lines import csv_line, iso


@pytest.mark.parametrize(
    ("cells", "line"),
    [
        (("a", "", "1.5"), "a,,1.5\r\n"),
        (('say "x"', "a,b", "two\nlines"), '"say ""x""","a,b","two\nlines"\r\n'),
        (("=1+1", "+1", "-1", "@x", "\tx"), "'=1+1,'+1,'-1,'@x,'\tx\r\n"),
    ],
)
def test_a_line_is_quoted_and_begins_no_formula(cells: tuple[str, ...], line: str) -> None:
    """AU-6, CDR-3: as RFC 4180, safe in a spreadsheet."""
    assert csv_line(cells) == line


def test_times_are_utc() -> None:
    """CDR-3: whatever zone they came in."""
    assert iso(datetime(2026, 1, 31, 13, 0, tzinfo=timezone(timedelta(hours=1)))) == "2026-01-31T12:00:00Z"
    assert iso(None) == ""
