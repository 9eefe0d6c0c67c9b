"""`evce actors`."""

import getpass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from actors.inbox import InboxStats
from tests.tools.commands.standin import standing_in
from tools.cli import main
from tools.shell.answers import ActorLine, Done, Tree, to_json

BUSY = ActorLine(
    "station/CP-1",
    "supervisor/stations",
    "running",
    2,
    "ValueError: odd",
    inbox=InboxStats(1, 2, 3, 0.5, 41, 0, 0, 0),
    per_s=1.25,
    p50_s=0.000_012,
    p99_s=0.034,
)
DEAD = ActorLine("recorder", "supervisor", "backing off", 5, "OSError")
TREE = to_json(Tree(20.0, (BUSY, DEAD)))


def evce(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), env={"COLUMNS": "160"})


def test_the_tree_is_a_table(tmp_path: Path) -> None:
    """AC-4: each actor with its state, mailbox, restarts and last failure."""
    with standing_in(tmp_path, {"actors": TREE}):
        result = evce("actors", "list", "--data", str(tmp_path))
    assert result.exit_code == 0
    rows = {line.split()[0]: line.split()[1:] for line in result.output.splitlines()}
    busy = ["running", "6", "500", "ms", "1.2", "12", "µs", "34", "ms", "2", "ValueError:", "odd"]
    assert rows["station/CP-1"] == busy
    assert rows["recorder"] == ["backing", "off", "-", "-", "0.0", "-", "-", "5", "OSError"]


@pytest.mark.parametrize(("options", "how"), [([], "exception"), (["--how", "hang"], "hang")])
def test_a_drill_is_asked_for_in_ones_own_name(tmp_path: Path, options: list[str], how: str) -> None:
    """AC-4: RELIABILITY invariant 20, who did it is told."""
    with standing_in(tmp_path, {"kill": to_json(Done("view was killed"))}) as asked:
        result = evce("actors", "kill", "view", *options, "--data", str(tmp_path))
    assert (result.exit_code, "view was killed" in result.output) == (0, True)
    assert asked == [{"do": "kill", "name": "view", "how": how, "author": getpass.getuser()}]


@pytest.mark.parametrize(
    ("arguments", "answers", "code", "told"),
    [
        (["kill", "nobody"], {"kill": LookupError("no living actor has that name")}, 1, "no living actor"),
        (["kill", "view", "--how", "gently"], {"kill": {}}, 2, "'gently' is not one of"),
        (["list"], {}, 1, "know "),
    ],
)
def test_a_refusal_ends_with_its_reason(
    tmp_path: Path, arguments: list[str], answers: dict[str, Any], code: int, told: str
) -> None:
    """RELIABILITY §3: no traceback, the daemon's own words."""
    with standing_in(tmp_path, answers):
        result = evce("actors", *arguments, "--data", str(tmp_path))
    assert (result.exit_code, told in result.output) == (code, True)
    assert "Traceback" not in result.output


def test_without_a_daemon_it_says_so(tmp_path: Path) -> None:
    result = evce("actors", "list", "--data", str(tmp_path))
    assert (result.exit_code, "no daemon answers" in result.output) == (1, True)
