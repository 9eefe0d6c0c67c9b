"""`evce restart`."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tools.cli import main
from tools.commands import restart


@pytest.mark.parametrize(
    ("arguments", "answer", "asked", "code"),
    [(["--yes"], "", True, 0), ([], "y\n", True, 0), ([], "n\n", False, 1), ([], "", False, 1)],
)
def test_it_is_done_only_by_who_means_it(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    arguments: list[str],
    answer: str,
    asked: bool,
    code: int,
) -> None:
    """SR-3: asked before it is done."""
    done: list[str] = []

    def control(_: Path, do: str, **__: Any) -> dict[str, Any]:
        done.append(do)
        return {}

    monkeypatch.setattr(restart, "control", control)
    result = CliRunner().invoke(main, ["restart", "--data", str(tmp_path), *arguments], input=answer)
    assert (result.exit_code, done) == (code, ["start_anew"] if asked else [])


def test_without_a_daemon_it_says_so(tmp_path: Path) -> None:
    """SR-3."""
    result = CliRunner().invoke(main, ["restart", "--data", str(tmp_path), "--yes"])
    assert result.exit_code == 1
    assert str(tmp_path) in result.output
