"""The referee's page: what a person sees of a run."""

import re

import pytest

from evce.electrical import SiteModel, Zone
from evce.units import ZoneId
from tools.referee.page import as_html
from tools.referee.referee import Referee

MAIN = ZoneId("main")


def watched(**highest: float) -> Referee:
    """Half a minute at a feeder of 100 A, L3 at 130 A from the sixth second on."""
    referee = Referee(SiteModel(zones={MAIN: Zone(MAIN, "Main", None, 100.0)}))
    for second in range(30):
        referee.observe({MAIN: (60.0, 70.0, highest.get("l3", 130.0) if second > 5 else 80.0)}, float(second))
    return referee


def heights(page: str, kind: str) -> list[list[float]]:
    """The heights of a line in each plot, from the top."""
    return [
        [float(point.split(",")[1]) for point in points.split()]
        for points in re.findall(rf'class="{kind}" points="([^"]+)"', page)
    ]


def test_violations_come_first_then_what_the_books_say() -> None:
    """AC-5: the verdict, with where, when and how much."""
    referee = watched()
    referee.note(["lost: CP-1/1 5000 Wh by <BADGE>"])
    page = as_html(referee, "A <run>", ["  3.0 s  link: CP-1 is hung up on"])
    said = [
        "A &lt;run&gt;",
        "Not clean: 2 violations, 1 difference.",
        "main L3: above the limit for too long, for 23.0 s from 6.0 s on, up to 130.0 A, 10 s are allowed",
        "lost: CP-1/1 5000 Wh by &lt;BADGE&gt;",
        "<th>breaker</th>",
        "<svg",
        "link: CP-1 is hung up on",
    ]
    places = [page.index(text) for text in said]
    assert places == sorted(places)


def test_a_clean_run_says_so() -> None:
    page = as_html(watched(l3=80.0))
    assert "No limit was missed, and the books agree." in page
    assert 'class="breach"' not in page
    assert "<h2>Violations</h2>" not in page
    assert "Nothing was observed." in as_html(
        Referee(SiteModel(zones={MAIN: Zone(MAIN, "Main", None, 100.0)}))
    )


def test_each_phase_has_its_current_its_limit_and_its_breakers_heat() -> None:
    """AC-5: the plot of each feeder; what is in breach is shaded there and nowhere else."""
    page = as_html(watched())
    assert [len(line) for line in heights(page, "amps")] == [30, 30, 30]
    assert page.count('<line class="limit"') == 3
    first, _, third = heights(page, "heat")
    assert len(set(first)) == 1, "L1 stays as cold as it began"
    assert min(third[1:-1]) < 30.0 < first[1], "L3 comes near its trip"
    plots = page.split("<svg")[1:]
    assert [plot.count('class="breach"') for plot in plots] == [0, 0, 2]


def test_a_long_run_hides_no_peak() -> None:
    referee = watched(l3=80.0)
    for second in range(30, 6000):
        referee.observe({MAIN: (60.0, 70.0, 190.0 if second == 3000 else 80.0)}, float(second))
    third = heights(as_html(referee), "amps")[2]
    assert len(third) <= 800
    assert min(third) < 40.0 < sorted(third)[1]


@pytest.mark.parametrize("foreign", ["<script", "http", "src=", "@import", "onload"])
def test_the_page_stands_alone_in_light_and_dark(foreign: str) -> None:
    """Nothing is run and nothing is fetched: it may be mailed."""
    page = as_html(watched())
    assert foreign not in page
    assert "prefers-color-scheme:dark" in page
