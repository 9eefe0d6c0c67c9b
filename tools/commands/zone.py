"""`evce zone`: what the zones of a site carried at most, when, and what limits them."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from evce.configuration.revisions import parse_json
from evce.limit_ledger import by_day, hour_of
from evce.records import LimitRecord
from evce.units import ZoneId
from tools.commands.actors import DATA
from tools.commands.site_file import told_plainly
from tools.commands.zone_remote import remote
from tools.data_folder import DataFolder

__all__ = ["zone"]

WIDTH = 130
"""Columns of a table that goes to a file or a pipe."""


@click.group()
def zone() -> None:
    """Look at the zones of a site."""


@zone.command()
@DATA
@click.argument("name", metavar="[ZONE]", required=False)
@click.option("--days", type=click.IntRange(1, 400), default=1, show_default=True, help="How far back.")
@click.option(
    "--by",
    "unit",
    type=click.Choice(["hour", "day"]),
    help="One line for each hour or for each day; by default hours of one zone, days of all.",
)
@click.option("--json", "as_json", is_flag=True, help="For machines: times in UTC, phases from 1.")
def ledger(data: Path, name: str | None, days: int, unit: str | None, as_json: bool) -> None:
    """Tell the highest current, the highest sum of setpoints and the lowest limit of each phase.

    Each with its time and with what set the limit; kept for 400 days, on disk a minute after it happened.
    """
    now = datetime.now(UTC)
    unit = unit or ("day" if name is None else "hour")
    with told_plainly(), DataFolder(data).read(now) as store:
        newest = store.newest_revision()
        if newest is None:
            raise click.ClickException("no configuration yet: apply a site file first")
        document = parse_json(newest.document)
        if name is not None and name not in (known := [zone.id for zone in document.zones]):
            raise click.BadParameter(f"no zone {name!r}; there are {', '.join(known) or 'none'}")
        since = _begin(document.time_zone, now, days, unit)
        records = store.limits(since, zone=None if name is None else ZoneId(name))
    if unit == "day":
        records = by_day(records, document.time_zone)
    if as_json:
        click.echo(json.dumps([_plain(record) for record in records], indent=2))
    elif not records:
        click.echo("nothing yet: the daemon writes what it saw once a minute")
    else:
        _table(records, document.time_zone)


def _begin(local: tzinfo, now: datetime, days: int, unit: str) -> datetime:
    """Whole days of the site count with today; hours go back from now."""
    if unit == "hour":
        return hour_of(now - timedelta(days=days)) + timedelta(hours=1)
    today = now.astimezone(local).replace(hour=0, minute=0, second=0, microsecond=0)
    return (today - timedelta(days=days - 1)).astimezone(UTC)


def _plain(record: LimitRecord) -> dict[str, object]:
    values = asdict(record) | {"phase": record.phase + 1}
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in values.items()}


def _table(records: Sequence[LimitRecord], local: tzinfo) -> None:
    table = Table(
        "Zone", "From", "", "Peak of the feeder", "Peak of the setpoints", "Lowest limit of the cars"
    )
    for record in records:
        first = record.phase == 0
        source = "" if record.metered else " *"
        table.add_row(
            record.zone if first else "",
            record.at.astimezone(local).strftime("%Y-%m-%d %H:%M") if first else "",
            f"L{record.phase + 1}",
            f"{record.peak:.1f} of {record.maximum:g} A {_at(record.peak_at, local)}{source}",
            f"{record.setpoint:.1f} of {record.setpoint_limit:.1f} A {_at(record.setpoint_at, local)} "
            f"{record.setpoint_bound_by}",
            f"{record.lowest:.1f} A {_at(record.lowest_at, local)} {record.lowest_bound_by}",
            end_section=record.phase == 2,
        )
    console = Console()
    (console if console.is_terminal else Console(width=WIDTH)).print(table)
    if not all(record.metered for record in records):
        click.echo("* no meter: the sum of what the stations told")


def _at(at: datetime, local: tzinfo) -> str:
    return f"{at.astimezone(local):%H:%M:%S}"


zone.add_command(remote)
