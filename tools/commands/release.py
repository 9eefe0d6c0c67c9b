"""`evce release`: EVCE's own firmware: check, install and start a package, go back, and make one (SR-4)."""

import getpass
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.progress import Progress

from evce import __version__
from evce.errors import EvceError
from evce.release.course import BASE, Course, Outcome
from evce.release.package import SUFFIX, Manifest
from evce.release.shelf import ReleaseShelf
from evce.release.way_back import way_back
from tools.commands.actors import DATA
from tools.commands.config import YES
from tools.commands.licence import KEY, private_key
from tools.commands.site_file import told_plainly
from tools.control.client import ControlError, control
from tools.data_folder import DataFolder
from tools.releases import installing
from tools.releases.building import build
from tools.releases.launching import base_schema, running_release

__all__ = ["release"]

FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)

OUTCOMES = {
    Outcome.KEPT: "has run well and is kept",
    Outcome.ROLLED_BACK: "was rolled back",
    Outcome.GONE_BACK: "was left by a person",
}


@click.group()
def release() -> None:
    """Update EVCE itself with signed packages, and go back.

    A package is installed beside what runs and tried on a copy of the site. Started, it is on trial: unless
    it runs well for a minute, the former release comes back by itself, with the database of before.
    """


@release.command()
@DATA
def show(data: Path) -> None:
    """Show which release runs, what is installed, and how the last update ended."""
    with told_plainly():
        shelf = ReleaseShelf(data)
        course = shelf.course()
    click.echo(
        f"This is:    {__version__}{'' if running_release() else ', the installation of this machine'}"
    )
    if course.trial is not None:
        click.echo(f"On trial:   {course.trial.version}, {course.trial.starts} starts, by {course.trial.by}")
    if course.former is not None:
        click.echo(f"Before it:  {course.former or 'the installation of this machine'}")
    for one in shelf.installed():
        click.echo(f"Installed:  {one.manifest.version}, made {one.manifest.made_at:%Y-%m-%d}")
    if (last := course.last) is not None:
        why = f": {last.why}" if last.why else ""
        click.echo(f"Last:       {last.version} {OUTCOMES[last.outcome]}, {last.at:%Y-%m-%d %H:%M} UTC{why}")


@release.command()
@click.argument("file", type=FILE)
def check(file: Path) -> None:
    """Check that FILE is the vendor's and for this machine, and tell what is in it."""
    with told_plainly():
        manifest = installing.check(file)
    click.echo(_told(manifest))


@release.command()
@DATA
@YES
@click.option("--machine", is_flag=True, hidden=True, help="Say how far it is in lines of JSON.")
@click.argument("file", type=FILE)
def install(data: Path, yes: bool, machine: bool, file: Path) -> None:
    """Install the package FILE beside what runs, try it on a copy of the site, and start it after asking.

    A running EVCE starts anew with it: for some seconds stations and pages are without EVCE, and cars go on
    by their last orders.
    """
    if machine:
        _install_for_a_program(data, file)
        return
    with told_plainly():
        click.echo(_told(installing.check(file)))
        if not yes:
            click.confirm("Install it?", abort=True)
        with _progress() as progress:
            found = installing.install(file, data, progress)
        version = found.manifest.version
        if not yes and not click.confirm(f"{version} is installed. Start EVCE anew with it?"):
            click.echo(f"`evce release start {version}` starts it later")
            return
        _start(data, lambda course: course.wanted(version, getpass.getuser(), datetime.now(UTC)))


@release.command()
@DATA
@YES
@click.argument("version")
def start(data: Path, yes: bool, version: str) -> None:
    """Start EVCE anew with the installed release VERSION, on trial."""
    with told_plainly():
        if ReleaseShelf(data).find(version) is None:
            raise EvceError(f"release {version!r} is not installed; `evce release show` lists what is")
        if not yes:
            click.confirm(f"Start EVCE anew with {version}?", abort=True)
        _start(data, lambda course: course.wanted(version, getpass.getuser(), datetime.now(UTC)))


@release.command()
@DATA
@YES
def back(data: Path, yes: bool) -> None:
    """Go back to the release before the one that runs; asks before anything is lost by that."""
    with told_plainly():
        shelf = ReleaseShelf(data)
        way = way_back(shelf, shelf.course(), DataFolder(data).database, base_schema())
        if way is None:
            raise EvceError("there is no release to go back to")
        if way.barred:
            raise EvceError(f"can't go back: {way.barred}")
        name = way.version or "the installation of this machine"
        if way.loses_since is not None:
            click.echo(f"Everything stored since {way.loses_since:%Y-%m-%d %H:%M} UTC will be lost.")
        if not yes:
            click.confirm(f"Go back to {name}?", abort=True)
        _start(data, lambda course: course.gone_back(getpass.getuser(), datetime.now(UTC)))


@release.command()
@click.option("--key", type=KEY, required=True, help="File of the private key, PEM, Ed25519.")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, writable=True, path_type=Path))
def make(key: Path, folder: Path) -> None:
    """Make the package of this checkout in FOLDER as the vendor, for this Python and processor."""
    with told_plainly():
        target = folder / f"evce-{__version__}{SUFFIX}"
        try:
            manifest = build(target, private_key(key), datetime.now(UTC))
        except OSError as error:
            raise EvceError(f"{target}: {error.strerror}") from error
    click.echo(f"{target}: {_told(manifest)}")


@release.command("try", hidden=True)
@DATA
def try_(data: Path) -> None:
    """Find out with a copy of the database whether this release can read a site."""
    with told_plainly():
        click.echo(json.dumps(dict(installing.try_copy(data, datetime.now(UTC)))))


def _start(data: Path, step: Callable[[Course], Course]) -> None:
    course = ReleaseShelf(data).change(step)
    name = "the installation of this machine" if course.to_run == BASE else course.to_run
    try:
        control(data, "start_anew", author=getpass.getuser())
    except ControlError:
        click.echo(f"the next start of EVCE is {name}")
    else:
        click.echo(f"EVCE ends in good order and starts anew with {name}")


def _install_for_a_program(data: Path, file: Path) -> None:
    def say(done: float, step: str) -> None:
        _say(done=round(100 * done), step=step)

    try:
        found = installing.install(file, data, say)
    except (EvceError, OSError) as error:
        _say(refused=str(error))
        raise SystemExit(1) from None
    _say(installed=found.manifest.version)


def _say(**told: Any) -> None:
    click.echo(json.dumps(told))


@contextmanager
def _progress() -> Iterator[installing.Progress]:
    with Progress() as bar:
        task = bar.add_task("checking the package", total=1.0)
        yield lambda done, step: bar.update(task, completed=done, description=step)


def _told(manifest: Manifest) -> str:
    made = f"{manifest.made_at:%Y-%m-%d}, for Python {manifest.python} on {manifest.machine}"
    first = f"EVCE {manifest.version}, made {made}"
    return f"{first}\n\n{manifest.notes}\n" if manifest.notes else first
