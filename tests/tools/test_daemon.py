"""Tests of the daemon in this very process."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from actors.messages import GetSnapshot
from evce.configuration.revisions import next_revision
from evce.records import RevisionRecord
from evce.views import SiteSnapshot
from tests.integration.house import until
from tools.daemon import Daemon, Endpoints
from tools.data_folder import DataFolder
from tools.demo import demo_document

Patience = Callable[[float], float]
HERE = Endpoints("127.0.0.1", 0, 0)


def revision() -> RevisionRecord:
    return next_revision(
        None, demo_document(), author="test", comment="", now=datetime(2026, 1, 1, tzinfo=UTC)
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DataFolder]:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    folder = DataFolder(tmp_path / "data")
    with folder.hold():
        yield folder


def test_a_repair_before_the_start_is_an_alarm(
    folder: DataFolder, patience: Callable[[float], float]
) -> None:
    """SR-2, LG-1: nobody may miss that something is gone; the whole tree of the demo site runs."""
    daemon = Daemon(folder, revision(), HERE, recovery="The database was damaged.")
    try:
        daemon.start()

        def shown() -> SiteSnapshot:
            found = daemon.runtime.ask("view", GetSnapshot(), patience(2))
            assert isinstance(found, SiteSnapshot)
            return found

        until(lambda: "database_restored" in {alarm.code for alarm in shown().alarms}, patience(10))
        until(lambda: all(actor.state == "running" for actor in shown().actors.values()), patience(10))
        assert {f"zone/{zone.id}" for zone in demo_document().zones} <= shown().actors.keys()
        assert daemon.ocpp_port != 0
        assert daemon.credentials is not None
    finally:
        daemon.stop()
    daemon.stop()
    assert not [thread for thread in threading.enumerate() if thread.name in ("gateway", "web-server")]


def test_told_to_end_before_it_has_started_it_listens_nowhere(folder: DataFolder) -> None:
    """AC-3: a stop during the start."""
    ended = threading.Event()
    ended.set()
    daemon = Daemon(folder, revision(), HERE, ended)
    daemon.start()
    assert (daemon.ocpp_port, daemon.web_port) == (0, 0)
    daemon.stop()
