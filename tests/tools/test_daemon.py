"""Tests of the daemon in this very process."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from actors.messages import SITE_TIME, GetSnapshot, SetSiteTime
from actors.runtime import SystemClock
from actors.time_file import TimeFile
from evce.configuration.revisions import next_revision
from evce.records import RevisionRecord
from evce.site_time import KeptTime, TimeSource
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
        clock = daemon.runtime.clock
        later = clock.machine().host + timedelta(hours=1)
        daemon.runtime.tell(SITE_TIME, SetSiteTime("one", later, TimeSource.PERSON, "anna"))
        until(lambda: clock.corrected, patience(5))
    finally:
        daemon.stop()
    daemon.stop()
    assert not [thread for thread in threading.enumerate() if thread.name in ("gateway", "web-server")]
    assert ahead(Daemon(folder, revision(), HERE)) == pytest.approx(3600.0, abs=2.0), "CPO-4: kept"


def ahead(daemon: Daemon) -> float:
    """How far the site's time is ahead of the host's clock; ends the runtime."""
    site, machine = daemon.runtime.clock.look()
    daemon.runtime.close(1.0)
    return (site - machine.host).total_seconds()


@pytest.mark.parametrize(("source", "counts"), [(TimeSource.PERSON, True), (TimeSource.OPERATOR, False)])
def test_the_correction_of_an_earlier_process_counts_while_its_source_does(
    folder: DataFolder, source: TimeSource, counts: bool
) -> None:
    """CPO-4: the demo has no operator who could tell the time; from the first moment on."""
    machine = SystemClock().machine()
    TimeFile(folder.path).keep(KeptTime(source, machine.host - timedelta(minutes=5), machine))
    assert ahead(Daemon(folder, revision(), HERE)) == pytest.approx(-300.0 if counts else 0.0, abs=0.1)


def test_told_to_end_before_it_has_started_it_listens_nowhere(folder: DataFolder) -> None:
    """AC-3: a stop during the start."""
    ended = threading.Event()
    ended.set()
    daemon = Daemon(folder, revision(), HERE, ended)
    daemon.start()
    assert (daemon.ocpp_port, daemon.web_port) == (0, 0)
    daemon.stop()
