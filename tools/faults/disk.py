"""Faults of EVCE's disk: full, read-only, failing, or with a damaged database on it."""

from pathlib import Path

from evce.storage.snapshots import SnapshotCopy
from tools.faults.fault import Fault, Sight, When
from tools.faults.sights import alarm, alarm_over, same_sessions
from tools.faults.stage import Stage
from tools.rehearsal.house import House
from tools.rehearsal.mishaps import Mishap, disk_fails

__all__ = ["DISK"]

READ_ONLY = "attempt to write a readonly database"
INPUT_OUTPUT = "disk I/O error"


def _newcomer(stage: Stage, mishap: Mishap) -> Mishap:
    """A car comes while nothing can be written, and an input asks for a reduction."""

    def strike(house: House) -> None:
        house.world.stations[stage.station].unplug(1, house.now)
        house.run(15.0)
        stage.begin()
        mishap.strike(house)
        house.plug(stage.station, badge=30)
        house.inputs.switch(1, True)

    def mend(house: House) -> None:
        if mishap.mend is not None:
            mishap.mend(house)
        house.inputs.switch(1, False)

    what = f"{mishap.what}; a car comes, input 1 closes"
    return Mishap(0.0, mishap.kind, what, mishap.lasts, strike, mend)


def _each_third_fails(stage: Stage) -> Mishap:
    """Those between succeed: whoever tries again is lucky."""

    def strike(house: House) -> None:
        def count() -> None:
            stage.notes["commits"] = stage.notes.get("commits", 0) + 1
            failing = stage.notes["commits"] % 3 == 0
            stage.notes["failed"] = stage.notes.get("failed", 0) + failing
            house.disk.trouble = INPUT_OUTPUT if failing else ""

        house.disk.committing = count

    def mend(house: House) -> None:
        house.disk.committing, house.disk.trouble = None, ""

    mishap = Mishap(0.0, "disk", "each third commit fails with an I/O error", 40.0, strike, mend)
    return _newcomer(stage, mishap)


def _no_false_answer(stage: Stage) -> bool:
    """A transaction that is answered is on the disk."""
    known = {int(session.transaction) for session in stage.house.sessions()}
    return {number for number in stage.house.running().values() if number is not None} <= known


def _halved(stage: Stage) -> bool:
    return max(stage.house.cars("main")) <= 50.1


def _newcomer_charges(stage: Stage) -> bool:
    return stage.house.drawn(stage.station) > 15.0


def _one_session(stage: Stage) -> bool:
    """The one that ended before, and the one that runs."""
    records = [record for record in stage.house.sessions() if record.connector.station == stage.station]
    running = [int(record.transaction) for record in records if record.stopped_at is None]
    return len(records) == 2 and running == [stage.house.running().get(f"{stage.station}/1")]


_READ_ONLY = (
    alarm("storage_failed", 7.0),
    Sight("reductions go on: 50 A", 12.0, _halved, alone=True),
    Sight("no transaction is told a lie", 40.0, _no_false_answer, kept=True),
    Sight("nothing is raised", 40.0, Stage.nobody_rises, kept=True, alone=True),
    alarm_over("storage_failed", 10.0),
    Sight("the newcomer charges", 200.0, _newcomer_charges, When.MEND, alone=True),
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


DISK: tuple[Fault, ...] = (
    Fault(
        "disk-full",
        "ENOSPC",
        "the disk is full",
        _READ_ONLY,
        lambda stage: _newcomer(stage, disk_fails(40.0)),
        calms_within=240.0,
        part="disk",
    ),
    Fault(
        "disk-read-only",
        "read-only",
        "the disk can only be read",
        _READ_ONLY,
        lambda stage: _newcomer(stage, disk_fails(40.0, READ_ONLY)),
        calms_within=240.0,
        part="disk",
    ),
    Fault(
        "disk-io-error",
        "EIO on fsync",
        "each commit fails with an I/O error",
        _READ_ONLY,
        lambda stage: _newcomer(stage, disk_fails(40.0, INPUT_OUTPUT)),
        calms_within=240.0,
        part="disk",
    ),
    Fault(
        "disk-third-commit",
        "I/O error on the third commit",
        "each third commit fails with an I/O error",
        (
            Sight("some fail", 40.0, lambda stage: stage.notes.get("failed", 0) > 2),
            Sight("reductions go on: 50 A", 12.0, _halved, alone=True),
            Sight("no transaction is told a lie", 40.0, _no_false_answer, kept=True),
            same_sessions(40.0),
            Sight("the newcomer has one session", 40.0, _one_session, alone=True),
            alarm_over("storage_failed", 10.0),
            Sight("the newcomer charges", 200.0, _newcomer_charges, When.MEND, alone=True),
        ),
        _each_third_fails,
        calms_within=240.0,
        part="disk",
    ),
    Fault(
        "database-corrupt",
        "corrupt database",
        "the database file is damaged when the process starts",
        (
            alarm("database_restored", 30.0),
            Sight("the damaged file is kept", 30.0, _quarantined),
            Sight("every station is verified", 30.0, lambda stage: stage.house.all_verified(), alone=True),
            same_sessions(30.0),
        ),
        _corrupted,
        part="disk, process",
        books=False,
        leaves=("database_restored",),
    ),
)
"""What the disk may do."""
