"""`evce prove`: the long proofs that EVCE can't be brought down, each with a summary and an exit code."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

if TYPE_CHECKING:
    from tools.endurance.mutating import Verdict
    from tools.endurance.mutations import Mutation

__all__ = ["prove"]

_ROOT = Path(__file__).resolve().parents[2]


@click.group()
def prove() -> None:
    """Prove, at length, that what must hold does hold.

    Each proof shows its progress and a summary, and ends with 1 where it failed. What is drawn by chance
    comes from a seed that is printed.
    """


@prove.command()
@click.option("--only", multiple=True, metavar="WORDS", help="Those with these words in their name.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of property tests.")
@click.option(
    "--jobs",
    type=click.IntRange(1),
    default=os.cpu_count() or 1,
    show_default="one for each core",
    help="Processes at a time.",
)
def mutations(only: tuple[str, ...], seed: int, jobs: int) -> None:
    """Break every invariant in a copy of the code, and see a test notice it.

    Each mutation of the catalogue is applied to a copy of the source tree, and its tests are run there. A
    mutation that no test notices is a failure. It takes some minutes and needs the tests' dependencies.
    """
    from tools.endurance.mutating import MutatingError, try_all
    from tools.endurance.mutations import CATALOGUE

    chosen = [each for each in CATALOGUE if not only or any(words in each.name for words in only)]
    if not chosen:
        raise click.BadParameter(
            f"no mutation's name has {' or '.join(map(repr, only))} in it", param_hint="--only"
        )
    console = Console()
    console.print(f"Mutations: {len(chosen)}, seed {seed}; first, their tests on the code as it is")
    columns = (TextColumn("mutations"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    verdicts: list[Verdict] = []
    try:
        with (
            tempfile.TemporaryDirectory(prefix="evce-mutations-") as folder,
            Progress(*columns, console=console) as progress,
        ):
            task = progress.add_task("mutations", total=len(chosen))

            def left_out(test: str) -> None:
                console.print(f"left out, red without any mutation: {test}", markup=False)

            trying = try_all(_ROOT, Path(folder), chosen, jobs=jobs, seed=seed, left_out=left_out)
            for verdict in trying:
                verdicts.append(verdict)
                progress.advance(task)
                if not verdict.good:
                    console.print(_sentence(verdict), markup=False)
    except MutatingError as error:
        raise click.ClickException(str(error)) from None
    _tell(verdicts, chosen, console)
    if not all(verdict.good for verdict in verdicts):
        raise SystemExit(1)


@prove.command()
@click.option(
    "--count", type=click.IntRange(1), default=300, show_default=True, help="How often it is killed."
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of moments and cars.")
@click.option(
    "--longest",
    type=click.FloatRange(0.1, 3600.0),
    default=12.0,
    show_default=True,
    help="Seconds from its start to the kill, at most; some come while it still starts.",
)
@click.option(
    "--report", type=click.Path(dir_okay=False, path_type=Path), help="Where the referee's page is written."
)
def kills(count: int, seed: int, longest: float, report: Path | None) -> None:
    """Kill the real daemon at random moments, under load.

    The daemon of the demo site, with many cars, is ended with `kill -9` and started again. What a
    station has been told must be in the database each time; in the end the books are compared, and the
    referee has watched. It takes about eight seconds for each kill.
    """
    from tools.endurance.kills import KillOptions, kill_often

    console = Console()
    console.print(f"Kills: {count}, seed {seed}")
    columns = (TextColumn("kills"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with (
        tempfile.TemporaryDirectory(prefix="evce-kills-") as folder,
        Progress(*columns, console=console) as progress,
    ):
        task = progress.add_task("kills", total=count)
        outcome = kill_often(
            KillOptions(count, seed, longest),
            Path(folder),
            lambda done: progress.update(task, completed=done),
        )
    table = Table("", "")
    for name, value in (
        ("kills", f"{outcome.kills}"),
        ("transactions acknowledged", f"{outcome.acknowledged}"),
        ("of them ended", f"{outcome.ended}"),
        ("longest above a limit", f"{outcome.longest_above:.1f} s"),
        ("problems", f"{len(outcome.problems)}"),
    ):
        table.add_row(name, value)
    console.print(table)
    for problem in outcome.problems:
        console.print(f"  {problem}", markup=False)
    if report is not None:
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text(outcome.page)
        console.print(f"Report: {report}", markup=False)
    if outcome.problems:
        raise SystemExit(1)


def _sentence(verdict: Verdict) -> str:
    return f"{verdict.mutation.name}: " + (
        verdict.caught_by or verdict.trouble or "SURVIVED, no test noticed"
    )


def _tell(verdicts: Sequence[Verdict], chosen: Sequence[Mutation], console: Console) -> None:
    from tools.endurance.mutations import INVARIANTS

    table = Table("", "invariant", "mutation", "caught by", "s")
    for number in sorted({mutation.invariant for mutation in chosen}):
        for verdict in verdicts:
            if verdict.mutation.invariant == number:
                failed = "[red]TROUBLE[/red]" if verdict.trouble else "[red]SURVIVED[/red]"
                caught = escape(verdict.caught_by) or failed
                table.add_row(
                    str(number), INVARIANTS[number], verdict.mutation.name, caught, f"{verdict.took:.0f}"
                )
    console.print(table)
    caught_all = sum(verdict.good for verdict in verdicts)
    console.print(f"{caught_all} of {len(verdicts)} mutations caught")
    for verdict in verdicts:
        if not verdict.good:
            console.print(f"  {_sentence(verdict)}", markup=False)
