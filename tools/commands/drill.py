"""`evce drill`: cut something off on a live site on purpose; predicted and observed side by side."""

import getpass
import json
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from evce.drill.kinds import LONGEST, USUAL, Kind, Stage, Verdict
from tools.commands.actors import DATA
from tools.commands.site_file import told_plainly
from tools.control.client import ControlError, control, follow

__all__ = ["drill"]

FORETELLING_S = 120.0
"""Seconds: at a large site every meter's loss is planned through."""

AS_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for machines.")

SECONDS = click.option(
    "--seconds",
    type=click.FloatRange(0, LONGEST, min_open=True),
    default=USUAL,
    show_default=True,
    help="How long it is cut off at most.",
)


def _how(command: Callable[..., None]) -> Callable[..., None]:
    """The options of every drill."""
    force = click.option(
        "--force", is_flag=True, help="Also where it isn't proven that no feeder is overloaded meanwhile."
    )
    yes = click.option("--yes", is_flag=True, help="Don't ask first.")
    return DATA(SECONDS(yes(force(AS_JSON(command)))))


@click.group()
def drill() -> None:
    """Cut off a meter, a station, the operator or the inputs of a live site, for a while.

    The daemon says what must follow, cuts the link, watches, and restores it by itself: at the latest when
    the time is over, and at once when this command ends, however it ends. One drill runs at a time.
    """


@drill.command("list")
@DATA
@SECONDS
@AS_JSON
@click.argument("kind", type=click.Choice([kind.value for kind in Kind]), required=False)
@click.argument("name", required=False, default="")
def list_drills(data: Path, seconds: float, as_json: bool, kind: str | None, name: str) -> None:
    """Tell what can be cut off here, and what would follow from it now."""
    with told_plainly():
        answer = _foretold(data, kind or "", name, seconds)
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    if answer["running"] is not None:
        running = answer["running"]
        click.echo(f"running: {running['by']} cut off {running['what']}, until {running['until']}\n")
    if not answer["drills"]:
        click.echo("nothing can be cut off here")
    for each in answer["drills"]:
        _tell(each, rows=bool(name))


@drill.command()
@_how
@click.argument("name")
def meter(name: str, **how: Any) -> None:
    """Cut off the meter NAME: its polls stay unanswered."""
    _drill(Kind.METER, name, **how)


@drill.command()
@_how
@click.argument("name")
def station(name: str, **how: Any) -> None:
    """Cut off the station NAME: its connection breaks, and it is refused."""
    _drill(Kind.STATION, name, **how)


@drill.command()
@_how
@click.argument("name", metavar="[STATION]", required=False, default="")
def cpo(name: str, **how: Any) -> None:
    """Cut off the operator: every uplink, or that of STATION."""
    _drill(Kind.CPO, name, **how)


@drill.command()
@_how
def inputs(**how: Any) -> None:
    """Cut off the board of the digital inputs: it can't be read."""
    _drill(Kind.INPUTS, "", **how)


@drill.command()
@DATA
def end(data: Path) -> None:
    """End the drill that is running; what was cut off is restored at once."""
    with told_plainly():
        ended = control(data, "drill_end", author=getpass.getuser())
    click.echo(f"restored: {ended['ended']}")


def _drill(
    kind: Kind, name: str, *, data: Path, seconds: float, yes: bool, force: bool, as_json: bool
) -> None:
    with told_plainly():
        (foretold,) = _foretold(data, kind, name, seconds)["drills"]
        if not as_json:
            _tell(foretold, rows=False)
        if not yes:
            click.confirm(f"Cut off {foretold['what']} for {seconds:g} s?", abort=True, err=as_json)
        request: dict[str, Any] = {"kind": kind, "name": name, "seconds": seconds, "force": force}
        answers = follow(data, "drill", author=getpass.getuser(), **request)
        outcome: dict[str, Any] | None = None
        with closing(answers), _interrupted(data):
            for answer in answers:
                if as_json:
                    click.echo(json.dumps(answer, ensure_ascii=False))
                else:
                    _progress(answer)
                outcome = answer.get("over", outcome)
    if outcome is None:
        raise click.ClickException("the daemon went away before the drill was over")
    if not as_json:
        _show(outcome["results"])
    if not outcome["good"]:
        raise SystemExit(1)


def _foretold(data: Path, kind: str, name: str, seconds: float) -> dict[str, Any]:
    return control(data, "drills", timeout=FORETELLING_S, kind=kind, name=name, seconds=seconds)


@contextmanager
def _interrupted(data: Path) -> Iterator[None]:
    """Ctrl-C ends the drill, and the rest is still watched; the second one ends the command."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def restore(*_: object) -> None:
        signal.signal(signal.SIGINT, before)
        try:
            control(data, "drill_end", author=getpass.getuser())
            click.echo("ending it; Ctrl-C again leaves at once", err=True)
        except ControlError as error:
            click.echo(str(error), err=True)

    before = signal.signal(signal.SIGINT, restore)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _tell(foretold: dict[str, Any], *, rows: bool) -> None:
    """What would follow, in words."""
    click.echo(foretold["what"])
    for note in foretold["notes"]:
        click.echo(f"  {note}")
    for danger in foretold["dangers"]:
        click.echo(f"  not proven to be safe (--force drills all the same): {danger}")
    for amiss in foretold["amiss"]:
        click.echo(f"  can't be drilled now: {amiss}")
    if rows:
        table = Table("When", "What", "Predicted", "Within")
        for row in foretold["expected"]:
            table.add_row(row["stage"], row["what"], row["predicted"], f"{row['within']:g} s")
        Console().print(table)


def _progress(answer: dict[str, Any]) -> None:
    """One line for each thing as it is seen."""
    if "began" in answer:
        click.echo(
            f"cut off until {answer['began']['until'][11:19]} UTC; Ctrl-C or `evce drill end` restores it"
        )
    elif "result" in answer:
        result = answer["result"]
        click.echo(
            f"  {result['stage']:8} {_after(result):>7}  {result['what']}: {result['observed']}"
            + ("" if result["verdict"] == Verdict.AS_PREDICTED else f" ({result['verdict']})")
        )


def _show(results: list[dict[str, Any]]) -> None:
    table = Table("", "What", "Predicted", "Observed", "After", "Verdict")
    for stage in Stage:
        for result in results:
            if result["stage"] == stage:
                good = result["verdict"] in (Verdict.AS_PREDICTED, Verdict.ENDED_BEFORE)
                colour = "green" if good else "red"
                table.add_row(
                    stage,
                    escape(result["what"]),
                    f"{escape(result['predicted'])}, within {result['within']:g} s",
                    escape(result["observed"]),
                    _after(result),
                    f"[{colour}]{result['verdict']}[/{colour}]",
                )
    Console().print(table)


def _after(result: dict[str, Any]) -> str:
    return "" if result["after"] is None else f"{result['after']:.1f} s"
