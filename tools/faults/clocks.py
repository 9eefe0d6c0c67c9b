"""Faults of the clock on the wall: control goes by another one."""

from collections.abc import Callable

from evce.units import Seconds
from tools.faults.fault import Fault, Sight
from tools.faults.sights import no_raise, same_sessions, unmoved
from tools.faults.stage import Stage
from tools.rehearsal.mishaps import Mishap

__all__ = ["CLOCKS"]

DAY: Seconds = 86_400.0


def _clock(shift: Callable[[Stage], Seconds], what: str) -> Callable[[Stage], Mishap]:
    def make(stage: Stage) -> Mishap:
        by = shift(stage)

        return Mishap(
            0.0,
            "clock",
            f"the clock on the wall {what}",
            70.0,
            lambda house: house.shift_wall(by),
            lambda house: house.shift_wall(-by),
        )

    return make


def _a_day(stage: Stage) -> Seconds:
    return DAY if stage.variant == "ahead" else -DAY


def _to_1970(stage: Stage) -> Seconds:
    return -stage.house.runtime.clock.utc_now().timestamp() + 60.0


def _to_the_change(stage: Stage) -> Seconds:
    """Half a minute before clocks change in France: 29 March and 25 October 2026, at 01:00 UTC."""
    moment = {"spring": 1_774_746_000.0, "autumn": 1_792_890_000.0}[stage.variant]
    return moment - 30.0 - stage.house.runtime.clock.utc_now().timestamp()


_TIMELESS = (
    unmoved(60.0),
    no_raise(60.0),
    same_sessions(60.0),
    Sight("no station is lost", 60.0, lambda stage: stage.raised("disconnected") == 0, kept=True, alone=True),
    Sight("a reduction is told as fast as ever", 62.0, lambda stage: _half_told(stage), alone=True),
)


def _half_told(stage: Stage) -> bool:
    """Looked at after a minute: an input closes and everybody is told within a second."""
    house = stage.house
    if house.now - stage.struck < 60.5:
        return False
    if "closed" not in stage.notes:
        stage.notes["closed"] = house.now
        house.inputs.switch(1, True)
        house.run(1.0)
        house.inputs.switch(1, False)
        stage.notes["told"] = {name for at, name in stage.orders if at >= stage.notes["closed"]}
    return bool(stage.notes["told"] >= set(stage.before))


CLOCKS: tuple[Fault, ...] = (
    Fault(
        "clock-day",
        "NTP ±1 day",
        "the clock on the wall jumps by a day",
        _TIMELESS,
        _clock(_a_day, "jumps by a day"),
        part="clock",
        variants=("ahead", "behind"),
    ),
    Fault(
        "clock-1970",
        "RTC 1970",
        "the clock on the wall says 1970",
        _TIMELESS,
        _clock(_to_1970, "says 1970"),
        part="clock",
    ),
    Fault(
        "clock-summer-time",
        "DST",
        "the clocks of the site's time zone change",
        _TIMELESS,
        _clock(_to_the_change, "is half a minute before summer time changes"),
        part="clock",
        variants=("spring", "autumn"),
    ),
)
"""What the clock may do."""
