"""`evce backup`: make a backup of a site, check one, and restore one (SR-1, SR-2)."""

import getpass
import json
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from evce.backup.manifest import Manifest
from evce.backup.refusals import BackupRefusedError
from evce.backup.sealing import LONGEST_PASS_PHRASE, pass_phrase_fault
from evce.errors import EvceError
from evce.records import EventRecord
from tools.backups.making import Progress, make_backup
from tools.backups.placing import STAGED
from tools.backups.restoring import restore_site
from tools.backups.unpacking import Unpacked, unpack
from tools.commands.actors import DATA
from tools.commands.site_file import told_plainly
from tools.control.client import control
from tools.data_folder import DataFolder, FolderInUseError

__all__ = ["backup"]

PASS_PHRASE = click.option(
    "--pass-phrase-file",
    type=click.File("r", encoding="utf-8"),
    help="File whose first line is the pass phrase, - for the standard input; else it is asked for.",
)
MACHINE = click.option("--machine", is_flag=True, hidden=True, help="Say how far it is in lines of JSON.")
FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def backup() -> None:
    """Make, check and restore backups: everything of a site in one file, encrypted and signed.

    Whoever has the file and its pass phrase has the site; without the pass phrase nobody can read it, nor
    change it unseen, nor restore it.
    """


@backup.command()
@DATA
@PASS_PHRASE
@MACHINE
@click.argument("file", type=FILE)
def make(data: Path, pass_phrase_file: Iterator[str] | None, machine: bool, file: Path) -> None:
    """Write everything of a site to FILE, also while EVCE runs.

    In it are the settings, users, cards, sessions, the log, and what the stations need: hashes of passwords,
    the certificate authority, and the files in the data folder that the settings name.
    """
    pass_phrase = _pass_phrase(pass_phrase_file, new=True)
    folder = DataFolder(data)
    with _told(machine), _progress(machine, "made") as progress:
        manifest = make_backup(folder, file.absolute(), pass_phrase, datetime.now(UTC), progress)
    if machine:
        _say({"manifest": manifest.plain()})
        return
    _note(folder, f"a backup was made: {file.name}")
    click.echo(f"{file} holds {_words(manifest)}")
    for name in manifest.left_out:
        click.echo(f"not in it: {name}, which isn't a file in the data folder: keep a copy of your own")


@backup.command()
@PASS_PHRASE
@MACHINE
@click.option("--into", type=click.Path(path_type=Path), hidden=True, help="Leave it unpacked there.")
@click.argument("file", type=FILE)
def check(pass_phrase_file: Iterator[str] | None, machine: bool, into: Path | None, file: Path) -> None:
    """Check FILE as a restore would, and tell what is in it; nothing is changed."""
    pass_phrase = _pass_phrase(pass_phrase_file)
    with _told(machine), _progress(machine, "checked") as progress, ExitStack() as stack:
        if into is None:
            scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="evce-"))
            into = Path(scratch) / "unpacked"
        found = unpack(file, pass_phrase, into, datetime.now(UTC), progress)
    if machine:
        _say({"manifest": found.manifest.plain()})
    else:
        click.echo(f"{file} is sound. It holds {_words(found.manifest)}")


@backup.command()
@DATA
@PASS_PHRASE
@click.option("--without-users", is_flag=True, help="Keep the users that are there now.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@click.argument("file", type=FILE)
def restore(
    data: Path, pass_phrase_file: Iterator[str] | None, without_users: bool, yes: bool, file: Path
) -> None:
    """Put the site in FILE in the place of the one in the data folder.

    Sessions, cards and settings since the backup are lost: export the sessions and cards first. A running
    EVCE starts anew; cars go on by their last orders until their stations are verified again. Nothing
    changes unless everything in FILE is sound.
    """
    pass_phrase = _pass_phrase(pass_phrase_file)
    folder = DataFolder(data)
    staged = data / f"{STAGED}{secrets.token_hex(4)}"
    with told_plainly(), ExitStack() as stack:
        try:
            stack.enter_context(folder.hold())
            running = False
        except FolderInUseError:
            running = True
        with _progress(False, "checked") as progress:
            found = unpack(file, pass_phrase, staged, datetime.now(UTC), progress)
        keep = ExitStack()
        keep.callback(shutil.rmtree, staged, ignore_errors=True)
        with keep:
            click.echo(f"{file} holds {_words(found.manifest)}")
            if not yes:
                click.echo("Sessions, cards and settings that came after it will be lost.")
                click.confirm(f"Put it in the place of the site in {data}?", abort=True)
            _restore(folder, found, not without_users, running)
            keep.pop_all()
    click.echo("EVCE starts anew with it" if running else "restored; `evce run` starts with it")


def _restore(folder: DataFolder, found: Unpacked, users: bool, running: bool) -> None:
    author = getpass.getuser()
    if running:
        control(folder.path, "restore_backup", folder=found.folder.name, users=users, author=author)
    else:
        restore_site(folder, found.folder, author, datetime.now(UTC), users=users)


def _note(folder: DataFolder, text: str) -> None:
    """A line of the audit log, by the daemon where one is running."""
    author = getpass.getuser()
    with told_plainly(), ExitStack() as stack:
        try:
            stack.enter_context(folder.hold())
        except FolderInUseError:
            control(folder.path, "note_backup", text=text, author=author)
            return
        now = datetime.now(UTC)
        stack.enter_context(folder.write(now)).append_events(
            [EventRecord(now, "EVCE", "audit", text, author)]
        )


def _pass_phrase(file: Iterator[str] | None, *, new: bool = False) -> str:
    if file is None:
        phrase: str = click.prompt("Pass phrase", hide_input=True, confirmation_prompt=new)
    else:
        phrase = next(iter(file), "").rstrip("\r\n")
    if new and (fault := pass_phrase_fault(phrase)):
        raise click.ClickException(fault)
    return phrase[: LONGEST_PASS_PHRASE + 1]


@contextmanager
def _told(machine: bool) -> Iterator[None]:
    """A refusal, for people or for the daemon that has asked."""
    if not machine:
        with told_plainly():
            yield
        return
    try:
        yield
    except BackupRefusedError as error:
        _say({"refused": error.reason.value, "detail": error.detail})
        sys.exit(1)
    except EvceError as error:
        _say({"failed": str(error)})
        sys.exit(1)


@contextmanager
def _progress(machine: bool, what: str) -> Iterator[Progress]:
    told = -1

    def machine_line(share: float) -> None:
        nonlocal told
        if int(share * 100) > told:
            told = int(share * 100)
            _say({"done": told})

    if machine:
        yield machine_line
    elif not sys.stderr.isatty():
        yield lambda _: None
    else:
        yield _shown(what)
        click.echo(err=True)


def _shown(what: str) -> Callable[[float], None]:
    return lambda share: click.echo(f"\r{share:4.0%} {what}", nl=False, err=True)


def _say(line: dict[str, object]) -> None:
    print(json.dumps(line), flush=True)


def _words(manifest: Manifest) -> str:
    counts = manifest.counts
    made = f"{manifest.made_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    things = ", ".join(
        f"{counts[name]} {name}" for name in ("users", "zones", "stations", "meters", "cards", "sessions")
    )
    return f"{manifest.site}, made {made} by EVCE {manifest.evce}: {things}"
