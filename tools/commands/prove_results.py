"""How a long proof ends: the referee's page where it was asked for, the problems, and the exit code."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

__all__ = ["end_with", "keep_page"]


def keep_page(page: str, report: Path | None, console: Console) -> None:
    """Write the referee's page where it was asked for."""
    if report is not None:
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text(page)
        console.print(f"Report: {report}", markup=False)


def end_with(problems: Sequence[str], console: Console) -> None:
    """Tell the problems, and end with 1 where there are any."""
    for problem in problems:
        console.print(f"  {problem}", markup=False, soft_wrap=True)
    if problems:
        raise SystemExit(1)
