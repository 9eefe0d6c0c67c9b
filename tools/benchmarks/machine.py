"""The machine of a benchmark: what it is, which core does what, what a process takes of it (Linux)."""

import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Cores", "Usage", "cores", "describe", "on_core", "usage"]

_CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cores:
    """Which core the measured server runs on, and which the load; the same where there is only one."""

    server: int
    load: int

    @property
    def apart(self) -> bool:
        """Whether server and load can't take time from each other."""
        return self.server != self.load


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process takes: `cpu` in seconds since its start, `memory` resident in MiB, its threads."""

    cpu: float
    memory: float
    threads: int
    at: float

    def share_since(self, before: "Usage") -> float:
        """Return how much of one core it took between the two looks, in percent."""
        return 100.0 * (self.cpu - before.cpu) / (self.at - before.at)


def cores() -> Cores:
    """Choose the first and the last core that this process may run on."""
    allowed = sorted(os.sched_getaffinity(0))
    return Cores(allowed[0], allowed[-1])


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Run what is inside, and every process started there, on one core only."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def usage(process: int) -> Usage:
    """Look at a process now. Raises `OSError` when it is gone."""
    folder = Path("/proc", str(process))
    # The name in parentheses may hold spaces; utime and stime are fields 14 and 15 of proc(5).
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines() if ":" in line)
    return Usage(
        cpu=(int(fields[11]) + int(fields[12])) / _CLOCK_TICKS,
        memory=int(status["VmRSS"].split()[0]) / 1024.0,
        threads=int(status["Threads"]),
        at=time.monotonic(),
    )


def describe() -> str:
    """Say in one line what the figures were measured on."""
    allowed = len(os.sched_getaffinity(0))
    pinned = cores()
    where = (
        f"server on core {pinned.server}, load on core {pinned.load}"
        if pinned.apart
        else "server and load on the same core: the figures are worse than the server's own"
    )
    return (
        f"{_cpu_model()}, {allowed} core{'s' if allowed > 1 else ''} ({where}); {platform.system()} "
        f"{platform.release()}, Python {platform.python_version()}; load average before "
        f"{os.getloadavg()[0]:.1f}"
    )


def _cpu_model() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() in ("model name", "Model", "Hardware"):
                return value.strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
