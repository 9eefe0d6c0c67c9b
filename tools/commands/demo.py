"""`evce demo`: the daemon with a whole simulated site around it."""

import sys
from pathlib import Path

import click

__all__ = ["demo"]


@click.command()
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to keep the demo in; by default one that is gone afterwards.",
)
@click.option(
    "--speed",
    type=click.FloatRange(0.1, 100),
    default=1.0,
    show_default=True,
    help="How fast building load and batteries go by; control always runs in real time.",
)
@click.option(
    "--arrivals",
    type=click.FloatRange(0, 1_000),
    default=10.0,
    show_default=True,
    help="Cars per hour, as a multiple of the recorded day.",
)
@click.option("--minutes", type=click.FloatRange(min=0, min_open=True), help="End after so many minutes.")
@click.option(
    "--web-port", type=click.IntRange(0, 65_535), default=8443, show_default=True, help="Port of the pages."
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same day.")
@click.option("--quirks", is_flag=True, help="Give each station another bad habit seen in the field.")
@click.option(
    "--report",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Where the referee's page is written at the end.",
)
@click.option("--open-house", is_flag=True, help="Answer to the whole network, not only to this machine.")
def demo(
    data: Path | None,
    speed: float,
    arrivals: float,
    minutes: float | None,
    web_port: int,
    seed: int,
    quirks: bool,
    open_house: bool,
    report: Path | None,
) -> None:
    """Watch a site of 24 stations being charged safely; prints the address and the credentials."""
    # The simulated site brings the daemon along: other commands shouldn't load it.
    from tools.demo import run_demo

    sys.exit(
        run_demo(
            data=data,
            speed=speed,
            arrivals=arrivals,
            minutes=minutes,
            web_port=web_port,
            seed=seed,
            open_house=open_house,
            quirks=quirks,
            report=report,
        )
    )
