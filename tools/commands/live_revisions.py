"""The revisions of a site whose daemon is running: read beside it, changed through it."""

from pathlib import Path

from evce.records import RevisionRecord
from evce.storage.store import Store
from tools.commands.revision_database import RevisionDatabase
from tools.control.client import control

__all__ = ["LiveRevisions"]


class LiveRevisions(RevisionDatabase):
    """A `RevisionStore` that reads the database and has the daemon put new revisions in force."""

    def __init__(self, store: Store, data: Path) -> None:
        super().__init__(store)
        self._data = data

    def append(self, record: RevisionRecord) -> None:
        """Returns once the revision is in force. Raises `ControlError` with the daemon's words.

        Whoever made the record has accepted what isn't proven of it; its comment says so.
        """
        control(
            self._data,
            "apply",
            document=record.document,
            author=record.author,
            comment=record.comment,
            based_on=record.number - 1,
            accept_unproven=True,
        )
