"""`evce card`."""

import getpass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.tools.commands.standin import standing_in
from tools.cli import main

ANN = {"id_tag": "04A1", "authorised": True, "vip": True, "comment": "Ann"}
GONE = {"id_tag": "04B2", "authorised": False, "vip": False, "comment": ""}


def evce(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["card", *arguments, "--data", str(folder)], env={"COLUMNS": "100"})


def test_cards_are_a_table(tmp_path: Path) -> None:
    """AU-5: with what each may do."""
    with standing_in(tmp_path, {"cards": {"cards": [ANN, GONE]}}) as asked:
        result = evce(tmp_path, "list", "--limit", "7")
    rows = [
        [cell.strip() for cell in line.split("│")[1:-1]] for line in result.output.splitlines() if "│" in line
    ]
    assert rows == [["04A1", "yes", "VIP", "Ann"], ["04B2", "no", "", ""]]
    assert asked == [{"do": "cards", "limit": 7}]


def test_an_empty_list_says_how_to_begin(tmp_path: Path) -> None:
    with standing_in(tmp_path, {"cards": {"cards": []}}):
        assert "`evce card save IDTAG` adds one" in evce(tmp_path, "list").output


@pytest.mark.parametrize(
    ("options", "changed"),
    [
        ([], {}),
        (["--vip", "--comment", "Ann"], {"vip": True, "comment": "Ann"}),
        (["--blocked"], {"authorised": False}),
        (["--zone", "garage", "--zone", "street"], {"zones": ["garage", "street"]}),
    ],
)
def test_a_card_is_saved_with_everything(tmp_path: Path, options: list[str], changed: dict[str, Any]) -> None:
    """AU-5: added or changed, in one's own name."""
    with standing_in(tmp_path, {"save_card": {"card": "04A1"}}) as asked:
        result = evce(tmp_path, "save", "04A1", *options)
    assert (result.exit_code, result.output) == (0, "04A1 is saved\n")
    plain = {"id_tag": "04A1", "vip": False, "authorised": True, "comment": "", "zones": None}
    assert asked == [{"do": "save_card", "author": getpass.getuser(), **plain, **changed}]


def test_a_refusal_is_told_plainly(tmp_path: Path) -> None:
    """RELIABILITY §3: the daemon's own words, and exit code 1."""
    with standing_in(tmp_path, {"save_card": ValueError("id_tag='X': 1 to 20 characters")}):
        result = evce(tmp_path, "save", "X")
    assert (result.exit_code, result.output) == (1, "Error: id_tag='X': 1 to 20 characters\n")


def test_without_a_daemon_it_says_so(tmp_path: Path) -> None:
    result = evce(tmp_path, "list")
    assert (result.exit_code, "no daemon answers" in result.output) == (1, True)
