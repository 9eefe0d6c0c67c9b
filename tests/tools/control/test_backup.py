"""Tests of what the command line has a running daemon do about backups."""

import pytest

from actors.messages import RecordEvent, RestoreBackup
from actors.runtime import SimulatedRuntime
from tests.actors.ears import listen
from tools.control.backup import backup_deeds


def test_the_site_is_told_which_backup_and_who_wants_it() -> None:
    """SR-2."""
    runtime = SimulatedRuntime(seed=1)
    site, recorder = listen(runtime, "site"), listen(runtime, "recorder")
    deeds = backup_deeds(runtime)
    assert deeds["restore_backup"]({"folder": "restore-1", "users": False, "author": "ann"}) == {
        "restored": True
    }
    deeds["note_backup"]({"text": "a backup was made: x.evce", "author": "ann"})
    runtime.run_for(0.1)
    assert site.of(RestoreBackup) == [RestoreBackup("restore-1", users=False, author="ann")]
    (line,) = recorder.of(RecordEvent)
    assert (line.type, line.message, line.author) == ("audit", "a backup was made: x.evce", "ann")


@pytest.mark.parametrize("folder", ["", "..", "snapshots", "restore-1/..", "restore-/../x"])
def test_only_an_unpacked_backup_is_restored(folder: str) -> None:
    """SR-2: nothing from elsewhere."""
    with pytest.raises(ValueError, match="unpacked backup"):
        backup_deeds(SimulatedRuntime(seed=1))["restore_backup"]({"folder": folder})


def test_without_the_site_s_actor_it_is_refused() -> None:
    """SR-2: and nothing is changed."""
    with pytest.raises(LookupError, match="try again"):
        backup_deeds(SimulatedRuntime(seed=1))["restore_backup"]({"folder": "restore-1"})
