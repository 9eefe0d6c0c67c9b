"""Tests of the commands of the debug shell: what each has the daemon do."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import pytest

from tools.shell.answers import Inspection, Ledger, Log, Names, Profile, Stacks, Top, Traced, Tree, Why
from tools.shell.commands import SCREEN_CLEARED, Leave, commands
from tools.shell.session import Session


class Recorded(Session):
    """Writes down what it would ask the daemon."""

    def __init__(self, live: bool = False) -> None:
        super().__init__(Path("nowhere"), "ann", write=True, live=live)
        self.asked: list[tuple[str, str, Mapping[str, Any]]] = []

    def ask(self, kind: type[Any], do: str, **arguments: Any) -> Any:
        self.asked.append((kind.__name__, do, arguments))
        return Names(messages={"MeterLost": ("meter",)}) if kind is Names else kind

    def follow(self, kind: type[Any], do: str, **arguments: Any) -> Any:
        self.asked.append((kind.__name__, do, arguments))
        return iter([kind])

    def write(self, question: str, do: str, **arguments: Any) -> None:
        self.asked.append((question, do, arguments))

    def show(self, answer: Any) -> None:
        return


@pytest.mark.parametrize(
    ("line", "kind", "do", "arguments"),
    [
        ("tree", Tree, "actors", {}),
        ("top", Top, "top", {"seconds": 1.0, "count": 1}),
        ("top --every 5 --count 3", Top, "top", {"seconds": 5.0, "count": 3}),
        ("inspect view", Inspection, "inspect", {"name": "view", "path": ""}),
        ("inspect view _zones.main", Inspection, "inspect", {"name": "view", "path": "_zones.main"}),
        ("why CP-1/2", Why, "why", {"connector": "CP-1/2"}),
        ("pledges main", Ledger, "pledges", {"zone": "main"}),
        ("trace", Traced, "trace", {"name": "", "type": "", "count": 1000, "seconds": 600.0}),
        (
            "trace zone/* --type Meter* --count 5 --for 2",
            Traced,
            "trace",
            {"name": "zone/*", "type": "Meter*", "count": 5, "seconds": 2.0},
        ),
        ("log", Log, "log", {"count": 50, "level": None, "text": ""}),
        ("log 5 --level error --text disk", Log, "log", {"count": 5, "level": "error", "text": "disk"}),
        ("stacks zone/*", Stacks, "stacks", {"threads": "zone/*"}),
        ("profile 2 view", Profile, "profile", {"seconds": 2.0, "threads": "view"}),
    ],
)
def test_what_tells(line: str, kind: type[Any], do: str, arguments: Mapping[str, Any]) -> None:
    """AC-4: each command asks the daemon for one thing."""
    session = Recorded()
    session.run(commands, line)
    assert session.asked == [(kind.__name__, do, arguments)]


@pytest.mark.parametrize(
    ("line", "question", "do", "arguments"),
    [
        (
            "send zone/main MeterLost meter=m since=now 'reason=a = b'",
            "send MeterLost to zone/main",
            "send",
            {
                "name": "zone/main",
                "type": "MeterLost",
                "fields": {"meter": "m", "since": "now", "reason": "a = b"},
            },
        ),
        ("pause view", "pause view for 2 s", "pause", {"name": "view", "seconds": 2.0}),
        ("pause site 60", "pause site for 60 s", "pause", {"name": "site", "seconds": 60.0}),
        ("resume view", "resume view", "resume", {"name": "view"}),
        ("kill view", "kill view", "kill", {"name": "view", "how": "exception"}),
        ("kill view --how exit", "kill view", "kill", {"name": "view", "how": "exit"}),
        ("hang view", "hang view", "kill", {"name": "view", "how": "hang"}),
        ("restart view", "restart view", "restart", {"name": "view"}),
    ],
)
def test_what_changes_something(line: str, question: str, do: str, arguments: Mapping[str, Any]) -> None:
    """AC-4: through the session, which asks, refuses and tells who."""
    session = Recorded()
    session.run(commands, line)
    assert session.asked == [(question, do, arguments)]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("tre", "no command 'tre'; did you mean tree.*`help` lists"),
        ("zzz", "no command 'zzz'; `help` lists"),
        ("inspect", "Missing argument 'NAME'"),
        ("kill view --how softly", "'softly' is not one of"),
        ("pause view 7200", "7200"),
        ("log many", "'many'"),
        ("send zone/main MeterLost meter", "write FIELD=VALUE; MeterLost has meter since"),
        ("tree --loud", "--loud"),
    ],
)
def test_a_mistyped_line_tells_what_would_be_right(line: str, told: str) -> None:
    """RELIABILITY §3."""
    session = Recorded()
    with pytest.raises(click.UsageError) as refused:
        session.run(commands, line)
    assert re.search(told, refused.value.format_message())
    assert session.asked == []


@pytest.mark.parametrize("name", sorted(commands.commands))
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """AC-4: one line in the list, and a page of its own."""
    session = Recorded()
    session.run(commands, f"help {name}")
    page = capsys.readouterr().out
    assert page.startswith("Usage: ")
    session.run(commands, "help")
    listed = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    assert listed[name].endswith((".", "..."))
    assert ("MeterLost" in page) is (name == "send")


def test_a_live_top_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """AC-4: at the prompt until Ctrl-C, each frame on a clean screen."""
    echoed: list[str] = []
    monkeypatch.setattr(click, "echo", lambda text, **_: echoed.append(text))
    session = Recorded(live=True)
    session.run(commands, "top")
    assert session.asked[0][2]["count"] > 1000
    assert echoed == [SCREEN_CLEARED]


def test_the_shell_can_be_left() -> None:
    with pytest.raises(Leave):
        Recorded().run(commands, "quit")
