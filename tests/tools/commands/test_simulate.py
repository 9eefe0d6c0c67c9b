"""`evce simulate`."""

import sys
from types import ModuleType

import pytest
from click.testing import CliRunner

from tools.cli import main


@pytest.mark.parametrize(
    "arguments", [[], ["--help"], ["site.toml", "--url", "ws://127.0.0.1:8887/ocpp"], ["--seed", "-3"]]
)
def test_everything_is_handed_on_as_it_was_typed(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    """The simulated site has its own options and its own help; its exit code counts."""
    calls: list[tuple[str, ...]] = []

    def simulate(handed: tuple[str, ...]) -> int:
        calls.append(tuple(handed))
        return 5

    program = ModuleType("tools.simulation.__main__")
    program.main = simulate  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tools.simulation.__main__", program)
    result = CliRunner().invoke(main, ["simulate", *arguments])
    assert (result.exit_code, calls) == (5, [tuple(arguments)])


def test_its_help_is_the_simulated_sites_own() -> None:
    result = CliRunner().invoke(main, ["simulate", "--help"])
    assert (result.exit_code, "Plays the site of a site file" in result.output) == (0, True)
