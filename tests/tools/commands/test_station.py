"""`evce station`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tools.cli import main
from tools.control.server import ControlServer, Stream


@pytest.mark.parametrize(
    ("verdict", "correction", "code"),
    [("right", None, 0), ("wrong", 'wiring = "TRI231"', 1), ("unclear", None, 3)],
)
def test_a_check_tells_its_course_and_its_result_by_its_exit_code(
    tmp_path: Path, verdict: str, correction: str | None, code: int
) -> None:
    """EL-3: and the line that corrects the site file."""
    asked: list[dict[str, Any]] = []

    def wiring(request: Mapping[str, Any]) -> Stream:
        asked.append(dict(request))

        def stream() -> Stream:
            yield {"text": "on its way"}
            yield None
            yield {"text": "the result", "verdict": verdict, "correction": correction}

        return stream()

    server = ControlServer(tmp_path, {"wiring": wiring})
    server.start()
    try:
        arguments = ["station", "wiring", "G1", "--connector", "2", "--data", str(tmp_path)]
        result = CliRunner().invoke(main, arguments)
    finally:
        server.stop()
    assert result.exit_code == code
    assert result.output.splitlines()[:2] == ["on its way", "the result"]
    assert ('wiring = "TRI231"' in result.output) is (correction is not None)
    assert (asked[0]["station"], asked[0]["connector"]) == ("G1", 2)


def test_without_a_daemon_it_says_so(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["station", "wiring", "G1", "--data", str(tmp_path)])
    assert result.exit_code == 1
    assert "no daemon answers" in result.output
