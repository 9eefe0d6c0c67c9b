"""`evce actors`: the supervision tree of a running daemon, and drills on it."""

import getpass
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from tools.commands.site_file import told_plainly
from tools.control.client import control

__all__ = ["actors"]

DATA = click.option(
    "--data",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    required=True,
    envvar="EVCE_DATA",
    show_envvar=True,
    help="Data folder of the running daemon.",
)


@click.group()
def actors() -> None:
    """Look at the actors of a running daemon."""


@actors.command("list")
@DATA
def list_actors(data: Path) -> None:
    """List every actor with its state, mailbox and restarts."""
    with told_plainly():
        known = control(data, "actors")["actors"]
    table = Table("Actor", "State", "Waiting", "Handled", "Restarts", "Last failure")
    for actor in known:
        inbox = actor["inbox"] or {}
        waiting = sum(inbox.get(lane, 0) for lane in ("urgent", "events", "samples"))
        table.add_row(
            actor["name"],
            actor["state"],
            str(waiting),
            str(inbox.get("handled", 0)),
            str(actor["restarts"]),
            actor["last_failure"],
        )
    Console().print(table)


@actors.command()
@DATA
@click.argument("name")
@click.option(
    "--how",
    type=click.Choice(["exception", "exit", "hang"]),
    default="exception",
    show_default=True,
    help="How it fails.",
)
def kill(data: Path, name: str, how: str) -> None:
    """Make one actor fail, for a drill; its supervisor starts it again."""
    with told_plainly():
        control(data, "kill", name=name, how=how, author=getpass.getuser())
    click.echo(f"{name} was made to fail; `evce actors list` shows its restart")
