"""A running EVCE starts anew as another release, and comes back from one that doesn't run."""

import socket
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evce.release.course import BASE
from evce.release.shelf import ReleaseShelf
from tests.conftest import TIMEOUT_FACTOR
from tests.evce.release.test_shelf import put
from tests.integration.process import Process
from tools.control.client import control

GOOD = "from tools.cli import main\nmain()\n"
BROKEN = "import sys\nsys.exit('no such module')\n"


def release(data: Path, version: str, program: str) -> None:
    """A release that is the same EVCE, or a broken one."""
    found = put(ReleaseShelf(data), version)
    found.python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    found.python.chmod(0o700)
    found.program.write_text(program)


def want(data: Path, version: str) -> None:
    """As the page and the command line do."""
    ReleaseShelf(data).change(lambda course: course.wanted(version, "olivia", datetime.now(UTC)))
    control(data, "start_anew", author="olivia")


def program_of(process: Process) -> str:
    return Path(f"/proc/{process.process.pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


@pytest.fixture
def processes() -> Iterator[list[Process]]:
    started: list[Process] = []
    yield started
    for process in started:
        process.kill()


def test_another_release_takes_over_in_the_same_process(tmp_path: Path, processes: list[Process]) -> None:
    """SR-3, SR-4: the service manager sees one that went on, and has patience meanwhile."""
    data = tmp_path / "data"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(30 * TIMEOUT_FACTOR)
        process = Process(tmp_path, notify=tmp_path / "notify")
        processes.append(process)
        process.ready()
        release(data, "7.0.0", GOOD)
        want(data, "7.0.0")
        told: list[bytes] = []
        while sum(state.startswith(b"READY=1") for state in told) < 2:
            told.append(manager.recv(200))
    assert b"STOPPING=1" not in told
    assert [b"RELOADING=1" in state for state in told if not state.startswith(b"WATCHDOG")] == [
        False,
        True,
        False,
    ]
    assert "releases/7.0.0" in program_of(process)
    assert answers(data)
    trial = ReleaseShelf(data).course().trial
    assert trial is not None
    assert trial.starts == 1
    assert process.process.poll() is None


def test_a_release_that_doesn_t_run_is_left_again(tmp_path: Path, processes: list[Process]) -> None:
    """SR-4: by the third start of it, and the log of events says so."""
    data = tmp_path / "data"
    process = Process(tmp_path)
    processes.append(process)
    process.ready()
    release(data, "7.0.0", BROKEN)
    want(data, "7.0.0")
    assert process.process.wait(30) == 1
    again = Process(tmp_path)  # as the service manager would
    processes.append(again)
    assert again.process.wait(30) == 1
    third = Process(tmp_path)
    processes.append(third)
    third.ready()
    course = ReleaseShelf(data).course()
    assert (course.to_run, course.trial) == (BASE, None)
    assert course.last is not None
    assert course.last.told
    assert answers(data)


def answers(data: Path) -> bool:
    try:
        return bool(control(data, "actors")["actors"])
    except OSError:
        return False
