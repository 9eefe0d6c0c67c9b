"""The faults of the network between the daemon and its meter, on real sockets."""

from typing import Final

from evce.units import Amps
from tools.endurance.acts import HALF_OPEN, building_rises, disturbed, gone
from tools.endurance.ground import METER
from tools.endurance.looks import alarm, alarm_over, happened, not_raised, same_sessions, watch
from tools.endurance.trial import Scene, Trial
from tools.faults.lane import CALM, Trouble

__all__ = ["METER_TRIALS"]

MAIN: Final = ("G1", "G2", "O1")
"""The cars that share what the building leaves."""

DEGRADED: Final[Amps] = 20.0
"""What they may take together while the meter is lost."""


def _told_degraded(scene: Scene) -> bool:
    return sum(scene.now.pilots[name] for name in MAIN) <= DEGRADED + 0.1


_METER_LOST: Final = (
    not_raised(MAIN),
    alarm("meter_lost", "main-meter", 6.0),
    watch(f"the cars of the zone get {DEGRADED:g} A at most", 6.0 + 1.0, _told_degraded),
    same_sessions(),
    alarm_over("meter_lost", 30.0),
)


def _meter_trial(name: str, row: str, breaks: str, *, onward: Trouble = CALM, back: Trouble = CALM) -> Trial:
    """The meter can't be read as long as it lasts, and the building rises meanwhile."""
    return Trial(
        name,
        row,
        breaks,
        disturbed(METER, onward=onward, back=back),
        _METER_LOST,
        steps=((8.0, building_rises(6.0)),),
        least=8.0,
    )


METER_TRIALS: Final[tuple[Trial, ...]] = (
    Trial(
        "meter-reset",
        "meter timeout",
        "the meter's connection is reset, and so is every new one",
        gone(METER),
        _METER_LOST,
        least=8.0,
    ),
    _meter_trial(
        "meter-half-open", "meter timeout", "nothing goes through to or from the meter", onward=HALF_OPEN
    ),
    _meter_trial(
        "meter-cut",
        "meter timeout",
        "each answer of the meter breaks off in its middle",
        back=Trouble(cut=1.0),
    ),
    _meter_trial(
        "meter-late", "meter timeout", "each answer of the meter comes after 2 s", back=Trouble(delay=2.0)
    ),
    _meter_trial(
        "meter-throttled",
        "meter timeout",
        "the meter's line lets 20 bytes/s through",
        back=Trouble(rate=20.0),
    ),
    _meter_trial(
        "meter-wrong-id",
        "wrong transaction id",
        "each answer of the meter has another transaction's id",
        back=Trouble(corrupt=1.0, first=0, last=2),
    ),
    _meter_trial(
        "meter-corrupted",
        "Modbus exception",
        "in each answer of the meter a bit of its header is wrong",
        back=Trouble(corrupt=1.0, first=0, last=8),
    ),
    Trial(
        "meter-duplicates",
        "wrong transaction id",
        "each question to the meter and each answer of it comes twice; the building rises",
        disturbed(METER, onward=Trouble(duplicate=1.0), back=Trouble(duplicate=1.0)),
        (happened(METER, "duplicate"), same_sessions()),
        steps=((2.0, building_rises(8.0)),),
    ),
    Trial(
        "meter-reordered",
        "meter timeout",
        "every third answer of the meter waits to be overtaken; the building rises",
        disturbed(METER, onward=Trouble(reorder=0.3), back=Trouble(reorder=0.3)),
        (same_sessions(),),
        steps=((2.0, building_rises(8.0)),),
    ),
    Trial(
        "meter-loss",
        "10 % loss",
        "one question or answer of the meter in ten never comes; the building rises",
        disturbed(METER, onward=Trouble(drop=0.1), back=Trouble(drop=0.1)),
        (happened(METER, "drop"), same_sessions()),
        steps=((2.0, building_rises(8.0)),),
    ),
)
"""What is played by `evce prove links` with the meter, in this order."""
