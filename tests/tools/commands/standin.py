"""A stand-in for the daemon at the control socket: what the commands asked it, and what it answers."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tools.control.server import ControlServer

__all__ = ["standing_in"]


@contextmanager
def standing_in(folder: Path, answers: Mapping[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """Answers each deed with what is given for it (an exception is raised); yields the requests.

    A list is answered as a stream.
    """
    asked: list[dict[str, Any]] = []

    def iter_of(lines: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        yield from lines

    def deed(name: str) -> Any:
        def answer(request: Mapping[str, Any]) -> Any:
            asked.append(dict(request))
            given = answers[name]
            if isinstance(given, Exception):
                raise given
            return iter_of(given) if isinstance(given, list) else dict(given)

        return answer

    server = ControlServer(folder, {name: deed(name) for name in answers})
    server.start()
    try:
        yield asked
    finally:
        server.stop()
