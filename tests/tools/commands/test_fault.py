"""Tests of `evce fault`."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tools.cli import main
from tools.faults.catalogue import ELSEWHERE, FAULTS


def evce(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["fault", *arguments], env={"COLUMNS": "200"})


def test_the_list_shows_every_fault_and_names_who_plays_the_rest() -> None:
    """AC-5: what it breaks, what must be seen."""
    shown = evce("list")
    assert shown.exit_code == 0
    assert all(fault in shown.output for fault in FAULTS)
    assert all(
        f"{title}: needs the real daemon, {command}" in shown.output for title, command in ELSEWHERE.items()
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("run", "meter-silnt"), "id='meter-silnt'"),
        (("run",), "Missing argument"),
        (("file", "nowhere.toml"), "does not exist"),
        (("pairs", "--count", "0"), "0 is not in the range"),
        (("pairs", "meter-silent"), "two different faults with a + between them"),
        (("pairs", "meter-silent + meter-frozen"), "both break the same: meter"),
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


def test_what_fails_has_a_page_and_ends_with_1(tmp_path: Path) -> None:
    """AC-5: what was not seen is named; the referee's report, with a plot of each feeder."""
    path, reports = tmp_path / "wish.toml", tmp_path / "reports"
    path.write_text(
        'name = "a wish"\n[[faults]]\nid = "concurrent-edits"\n'
        '[[expect]]\nat = 0\nwithin = 2\nalarm = "no_such_alarm"\n'
    )
    played = evce("file", str(path), "--jobs", "1", "--reports", str(reports))
    assert played.exit_code == 1
    assert "a wish: not seen: alarm no_such_alarm (within 2 s)" in played.output
    (page,) = reports.iterdir()
    assert f"Report: {page}" in played.output.replace("\n", "")
    text = page.read_text()
    assert "not seen: alarm no_such_alarm" in text
    assert "two people change the same revision" in text
    assert text.count("<figure>") == 4 * 3  # feeders and phases


def test_a_pair_is_played_by_its_name() -> None:
    """AC-5: both strike, and the seed is told."""
    played = evce("pairs", "child-above-parent + stop-before-start", "--jobs", "1", "--seed", "4")
    assert played.exit_code == 0, played.output
    assert "pairs, seed 4" in played.output
    assert "child-above-parent + stop-before-start" in played.output
    assert "1 played, 0 failed" in played.output


def test_pairs_that_are_not_possible_are_listed_with_the_reason() -> None:
    """AC-5: nothing is left out in silence."""
    listed = evce("pairs", "--left-out")
    assert listed.exit_code == 0
    assert "meter-silent + meter-frozen: both break the same: meter" in listed.output.splitlines()
