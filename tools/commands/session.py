"""`evce session`: the running charging sessions of a daemon, and what their drivers plan."""

import getpass
import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from tools.commands.actors import DATA
from tools.commands.site_file import told_plainly
from tools.control.client import control

__all__ = ["session"]

JSON = click.option("--json", "as_json", is_flag=True, help="As JSON: times in UTC, energies in kWh.")


@click.group()
def session() -> None:
    """Look at the running sessions; say when their cars leave and what they need."""


@session.command("list")
@DATA
@JSON
def list_sessions(data: Path, as_json: bool) -> None:
    """List the running sessions with what was stated of them."""
    with told_plainly():
        sessions = control(data, "sessions")["sessions"]
    if as_json:
        click.echo(json.dumps(sessions, indent=2))
    elif not sessions:
        click.echo("no session is running")
    else:
        _show(sessions)


@session.command()
@DATA
@JSON
@click.argument("connector")
@click.option(
    "--departure", help="When the car leaves: 17:30, the next one by the site's clock, or a date with it."
)
@click.option("--energy", type=float, help="What it needs in all, in kWh.")
@click.option("--forget", is_flag=True, help="Take back whatever was stated.")
def plan(
    data: Path, as_json: bool, connector: str, departure: str | None, energy: float | None, forget: bool
) -> None:
    """State when the car at CONNECTOR (such as CP-01/1) leaves, and what it needs.

    It counts where the site's priority is departure: who has little time to spare comes first and gets more.
    What was stated stays with the session.
    """
    if not forget and departure is None and energy is None:
        raise click.UsageError("give --departure, --energy or --forget")
    if forget and (departure is not None or energy is not None):
        raise click.UsageError("--forget stands alone")
    with told_plainly():
        kept = control(
            data,
            "plan_session",
            connector=connector,
            departure=departure,
            energy_kwh=energy,
            forget=forget,
            author=getpass.getuser(),
        )["session"]
    if as_json:
        click.echo(json.dumps(kept, indent=2))
    else:
        _show([kept])


def _show(sessions: list[dict[str, Any]]) -> None:
    table = Table("Connector", "Card", "Since", "kWh", "Leaves", "Needs kWh")
    for each in sessions:
        needs = each["energy_stated_kwh"]
        table.add_row(
            each["connector"],
            each["id_tag"],
            each["started_at"],
            f"{each['energy_kwh']:.1f}",
            each["departure"] or "",
            "" if needs is None else f"{needs:g}",
        )
    Console().print(table)
