"""The footprint: a tiny run of the real thing, and its table."""

import pytest

from tools.benchmarks.footprint import FootprintRow, bench_footprint, footprint_section


@pytest.mark.scenario
def test_the_daemon_is_watched_alone_idle_and_charging() -> None:
    """AC-3: memory and processor time of the real daemon."""
    rows = bench_footprint(seconds=0.2, stations=2)
    assert [row.state for row in rows] == ["nobody connected", "2 stations idle", "2 stations charging"]
    assert all(row.memory > 10.0 and row.threads > 5 and row.cpu >= 0.0 for row in rows)


def test_the_table_has_a_row_for_each_state() -> None:
    section = footprint_section([FootprintRow("2 stations idle", 101.26, 1.26, 130, 60.01)])
    assert [list(row) for row in section.rows] == [["2 stations idle", "101", "1.3", "130", "60"]]
    assert len(section.headers) == 5
