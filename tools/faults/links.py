"""Faults of the links: to the stations, to the operator, and of the network between them."""

import json
from collections.abc import Callable
from functools import cache
from math import inf
from random import Random

from evce.configuration.document import SiteDocument
from evce.configuration.toml_source import parse_toml
from evce.facts import Link
from evce.units import Seconds
from tools.faults.fault import Fault, Sight, When
from tools.faults.sights import alarm, alarm_over, back, line, no_raise, one_alarm, same_sessions, unmoved
from tools.faults.stage import LEASE, Site, Stage
from tools.rehearsal.house import House
from tools.rehearsal.mishaps import Mishap, link_is_cut
from tools.rehearsal.operator import VirtualOperator
from tools.rehearsal.wires import Disturbance

__all__ = ["LINKS", "answers_held", "disturbed", "lower"]

HUNDRED = 100

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
            house.runtime.call_after(6.0 * number, lambda: house.site.hang_up(name, house.now))

    return Mishap(0.0, "link", f"{name} is hung up on five times", 0.0, strike)


@cache
def hundred_stations() -> SiteDocument:
    """A hundred outlets at four switchboards of 25, below one feeder with a meter."""
    zones = "".join(
        f'[[zones]]\nid = "row{n}"\nname = "Row {n}"\nparent = "main"\nmaximum_a = 250\n' for n in range(4)
    )
    stations = "".join(
        f'[[stations]]\nbox_identity = "P{n:03}"\nname = "P{n:03}"\nfamily = "pro_ac"\nzone = "row{n % 4}"\n'
        '[[stations.connectors]]\nwiring = "TRI123"\n'
        for n in range(HUNDRED)
    )
    return parse_toml(
        '[site]\nname = "Depot"\ntime_zone = "Europe/Paris"\n'
        '[ocpp]\nprofile_memory = "ram"\nmeter_interval_s = 10\n'
        '[[zones]]\nid = "main"\nname = "Main"\nmaximum_a = 800\nmode = "dynamic"\nmeter = "main-meter"\n'
        f'{zones}{stations}[[meters]]\nid = "main-meter"\nname = "Main meter"\nrole = "zone"\nzone = "main"\n'
        'model = "pm5320"\nhost = "127.0.0.1"\n[authentication]\nmode = "all_cards"\n'
        f"[advanced]\nlease_dynamic_s = {LEASE}\nlease_static_s = {LEASE}\n"
    )


_DEPOT = Site(hundred_stations, tuple(f"P{n:03}" for n in range(0, HUNDRED, 4)), settled=30.0)
"""Every fourth outlet, those of row 0, has a car."""


def _switch_lost(stage: Stage) -> Mishap:
    names = sorted(stage.house.world.stations)[: HUNDRED // 2]

    def each(do: Callable[[House, str], None]) -> Callable[[House], None]:
        def all_of_them(house: House) -> None:
            for name in names:
                do(house, name)

        return all_of_them

    return Mishap(
        0.0,
        "link",
        f"a switch with {len(names)} stations is off",
        LEASE + 25.0,
        each(lambda house, name: house.site.cut(name, house.now)),
        each(lambda house, name: house.site.restore(name, house.now)),
    )


def _all_break(stage: Stage) -> Mishap:
    def strike(house: House) -> None:
        for name in house.world.stations:
            house.site.hang_up(name, house.now)

    return Mishap(0.0, "link", f"all {len(stage.house.world.stations)} stations reconnect", 0.0, strike)


def _away(stage: Stage) -> int:
    views = stage.house.snapshot().stations.values()
    return sum(view.link is not Link.CONNECTED for view in views)


def _reallocated(stage: Stage) -> bool:
    reachable = [
        where for where in stage.before if stage.house.outlet(where).pilot > stage.before[where] + 1.0
    ]
    return bool(reachable)


def _operator(house: House) -> VirtualOperator:
    if house.operator is None:
        raise ValueError("this house has no operator: its site must be an operated one")
    return house.operator


def _operator_down(lasts: Seconds) -> Callable[[Stage], Mishap]:
    def make(stage: Stage) -> Mishap:
        def strike(house: House) -> None:
            _operator(house).down = True
            # One session ends and one begins while nobody listens.
            house.world.stations["S1"].unplug(1, house.now)
            house.runtime.call_after(20.0, lambda: house.plug("S1", badge=20))

        def mend(house: House) -> None:
            _operator(house).down = False

        del stage
        return Mishap(0.0, "operator", "the operator's system is away", lasts, strike, mend)

    return make


def _operator_slow(stage: Stage) -> Mishap:
    def slow(seconds: Seconds) -> Callable[[House], None]:
        def do(house: House) -> None:
            _operator(house).system.habits.slow = seconds
            if seconds:
                house.world.stations["S1"].unplug(1, house.now)
                house.runtime.call_after(10.0, lambda: house.plug("S1", badge=20))

        return do

    del stage
    return Mishap(0.0, "operator", "the operator answers after 8 s", 60.0, slow(8.0), slow(0.0))


def _waiting(stage: Stage) -> int:
    return sum(view.waiting for view in stage.house.snapshot().uplinks.values())


def _told_all(stage: Stage) -> bool:
    book = _operator(stage.house).system.book
    ended = {session.transaction for session in stage.house.sessions()}
    return _waiting(stage) == 0 and not book.faults and len(book.transactions) == len(ended)


def _charging(stage: Stage) -> bool:
    return all(stage.pilot(where) >= 6.0 for where in ("G1", "G2", "O1", "S2"))


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
        "switch-lost",
        "switch loss, 100 stations",
        "a switch dies: half of a hundred stations are cut off at once",
        (
            alarm("disconnected", 1.0),
            Sight(
                "the pages show 50 stations as disconnected", 1.0, lambda stage: _away(stage) == HUNDRED // 2
            ),
            Sight(
                "what they had is given to others after their leases", LEASE + 10.0, _reallocated, alone=True
            ),
            alarm_over("disconnected", 40.0),
        ),
        _switch_lost,
        site=_DEPOT,
        pairs=False,
    ),
    Fault(
        "reconnect-storm",
        "reconnect storm",
        "a hundred stations reconnect at the same moment",
        (
            Sight("some are away", 1.0, lambda stage: _away(stage) > 0),
            Sight("all are verified again", 60.0, lambda stage: stage.house.all_verified()),
            same_sessions(60.0),
        ),
        _all_break,
        watched=60.0,
        site=_DEPOT,
        pairs=False,
    ),
    Fault(
        "operator-down",
        "CPO down 24 h",
        "the operator's system can't be reached",
        (
            alarm("cpo_unreachable", 70.0),
            Sight("the messages that wait are shown", 30.0, lambda stage: _waiting(stage) >= 2),
            Sight("charging goes on", 90.0, _charging, kept=True, alone=True),
            Sight("the newcomer charges", 60.0, lambda stage: stage.pilot("S1") >= 6.0, alone=True),
            Sight("everything is delivered, once", 600.0, _told_all, When.MEND),
            alarm_over("cpo_unreachable", 120.0),
        ),
        _operator_down(120.0),
        site=Site(operated=True),
        pairs=False,
    ),
    Fault(
        "operator-slow",
        "CPO slow",
        "the operator's system takes 8 s for each answer",
        (
            Sight("charging goes on", 60.0, _charging, kept=True, alone=True),
            Sight("the newcomer charges", 45.0, lambda stage: stage.pilot("S1") >= 6.0, alone=True),
            Sight("everything is delivered, once", 120.0, _told_all, When.MEND),
        ),
        _operator_slow,
        site=Site(operated=True),
        pairs=False,
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
"""What breaks between the house and others."""
