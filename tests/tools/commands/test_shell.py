"""`evce shell`."""

import getpass
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.tools.commands.standin import standing_in
from tools.cli import main
from tools.shell.answers import ActorLine, Done, Tree, to_json

TREE = to_json(Tree(20.0, (ActorLine("view", "", "running", 0, ""),)))


def shell(folder: Path, *arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(main, ["shell", *arguments, "--data", str(folder)], input=typed)


def test_lines_of_the_command_line_are_run_in_order(tmp_path: Path) -> None:
    """AC-4: one-shot, as text."""
    with standing_in(tmp_path, {"actors": TREE}) as asked:
        result = shell(tmp_path, "-c", "tree", "-c", "tree", "-c", "quit", "-c", "tree")
    assert (result.exit_code, result.output.count("running")) == (0, 2)
    assert len(asked) == 2


def test_machines_get_json(tmp_path: Path) -> None:
    """AC-4: --json, one object a line."""
    with standing_in(tmp_path, {"actors": TREE}):
        result = shell(tmp_path, "--json", "-c", "tree")
    assert json.loads(result.output) == TREE


@pytest.mark.parametrize(("options", "code"), [([], 2), (["--write"], 0)])
def test_writing_must_be_asked_for(tmp_path: Path, options: list[str], code: int) -> None:
    """AC-4: read-only unless started with --write; a script is not asked again."""
    with standing_in(tmp_path, {"kill": to_json(Done("view was killed"))}) as asked:
        result = shell(tmp_path, *options, "-c", "kill view")
    assert result.exit_code == code
    author = getpass.getuser()
    wanted = {"do": "kill", "author": author, "name": "view", "how": "exception"}
    assert asked == ([wanted] if code == 0 else [])


def test_the_first_mistake_ends_a_script(tmp_path: Path) -> None:
    with standing_in(tmp_path, {"actors": TREE}) as asked:
        result = shell(tmp_path, "-c", "tre", "-c", "tree")
    assert (result.exit_code, asked) == (2, [])


@pytest.mark.parametrize(("answer", "killed"), [("y", 1), ("n", 0), ("", 0)])
def test_lines_that_are_typed_are_run_and_writes_are_asked_for(
    tmp_path: Path, answer: str, killed: int
) -> None:
    """AC-4: confirmation in interactive use."""
    with standing_in(tmp_path, {"kill": to_json(Done("view was killed"))}) as asked:
        result = shell(tmp_path, "--write", typed=f"kill view\n{answer}\n")
    assert result.exit_code == 0
    assert "kill view? [y/N]" in result.output
    assert len(asked) == killed


def test_without_a_daemon_it_says_so(tmp_path: Path) -> None:
    result = shell(tmp_path, "-c", "tree")
    assert (result.exit_code, "no daemon answers" in result.output) == (1, True)
