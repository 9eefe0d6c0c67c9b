"""`evce config`: show, compare, apply, list and roll back the configuration of a data folder."""

import getpass
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from evce.configuration.document import SiteDocument
from evce.configuration.revisions import (
    Change,
    RevisionStore,
    difference,
    next_revision,
    parse_json,
    revision_numbered,
    rolled_back,
)
from evce.configuration.toml_source import write_toml
from evce.records import RevisionRecord
from tools.commands.live_revisions import LiveRevisions
from tools.commands.proof_lines import doubts, meanwhile
from tools.commands.releasing import by_its_release
from tools.commands.revision_database import RevisionDatabase
from tools.commands.site_file import SITE_FILE, load_site, told_plainly
from tools.data_folder import DataFolder, FolderInUseError
from tools.identity import unique_identifier

__all__ = [
    "ACCEPT_UNPROVEN",
    "AUTHOR",
    "DATA",
    "YES",
    "config",
    "newest_of",
    "open_revisions",
    "put_in_force",
]

DATA = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    envvar="EVCE_DATA",
    show_envvar=True,
    callback=by_its_release,
    help="Folder that holds the site.",
)


def _login() -> str:
    """Who is at the keyboard; a container may have no name for its user."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


AUTHOR = click.option("--author", default=_login, show_default="your login", help="Who changes it.")
ACCEPT_UNPROVEN = click.option(
    "--accept-unproven",
    is_flag=True,
    help="Put it in force though a fuse may not hold when communication is lost; the history says so.",
)
YES = click.option("--yes", is_flag=True, help="Don't ask before it is applied.")


@click.group()
def config() -> None:
    """Look after the configuration in a data folder; each change is a revision that stays."""


@contextmanager
def _reading(data: Path) -> Iterator[RevisionStore]:
    with told_plainly(), DataFolder(data).read(datetime.now(UTC)) as store:
        yield RevisionDatabase(store)


@contextmanager
def open_revisions(data: Path, now: datetime) -> Iterator[RevisionStore]:
    """The revisions, to change: in the database itself, or through the daemon where one is running."""
    folder = DataFolder(data)
    with told_plainly(), ExitStack() as stack:
        try:
            stack.enter_context(folder.hold())
        except FolderInUseError:
            yield LiveRevisions(stack.enter_context(folder.read(now)), data)
        else:
            yield RevisionDatabase(stack.enter_context(folder.write(now)))


def newest_of(store: RevisionStore) -> RevisionRecord:
    newest = store.newest()
    if newest is None:
        raise click.ClickException("no configuration yet: apply a site file first")
    return newest


@config.command()
@DATA
@click.option("--revision", type=int, help="Number of the revision; by default the one in force.")
@click.option("--format", "form", type=click.Choice(["toml", "json"]), default="toml", show_default=True)
def show(data: Path, revision: int | None, form: str) -> None:
    """Print a revision as a site file, every setting written out."""
    with _reading(data) as store:
        record = newest_of(store) if revision is None else revision_numbered(store.history(), revision)
        document = parse_json(record.document)
    if form == "toml":
        click.echo(f"# Revision {record.number}, {_when(record)} by {record.author}")
        click.echo(write_toml(document), nl=False)
    else:
        click.echo(json.dumps(document.plain(), indent=2, ensure_ascii=False))


@config.command()
@DATA
@click.argument("before", metavar="OLD")
@click.argument("after", metavar="[NEW]", required=False)
def diff(data: Path, before: str, after: str | None) -> None:
    """Tell what differs between two revisions or site files.

    OLD and NEW are numbers of revisions or site files. With one alone: from the revision in force to it.
    """
    with _reading(data) as store:
        if after is None:
            old, new = parse_json(newest_of(store).document), _named(store, before)
        else:
            old, new = _named(store, before), _named(store, after)
    _tell(difference(old, new))
    _warn(new, old)


def _named(store: RevisionStore, name: str) -> SiteDocument:
    """The document that an argument means: a number is a revision, anything else a file."""
    if name.isascii() and name.isdigit():
        return parse_json(revision_numbered(store.history(), int(name)).document)
    path = Path(name)
    if not path.is_file():
        raise click.ClickException(f"{name}: neither the number of a revision nor a site file")
    return load_site(path)


@config.command()
@DATA
@AUTHOR
@YES
@click.option("--comment", default="", help="Why, for the history.")
@click.option("--based-on", type=int, help="Refuse when another revision than this one is in force.")
@ACCEPT_UNPROVEN
@click.argument("site", type=SITE_FILE, metavar="SITE.toml")
def apply(
    data: Path,
    author: str,
    yes: bool,
    comment: str,
    based_on: int | None,
    accept_unproven: bool,
    site: Path,
) -> None:
    """Put a site file in force, after showing what it changes.

    Refused where a fuse doesn't hold once communication is lost; `evce check` tells which and why.
    """
    now = datetime.now(UTC)
    document = load_site(site)
    with open_revisions(data, now) as store:
        newest = store.newest()
        record = next_revision(
            newest,
            document,
            author=author,
            comment=comment or f"from {site.name}",
            now=now,
            based_on=based_on,
            accept_unproven=accept_unproven,
            identifier=unique_identifier(),
        )
        if newest is None:
            click.echo(f"{document.site.name} is new")
            _warn(document)
            _append(store, record, yes)
        else:
            put_in_force(store, newest, record, yes)


@config.command()
@DATA
@AUTHOR
@YES
@ACCEPT_UNPROVEN
@click.argument("revision", type=int)
def rollback(data: Path, author: str, yes: bool, accept_unproven: bool, revision: int) -> None:
    """Put the document of an old revision in force again, as a new revision."""
    now = datetime.now(UTC)
    with open_revisions(data, now) as store:
        record = rolled_back(
            store.history(), revision, author=author, now=now, accept_unproven=accept_unproven
        )
        put_in_force(store, newest_of(store), record, yes)


@config.command()
@DATA
def history(data: Path) -> None:
    """List the revisions, the one in force first."""
    with _reading(data) as store:
        records = store.history()
    if not records:
        click.echo("no revision yet")
    for record in records:
        click.echo(f"{record.number:>4}  {_when(record)}  {record.author}  {record.comment}".rstrip())


def _when(record: RevisionRecord) -> str:
    return record.created_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def put_in_force(store: RevisionStore, newest: RevisionRecord, record: RevisionRecord, yes: bool) -> None:
    """Show what a revision changes, ask, and keep it; nothing is kept where nothing changes."""
    document = parse_json(record.document)
    before = parse_json(newest.document)
    changes = difference(before, document)
    _tell(changes)
    if changes:
        _warn(document, before)
        _append(store, record, yes)


def _append(store: RevisionStore, record: RevisionRecord, yes: bool) -> None:
    if not yes:
        click.confirm(f"Put this in force as revision {record.number}?", abort=True)
    store.append(record)
    click.echo(f"revision {record.number} is in force")


def _tell(changes: Sequence[Change]) -> None:
    for change in changes:
        click.echo(str(change))
    if not changes:
        click.echo("nothing differs")


def _warn(document: SiteDocument, before: SiteDocument | None = None) -> None:
    """Which fuses are not shown to hold: nobody should learn that from a breaker."""
    if found := doubts(document):
        click.echo("Not shown, whatever communication is lost:")
        for line in found:
            click.echo(line)
    if before is not None and (found := meanwhile(before, document)):
        click.echo("Not before every station has taken its new fall-back:")
        for line in found:
            click.echo(line)
