"""`evce shell`: looks into a running daemon and, allowed to, changes what runs in it."""

import getpass
import sys
from pathlib import Path

import click

from tools.commands.actors import DATA
from tools.shell.commands import Leave
from tools.shell.prompt import interact, run_line
from tools.shell.session import Session

__all__ = ["shell"]


@click.command()
@DATA
@click.option(
    "-c", "--command", "lines", multiple=True, metavar="LINE", help="Run LINE and end; may be repeated."
)
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON, one object a line.")
@click.option(
    "--write", is_flag=True, help="Allow what changes something: send, pause, resume, kill, hang, restart."
)
def shell(data: Path, lines: tuple[str, ...], as_json: bool, write: bool) -> None:
    """Attach to a running daemon, to find out at night what is wrong.

    Without -c it is a prompt with completion and history; `help` lists the commands. It reads only, unless
    started with --write; each write is asked for at the prompt, and is an audit line in any case.
    """
    author = getpass.getuser()
    if not lines:
        interact(Session(data, author, write=write, live=True, as_json=as_json))
        return
    session = Session(data, author, write=write, as_json=as_json)
    for line in lines:
        try:
            code = run_line(session, line)
        except Leave:
            return
        if code:
            sys.exit(code)
