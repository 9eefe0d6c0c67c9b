"""Writes down who changed or broke something through the control socket."""

import logging

from actors.messages import AskFailed, NewestRevision, RecordEvent, StorageState
from actors.runtime import Runtime

__all__ = ["Audit"]

logger = logging.getLogger(__name__)

PATIENCE = 2.0
"""Seconds for the recorder to commit a line; a slow card takes two tenths."""

TELL_AGAIN = 1.0
"""Seconds between two attempts to tell a recorder that was not there; it is back within one."""

TELL_FOR = 600
"""Attempts before a line is only in the log."""


class Audit:
    """The audit lines of one runtime; a drill's is in the daemon's log too, which needs no disk."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._serial = 0

    def note(self, author: str, text: str) -> None:
        """Tell the recorder, who commits it with the next group."""
        self._runtime.tell("recorder", self._line(author, text))

    def written(self, author: str, text: str) -> bool:
        """Whether the line is on disk now; if not, it is told again until there is a recorder."""
        line = self._line(author, text)
        logger.warning("audit: %s: %s", line.author, text)
        self._runtime.tell("recorder", line)
        try:
            # The recorder writes what it was told before it answers.
            answer = self._runtime.ask("recorder", NewestRevision(), PATIENCE)
        except TimeoutError:
            return False
        except AskFailed:
            self._again(line, TELL_FOR)
            return False
        return not isinstance(answer, StorageState)

    def _line(self, author: str, text: str) -> RecordEvent:
        return RecordEvent(self._runtime.clock.utc_now(), "EVCE", "audit", text, author)

    def _again(self, line: RecordEvent, times: int) -> None:
        self._serial += 1
        runtime, key = self._runtime, self._serial

        def ring() -> None:
            if not runtime.tell("recorder", line) and times > 1:
                self._again(line, times - 1)

        runtime.timers.after(TELL_AGAIN, ("audit", 0), key, ring)
