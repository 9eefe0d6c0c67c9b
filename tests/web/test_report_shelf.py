"""Tests of the reports that are kept."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from web import report_shelf
from web.report_shelf import EACH_KEPT, ReportKind, ReportShelf

AT = datetime(2026, 11, 22, 18, 0, 0, 5, tzinfo=UTC)
PERIODIC, REQUESTED = ReportKind.PERIODIC, ReportKind.REQUESTED


@pytest.mark.parametrize("station", ["CP-01", "", "..", "a/b", "evce", "é %2F", "C:\\x"])
def test_a_report_is_found_again_whatever_its_station_is_called(tmp_path: Path, station: str) -> None:
    """LG-3: and nothing is written beside the folder."""
    shelf = ReportShelf(tmp_path / "reports")
    made = shelf.keep(station, REQUESTED, AT, "<p>é")
    (kept,) = ReportShelf(tmp_path / "reports").kept()
    assert (kept, kept.station, kept.kind, kept.made_at) == (made, station, REQUESTED, AT)
    assert shelf.find(kept.id) == kept
    assert shelf.read(kept) == "<p>é".encode()
    assert kept.size == len("<p>é".encode())
    assert [path.name for path in tmp_path.iterdir()] == ["reports"]
    assert "/" not in kept.name
    assert shelf.path(kept).stat().st_mode & 0o077 == 0


def test_of_each_device_the_newest_of_each_kind_are_kept(tmp_path: Path) -> None:
    """LG-3: bounded; a daily one never drives out what somebody asked for."""
    shelf = ReportShelf(tmp_path)
    shelf.keep("CP-01", REQUESTED, AT, "asked")
    shelf.keep("CP-02", PERIODIC, AT, "other")
    for day in range(EACH_KEPT + 3):
        shelf.keep("CP-01", PERIODIC, AT + timedelta(days=day), str(day))
    kept = shelf.kept()
    assert [shelf.read(one).decode() for one in kept if one.station == "CP-01"] == [
        "7",
        "6",
        "5",
        "4",
        "3",
        "asked",
    ]
    assert sum(one.station == "CP-02" for one in kept) == 1


def test_all_together_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """LG-3: on a disk that others need too, the oldest go first."""
    monkeypatch.setattr(report_shelf, "FOLDER_MOST", 25)
    shelf = ReportShelf(tmp_path)
    for number in range(4):
        shelf.keep(f"CP-{number}", PERIODIC, AT + timedelta(seconds=number), "x" * 10)
    assert [one.station for one in shelf.kept()] == ["CP-3", "CP-2"]


def test_what_is_no_report_is_left_alone(tmp_path: Path) -> None:
    """LG-3"""
    shelf = ReportShelf(tmp_path)
    kept = shelf.keep("CP-01", PERIODIC, AT, "x")
    (tmp_path / "stations" / "notes.txt").write_text("mine")
    (tmp_path / "stations" / "CP-01" / "notes.html").write_text("mine")
    assert shelf.kept() == [kept]
    assert shelf.find("../evce.db") is None
    assert shelf.find("stations/CP-01/notes.html") is None
