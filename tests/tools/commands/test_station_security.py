"""`evce station password` and `evce station security`."""

import getpass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.tools.commands.standin import standing_in
from tools.cli import main

DONE = {"text": "done", "payload": None}
ME = getpass.getuser()


def evce(folder: Path, *arguments: str, answer: str | None = None) -> Result:
    command = ["station", *arguments, "--data", str(folder)]
    return CliRunner().invoke(main, command, input=answer, env={"COLUMNS": "160"})


def test_a_password_is_changed_without_being_shown(tmp_path: Path) -> None:
    """OC-7, TC_073."""
    with standing_in(tmp_path, {"station_password": DONE}) as asked:
        assert evce(tmp_path, "password", "CP-1").output == "done\n"
    assert asked == [{"do": "station_password", "station": "CP-1", "key": None, "set": False, "author": ME}]


def test_the_one_that_the_station_has_is_asked_for_and_not_echoed(tmp_path: Path) -> None:
    """OC-7: never on the command line, which others can see."""
    with standing_in(tmp_path, {"station_password": DONE}) as asked:
        result = evce(tmp_path, "password", "CP-1", "--set", answer="0f" * 16 + "\n")
        assert evce(tmp_path, "password", "CP-1", "--set", answer="0f\n").exit_code == 1
    assert result.exit_code == 0
    assert "0f" * 16 not in result.output
    assert [(request["key"], request["set"]) for request in asked] == [("0f" * 16, True)]


def test_one_to_be_entered_at_the_station_is_shown_once(tmp_path: Path) -> None:
    """OC-7."""
    with standing_in(tmp_path, {"station_password": DONE}) as asked:
        result = evce(tmp_path, "password", "CP-1", "--set", "--generate")
    assert asked[0]["key"] in result.output
    assert len(asked[0]["key"]) == 40
    assert evce(tmp_path, "password", "CP-1", "--generate").exit_code == 2


def test_profiles_are_listed_raised_and_forgotten(tmp_path: Path) -> None:
    """OC-7, TC_083."""
    known = {"stations": [{"station": "CP-1", "asked": 1, "reached": 2, "passwords": 1}], "certificates": []}
    answers = {"security": known, "station_profile": DONE, "forget_security": DONE}
    with standing_in(tmp_path, answers) as asked:
        (row,) = [line for line in evce(tmp_path, "security").output.splitlines() if "CP-1" in line]
        assert [cell.strip() for cell in row.split("│")[1:-1]] == ["CP-1", "2", "2", "1"]
        assert evce(tmp_path, "security", "CP-1", "--profile", "3").output == "done\n"
        assert evce(tmp_path, "security", "CP-1", "--forget").output == "done\n"
    assert [(request["do"], request.get("profile")) for request in asked[1:]] == [
        ("station_profile", 3),
        ("forget_security", None),
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--forget",),
        ("--profile", "1"),
        ("CP-1",),
        ("CP-1", "--profile", "2", "--forget"),
        ("CP-1", "--profile", "4"),
    ],
)
def test_what_is_not_clear_is_not_done(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    with standing_in(tmp_path, {}) as asked:
        assert evce(tmp_path, "security", *arguments).exit_code == 2
    assert asked == []
