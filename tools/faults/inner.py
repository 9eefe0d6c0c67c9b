"""Faults inside EVCE: its actors, its disk, its process and its clock."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from actors.messages import Message, RecordStart
from evce.storage.snapshots import SnapshotCopy
from evce.units import Seconds
from tools.faults.fault import Fault, Sight, When
from tools.faults.sights import alarm, alarm_over, no_raise, same_sessions, unmoved
from tools.faults.stage import Stage
from tools.rehearsal.house import FULL, House
from tools.rehearsal.mishaps import Mishap, actor_fails, disk_fails, process_dies

__all__ = ["INNER"]

ACTORS = ("station/O1", "zone/main", "zone/garage", "meter/main-meter", "inputs", "recorder", "view", "site")

READ_ONLY = "attempt to write a readonly database"
INPUT_OUTPUT = "disk I/O error"

DAY: Seconds = 86_400.0

CRASHES = 150
"""More deaths than any supervisor puts up with in its period."""


# ---- actors ----


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
        Sight("every station is verified again", 30.0, lambda stage: stage.house.all_verified()),
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
        house.runtime.call_after(0.1, lambda: again(house, left - 1))

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
            house.runtime.call_after(0.005 * number, lambda: say(house))
        house.runtime.call_after(2.0, lambda: house.inputs.switch(3, True))

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


# ---- the disk ----


def _newcomer(stage: Stage, mishap: Mishap) -> Mishap:
    """A car comes while nothing can be written, and an input asks for a reduction."""

    def strike(house: House) -> None:
        house.world.stations["O1"].unplug(1, house.now)
        house.run(15.0)
        stage.begin()
        mishap.strike(house)
        house.plug("O1", badge=30)
        house.inputs.switch(1, True)

    def mend(house: House) -> None:
        if mishap.mend is not None:
            mishap.mend(house)
        house.inputs.switch(1, False)

    what = f"{mishap.what}; a car comes, input 1 closes"
    return Mishap(0.0, mishap.kind, what, mishap.lasts, strike, mend)


def _no_false_answer(stage: Stage) -> bool:
    """A transaction that is answered is on the disk."""
    known = {int(session.transaction) for session in stage.house.sessions()}
    return {number for number in stage.house.running().values() if number is not None} <= known


_READ_ONLY = (
    alarm("storage_failed", 7.0),
    Sight("reductions go on: 50 A", 12.0, lambda stage: max(stage.house.cars("main")) <= 50.1, alone=True),
    Sight("no transaction is told a lie", 40.0, _no_false_answer, kept=True),
    Sight("nothing is raised", 40.0, Stage.nobody_rises, kept=True, alone=True),
    alarm_over("storage_failed", 10.0),
    Sight("the newcomer charges", 200.0, lambda stage: stage.house.drawn("O1") > 15.0, When.MEND, alone=True),
)


def _corrupted(stage: Stage) -> Mishap:
    """A snapshot is taken; later the file is damaged, and the process starts anew on it."""

    def strike(house: House) -> None:
        copy = SnapshotCopy(house.database, house.runtime.clock.utc_now(), "", lambda: None)
        while not copy.step():
            pass
        house.run(5.0)
        house.crash(2.0, _damage)

    del stage
    return Mishap(0.0, "disk", "the database is damaged", 0.0, strike)


def _damage(database: Path) -> None:
    for beside in (f"{database.name}-wal", f"{database.name}-shm"):
        database.with_name(beside).unlink(missing_ok=True)
    with database.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xde\xad" * 8192)


def _quarantined(stage: Stage) -> bool:
    return bool(list(stage.house.database.parent.glob("*.corrupt-*")))


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


# ---- the process ----


def _dies(stage: Stage) -> Mishap:
    del stage
    return process_dies(3.0)


_SAME_AGAIN = (
    Sight("every station is verified", 13.0, lambda stage: stage.house.all_verified()),
    Sight("nobody rises before", 30.0, Stage.nobody_rises, kept=True, alone=True),
    same_sessions(30.0),
)


# ---- the clock ----


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


def _fault(
    id_: str,
    title: str,
    breaks: str,
    sights: Sequence[Sight],
    mishap: Callable[[Stage], Mishap],
    **more: Any,
) -> Fault:
    return Fault(id_, title, breaks, tuple(sights), mishap, **more)


INNER: tuple[Fault, ...] = (
    _fault(
        "actor-exception",
        "actor exception",
        "an actor raises an exception",
        _replaced_within(1.0),
        _fails("exception"),
        variants=ACTORS,
    ),
    _fault(
        "actor-start-fails",
        "in on_start",
        "an actor raises an exception, and its next two incarnations as they start",
        _replaced_within(5.0),
        _fails_as_it_starts,
        variants=("station/O1", "zone/main", "meter/main-meter"),
    ),
    _fault(
        "actor-hangs",
        "actor hang",
        "an actor's handler never returns",
        _replaced_within(3.0),
        _fails("hang"),
        variants=("station/O1", "zone/main", "meter/main-meter", "view"),
    ),
    _fault(
        "actor-exits",
        "SystemExit in actor",
        "an actor calls sys.exit",
        _replaced_within(1.0),
        _fails("exit"),
        variants=("station/O1", "zone/main", "recorder"),
    ),
    _fault(
        "crash-loop",
        "crash loop",
        "an actor dies again as soon as it is back",
        (
            Sight("the process gives itself up, and another begins", 10.0, _restarted_process),
            Sight("every station is verified", 25.0, lambda stage: stage.house.all_verified()),
            same_sessions(60.0),
        ),
        _crashes_on,
        pairs=False,
    ),
    _fault(
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
    _fault("process-killed", "kill -9", "the process is killed", _SAME_AGAIN, _dies),
    _fault(
        "disk-full",
        "ENOSPC",
        "the disk is full",
        _READ_ONLY,
        lambda stage: _newcomer(stage, disk_fails(40.0)),
        calms_within=240.0,
        part="disk",
    ),
    _fault(
        "disk-read-only",
        "read-only",
        "the disk can only be read",
        _READ_ONLY,
        lambda stage: _newcomer(stage, disk_fails(40.0, READ_ONLY)),
        calms_within=240.0,
        part="disk",
    ),
    _fault(
        "disk-io-error",
        "EIO on fsync",
        "each commit fails with an I/O error",
        _READ_ONLY,
        lambda stage: _newcomer(stage, disk_fails(40.0, INPUT_OUTPUT)),
        calms_within=240.0,
        part="disk",
    ),
    _fault(
        "database-corrupt",
        "corrupt database",
        "the database file is damaged when the process starts",
        (
            alarm("database_restored", 30.0),
            Sight("the damaged file is kept", 30.0, _quarantined),
            Sight("every station is verified", 30.0, lambda stage: stage.house.all_verified()),
            same_sessions(30.0),
        ),
        _corrupted,
        books=False,
        pairs=False,
        leaves=("database_restored",),
    ),
    _fault(
        "power-cut-at-start",
        "power cut Start→commit",
        "the power fails between a StartTransaction and its commit",
        (
            Sight("the power fails, and another process begins", 15.0, _after_the_cut),
            Sight("the station asks again: one record", 60.0, _one_record),
        ),
        _power_cut,
        watched=60.0,
        pairs=False,
    ),
    _fault(
        "clock-day",
        "NTP ±1 day",
        "the clock on the wall jumps by a day",
        _TIMELESS,
        _clock(_a_day, "jumps by a day"),
        variants=("ahead", "behind"),
        pairs=False,
    ),
    _fault(
        "clock-1970",
        "RTC 1970",
        "the clock on the wall says 1970",
        _TIMELESS,
        _clock(_to_1970, "says 1970"),
        pairs=False,
    ),
    _fault(
        "clock-summer-time",
        "DST",
        "the clocks of the site's time zone change",
        _TIMELESS,
        _clock(_to_the_change, "is half a minute before summer time changes"),
        variants=("spring", "autumn"),
        pairs=False,
    ),
)
"""What breaks inside. """
