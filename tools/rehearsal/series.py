"""Many plays over all cores: each in a process of its own, reported as soon as it is over."""

import logging
import multiprocessing
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import TypeVar

from tools.processes import end_with_parent
from tools.rehearsal.window import Window, WindowReport, play

__all__ = ["over_cores", "play_all", "play_in_its_own_folder"]

T = TypeVar("T")
R = TypeVar("R")


def play_in_its_own_folder(window: Window) -> WindowReport:
    """Play a window on a temporary folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="evce-rehearsal-") as folder:
        return play(window, Path(folder))


def play_all(windows: Iterable[Window], jobs: int) -> Iterator[WindowReport]:
    """Play the windows in `jobs` processes; see `over_cores`."""
    return over_cores(play_in_its_own_folder, windows, jobs)


def over_cores(work: Callable[[T], R], items: Iterable[T], jobs: int) -> Iterator[R]:
    """Do the work for each item in `jobs` processes; yields each result when it is there.

    Whoever stops asking ends what still waits.
    """
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin, max_tasks_per_child=20)
    try:
        waiting = [pool.submit(work, item) for item in items]
        for future in as_completed(waiting):
            yield future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _begin() -> None:
    """Killed actors are what these processes are for: nobody wants to read a traceback of each."""
    end_with_parent()
    logging.disable(logging.CRITICAL)
