"""The processes below this one, so that a program that starts others can leave none behind (Linux)."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["adopt_orphans", "collected_seldom", "descendants", "end_with_parent", "kill_descendants"]

_SELDOM = (20_000, 20, 20)
"""New objects that are still there between two looks at the youngest, and looks until the next age."""

PR_SET_CHILD_SUBREAPER = 36
"""prctl(2): orphans below this process become its children instead of init's."""

PR_SET_PDEATHSIG = 1
"""prctl(2): the signal that a process gets when the thread that made it ends."""


def adopt_orphans() -> None:
    """From now on a process whose parent died comes to us, where it can be found and ended."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_with_parent() -> None:
    """Called in a new process before its program begins: SIGTERM comes when the parent is gone."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


@contextmanager
def collected_seldom() -> Iterator[None]:
    """Look for cycles of garbage less often than usual.

    Of the many small values that actors make hardly any are in a cycle: what isn't goes at once, and looking
    for the others takes a tenth of the time.
    """
    before = gc.get_threshold()
    gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def descendants(ancestor: int) -> dict[int, str]:
    """Process id and name of everything alive below `ancestor`; the zombies that are ours are reaped."""
    parents: dict[int, int] = {}
    names: dict[int, str] = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            stat = (folder / "stat").read_text(errors="replace")
        except OSError:
            continue
        process = int(folder.name)
        # The name stands in parentheses and may hold spaces and parentheses itself.
        name, _, rest = stat.partition("(")[2].rpartition(")")
        state, parent = rest.split()[:2]
        if state == "Z":
            if int(parent) == os.getpid():
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(process, os.WNOHANG)
            continue
        parents[process] = int(parent)
        names[process] = name
    below: dict[int, str] = {}
    level = {ancestor}
    while level:
        level = {process for process, parent in parents.items() if parent in level and process not in below}
        below.update((process, names[process]) for process in level)
    return below


def kill_descendants(patience_s: float = 5.0) -> None:
    """End everything below this process: asked first, forced after `patience_s`."""
    for number, patience in ((signal.SIGTERM, patience_s), (signal.SIGKILL, patience_s)):
        ends = time.monotonic() + patience
        for process in descendants(os.getpid()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, number)
        while descendants(os.getpid()):
            if time.monotonic() > ends:
                break
            time.sleep(0.02)
        else:
            return
