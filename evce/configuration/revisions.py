"""The history of a document: canonical text, what differs between two, the next revision, the way back."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from evce.configuration.capacity import check_capacity
from evce.configuration.document import SiteDocument
from evce.configuration.proven import proven
from evce.configuration.refusals import name_of
from evce.errors import ConfigurationError, Refusal, RevisionConflictError, UnknownRevisionError, shown
from evce.records import RevisionRecord

__all__ = [
    "Change",
    "RevisionStore",
    "canonical_json",
    "difference",
    "next_revision",
    "parse_json",
    "revision_numbered",
    "rolled_back",
    "time_zone_of",
]


class RevisionStore(Protocol):
    """Where revisions are kept; numbers rise by one, nothing is ever changed or removed."""

    def newest(self) -> RevisionRecord | None:
        """The revision in force, None before the first."""

    def history(self) -> Sequence[RevisionRecord]:
        """All revisions, newest first."""

    def append(self, record: RevisionRecord) -> None:
        """Keep a revision; `RevisionConflictError` unless its number is the newest plus one."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two documents.

    `path` is for people: things go by their id, as in ``zones[garage].maximum_a``. `before` is None for
    what is new, `after` for what is gone; a whole thing that is new or gone is one change.
    """

    path: str
    before: Any
    after: Any

    def __str__(self) -> str:
        match self.before, self.after:
            case None, after:
                return f"+ {self.path}: {_summary(after)}"
            case before, None:
                return f"- {self.path}: {_summary(before)}"
            case before, after:
                return f"  {self.path}: {shown(before)} → {shown(after)}"


def _summary(value: Any) -> str:
    if not isinstance(value, Mapping):
        return shown(value)
    return ", ".join(
        f"{key} {shown(item)}"
        for key, item in value.items()
        if isinstance(item, str | int | float) and item != ""
    )


def canonical_json(document: SiteDocument) -> str:
    """The one text of a document: equal documents have equal texts."""
    return json.dumps(
        document.plain(), ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    )


def parse_json(text: str) -> SiteDocument:
    """The document of a stored revision. Raises `ConfigurationError`, also for what isn't JSON."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else None
        refusal = Refusal((), "the document", None, f"must be JSON: {error}", line=line)
        raise ConfigurationError([refusal]) from None
    return SiteDocument.parse(data)


def difference(before: SiteDocument, after: SiteDocument) -> tuple[Change, ...]:
    """What changes from one document to the other, in the order of the document; empty only for equals."""
    return tuple(_changes("", before.plain(), after.plain()))


def _changes(path: str, before: Any, after: Any) -> Iterator[Change]:
    if before == after:
        return
    match before, after:
        case dict(), dict():
            for key in (*before, *(key for key in after if key not in before)):
                yield from _changes(f"{path}.{key}" if path else key, before.get(key), after.get(key))
        case list(), list() if _holds_things(before) or _holds_things(after):
            yield from _changes_of_things(path, _by_name(before), _by_name(after))
        case _:
            yield Change(path, before, after)


def _changes_of_things(path: str, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    for name in (*before, *(name for name in after if name not in before)):
        yield from _changes(f"{path}[{name}]", before.get(name), after.get(name))
    order_before = [name for name in before if name in after]
    order_after = [name for name in after if name in before]
    if order_before != order_after:
        yield Change(f"{path} (order)", order_before, order_after)


def _holds_things(items: Sequence[Any]) -> bool:
    return any(isinstance(item, dict) for item in items)


def _by_name(things: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {name_of(thing) or f"#{number}": thing for number, thing in enumerate(things, start=1)}


def next_revision(
    newest: RevisionRecord | None,
    document: SiteDocument,
    *,
    author: str,
    comment: str,
    now: datetime,
    based_on: int | None = None,
    accept_unproven: bool = False,
    identifier: str = "",
) -> RevisionRecord:
    """The revision that puts this document in force.

    `based_on` is the number that the author started from: `RevisionConflictError` when another one is in
    force by now, so that two people can't undo each other unseen. `now` is aware. A document under which a
    fuse doesn't hold whatever communication is lost raises `UnprovenError`, unless the author accepts
    it: then the comment says so, for the history and the audit log. A site that grows beyond its licence
    raises `ConfigurationError`; `identifier` is that of this EVCE, for which a new licence must be.
    """
    number = newest.number if newest is not None else 0
    if based_on is not None and based_on != number:
        raise RevisionConflictError(
            f"revision {number} is in force by now, the change was made to revision {based_on}: look at what "
            "differs and apply it again"
        )
    if document.site.licence:
        check_capacity(_in_force(newest), document, identifier)
    return RevisionRecord(
        number + 1, canonical_json(document), author, proven(document, comment, accept_unproven), now
    )


def _in_force(newest: RevisionRecord | None) -> SiteDocument | None:
    """Its document; None where there is none, or this release can't read it any more."""
    try:
        return None if newest is None else parse_json(newest.document)
    except ConfigurationError:
        return None


def time_zone_of(revision: RevisionRecord) -> ZoneInfo:
    """Return the site's time zone; of a revision, whose document was checked before it was kept."""
    return ZoneInfo(json.loads(revision.document)["site"]["time_zone"])


def revision_numbered(history: Sequence[RevisionRecord], number: int) -> RevisionRecord:
    """The revision with this number. Raises `UnknownRevisionError`."""
    for record in history:
        if record.number == number:
            return record
    there_are = (
        f"there are 1 to {max(record.number for record in history)}" if history else "there is none yet"
    )
    raise UnknownRevisionError(f"no revision {number}: {there_are}")


def rolled_back(
    history: Sequence[RevisionRecord],
    number: int,
    *,
    author: str,
    now: datetime,
    accept_unproven: bool = False,
) -> RevisionRecord:
    """A new revision with the document of an old one; nothing of the history is lost.

    Raises `UnknownRevisionError`, and `ConfigurationError` when this release refuses the old document.
    """
    old = revision_numbered(history, number)
    newest = max(history, key=lambda record: record.number)
    return next_revision(
        newest,
        parse_json(old.document),
        author=author,
        comment=f"back to revision {number}",
        now=now,
        accept_unproven=accept_unproven,
    )
