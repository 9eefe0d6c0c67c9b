"""The faults of the network between the daemon and its stations, on real sockets."""

from contextlib import suppress
from threading import Thread
from typing import Final

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from evce.units import Seconds
from tools.endurance.acts import HALF_OPEN, UTF8, building_rises, comes, disturbed, gone, leaves
from tools.endurance.ground import CARS, LEASE, STATIONS
from tools.endurance.looks import (
    alarm,
    alarm_over,
    back,
    fallen,
    happened,
    no_alarm,
    not_raised,
    one_alarm,
    same_sessions,
    unmoved,
    watch,
)
from tools.endurance.trial import Look, Scene, Trial
from tools.faults.lane import Trouble

__all__ = ["STATION_TRIALS"]

VICTIM: Final = "O1"
OTHERS: Final = ("G1", "G2")
"""Who would get what the victim has."""


def _flap(scene: Scene) -> None:
    scene.ground.proxies.reset(STATIONS, VICTIM)


def _rises(names: tuple[str, ...], within: Seconds) -> Look:
    return watch(
        "somebody else is raised",
        within,
        lambda scene: any(scene.now.pilots[name] > scene.before.pilots[name] + 1.0 for name in names),
    )


def _knocks(scene: Scene) -> None:
    """A second device with the victim's name comes by another line."""

    def knock() -> None:
        url = f"ws://127.0.0.1:{scene.ground.ocpp_port}/ocpp/{VICTIM}"
        with (
            suppress(OSError, WebSocketException),
            connect(url, subprotocols=[Subprotocol("ocpp1.6")], proxy=None),
        ):
            scene.notes["admitted"] = 1.0

    Thread(target=knock, name="newcomer", daemon=True).start()


_SHARE_RESERVED: Final = not_raised(OTHERS, LEASE / 3.0)
"""A lease is renewed at a third of its life: two thirds of it are certain to be left."""

_AWAY: Final = Look(
    f"{VICTIM} is shown as disconnected",
    1.0,
    lambda scene: scene.now.up and VICTIM not in scene.now.connected,
)

STATION_TRIALS: Final[tuple[Trial, ...]] = (
    Trial(
        "station-reset",
        "RST",
        "a station's connection is reset, and so is whoever dials for it",
        gone(STATIONS, VICTIM),
        (
            _AWAY,
            alarm("disconnected", VICTIM, 1.0),
            _SHARE_RESERVED,
            same_sessions(),
            back([VICTIM], 10.0),
            alarm_over("disconnected", 35.0),
        ),
        least=1.0,
    ),
    Trial(
        "station-half-open",
        "half-open socket",
        "nothing goes through to or from a station, and no end is told; its car leaves, another comes",
        disturbed(STATIONS, VICTIM, onward=HALF_OPEN, back=HALF_OPEN),
        (
            alarm("disconnected", VICTIM, 15.0),
            not_raised(OTHERS, LEASE / 3.0),
            same_sessions(("G1", "G2", "S1", "S2")),
            back([VICTIM], 15.0),
            alarm_over("disconnected", 40.0),
        ),
        steps=((12.0, leaves(VICTIM)), (15.0, comes(VICTIM))),
        lasts=18.0,
        least=18.0,
    ),
    Trial(
        "station-flaps",
        "flapping",
        "a station's connection is reset every three seconds",
        _flap,
        (
            one_alarm("disconnected", 30.0),
            unmoved(OTHERS, 30.0),
            same_sessions(during=30.0),
            back([VICTIM], 30.0),
        ),
        steps=tuple((3.0 * number, _flap) for number in range(1, 7)),
        lasts=20.0,
        least=20.0,
    ),
    Trial(
        "latency",
        "5 s latency",
        "each frame to and from every station takes 2.5 s longer; a car leaves",
        disturbed(STATIONS, onward=Trouble(delay=2.5), back=Trouble(delay=2.5)),
        (
            _rises(("G1", "G2"), 45.0),
            not_raised(("G1", "G2"), 7.0),
            no_alarm("disconnected"),
            same_sessions(("G1", "G2", "S1", "S2")),
            back(CARS, 30.0),
        ),
        steps=((0.5, leaves(VICTIM)),),
        lasts=45.0,
        least=45.0,
    ),
    Trial(
        "frames-lost",
        "10 % loss",
        "one frame in ten to and from every station never comes; a car leaves, another comes",
        disturbed(STATIONS, onward=Trouble(drop=0.1), back=Trouble(drop=0.1)),
        (
            happened(STATIONS, "drop"),
            same_sessions(("G1", "G2", "S1")),
            back(CARS, 30.0),
        ),
        steps=((2.0, leaves("S2")), (6.0, comes("S2"))),
        lasts=30.0,
        garbles=True,  # an answer that comes twice because the first was lost
        suspects=True,
    ),
    Trial(
        "station-cut",
        "RST",
        "a station's connection ends in the middle of each first frame that it sends",
        disturbed(STATIONS, VICTIM, onward=Trouble(cut=1.0)),
        (
            happened(STATIONS, "cut", VICTIM),
            alarm("disconnected", VICTIM, 6.0),
            _SHARE_RESERVED,
            same_sessions(),
            back([VICTIM], 10.0),
            alarm_over("disconnected", 35.0),
        ),
    ),
    Trial(
        "evce-cut",
        "RST",
        "a station's connection ends in the middle of each first frame that EVCE sends",
        disturbed(STATIONS, VICTIM, back=Trouble(cut=1.0)),
        (
            happened(STATIONS, "cut", VICTIM),
            _SHARE_RESERVED,
            same_sessions(),
            back([VICTIM], 10.0),
            alarm_over("disconnected", 35.0),
        ),
    ),
    Trial(
        "duplicates",
        "duplicate Start",
        "every frame to and from every station comes twice; the building rises, a car leaves, another comes",
        disturbed(STATIONS, onward=Trouble(duplicate=1.0), back=Trouble(duplicate=1.0)),
        (
            happened(STATIONS, "duplicate"),
            no_alarm("disconnected"),
            same_sessions(("G1", "G2", "S1", "O1")),
            back(CARS, 20.0),
        ),
        steps=((1.0, building_rises(12.0)), (2.0, leaves("S2")), (6.0, comes("S2"))),
        garbles=True,
    ),
    Trial(
        "reordered",
        "late CALLRESULT",
        "every second frame to and from every station is overtaken; the building rises, a car leaves",
        disturbed(STATIONS, onward=Trouble(reorder=0.5), back=Trouble(reorder=0.5)),
        (
            happened(STATIONS, "reorder"),
            no_alarm("disconnected"),
            same_sessions(("G1", "G2", "S1", "O1")),
            back(CARS, 20.0),
        ),
        steps=((1.0, building_rises(12.0)), (2.0, leaves("S2")), (6.0, comes("S2"))),
        garbles=True,
    ),
    Trial(
        "corrupted",
        "RST",
        "in every fifth frame to and from every station a byte gets its highest bit",
        disturbed(STATIONS, onward=Trouble(corrupt=0.2, bits=UTF8), back=Trouble(corrupt=0.2, bits=UTF8)),
        (happened(STATIONS, "corrupt"), same_sessions(("G1", "G2", "S1", "O1")), back(CARS, 30.0)),
        steps=((2.0, leaves("S2")), (6.0, comes("S2"))),
        garbles=True,
        suspects=True,
    ),
    Trial(
        "throttled",
        "5 s latency",
        "a station's line lets 400 bytes/s through, each way",
        disturbed(STATIONS, VICTIM, onward=Trouble(rate=400.0), back=Trouble(rate=400.0)),
        (same_sessions(), back([VICTIM], 30.0)),
        steps=((5.0, building_rises(8.0)),),
    ),
    Trial(
        "switch-lost",
        "switch loss, 100 stations",
        "nothing goes through to or from any station, until every lease has run out",
        disturbed(STATIONS, onward=HALF_OPEN, back=HALF_OPEN),
        (
            watch("all shown as disconnected", 15.0, lambda scene: scene.now.up and not scene.now.connected),
            not_raised(CARS),
            fallen(LEASE + 10.0),
            same_sessions(),
            back(CARS, 60.0),
            alarm_over("disconnected", 90.0),
        ),
        lasts=LEASE + 12.0,
        least=LEASE + 12.0,
    ),
    Trial(
        "duplicate-identity",
        "duplicate identity",
        "a second device with a connected station's name knocks",
        _knocks,
        (
            alarm("duplicate_identity", VICTIM, 2.0),
            Look("the newcomer is refused", 0.0, lambda scene: "admitted" not in scene.notes, kept=True),
            same_sessions(),
            Look(
                f"{VICTIM} stays connected and verified",
                0.0,
                lambda scene: VICTIM in scene.now.verified,
                kept=True,
            ),
            alarm_over("duplicate_identity", 90.0),
        ),
        lasts=5.0,
    ),
    Trial(
        "duplicate-of-a-dead-one",
        "duplicate identity",
        "the same while the station's old socket is half-open",
        disturbed(STATIONS, VICTIM, onward=HALF_OPEN, back=HALF_OPEN),
        (
            watch(
                "the newcomer is let in",
                2.0 + 1.5,
                lambda scene: "admitted" in scene.notes,
            ),
            watch(
                f"{VICTIM} is not verified any more",
                2.0 + 1.5,
                lambda scene: scene.now.up and VICTIM not in scene.now.verified,
            ),
            _SHARE_RESERVED,
            back([VICTIM], 20.0),
        ),
        steps=((1.0, _knocks),),
        lasts=6.0,
        least=6.0,
    ),
)
"""What is played by `evce prove links` with the stations, in this order."""
