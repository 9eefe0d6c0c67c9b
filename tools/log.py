"""Log lines of the daemon, for people or for machines, written by one thread so that no actor waits."""

import json
import logging
import logging.handlers
import queue
import sys
from collections import deque
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import TextIO

__all__ = ["RecentLines", "set_up_log"]

QUIET = ("pymodbus", "websockets", "uvicorn", "pykka", "asyncio", "alembic")
"""Libraries that tell about each connection; their warnings still arrive."""

RECENT_BOUND = 2000
"""Log lines in memory: the last minutes of a bad night, a megabyte at most."""


class _Json(logging.Formatter):
    """One JSON object a line: time, level, logger, thread, message, and the traceback where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "thread": record.threadName,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class _Console(logging.Formatter):
    """Time, level and message, as a person reads them."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%H:%M:%S")


class RecentLines(logging.Handler):
    """Keeps the newest records in memory for the debug shell; any thread may read `records`."""

    def __init__(self, bound: int = RECENT_BOUND) -> None:
        super().__init__()
        self._records: deque[logging.LogRecord] = deque(maxlen=bound)

    def emit(self, record: logging.LogRecord) -> None:
        self._records.append(record)

    def records(self) -> tuple[logging.LogRecord, ...]:
        """Those kept, oldest first."""
        with self.lock or nullcontext():
            return tuple(self._records)


class _Verbatim(logging.handlers.QueueHandler):
    """Hands the record over as it is: formatting is the writing thread's work."""

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        return record


def set_up_log(form: str, stream: TextIO | None = None) -> Callable[[], None]:
    """Write the log in this form (console or json) to `stream`, by default standard error.

    Returns what to call at the end: it writes out what still waits.
    """
    target = logging.StreamHandler(stream if stream is not None else sys.stderr)
    target.setFormatter(_Json() if form == "json" else _Console())
    lines: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
    listener = logging.handlers.QueueListener(lines, target)
    root = logging.getLogger()
    handler = _Verbatim(lines)
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    # What a library warns its developers of is no line for an operator.
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").setLevel(logging.ERROR)
    listener.start()

    def finish() -> None:
        logging.captureWarnings(False)
        root.removeHandler(handler)
        listener.stop()

    return finish
