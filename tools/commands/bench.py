"""`evce bench`: how fast and how large the daemon is, measured on this machine."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tools.benchmarks.allocation import AllocationRow
    from tools.benchmarks.report import Section

__all__ = ["bench"]

KINDS = ("allocation", "quality", "reaction", "throughput", "connect", "footprint", "web")

FOOTPRINT_LONGER = 6
"""Idle processor time needs a longer look than throughput does."""


class Sizes(click.ParamType[tuple[int, ...]]):
    """Numbers of stations or connectors, with commas between them."""

    name = "N,N,…"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """Read them; each is 1 or more."""
        try:
            sizes = tuple(int(part) for part in str(value).split(","))
        except ValueError:
            self.fail(f"{value!r}: whole numbers with commas between them, such as 10,100", param, ctx)
        if min(sizes) < 1:
            self.fail(f"{value!r}: each must be 1 or more", param, ctx)
        return sizes


@click.command()
@click.argument("what", type=click.Choice([*KINDS, "all"]), default="all")
@click.option(
    "--sizes",
    type=Sizes(),
    help="Stations (reaction 10,100,300; connect 300; web 100), connectors (allocation 10 to 10,000).",
)
@click.option(
    "--steps",
    type=click.IntRange(1),
    default=500,
    show_default=True,
    help="Steps of the building's load at each size.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(0.1),
    default=10.0,
    show_default=True,
    help=f"How long throughput is measured; the footprint is watched {FOOTPRINT_LONGER} times as long.",
)
@click.option(
    "--weeks",
    type=click.IntRange(1, 8),
    default=4,
    show_default=True,
    help="Recorded weeks that quality is measured on.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Page to keep the tables on (Markdown); what is measured now replaces what it said before.",
)
def bench(
    what: str, sizes: tuple[int, ...] | None, steps: int, seconds: float, weeks: int, out: Path | None
) -> None:
    """Measure allocation time, quality, reaction time, throughput, connecting, footprint and the pages.

    The daemon runs as a process of its own on the first core, the load on the last one. All steps at all
    sizes take about an hour.
    """
    # The benchmarks bring servers and threads along: other commands shouldn't load them.
    from tools.benchmarks.machine import describe
    from tools.benchmarks.report import as_markdown, write_page
    from tools.benchmarks.site import MOST_STATIONS

    if sizes is not None and what in ("reaction", "connect", "web", "all") and max(sizes) > MOST_STATIONS:
        raise click.BadParameter(f"at most {MOST_STATIONS} stations below one zone", param_hint="--sizes")
    kinds = KINDS if what == "all" else (what,)
    if "quality" in kinds and find_spec("scipy") is None:
        raise click.ClickException(
            "quality needs scipy, which finds the optimum that it compares with: tools/test installs it"
        )
    machine = describe()
    click.echo(f"{machine}\n")
    for kind in kinds:
        measure = _benchmarks(sizes, steps, seconds, weeks)[kind]
        section = measure()
        click.echo(as_markdown(section, machine))
        if out is not None:
            write_page(out, [section], machine)


def _benchmarks(
    sizes: Sequence[int] | None, steps: int, seconds: float, weeks: int
) -> dict[str, Callable[[], Section]]:
    from tools.benchmarks import allocation, connect, footprint, quality, reaction, throughput, web_load
    from tools.benchmarks.allocation_table import allocation_section

    def allocation_rows() -> list[AllocationRow]:
        # Its own table as it grows goes to the log's stream; the result belongs to the page.
        with redirect_stdout(sys.stderr):
            return allocation.bench_allocation(sizes or allocation.SIZES)

    benchmarks: dict[str, Callable[[], Section]] = {
        "allocation": lambda: allocation_section(allocation_rows()),
        "quality": lambda: quality.quality_section(quality.bench_quality(weeks)),
        "reaction": lambda: reaction.reaction_section(
            reaction.bench_reaction(sizes or reaction.SIZES, steps)
        ),
        "throughput": lambda: throughput.throughput_section(throughput.bench_throughput(seconds)),
        "connect": lambda: connect.connect_section(
            [connect.bench_connect(size) for size in sizes or connect.SIZES]
        ),
        "footprint": lambda: footprint.footprint_section(
            footprint.bench_footprint(FOOTPRINT_LONGER * seconds)
        ),
        "web": lambda: web_load.web_section(
            web_load.bench_web(max(sizes or (web_load.STATIONS,)), steps=steps)
        ),
    }
    return benchmarks
