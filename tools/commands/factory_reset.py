"""`evce factory-reset`: delete everything that a site has stored, and begin anew with the assistant."""

import getpass
from pathlib import Path

import click

from tools.commands.actors import DATA
from tools.commands.site_file import told_plainly
from tools.control.client import control

__all__ = ["factory_reset"]


@click.command("factory-reset")
@DATA
@click.option("--yes", is_flag=True, help="Don't ask.")
def factory_reset(data: Path, yes: bool) -> None:
    """Set a running EVCE back to factory settings: everything that it has stored is deleted for good.

    Zones, stations, meters, cards, sessions, events, users and snapshots are gone; it starts anew with the
    assistant, whose first login needs no code for 15 minutes. Stations fall back by themselves and are
    refused until they are registered again. Save the site file (`evce config show`) and the cards first.
    """
    if not yes:
        click.confirm(f"Delete everything that is stored in {data}, for good?", abort=True)
    with told_plainly():
        control(data, "factory_reset", author=getpass.getuser())
    click.echo("EVCE deletes everything and starts anew; its pages open with the assistant")
