"""Faults of what EVCE measures and reads: meters, digital inputs, and a building that takes more."""

from evce.units import Seconds
from tools.faults.fault import Fault, Sight, When
from tools.faults.sights import alarm, alarm_over, no_raise, same_sessions, under
from tools.faults.stage import Stage
from tools.rehearsal.house import House
from tools.rehearsal.mishaps import Mishap, building_steps, meter_fails
from tools.simulation.meters import MeterFault

__all__ = ["SUPPLIES"]

DEFAULT = 20.1
"""A; what a zone that has lost its meter leaves its cars, and rounding."""

BOUNCES: tuple[Seconds, ...] = (0.0, 0.006, 0.01, 0.018, 0.026, 0.035, 0.041)
"""When a relay's contact changes while it closes."""


def _back_ramped(stage: Stage) -> bool:
    """2 A a second and no faster, from the default on."""
    if stage.mended is None:
        return False
    grown = DEFAULT + 2.0 * (stage.house.now - stage.mended) + 1.0
    return max(stage.house.cars(stage.zone)) <= grown


def _whole_again(stage: Stage) -> bool:
    return max(stage.house.truth(stage.zone)) > 95.0


_LOST = (
    no_raise(6.0, by=0.1),
    alarm("meter_lost", 6.0, at_victim="meter"),
    under("main", DEFAULT, 16.0),
    Sight(
        "the street has no part in it", 30.0, lambda stage: stage.pilot("S1") > 19.0, kept=True, alone=True
    ),
    Sight("the way back is a ramp", 20.0, _back_ramped, When.MEND, kept=True, alone=True),
    Sight("the cars have their share again", 90.0, _whole_again, When.MEND, alone=True),
    alarm_over("meter_lost", 10.0),
)


def _lost(fault: MeterFault, id_: str, title: str, breaks: str) -> Fault:
    return Fault(id_, title, breaks, _LOST, lambda stage: meter_fails(stage.meter, fault, 35.0), part="meter")


def _meter_view(stage: Stage) -> bool:
    """Whether the pages show no value of the victim that can't be true."""
    views = {str(key): view for key, view in stage.house.snapshot().meters.items()}
    amps = views[stage.meter].amps
    return amps is None or all(amp >= 0.0 for amp in amps)


def _frozen(stage: Stage) -> Mishap:
    found = meter_fails(stage.meter, MeterFault.FROZEN, 100.0)

    def strike(house: House) -> None:
        found.strike(house)
        # A car that leaves while it stands still: what it had can't be seen to be free.
        house.later(70.0, lambda: house.world.stations["O1"].unplug(1, house.now))

    return Mishap(0.0, found.kind, found.what, found.lasts, strike, found.mend)


def _bounce(stage: Stage) -> Mishap:
    del stage

    def strike(house: House) -> None:
        for number, at in enumerate(BOUNCES):
            on = number % 2 == 0
            house.later(at, lambda on=on: house.inputs.switch(3, on))  # type: ignore[misc]

    return Mishap(0.0, "input", "the contact of input 3 bounces as it closes", 30.0, strike, _opens)


def _opens(house: House) -> None:
    house.inputs.switch(3, False)


def _told_nothing(stage: Stage) -> bool:
    return all(stage.pilot(where) == 0.0 for where in stage.before)


def _changes_told(stage: Stage) -> bool:
    return sum("inputs active" in said.text and said.at >= stage.struck for said in stage.lines) <= 1


def _board_gone(stage: Stage) -> Mishap:
    del stage
    return Mishap(
        0.0,
        "input",
        "the input board is gone",
        30.0,
        lambda house: house.inputs.unplug(True),
        lambda house: house.inputs.unplug(False),
    )


def _below(stage: Stage) -> bool:
    return stage.house.now > stage.struck + 0.5 and max(stage.house.truth(stage.zone)) <= 100.5


def _cut(stage: Stage) -> bool:
    three = ("G1", "G2", "O1")
    return sum(stage.pilot(where) for where in three) <= sum(stage.before[where] for where in three) - 45.0


SUPPLIES: tuple[Fault, ...] = (
    _lost(
        MeterFault.SILENT,
        "meter-silent",
        "meter timeout",
        "the meter of a dynamic zone doesn't answer any more",
    ),
    _lost(MeterFault.EXCEPTION, "meter-exception", "Modbus exception", "the meter answers with an exception"),
    _lost(
        MeterFault.UNPLUGGED,
        "meter-unplugged",
        "serial unplugged",
        "the line to the meter is open: every try to read it fails at once",
    ),
    Fault(
        "meter-frozen",
        "frozen meter",
        "the meter answers with the same figures for ever",
        (
            alarm("meter_suspect", 62.0, at_victim="meter", alone=True),
            Sight(
                "nothing is raised by it",
                98.0,
                lambda stage: (
                    stage.pilot("G1") <= stage.before["G1"] + 1.0
                    and stage.pilot("G2") <= stage.before["G2"] + 1.0
                ),
                kept=True,
                alone=True,
            ),
            alarm_over("meter_suspect", 10.0),
        ),
        _frozen,
        part="meter",
    ),
    Fault(
        "meter-implausible",
        "NaN, negative, reversed CT",
        "the meter answers with what can't be true",
        (
            Sight("no such value is shown", 35.0, _meter_view, kept=True),
            no_raise(2.0, by=0.1),
            *_LOST,
        ),
        lambda stage: meter_fails(stage.meter, MeterFault(stage.variant), 35.0),
        variants=("nan", "negative", "reversed"),
        part="meter",
    ),
    Fault(
        "input-bounces",
        "DI bounce",
        "the contact of an input bounces for 41 ms as it closes",
        (
            Sight("every station is told", 0.2, lambda stage: stage.told() >= set(stage.before), alone=True),
            Sight("every car is offered 0 A", 1.0, _told_nothing, alone=True),
            Sight("one change is told", 20.0, _changes_told, kept=True, alone=True),
            same_sessions(30.0),
        ),
        _bounce,
        part="inputs",
    ),
    Fault(
        "inputs-missing",
        "GPIO missing",
        "the input board can't be read any more",
        (
            alarm("input_board_lost", 2.0),
            Sight(
                "the safe 30 % holds: 30 A and 12 A",
                2.0,
                lambda stage: (
                    sum(stage.pilot(w) for w in ("G1", "G2", "O1")) <= 30.1
                    and sum(stage.pilot(w) for w in ("S1", "S2")) <= 12.1
                ),
                alone=True,
            ),
            alarm_over("input_board_lost", 5.0),
        ),
        _board_gone,
        part="inputs",
    ),
    Fault(
        "building-step",
        "building step +50 %",
        "the building takes 50 A of the feeder's 100 A more, at once",
        (
            Sight("the last reduction is on the wire", 1.0, _cut, alone=True),
            Sight("what flows is below the limit", 10.0, _below),
            same_sessions(30.0),
        ),
        lambda stage: building_steps(stage.zone, 50.0, 30.0),
        watched=60.0,
        part="building",
    ),
)
"""What EVCE measures and reads."""
