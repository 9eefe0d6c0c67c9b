"""`evce fault`: breaks what can break, alone, in pairs, by a file or by chance, and tells what was seen."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

if TYPE_CHECKING:
    from tools.faults.play import PlayReport
    from tools.faults.script import Script

__all__ = ["fault"]

SEED = click.option(
    "--seed",
    type=click.IntRange(0),
    default=1,
    show_default=True,
    help="The same seed plays the same to the last message.",
)
JOBS = click.option(
    "--jobs",
    type=click.IntRange(1),
    default=os.cpu_count() or 1,
    show_default="one for each core",
    help="Processes at a time.",
)

PAGES = click.option(
    "--reports",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("fault-reports"),
    show_default=True,
    help="Folder for the referee's page of each play that failed.",
)


@click.group()
def fault() -> None:
    """Break what can break at a simulated site in virtual time; see whether it is seen, and in time.

    The referee knows what truly flows, the books what the cars truly took. Ends with 1 where something
    failed; the referee's page of each such play, with a plot of each feeder, is written then. What needs
    real sockets or the real process is played by `evce prove links` and `evce prove process`.
    """


@fault.command("list")
def list_faults() -> None:
    """Show every fault with what it breaks and what must be seen of it."""
    from tools.faults.catalogue import FAULTS

    console = Console()
    table = Table("ID", "FAULT", "BREAKS", "MUST BE SEEN", show_lines=True)
    for known in FAULTS.values():
        table.add_row(known.id, known.title, known.breaks, "\n".join(str(sight) for sight in known.sights))
    console.print(table)
    _tell_elsewhere(console)


@fault.command()
@click.argument("ids", metavar="ID...|all", nargs=-1, required=True)
@SEED
@JOBS
@PAGES
def run(ids: tuple[str, ...], seed: int, jobs: int, reports: Path) -> None:
    """Play faults alone, each in all its variants."""
    from tools.faults.script import each

    try:
        scripts = each(seed, () if ids == ("all",) else ids)
    except LookupError as error:
        raise click.ClickException(str(error.args[0])) from error
    _perform(scripts, jobs, reports, observed=len(scripts) < 5, elsewhere=ids == ("all",))


@fault.command()
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--count", type=click.IntRange(1), default=200, show_default=True, help="How many are played.")
@click.option("--left-out", is_flag=True, help="Only tell which pairs are not possible, and why.")
@SEED
@JOBS
@PAGES
def pairs(names: tuple[str, ...], count: int, left_out: bool, seed: int, jobs: int, reports: Path) -> None:
    """Play two faults at the same time: those named, such as "meter-silent + link-reset", or so many.

    Every fault meets another one before any meets its next; the seed decides upon the order.
    """
    from tools.faults.pairs import left_out as excluded
    from tools.faults.pairs import pair_named
    from tools.faults.pairs import pairs as possible

    if left_out:
        for name, reason in excluded().items():
            click.echo(f"{name}: {reason}")
        return
    try:
        chosen = [pair_named(name, seed) for name in names] or possible(count, seed)
    except LookupError as error:
        raise click.ClickException(str(error.args[0])) from error
    known, missing = len(possible(seed=seed)), len(excluded())
    click.echo(f"{len(chosen)} of {known} pairs, seed {seed}; {missing} more are not possible (--left-out)")
    _perform(chosen, jobs, reports, observed=bool(names), again="evce fault pairs --seed {seed} '{name}'")


@fault.command("file")
@click.argument(
    "scenario", type=click.Path(exists=True, dir_okay=False, path_type=Path), nargs=-1, required=True
)
@JOBS
@PAGES
def play_files(scenario: tuple[Path, ...], jobs: int, reports: Path) -> None:
    """Play scenario files: a timeline of faults, and what must be seen when."""
    from tools.faults.scenario import ScenarioError, read_scenario

    try:
        scripts = [read_scenario(path) for path in scenario]
    except (ScenarioError, OSError) as error:
        raise click.ClickException(str(error)) from error
    _perform(scripts, jobs, reports, observed=len(scripts) < 5)


@fault.command()
@SEED
@click.option("--count", type=click.IntRange(1, 12), default=6, show_default=True, help="Faults in a row.")
@PAGES
def random(seed: int, count: int, reports: Path) -> None:
    """Play some faults in a row, drawn from a seed."""
    from tools.faults.script import at_random

    script = at_random(seed, count)
    for cue in script.cues:
        variant = f" ({cue.variant})" if cue.variant else ""
        click.echo(f"{cue.at:7.2f} s  {cue.fault}{variant} at {cue.station}")
    _perform([script], 1, reports, observed=True)


def _perform(
    scripts: list[Script],
    jobs: int,
    folder: Path,
    *,
    observed: bool = False,
    elsewhere: bool = False,
    again: str = "",
) -> None:
    from tools.faults.script import perform
    from tools.rehearsal.series import over_cores

    console, reports, began = Console(), [], time.monotonic()
    columns = (TextColumn("faults"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("faults", total=len(scripts))
        for report in over_cores(perform, scripts, jobs):
            reports.append(report)
            progress.advance(task)
            if not report.passed:
                console.print(f"{report.name}: {report.problems[0]}", markup=False)
    order = {script.name: number for number, script in enumerate(scripts)}
    reports.sort(key=lambda report: order[report.name])
    _tell(reports, console, observed=observed)
    failed = [report for report in reports if not report.passed]
    simulated, took = sum(report.simulated for report in reports), time.monotonic() - began
    console.print(
        f"{len(reports)} played, {len(failed)} failed; "
        f"{simulated / 60.0:.0f} min of virtual time in {took:.0f} s"
    )
    if elsewhere:
        _tell_elsewhere(console)
    if failed:
        for path in _write_pages(failed, folder):
            console.print(f"Report: {path}", markup=False, soft_wrap=True)
        for report in failed if again else ():
            seed = scripts[order[report.name]].seed
            command = again.format(seed=seed, name=report.name)
            console.print(f"Again: {command}", markup=False, soft_wrap=True)
        raise SystemExit(1)


def _write_pages(failed: list[PlayReport], folder: Path) -> list[Path]:
    """The referee's page of each, named by what was played."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, report in enumerate(failed, start=1):
        words = re.sub(r"[^a-z0-9]+", "-", report.name.lower()).strip("-")
        paths.append(folder / f"{number:03}-{words[:80]}.html")
        paths[-1].write_text(report.page)
    return paths


def _tell(reports: list[PlayReport], console: Console, *, observed: bool) -> None:
    table = Table("FAULT", "", "SEEN", "LATEST AFTER")
    for report in reports:
        seen = sum(each.seen for each in report.observed)
        after = max(
            (each.after for each in report.observed if each.seen and each.after is not None), default=None
        )
        table.add_row(
            report.name,
            "ok" if report.passed else "FAILED",
            f"{seen} of {len(report.observed)}",
            "" if after is None else f"{after:.1f} s",
        )
    console.print(table)
    for report in reports:
        if observed or not report.passed:
            console.print(report.name, *report.mishaps, sep="\n  ", markup=False)
            for each in report.observed:
                moment = "" if each.after is None else f", after {each.after:.2f} s"
                console.print(f"  {'seen' if each.seen else 'NOT SEEN'}: {each.text}{moment}", markup=False)
            for problem in report.problems:
                console.print(f"  problem: {problem}", markup=False)


def _tell_elsewhere(console: Console) -> None:
    from tools.faults.catalogue import ELSEWHERE

    for title, command in ELSEWHERE.items():
        console.print(f"{title}: needs the real daemon, {command}", markup=False, soft_wrap=True)
