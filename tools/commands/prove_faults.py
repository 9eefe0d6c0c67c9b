"""`evce prove links` and `evce prove process`: faults at the real daemon, with what was seen of each."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from tools.commands.prove_results import end_with, keep_page

if TYPE_CHECKING:
    from tools.endurance.trial import Trial, Verdict

__all__ = ["links", "process"]


def _faults_chosen(command: Callable[..., None]) -> Callable[..., None]:
    """The options of the commands that play faults."""
    for option in (
        click.option(
            "--report",
            type=click.Path(dir_okay=False, path_type=Path),
            help="Where the referee's page is written.",
        ),
        click.option(
            "--patience",
            type=click.FloatRange(1.0, 100.0),
            default=1.0,
            show_default=True,
            help="Stretches the times within which something must be seen, for a slow or busy machine.",
        ),
        click.option(
            "--seconds",
            type=click.FloatRange(1.0, 3600.0),
            show_default="its own time",
            help="How long each fault lasts; longer where it takes that to be seen.",
        ),
        click.option(
            "--seed", type=click.IntRange(0), default=1, show_default=True, help="Of all that is drawn."
        ),
        click.option("--only", multiple=True, metavar="WORDS", help="Those with these words in their name."),
    ):
        command = option(command)
    return command


@click.command()
@_faults_chosen
def links(
    only: tuple[str, ...], seed: int, seconds: float | None, patience: float, report: Path | None
) -> None:
    """Disturb the links of the real daemon to its stations, meter and operator, in every way in turn.

    A small simulated site, whose stations, meter and operator are each reached through a proxy: connections
    are reset, cut in the middle of a frame, half-open; frames are lost, late, doubled, in another order,
    damaged. Of each fault is told what was seen of it, and when; limits must hold, and every session must be
    in the books once. All of them take about half an hour.
    """
    from tools.endurance.meter_trials import METER_TRIALS
    from tools.endurance.operator_trials import OPERATOR_TRIALS
    from tools.endurance.station_trials import STATION_TRIALS

    _play([*STATION_TRIALS, *METER_TRIALS, *OPERATOR_TRIALS], only, seed, seconds, patience, report)


@click.command()
@_faults_chosen
def process(
    only: tuple[str, ...], seed: int, seconds: float | None, patience: float, report: Path | None
) -> None:
    """Stop the real daemon's process, kill it, and take its memory away.

    A service manager's stand-in watches it and starts it anew, as systemd does. Of each fault is told what
    was seen of it, and when: cars fall by themselves while nobody tells them anything, sessions are the
    same afterwards, and nobody is offered more before he has been verified. It takes about ten minutes.
    """
    from tools.endurance.process_trials import PROCESS_TRIALS

    _play(PROCESS_TRIALS, only, seed, seconds, patience, report)


def _play(
    trials: Sequence[Trial],
    only: Sequence[str],
    seed: int,
    seconds: float | None,
    patience: float,
    report: Path | None,
) -> None:
    """Play these trials one after another on one site; ends with 1 where one was missed."""
    from tools.endurance.ground import Ground
    from tools.endurance.trial import play_all
    from tools.referee.page import as_html

    chosen = [each for each in trials if not only or any(words in each.name for words in only)]
    if not chosen:
        known = ", ".join(each.name for each in trials)
        raise click.BadParameter(
            f"no fault's name has {' or '.join(map(repr, only))} in it; know {known}", param_hint="--only"
        )
    console = Console()
    console.print(f"Faults: {len(chosen)}, seed {seed}")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with (
        tempfile.TemporaryDirectory(prefix="evce-ground-") as folder,
        Progress(*columns, console=console) as progress,
    ):
        task = progress.add_task("the site starts", total=len(chosen))
        ground = Ground(Path(folder), seed)

        def begun(trial: Trial) -> None:
            progress.update(task, description=trial.name)

        def told(verdict: Verdict) -> None:
            progress.advance(task)
            sign = "[green]ok[/green]" if verdict.good else "[red]MISSED[/red]"
            console.print(f"{sign} {verdict.trial.name}: {verdict.trial.breaks}, {verdict.took:.0f} s")
            for line in (*map(str, verdict.findings), *verdict.problems):
                console.print(f"     {line}", markup=False, soft_wrap=True)

        try:
            ground.start()
            played = play_all(ground, chosen, seconds, begun, told, patience)
        except RuntimeError as error:
            raise click.ClickException(str(error)) from None
        finally:
            ground.stop()
        page = as_html(ground.referee, f"{len(played)} faults, seed {seed}")
        above = max(record.longest_above for record in ground.referee.zones.values())
    table = Table("fault", "to be seen", "allowed s", "seen after s")
    for verdict in played:
        for finding in verdict.findings:
            table.add_row(
                f"{verdict.trial.name}",
                finding.look.text,
                finding.allowed,
                _colour(finding.seen, finding.good),
            )
        for problem in verdict.problems:
            table.add_row(verdict.trial.name, escape(problem), "", "[red]problem[/red]")
    console.print(table)
    console.print(f"longest above a limit: {above:.1f} s")
    console.print(f"{sum(verdict.good for verdict in played)} of {len(chosen)} faults as they should be")
    keep_page(page, report, console)
    problems = [line for verdict in played for line in verdict.complaints]
    missing = [f"{each.name}: not played" for each in chosen[len(played) :]]
    end_with([*problems, *missing], console)


def _colour(text: str, good: bool) -> str:
    return escape(text) if good else f"[red]{escape(text)}[/red]"
