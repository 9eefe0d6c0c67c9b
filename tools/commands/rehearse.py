"""`evce rehearse`: the whole product in virtual time, with whatever can go wrong drawn from seeds."""

from __future__ import annotations

import logging
import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.rehearsal.window import Window, WindowReport

__all__ = ["rehearse"]

JOBS = click.option(
    "--jobs",
    type=click.IntRange(1),
    default=os.cpu_count() or 1,
    show_default="one for each core",
    help="Processes at a time.",
)
REPORTS = click.option(
    "--reports",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("rehearsal-reports"),
    show_default=True,
    help="Folder for the referee's page of each window that failed.",
)


TRACE = click.option(
    "--trace",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Play the first alone and write every message that is handled to this file.",
)


@click.group(invoke_without_command=True)
@click.pass_context
@click.option(
    "--windows", type=click.IntRange(1), default=100, show_default=True, help="How many are played."
)
@click.option("--first-seed", type=click.IntRange(0), default=1, show_default=True)
@click.option(
    "--minutes", type=click.FloatRange(0.5), default=60.0, show_default=True, help="Of each window."
)
@click.option("--site", type=click.Choice(["small", "demo"]), default="small", show_default=True)
@click.option(
    "--mishap-every",
    type=click.FloatRange(1.0),
    default=120.0,
    show_default=True,
    help="Seconds between two mishaps, on average.",
)
@JOBS
@TRACE
@REPORTS
def rehearse(
    context: click.Context,
    windows: int,
    first_seed: int,
    minutes: float,
    site: str,
    mishap_every: float,
    jobs: int,
    trace: Path | None,
    reports: Path,
) -> None:
    """Search for what goes wrong.

    Cars come and go at a simulated site while actors, links, meters, inputs, the disk and the process fail by
    chance. The referee knows what truly flows, the books what the cars truly took. A window is the same
    to the last message whenever its seed is played. Ends with 1 where a window had a problem.

    `evce rehearse days` plays whole days of this, `evce rehearse week` an ordinary week instead,
    `evce rehearse cpo-day` a bad day of a remote operator.
    """
    if context.invoked_subcommand is not None:
        return
    from tools.rehearsal.window import Window

    _play(
        [Window(first_seed + number, 60.0 * minutes, site, mishap_every) for number in range(windows)],
        jobs,
        trace,
        reports,
        lambda window: (
            f"--first-seed {window.seed} --minutes {minutes:g} --site {site} --mishap-every {mishap_every:g}"
        ),
    )


@rehearse.command()
@click.option("--days", type=click.IntRange(1), default=20, show_default=True, help="How many are played.")
@click.option(
    "--hours", type=click.FloatRange(0.02, 24.0), default=24.0, show_default=True, help="Of each day."
)
@click.option("--first-seed", type=click.IntRange(0), default=1, show_default=True)
@click.option(
    "--mishap-every",
    type=click.FloatRange(1.0),
    default=900.0,
    show_default=True,
    help="Seconds between two mishaps, on average.",
)
@click.option(
    "--cars",
    type=click.FloatRange(0.1, 100.0),
    default=3.0,
    show_default=True,
    help="Cars per hour, as a multiple of the recorded week.",
)
@JOBS
@TRACE
@REPORTS
def days(
    days: int,
    hours: float,
    first_seed: int,
    mishap_every: float,
    cars: float,
    jobs: int,
    trace: Path | None,
    reports: Path,
) -> None:
    """Play whole days at the demo site while things fail by chance.

    Each begins with an empty site at midnight of the recorded week, seed 1 on its Monday. Leases, sessions
    and the database live through all of it. Ends with 1 where a day had a problem.
    """
    from tools.rehearsal.window import Window

    seeds = range(first_seed, first_seed + days)
    _play(
        [
            Window(seed, 3600.0 * hours, "demo", mishap_every, cars, begin=86_400.0 * ((seed - 1) % 7))
            for seed in seeds
        ],
        jobs,
        trace,
        reports,
        lambda window: (
            f"days --first-seed {window.seed} --hours {hours:g} --mishap-every {mishap_every:g} "
            f"--cars {cars:g}"
        ),
    )


@rehearse.command()
@click.option(
    "--hours",
    type=click.FloatRange(0.02, 1344.0),
    default=168.0,
    show_default=True,
    help="From its Monday on.",
)
@click.option(
    "--part-hours", type=click.FloatRange(0.02, 168.0), default=2.0, show_default=True, help="Of each part."
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of the first part.")
@click.option(
    "--cars",
    type=click.FloatRange(0.1, 100.0),
    default=3.0,
    show_default=True,
    help="Cars per hour, as a multiple of the recorded week.",
)
@click.option("--part", type=click.IntRange(1), help="This part only, counted from 1.")
@JOBS
@TRACE
@REPORTS
def week(
    hours: float,
    part_hours: float,
    seed: int,
    cars: float,
    part: int | None,
    jobs: int,
    trace: Path | None,
    reports: Path,
) -> None:
    """Play an ordinary week at the demo site, in parts that each begin with an empty site.

    The building steps, clouds pass over the roof, and each station reports at an interval of its own between
    1 s and a minute, so that the meter knows first. Limits must hold, books agree, and no setpoint may turn
    four times within five minutes unless something outside asks for it. Ends with 1 where that isn't so.
    """
    from tools.rehearsal.window import Window

    parts = max(1, round(hours / part_hours))
    played = [
        Window(
            seed + number,
            3600.0 * hours / parts,
            "demo",
            arrivals_factor=cars,
            weather=True,
            begin=3600.0 * hours / parts * number,
        )
        for number in range(parts)
    ]
    if part is not None and part > parts:
        raise click.BadParameter(f"{part}: there are {parts} parts", param_hint="--part")
    _play(
        played if part is None else played[part - 1 : part],
        jobs,
        trace,
        reports,
        lambda window: (
            f"week --hours {hours:g} --part-hours {part_hours:g} --seed {seed} --cars {cars:g} "
            f"--part {window.seed - seed + 1}"
        ),
    )


@rehearse.command("cpo-day")
@click.option(
    "--hours", type=click.FloatRange(0.05, 168.0), default=24.0, show_default=True, help="Of the day."
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True)
@click.option(
    "--cars",
    type=click.FloatRange(0.1, 100.0),
    default=5.0,
    show_default=True,
    help="Cars per hour, as a multiple of the recorded day.",
)
@click.option(
    "--stay",
    type=click.FloatRange(0.001, 1.0),
    default=0.3,
    show_default=True,
    help="How long they stay, as a share of the recorded times.",
)
def cpo_day(hours: float, seed: int, cars: float, stay: float) -> None:
    """Play a day on which the remote operator's system fails in every way.

    It is down for hours, slow, silent, answers with errors and with nonsense, and the daemon is killed
    while it is away. Afterwards the operator's book must equal the database: every session once, in order.
    Ends with 1 where it doesn't. A whole day takes about half an hour.
    """
    from tools.rehearsal.cpo_day import CpoDay, play_day

    logging.disable(logging.CRITICAL)
    try:
        with tempfile.TemporaryDirectory(prefix="evce-cpo-day-") as folder:
            report = play_day(CpoDay(hours, seed, cars, stay), Path(folder), click.echo)
    finally:
        logging.disable(logging.NOTSET)
    click.echo(
        f"{report.sessions} sessions; at most {report.longest_queue} messages waited; the operator "
        f"recognised {report.repeats} that it had already; {len(report.problems)} problems"
    )
    for problem in report.problems:
        click.echo(f"  {problem}")
    if report.problems:
        raise SystemExit(1)


def _play(
    windows: list[Window],
    jobs: int,
    trace: Path | None,
    reports: Path,
    again: Callable[[Window], str],
) -> None:
    """Play them, or the first one into `trace`, and tell; `again` is what asks for one of them alone."""
    console = Console()
    began = time.monotonic()
    outcome = [_traced(windows[0], trace)] if trace else _with_progress(windows, jobs, console)
    _tell(outcome, time.monotonic() - began, console)
    failed = [report for report in outcome if report.problems]
    if not failed:
        return
    _write_pages(failed, reports)
    for report in failed:
        file = reports / f"{report.window.site}-{report.window.seed}.txt"
        click.echo(f"again, message by message: evce rehearse {again(report.window)} --trace {file}")
    raise SystemExit(1)


def _traced(window: Window, path: Path) -> WindowReport:
    from tools.rehearsal.series import virtual_disk
    from tools.rehearsal.window import play

    logging.disable(logging.CRITICAL)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w") as file, virtual_disk() as folder:
            return play(window, Path(folder), lambda line: print(line, file=file))
    finally:
        logging.disable(logging.NOTSET)


def _with_progress(windows: list[Window], jobs: int, console: Console) -> list[WindowReport]:
    from tools.rehearsal.series import play_all

    reports: list[WindowReport] = []
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    began = time.monotonic()
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("starting", total=sum(window.seconds for window in windows))

        def tell(simulated: float) -> None:
            pace = _pace(len(reports), simulated, time.monotonic() - began)
            progress.update(task, completed=simulated, description=f"{len(reports)}/{len(windows)}, {pace}")

        for report in play_all(windows, jobs, tell):
            reports.append(report)
            tell(progress.tasks[task].completed)
            if report.window.weather:
                console.print(_part(report))
            for problem in report.problems:
                console.print(f"seed {report.window.seed}: {problem}", markup=False)
    return reports


def _pace(seeds: int, simulated: float, took: float) -> str:
    return f"{seeds / took:.3g} seeds/s, {simulated / took:.0f} times as fast as life"


def _write_pages(failed: list[WindowReport], folder: Path) -> None:
    """The referee's page of each."""
    folder.mkdir(parents=True, exist_ok=True)
    for report in failed:
        path = folder / f"{report.window.site}-{report.window.seed}.html"
        path.write_text(report.page)
        click.echo(f"seed {report.window.seed}: the referee's report is {path}")


def _tell(reports: list[WindowReport], took: float, console: Console) -> None:
    simulated = sum(report.simulated for report in reports)
    table = Table("", "")
    for name, value in (
        ("windows", f"{len(reports)}"),
        ("virtual time", f"{simulated / 3600.0:.1f} h"),
        ("took", f"{took:.0f} s, {_pace(len(reports), simulated, took)}"),
        ("processor", f"{3600.0 * sum(report.took for report in reports) / simulated:.0f} s an hour"),
        ("mishaps", f"{sum(len(report.mishaps) for report in reports)}"),
        ("sessions", f"{sum(report.sessions for report in reports)}"),
        ("hottest breaker", f"{max(report.hottest for report in reports):.2f} of the heat it may take"),
        ("longest above a limit", f"{max(report.longest_above for report in reports):.1f} s"),
        *_turns(reports),
        ("with problems", f"{sum(bool(report.problems) for report in reports)}"),
    ):
        table.add_row(name, value)
    console.print(table)
    for report in reports:
        if report.problems:
            console.print(
                f"seed {report.window.seed}", *report.problems, *report.mishaps, sep="\n  ", markup=False
            )


def _turns(reports: list[WindowReport]) -> list[tuple[str, str]]:
    """Only with weather they are looked at."""
    looked_at = [report.turns for report in reports if report.window.weather]
    return [("most turns in 5 min", f"{max(looked_at)} that nothing outside explains")] if looked_at else []


def _part(report: WindowReport) -> str:
    """One part of a week, over."""
    return (
        f"from hour {report.window.begin / 3600.0:.1f} on: {report.simulated / 60.0:.0f} min in "
        f"{report.took:.0f} s of a core, {report.sessions} sessions, at most {report.turns} turns"
    )
