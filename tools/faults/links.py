"""Faults of the links to the stations, and of the network between."""

import json
from collections.abc import Callable
from math import inf
from random import Random

from evce.units import Seconds
from tools.faults.fault import Fault, Sight
from tools.faults.sights import alarm, alarm_over, back, line, no_raise, one_alarm, same_sessions, unmoved
from tools.faults.stage import LEASE, Stage
from tools.rehearsal.house import House
from tools.rehearsal.mishaps import Mishap, link_is_cut
from tools.rehearsal.wires import Disturbance

__all__ = ["LINKS", "answers_held", "disturbed", "lower"]

LATENCY: Seconds = 5.0

STALL: Seconds = 0.4
"""TCP sends a lost segment again after its retransmission time-out, which doubles while it is lost again."""

LOST_SHARE = 0.1

LATE: Seconds = 14.0
"""Later than EVCE waits for an answer."""


def disturbed(kind: str, what: str, lasts: Seconds, make: Callable[[House], Disturbance]) -> Mishap:
    """Frames come late or never while it lasts."""
    made: list[Disturbance] = []

    def strike(house: House) -> None:
        made.append(make(house))
        house.disturbances.append(made[0])

    def mend(house: House) -> None:
        house.disturbances.remove(made.pop())

    return Mishap(0.0, kind, what, lasts, strike, mend)


def answers_held(station: str, action: str, late: Seconds) -> Disturbance:
    """The answers of one station to these calls come late, or never."""
    asked: set[str] = set()

    def disturb(name: str, frame: str, upward: bool, _: float) -> Seconds:
        if name != station:
            return 0.0
        message = json.loads(frame)
        if not upward and message[0] == 2 and message[2] == action:
            asked.add(message[1])
        return late if upward and message[0] == 3 and message[1] in asked else 0.0

    return disturb


def _latency(_: House) -> Disturbance:
    # The delay that there is has been gone through by whatever was said before.
    return lambda _name, _frame, _upward, _now: LATENCY


def _loss(house: House) -> Disturbance:
    chance = Random(f"loss/{house.seed}")  # noqa: S311 - a rehearsal, no secret
    free_at: dict[tuple[str, bool], float] = {}

    def disturb(name: str, _: str, upward: bool, now: float) -> Seconds:
        stalled, again = 0.0, STALL
        while chance.random() < LOST_SHARE:
            stalled, again = stalled + again, 2.0 * again
        # What follows on the same connection waits for what was lost.
        arrives = max(now + stalled, free_at.get((name, upward), 0.0))
        free_at[name, upward] = arrives
        return arrives - now

    return disturb


def _car_leaves(mishap: Mishap) -> Mishap:
    """Something to give to others, so that a raise is due."""

    def strike(house: House) -> None:
        mishap.strike(house)
        house.world.stations["O1"].unplug(1, house.now)

    return Mishap(0.0, mishap.kind, f"{mishap.what}; O1's car leaves", mishap.lasts, strike, mishap.mend)


def _risen(stage: Stage) -> bool:
    return all(stage.pilot(where) > stage.before[where] + 1.0 for where in ("G1", "G2"))


def _flap(stage: Stage) -> Mishap:
    name = stage.station

    def strike(house: House) -> None:
        for number in range(5):
            house.later(6.0 * number, lambda: house.site.hang_up(name, house.now))

    return Mishap(0.0, "link", f"{name} is hung up on five times", 0.0, strike)


def _address_changes(stage: Stage) -> Mishap:
    name = stage.station

    def strike(house: House) -> None:
        house.peers[name] = "192.0.2.77:40000"
        house.site.hang_up(name, house.now)

    return Mishap(0.0, "link", f"{name} comes from another address", 0.0, strike)


def lower(stage: Stage, mishap: Mishap) -> Mishap:
    """The first input closes as well, so that there is a setpoint to be told."""
    del stage

    def strike(house: House) -> None:
        mishap.strike(house)
        house.inputs.switch(1, True)

    def mend(house: House) -> None:
        if mishap.mend is not None:
            mishap.mend(house)
        house.inputs.switch(1, False)

    return Mishap(0.0, mishap.kind, f"{mishap.what}; input 1 closes", mishap.lasts, strike, mend)


_PEACE = (
    Sight(
        "EVCE's links stay up", 30.0, lambda stage: stage.raised("disconnected") == 0, kept=True, alone=True
    ),
)

LINKS: tuple[Fault, ...] = (
    Fault(
        "link-reset",
        "RST",
        "a station's connection is reset and can't be had again",
        (
            alarm("disconnected", 1.0, at_victim="station"),
            no_raise(LEASE / 3.0 - 5.0),
            Sight(
                "its share is given to others once its lease has run out",
                LEASE + 25.0,
                lambda stage: (
                    stage.house.drawn(stage.station) == 0.0 and stage.pilot("G1") > stage.before["G1"] + 1.0
                ),
                alone=True,
            ),
            alarm_over("disconnected", 35.0),
            back(10.0),
        ),
        lambda stage: link_is_cut(stage.station, LEASE + 25.0),
    ),
    Fault(
        "link-flaps",
        "flapping",
        "a station's connection breaks five times in half a minute",
        (
            alarm("disconnected", 30.0, at_victim="station"),
            one_alarm("disconnected", 60.0),
            unmoved(60.0),
            no_raise(60.0),
        ),
        _flap,
        watched=60.0,
    ),
    Fault(
        "latency-5s",
        "5 s latency",
        "every frame of every station takes 5 s longer",
        (
            Sight("raises come, slowly", 60.0, _risen, alone=True),
            Sight(
                "no raise before its funding has been acknowledged and the cars have settled",
                8.0,
                lambda stage: (
                    not any(stage.pilot(where) > stage.before[where] + 1.0 for where in ("G1", "G2"))
                ),
                kept=True,
                alone=True,
            ),
            *_PEACE,
        ),
        lambda _: _car_leaves(disturbed("network", "5 s latency", 70.0, _latency)),
        calms_within=240.0,
        leaves=("setpoint_not_respected",),
    ),
    Fault(
        "loss-10-percent",
        "10 % loss",
        "one in ten segments is lost and sent again",
        (Sight("raises come", 60.0, _risen, alone=True), *_PEACE),
        lambda _: _car_leaves(disturbed("network", "10 % loss", 70.0, _loss)),
    ),
    Fault(
        "address-changes",
        "IP change",
        "a station comes back from another address",
        (
            line("192.0.2.77", 30.0),
            Sight("it is the same station, verified", 30.0, Stage.linked),
            same_sessions(30.0),
            no_raise(30.0),
        ),
        _address_changes,
        watched=30.0,
    ),
    Fault(
        "answer-late",
        "late CALLRESULT",
        "a station's answers to SetChargingProfile come after EVCE has given them up",
        (
            line("came too late", LEASE + 0.0),
            no_raise(30.0),
        ),
        lambda stage: lower(
            stage,
            disturbed(
                "station",
                f"{stage.station} answers late",
                LEASE + 0.0,
                lambda _: answers_held(stage.station, "SetChargingProfile", LATE),
            ),
        ),
        calms_within=240.0,
        leaves=("setpoint_not_respected",),
    ),
    Fault(
        "profile-unanswered",
        "profile timeout",
        "a station never answers a SetChargingProfile",
        (
            alarm("profile_rejected", 10.5, at_victim="station", alone=True),
            no_raise(30.0),
        ),
        lambda stage: lower(
            stage,
            disturbed(
                "station",
                f"{stage.station} doesn't answer SetChargingProfile",
                LEASE + 0.0,
                lambda _: answers_held(stage.station, "SetChargingProfile", inf),
            ),
        ),
        calms_within=240.0,
        leaves=("setpoint_not_respected",),
    ),
)
"""What breaks between the house and its stations."""
