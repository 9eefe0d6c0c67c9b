"""Connecting: a tiny run of the real thing, and its table."""

import pytest

from tools.benchmarks.connect import ConnectRow, bench_connect, connect_section


@pytest.mark.scenario
def test_all_that_arrive_are_configured_beside_one_that_never_answers() -> None:
    """OC-1, AC-1: nobody waits for the mute one."""
    row = bench_connect(6)
    assert row.missing == 0
    assert len(row.accepted) == len(row.in_service) == 6
    assert max(row.in_service) < 10.0
    assert row.heartbeats
    assert max(row.heartbeats) < 5.0


@pytest.mark.parametrize(
    ("last", "missing", "verdict"), [(12.0, 0, "reached"), (61.0, 0, "MISSED"), (12.0, 1, "MISSED")]
)
def test_the_table_tells_whether_the_goal_is_reached(last: float, missing: int, verdict: str) -> None:
    row = ConnectRow(300, (0.5, 1.0), (2.0, last), (0.001, 0.02), missing)
    section = connect_section([row])
    assert section.rows[0][-1] == verdict
    assert section.rows[0][0] == "300"
