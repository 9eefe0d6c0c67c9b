"""`evce cpo`: the uplinks to the remote operator, and what waits to be told."""

import getpass
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from tools.commands.actors import DATA
from tools.commands.site_file import told_plainly
from tools.control.client import control

__all__ = ["cpo"]


@click.group()
def cpo() -> None:
    """Look at the uplinks to the remote operator (CPO)."""


@cpo.command()
@DATA
def status(data: Path) -> None:
    """Tell for each station whether it is connected to the operator, and how much waits."""
    with told_plainly():
        uplinks = control(data, "uplinks")["uplinks"]
    if not uplinks:
        click.echo("no uplink: the section [cpo] of the site is not enabled")
        return
    table = Table("Station", "State", "Waiting", "Given up", "Why")
    for known in uplinks:
        table.add_row(
            known["station"],
            known["state"],
            str(known["waiting"]),
            str(known["given_up"]),
            known["failure"],
        )
    Console().print(table)


@cpo.command()
@DATA
@click.option("--station", help="Only this station's messages.")
@click.option("--given-up", is_flag=True, help="Only messages that the operator never took.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True)
def queue(data: Path, station: str | None, given_up: bool, limit: int) -> None:
    """List the transaction messages that the operator doesn't have, oldest first."""
    with told_plainly():
        entries = control(data, "journal", station=station, given_up=given_up or None, limit=limit)["journal"]
    if not entries:
        click.echo("nothing waits for the operator")
        return
    table = Table("Nr", "Station", "Message", "Transaction", "Operator's", "Since", "Attempts", "Failure")
    for entry in entries:
        theirs = entry["cpo_transaction"]
        table.add_row(
            str(entry["entry"]),
            entry["station"],
            entry["action"],
            str(entry["transaction"]),
            "" if theirs is None else str(theirs),
            entry["kept_at"],
            str(entry["attempts"]) + (" (given up)" if entry["given_up"] else ""),
            entry["failure"],
        )
    Console().print(table)


@cpo.command()
@DATA
@click.argument("station")
@click.confirmation_option(prompt="The operator will never be told of them. Forget them?")
def forget(data: Path, station: str) -> None:
    """Forget a station's messages that were given up, once they are settled by hand; ends the alarm."""
    with told_plainly():
        count = control(data, "forget_given_up", station=station, author=getpass.getuser())["forgotten"]
    click.echo(f"{count} messages of {station} are forgotten")
