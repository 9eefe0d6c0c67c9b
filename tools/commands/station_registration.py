"""`evce station register`: stations that were detected become part of the site."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from evce.configuration.defaults import complete_station
from evce.configuration.document import SiteDocument
from evce.configuration.registration import detected, proposed
from evce.configuration.revisions import next_revision, parse_json
from evce.electrical import Family, Wiring
from evce.facts import Link
from evce.units import BoxIdentity
from evce.views import StationView
from tools.commands.config import ACCEPT_UNPROVEN, AUTHOR, DATA, YES, newest_of, open_revisions, put_in_force
from tools.commands.site_file import told_plainly
from tools.control.client import control

__all__ = ["register"]


@click.command()
@DATA
@AUTHOR
@YES
@ACCEPT_UNPROVEN
@click.option("--all", "everyone", is_flag=True, help="Every detected station.")
@click.option("--name", help="Name of the station on screens, where one is registered; else its identity.")
@click.option("--zone", help="Id of the zone that feeds them; without one they get 0 A.")
@click.option(
    "--family",
    type=click.Choice([str(family) for family in Family]),
    help="Product family, where vendor and model don't tell the right one.",
)
@click.option(
    "--wiring",
    type=click.Choice([str(wiring) for wiring in Wiring]),
    multiple=True,
    help="Which grid phases are behind an outlet; once for each of the two.  [default: TRI123]",
)
@click.argument("box_identities", metavar="[STATION]...", nargs=-1)
def register(
    data: Path,
    author: str,
    yes: bool,
    accept_unproven: bool,
    everyone: bool,
    name: str | None,
    zone: str | None,
    family: str | None,
    wiring: Sequence[str],
    box_identities: Sequence[str],
) -> None:
    """Register stations that were detected, with what they said of themselves; it is shown before it counts.

    `evce station list` shows which are waiting. Serial number and address are taken over, the family is told
    from vendor and model.
    """
    if everyone == bool(box_identities):
        raise click.UsageError("name the stations, or give --all")
    if len(wiring) > 2:
        raise click.UsageError("--wiring: a station has 2 outlets at most")
    now = datetime.now(UTC)
    with open_revisions(data, now) as store:
        newest = newest_of(store)
        document = parse_json(newest.document)
        chosen = _chosen(document, data, box_identities)
        if name is not None and len(chosen) != 1:
            raise click.UsageError("--name is for one station alone")
        given = {"name": name, "zone": zone, "family": family}
        added = [_with(plain, given, wiring) for plain in proposed(document, chosen).values()]
        plain = document.plain()
        plain["stations"] = [*plain["stations"], *added]
        with told_plainly():
            after = SiteDocument.parse(plain)
        record = next_revision(
            newest,
            after,
            author=author,
            comment=f"registered {', '.join(station.get('name', '') for station in added)}",
            now=now,
            accept_unproven=accept_unproven,
        )
        put_in_force(store, newest, record, yes)


def _chosen(document: SiteDocument, data: Path, wanted: Sequence[str]) -> list[StationView]:
    """The detected stations of these names, all of them without any."""
    with told_plainly():
        waiting = detected(document, map(_view, control(data, "stations")["stations"]))
    names = [str(view.box_identity) for view in waiting]
    for name in wanted:
        if name not in names:
            raise click.ClickException(f"STATION={name!r}: waiting are {', '.join(names) or 'none'}")
    if not waiting:
        raise click.ClickException("no station is waiting to be registered")
    return [view for view in waiting if not wanted or view.box_identity in wanted]


def _view(told: dict[str, Any]) -> StationView:
    """A station of the daemon's list, as far as it matters here."""
    return StationView(
        BoxIdentity(told["box_identity"]),
        told["name"],
        "",
        None,
        vip=False,
        link=Link(told["link"]),
        verified=False,
        registered=told["registered"],
        vendor=told["vendor"],
        model=told["model"],
        serial_number=told["serial_number"],
        address=told["address"],
    )


def _with(station: dict[str, Any], given: dict[str, str | None], wiring: Sequence[str]) -> dict[str, Any]:
    """The proposal with what the command line says of it; another family brings its own sockets."""
    changed = {**station, **{key: value for key, value in given.items() if value is not None}}
    if wiring or changed["family"] != station["family"]:
        changed["connectors"] = [{"wiring": each} for each in wiring or ("TRI123",)]
    return complete_station(changed)
