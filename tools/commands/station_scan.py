"""`evce station scan`: which addresses of a range have a web page, and which of them look like stations."""

import json
from dataclasses import asdict

import click
from rich.console import Console
from rich.table import Table

from tools.commands.site_file import told_plainly
from web.station_scan import StationScan

__all__ = ["scan"]

TOLD_EVERY = 1.0
"""Seconds between two lines on how far it is."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.argument("lowest")
@click.argument("highest")
def scan(as_json: bool, lowest: str, highest: str) -> None:
    """Look for stations from the address LOWEST to HIGHEST, private ones only.

    The web page of each address is opened once, without a password; close those of stations elsewhere before.
    Ctrl-C ends it with what was found so far.
    """
    looking = StationScan()
    with told_plainly():
        looking.start(lowest, highest)
    try:
        while not looking.wait(TOLD_EVERY):
            click.echo(f"{looking.progress.done} of {looking.progress.total} addresses", err=True)
    except KeyboardInterrupt:
        looking.cancel()
        looking.wait(10.0)
    progress = looking.progress
    if as_json:
        click.echo(json.dumps(asdict(progress), indent=2))
        return
    table = Table("Address", "Ports", "Maker", "Title")
    for one in progress.found:
        table.add_row(one.address, ", ".join(map(str, one.ports)), one.maker, one.title)
    Console().print(table)
