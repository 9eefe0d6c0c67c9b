"""`evce run`: the daemon, on a site file, on what its data folder holds, or on nothing yet."""

import sys
from pathlib import Path

import click

from tools.commands.site_file import SITE_FILE, told_plainly
from tools.releases.launching import ANEW, start_again, start_release

__all__ = ["run"]

PORT = click.IntRange(0, 65_535)


@click.command()
@click.argument("site", type=SITE_FILE, required=False, metavar="[SITE.toml]")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    envvar="EVCE_DATA",
    show_envvar=True,
    help="Folder for everything that is stored; made where it is missing.",
)
@click.option(
    "--log",
    "log_format",
    type=click.Choice(["console", "json"]),
    default="console",
    show_default=True,
    help="Log lines for people or for machines.",
)
@click.option("--host", help="Address to answer on, instead of the document's, for stations and pages.")
@click.option(
    "--ocpp-port", type=PORT, help="Port for stations, instead of the document's; 0 takes a free one."
)
@click.option(
    "--web-port", type=PORT, help="Port of the pages, instead of the document's; 0 takes a free one."
)
def run(
    site: Path | None,
    data: Path,
    log_format: str,
    host: str | None,
    ocpp_port: int | None,
    web_port: int | None,
) -> None:
    """Run a site until it is told to stop (SIGTERM or Ctrl-C).

    SITE.toml becomes a new revision where it differs from the one in force; without it the revision in
    force is run. A folder that holds nothing yet begins with an empty site: the assistant in the browser
    describes it.
    """
    with told_plainly():
        start_release(data)
    # The daemon brings threads and sockets along: other commands shouldn't load them.
    from tools.running import run_daemon

    code = run_daemon(site, data, log_format, host=host, ocpp_port=ocpp_port, web_port=web_port)
    if code == ANEW:
        with told_plainly():
            start_again(data)
    sys.exit(code)
