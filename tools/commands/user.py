"""`evce user`: the people who may log in to the pages, and a way back in when a password is lost."""

import getpass
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from evce.records import EventRecord, UserRecord
from tools.commands.actors import DATA
from tools.commands.site_file import told_plainly
from tools.control.client import control
from tools.data_folder import DataFolder, FolderInUseError
from web.accounts import Role, login_faults
from web.passwords import Passwords, generate_password, password_faults

__all__ = ["user"]


@click.group()
def user() -> None:
    """Look after the users of the pages."""


@user.command("list")
@DATA
def list_users(data: Path) -> None:
    """List the users with their roles."""
    with told_plainly(), DataFolder(data).read(datetime.now(UTC)) as store:
        users = store.users()
    if not users:
        click.echo("no user yet: the first start of `evce run` makes an administrator")
        return
    table = Table("Login", "Role", "Created", "Last access")
    for known in users:
        table.add_row(known.login, known.role, _when(known.created_at), _when(known.last_access_at))
    Console().print(table)


@user.command()
@DATA
@click.argument("login")
@click.option("--generate", is_flag=True, help="Make a strong password up and print it once.")
@click.option("--create", is_flag=True, help="Make it a new administrator where there is no such user.")
def reset(data: Path, login: str, generate: bool, create: bool) -> None:
    """Give a user a new password; every browser of that user has to log in again."""
    now = datetime.now(UTC)
    folder = DataFolder(data)
    with told_plainly():
        with folder.read(now) as store:
            known = store.find_user(login)
            logins = [one.login for one in store.users()]
        if known is None and not create:
            raise click.ClickException(
                f"there is no user {login} (there are {', '.join(logins) or 'none'}); "
                "`--create` makes a new administrator"
            )
        if known is None and (faults := login_faults(login)):
            raise click.ClickException(" ".join(faults))
        password = generate_password() if generate else _asked()
        made = known or UserRecord(login, Role.ADMIN, "", now)
        _save(folder, replace(made, password_hash=Passwords().hash(password)), now)
    click.echo(f"{login} has a new password" + (f": {password}" if generate else ""))


def _asked() -> str:
    while True:
        password: str = click.prompt("New password", hide_input=True, confirmation_prompt=True)
        faults = password_faults(password)
        if not faults:
            return password
        click.echo("\n".join(faults))


def _save(folder: DataFolder, record: UserRecord, now: datetime) -> None:
    """In the database itself, or through the daemon where one is running."""
    author = getpass.getuser()
    with ExitStack() as stack:
        try:
            stack.enter_context(folder.hold())
        except FolderInUseError:
            control(
                folder.path,
                "save_user",
                login=record.login,
                role=record.role,
                password_hash=record.password_hash,
                created_at=record.created_at.isoformat(),
                author=author,
            )
            return
        store = stack.enter_context(folder.write(now))
        line = EventRecord(now, "EVCE", "audit", f"user {record.login} has a new password", author)
        with store.group():
            store.save_user(record)
            store.append_events([line])


def _when(moment: datetime | None) -> str:
    return "never" if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
