"""`evce network`: the machine's own addresses as its network service takes them, and applying them."""

from datetime import UTC, datetime
from pathlib import Path

import click

from evce.configuration.revisions import parse_json
from evce.network.course import NetworkState, Stage
from evce.network.networkd import UNIT, networkd_unit
from tools.commands.config import DATA, newest_of, open_revisions
from tools.commands.site_file import told_plainly
from tools.daemon import NETWORK
from tools.network_applier import CONFIRM_WITHIN, FOLDER, NetworkApplier

__all__ = ["network"]

_WORDS = {
    Stage.WAITING: "on trial",
    Stage.IN_FORCE: "in force",
    Stage.PUT_BACK: "put back: nobody confirmed them in time",
    Stage.FAILED: "put back: they could not be applied",
}


@click.group()
def network() -> None:
    """The addresses of the machine that EVCE runs on: the section `network` of its configuration."""


@network.command()
@DATA
def show(data: Path) -> None:
    """Print the settings in force as a file of systemd-networkd."""
    with told_plainly(), open_revisions(data, datetime.now(UTC)) as store:
        text = networkd_unit(parse_json(newest_of(store).document).network)
    click.echo(
        text or f"The machine keeps its own set-up (network.mode = host): there is no {UNIT}.", nl=not text
    )


@network.command()
@DATA
@click.option(
    "--into",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    default=FOLDER,
    show_default=True,
    help="Folder from which systemd-networkd reads its units.",
)
@click.option(
    "--confirm-within",
    type=click.FloatRange(10, 3_600),
    default=CONFIRM_WITHIN,
    show_default=True,
    help="Seconds after which the former settings are put back unless somebody has confirmed the new ones.",
)
def apply(data: Path, into: Path, confirm_within: float) -> None:
    """Bring the wished settings into force, as root; the service evce-network does this by itself.

    They are put back unless an administrator keeps them, on the page that he reaches at the new address.
    Ends with 1 where that was so.
    """
    with told_plainly():
        state = NetworkApplier(data / NETWORK, into, confirm_within=confirm_within).apply()
    if state is None:
        click.echo("nothing is wished: the machine keeps its own set-up")
        return
    click.echo(_told(state))
    if state.stage is not Stage.IN_FORCE:
        raise SystemExit(1)


def _told(state: NetworkState) -> str:
    return f"network settings {state.mark}: {_WORDS[state.stage]}{f': {state.text}' if state.text else ''}"
