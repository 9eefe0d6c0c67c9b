"""The command line `evce`: check a site, look after its configuration, run it, or see the demo."""

import click

from evce import __version__
from tools.commands.actors import actors
from tools.commands.alarm import alarm
from tools.commands.audit import audit
from tools.commands.backup import backup
from tools.commands.bench import bench
from tools.commands.card import card
from tools.commands.certificate import certificate
from tools.commands.check import check
from tools.commands.config import config
from tools.commands.cpo import cpo
from tools.commands.demo import demo
from tools.commands.drill import drill
from tools.commands.factory_reset import factory_reset
from tools.commands.fault import fault
from tools.commands.firmware import firmware
from tools.commands.input import switch_input
from tools.commands.licence import licence
from tools.commands.network import network
from tools.commands.prove import prove
from tools.commands.rehearse import rehearse
from tools.commands.release import release
from tools.commands.report import report
from tools.commands.restart import restart
from tools.commands.run import run
from tools.commands.session import session
from tools.commands.shell import shell
from tools.commands.simulate import simulate
from tools.commands.site_time import time
from tools.commands.station import station
from tools.commands.translations import translations
from tools.commands.user import user
from tools.commands.zone import zone

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """EVCE shares out the current of a site among its charging stations."""


@main.command()
def version() -> None:
    """Tell which EVCE this is."""
    click.echo(f"evce {__version__}")


for command in (
    actors,
    alarm,
    audit,
    backup,
    bench,
    card,
    certificate,
    check,
    config,
    cpo,
    demo,
    drill,
    factory_reset,
    fault,
    firmware,
    licence,
    network,
    prove,
    rehearse,
    release,
    report,
    restart,
    run,
    session,
    shell,
    simulate,
    station,
    switch_input,
    time,
    translations,
    user,
    zone,
):
    main.add_command(command)
