"""`evce bench`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tools.benchmarks import connect, footprint, quality, reaction, throughput, web_load
from tools.benchmarks.connect import ConnectRow
from tools.benchmarks.footprint import FootprintRow
from tools.benchmarks.quality import QualityRow
from tools.benchmarks.reaction import ReactionRow, Step
from tools.benchmarks.throughput import ThroughputRow
from tools.benchmarks.web_load import WebLoad
from tools.commands.bench import bench


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What was to be measured, in its order; nothing is."""
    asked: list[tuple[Any, ...]] = []

    def measure_reaction(sizes: Sequence[int], steps: int) -> list[ReactionRow]:
        asked.append(("reaction", tuple(sizes), steps))
        return [ReactionRow(size, (Step(1.0, 2.0, 3.0, size),), 0) for size in sizes]

    def measure_throughput(seconds: float) -> list[ThroughputRow]:
        asked.append(("throughput", seconds))
        return [ThroughputRow("daemon", 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)]

    def measure_connect(stations: int) -> ConnectRow:
        asked.append(("connect", stations))
        return ConnectRow(stations, (1.0,), (2.0,), (0.01,), 0)

    def measure_footprint(seconds: float) -> list[FootprintRow]:
        asked.append(("footprint", seconds))
        return [FootprintRow("idle", 1.0, 1.0, 1, seconds)]

    def compare(weeks: int) -> list[QualityRow]:
        asked.append(("quality", weeks))
        return [QualityRow("May", 0.3, "EVCE by energy", 0.9, 0.8, 0.9, 60.0, 1.0, 0)]

    def measure_web(stations: int, steps: int) -> WebLoad:
        asked.append(("web", stations, steps))
        return WebLoad(stations, 20)

    monkeypatch.setattr(web_load, "bench_web", measure_web)
    monkeypatch.setattr(quality, "bench_quality", compare)
    monkeypatch.setattr(reaction, "bench_reaction", measure_reaction)
    monkeypatch.setattr(throughput, "bench_throughput", measure_throughput)
    monkeypatch.setattr(connect, "bench_connect", measure_connect)
    monkeypatch.setattr(footprint, "bench_footprint", measure_footprint)
    return asked


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["reaction"], [("reaction", (10, 100, 300), 500)]),
        (["reaction", "--sizes", "5,7", "--steps", "3"], [("reaction", (5, 7), 3)]),
        (["throughput", "--seconds", "2"], [("throughput", 2.0)]),
        (["connect", "--sizes", "4"], [("connect", 4)]),
        (["footprint"], [("footprint", 60.0)]),
        (["web"], [("web", 100, 500)]),
        (["web", "--sizes", "10,30", "--steps", "4"], [("web", 30, 4)]),
        (["quality"], [("quality", 4)]),
        (["quality", "--weeks", "2"], [("quality", 2)]),
        (
            ["all", "--sizes", "3", "--seconds", "1"],
            [
                ("quality", 4),
                ("reaction", (3,), 500),
                ("throughput", 1.0),
                ("connect", 3),
                ("footprint", 6.0),
                ("web", 3, 500),
            ],
        ),
    ],
)
def test_what_is_asked_for_is_measured(
    arguments: list[str], expected: list[tuple[Any, ...]], asked: list[tuple[Any, ...]]
) -> None:
    result = CliRunner().invoke(bench, arguments)
    assert result.exit_code == 0, result.output
    assert asked == expected
    assert result.output.count("\n## ") == len(expected) + (arguments[0] == "all")


def test_the_page_is_written_after_each_part(asked: list[tuple[Any, ...]], tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    for kind in ("reaction", "throughput"):
        assert CliRunner().invoke(bench, [kind, "--sizes", "2", "--out", str(page)]).exit_code == 0
    assert page.read_text().count("\n## ") == 2


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["latency"], "latency"),
        (["reaction", "--sizes", "ten"], "ten"),
        (["reaction", "--sizes", "0"], "1 or more"),
        (["reaction", "--sizes", "1000"], "at most 312"),
        (["reaction", "--steps", "0"], "--steps"),
        (["throughput", "--seconds", "0"], "--seconds"),
        (["quality", "--weeks", "9"], "--weeks"),
    ],
)
def test_a_mistyped_command_measures_nothing(
    arguments: list[str], complaint: str, asked: list[tuple[Any, ...]]
) -> None:
    result = CliRunner().invoke(bench, arguments)
    assert result.exit_code == 2
    assert complaint in result.output
    assert asked == []


@pytest.mark.parametrize("what", ["quality", "all"])
def test_what_is_missing_is_told_before_anything_is_measured(
    what: str, asked: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.commands.bench.find_spec", lambda _: None)
    result = CliRunner().invoke(bench, [what])
    assert result.exit_code == 1
    assert "quality needs scipy" in result.output
    assert "tools/test installs it" in result.output
    assert asked == []
