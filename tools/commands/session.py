"""`evce session`: the running charging sessions of a daemon, and what their drivers plan."""

import getpass
import json
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from actors.messages import RecordEvent
from evce.configuration.revisions import time_zone_of
from evce.units import TransactionId
from tools.commands.actors import DATA
from tools.commands.site_file import told_plainly
from tools.control.client import control
from tools.data_folder import DataFolder
from web.formatting import amps, duration
from web.timeline import Timeline, timeline_of
from web.timeline import plain as plain_timeline

__all__ = ["session"]

_LOG_LOOKED_AT = 2000

JSON = click.option("--json", "as_json", is_flag=True, help="As JSON: times in UTC, energies in kWh.")


@click.group()
def session() -> None:
    """Look at sessions; say when the cars of those that run leave and what they need."""


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
        _show(sessions, _site_time(data))


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
        _show([kept], _site_time(data))


@session.command()
@DATA
@JSON
@click.argument("number", type=click.IntRange(1, 2**63 - 1))
def timeline(data: Path, as_json: bool, number: int) -> None:
    """Tell the course of session NUMBER: its key moments, what its car was allowed, what it drew, and why.

    On disk a minute after it happened; the courses of the newest few thousand sessions are kept.
    """
    now = datetime.now(UTC)
    with told_plainly(), DataFolder(data).read(now) as store:
        found = store.session(TransactionId(number))
        if found is None:
            raise click.ClickException(f"there is no session {number}")
        events = store.list_events(limit=_LOG_LOOKED_AT, devices=(found.connector.station,))
        log = [RecordEvent(line.at, line.device, line.type, line.message, line.author) for line in events]
        told = timeline_of(found, store.course(found.transaction), log, now)
        newest = store.newest_revision()
    if as_json:
        click.echo(json.dumps(plain_timeline(told), indent=2))
    else:
        _tell(told, UTC if newest is None else time_zone_of(newest))


def _tell(told: Timeline, local: tzinfo) -> None:
    console = Console()
    moments = Table("Key moment", "", "")
    for moment in told.moments:
        moments.add_row(_when(moment.at, local), moment.what.word, moment.detail)
    console.print(moments)
    if not told.complete:
        click.echo("nothing is kept of the course of this session")
        return
    stretches = Table("From", "For", "State", "Allowed A", "Drawn A", "kWh", "Why")
    for one in told.stretches:
        allowed = amps(one.lowest)
        stretches.add_row(
            _when(one.begin, local),
            duration(one.seconds),
            one.state.word,
            allowed if one.lowest == one.highest else f"{allowed} to {amps(one.highest)}",
            amps(one.drawn),
            f"{one.energy / 1000.0:.2f}",
            one.reason,
        )
    console.print(stretches)


def _when(moment: datetime, local: tzinfo) -> str:
    return moment.astimezone(local).strftime("%Y-%m-%d %H:%M:%S")


def _site_time(data: Path) -> tzinfo:
    with told_plainly(), DataFolder(data).read(datetime.now(UTC)) as store:
        newest = store.newest_revision()
    return UTC if newest is None else time_zone_of(newest)


def _show(sessions: list[dict[str, Any]], local: tzinfo) -> None:
    table = Table("Connector", "Card", "Since", "kWh", "Leaves", "Needs kWh")
    for each in sessions:
        needs = each["energy_stated_kwh"]
        table.add_row(
            each["connector"],
            each["id_tag"],
            _when(datetime.fromisoformat(each["started_at"]), local),
            f"{each['energy_kwh']:.1f}",
            "" if each["departure"] is None else _when(datetime.fromisoformat(each["departure"]), local),
            "" if needs is None else f"{needs:g}",
        )
    Console().print(table)
