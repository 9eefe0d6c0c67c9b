"""Tests of having a command done by the release that runs a site."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tools.cli import main
from tools.commands import releasing
from tools.commands.releasing import by_its_release


def test_every_command_about_a_site_asks_which_release_runs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SR-4: before it reads anything; the daemon's own start is another matter."""
    asked: list[Path] = []
    monkeypatch.setattr(releasing, "hand_over", asked.append)
    for command in (("config", "show"), ("release", "show"), ("alarm", "list"), ("session", "list")):
        CliRunner().invoke(main, [*command, "--data", str(tmp_path)])
    assert asked == [tmp_path] * 4


def test_completion_of_a_command_line_hands_nothing_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SR-4"""
    monkeypatch.setattr(releasing, "hand_over", lambda _: pytest.fail("handed over"))
    context = click.Context(main, resilient_parsing=True)
    assert by_its_release(context, click.Option(["--data"]), tmp_path) == tmp_path
