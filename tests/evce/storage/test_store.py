"""Whatever was acknowledged is there after a kill, and a group is kept as a whole or not at all."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from evce.records import EventRecord, PledgeRecord
from evce.storage import StorageUnavailableError, Store
from evce.units import BoxIdentity, ConnectorKey
from tests.evce.storage.builders import CP1, NOW, Disk, later, start, stop

ROOT = Path(__file__).resolve().parents[3]

WRITER = """
import sys
from evce.records import PledgeRecord
from evce.storage import open_store
from tests.evce.storage.builders import CP1, NOW, later, start, stop

store = open_store(sys.argv[1], NOW)
step = int(sys.argv[2])
while True:
    step += 1
    session = start(store, started_at=later(step)).session
    print("start", step, session.transaction, flush=True)
    if step % 2:
        stop(store, session.transaction, meter_stop=2000.0 + step)
        print("stop", step, session.transaction, flush=True)
    with store.group():
        store.commit_pledges(step, [PledgeRecord(CP1, float(step), 60.0, None)], NOW)
    print("pledge", step, 0, flush=True)
"""


def test_what_was_acknowledged_survives_a_kill(path: Path, patience: Callable[[float], float]) -> None:
    """OC-6: killed twice in the middle of writing: nothing acknowledged is lost, no id comes twice."""
    acknowledged: list[tuple[str, int, int]] = []
    step = 0
    for lines in (7, 16):
        command = [sys.executable, "-c", WRITER, str(path), str(step)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as writer:
            assert writer.stdout is not None
            killer = threading.Timer(patience(20), writer.kill)
            killer.start()
            for _ in range(lines):
                kind, number, transaction = writer.stdout.readline().split()
                acknowledged.append((kind, int(number), int(transaction)))
            os.kill(writer.pid, signal.SIGKILL)
            # What it said between the last line read and its death counts as well.
            for line in writer.stdout.read().splitlines(keepends=True):
                if line.endswith("\n"):
                    kind, number, transaction = line.split()
                    acknowledged.append((kind, int(number), int(transaction)))
            killer.cancel()
        step = acknowledged[-1][1] + 1
    with Store(path, NOW) as store:
        kept = {session.transaction: session for session in store.sessions(limit=100_000)}
        pledged = store.pledges()[0].amps
    started = [entry for entry in acknowledged if entry[0] == "start"]
    assert len({transaction for _, _, transaction in started}) == len(started)
    for kind, number, transaction in acknowledged:
        if kind == "start":
            assert kept[transaction].started_at == later(number)
        elif kind == "stop":
            assert kept[transaction].meter_stop == 2000.0 + number
        else:
            assert pledged >= number


def test_a_group_is_one_commit(path: Path) -> None:
    disk = Disk()
    with Store(path, NOW, fault=disk) as store:
        before = disk.commits
        with store.group():
            for number in range(50):
                start(store, started_at=later(number))
            stop(store, 1)
            store.commit_pledges(1, [PledgeRecord(CP1, 6.0, 60.0, None)], NOW)
            store.append_events([EventRecord(NOW, "CP-01", "transaction", "started")])
        assert disk.commits == before + 1
        assert len(store.sessions()) == 50


def start_and_pledge(store: Store, connector: ConnectorKey) -> None:
    with store.group():
        start(store, connector)
        store.commit_pledges(9, [PledgeRecord(CP1, 6.0, 60.0, None)], NOW)


@pytest.mark.parametrize("failing", [1, 2, 3])
def test_a_commit_that_fails_keeps_nothing_of_its_group_and_the_next_works(path: Path, failing: int) -> None:
    """OC-6: no false acknowledgement."""
    Store(path, NOW).close()
    with Store(path, NOW, fault=Disk(failing)) as store:
        for number in range(1, 5):
            connector = ConnectorKey(BoxIdentity("CP-01"), number)
            if number != failing:
                start(store, connector)
                continue
            with pytest.raises(StorageUnavailableError):
                start_and_pledge(store, connector)
        numbers = sorted(session.connector.number for session in store.sessions())
        assert numbers == [number for number in range(1, 5) if number != failing]
        assert (store.pledges(), store.newest_plan()) == ([], 0)


def test_a_really_full_database_is_unavailable_and_still_read(path: Path) -> None:
    with Store(path, NOW) as store:
        start(store)
        with store._engine.connect() as connection:
            driver = connection.connection.driver_connection
            assert driver is not None
            driver.execute("PRAGMA max_page_count = 1")
        with pytest.raises(StorageUnavailableError, match="full"):
            start(store, started_at=later(5), station_name="x" * 100_000)
        assert len(store.sessions()) == 1
        # The connection was made anew after the failure, and with it the limit of this test is gone.
        assert not start(store, started_at=later(5), station_name="x" * 100_000).duplicate


def test_a_store_that_must_not_write_refuses_and_reads_on(path: Path) -> None:
    with Store(path, NOW) as store:
        start(store)
    with Store(path, NOW, read_only=True) as reader:
        assert len(reader.sessions()) == 1
        with pytest.raises(StorageUnavailableError, match="readonly"):
            start(reader, started_at=later(1))
        assert len(reader.sessions()) == 1


def test_a_reader_beside_the_daemon_sees_what_is_committed(path: Path) -> None:
    """CDR-3"""
    with Store(path, NOW) as store, Store(path, NOW, read_only=True) as reader:
        with store.group():
            start(store)
            assert reader.sessions() == []
        assert len(reader.sessions()) == 1
        exported = reader.every_session()
        next(exported)
        start(store, started_at=later(1))
        assert list(exported) == []


def test_probing_writes(path: Path) -> None:
    disk = Disk()
    with Store(path, NOW, fault=disk) as store:
        store.probe()
        disk.full = True
        with pytest.raises(StorageUnavailableError):
            store.probe()
