"""The faults of the network between the daemon and the operator's system, on real sockets."""

from typing import Final

from evce.units import Seconds
from tools.endurance.acts import HALF_OPEN, UTF8, Act, comes, disturbed, gone, leaves
from tools.endurance.ground import CARS, OPERATOR
from tools.endurance.looks import happened, same_sessions, watch
from tools.endurance.trial import Look, Scene, Trial
from tools.faults.fault import When
from tools.faults.lane import Trouble

__all__ = ["OPERATOR_TRIALS"]

_DRAINED: Final = watch(
    "everything is delivered",
    600.0,
    lambda scene: scene.now.waiting == 0 and scene.now.online == len(CARS) and scene.ground.all_told(),
    When.MEND,
)

_CHARGES_ON: Final = Look(
    "the others charge on",
    0.0,
    lambda scene: all(scene.now.pilots[name] >= 6.0 for name in ("G1", "G2", "O1", "S2")),
    kept=True,
)


def _newcomer(scene: Scene) -> bool:
    left = scene.before.running["S1"]
    now = scene.now
    return now.running.get("S1", left) != left and now.pilots["S1"] >= 6.0


def _operator_trial(
    name: str,
    row: str,
    breaks: str,
    strike: Act,
    *looks: Look,
    lasts: Seconds = 20.0,
    least: Seconds = 12.0,
    garbles: bool = False,
) -> Trial:
    """A car leaves and another comes meanwhile: sessions to tell the operator of, once each."""
    return Trial(
        name,
        row,
        breaks,
        strike,
        (
            *looks,
            _CHARGES_ON,
            same_sessions(("G1", "G2", "O1", "S2")),
            watch("the newcomer charges", 45.0, _newcomer),
            _DRAINED,
        ),
        steps=((2.0, leaves("S1")), (5.0, comes("S1"))),
        lasts=lasts,
        least=least,
        garbles=garbles,
    )


_QUEUE_SHOWN: Final = watch("the messages that wait are shown", 30.0, lambda scene: scene.now.waiting >= 1)

OPERATOR_TRIALS: Final[tuple[Trial, ...]] = (
    _operator_trial(
        "operator-down",
        "CPO down 24 h",
        "the operator's connections are reset, and so is every new one",
        gone(OPERATOR),
        _QUEUE_SHOWN,
        lasts=30.0,
        least=30.0,
    ),
    _operator_trial(
        "operator-half-open",
        "CPO down 24 h",
        "nothing goes through to or from the operator, and no end is told",
        disturbed(OPERATOR, onward=HALF_OPEN, back=HALF_OPEN),
        _QUEUE_SHOWN,
        lasts=45.0,
        least=30.0,
    ),
    _operator_trial(
        "operator-slow",
        "CPO slow",
        "each answer of the operator takes 4 s",
        disturbed(OPERATOR, back=Trouble(delay=4.0)),
    ),
    _operator_trial(
        "operator-throttled",
        "CPO slow",
        "the operator's lines let 100 bytes/s through, each way",
        disturbed(OPERATOR, onward=Trouble(rate=100.0), back=Trouble(rate=100.0)),
    ),
    _operator_trial(
        "operator-cut",
        "CPO down 24 h",
        "every other frame of the operator breaks off in its middle",
        disturbed(OPERATOR, back=Trouble(cut=0.5)),
        happened(OPERATOR, "cut"),
    ),
    _operator_trial(
        "uplink-cut",
        "CPO down 24 h",
        "every other frame to the operator breaks off in its middle",
        disturbed(OPERATOR, onward=Trouble(cut=0.5)),
        happened(OPERATOR, "cut"),
    ),
    _operator_trial(
        "operator-loss",
        "10 % loss",
        "one frame in ten to and from the operator never comes",
        disturbed(OPERATOR, onward=Trouble(drop=0.1), back=Trouble(drop=0.1)),
        happened(OPERATOR, "drop"),
        lasts=30.0,
    ),
    _operator_trial(
        "operator-duplicates",
        "duplicate Start",
        "every frame to and from the operator comes twice",
        disturbed(OPERATOR, onward=Trouble(duplicate=1.0), back=Trouble(duplicate=1.0)),
        happened(OPERATOR, "duplicate"),
        garbles=True,
    ),
    _operator_trial(
        "operator-reordered",
        "late CALLRESULT",
        "every second frame to and from the operator is overtaken",
        disturbed(OPERATOR, onward=Trouble(reorder=0.5), back=Trouble(reorder=0.5)),
        happened(OPERATOR, "reorder"),
        lasts=30.0,
    ),
    _operator_trial(
        "operator-corrupted",
        "CPO down 24 h",
        "in every fifth frame to and from the operator a byte gets its highest bit",
        disturbed(OPERATOR, onward=Trouble(corrupt=0.2, bits=UTF8), back=Trouble(corrupt=0.2, bits=UTF8)),
        happened(OPERATOR, "corrupt"),
        garbles=True,
    ),
)
"""What is played by `evce prove links` with the operator, in this order."""
