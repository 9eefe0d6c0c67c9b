"""Many plays over all cores: each in a process of its own, reported as soon as it is over."""

import gc
import logging
import multiprocessing
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from evce.units import Seconds
from tools.processes import collected_seldom, end_with_parent
from tools.rehearsal.window import Window, WindowReport, play

if TYPE_CHECKING:
    from multiprocessing.sharedctypes import Synchronized

__all__ = ["over_cores", "play_all", "play_in_its_own_folder", "virtual_disk"]

_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of one's own is made in it, as in any other

_TOLD_EVERY: Seconds = 0.5

T = TypeVar("T")
R = TypeVar("R")


def play_in_its_own_folder(window: Window) -> WindowReport:
    """Play a window on a temporary folder that is gone afterwards."""
    with virtual_disk() as folder, collected_seldom():
        return play(window, Path(folder), passed=_pass)


def virtual_disk() -> "tempfile.TemporaryDirectory[str]":
    """Make a folder for the database of a house, gone afterwards; in memory unless TMPDIR names a place.

    Nobody pulls the plug on it, so nothing need wait for a real disk.
    """
    elsewhere = "TMPDIR" in os.environ or not os.access(_MEMORY, os.W_OK)
    return tempfile.TemporaryDirectory(prefix="evce-rehearsal-", dir=None if elsewhere else _MEMORY)


def play_all(
    windows: Iterable[Window], jobs: int, simulated: Callable[[Seconds], object] = lambda _: None
) -> Iterator[WindowReport]:
    """Play the windows in `jobs` processes; see `over_cores`."""
    return over_cores(play_in_its_own_folder, windows, jobs, simulated)


def over_cores(
    work: Callable[[T], R],
    items: Iterable[T],
    jobs: int,
    simulated: Callable[[Seconds], object] = lambda _: None,
) -> Iterator[R]:
    """Do the work for each item in `jobs` processes; yields each result when it is there.

    `simulated` is told now and then how much virtual time has passed in all of them together. Whoever stops
    asking ends what still waits.
    """
    context = multiprocessing.get_context("spawn")
    passed = context.Value("d", 0.0)
    pool = ProcessPoolExecutor(
        jobs, mp_context=context, initializer=_begin, initargs=(passed,), max_tasks_per_child=20
    )
    try:
        coming = iter(items)
        # No more than there are processes: while others wait, Python's pool takes one that has ended for an
        # idle one, and starts no other in its place (python/cpython#115634).
        waiting = {pool.submit(work, item) for item in islice(coming, jobs)}
        while waiting:
            done, waiting = wait(waiting, _TOLD_EVERY, FIRST_COMPLETED)
            simulated(passed.value)
            waiting |= {pool.submit(work, item) for item in islice(coming, len(done))}
            for future in done:
                yield future.result()
    finally:
        pool.shutdown(cancel_futures=True)


_passed: "Synchronized[float] | None" = None
"""In a process of a series: the virtual time that has passed in all of them."""

_unreported = 0.0


def _pass(seconds: Seconds) -> None:
    """Count virtual time; the others are told by the minute."""
    global _unreported
    _unreported += seconds
    if _passed is not None and _unreported >= 60.0:
        with _passed.get_lock():
            _passed.value += _unreported
        _unreported = 0.0


def _begin(passed: "Synchronized[float]") -> None:
    """Killed actors are what these processes are for: nobody wants to read a traceback of each."""
    global _passed
    _passed = passed
    end_with_parent()
    logging.disable(logging.CRITICAL)
    gc.freeze()  # the modules are there to stay
