"""`evce actors`: the supervision tree of a running daemon and drills on it, as the debug shell has them."""

import getpass
from pathlib import Path

import click

from tools.commands.releasing import by_its_release
from tools.commands.site_file import told_plainly
from tools.shell.answers import Tree
from tools.shell.commands import fail
from tools.shell.session import Session

__all__ = ["DATA", "actors"]

DATA = click.option(
    "--data",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    required=True,
    envvar="EVCE_DATA",
    show_envvar=True,
    callback=by_its_release,
    help="Data folder of the running daemon.",
)


@click.group()
def actors() -> None:
    """Look at the actors of a running daemon."""


@actors.command("list")
@DATA
def list_actors(data: Path) -> None:
    """Show every actor with its state, mailbox, work and restarts: the shell's `tree`."""
    session = Session(data, getpass.getuser())
    with told_plainly():
        session.show(session.ask(Tree, "actors"))


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
        fail(Session(data, getpass.getuser(), write=True), name, how)
    click.echo("`evce actors list` shows its restart")
