"""Tests of `evce fault`."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tools.cli import main
from tools.faults.catalogue import FAULTS, MISSING


def evce(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["fault", *arguments], env={"COLUMNS": "200"})


def test_the_list_shows_every_fault_and_names_what_is_missing() -> None:
    """AC-5: what it breaks, what must be seen."""
    shown = evce("list")
    assert shown.exit_code == 0
    assert all(fault in shown.output for fault in FAULTS)
    assert all(f"not played: {title}" in shown.output for title in MISSING)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("run", "meter-silnt"), "id='meter-silnt'"),
        (("run",), "Missing argument"),
        (("file", "nowhere.toml"), "does not exist"),
        (("pairs", "--count", "0"), "0 is not in the range"),
    ],
)
def test_a_wrong_word_is_told(arguments: tuple[str, ...], told: str) -> None:
    """RELIABILITY §3."""
    refused = evce(*arguments)
    assert refused.exit_code in (1, 2)
    assert told in refused.output


def test_a_fault_is_played_and_what_was_seen_is_told() -> None:
    """AC-5: exit code 0, each sight with its time."""
    played = evce("run", "concurrent-edits", "--jobs", "1")
    assert played.exit_code == 0, played.output
    assert "the faster one named (within 0.1 s), after 0.00 s" in played.output
    assert "1 played, 0 failed" in played.output


def test_a_scenario_that_fails_ends_with_1(tmp_path: Path) -> None:
    """AC-5: what was not seen is named."""
    path = tmp_path / "wish.toml"
    path.write_text(
        'name = "a wish"\n[[faults]]\nid = "concurrent-edits"\n'
        '[[expect]]\nat = 0\nwithin = 2\nalarm = "no_such_alarm"\n'
    )
    played = evce("file", str(path), "--jobs", "1")
    assert played.exit_code == 1
    assert "a wish: not seen: alarm no_such_alarm (within 2 s)" in played.output
