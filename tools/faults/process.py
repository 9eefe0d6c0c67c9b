"""Faults of EVCE's process: it is killed, or the power fails in the middle of a transaction."""

from actors.messages import Message, RecordStart
from tools.faults.fault import Fault, Sight
from tools.faults.sights import same_sessions
from tools.faults.stage import Stage
from tools.rehearsal.house import FULL, House
from tools.rehearsal.mishaps import Mishap, process_dies

__all__ = ["PROCESS"]


def _power_cut(stage: Stage) -> Mishap:
    """The power fails between the arrival of a StartTransaction and its commit."""
    name = stage.station

    def strike(house: House) -> None:
        house.world.stations[name].unplug(1, house.now)
        house.run(2.0)
        house.heard.append(pull)
        house.plug(name, badge=30)

    def pull(_: float, receiver: str, message: Message) -> None:
        house = stage.house
        if receiver == "recorder" and isinstance(message, RecordStart) and "pulled" not in stage.notes:
            stage.notes["pulled"] = house.now
            house.wires.pulled = True
            house.disk.trouble = FULL  # what is not written by now never will be

    return Mishap(0.0, "process", f"the power fails while {name} begins a session", 0.0, strike)


def _after_the_cut(stage: Stage) -> bool:
    house = stage.house
    if "pulled" in stage.notes and "restarted" not in stage.notes:
        stage.notes["restarted"] = house.now
        house.disk.trouble = ""
        house.crash(2.0)
    return "restarted" in stage.notes


def _one_record(stage: Stage) -> bool:
    number = stage.house.running().get(f"{stage.station}/1")
    records = [
        s for s in stage.house.sessions() if s.connector.station == stage.station and s.stopped_at is None
    ]
    return number is not None and [int(s.transaction) for s in records] == [number]


def _dies(stage: Stage) -> Mishap:
    del stage
    return process_dies(3.0)


_SAME_AGAIN = (
    Sight("every station is verified", 13.0, lambda stage: stage.house.all_verified(), alone=True),
    Sight("nobody rises before", 30.0, Stage.nobody_rises, kept=True, alone=True),
    same_sessions(30.0),
)


PROCESS: tuple[Fault, ...] = (
    Fault("process-killed", "kill -9", "the process is killed", _SAME_AGAIN, _dies, part="process"),
    Fault(
        "power-cut-at-start",
        "power cut Start→commit",
        "the power fails between a StartTransaction and its commit",
        (
            # It comes with the StartTransaction; on a link with 5 s latency that is the seventh message.
            Sight("the power fails, and another process begins", 90.0, _after_the_cut),
            Sight("the station asks again: one record", 120.0, _one_record),
        ),
        _power_cut,
        part="process",
        watched=60.0,
    ),
)
"""What may end it."""
