"""The comparison as a whole, and its table."""

import pytest

from tools.benchmarks import quality
from tools.benchmarks.quality import RULES, QualityRow, bench_quality, quality_section
from tools.benchmarks.quality_weeks import Week, weeks


def test_rules_are_compared_in_every_week_at_every_capacity(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """LM-6: with progress on standard error."""

    def days(count: int) -> list[Week]:
        return [Week(week.name, week.sessions[:10], week.history[-50:]) for week in weeks(count)]

    monkeypatch.setattr(quality, "weeks", days)
    some = ("equal share, fluid", "EVCE by departure")
    rows = bench_quality(2, shares=(0.3,), only=some)
    assert len({(row.week, row.share, row.rule) for row in rows}) == len(rows) == 4
    assert all(0.5 < row.energy < 1.001 and row.violations == 0 for row in rows)
    assert capsys.readouterr().err.count("EVCE by departure") == 2
    assert set(some) < set(RULES)


def test_the_table_has_the_mean_and_the_worst_week() -> None:
    """LM-6."""
    rows = [
        QualityRow(week, 0.3, "EVCE by energy", energy, 0.8, 0.9, 600.0, 1.5, violations)
        for week, energy, violations in (("May", 0.9, 0), ("June", 0.96, 2))
    ]
    section = quality_section(rows)
    assert list(section.rows) == [["30%", "EVCE by energy", "93.0", "90.0", "80", "0.900", "10", "1.50", "2"]]
    assert len(section.headers) == len(section.rows[0])
    assert "May; June" in section.notes[0]
