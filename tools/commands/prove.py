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

from tools.commands.prove_faults import links, process
from tools.commands.prove_results import end_with, keep_page

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


prove.add_command(links)
prove.add_command(process)


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
    keep_page(outcome.page, report, console)
    end_with(outcome.problems, console)


@prove.command()
@click.option("--frames", type=click.IntRange(0), default=200_000, show_default=True, help="OCPP frames.")
@click.option("--modbus", type=click.IntRange(0), default=20_000, show_default=True, help="Modbus answers.")
@click.option("--web", type=click.IntRange(0), default=20_000, show_default=True, help="Web requests.")
@click.option("--sites", type=click.IntRange(0), default=20_000, show_default=True, help="Site files.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of everything drawn.")
@click.option("--jobs", type=click.IntRange(1, 4), default=2, show_default=True, help="Kinds at a time.")
def fuzz(frames: int, modbus: int, web: int, sites: int, seed: int, jobs: int) -> None:
    """Feed every edge with nonsense of all kinds.

    OCPP frames are drawn from the schemas, right, damaged, broken and out of turn, and said to the real
    actors; meters answer the real Modbus link with whatever bytes; each page gets bad parameters, headers
    and bodies; site files are damaged everywhere. Nothing may fail, take long, be dropped without a trace or
    make the memory grow. The same seed draws the same again. It takes about fifteen minutes.
    """
    from tools.endurance.fuzz import KINDS, fuzz_all

    wanted = dict(zip(KINDS, (frames, modbus, web, sites), strict=True))
    console = Console()
    console.print(f"Fuzzing with seed {seed}")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        tasks = {kind: progress.add_task(kind, total=count) for kind, count in wanted.items() if count}
        outcome = fuzz_all(
            wanted, seed, jobs, lambda kind, done: progress.update(tasks[kind], completed=done)
        )
    table = Table("", "tried", "s", "longest s", "memory MiB", "problems")
    for each in outcome:
        memory = f"{each.memory[len(each.memory) // 4]:.0f} to {each.memory[-1]:.0f}" if each.memory else ""
        table.add_row(
            each.kind,
            str(each.tried),
            f"{each.took:.0f}",
            f"{each.slowest:.2f}",
            memory,
            str(len(each.problems)),
        )
    console.print(table)
    for each in outcome:
        came = ", ".join(f"{what} {count}" for what, count in each.outcomes.most_common())
        console.print(f"{each.kind}: {came}", markup=False, soft_wrap=True)
    end_with([problem for each in outcome for problem in each.problems], console)


@prove.command()
@click.option("--stations", type=click.IntRange(1, 312), default=300, show_default=True)
@click.option("--times", type=click.IntRange(1), default=3, show_default=True, help="Restarts of the daemon.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of all moments.")
@click.option(
    "--report", type=click.Path(dir_okay=False, path_type=Path), help="Where the referee's page is written."
)
def storm(stations: int, times: int, seed: int, report: Path | None) -> None:
    """Kill the daemon of a large site in full use: everybody comes back at once.

    All stations must be in service again within 60 s of the kill, as the daemon itself tells, and no limit
    may be missed meanwhile. Each restart takes up to a minute.
    """
    from tools.endurance.storm import BACK_WITHIN, raise_storm

    console = Console()
    console.print(f"Storms: {times} of {stations} stations, seed {seed}")
    with tempfile.TemporaryDirectory(prefix="evce-storm-") as folder:
        outcome = raise_storm(stations, times, seed, Path(folder), console.print)
    table = Table("storm", "last accepted s", f"last in service s, goal {BACK_WITHIN:g}")
    for number, (accepted, back) in enumerate(zip(outcome.accepted, outcome.in_service, strict=True), 1):
        table.add_row(str(number), f"{accepted:.1f}", f"{back:.1f}")
    console.print(table)
    console.print(f"longest above a limit: {outcome.longest_above:.1f} s")
    keep_page(outcome.page, report, console)
    end_with(outcome.problems, console)


@prove.command()
@click.option("--minutes", type=click.FloatRange(0.1, 1440.0), default=60.0, show_default=True)
@click.option("--stations", type=click.IntRange(1, 312), default=100, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of all moments.")
def soak(minutes: float, stations: int, seed: int) -> None:
    """Run the real daemon under load for an hour: nothing may grow, nothing may become slower.

    Stations report every five seconds, the building rises in steps that reduce every car, and now and then
    some cars drive away and others come. Once it has warmed up memory must stay within 5 %, no mailbox may
    grow, no step may be missed, and the 99th percentile of the reactions must stay what it was.
    """
    from tools.endurance import soak as soaking

    console = Console()
    console.print(f"Soak: {stations} stations, {minutes:g} min, seed {seed}")
    columns = (TextColumn("min"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("min", total=round(minutes))
        outcome = soaking.soak(
            stations, minutes * 60.0, seed, lambda done: progress.update(task, completed=int(done / 60.0))
        )
    first, second = outcome.p99
    table = Table("", "")
    for name, value in (
        ("ran for", f"{outcome.seconds / 60.0:.1f} min"),
        ("memory", f"{min(outcome.memory, default=0):.0f} to {max(outcome.memory, default=0):.0f} MiB"),
        ("its growth after the warm-up", f"{outcome.memory_growth:.1%}"),
        ("most messages waiting in a mailbox", f"{max(outcome.deepest, default=0)}"),
        ("steps of the building", f"{len(outcome.reactions)}, {outcome.missed} missed"),
        ("reactions, p99 of each half", f"{first:.0f} and {second:.0f} ms"),
        ("sessions", f"{outcome.sessions}"),
    ):
        table.add_row(name, value)
    console.print(table)
    end_with(soaking.judged(outcome), console)


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
