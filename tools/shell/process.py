"""The daemon's process in figures, read from /proc (proc(5))."""

import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from actors.runtime import Runtime
from evce import __version__
from evce.units import Monotonic, Seconds
from tools.shell.answers import Process

__all__ = ["Moment", "moment", "process"]


@dataclass(frozen=True)
class Moment:
    """Processor time that the process had used at one moment, all threads together."""

    at: Monotonic
    used: Seconds


def moment() -> Moment:
    """Look at the process's own clock."""
    return Moment(time.monotonic(), time.process_time())


def process(runtime: Runtime, earlier: Moment, later: Moment) -> Process:
    """The figures of now; `cpu` is that between the two looks."""
    return Process(
        version=__version__,
        pid=os.getpid(),
        up_s=_up(),
        cpu=(later.used - earlier.used) / max(later.at - earlier.at, 1e-9),
        memory=int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"),
        threads=threading.active_count(),
        files=len(os.listdir("/proc/self/fd")) - 1,
        undelivered=runtime.directory.undelivered,
        zombies=runtime.zombies,
    )


def _up() -> Seconds:
    """Since the process was started; field 22 of /proc/self/stat is in clock ticks since boot."""
    started = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
    up = float(Path("/proc/uptime").read_text().split()[0])
    return max(0.0, up - started / os.sysconf("SC_CLK_TCK"))
