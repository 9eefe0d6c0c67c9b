"""`evce alarm`: the alarms of a running daemon, and that somebody has seen them."""

import getpass
import json
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from tools.commands.actors import DATA
from tools.commands.site_file import told_plainly
from tools.control.client import control

__all__ = ["alarm"]


@click.group()
def alarm() -> None:
    """Look at the alarms that stand, and acknowledge them."""


@alarm.command("list")
@DATA
@click.option("--json", "as_json", is_flag=True, help="As JSON, times in UTC.")
def list_alarms(data: Path, as_json: bool) -> None:
    """List the alarms that stand, the oldest first, each with what to do."""
    with told_plainly():
        alarms = control(data, "alarms")["alarms"]
    if as_json:
        click.echo(json.dumps(alarms, indent=2))
        return
    if not alarms:
        click.echo("no alarm stands")
        return
    table = Table("Since", "Severity", "Code", "Source", "What, and what to do", "Seen by")
    for one in alarms:
        told = f"{one['message']}. {one['advice']}"
        since = one["raised_at"][:19]
        table.add_row(since, one["severity"], one["code"], one["source"], told, one["acknowledged_by"])
    Console().print(table)


@alarm.command()
@DATA
@click.argument("code", required=False)
@click.argument("source", required=False)
@click.option("--all", "everything", is_flag=True, help="Every alarm that stands.")
def acknowledge(data: Path, code: str | None, source: str | None, everything: bool) -> None:
    """Say that the alarm CODE of SOURCE has been seen; without SOURCE, of whichever source.

    It stands until its cause is gone.
    """
    if everything == (code is not None):
        raise click.UsageError("name a CODE, or give --all")
    with told_plainly():
        done = control(data, "acknowledge_alarms", code=code, source=source, author=getpass.getuser())
    click.echo(f"acknowledged: {done['acknowledged']}")
