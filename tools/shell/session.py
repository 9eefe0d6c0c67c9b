"""One engineer at the debug shell: asks the daemon, shows its answers, and keeps from writing by accident."""

import json
import shlex
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import click

from tools.control.client import control, follow
from tools.shell.answers import Done, Names, from_json, to_json
from tools.shell.rendering import text

__all__ = ["Session"]

Answer = TypeVar("Answer")

LONGEST_ANSWER_S = 30.0
"""Seconds: an audited write waits for the disk, and an actor asked on its behalf for its turn."""


class Session:
    """`write` allows what changes something, `as_json` is for machines.

    `live`: a person is there, who is asked before each write and sees pictures that move.
    """

    def __init__(
        self,
        data: Path,
        author: str,
        *,
        write: bool = False,
        live: bool = False,
        as_json: bool = False,
    ) -> None:
        self._data, self._author = data, author
        self._write, self._as_json = write, as_json
        self.live = live and not as_json
        self._asks_first = live

    @property
    def data(self) -> Path:
        """The data folder of the daemon."""
        return self._data

    @property
    def may_write(self) -> bool:
        """Whether it was started with `--write`."""
        return self._write

    def ask(self, kind: type[Answer], do: str, **arguments: Any) -> Answer:
        """The daemon's answer. Raises `ControlError`."""
        return from_json(kind, control(self._data, do, timeout=LONGEST_ANSWER_S, **arguments))

    def follow(self, kind: type[Answer], do: str, **arguments: Any) -> Iterator[Answer]:
        """The daemon's answers as they come, until the last one or Ctrl-C."""
        with closing(follow(self._data, do, timeout=_patience(arguments), **arguments)) as answers:
            try:
                for answer in answers:
                    yield from_json(kind, answer)
            except KeyboardInterrupt:
                return

    def write(self, question: str, do: str, **arguments: Any) -> None:
        """Have the daemon change something, and show what was done.

        Raises `click.UsageError` in a read-only shell.
        """
        if not self._write:
            raise click.UsageError(
                "this shell only reads; `evce shell --write` starts one that may change things"
            )
        if self._asks_first and not click.confirm(f"{question}?"):
            click.echo("nothing was done")
            return
        self.show(self.ask(Done, do, author=self._author, **arguments))

    def show(self, answer: Any) -> None:
        """Print an answer: text for a person, one JSON object a line for a machine."""
        click.echo(json.dumps(to_json(answer), ensure_ascii=False) if self._as_json else text(answer))

    def names(self) -> Names:
        """What can be named."""
        return self.ask(Names, "names")

    def run(self, commands: click.Group, line: str) -> None:
        """Run one line. Raises `click.ClickException`, `click.exceptions.Exit` or `EvceError` as it went."""
        try:
            words = shlex.split(line, comments=True)
        except ValueError as error:
            raise click.UsageError(f"{line!r}: {str(error).lower()}") from error
        if words:
            commands.main(words, prog_name="", standalone_mode=False, obj=self)


def _patience(arguments: dict[str, Any]) -> float:
    """A trace may be silent for as long as it takes."""
    return 60.0 + float(arguments.get("seconds") or 600.0)
