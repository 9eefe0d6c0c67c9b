"""`evce report` and `evce station report`: maintenance reports of a running daemon and of its stations."""

import getpass
import json
import shutil
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from tools.commands.actors import DATA
from tools.commands.site_file import told_plainly
from tools.control.client import control

__all__ = ["report", "station_report"]

TAKES = 120.0
"""Seconds: a large site on a slow card."""

OUTPUT = click.option(
    "--output",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Where to write it; without it, into this folder under its own name.",
)


@click.command()
@DATA
@OUTPUT
@click.option("--list", "listed", is_flag=True, help="List the reports that are kept, and make none.")
@click.option("--json", "as_json", is_flag=True, help="With --list: as JSON, sizes in bytes, times in UTC.")
def report(data: Path, output: Path | None, listed: bool, as_json: bool) -> None:
    """Make the maintenance report of EVCE: one HTML file for whoever helps, without passwords or keys.

    EVCE keeps a copy, beside those that it makes at its start and every 24 hours.
    """
    if not listed:
        _make(data, "", output)
        return
    with told_plainly():
        found = control(data, "reports")["reports"]
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    table = Table("Made (UTC)", "Device", "Type", "Bytes", "File")
    for one in found:
        table.add_row(
            one["made_at"][:19], one["station"] or "EVCE", one["kind"], str(one["size"]), one["path"]
        )
    Console().print(table)


@click.command("report")
@DATA
@OUTPUT
@click.argument("box_identity", metavar="STATION")
def station_report(data: Path, output: Path | None, box_identity: str) -> None:
    """Make a report of a station: one HTML file with all that EVCE knows of it."""
    _make(data, box_identity, output)


def _make(data: Path, station: str, output: Path | None) -> None:
    with told_plainly():
        made = control(data, "report", timeout=TAKES, station=station, author=getpass.getuser())["report"]
        target = Path(made["name"]) if output is None else output
        try:
            shutil.copyfile(made["path"], target)
        except OSError as error:
            raise click.ClickException(f"{target}: {error.strerror}") from error
    click.echo(f"written: {target}")
