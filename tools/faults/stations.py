"""Faults of the charging stations: what they refuse, ignore, say twice, forget or have wrong."""

import json
from collections.abc import Callable
from dataclasses import replace
from math import inf
from typing import Any

from actors.messages import ListOrphanStops
from evce.units import Seconds
from tools.faults.fault import Fault, Sight, When
from tools.faults.links import lower
from tools.faults.sights import alarm, alarm_over, back, line, no_raise
from tools.faults.stage import LEASE, Stage
from tools.rehearsal.house import House
from tools.rehearsal.mishaps import Mishap, building_steps, station_reboots
from tools.rehearsal.wires import Disturbance
from tools.simulation.outbox import Call
from tools.simulation.profiles16 import print_time
from tools.simulation.quirks import Quirks
from tools.simulation.station import Station

__all__ = ["STATIONS", "habit"]

HOUR: Seconds = 3600.0

HEARTBEAT: Seconds = 60.0
"""Of the site on which faults are played."""


def habit(stage: Stage, what: str, lasts: Seconds, **changes: Any) -> Mishap:
    """A station behaves so for a while (see `Quirks`)."""
    name = stage.station
    before: list[Quirks] = []

    def strike(house: House) -> None:
        station = house.world.stations[name]
        before.append(station.quirks)
        station.quirks = replace(station.quirks, **changes)

    def mend(house: House) -> None:
        house.world.stations[name].quirks = before.pop()

    return Mishap(0.0, "station", f"{name} {what}", lasts, strike, mend)


def _below(stage: Stage) -> bool:
    """Whether the others have made up for the step, and the victim keeps its current."""
    above = stage.house.now <= stage.struck + 0.5
    return not above and max(stage.house.truth(stage.zone)) <= 100.5 and stage.pilot(stage.station) > 20.0


def _while_the_building_grows(mishap: Mishap) -> Mishap:
    """The building takes 40 A more as well: everybody must give way, and one can't be told."""
    step = building_steps("main", 40.0, mishap.lasts)

    def strike(house: House) -> None:
        mishap.strike(house)
        step.strike(house)

    return replace(mishap, what=f"{mishap.what}; {step.what}", strike=strike)


def _stubborn(**changes: Any) -> Callable[[Stage], Mishap]:
    def make(stage: Stage) -> Mishap:
        words = ", ".join(changes).replace("_", " ")
        return _while_the_building_grows(habit(stage, words, 40.0, **changes))

    return make


_KEPT = (
    alarm("profile_rejected", 10.0, at_victim="station", alone=True),
    no_raise(30.0),
    Sight("the others make up for it: what flows is below the limit", 10.0, _below, alone=True),
    alarm_over("profile_rejected", LEASE + 0.0),
)


def _replug(stage: Stage, then: Callable[[Station, House], None], what: str) -> Mishap:
    """The victim's car leaves; another comes once something has been done to the station."""
    name = stage.station

    def strike(house: House) -> None:
        station = house.world.stations[name]
        station.unplug(1, house.now)
        then(station, house)
        house.plug(name, badge=30)

    return Mishap(0.0, "station", f"{name} {what}", 0.0, strike)


def _twice(station: Station, _: House) -> None:
    station.quirks = replace(station.quirks, repeats_start=True)


def _one_new_session(stage: Stage) -> bool:
    number = stage.house.running().get(f"{stage.station}/1")
    known = [s for s in stage.house.sessions() if s.connector.station == stage.station]
    # The outlet had one session before; only one more may be there now.
    return number is not None and len(known) == 2


def _at_most_one_more(stage: Stage) -> bool:
    return len([s for s in stage.house.sessions() if s.connector.station == stage.station]) <= 2


def _stop_of_nothing(stage: Stage) -> Mishap:
    name = stage.station

    def strike(house: House) -> None:
        station = house.world.stations[name]
        payload = {
            "transactionId": 987_654,
            "idTag": "NOBODY",
            "meterStop": 1234,
            "timestamp": print_time(station.clock(house.now)),
        }
        station.outbox.put(Call("StopTransaction", lambda: payload, lasting=True))

    return Mishap(0.0, "station", f"{name} ends a transaction that never began", 0.0, strike)


def _orphans(stage: Stage) -> int:
    found = stage.house.runtime.ask("recorder", ListOrphanStops(), 5.0)
    return len(found) if isinstance(found, list) else 0


def _answers_lost(station: str, action: str) -> Disturbance:
    """The answers to these calls of one station never reach it."""
    asked: set[str] = set()

    def disturb(name: str, frame: str, upward: bool, _: float) -> Seconds:
        if name != station:
            return 0.0
        message = json.loads(frame)
        if upward and message[0] == 2 and message[2] == action:
            asked.add(message[1])
        return inf if not upward and message[0] == 3 and message[1] in asked else 0.0

    return disturb


def _never_learns_its_number(stage: Stage) -> Mishap:
    name = stage.station
    lost = _answers_lost(name, "StartTransaction")

    def strike(house: House) -> None:
        house.disturbances.append(lost)
        house.world.stations[name].unplug(1, house.now)
        house.plug(name, badge=30)
        house.later(10.0, lambda: end(house))

    def end(house: House) -> None:
        house.disturbances.remove(lost)
        station = house.world.stations[name]
        # It gives up at once instead of asking again, as some do.
        station.outbox.outstanding = None
        station.unplug(1, house.now)

    return Mishap(0.0, "station", f"{name} ends its session with the id -1", 0.0, strike)


def _both_ended(stage: Stage) -> bool:
    """The session that ran before, and the one whose number never arrived."""
    ended = [s for s in stage.house.sessions() if s.connector.station == stage.station]
    return len(ended) == 2 and all(s.stopped_at is not None for s in ended)


def _replays(stage: Stage) -> Mishap:
    """Two cars come and one leaves again; then the station says all that it said of it once more."""
    name = stage.station
    said: dict[str, list[Any]] = {}
    answers: dict[str, Any] = stage.notes.setdefault("answers", {})

    def overhear(station: str, frame: str, upward: bool, _: float) -> Seconds:
        if station == name:
            message = json.loads(frame)
            if upward and message[0] == 2 and message[2] in ("StartTransaction", "StopTransaction"):
                said[message[1]] = message
            elif not upward and message[0] == 3:
                answers[message[1]] = message[2]
        return 0.0

    def strike(house: House) -> None:
        house.disturbances.append(overhear)
        house.world.stations[name].unplug(1, house.now)
        house.plug(name, badge=30)
        house.later(12.0, lambda: house.world.stations[name].unplug(1, house.now))
        house.later(14.0, lambda: house.plug(name, badge=31))
        house.later(26.0, lambda: again(house))

    def again(house: House) -> None:
        stage.notes["said"] = list(said)
        for id_, message in list(said.items()):
            house.wires.from_station(name, json.dumps([2, f"again-{id_}", *message[2:]]))

    return Mishap(0.0, "station", f"{name} says its transactions of the last minute again", 0.0, strike)


def _answered_alike(stage: Stage) -> bool:
    answers, said = stage.notes["answers"], stage.notes.get("said", [])
    return len(said) >= 4 and all(
        answers.get(f"again-{id_}", {}).get("transactionId", 0) == answers[id_].get("transactionId", 0)
        and f"again-{id_}" in answers
        for id_ in said
    )


def _three_sessions(stage: Stage) -> bool:
    """The one before, the one between, and the one that runs."""
    known = [s for s in stage.house.sessions() if s.connector.station == stage.station]
    running = [int(s.transaction) for s in known if s.stopped_at is None]
    return len(known) == 3 and running == [stage.house.running().get(f"{stage.station}/1")]


def _three_at_most(stage: Stage) -> bool:
    return len([s for s in stage.house.sessions() if s.connector.station == stage.station]) <= 3


def _clock_jumps(stage: Stage) -> Mishap:
    name = stage.station
    by = HOUR if stage.variant == "ahead" else -HOUR
    before: list[tuple[Quirks, float]] = []

    def strike(house: House) -> None:
        station = house.world.stations[name]
        before.append((station.quirks, station._utc_offset))
        station.quirks = replace(station.quirks, ignores_central_time=True)
        station._utc_offset += by

    def mend(house: House) -> None:
        station = house.world.stations[name]
        station.quirks, station._utc_offset = before.pop()

    return Mishap(0.0, "station", f"the clock of {name} is an hour {stage.variant}", 90.0, strike, mend)


def _boots_and_goes_on(stage: Stage) -> Mishap:
    stage.notes["sent"] = []
    return station_reboots(stage.station)


def _no_raise_before_verified(stage: Stage) -> bool:
    """Once it is back, its car is offered no more than its fall-back until it is verified."""
    fallback = 0.0  # a station of a dynamic zone
    return stage.linked() or stage.pilot(stage.station) <= max(fallback, stage.before[stage.station])


def _told(stage: Stage) -> float | None:
    """The setpoint that the pages show for the victim."""
    view = stage.station_view()
    return None if view is None else view.connectors[0].setpoint


STATIONS: tuple[Fault, ...] = (
    Fault(
        "profile-rejected",
        "Rejected",
        "a station answers every SetChargingProfile with Rejected",
        _KEPT,
        _stubborn(reject_profiles=True),
        part="building",
    ),
    Fault(
        "profile-not-supported",
        "NotSupported",
        "a station answers smart charging with the error NotSupported",
        _KEPT,
        _stubborn(profiles_not_supported=True),
        part="building",
    ),
    Fault(
        "profile-ignored",
        "accepted, ignored",
        "a station accepts a lower setpoint and lets its car draw on",
        (
            alarm("setpoint_not_respected", 14.0),
            Sight("it is told 0 A", 14.0, lambda stage: _told(stage) == 0.0),
        ),
        lambda stage: lower(stage, habit(stage, "ignores what it accepted", 40.0, disobey=True)),
        calms_within=180.0,
    ),
    Fault(
        "start-twice",
        "duplicate Start",
        "a station sends its StartTransaction twice, the second with a new message id",
        (
            Sight("one session", 20.0, _one_new_session),
            Sight("never a second one", 30.0, _at_most_one_more, kept=True),
        ),
        lambda stage: _replug(stage, _twice, "sends each StartTransaction twice"),
        watched=30.0,
    ),
    Fault(
        "stop-before-start",
        "Stop before Start",
        "a station ends a transaction that EVCE never heard of",
        (
            Sight("the stop is listed as an orphan", 1.0, lambda stage: _orphans(stage) == 1, alone=True),
            line("kept as an orphan", 6.0),
            Sight("no session is changed by it", 15.0, Stage.same_sessions, kept=True, alone=True),
        ),
        _stop_of_nothing,
    ),
    Fault(
        "transaction-minus-one",
        "id -1",
        "the answer to a StartTransaction is lost, and the station ends that session with -1",
        (
            Sight("its session has ended, one record", 12.0, _both_ended, alone=True),
            Sight("no orphan is left", 15.0, lambda stage: _orphans(stage) == 0, kept=True, alone=True),
        ),
        _never_learns_its_number,
    ),
    Fault(
        "transactions-replayed",
        "replayed transactions",
        "a station says its StartTransactions and StopTransactions of the last minute again",
        (
            Sight("each is answered as the first time", 27.0, _answered_alike, alone=True),
            Sight("each session has one record", 27.0, _three_sessions, alone=True),
            Sight("nothing is added by them", 45.0, _three_at_most, kept=True, alone=True),
            Sight("no orphan is left", 45.0, lambda stage: _orphans(stage) == 0, kept=True, alone=True),
        ),
        _replays,
        watched=45.0,
    ),
    Fault(
        "station-reboots",
        "station reboots mid-session",
        "a station loses its power while its car charges",
        (
            alarm("disconnected", 1.0, at_victim="station"),
            alarm("boot", 30.0),
            Sight("no raise before it is verified", 30.0, _no_raise_before_verified, kept=True),
            back(30.0, When.STRIKE),
            Sight("its car charges again", 60.0, lambda stage: stage.house.drawn(stage.station) > 6.0),
        ),
        _boots_and_goes_on,
        watched=60.0,
        calms_within=120.0,
    ),
    Fault(
        "station-clock",
        "station clock ±1 h",
        "a station's clock jumps by an hour and can't be set",
        (
            alarm("clock_skew", HEARTBEAT, at_victim="station"),
            alarm_over("clock_skew", HEARTBEAT + 5.0),
        ),
        _clock_jumps,
        variants=("ahead", "behind"),
        calms_within=120.0,
    ),
)
"""What stations do wrong."""
