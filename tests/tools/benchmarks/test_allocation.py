"""The time an allocation takes: the table and the sites it is measured on."""

import pytest

from evce.allocation import ReasonKind, allocate
from tools.benchmarks.allocation import SUPPLIES, bench_allocation, made_up_problem


def test_each_size_is_timed_with_each_supply_and_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """LM-6: the table that shows how the time grows."""
    rows = bench_allocation(sizes=(10, 40))
    assert [(row.connectors, row.supply) for row in rows] == [
        (s, name) for s in (10, 40) for name in SUPPLIES
    ]
    assert all(0.0 < row.median_ms <= row.worst_ms for row in rows)
    assert len(capsys.readouterr().out.splitlines()) == len(rows) + 1


@pytest.mark.parametrize(
    ("supply", "seen", "unseen"),
    [
        ("tight", {ReasonKind.ZONE_LIMIT}, set()),
        ("scarce", {ReasonKind.ZONE_LIMIT, ReasonKind.PASSED_OVER}, {ReasonKind.CAP}),
    ],
)
def test_a_made_up_site_is_as_tight_as_its_name_says(
    supply: str, seen: set[ReasonKind], unseen: set[ReasonKind]
) -> None:
    """LM-6: otherwise the time of the easy path would be shown for the hard one."""
    binding = allocate(made_up_problem(400, SUPPLIES[supply])).binding.values()
    kinds = [reason.kind for reason in binding if not reason.vip]
    assert seen <= set(kinds)
    assert not unseen & set(kinds)


def test_a_generous_site_gives_nearly_everybody_all_it_may_have() -> None:
    """LM-6: the path on which nothing is tight."""
    binding = allocate(made_up_problem(400, 2 * SUPPLIES["fits"])).binding.values()
    assert {reason.kind for reason in binding} == {ReasonKind.CAP}


def test_the_same_seed_makes_the_same_site() -> None:
    """LM-6: times are compared on one problem."""
    assert made_up_problem(50, 0.5) == made_up_problem(50, 0.5)
    assert made_up_problem(50, 0.5) != made_up_problem(50, 0.5, seed=2)
