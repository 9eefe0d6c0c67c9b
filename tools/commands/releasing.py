"""Has the command of a site done by the release of EVCE that runs this site."""

from pathlib import Path

import click

from tools.releases.launching import hand_over

__all__ = ["by_its_release"]


def by_its_release(context: click.Context, _: click.Parameter, data: Path) -> Path:
    """For the option that names a data folder: a newer release may have changed what lies in it."""
    if not context.resilient_parsing:
        hand_over(data)
    return data
