"""`evce zone remote`."""

import getpass
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.tools.commands.standin import standing_in
from tools.cli import main

TOLD = {
    "state": "active",
    "login": "service",
    "heard_at": "2026-03-02T07:00:00+00:00",
    "limits": [
        {
            "zone": "garage",
            "amps_per_phase": 16.0,
            "raised_from": "2026-03-02T07:01:00+00:00",
            "dropped": False,
        },
        {"zone": "street", "amps_per_phase": 24.0, "raised_from": None, "dropped": True},
    ],
}


def evce(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(
        main, ["zone", "remote", *arguments, "--data", str(folder)], env={"COLUMNS": "120"}
    )


def test_limits_are_a_table_or_json(tmp_path: Path) -> None:
    """API-3: who, since when, and what holds."""
    with standing_in(tmp_path, {"remote": TOLD}):
        output = evce(tmp_path).output
        for words in ("active (login service)", "16.0 A", "from 2026-03-02T07:01:00", "dropped: it rises"):
            assert words in output
        assert "street" not in evce(tmp_path, "garage").output
        assert json.loads(evce(tmp_path, "street", "--json").output)["limits"] == TOLD["limits"][1:]
        assert "no limit is set for roof" in evce(tmp_path, "roof").output


@pytest.mark.parametrize(("given", "amps"), [(("--set", "16"), 16.0), (("--clear",), None)])
def test_a_limit_is_set_or_taken_away(tmp_path: Path, given: tuple[str, ...], amps: float | None) -> None:
    """API-3: under the name of whoever types it."""
    with standing_in(tmp_path, {"remote_limit": {"amps_per_phase": amps, "raises_in_s": 60.0}}) as requests:
        told = "no limit" if amps is None else "16 A per phase"
        assert evce(tmp_path, "garage", *given).output == f"garage: {told}; a higher one is taken in 60 s\n"
    (request,) = requests
    assert (request["zone"], request["amps"], request["author"]) == ("garage", amps, getpass.getuser())


@pytest.mark.parametrize("given", [("--set", "16"), ("--clear",), ("garage", "--set", "16", "--clear")])
def test_what_does_not_go_together_is_refused(tmp_path: Path, given: tuple[str, ...]) -> None:
    """API-3."""
    assert evce(tmp_path, *given).exit_code == 2
