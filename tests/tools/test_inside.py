"""Tests of what a report tells of its process."""

import logging
import os
from pathlib import Path

from actors.runtime import SimulatedRuntime
from tools.data_folder import DataFolder
from tools.inside import LINES, Insider
from tools.log import RecentLines


def test_it_tells_of_this_process_its_disk_and_its_log(tmp_path: Path) -> None:
    """LG-2"""
    folder = DataFolder(tmp_path)
    folder.database.write_bytes(b"x" * 1000)
    (tmp_path / "evce.db-wal").write_bytes(b"x" * 10)
    recent = RecentLines()
    for number in range(LINES + 1):
        recent.emit(logging.LogRecord("actors.meter", logging.WARNING, "", 0, "line %d", (number,), None))
    found = Insider(SimulatedRuntime(), folder, recent).look()
    assert found.database == {"evce.db": 1000, "evce.db-wal": 10}
    assert [found.log[0].message, found.log[-1].message] == ["line 1", f"line {LINES}"]
    assert (found.log[0].level, found.log[0].logger) == ("warning", "actors.meter")
    host = found.host
    assert host.pid == os.getpid()
    assert 0 < host.disk_free <= host.disk_total
    assert 0 < host.memory_available <= host.memory_total
    assert host.host_up >= host.process_up > 0
    assert found.actors == ()
