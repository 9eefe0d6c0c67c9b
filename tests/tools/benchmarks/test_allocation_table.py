"""The table of allocation times."""

from tools.benchmarks.allocation import AllocationRow
from tools.benchmarks.allocation_table import allocation_section


def test_each_time_stands_beside_its_goal() -> None:
    """LM-6: the table that shows how the time grows."""
    rows = [AllocationRow(10, "fits", 0.5, 0.75, None), AllocationRow(100, "tight", 0.9, 2.0, 1.0)]
    section = allocation_section(rows)
    assert [list(row) for row in section.rows] == [
        ["10", "fits", "0.50", "0.75", ""],
        ["100", "tight", "0.90", "2.00", "1"],
    ]
    assert all(len(row) == len(section.headers) for row in section.rows)
    assert "tight 45%" in section.notes[0]
