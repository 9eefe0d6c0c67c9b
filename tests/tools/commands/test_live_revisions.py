"""The revisions of a site whose daemon is running."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from evce.configuration.document import SiteDocument
from evce.configuration.revisions import next_revision
from tools.commands.live_revisions import LiveRevisions
from tools.commands.revision_database import RevisionDatabase
from tools.control.client import ControlError
from tools.control.server import ControlServer
from tools.data_folder import DataFolder

NOW = datetime(2026, 3, 29, tzinfo=UTC)


def test_revisions_are_read_from_the_disk_and_handed_to_the_daemon(tmp_path: Path) -> None:
    """CF-1: one way into a running site; what the daemon refuses is told in its words."""
    document = SiteDocument.parse({"site": {"name": "x"}})
    first = next_revision(None, document, author="ann", comment="", now=NOW)
    with DataFolder(tmp_path).write(NOW) as store:
        RevisionDatabase(store).append(first)
    asked: list[Mapping[str, Any]] = []

    def apply(request: Mapping[str, Any]) -> dict[str, Any]:
        asked.append(request)
        if len(asked) > 1:
            raise ValueError("revision 2 by bob came first")
        return {"revision": 2}

    server = ControlServer(tmp_path, {"apply": apply})
    server.start()
    try:
        with DataFolder(tmp_path).read(NOW) as store:
            revisions = LiveRevisions(store, tmp_path)
            assert revisions.newest() == first
            second = next_revision(first, document, author="eve", comment="why", now=NOW)
            revisions.append(second)
            with pytest.raises(ControlError, match="revision 2 by bob came first"):
                revisions.append(second)
            assert list(revisions.history()) == [first]
    finally:
        server.stop()
    assert asked[0]["document"] == second.document
    assert (asked[0]["author"], asked[0]["comment"], asked[0]["based_on"]) == ("eve", "why", 1)
