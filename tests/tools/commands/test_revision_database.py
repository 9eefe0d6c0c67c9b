"""The revisions of a site in its database."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from evce.configuration.document import SiteDocument
from evce.configuration.revisions import RevisionStore, next_revision
from evce.errors import RevisionConflictError
from tools.commands.revision_database import RevisionDatabase
from tools.data_folder import DataFolder

NOW = datetime(2026, 3, 29, tzinfo=UTC)


def test_revisions_are_kept_in_order_and_a_gap_leaves_nothing(tmp_path: Path) -> None:
    """CF-1, LG-1: revision and audit line are one transaction."""
    document = SiteDocument.parse({"site": {"name": "x"}})
    first = next_revision(None, document, author="ann", comment="", now=NOW)
    second = next_revision(first, document, author="bob", comment="why", now=NOW)
    with DataFolder(tmp_path).write(NOW) as store:
        revisions: RevisionStore = RevisionDatabase(store)
        assert (revisions.newest(), list(revisions.history())) == (None, [])
        with pytest.raises(RevisionConflictError):
            revisions.append(second)
        assert (revisions.newest(), store.list_events()) == (None, [])
        revisions.append(first)
        revisions.append(second)
        assert revisions.newest() == second
        assert list(revisions.history()) == [second, first]
        assert [event.message for event in store.list_events()] == [
            "configuration revision 2: why",
            "configuration revision 1: no comment",
        ]
