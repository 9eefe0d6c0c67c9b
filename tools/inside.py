"""What a report tells of the running process and its machine, read from the runtime, the log and /proc."""

import os
import platform
import shutil
import socket
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from actors.runtime import ActorStats, Runtime
from evce.reports import ActorFigures, HostFacts, Inside, LogLine
from tools.data_folder import DataFolder
from tools.log import RecentLines
from tools.shell.process import moment, process

__all__ = ["Insider"]

LINES: Final = 300
"""Log lines in a report: some minutes of a bad night."""


class Insider:
    """Looks at its own process; safe from any thread."""

    def __init__(self, runtime: Runtime, folder: DataFolder, recent: RecentLines) -> None:
        self._runtime, self._folder, self._recent = runtime, folder, recent

    def look(self) -> Inside:
        """What is so now."""
        files = sorted(self._folder.path.glob(f"{self._folder.database.name}*"))
        return Inside(
            host=self._host(),
            actors=tuple(_figures(one) for one in self._runtime.tree()),
            log=tuple(
                LogLine(
                    datetime.fromtimestamp(one.created, UTC),
                    one.levelname.lower(),
                    one.name,
                    one.getMessage(),
                )
                for one in self._recent.records()[-LINES:]
            ),
            database={path.name: path.stat().st_size for path in files if path.is_file()},
            undelivered=self._runtime.directory.undelivered,
        )

    def _host(self) -> HostFacts:
        now = moment()
        figures = process(self._runtime, now, now)
        memory = _memory()
        disk = shutil.disk_usage(self._folder.path)
        return HostFacts(
            name=socket.gethostname(),
            system=f"{platform.system()} {platform.release()} {platform.machine()}",
            python=sys.version.partition(" ")[0],
            processors=os.cpu_count() or 1,
            load=os.getloadavg(),
            memory_total=memory.get("MemTotal", 0),
            memory_available=memory.get("MemAvailable", 0),
            disk_total=disk.total,
            disk_free=disk.free,
            host_up=time.clock_gettime(time.CLOCK_BOOTTIME),
            utc=self._runtime.clock.utc_now(),
            pid=figures.pid,
            process_up=figures.up_s,
            cpu=time.process_time() / max(figures.up_s, 1.0),
            memory=figures.memory,
            threads=figures.threads,
            files=figures.files,
            written=_written(),
        )


def _figures(one: ActorStats) -> ActorFigures:
    view, box = one.view, one.inbox
    return ActorFigures(
        view.name,
        view.supervisor,
        view.state,
        view.restarts,
        view.last_failure,
        view.since,
        depth=None if box is None else box.depth,
        oldest=None if box is None else box.oldest,
        handled=None if box is None else box.handled,
        coalesced=None if box is None else box.coalesced,
        shed=None if box is None else box.shed,
        refused=None if box is None else box.refused,
    )


def _memory() -> dict[str, int]:
    """Bytes by name (proc(5), /proc/meminfo)."""
    found = {}
    for line in Path("/proc/meminfo").read_text().splitlines():
        name, _, value = line.partition(":")
        with suppress(ValueError, IndexError):
            found[name] = int(value.split()[0]) * 1024
    return found


def _written() -> int | None:
    """Bytes that this process has had written to disk (proc(5), /proc/PID/io); None where nobody may know."""
    try:
        lines = Path("/proc/self/io").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith("write_bytes")), None)
