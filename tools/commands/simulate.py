"""`evce simulate`: the simulated site alone, for a daemon that runs elsewhere."""

import sys

import click

__all__ = ["simulate"]


@click.command(
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []},
    add_help_option=False,
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def simulate(arguments: tuple[str, ...]) -> None:
    """Play the stations, meters and cars of a site file; `evce simulate --help` tells more.

    `evce simulate cpo` plays a remote operator instead.
    """
    if arguments[:1] == ("cpo",):
        from tools.simulation.cpo_server import main as play_operator

        sys.exit(play_operator(arguments[1:]))
    # The simulated site loads the OCPP and Modbus libraries: other commands shouldn't.
    from tools.simulation.__main__ import main

    sys.exit(main(arguments))
