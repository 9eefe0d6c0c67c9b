"""Servers as processes of their own."""

import os
import select
import subprocess
import sys
from collections.abc import Callable
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


def test_no_server_outlives_a_benchmark_that_was_killed(patience: Callable[[float], float]) -> None:
    program = (
        "from tools.benchmarks.servers import running_rival\n"
        f"with running_rival('bare', {cores().server}) as server:\n"
        "    print(server.process.pid, flush=True)\n"
        "    input()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as benchmark:
        assert benchmark.stdout is not None
        server = os.pidfd_open(int(benchmark.stdout.readline()))
        try:
            benchmark.kill()
            assert select.select([server], [], [], patience(20.0))[0]
        finally:
            os.close(server)


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
