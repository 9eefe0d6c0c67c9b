"""The command line `evce` as a whole."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from evce import __version__
from tools.cli import main


def test_the_version_is_told() -> None:
    result = CliRunner().invoke(main, ["version"])
    assert (result.exit_code, result.output) == (0, f"evce {__version__}\n")


@pytest.mark.parametrize("command", ["check", "config", "demo", "run", "version"])
def test_each_command_explains_itself(command: str) -> None:
    assert command in CliRunner().invoke(main, ["--help"]).output
    result = CliRunner().invoke(main, [command, "-h"])
    assert result.exit_code == 0
    assert result.output.startswith(f"Usage: main {command}")


def test_an_unknown_command_is_a_usage_error() -> None:
    assert CliRunner().invoke(main, ["chekc"]).exit_code == 2


def test_the_package_runs_as_a_module() -> None:
    root = Path(__file__).parents[2]
    result = subprocess.run(
        [sys.executable, "-m", "tools", "version"],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (result.returncode, result.stdout) == (0, f"evce {__version__}\n")
