"""Faults of EVCE's own actors: they fail, hang, exit, can't start, die again and again, or are flooded."""

from collections.abc import Callable
from typing import Any

from evce.units import Seconds
from tools.faults.fault import Fault, Sight
from tools.faults.sights import no_raise, same_sessions
from tools.faults.stage import Stage
from tools.rehearsal.house import House
from tools.rehearsal.mishaps import Mishap, actor_fails

__all__ = ["ACTORS"]

NAMES = ("station/O1", "zone/main", "zone/garage", "meter/main-meter", "inputs", "recorder", "view", "site")

CRASHES = 150
"""More deaths than any supervisor puts up with in its period."""


def _replaced(stage: Stage) -> bool:
    return stage.house.incarnation(stage.variant) > int(stage.notes["incarnation"])


def _shown_restarted(stage: Stage) -> bool:
    return stage.restarts(stage.variant) > int(stage.notes["restarts"])


def _fails(how: str) -> Callable[[Stage], Mishap]:
    def make(stage: Stage) -> Mishap:
        stage.variant = stage.variant or "station/O1"
        stage.notes["incarnation"] = stage.house.incarnation(stage.variant)
        stage.notes["restarts"] = stage.restarts(stage.variant)
        return actor_fails(stage.variant, how)

    return make


def _replaced_within(seconds: Seconds) -> tuple[Sight, ...]:
    return (
        Sight("it is replaced", seconds, _replaced),
        Sight("the pages count its restart", seconds + 0.5, _shown_restarted),
        no_raise(30.0),
        same_sessions(30.0),
        Sight("every station is verified again", 30.0, lambda stage: stage.house.all_verified(), alone=True),
    )


def _fails_as_it_starts(stage: Stage) -> Mishap:
    """The next two incarnations fail before their first message."""
    mishap = _fails("exception")(stage)
    name = stage.variant

    def strike(house: House) -> None:
        left = [2]
        actor = next(a for a in house.runtime.living() if a.name == name)
        kind: Any = type(actor)
        begin = kind.on_begin

        def failing(self: Any) -> None:
            if self.name == name and left[0]:
                left[0] -= 1
                raise RuntimeError("KilledForDrill: it can't start")
            if not left[0]:
                kind.on_begin = begin
            begin(self)

        kind.on_begin = failing
        mishap.strike(house)

    return Mishap(0.0, "actor", f"{name} fails, and twice as it starts", 0.0, strike)


def _crashes_on(stage: Stage) -> Mishap:
    """It dies again as soon as it is back; whoever started the process starts another one."""

    def strike(house: House) -> None:
        again(house, CRASHES)

    def again(house: House, left: int) -> None:
        if house.gave_up or not left:
            return
        house.runtime.kill("zone/main")
        house.later(0.1, lambda: again(house, left - 1))

    del stage
    return Mishap(0.0, "actor", "zone/main dies again and again", 0.0, strike)


def _restarted_process(stage: Stage) -> bool:
    """Whether the process gave itself up; then it is started again, as systemd does."""
    house = stage.house
    if house.gave_up and "restarted" not in stage.notes:
        stage.notes["restarted"] = house.now
        house.crash(1.0)
    return "restarted" in stage.notes


def _flood(stage: Stage) -> Mishap:
    """A station says the same 200 times a second for five seconds, and an input closes in the middle."""
    name = stage.station

    def strike(house: House) -> None:
        for number in range(1000):
            house.later(0.005 * number, lambda: say(house))
        house.later(2.0, lambda: house.inputs.switch(3, True))

    def say(house: House) -> None:
        session = house.world.stations[name].outlets[1].session
        if session is not None:
            stage.notes["said"] = stage.notes.get("said", 0) + 1
            house.wires.from_station(name, _meter_values(stage.notes["said"], session.transaction))

    def mend(house: House) -> None:
        house.inputs.switch(3, False)

    return Mishap(0.0, "actor", f"{name} floods its actor; input 3 closes", 20.0, strike, mend)


def _meter_values(number: int, transaction: int | None) -> str:
    sampled = '{"value":"16.0","measurand":"Current.Import","phase":"L1","unit":"A"}'
    value = f'{{"timestamp":"2026-01-05T14:00:00Z","sampledValue":[{sampled}]}}'
    payload = f'{{"connectorId":1,"transactionId":{transaction},"meterValue":[{value}]}}'
    return f'[2,"flood-{number}","MeterValues",{payload}]'


def _all_told(stage: Stage) -> bool:
    closed = stage.struck + 2.0
    return {name for at, name in stage.orders if at >= closed} >= set(stage.before)


ACTORS: tuple[Fault, ...] = (
    Fault(
        "actor-exception",
        "actor exception",
        "an actor raises an exception",
        _replaced_within(1.0),
        _fails("exception"),
        variants=NAMES,
    ),
    Fault(
        "actor-start-fails",
        "in on_start",
        "an actor raises an exception, and its next two incarnations as they start",
        _replaced_within(5.0),
        _fails_as_it_starts,
        variants=("station/O1", "zone/main", "meter/main-meter"),
    ),
    Fault(
        "actor-hangs",
        "actor hang",
        "an actor's handler never returns",
        _replaced_within(3.0),
        _fails("hang"),
        variants=("station/O1", "zone/main", "meter/main-meter", "view"),
    ),
    Fault(
        "actor-exits",
        "SystemExit in actor",
        "an actor calls sys.exit",
        _replaced_within(1.0),
        _fails("exit"),
        variants=("station/O1", "zone/main", "recorder"),
    ),
    Fault(
        "crash-loop",
        "crash loop",
        "an actor dies again as soon as it is back",
        (
            Sight("the process gives itself up, and another begins", 10.0, _restarted_process),
            Sight("every station is verified", 25.0, lambda stage: stage.house.all_verified(), alone=True),
            same_sessions(60.0),
        ),
        _crashes_on,
        part="process",
    ),
    Fault(
        "inbox-flood",
        "inbox flood",
        "a station sends 200 MeterValues a second while an input closes",
        (
            Sight("every station is told within a second of the input", 3.0, _all_told, alone=True),
            same_sessions(30.0),
            Sight("no station is lost", 30.0, lambda stage: stage.raised("disconnected") == 0, kept=True),
        ),
        _flood,
    ),
)
"""What its actors may do."""
