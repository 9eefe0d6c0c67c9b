"""`evce station`: what a person can have a running daemon find out about a station."""

import contextlib
import getpass
from pathlib import Path

import click

from tools.commands.actors import DATA
from tools.commands.site_file import told_plainly
from tools.control.client import follow

__all__ = ["station"]


@click.group()
def station() -> None:
    """Look into a station of a running daemon."""


@station.command()
@DATA
@click.argument("box_identity", metavar="STATION")
@click.option("--connector", type=click.IntRange(1, 2), default=1, show_default=True, help="Which outlet.")
def wiring(data: Path, box_identity: str, connector: int) -> None:
    """Find out how an outlet is wired: its car is stepped down and back twice while the meter is watched.

    It takes about a minute. The car keeps its least current, and nobody in the zone gets more meanwhile.
    A car on one phase or two must be charging there, with 9 A at least. Exit code 1 when the wiring is not
    as configured, 3 when it could not be told.
    """
    last: dict[str, object] = {}
    with told_plainly():
        answers = follow(data, "wiring", station=box_identity, connector=connector, author=getpass.getuser())
        with contextlib.closing(answers):
            for last in answers:
                click.echo(last["text"])
    if last.get("correction"):
        click.echo(f"Correct connector {connector} of {box_identity} in the site file:")
        click.echo(f"\n  {last['correction']}")
    raise SystemExit({"right": 0, "wrong": 1}.get(str(last.get("verdict")), 3))
