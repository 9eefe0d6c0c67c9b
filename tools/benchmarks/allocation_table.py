"""The table of allocation times for the page of benchmarks."""

from collections.abc import Sequence

from tools.benchmarks.allocation import SUPPLIES, AllocationRow
from tools.benchmarks.report import Section

__all__ = ["allocation_section"]


def allocation_section(rows: Sequence[AllocationRow]) -> Section:
    """Make the table."""
    shares = ", ".join(f"{name} {share:.0%}" for name, share in SUPPLIES.items())
    return Section(
        "Allocation: time of one decision for the whole tree",
        ("connectors", "supply", "median ms", "worst ms", "goal ms"),
        [
            [
                str(row.connectors),
                row.supply,
                f"{row.median_ms:.2f}",
                f"{row.worst_ms:.2f}",
                "" if row.goal_ms is None else f"{row.goal_ms:g}",
            ]
            for row in rows
        ],
        (f"Supply: what the zones' limits leave of what all cars would take ({shares}).",),
    )
