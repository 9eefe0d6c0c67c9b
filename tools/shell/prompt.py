"""The debug shell at a terminal: a prompt with completion and a history that lasts."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import click
from prompt_toolkit import PromptSession
from prompt_toolkit.history import FileHistory, History, InMemoryHistory

from evce.errors import EvceError
from tools.shell.commands import Leave, commands
from tools.shell.completion import NamesCompleter
from tools.shell.session import Session

__all__ = ["history_file", "interact", "run_line", "terminal"]


def interact(session: Session, read: Callable[[], str] | None = None) -> None:
    """Read and run lines until Ctrl-D; a mistake in one ends nothing. `read` stands in for the terminal."""
    rights = "may change things" if session.may_write else "reads only"
    click.echo(f"EVCE debug shell on {session.data}, {rights}. `help` lists the commands, Ctrl-D leaves.")
    if read is None:
        read = terminal(session) if sys.stdin.isatty() else input
    while True:
        try:
            line = read()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        try:
            run_line(session, line)
        except Leave:
            return


def run_line(session: Session, line: str) -> int:
    """Run one line; what is wrong with it is told on standard error. Returns the exit code that fits."""
    try:
        session.run(commands, line)
    except click.ClickException as error:
        click.echo(f"Error: {error.format_message()}", err=True)
        return error.exit_code
    except (EvceError, LookupError, ValueError) as error:
        click.echo(f"Error: {error}", err=True)
        return 1
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        return 130
    return 0


def history_file(environment: dict[str, str] | None = None) -> Path:
    """Where the lines are kept from one day to the next (XDG base directories: state)."""
    given = os.environ if environment is None else environment
    state = given.get("XDG_STATE_HOME") or str(
        Path(given.get("HOME") or "~").expanduser() / ".local" / "state"
    )
    return Path(state) / "evce" / "shell-history"


def terminal(session: Session) -> Callable[[], str]:
    """A prompt that completes, and remembers what was typed."""
    prompt: PromptSession[str] = PromptSession(
        "evce (write)> " if session.may_write else "evce> ",
        history=_history(history_file()),
        completer=NamesCompleter(session.names),
        complete_in_thread=True,
        complete_while_typing=False,
    )
    return prompt.prompt


def _history(path: Path) -> History:
    """Kept in the file where that can be written."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError:
        return InMemoryHistory()
    return FileHistory(str(path))
