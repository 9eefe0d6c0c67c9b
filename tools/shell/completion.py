"""Completes what is typed at the debug shell: commands, options, and the names of the running site."""

import shlex
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import click
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from evce.errors import EvceError
from tools.shell.answers import Names
from tools.shell.commands import Named, commands

__all__ = ["NamesCompleter", "candidates"]

FRESH_S = 5.0
"""Seconds for which names are believed; stations don't come and go more often than that."""


class NamesCompleter(Completer):
    """Asks `names` at most every few seconds; completes without it what needs no daemon."""

    def __init__(self, names: Callable[[], Names], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._ask, self._monotonic = names, monotonic
        self._names = Names()
        self._asked_at = float("-inf")

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:  # noqa: ARG002
        """Candidates that begin with, or else contain, the word before the cursor."""
        typed = document.text_before_cursor
        word = "" if typed[-1:].isspace() else typed.split(" ")[-1]
        known = list(candidates(_words(typed, word), self._fresh()))
        starting = [each for each in known if each.startswith(word)]
        for each in starting or [each for each in known if word.lower() in each.lower()]:
            yield Completion(each, start_position=-len(word))

    def _fresh(self) -> Names:
        now = self._monotonic()
        if now - self._asked_at > FRESH_S:
            self._asked_at = now
            try:
                self._names = self._ask()
            except (EvceError, ValueError):
                return self._names  # the command itself will tell that nobody answers
        return self._names


def candidates(before: Sequence[str], names: Names) -> Iterator[str]:
    """What may come after these complete words."""
    if not before or before == ["help"]:
        yield from commands.commands
        return
    command = commands.commands.get(before[0])
    if command is None:
        return
    options = {name: each for each in command.params if isinstance(each, click.Option) for name in each.opts}
    if before[-1] in options and len(before) > 1:
        yield from _of_type(options[before[-1]].type, before, names)
        return
    places = [each for each in command.params if isinstance(each, click.Argument)]
    taken = [
        word
        for place, word in enumerate(before[1:], 1)
        if word not in options and before[place - 1] not in options
    ]
    if len(taken) < len(places):
        yield from _of_type(places[len(taken)].type, before, names)
    elif places and places[-1].nargs == -1:
        yield from _of_type(places[-1].type, before, names)
    yield from options


def _of_type(kind: click.ParamType[Any], before: Sequence[str], names: Names) -> Iterator[str]:
    if isinstance(kind, click.Choice):
        yield from kind.choices
    elif isinstance(kind, Named):
        match kind.kind:
            case "actors":
                yield from names.actors
            case "zones":
                yield from names.zones
            case "connectors":
                yield from names.connectors
            case "messages":
                yield from names.messages
            case "fields" if len(before) > 2:
                given = {word.partition("=")[0] for word in before[3:]}
                fields = (field.strip("[]") for field in names.messages.get(before[2], ()))
                yield from (f"{field}=" for field in fields if field not in given)


def _words(typed: str, last: str) -> list[str]:
    """The complete words before the one that is being typed."""
    whole = typed[: len(typed) - len(last)]
    try:
        return shlex.split(whole)
    except ValueError:  # within quotes
        return whole.split()
