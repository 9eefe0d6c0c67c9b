"""The errors that EVCE raises on purpose, each of them also a builtin kind.

::

    EvceError
    ├── ConfigurationError (ValueError)          a site document is refused; `refusals` tells all of them
    │   └── UnprovenError                        it has no mistakes, but a fuse may not hold; may be accepted
    ├── RevisionError                            about the history of the document
    │   ├── UnknownRevisionError (LookupError)   no revision has that number
    │   └── RevisionConflictError (RuntimeError) somebody else changed the document meanwhile
    └── StorageError (OSError)                   the data folder can't be read or written; evce.storage.errors
                                                 tells apart what has to happen next
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

__all__ = [
    "ConfigurationError",
    "EvceError",
    "Refusal",
    "RevisionConflictError",
    "RevisionError",
    "StorageError",
    "UnknownRevisionError",
    "UnprovenError",
    "shown",
]

_SHOWN_VALUE_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that is wrong with a document: which field, which value, and what would be right.

    `path` leads through the document as read (keys and 0-based positions), `field` is the same for
    people (``zones[garage].maximum_a``). `value` is None where nothing was given. `allowed` says what
    it must be, `suggestion` what was probably meant. `line` is that of the file, None without a file.
    """

    path: tuple[str | int, ...]
    field: str
    value: object
    allowed: str
    suggestion: str = ""
    line: int | None = None

    def at_line(self, line: int | None) -> "Refusal":
        """The same, found at this line of a file."""
        return replace(self, line=line)

    def __str__(self) -> str:
        where = f"line {self.line}: " if self.line is not None else ""
        value = f" = {shown(self.value)}" if self.value is not None else ""
        hint = f'; did you mean "{self.suggestion}"?' if self.suggestion else ""
        return f"{where}{self.field}{value}: {self.allowed}{hint}"


class EvceError(Exception):
    """Base of every error that EVCE raises on purpose."""


class ConfigurationError(EvceError, ValueError):
    """A site document is refused as a whole; `refusals` holds everything that is wrong with it."""

    def __init__(self, refusals: Iterable[Refusal]) -> None:
        self.refusals = tuple(refusals)
        super().__init__("\n".join(str(refusal) for refusal in self.refusals))

    def __reduce__(self) -> tuple[type["ConfigurationError"], tuple[tuple[Refusal, ...]]]:
        return (type(self), (self.refusals,))


class UnprovenError(ConfigurationError):
    """With communication lost, a fuse may not hold; a named person may accept that (`accept_unproven`)."""


class RevisionError(EvceError):
    """Base of what can go wrong with the history of the site document."""


class UnknownRevisionError(RevisionError, LookupError):
    """No revision has the number that was asked for."""


class RevisionConflictError(RevisionError, RuntimeError):
    """The document was changed by somebody else after it was read; nothing was stored."""


class StorageError(EvceError, OSError):
    """The data folder can't be read or written."""


def shown(value: object) -> str:
    """A value as people write it, cut to a length that fits a line."""
    match value:
        case bool():
            text = str(value).lower()
        case str():
            text = f'"{value}"'
        case dict():
            text = "{ … }"
        case float() if value.is_integer():
            text = str(int(value))
        case list() | tuple():
            text = "[" + ", ".join(shown(item) for item in value) + "]"
        case _:
            text = str(value)
    return text if len(text) <= _SHOWN_VALUE_LENGTH else text[: _SHOWN_VALUE_LENGTH - 1] + "…"
