"""`evce audit`: whether the audit log says what it was told."""

from datetime import UTC, datetime
from pathlib import Path

import click

from tools.commands.actors import DATA
from tools.commands.site_file import told_plainly
from tools.data_folder import DataFolder

__all__ = ["audit"]

_SEAL_LENGTH = 64


@click.group()
def audit() -> None:
    """Look after the log of who did what."""


@audit.command()
@DATA
@click.option("--seal", default="", help="A seal that was told earlier: its line must still be there.")
def check(data: Path, seal: str) -> None:
    """Check the seals of the audit log, also beside the daemon.

    Each line is sealed together with the seal of the line before it. Ends with exit code 1 where a line was
    changed, added or removed, or where the line with the given seal is gone. Note the newest seal elsewhere:
    what is cut off at the end shows by that alone.
    """
    seal = seal.strip().lower()
    if seal and (len(seal) != _SEAL_LENGTH or not set(seal) <= set("0123456789abcdef")):
        told = f"{seal!r} is no seal: they have {_SEAL_LENGTH} digits 0-9 and a-f"
        raise click.BadParameter(told, param_hint="--seal")
    with told_plainly(), DataFolder(data).read(datetime.now(UTC)) as store:
        report = store.check_seals(seal)
    click.echo(f"{report.lines} lines")
    if report.unsealed:
        click.echo(f"{report.unsealed} of them are older than the seals")
    for line in report.broken:
        at, author = f"{line.at:%Y-%m-%d %H:%M:%S} UTC", line.author or "-"
        click.echo(f"  not as it was written: {at} {author}: {line.message}")
    if report.newest:
        click.echo(f"newest seal: {report.newest}")
    if report.found is False:
        raise click.ClickException(
            "the line with that seal is gone: the log was cut, or an older one was put in its place"
        )
    if report.broken:
        raise click.ClickException(
            "there a line was changed or added, or the one before it removed: compare with an export"
        )
    click.echo("every seal fits")
