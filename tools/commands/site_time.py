"""`evce time`: what time it is at a running site, who says so, and setting it."""

import getpass
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from tools.commands.actors import DATA
from tools.commands.site_file import told_plainly
from tools.control.client import control
from web.formatting import zone_info

__all__ = ["time"]

_SOURCES = {
    "host": "the host's clock",
    "operator": "the operator",
    "person": "set by a person",
    "web services": "set by a program",
}


@click.group()
def time() -> None:
    """Look at the site's time, and set it.

    Records, times of use and screens go by it. The host's clock stays as it is, and so does what every
    station may draw.
    """


@time.command()
@DATA
@click.option("--json", "as_json", is_flag=True, help="As JSON, times in UTC.")
def show(data: Path, as_json: bool) -> None:
    """Tell what time it is at the site, who says so, and how far the host's clock is off."""
    with told_plainly():
        found = control(data, "time")
    click.echo(json.dumps(found, indent=2) if as_json else _told(found))


@time.command("set")
@DATA
@click.argument("moment", metavar="TIME")
def set_time(data: Path, moment: str) -> None:
    """Set the site's time to TIME, such as 2026-11-22T18:00:00+01:00.

    Without an offset TIME is by the clock of the site. It is refused while the operator tells the time.
    """
    with told_plainly():
        found = control(data, "set_time", time=moment, author=getpass.getuser())
    click.echo(f"the site's time was moved by {found['moved_s']:+.1f} s\n{_told(found)}")


@time.command("follow-host")
@DATA
def follow_host(data: Path) -> None:
    """Let the site's time be the host's clock again."""
    with told_plainly():
        found = control(data, "set_time", author=getpass.getuser())
    click.echo(f"the site's time was moved by {found['moved_s']:+.1f} s\n{_told(found)}")


def _told(found: dict[str, Any]) -> str:
    zone = found["time_zone"]

    def local(text: str) -> str:
        return f"{datetime.fromisoformat(text).astimezone(zone_info(zone)):%Y-%m-%d %H:%M:%S}"

    source = _SOURCES[found["source"]] + (f", {found['by']}" if found["by"] and found["heard_at"] else "")
    heard = f" at {local(found['heard_at'])}" if found["heard_at"] else ""
    lines = [
        f"site      {local(found['time'])} {zone}",
        f"source    {source}{heard}",
        f"host      {local(found['host_time'])}; the site is {found['ahead_of_host_s']:+.1f} s ahead",
    ]
    if abs(found["still_moving_s"]) >= 0.1:
        lines.append(f"moving    by {found['still_moving_s']:+.1f} s, without a jump")
    if abs(found["stations_behind_s"]) >= 1.0:
        behind = found["stations_behind_s"]
        lines.append(f"stations  are told a time that is {behind:+.1f} s behind, and led there slowly")
    if found["operator_not_followed"]:
        lines.append(f"operator  isn't followed: {found['operator_not_followed']}")
    if found["guessed"]:
        lines.append("guessed   the machine has lost its time; set it")
    return "\n".join(lines)
