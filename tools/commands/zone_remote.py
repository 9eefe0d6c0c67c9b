"""`evce zone remote`: the limits that were set from elsewhere, and a limit set or taken away by hand."""

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

__all__ = ["remote"]


@click.command()
@DATA
@click.argument("zone", required=False)
@click.option("--set", "amps", type=float, metavar="AMPS", help="Limit ZONE to so many A per phase.")
@click.option("--clear", is_flag=True, help="Take the limit of ZONE away.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, times in UTC.")
def remote(data: Path, zone: str | None, amps: float | None, clear: bool, as_json: bool) -> None:
    """Show remote energy management, and what it limits zones to; of ZONE alone where it is named.

    A limit that is set here counts as set from elsewhere: it is dropped like those unless somebody gives a
    sign of life. Within the minimum period only a lower one is taken.
    """
    changes = amps is not None or clear
    if changes and (zone is None or (amps is not None and clear)):
        raise click.UsageError("--set AMPS and --clear need a ZONE, and one of them is enough")
    with told_plainly():
        if changes:
            done = control(data, "remote_limit", zone=zone, amps=amps, author=getpass.getuser())
        else:
            told = control(data, "remote")
    if not changes:
        _show(told, zone, as_json=as_json)
    elif as_json:
        click.echo(json.dumps(done))
    else:
        held = "no limit" if done["amps_per_phase"] is None else f"{done['amps_per_phase']:g} A per phase"
        click.echo(f"{zone}: {held}; a higher one is taken in {done['raises_in_s']:.0f} s")


def _show(told: dict[str, Any], zone: str | None, *, as_json: bool) -> None:
    limits = [limit for limit in told["limits"] if zone in (None, limit["zone"])]
    if as_json:
        click.echo(json.dumps({**told, "limits": limits}, indent=2))
        return
    heard = "never" if told["heard_at"] is None else told["heard_at"][:19]
    login = f" (login {told['login']})" if told["login"] else ""
    click.echo(f"remote energy management: {told['state']}{login}; last sign of life {heard}")
    if not limits:
        click.echo("no limit is set" if zone is None else f"no limit is set for {zone}")
        return
    table = Table("Zone", "Limit", "A higher one is taken", "")
    for limit in limits:
        since = "at once" if limit["raised_from"] is None else f"from {limit['raised_from'][:19]}"
        note = "dropped: it rises" if limit["dropped"] else ""
        table.add_row(limit["zone"], f"{limit['amps_per_phase']:.1f} A", since, note)
    Console().print(table)
