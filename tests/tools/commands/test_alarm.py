"""`evce alarm`."""

import getpass
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.tools.commands.standin import standing_in
from tools.cli import main

ONE = {
    "code": "meter_lost",
    "source": "m",
    "severity": "major",
    "message": "Meter lost",
    "advice": "Check its cable",
    "raised_at": "2026-03-02T07:00:00+00:00",
    "acknowledged_by": "erika",
    "acknowledged_at": "2026-03-02T07:05:00+00:00",
}


def evce(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["alarm", *arguments, "--data", str(folder)], env={"COLUMNS": "160"})


def test_alarms_are_a_table_or_json(tmp_path: Path) -> None:
    """LG-1: what, since when, what to do, and who has seen it."""
    with standing_in(tmp_path, {"alarms": {"alarms": [ONE]}}):
        output = evce(tmp_path, "list").output
        for words in ("2026-03-02T07:00:00", "meter_lost", "Meter lost. Check its cable", "erika"):
            assert words in output
        assert json.loads(evce(tmp_path, "list", "--json").output) == [ONE]


def test_no_alarm_is_said_plainly(tmp_path: Path) -> None:
    """LG-1."""
    with standing_in(tmp_path, {"alarms": {"alarms": []}}):
        assert evce(tmp_path, "list").output == "no alarm stands\n"


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        (("meter_lost", "m"), {"code": "meter_lost", "source": "m"}),
        (("meter_lost",), {"code": "meter_lost", "source": None}),
        (("--all",), {"code": None, "source": None}),
    ],
)
def test_alarms_are_acknowledged(
    tmp_path: Path, arguments: tuple[str, ...], asked: dict[str, str | None]
) -> None:
    """LG-1: under the login of whoever types it."""
    with standing_in(tmp_path, {"acknowledge_alarms": {"acknowledged": 1}}) as requests:
        assert evce(tmp_path, "acknowledge", *arguments).output == "acknowledged: 1\n"
    (request,) = requests
    assert asked.items() <= request.items()
    assert request["author"] == getpass.getuser()


@pytest.mark.parametrize("arguments", [(), ("meter_lost", "--all")])
def test_either_one_or_all(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """RELIABILITY 3."""
    assert evce(tmp_path, "acknowledge", *arguments).exit_code == 2
