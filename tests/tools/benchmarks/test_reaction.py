"""The reaction time: a tiny run of the real thing, and its table."""

import pytest

from tools.benchmarks.reaction import GOALS_MS, ReactionRow, Step, bench_reaction, reaction_section


@pytest.mark.scenario
def test_each_step_reduces_every_station_after_the_meter_was_read() -> None:
    """LM-8: from the meter's registers to the last reduction on the wire, through the real daemon."""
    (row,) = bench_reaction(sizes=[2], steps=2)
    assert row.stations == 2
    assert len(row.steps) + row.missed == 2
    assert row.missed == 0
    for step in row.steps:
        assert step.reduced == 2
        assert 0.0 <= step.seen < step.under <= step.last


def test_the_table_tells_the_percentiles_with_and_without_the_wait_for_the_poll() -> None:
    """LM-8: the goal is one poll and 100 ms at 100 stations, and 300 ms at 300."""
    steps = tuple(Step(seen=float(n), under=n + 10.0, last=n + 50.0, reduced=99) for n in range(1, 101))
    section = reaction_section([ReactionRow(100, steps, 1), ReactionRow(10, (), 3)])
    assert list(section.rows[0]) == [
        *("100", "100", "1", "99"),
        *("100", "145", "149", "150", "600"),
        *("50", "50", "50", "109"),
    ]
    assert list(section.rows[1]) == ["10", "0", "3", "", "", "", "", "", "", "", "", "", ""]
    assert GOALS_MS == {100: 600.0, 300: 800.0}
