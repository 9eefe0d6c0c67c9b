"""`evce card`: the RFID cards of a running daemon."""

import getpass
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from tools.commands.actors import DATA
from tools.commands.site_file import told_plainly
from tools.control.client import control

__all__ = ["card"]


@click.group()
def card() -> None:
    """Say which cards may charge."""


@card.command("list")
@DATA
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True)
def list_cards(data: Path, limit: int) -> None:
    """List the cards by their IdTag; unknown ones that were swiped are among them, not authorised."""
    with told_plainly():
        cards = control(data, "cards", limit=limit)["cards"]
    if not cards:
        click.echo("no card yet: `evce card save IDTAG` adds one")
        return
    table = Table("IdTag", "Authorised", "VIP", "Comment")
    for known in cards:
        table.add_row(
            known["id_tag"],
            "yes" if known["authorised"] else "no",
            "VIP" if known["vip"] else "",
            known["comment"],
        )
    Console().print(table)


@card.command()
@DATA
@click.argument("id_tag")
@click.option("--vip", is_flag=True, help="Its cars come before all others.")
@click.option("--authorised/--blocked", default=True, show_default=True, help="Whether it may charge.")
@click.option("--comment", default="", help="Whose card it is, at most 50 characters.")
@click.option(
    "--zone", "zones", multiple=True, help="Where it may charge; may be repeated; everywhere without."
)
def save(data: Path, id_tag: str, vip: bool, authorised: bool, comment: str, zones: tuple[str, ...]) -> None:
    """Add a card, or change the one with this IdTag."""
    with told_plainly():
        control(
            data,
            "save_card",
            id_tag=id_tag,
            vip=vip,
            authorised=authorised,
            comment=comment,
            zones=list(zones) or None,
            author=getpass.getuser(),
        )
    click.echo(f"{id_tag} is saved")
