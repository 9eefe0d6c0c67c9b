"""`evce station`: what a person can have a running daemon do with a station, and find out about it."""

import base64
import contextlib
import getpass
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from evce.station_control.action_kinds import KINDS, ActionKind, Parameter
from tools.commands.actors import DATA
from tools.commands.report import station_report
from tools.commands.site_file import told_plainly
from tools.commands.station_registration import register
from tools.commands.station_scan import scan
from tools.commands.station_security import password, security
from tools.control.client import control, follow

__all__ = ["station"]

JSON = click.option("--json", "as_json", is_flag=True, help="As JSON: times in UTC.")

NO_NEWS = 7200.0
"""Seconds: a download may take its time; the daemon gives up by itself."""


@click.group()
def station() -> None:
    """Look into a station of a running daemon, and have it do something.

    Each action waits until it has ended and tells its steps. Exit code 0 when it is done, 1 when it was
    refused or has failed.
    """


@station.command("list")
@DATA
@JSON
def list_stations(data: Path, as_json: bool) -> None:
    """List the stations, those that were only detected as well."""
    with told_plainly():
        found = control(data, "stations")["stations"]
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    table = Table("Station", "Name", "Link", "Zone", "Vendor and model", "Serial number", "Firmware")
    for each in found:
        table.add_row(
            each["box_identity"],
            each["name"] if each["registered"] else "(not registered)",
            each["link"],
            each["zone"] or "",
            f"{each['vendor']} {each['model']}".strip(),
            each["serial_number"],
            each["firmware"],
        )
    Console().print(table)


@station.command("show")
@DATA
@JSON
@click.argument("box_identity", metavar="STATION")
def show_station(data: Path, as_json: bool, box_identity: str) -> None:
    """Show what is known of one station: what it said of itself, where it stands, when it was heard last."""
    with told_plainly():
        found = {each["box_identity"]: each for each in control(data, "stations")["stations"]}
    told = found.get(box_identity)
    if told is None:
        raise click.ClickException(f"station={box_identity!r}: know {', '.join(found) or 'none'}")
    if as_json:
        click.echo(json.dumps(told, indent=2))
        return
    lines = {
        "Station": told["box_identity"],
        "Name": told["name"] if told["registered"] else "(not registered)",
        "Vendor": told["vendor"],
        "Model": told["model"],
        "Serial number": told["serial_number"],
        "Firmware": told["firmware"],
        "Zone": told["zone"] or "none",
        "Link": told["link"],
        "Heard last": told["last_seen_at"],
    }
    for label, value in lines.items():
        click.echo(f"{label + ':':<15}{value or 'not known'}")


@station.command("actions")
@DATA
@JSON
@click.argument("box_identity", metavar="STATION")
def list_actions(data: Path, as_json: bool, box_identity: str) -> None:
    """List what was asked of a station and what became of it, newest first, with the files it has sent."""
    with told_plainly():
        found = control(data, "station_actions", station=box_identity)
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    table = Table("Asked", "Action", "State", "What became of it", "By")
    for each in found["actions"]:
        given = " ".join(f"{name}={value}" for name, value in each["parameters"].items())
        table.add_row(
            each["asked_at"], f"{each['action']} {given}", each["state"], each["said"], each["requested_by"]
        )
    Console().print(table)
    for file in found["files"]:
        click.echo(f"{file['size']:>12} bytes  {file['path']}")


@station.command()
@DATA
@click.argument("box_identity", metavar="STATION")
@click.option("--connector", type=click.IntRange(1, 2), default=1, show_default=True, help="Which outlet.")
def wiring(data: Path, box_identity: str, connector: int) -> None:
    """Find out how an outlet is wired: its car is stepped down and back twice while the meter is watched.

    It takes about a minute. The car keeps its least current, and nobody in the zone gets more meanwhile.
    A car on one phase or two must be charging there, with 9 A at least. Exit code 1 when the wiring is not
    as configured, 3 when it could not be told.
    """
    last: dict[str, object] = {}
    with told_plainly():
        answers = follow(data, "wiring", station=box_identity, connector=connector, author=getpass.getuser())
        with contextlib.closing(answers):
            for last in answers:
                click.echo(last["text"])
    if last.get("correction"):
        click.echo(f"Correct connector {connector} of {box_identity} in the site file:")
        click.echo(f"\n  {last['correction']}")
    raise SystemExit({"right": 0, "wrong": 1}.get(str(last.get("verdict")), 3))


def _act(data: Path, kind: ActionKind, as_json: bool, wait: bool, box_identity: str, **given: Any) -> None:
    """Ask for an action and tell its steps."""
    file = given.pop("file", None)
    parameters = {name: value for name, value in given.items() if value is not None}
    last: Mapping[str, Any] = {}
    with told_plainly():
        answers = follow(
            data,
            "act",
            timeout=NO_NEWS,
            station=box_identity,
            action=kind.name,
            parameters=parameters,
            author=getpass.getuser(),
            file=None if file is None else str(Path(file).absolute()),
        )
        with contextlib.closing(answers):
            for last in answers:
                if not as_json:
                    click.echo(f"{last['state']}: {last['said']}")
                if not wait:
                    break
    if as_json:
        click.echo(json.dumps(last, indent=2))
    elif last.get("result"):
        click.echo(json.dumps(last["result"], indent=2))
    raise SystemExit(0 if last.get("state") == "done" or not (wait or last.get("ended")) else 1)


def _content(_: click.Context, __: click.Parameter, path: Path | None) -> str | None:
    """What is in a file; bytes that are no text, such as a signature of openssl, as base64."""
    if path is None:
        return None
    content = path.read_bytes()
    return content.decode() if content.isascii() else base64.b64encode(content).decode()


def _option(parameter: Parameter) -> Callable[[Any], Any]:
    """The option of a parameter; the daemon checks its value, in the same words as everywhere."""
    must = parameter.required and parameter.default is None
    shown = f" Default: {parameter.default}." if parameter.default not in (None, False, {}) else ""
    if parameter.kind == "switch":
        return click.option(f"--{parameter.name}", is_flag=True, default=None, help=f"{parameter.help}.")
    if parameter.kind in ("certificate", "signature"):
        existing = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
        return click.option(
            f"--{parameter.name}",
            type=existing,
            required=must,
            callback=_content,
            help=f"File: {parameter.help}.",
        )
    kind = click.Choice(list(parameter.choices), case_sensitive=False) if parameter.choices else click.STRING
    return click.option(
        f"--{parameter.name}", type=kind, required=must, metavar=None, help=f"{parameter.help}.{shown}"
    )


def _command(kind: ActionKind) -> click.Command:
    def run(data: Path, as_json: bool, wait: bool, box_identity: str, **given: Any) -> None:
        _act(data, kind, as_json, wait, box_identity, **given)

    decorated: Callable[..., None] = run
    if kind.file == "served":
        existing = click.Path(exists=True, dir_okay=False, readable=True)
        decorated = click.argument("file", type=existing, required=False)(decorated)
    decorated = click.argument("box_identity", metavar="STATION")(decorated)
    for parameter in reversed(kind.parameters):
        optional = parameter.name == "location" and kind.file == "served"
        known = Parameter(**{**_fields(parameter), "required": False}) if optional else parameter
        decorated = _option(known)(decorated)
    decorated = click.option("--wait/--no-wait", default=True, help="Wait until it has ended (the default).")(
        decorated
    )
    return click.command(kind.name, help=kind.help)(JSON(DATA(decorated)))


def _fields(parameter: Parameter) -> dict[str, Any]:
    return {name: getattr(parameter, name) for name in parameter.__dataclass_fields__}


for _kind in KINDS.values():
    station.add_command(_command(_kind))

station.add_command(password)
station.add_command(register)
station.add_command(station_report)
station.add_command(scan)
station.add_command(security)
