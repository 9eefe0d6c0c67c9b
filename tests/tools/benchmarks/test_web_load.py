"""The pages under load: a tiny run of the real thing, and its table."""

import pytest

from tools.benchmarks import fleet, web_load
from tools.benchmarks.reaction import Step
from tools.benchmarks.web_load import Block, WebLoad, bench_web, faulted_shown, web_section


@pytest.mark.scenario
def test_browsers_see_every_change_beside_the_control_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """UI-4: the real daemon, real streams over HTTPS, the reaction with and without them."""
    monkeypatch.setattr(web_load, "ROUNDS", 1)
    monkeypatch.setattr(fleet, "_NEARLY", 0.9)  # the last tenths take half a minute
    load = bench_web(stations=2, browsers=2, steps=1, changes=2)
    assert (load.unseen, load.refused) == (0, 0)
    assert len(load.told) == len(load.shown) == 4
    assert all(0.0 <= told < shown < 10.0 for told, shown in zip(load.told, load.shown, strict=True))
    assert load.parts
    assert [(block.browsers, len(block.steps), block.missed) for block in load.blocks] == [
        (0, 1, 0),
        (2, 1, 0),
    ]


def told(load: WebLoad) -> dict[str, list[str]]:
    return {row[0]: list(row[1:]) for row in web_section(load).rows}


def full(**changes: object) -> WebLoad:
    step = Step(seen=10.0, under=40.0, last=60.0, reduced=2)
    load = WebLoad(
        100,
        20,
        [Block(0, (step,) * 4, 0, 10.0), Block(20, (step, step), 1, 50.0), Block(0, (), 0, 20.0)],
        told=[0.1] * 100,
        shown=[0.2] * 100,
        pages=[0.05] * 96 + [0.9] * 4,
        parts=[0.05] * 90 + [0.3] * 10,
    )
    for name, value in changes.items():
        setattr(load, name, value)
    return load


def test_the_table_tells_what_people_see_and_what_control_pays() -> None:
    """UI-4: pages by their p95, changes by their p99, the reaction side by side."""
    rows = told(full())
    assert rows["a change told to a stream"] == ["100", "100", "100", "100", "100", "p99 ≤ 2000", "reached"]
    assert rows["a whole page"] == ["100", "50", "50", "900", "900", "p95 ≤ 200", "reached"]
    assert rows["a live part"][-1] == "MISSED"
    assert rows["reaction without browsers"] == ["4", "50", "50", "50", "50", "", ""]
    assert rows["reaction with 20 browsers"] == ["2", "50", "50", "50", "50", "", "1 missed"]
    assert any("0 browsers 15 % of a core; 20 browsers 50 %" in note for note in web_section(full()).notes)


@pytest.mark.parametrize(
    ("changes", "row", "verdict"),
    [
        ({"unseen": 3}, "the change on the page", "MISSED (3 failed)"),
        ({"refused": 1}, "a whole page", "MISSED (1 failed)"),
        ({"shown": [2.5] * 100}, "the change on the page", "MISSED"),
        ({"pages": []}, "a whole page", "MISSED"),
    ],
)
def test_whatever_failed_misses_the_goal(changes: dict[str, object], row: str, verdict: str) -> None:
    assert told(full(**changes))[row][-1] == verdict


@pytest.mark.parametrize(
    ("page", "count"),
    [
        ('<span title="Stations faulted"><i class="dot"></i><b class="num">12</b>', 12),
        ('<span title="Stations available"><b class="num">3</b></span>', None),
        ("", None),
    ],
)
def test_the_bar_of_a_page_counts_the_faulted_stations(page: str, count: int | None) -> None:
    assert faulted_shown(page) == count
