"""Servers as processes of their own."""

import os
from pathlib import Path

import pytest

from tools.benchmarks import servers
from tools.benchmarks.machine import cores
from tools.benchmarks.servers import Counted, running_daemon, running_rival
from tools.benchmarks.site import bench_site


def test_a_rival_listens_on_its_core_and_ends_with_the_measurement() -> None:
    core = cores().server
    with running_rival("bare", core) as server:
        assert server.port > 0
        assert os.sched_getaffinity(server.process.pid) == {core}
        assert server.usage().memory > 0.0
        assert server.counted() == Counted(0, 0, 0, 0)
    assert server.process.returncode is not None


def test_a_server_that_does_not_start_says_why() -> None:
    with (
        pytest.raises(RuntimeError, match="did not start") as caught,
        running_rival("nonsense", cores().server),
    ):
        pytest.fail("it started")
    assert "KeyError: 'nonsense'" in "".join(caught.value.__notes__)


def test_the_daemon_runs_and_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """AC-3: the real daemon, not a part of it."""
    # A folder with a short name: the way to a unix socket has 107 characters.
    monkeypatch.setattr(servers.tempfile, "tempdir", "/tmp")
    with running_daemon(bench_site(1, 1), cores().server) as server:
        assert server.data is not None
        assert server.counted().shed == 0
        folder: Path = server.data
    assert server.process.returncode == 0
    assert not folder.exists()
