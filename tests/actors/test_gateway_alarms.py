"""Alarms at the door end by themselves."""

import asyncio
from typing import Any

from actors.gateway_alarms import PassingAlarms
from actors.messages import AlarmCleared, AlarmRaised, Message
from actors.runtime.clock import SystemClock
from evce.units import BoxIdentity
from tests.actors.wire import run

CP = BoxIdentity("CP-01")


def test_an_alarm_stands_until_it_has_been_quiet_and_once_more_makes_it_longer() -> None:
    """OC-7."""
    told: list[Any] = []
    quiet = asyncio.Event()

    def tell(_: str, message: Message) -> bool:
        told.append(message)
        if isinstance(message, AlarmCleared):
            quiet.set()
        return True

    async def rise() -> None:
        alarms = PassingAlarms("station_refused", "do something", 0.05, tell, SystemClock())
        alarms.rise(CP, "first")
        alarms.rise(CP, "second")
        await asyncio.wait_for(quiet.wait(), 5)
        alarms.cease(CP)  # nothing stands any more
        alarms.rise(CP, "third")
        alarms.cease(CP)

    run(rise())
    kinds = [type(message) for message in told]
    assert kinds == [AlarmRaised, AlarmRaised, AlarmCleared, AlarmRaised, AlarmCleared]
    assert [message.alarm.message for message in told if isinstance(message, AlarmRaised)] == [
        "first",
        "second",
        "third",
    ]
