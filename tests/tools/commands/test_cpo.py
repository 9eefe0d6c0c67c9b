"""`evce cpo`."""

import getpass
from pathlib import Path

from click.testing import CliRunner, Result

from tests.tools.commands.standin import standing_in
from tools.cli import main

ENTRY = {
    "entry": 4,
    "station": "CP-1",
    "action": "StopTransaction",
    "transaction": 12,
    "cpo_transaction": 77,
    "kept_at": "2026-01-01T00:00:00+00:00",
    "attempts": 500,
    "failure": "InternalError",
    "given_up": True,
}
UPLINK = {"station": "CP-1", "state": "waiting", "waiting": 3, "given_up": 1, "failure": "no route"}


def evce(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["cpo", *arguments, "--data", str(folder)], env={"COLUMNS": "160"})


def rows(result: Result) -> list[list[str]]:
    return [
        [cell.strip() for cell in line.split("│")[1:-1]] for line in result.output.splitlines() if "│" in line
    ]


def test_the_state_of_each_uplink_is_a_table(tmp_path: Path) -> None:
    """CPO-3: RELIABILITY, CPO down: the queue is shown."""
    with standing_in(tmp_path, {"uplinks": {"uplinks": [UPLINK]}}):
        assert rows(evce(tmp_path, "status")) == [["CP-1", "waiting", "3", "1", "no route"]]


def test_without_an_operator_the_way_to_one_is_told(tmp_path: Path) -> None:
    """CPO-1: off by default."""
    with standing_in(tmp_path, {"uplinks": {"uplinks": []}}):
        assert "[cpo]" in evce(tmp_path, "status").output


def test_what_waits_is_a_table(tmp_path: Path) -> None:
    """CPO-3: a message that was given up is kept, and can be seen."""
    with standing_in(tmp_path, {"journal": {"journal": [ENTRY]}}) as asked:
        (row,) = rows(evce(tmp_path, "queue", "--station", "CP-1", "--given-up"))
    assert row[:5] == ["4", "CP-1", "StopTransaction", "12", "77"]
    assert row[6:] == ["500 (given up)", "InternalError"]
    assert asked == [{"do": "journal", "station": "CP-1", "given_up": True, "limit": 100}]
    with standing_in(tmp_path, {"journal": {"journal": []}}):
        assert "nothing waits" in evce(tmp_path, "queue").output


def test_messages_are_forgotten_only_after_a_yes(tmp_path: Path) -> None:
    with standing_in(tmp_path, {"forget_given_up": {"forgotten": 2}}) as asked:
        assert evce(tmp_path, "forget", "CP-1").exit_code == 1
        assert asked == []
        assert "2 messages of CP-1" in evce(tmp_path, "forget", "CP-1", "--yes").output
    assert asked == [{"do": "forget_given_up", "station": "CP-1", "author": getpass.getuser()}]
