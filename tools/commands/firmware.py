"""`evce firmware`: the firmware that a running daemon keeps for stations, and how far each station is."""

import getpass
import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from evce.electrical import Family
from tools.commands.actors import DATA
from tools.commands.site_file import told_plainly
from tools.control.client import control

__all__ = ["firmware"]

TAKES = 120.0
"""Seconds: a large file is copied twice on a slow card."""


@click.group()
def firmware() -> None:
    """Keep firmware for stations, and see which of them are older.

    A station that is older than the newest file kept for its family is updated by itself while nobody uses
    it, unless ocpp.update_firmware is off.
    """


@firmware.command("list")
@DATA
@click.option("--json", "as_json", is_flag=True, help="As JSON: sizes in bytes, times in UTC.")
def list_firmware(data: Path, as_json: bool) -> None:
    """List the files and the stations, those first that need something."""
    with told_plainly():
        found = control(data, "firmware")
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    files = Table("File", "Family", "Model", "Version", "Name", "Bytes", "Added", "By")
    files.columns[0].no_wrap = files.columns[3].no_wrap = True
    files.columns[0].min_width = 12
    for one in found["files"]:
        files.add_row(
            one["id"],
            one["family"],
            one["model"] or "all",
            one["version"],
            one["name"],
            str(one["size"]),
            one["added_at"][:19],
            one["added_by"],
        )
    stations = Table("Station", "Family", "Firmware", "Lowest", "Held", "State")
    for one in found["stations"]:
        stations.add_row(
            one["station"],
            one["family"],
            one["firmware"] or "not known",
            one["lowest_compatible"] + (" (too old)" if one["compatible"] is False else ""),
            one["held"] or "",
            _state(one, by_itself=found["by_itself"]),
        )
    console = Console()
    if found["files"]:
        console.print(files)
    else:
        console.print("no firmware is kept")
    console.print(stations)


@firmware.command()
@DATA
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option(
    "--family", required=True, type=click.Choice([one.value for one in Family]), help="Whose stations get it."
)
@click.option("--version", default="", help="As stations tell it; without it, the one in the file's name.")
@click.option("--model", default="", help="For stations of this model alone; generic ones need it.")
def add(data: Path, file: Path, family: str, version: str, model: str) -> None:
    """Keep FILE for the stations of a family."""
    with told_plainly():
        given = {"family": family, "version": version, "model": model, "author": getpass.getuser()}
        kept = control(data, "firmware_add", timeout=TAKES, file=str(file.absolute()), **given)["file"]
    click.echo(f"{kept['id']}: firmware {kept['version']} for {kept['family']} {kept['model']}".rstrip())


@firmware.command()
@DATA
@click.argument("file")
def remove(data: Path, file: str) -> None:
    """Keep FILE (its id, see list) no longer."""
    with told_plainly():
        kept = control(data, "firmware_remove", file=file, author=getpass.getuser())["file"]
    click.echo(f"removed: {kept['name']}, {kept['version']}")


@firmware.command()
@DATA
@click.argument("station")
@click.argument("file")
def send(data: Path, station: str, file: str) -> None:
    """Have STATION install FILE (its id, see list) now, an older version too; never while a car charges.

    `evce station actions STATION` tells how far it is.
    """
    with told_plainly():
        author = getpass.getuser()
        control(data, "firmware_send", timeout=TAKES, station=station, file=file, author=author)
    click.echo("asked")


@firmware.command("try-again")
@DATA
@click.argument("station")
def try_again(data: Path, station: str) -> None:
    """Begin anew with a STATION whose update has failed, or was given up."""
    with told_plainly():
        again = control(data, "firmware_try_again", station=station, author=getpass.getuser())["again"]
    if not again:
        raise click.ClickException(f"{station}: no update has failed")
    click.echo("it is tried again in a moment")


def _state(one: dict[str, Any], *, by_itself: bool) -> str:
    course = one["update"]
    if course is not None and course["given_up"]:
        return f"given up after {course['attempts']} attempts: {course['said']}"
    if course is not None and course["action"]:
        return f"update to {course['version']}, attempt {course['attempts']}"
    if course is not None and course["attempts"]:
        due = course["due_at"][:19]
        return f"attempt {course['attempts']} failed: {course['said']}; next not before {due}"
    if one["standing"] == "older" and by_itself:
        return f"waits: {one['waits_for']}" if one["waits_for"] else "update begins in a moment"
    return str(one["standing"]).replace("_", " ")
