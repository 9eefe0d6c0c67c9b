"""The one drill that runs: its lease ends it, whatever becomes of whoever began it."""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from actors.messages import DrillShown
from actors.runtime import Runtime
from evce.drill.kinds import LONGEST
from evce.drill.target import Target
from evce.units import Monotonic, Seconds
from evce.views import DrillView
from tools.control.audit import Audit
from tools.drill.cuts import Cuts

__all__ = ["Drill", "Drills"]

OWNER = ("drill", 0)

SHOW_AGAIN: Seconds = 1.0
"""Between two tries to tell a view that was not there."""


@dataclass(frozen=True, slots=True, eq=False)
class Drill:
    """What is cut off, by whom, since when; it ends by itself at `until`."""

    target: Target
    author: str
    began_at: Monotonic
    until: datetime
    over: threading.Event


class Drills:
    """One at a time. The lease is a timer of the runtime: it needs no thread of whoever asked.

    `end` may be called from any thread, and twice; the site is restored before anybody is told.
    """

    def __init__(self, runtime: Runtime, cuts: Cuts, audit: Audit) -> None:
        self._runtime, self._cuts, self._audit = runtime, cuts, audit
        self._lock = threading.Lock()
        self._running: Drill | None = None

    @property
    def running(self) -> Drill | None:
        """The drill that runs now."""
        return self._running

    def refuse_second(self) -> None:
        """Raises ValueError while a drill runs."""
        running = self._running
        if running is not None:
            raise ValueError(
                f"a drill is running: {running.author} cut off {running.target}, "
                f"until {running.until:%H:%M:%S} UTC; `evce drill end` ends it"
            )

    def begin(self, target: Target, seconds: Seconds, author: str) -> Drill:
        """Cut it off for `seconds`. Raises ValueError while another drill runs."""
        if not 0.0 < seconds <= LONGEST:
            raise ValueError(f"seconds={seconds:g}: above 0 and up to {LONGEST:g}")
        self.refuse_second()
        # The line is on its way to the disk before anything is cut.
        self._audit.written(author, f"drill begun: {target} cut off for {seconds:g} s")
        clock = self._runtime.clock
        with self._lock:
            self.refuse_second()
            until = clock.utc_now() + timedelta(seconds=seconds)
            drill = Drill(target, author, clock.monotonic(), until, threading.Event())
            self._runtime.timers.after(seconds, OWNER, "lease", lambda: self._lapse(drill))
            self._running = drill
            self._cuts.cut(target)
        self._show(DrillView(str(target), author, until))
        return drill

    def end(self, drill: Drill, why: str) -> bool:
        """Restore what this drill has cut off; False when that was done already."""
        with self._lock:
            if self._running is not drill:
                return False
            self._cuts.restore(drill.target)
            self._running = None
        drill.over.set()
        self._runtime.timers.cancel(OWNER, "lease")
        lasted = self._runtime.clock.monotonic() - drill.began_at
        self._show(None)
        text = f"drill over: {drill.target} restored after {lasted:.1f} s, {why}"
        # The disk may be slow, and a timer must not wait for it.
        write = threading.Thread(
            target=self._audit.written, args=(drill.author, text), name="drill", daemon=True
        )
        write.start()
        return True

    def _lapse(self, drill: Drill) -> None:
        self.end(drill, "its time was over")

    def _show(self, view: DrillView | None) -> None:
        """Tell the view, again and again until one is there; what is told last counts."""
        runtime = self._runtime

        def ring() -> None:
            self._show(view)

        if runtime.tell("view", DrillShown(view)):
            runtime.timers.cancel(OWNER, "show")
        else:
            runtime.timers.after(SHOW_AGAIN, OWNER, "show", ring)
