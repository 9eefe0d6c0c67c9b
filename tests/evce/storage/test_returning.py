"""Tests of what outlives the return to an older database."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from evce.errors import StorageError
from evce.records import EventRecord, PledgeRecord, StationMemory, UserRecord, WearRecord
from evce.security.profiles import SecurityProfile
from evce.security.standing import CertificateRecord, StationSecurity
from evce.storage import Store, mark_restored
from evce.storage.ids import PLANS_SKIPPED, UNKNOWN_GAP
from evce.storage.returning import carry_over, raise_floor
from evce.units import BoxIdentity, ZoneId
from tests.evce.storage.builders import CP1, NOW, later, start, stop

BOX = BoxIdentity("CP-01")
CERTIFICATE = CertificateRecord("1f", BOX, NOW, NOW + timedelta(700), "aa")


def returned(path: Path, backup: Path, *, users: bool = True) -> Store:
    """The store of `path` after the return to `backup`, as a restore does it."""
    carry_over(backup, path, NOW, users=users)
    raise_floor(path.parent, backup, path)
    mark_restored(backup)
    backup.replace(path)
    return Store(path, later(10_000))


@pytest.fixture
def backup(path: Path, tmp_path: Path) -> Path:
    """A copy made at NOW: session 1 runs, 2 has ended, both told to the operator; some of everything else."""
    with Store(path, NOW) as store:
        for number in (0, 1):
            session = start(store, started_at=later(-100 + number)).session
            store.keep_start(session, {"n": number}, NOW)
        ended = stop(store, 2, stopped_at=later(-1)).session
        assert ended is not None
        store.keep_stop(ended, {"n": "end"}, NOW)
        store.save_user(UserRecord("olivia", "admin", "old", NOW))
        store.save_user(UserRecord("former", "user", "old", NOW))
        store.keep_station_security(StationSecurity(BOX, ("old key",)))
        store.keep_certificate(CERTIFICATE)
        store.keep_wear([WearRecord(CP1, 5)])
        store.keep_stations([StationMemory(BOX, firmware="1")])
        store.commit_pledges(3, [PledgeRecord(CP1, 16.0, 120.0, 6.0)], NOW)
        store.keep_remote_limits({ZoneId("main"): 20.0})
        store.append_events([EventRecord(later(-5), "EVCE", "audit", "before", "olivia")])
    shutil.copyfile(path, tmp_path / "backup.db")
    return tmp_path / "backup.db"


def goes_on(path: Path) -> None:
    """What happens at the site after the backup."""
    with Store(path, NOW) as store:
        first = store.journal(BOX)
        for entry in first:
            store.message_taken(BOX, entry.entry, 70 + entry.entry)
        ended = stop(store, 1, stopped_at=later(50)).session
        assert ended is not None
        store.keep_stop(ended, {"n": "not told yet"}, later(51))
        running = start(store, started_at=later(60)).session
        store.keep_start(running, {"n": "runs"}, later(60))
        lost = start(store, started_at=later(55), meter_start=1.0).session
        stop(store, int(lost.transaction), stopped_at=later(58))
        store.save_user(UserRecord("olivia", "admin", "new", NOW))
        store.save_user(UserRecord("ned", "admin", "new", NOW))
        store.delete_user("former")
        store.keep_station_security(StationSecurity(BOX, ("new key",), SecurityProfile.BASIC_AUTH))
        store.keep_certificate(CertificateRecord("1f", BOX, NOW, NOW + timedelta(700), "aa", later(9)))
        store.keep_wear([WearRecord(CP1, 50)])
        store.keep_stations([StationMemory(BOX, firmware="2")])
        store.commit_pledges(9_000_000, [PledgeRecord(CP1, 32.0, 120.0, 6.0)], NOW)
        store.keep_remote_limits({ZoneId("main"): 10.0})
        store.append_events(
            [
                EventRecord(later(5), "EVCE", "audit", "after", "ned"),
                EventRecord(later(6), "CP-01", "system", "noise"),
            ]
        )


def test_what_an_older_database_can_not_know_is_kept(path: Path, backup: Path) -> None:
    """SR-2: keys, revocations, flash wear, limits of programs, and who did what; the rest is as it was."""
    goes_on(path)
    with returned(path, backup) as store:
        assert [user.login for user in store.users()] == ["former", "olivia"]
        assert store.station_security()[0].keys == ("new key",)
        assert store.station_certificates()[0].revoked_at == later(9)
        assert [record.total for record in store.wear(BOX)] == [50]
        known = store.station_memory(BOX)
        assert known is None or known.firmware == "2"
        assert store.remote_limits() == {"main": 10.0}
        told = [event.message for event in store.list_events()]
        assert "after" in told
        assert "before" in told
        assert "noise" not in told


def test_the_stations_are_unverified_and_no_id_is_given_again(path: Path, backup: Path) -> None:
    """SR-2: RELIABILITY invariants 10 and 13."""
    goes_on(path)
    with Store(path, NOW) as store:
        given = {int(session.transaction) for session in store.sessions()}
    with returned(path, backup) as store:
        assert store.pledges() == []
        assert store.newest_plan() >= 9_000_000 + PLANS_SKIPPED
        fresh = start(store, started_at=later(20_000)).session
        assert int(fresh.transaction) > max(given) + UNKNOWN_GAP - 1
        assert store.pledges() == []


def test_on_another_machine_ids_skip_what_the_old_one_may_have_given(backup: Path, tmp_path: Path) -> None:
    """SR-2: RELIABILITY invariant 13; a fresh side file knows nothing of the other machine's ids."""
    folder = tmp_path / "other"
    folder.mkdir()
    with Store(folder / "evce.db", NOW) as fresh:
        fresh.save_user(UserRecord("first", "admin", "new", NOW))
    with returned(folder / "evce.db", backup, users=False) as store:
        assert int(start(store, started_at=later(20_000)).session.transaction) > UNKNOWN_GAP
        assert [user.login for user in store.users()] == ["first"]


def test_sessions_that_run_go_on_and_those_that_ended_have_ended(path: Path, backup: Path) -> None:
    """SR-2: what came after the backup is lost, but for what still runs."""
    goes_on(path)
    with returned(path, backup) as store:
        sessions = {int(session.transaction): session for session in store.sessions()}
        assert sorted(sessions) == [1, 2, 3]
        assert (sessions[1].stopped_at, sessions[3].stopped_at) == (later(50), None)
        assert sessions[1].energy == pytest.approx(7000.0)


def test_the_operator_is_told_what_is_new_and_nothing_twice(path: Path, backup: Path) -> None:
    """SR-2, CPO-3: RELIABILITY invariant 14."""
    goes_on(path)
    with returned(path, backup) as store:
        assert [entry.payload["n"] for entry in store.journal(BOX)] == ["not told yet", "runs"]
        assert store.cpo_transactions(BOX)[3] is None
        assert store.cpo_transactions(BOX)[1] is not None


def test_without_the_users_those_of_today_stay(path: Path, backup: Path) -> None:
    """SR-2."""
    goes_on(path)
    with returned(path, backup, users=False) as store:
        assert [(user.login, user.password_hash) for user in store.users()] == [
            ("ned", "new"),
            ("olivia", "new"),
        ]


def test_a_floor_that_was_raised_for_nothing_does_no_harm(path: Path, backup: Path) -> None:
    """SR-2: where the restore ends there, the present site is as it was."""
    goes_on(path)
    raise_floor(path.parent, backup, path)
    with Store(path, NOW) as store:
        assert [pledge.amps for pledge in store.pledges()] == [32.0]
        assert int(start(store, started_at=later(20_000)).session.transaction) > UNKNOWN_GAP


def test_what_can_not_be_read_changes_nothing(path: Path, backup: Path, tmp_path: Path) -> None:
    """SR-2."""
    before = backup.read_bytes()
    (tmp_path / "broken.db").write_text("x" * 5000)
    with pytest.raises(StorageError, match="newer can't be kept"):
        carry_over(backup, tmp_path / "broken.db", NOW, users=True)
    with pytest.raises(StorageError, match="floor"):
        raise_floor(tmp_path, tmp_path / "broken.db")
    assert backup.read_bytes() == before
    assert path.is_file()
