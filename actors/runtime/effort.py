"""What the threads of this process have used of the processor, as the kernel counts it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

from actors.watchdog import Effort

__all__ = ["effort_of", "processor_time"]

_TASKS: Final = Path("/proc/self/task")


def processor_time() -> float:
    """Seconds that all threads of this process have computed so far."""
    return time.process_time()


def effort_of(native_id: int, tasks: Path = _TASKS) -> Effort | None:
    """Read one thread's account (Linux: proc(5), `schedstat` and the state in `stat`).

    None for a thread that has ended, or where the kernel keeps no such account.
    """
    folder = tasks / str(native_id)
    try:
        ran, queued, switches = (int(number) for number in (folder / "schedstat").read_bytes().split())
        # The name in parentheses may hold anything; the state is the first field behind it.
        state = (folder / "stat").read_bytes().rpartition(b")")[2].split()[0]
    except (OSError, ValueError, IndexError):
        return None
    if switches == 0:  # a kernel without scheduler statistics fills the file with zeros
        return None
    return Effort(ran / 1e9, queued / 1e9, switches, state == b"R")
