"""Tests of completion at the prompt."""

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from tools.control.client import ControlError
from tools.shell.answers import Names
from tools.shell.commands import commands
from tools.shell.completion import FRESH_S, NamesCompleter

NAMES = Names(
    ("supervisor", "station/CP-1", "station/CP-2", "zone/main"),
    ("main", "garage"),
    ("CP-1/1", "CP-1/2"),
    {"MeterLost": ("meter", "since", "[raises_only]"), "MeterSampled": ("meter",), "Settle": ()},
)


class Daemon:
    """Counts how often it is asked for names; not there when `gone`."""

    def __init__(self) -> None:
        self.now, self.asked, self.gone = 0.0, 0, False

    def names(self) -> Names:
        self.asked += 1
        if self.gone:
            raise ControlError("no daemon answers")
        return NAMES


def completed(typed: str, daemon: Daemon | None = None, completer: NamesCompleter | None = None) -> list[str]:
    daemon = daemon or Daemon()
    completer = completer or NamesCompleter(daemon.names, lambda: daemon.now)
    return [each.text for each in completer.get_completions(Document(typed), CompleteEvent())]


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("tr", ["tree", "trace"]),
        ("help res", ["resume", "restart"]),
        ("inspect station/", ["station/CP-1", "station/CP-2"]),
        ("inspect cp-2", ["station/CP-2"]),
        ("inspect zone/main ", []),
        ("why CP", ["CP-1/1", "CP-1/2"]),
        ("pledges ", ["main", "garage"]),
        ("trace z", ["zone/main"]),
        ("trace --type M", ["MeterLost", "MeterSampled"]),
        ("trace --type Settle st", ["station/CP-1", "station/CP-2"]),
        ("trace zone/main --", ["--type", "--count", "--for"]),
        ("kill zone/main --how ", ["exception", "exit"]),
        ("send zone/main Meter", ["MeterLost", "MeterSampled"]),
        ("send zone/main MeterLost ", ["meter=", "since=", "raises_only="]),
        ("send zone/main MeterLost meter=m ra", ["raises_only="]),
        ("send zone/main 'Meter", []),
        ("nonsense ", []),
    ],
)
def test_what_fits_here_is_offered(typed: str, offered: list[str]) -> None:
    """AC-4: commands, options, and the names of the running site."""
    assert completed(typed) == offered


def test_an_empty_line_offers_every_command() -> None:
    assert completed("") == list(commands.commands)


def test_the_daemon_is_not_asked_at_every_key() -> None:
    """AC-4: completion must not slow it."""
    daemon = Daemon()
    completer = NamesCompleter(daemon.names, lambda: daemon.now)
    for typed in ("inspect s", "inspect st", "inspect sta"):
        completed(typed, daemon, completer)
    assert daemon.asked == 1
    daemon.now += FRESH_S + 1
    daemon.gone = True
    assert completed("inspect z", daemon, completer) == ["zone/main"]
    assert daemon.asked == 2


def test_without_a_daemon_commands_are_completed() -> None:
    daemon = Daemon()
    daemon.gone = True
    assert completed("ins", daemon) == ["inspect"]
    assert completed("inspect ", daemon) == []
