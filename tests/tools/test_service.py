"""Tests of the service manager's stand-in, on small programs in place of the daemon."""

import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.house import until
from tools import service as services
from tools.service import Service

READY = "from tools.notify import notify; import os, sys, time; notify('READY=1'); "
ALIVE = READY + "\nwhile True:\n    notify('WATCHDOG=1'); time.sleep(0.02)"

Make = Callable[..., Service]


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Starts one; restarts come at once, and what has to end is given little time."""
    monkeypatch.setattr(services, "RESTARTED_AFTER", 0.05)
    monkeypatch.setattr(services, "_ENDS_WITHIN", 0.3)
    made: list[Service] = []

    def start(program: str, watchdog: float | None = None) -> Service:
        made.append(Service([sys.executable, "-c", program], log=tmp_path / "log", watchdog=watchdog))
        made[0].start()
        return made[0]

    yield start
    for each in made:
        each.stop()


def test_what_ends_is_started_again_until_it_is_stopped(serve: Make) -> None:
    """AC-3: Restart=always."""
    service = serve(READY + "sys.exit(70)")
    until(lambda: service.starts == 3, 20, "it is started for the third time")
    service.stop()
    assert {end.code for end in service.ends[:2]} == {70}
    assert len(service.ready) >= 2
    assert service.starts == 3


def test_a_kill_is_told_by_its_number(serve: Make) -> None:
    service = serve(ALIVE)
    until(lambda: bool(service.ready), 10, "it is ready")
    service.kill()
    until(lambda: len(service.ready) == 2, 10, "a new one is ready")
    assert [end.code for end in service.ends] == [-signal.SIGKILL]


def test_who_gives_no_sign_of_life_is_aborted_even_while_it_is_stopped(serve: Make) -> None:
    """AC-3: WatchdogSec; nothing happens to one that gives signs."""
    service = serve(ALIVE, watchdog=0.5)
    until(lambda: bool(service.ready), 10, "it is ready")
    time.sleep(0.7)
    assert service.ends == []
    service.send(signal.SIGSTOP)
    until(lambda: len(service.ready) == 2, 10, "a new one is ready")
    assert [end.code for end in service.ends] == [-signal.SIGABRT]
    assert service.aborted == 1


def test_it_can_be_watched_from_some_moment_on_and_left_alone_again(serve: Make) -> None:
    """RELIABILITY 2: a drill stops one process that is watched, and one that isn't."""
    service = serve(ALIVE)
    until(lambda: bool(service.ready), 10, "it is ready")
    service.watchdog = 0.5
    service.send(signal.SIGSTOP)
    until(lambda: len(service.ready) == 2, 10, "a new one is ready")
    assert service.aborted == 1
    service.watchdog = None
    service.send(signal.SIGSTOP)
    time.sleep(0.8)
    assert service.aborted == 1


@pytest.mark.parametrize(
    ("program", "watchdog"),
    [
        ("import signal; signal.signal(signal.SIGABRT, signal.SIG_IGN); " + READY + "time.sleep(60)", 0.2),
        (READY + "notify('STOPPING=1'); time.sleep(60)", None),
    ],
    ids=["aborted", "stopping"],
)
def test_who_does_not_end_is_killed(program: str, watchdog: float | None, serve: Make) -> None:
    """AC-3: TimeoutStopSec."""
    service = serve(program, watchdog)
    until(lambda: bool(service.ends), 10, "it has ended")
    assert service.ends[0].code == -signal.SIGKILL


def test_memory_runs_out_for_the_process_and_not_for_the_next(serve: Make, tmp_path: Path) -> None:
    """It has 64 MiB more than it is allowed to take; the one after it takes them."""
    file = tmp_path / "goes-on"
    service = serve(
        READY + f"\nwhile not os.path.exists({str(file)!r}):\n    time.sleep(0.01)\n"
        "kept = bytearray(2**26); notify('READY=1'); time.sleep(60)"
    )
    until(lambda: len(service.ready) == 1, 10, "it is ready")
    assert service.limit_memory(2**20) > 2**20
    file.touch()
    until(lambda: len(service.ready) == 3, 10, "the next one has what it wants")
    assert [end.code for end in service.ends] == [1]
    assert "MemoryError" in (tmp_path / "log").read_text()


def test_who_asks_for_patience_gets_it_until_it_is_ready_again(serve: Make) -> None:
    """SR-3, SR-4: a new beginning in the same process takes longer than a sign of life may."""
    service = serve(
        READY + "notify('RELOADING=1\\nWATCHDOG_USEC=60000000'); time.sleep(1.2); "
        "notify('READY=1\\nWATCHDOG_USEC=500000'); time.sleep(60)",
        watchdog=0.5,
    )
    until(lambda: len(service.ready) == 2, 10, "it has begun anew")
    assert service.ends == []
    until(lambda: bool(service.ends), 10, "it is watched again")
    assert service.aborted == 1


def test_a_stopped_process_can_be_ended_in_good_order(serve: Make) -> None:
    service = serve(
        "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(0)); "
        + READY
        + "time.sleep(60)"
    )
    until(lambda: bool(service.ready), 10, "it is ready")
    service.send(signal.SIGSTOP)
    service.stop()
    assert [end.code for end in service.ends] == [0]
    service.stop()
