"""The kernel's account of a thread, read from real threads and from files that are not as expected."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from actors.runtime.effort import effort_of, processor_time
from actors.watchdog import Effort

on_linux = pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="no scheduler statistics")


@contextmanager
def thread(work: Callable[[threading.Event], object]) -> Iterator[int]:
    """The kernel's number of a thread that does this until its event is set."""
    over = threading.Event()
    worker = threading.Thread(target=work, args=(over,), daemon=True)
    worker.start()
    assert worker.native_id is not None
    try:
        yield worker.native_id
    finally:
        over.set()
        worker.join(5)


def spin(over: threading.Event) -> None:
    while not over.is_set():
        pass


def effort(native_id: int) -> Effort:
    found = effort_of(native_id)
    assert found is not None
    return found


@on_linux
def test_a_thread_that_computes_has_used_the_processor() -> None:
    """As soon as it has had a tenth of a second of it."""
    began = processor_time()
    with thread(spin) as native_id:
        before = effort(native_id)
        while processor_time() - began < 0.5:
            pass
        after = effort(native_id)
    assert after.ran - before.ran > 0.05
    assert after.switches >= before.switches


@on_linux
def test_a_thread_that_waits_uses_nothing_and_is_not_woken() -> None:
    """Unlike one that waits for the interpreter, which wakes up all the time."""
    began = processor_time()
    with thread(lambda over: over.wait()) as sleeper:
        while effort(sleeper).runnable:
            assert processor_time() - began < 5.0
        before = effort(sleeper)
        with thread(spin), thread(spin) as waits_for_its_turn:
            crowded = effort(waits_for_its_turn)
            began = processor_time()
            while processor_time() - began < 0.5:
                pass
            woken = effort(waits_for_its_turn).switches - crowded.switches
        assert effort(sleeper) == before
    assert woken > 10


@pytest.mark.parametrize(
    ("schedstat", "stat", "expected"),
    [
        ("2000000000 500000000 7", "42 (a (b) c) R 1 2", Effort(2.0, 0.5, 7, True)),
        ("2000000000 500000000 7", "42 (zone/main) S 1 2", Effort(2.0, 0.5, 7, False)),
        ("0 0 0", "42 (kept no account) S 1", None),
        ("1 2", "42 (a) S 1", None),
        ("1 2 x", "42 (a) S 1", None),
        ("1 2 3", "", None),
        (None, "42 (a) S 1", None),
    ],
)
def test_what_the_kernel_does_not_tell_is_unknown(
    tmp_path: Path, schedstat: str | None, stat: str, expected: Effort | None
) -> None:
    """Ended threads, kernels without statistics, other formats."""
    folder = tmp_path / "42"
    folder.mkdir()
    (folder / "stat").write_text(stat)
    if schedstat is not None:
        (folder / "schedstat").write_text(schedstat)
    assert effort_of(42, tmp_path) == expected


def test_there_is_no_account_of_a_thread_that_is_not_there() -> None:
    """It may have ended a moment ago."""
    assert effort_of(sys.maxsize) is None
