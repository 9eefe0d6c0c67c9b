"""`evce restart`: end a running daemon in good order, and start it anew in the same process."""

import getpass
from pathlib import Path

import click

from tools.commands.actors import DATA
from tools.commands.site_file import told_plainly
from tools.control.client import control

__all__ = ["restart"]


@click.command()
@DATA
@click.option("--yes", is_flag=True, help="Don't ask.")
def restart(data: Path, yes: bool) -> None:
    """Start a running EVCE anew; nothing that is stored is lost, and cars go on charging.

    No setting asks for it. For some seconds stations and pages are without EVCE; nothing is raised until
    everybody has reported again. A new version needs the service manager: `systemctl restart evce`.
    """
    if not yes:
        click.confirm("Start EVCE anew?", abort=True)
    with told_plainly():
        control(data, "start_anew", author=getpass.getuser())
    click.echo("EVCE ends in good order and starts anew")
