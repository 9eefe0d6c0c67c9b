"""`evce demo`."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner

from tools.cli import main


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the demo was started with; it ends at once."""
    calls: list[dict[str, Any]] = []

    def run_demo(**options: Any) -> int:
        calls.append(options)
        return 0

    demo = ModuleType("tools.demo")
    demo.run_demo = run_demo  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tools.demo", demo)
    return calls


@pytest.mark.parametrize(
    ("arguments", "changed"),
    [
        ([], {}),
        (["--minutes", "20", "--arrivals", "5"], {"minutes": 20.0, "arrivals": 5.0}),
        (["--data", "d", "--seed", "7", "--web-port", "0"], {"data": Path("d"), "seed": 7, "web_port": 0}),
        (["--speed", "4", "--open-house"], {"speed": 4.0, "open_house": True}),
        (["--quirks"], {"quirks": True}),
        (["--report", "r.html"], {"report": Path("r.html")}),
    ],
)
def test_the_demo_gets_its_options(
    started: list[dict[str, Any]], arguments: list[str], changed: dict[str, Any]
) -> None:
    result = CliRunner().invoke(main, ["demo", *arguments])
    assert result.exit_code == 0
    factory = {
        "data": None,
        "speed": 1.0,
        "arrivals": 10.0,
        "minutes": None,
        "web_port": 8443,
        "seed": 1,
        "open_house": False,
        "quirks": False,
        "report": None,
    }
    assert started == [factory | changed]


@pytest.mark.parametrize(
    "arguments", [["--speed", "0"], ["--minutes", "0"], ["--arrivals", "-1"], ["--seed", "x"]]
)
def test_nonsense_starts_nothing(started: list[dict[str, Any]], arguments: list[str]) -> None:
    assert CliRunner().invoke(main, ["demo", *arguments]).exit_code == 2
    assert started == []
