"""The revisions of a running site: looked up at its actors, put in force through them."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from threading import Lock

from actors.messages import (
    AppendRevision,
    ApplyRevision,
    AskFailed,
    GetRevision,
    ListRevisions,
    NewestRevision,
    RecordEvent,
    RevisionRecord,
)
from evce.configuration.document import SiteDocument
from evce.configuration.revisions import parse_json
from evce.errors import RevisionConflictError
from evce.units import Seconds
from web.site import Ask, NoAnswerError, Tell

__all__ = ["InForce", "RunningRevisions", "document_of"]

PATIENCE: Seconds = 5.0
"""For an actor to answer, and for a revision to come into force."""

TELL_AGAIN: Seconds = 1.0
"""After this the disk should have taken a revision; a slow card commits in two tenths."""

LOOK_EVERY: Seconds = 0.01

_SHORT: Seconds = 1.0
_ASKED_AGAIN: Seconds = 3.0
_NO_ANSWER = (AskFailed, NoAnswerError)


def _utc_now() -> datetime:
    return datetime.now(UTC)


@lru_cache(maxsize=16)
def document_of(text: str) -> SiteDocument:
    """The document of a stored revision, worked out once. Raises `ConfigurationError`."""
    return parse_json(text)


class RunningRevisions:
    """A `RevisionStore` over a site whose actors run. Safe to use from any thread.

    What is asked and not answered raises what `ask` raises.
    """

    def __init__(self, ask: Ask, tell: Tell, now: Callable[[], datetime] = _utc_now) -> None:
        self._ask = ask
        self._tell = tell
        self.now = now

    def newest(self, patience: Seconds = PATIENCE) -> RevisionRecord:
        """The revision in force."""
        record = self._ask("site", GetRevision(), patience)
        if not isinstance(record, RevisionRecord):
            raise NoAnswerError("site")
        return record

    def history(self) -> Sequence[RevisionRecord]:
        """All revisions, newest first."""
        records = self._ask("recorder", ListRevisions(), PATIENCE)
        if not isinstance(records, list | tuple):
            raise NoAnswerError("recorder")
        return [record for record in records if isinstance(record, RevisionRecord)]

    def append(self, record: RevisionRecord) -> None:
        """Put a revision in force; returns once it is, and is on disk, and notes it in the audit log.

        Raises `RevisionConflictError` when somebody was faster, `TimeoutError` when it did not come into
        force or was not kept in time.
        """
        self._tell("site", ApplyRevision(record))
        self._wait_for(record)
        self._wait_until_kept(record)
        text = f"configuration revision {record.number}: {record.comment}"
        self._tell("recorder", RecordEvent(self.now(), "EVCE", "audit", text, record.author))

    def _wait_for(self, record: RevisionRecord) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                in_force = self.newest()
            except _NO_ANSWER:
                continue
            if in_force.number > record.number or (in_force.number == record.number and in_force != record):
                raise RevisionConflictError(
                    f"revision {in_force.number} by {in_force.author} came first; compare and try again"
                )
            if in_force == record:
                return
            time.sleep(LOOK_EVERY)
        raise TimeoutError(f"revision {record.number} is not in force after {PATIENCE:g} s; the log says why")

    def _wait_until_kept(self, record: RevisionRecord) -> None:
        """The disk has it too: whoever asks for the history next sees it, also after a restart.

        A recorder that died meanwhile lost what waited for it, so it is told again; it keeps a number only
        once.
        """
        deadline = time.monotonic() + PATIENCE
        told = 0.0
        while time.monotonic() < deadline:
            try:
                newest = self._ask("recorder", NewestRevision(), PATIENCE)
            except _NO_ANSWER:
                newest = None
            if isinstance(newest, RevisionRecord) and newest.number >= record.number:
                return
            if time.monotonic() - told > TELL_AGAIN:
                told = time.monotonic()
                self._tell("recorder", AppendRevision(record))
            time.sleep(LOOK_EVERY)
        raise TimeoutError(f"revision {record.number} is in force but not on disk; the log says why")


class InForce:
    """The document in force for pages that only look: asked for again when its number has changed.

    While the site actor is silent the last one known is handed out, and nobody waits for it each time.
    """

    def __init__(self, revisions: RunningRevisions) -> None:
        self._revisions = revisions
        self._known: RevisionRecord | None = None
        self._silent_until = 0.0
        self._lock = Lock()

    def document(self, number: int) -> SiteDocument | None:
        """The document in force, `number` being the revision that a snapshot shows; None while unknown."""
        with self._lock:
            known = self._known
            ask = (known is None or known.number != number) and time.monotonic() >= self._silent_until
            if ask:  # of many browsers one asks
                self._silent_until = time.monotonic() + _ASKED_AGAIN
        if ask:
            try:
                known = self._revisions.newest(_SHORT)
            except _NO_ANSWER:
                return None if known is None else document_of(known.document)
            with self._lock:
                self._known = known
                self._silent_until = 0.0
        return None if known is None else document_of(known.document)
