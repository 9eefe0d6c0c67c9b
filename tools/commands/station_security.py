"""`evce station password` and `evce station security`: how a station proves that it is itself."""

import getpass
import secrets
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from evce.security.keys import LONGEST_KEY, read_key
from evce.security.profiles import SecurityProfile
from tools.commands.actors import DATA
from tools.commands.site_file import told_plainly
from tools.control.client import control

__all__ = ["password", "security"]

WAITS_FOR = 60.0
"""Seconds for a daemon that waits for a station."""

_HIGHEST = int(SecurityProfile.CLIENT_CERTIFICATE)


@click.command()
@DATA
@click.argument("box_identity", metavar="STATION")
@click.option("--set", "known", is_flag=True, help="Ask for the password that the station has already.")
@click.option("--generate", is_flag=True, help="With --set: make one up, to be entered at the station.")
def password(data: Path, box_identity: str, known: bool, generate: bool) -> None:
    """Give a station another password: a random one, sent to it by ChangeConfiguration.

    The old one opens until the station has come with the new one. A station that is given its password on the
    spot is told to EVCE by --set: then that one alone opens. A password is 32 to 40 hexadecimal digits.
    """
    if generate and not known:
        raise click.UsageError("--generate goes with --set")
    key = None
    if known:
        key = secrets.token_hex(LONGEST_KEY).upper() if generate else _asked()
    with told_plainly():
        answer = control(
            data,
            "station_password",
            timeout=WAITS_FOR,
            station=box_identity,
            key=key,
            set=known,
            author=getpass.getuser(),
        )
    if generate:
        click.echo(f"{key}   (shown this once: enter it at the station)")
    click.echo(answer["text"])


@click.command()
@DATA
@click.argument("box_identity", metavar="STATION", required=False)
@click.option(
    "--profile",
    type=click.IntRange(1, _HIGHEST),
    help="Have the station change to this higher security profile.",
)
@click.option("--forget", is_flag=True, help="Forget its passwords and the profile that it has reached.")
def security(data: Path, box_identity: str | None, profile: int | None, forget: bool) -> None:
    """Tell which security profile each station needs and has reached, or change a station's.

    Profiles: 0 nothing is asked for; 1 a password; 2 TLS and a password; 3 TLS and a certificate. A station
    that has reached a profile doesn't get in with a lower one; --forget is for one that was exchanged.
    """
    if box_identity is None:
        if profile is not None or forget:
            raise click.UsageError("name the station that is to be changed")
        _show(data)
        return
    if (profile is None) == (not forget):
        raise click.UsageError("either --profile or --forget")
    what = {"profile": profile} if profile is not None else {}
    deed = "forget_security" if forget else "station_profile"
    with told_plainly():
        answer = control(
            data, deed, timeout=WAITS_FOR, station=box_identity, author=getpass.getuser(), **what
        )
    click.echo(answer["text"])


def _show(data: Path) -> None:
    with told_plainly():
        stations = control(data, "security")["stations"]
    table = Table("Station", "Needs", "Reached", "Passwords")
    for known in stations:
        needs = max(known["asked"], known["reached"])
        table.add_row(known["station"], str(needs), str(known["reached"]), str(known["passwords"]))
    Console().print(table)


def _asked() -> str:
    """A password from the terminal or a pipe; never from the command line, which others can see."""
    text: str = click.prompt("Password of the station (hexadecimal)", hide_input=True)
    try:
        read_key(text.strip())
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    return text.strip()
