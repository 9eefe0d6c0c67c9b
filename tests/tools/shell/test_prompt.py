"""Tests of the debug shell at a terminal."""

import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from tests.tools.commands.standin import standing_in
from tools.shell.answers import Names, Tree, to_json
from tools.shell.prompt import history_file, interact, run_line, terminal
from tools.shell.session import Session


def typing(*lines: str | type[BaseException]) -> Callable[[], str]:
    """A person who types these lines, or keys, and then Ctrl-D."""
    left: Iterator[str | type[BaseException]] = iter((*lines, EOFError))

    def read() -> str:
        line = next(left)
        if isinstance(line, str):
            return line
        raise line

    return read


def test_a_mistake_ends_neither_the_shell_nor_the_line_after_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """AC-4: errors say what to do; Ctrl-C forgets a line, Ctrl-D leaves."""
    with standing_in(tmp_path, {"actors": to_json(Tree(20.0, ()))}) as asked:
        interact(Session(tmp_path, "ann"), typing("tre", KeyboardInterrupt, "names 'x", "kill view", "tree"))
    shown = capsys.readouterr()
    assert "reads only" in shown.out
    assert "rates of the last 20 s" in shown.out
    assert "did you mean tree?" in shown.err
    assert "--write" in shown.err
    assert [request["do"] for request in asked] == ["actors"]


def test_quit_leaves_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    interact(Session(tmp_path, "ann", write=True), typing("quit", "never read"))
    shown = capsys.readouterr()
    assert ("may change things" in shown.out, shown.err) == (True, "")


@pytest.mark.parametrize(("line", "code"), [("tree", 1), ("tre", 2), ("", 0), ("help", 0), ("kill view", 2)])
def test_a_line_has_an_exit_code(tmp_path: Path, line: str, code: int) -> None:
    """AC-4: for scripts; no daemon is 1, a mistyped line 2."""
    assert run_line(Session(tmp_path, "ann"), line) == code


@pytest.mark.parametrize(
    ("environment", "file"),
    [
        ({"XDG_STATE_HOME": "/state", "HOME": "/home/ann"}, "/state/evce/shell-history"),
        ({"HOME": "/home/ann"}, "/home/ann/.local/state/evce/shell-history"),
    ],
)
def test_the_history_is_where_such_things_are(environment: dict[str, str], file: str) -> None:
    assert history_file(environment) == Path(file)


def test_the_prompt_completes_and_remembers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """AC-4: names of actors by the tab key, and a history for its owner only."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    names = to_json(Names(actors=("station/CP-1",)))
    with (
        standing_in(tmp_path, {"names": names}),
        create_pipe_input() as keys,
        create_app_session(input=keys, output=DummyOutput()),
    ):
        read = terminal(Session(tmp_path, "ann"))
        keys.send_text("inspect zone/main\r")
        assert read() == "inspect zone/main"
        keys.send_text("\x1b[A\r")
        assert read() == "inspect zone/main"
    kept = tmp_path / "state" / "evce" / "shell-history"
    assert "+inspect zone/main" in kept.read_text()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_without_a_place_for_it_the_history_lasts_as_long_as_the_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AC-4: a service account may have no home."""
    (tmp_path / "state").write_text("a file")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        read = terminal(Session(tmp_path, "ann"))
        keys.send_text("tree\r")
        assert read() == "tree"
