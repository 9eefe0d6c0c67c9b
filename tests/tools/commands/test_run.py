"""`evce run`."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner

from tools.cli import main
from tools.commands import run
from tools.releases.launching import ANEW


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the daemon was started with; it ends at once with exit code 3."""
    calls: list[Any] = []

    def run_daemon(site: Path | None, data: Path, log_format: str, **overrides: Any) -> int:
        calls.append((site, data, log_format, overrides))
        return 3

    daemon = ModuleType("tools.running")
    daemon.run_daemon = run_daemon  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tools.running", daemon)
    return calls


def test_the_daemon_gets_everything_and_its_exit_code_counts(started: list[Any], tmp_path: Path) -> None:
    """AC-3: a long-running daemon, started from the command line."""
    site = tmp_path / "site.toml"
    site.write_text("")
    options = [
        "--data",
        str(tmp_path),
        "--log",
        "json",
        "--host",
        "127.0.0.1",
        "--ocpp-port",
        "0",
        "--web-port",
        "1",
    ]
    result = CliRunner().invoke(main, ["run", str(site), *options])
    assert result.exit_code == 3
    assert started == [(site, tmp_path, "json", {"host": "127.0.0.1", "ocpp_port": 0, "web_port": 1})]


def test_the_daemon_runs_on_what_its_folder_holds(started: list[Any], tmp_path: Path) -> None:
    CliRunner().invoke(main, ["run"], env={"EVCE_DATA": str(tmp_path)})
    assert started == [(None, tmp_path, "console", {"host": None, "ocpp_port": None, "web_port": None})]


def test_a_daemon_that_wants_another_release_begins_anew(
    started: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SR-4: where it can't, the service manager does."""
    again: list[Path] = []
    monkeypatch.setattr(sys.modules["tools.running"], "run_daemon", lambda *_, **__: ANEW)
    monkeypatch.setattr(run, "start_again", again.append)
    assert CliRunner().invoke(main, ["run", "--data", str(tmp_path)]).exit_code == ANEW
    assert again == [tmp_path]
    assert started == []


@pytest.mark.parametrize(
    "arguments",
    [[], ["/nonexistent.toml", "--data", "."], ["--data", ".", "--log", "xml"], ["--web-port", "70000"]],
)
def test_a_mistyped_command_starts_nothing(started: list[Any], arguments: list[str]) -> None:
    assert CliRunner().invoke(main, ["run", *arguments], env={"EVCE_DATA": ""}).exit_code == 2
    assert started == []
