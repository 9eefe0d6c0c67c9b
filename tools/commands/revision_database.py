"""The revisions of a site in its database, for commands that work on the data folder."""

from collections.abc import Sequence

from evce.records import EventRecord, RevisionRecord
from evce.storage.store import Store

__all__ = ["RevisionDatabase"]


class RevisionDatabase:
    """A `RevisionStore` over an open store; keeps the line of the audit log together with the revision."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def newest(self) -> RevisionRecord | None:
        return self._store.newest_revision()

    def history(self) -> Sequence[RevisionRecord]:
        return self._store.revisions()

    def append(self, record: RevisionRecord) -> None:
        line = EventRecord(
            at=record.created_at,
            device="EVCE",
            type="audit",
            message=f"configuration revision {record.number}: {record.comment or 'no comment'}",
            author=record.author,
        )
        with self._store.group():
            self._store.append_revision(record)
            self._store.append_events([line])
