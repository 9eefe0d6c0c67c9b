"""`evce report` and `evce station report`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.tools.commands.standin import standing_in
from tools.cli import main


def evce(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, env={"COLUMNS": "200"})


@pytest.mark.parametrize(
    ("command", "station"), [(("report",), ""), (("station", "report", "CP-01"), "CP-01")]
)
def test_a_report_is_written_where_it_is_wanted(
    tmp_path: Path, command: tuple[str, ...], station: str
) -> None:
    """LG-2, LG-3"""
    kept = tmp_path / "kept.html"
    kept.write_text("<p>report")
    answer = {"report": {"path": str(kept), "name": "EVCE-1.html"}}
    with standing_in(tmp_path, {"report": answer}) as asked:
        output = tmp_path / "out.html"
        result = evce(*command, "--data", str(tmp_path), "--output", str(output))
        assert (result.exit_code, result.output) == (0, f"written: {output}\n")
        assert output.read_text() == "<p>report"
        assert asked[0]["station"] == station
        result = evce(*command, "--data", str(tmp_path), "--output", str(tmp_path / "none" / "out.html"))
        assert (result.exit_code, "No such file" in result.output) == (1, True)


def test_kept_ones_are_listed(tmp_path: Path) -> None:
    """LG-3"""
    one = {
        "id": "evce/x",
        "station": "",
        "kind": "periodic",
        "made_at": "2026-11-22T18:00:00+00:00",
        "size": 36_000,
        "name": "EVCE-x.html",
        "path": "/data/x",
    }
    with standing_in(tmp_path, {"reports": {"reports": [one]}}):
        shown = evce("report", "--list", "--data", str(tmp_path)).output
        assert all(word in shown for word in ("2026-11-22T18:00:00", "EVCE", "periodic", "36000", "/data/x"))
        assert json.loads(evce("report", "--list", "--json", "--data", str(tmp_path)).output) == [one]
