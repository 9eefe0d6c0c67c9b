"""Tests of one engineer at the debug shell."""

import json
from pathlib import Path

import click
import pytest

from tests.tools.commands.standin import standing_in
from tools.control.client import ControlError
from tools.shell.answers import Done, Names, to_json
from tools.shell.commands import commands
from tools.shell.session import Session

DONE = to_json(Done("view was killed"))


def test_an_answer_is_text_or_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """AC-4: both from the same object."""
    done = Done("view was killed", audited=False)
    Session(tmp_path, "ann").show(done)
    assert capsys.readouterr().out.startswith("view was killed\nNot in the audit log yet")
    Session(tmp_path, "ann", as_json=True).show(done)
    assert json.loads(capsys.readouterr().out) == {"text": "view was killed", "audited": False}


def test_a_reading_shell_changes_nothing(tmp_path: Path) -> None:
    """AC-4: read-only unless started with --write, and it says how."""
    with (
        standing_in(tmp_path, {"kill": DONE}) as asked,
        pytest.raises(click.UsageError, match="evce shell --write"),
    ):
        Session(tmp_path, "ann").write("kill view", "kill", name="view")
    assert asked == []


@pytest.mark.parametrize(
    ("live", "answer", "done"), [(False, None, True), (True, True, True), (True, False, False)]
)
def test_a_write_is_asked_for_where_a_person_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, live: bool, answer: bool | None, done: bool
) -> None:
    """AC-4: confirmation at the prompt, none in a script; the author goes along."""
    questions: list[str] = []

    def confirm(question: str) -> bool | None:
        questions.append(question)
        return answer

    monkeypatch.setattr(click, "confirm", confirm)
    with standing_in(tmp_path, {"kill": DONE}) as asked:
        Session(tmp_path, "ann", write=True, live=live).write("kill view", "kill", name="view")
    assert asked == ([{"do": "kill", "author": "ann", "name": "view"}] if done else [])
    assert questions == (["kill view?"] if live else [])


def test_a_line_runs_as_a_command(tmp_path: Path) -> None:
    """AC-4: quotes and comments as in any shell; an empty line is nothing."""
    with standing_in(tmp_path, {"kill": DONE}) as asked:
        session = Session(tmp_path, "ann", write=True)
        for line in ("", "# nothing", "kill 'station/CP 1' --how exit # a drill"):
            session.run(commands, line)
    assert asked == [{"do": "kill", "author": "ann", "name": "station/CP 1", "how": "exit"}]


def test_an_open_quote_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(click.UsageError, match="no closing quotation"):
        Session(tmp_path, "ann").run(commands, "kill 'view")


def test_the_daemons_refusal_is_told_in_its_own_words(tmp_path: Path) -> None:
    """RELIABILITY §3."""
    refusal = LookupError("no living actor has that name")
    with (
        standing_in(tmp_path, {"names": refusal}),
        pytest.raises(ControlError, match=r"^no living actor has that name$"),
    ):
        Session(tmp_path, "ann").names()
    with standing_in(tmp_path, {"names": to_json(Names(("view",)))}):
        assert Session(tmp_path, "ann").names().actors == ("view",)
