"""Alarms about devices at the stations' door, which end by themselves when it has been quiet for a while."""

import asyncio
from collections.abc import Callable

from actors.messages import AlarmCleared, AlarmRaised, Message
from actors.runtime.clock import Clock
from evce.units import BoxIdentity, Seconds
from evce.views import AlarmView

__all__ = ["PassingAlarms"]


class PassingAlarms:
    """One kind of alarm, by station; belongs to the loop's thread."""

    def __init__(
        self, code: str, advice: str, stands_for: Seconds, tell: Callable[[str, Message], bool], clock: Clock
    ) -> None:
        self._code = code
        self._advice = advice
        self._stands_for = stands_for
        self._tell = tell
        self._clock = clock
        self._standing: dict[BoxIdentity, asyncio.TimerHandle] = {}

    def rise(self, station: BoxIdentity, message: str) -> None:
        """Raise it, or let it stand for longer with other words."""
        alarm = AlarmView(
            code=self._code,
            source=station,
            message=message,
            advice=self._advice,
            severity="critical",
            raised_at=self._clock.utc_now(),
        )
        self._tell("view", AlarmRaised(alarm))
        pending = self._standing.pop(station, None)
        if pending is not None:
            pending.cancel()
        loop = asyncio.get_running_loop()
        self._standing[station] = loop.call_later(self._stands_for, self.cease, station)

    def cease(self, station: BoxIdentity) -> None:
        """End it, if it stands."""
        pending = self._standing.pop(station, None)
        if pending is not None:
            pending.cancel()
            self._tell("view", AlarmCleared(self._code, station, self._clock.utc_now()))
