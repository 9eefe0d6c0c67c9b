"""Faults of backups: one that must be refused, and a power cut while one takes the place of the site."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final
from unittest.mock import patch

from evce.backup.refusals import BackupRefusedError, Reason
from evce.configuration.revisions import parse_json
from evce.records import RevisionRecord
from evce.storage import Store
from evce.units import Amps
from tools.backups.making import make_backup
from tools.backups.placing import COMMITTED, NEW, STAGED
from tools.backups.restoring import restore_site
from tools.backups.unpacking import unpack
from tools.data_folder import DataFolder
from tools.faults.fault import Fault, Sight
from tools.faults.sights import same_sessions, unmoved
from tools.faults.stage import Stage
from tools.rehearsal.house import House
from tools.rehearsal.mishaps import Mishap

__all__ = ["BACKUPS"]

PHRASE: Final = "correct horse battery"
OTHER_PHRASE: Final = "correct horse stables"

CHANGED: Final[Amps] = 90.0
"""What the main switchboard's maximum becomes after the backup was made."""

UNDECIDED, DECIDED = "undecided", "decided"
"""The power goes before or after the one step by which the backup counts."""


def _folder(house: House) -> DataFolder:
    return DataFolder(house.database.parent)


def _back_up(house: House) -> Path:
    target = house.database.parent / "site.evce"
    make_backup(_folder(house), target, PHRASE, house.runtime.clock.utc_now())
    return target


def _wrong_backup(stage: Stage) -> Mishap:
    def strike(house: House) -> None:
        stage.notes["before"] = _newest(house)
        source = _back_up(house)
        content = bytearray(source.read_bytes())
        phrase = PHRASE
        match Reason(stage.variant):
            case Reason.PASS_PHRASE:
                phrase = OTHER_PHRASE
            case Reason.TRUNCATED:
                del content[len(content) // 2 :]
            case Reason.SIGNATURE:
                content[len(content) // 2] ^= 1
            case _:
                content[:] = b"PK\x03\x04" + content
        source.write_bytes(content)
        into = house.database.parent / f"{STAGED}1"
        try:
            unpack(source, phrase, into, house.runtime.clock.utc_now())
        except BackupRefusedError as error:
            stage.notes["refused"] = error

    return Mishap(0.0, "backup", f"somebody restores a wrong backup ({stage.variant})", 0.0, strike)


def _refused(stage: Stage) -> bool:
    error = stage.notes.get("refused")
    return error is not None and error.reason == stage.variant and bool(error.detail)


def _untouched(stage: Stage) -> bool:
    left = list(stage.house.database.parent.glob(f"{STAGED}*"))
    return not left and _newest(stage.house) == stage.notes["before"]


class _PowerCut(BaseException):
    """The process is gone: nothing of ours runs any more."""


@contextmanager
def _power_goes_before(moved: Path) -> Iterator[None]:
    """Nothing is done any more once this file or folder is to be moved."""
    move = Path.replace

    def moving(self: Path, target: Path) -> Path:
        if self == moved:
            raise _PowerCut
        return move(self, target)

    with patch.object(Path, "replace", moving), suppress(_PowerCut):
        yield


def _cut_mid_restore(stage: Stage) -> Mishap:
    """A session ends and the document changes after the backup; then it is restored, and the power goes."""

    def strike(house: House) -> None:
        source = _back_up(house)
        house.world.stations["S1"].unplug(1, house.now)
        plain = house.document.plain()
        next(zone for zone in plain["zones"] if zone["id"] == "main")["maximum_a"] = CHANGED
        house.apply(type(house.document).parse(plain))
        house.run(5.0)
        stage.begin()
        house.crash(4.0, lambda _: restore(house, source))

    def restore(house: House, source: Path) -> None:
        folder, now = _folder(house), house.runtime.clock.utc_now()
        staged = unpack(source, PHRASE, folder.path / f"{STAGED}1", now).folder
        decided = stage.variant == DECIDED
        last = folder.path / COMMITTED / NEW / folder.database.name if decided else staged
        with _power_goes_before(last):
            restore_site(folder, staged, "olivia", now, users=False)
        stage.notes["left"] = sorted(path.name for path in folder.path.glob("restor*"))
        with folder.hold():  # as the next start does before anything else
            house.take_up(_newest(house))

    def mend(house: House) -> None:
        house.apply(house.document)

    return Mishap(
        0.0, "backup", f"the power goes while a backup is restored ({stage.variant})", 40.0, strike, mend
    )


def _newest(house: House) -> RevisionRecord:
    with Store(house.database, house.runtime.clock.utc_now(), read_only=True) as store:
        newest = store.newest_revision()
    if newest is None:
        raise LookupError("there is no revision on the disk")
    return newest


def _restores_told(house: House) -> int:
    with Store(house.database, house.runtime.clock.utc_now(), read_only=True) as store:
        told = store.list_events(limit=1_000, type_="audit")
    return sum("was restored" in event.message for event in told)


def _old_or_new(stage: Stage) -> bool:
    """The old document and nothing told of a restore, or that of the backup and a line about it."""
    document = parse_json(_newest(stage.house).document)
    amps = next(zone.maximum_a for zone in document.zones if zone.id == "main")
    decided = stage.variant == DECIDED
    wanted = (100.0, 1) if decided else (CHANGED, 0)
    nothing_left = not list(stage.house.database.parent.glob("restoring*"))
    begun = bool(stage.notes.get("left"))
    return begun and nothing_left and (amps, _restores_told(stage.house)) == wanted


def _sessions_known(stage: Stage) -> bool:
    """Those that run, and the one that ended after the backup was made, once each."""
    records = stage.house.sessions()
    running = {int(record.transaction) for record in records if record.stopped_at is None}
    ended = [record for record in records if record.stopped_at is not None]
    return running == set(stage.sessions.values()) and len(ended) == 1


def _no_early_raise(stage: Stage) -> bool:
    """The document of the backup gives more: that may be given once every station is verified."""
    return stage.house.all_verified() or stage.nobody_rises()


BACKUPS: tuple[Fault, ...] = (
    Fault(
        "backup-wrong",
        "wrong backup",
        "somebody restores a backup with another pass phrase, a damaged one, or what is none",
        (
            Sight("refused, with the reason", 0.1, _refused),
            Sight("the site on the disk is untouched", 15.0, _untouched, kept=True, alone=True),
            unmoved(15.0),
            same_sessions(15.0),
        ),
        _wrong_backup,
        variants=(Reason.PASS_PHRASE, Reason.TRUNCATED, Reason.SIGNATURE, Reason.FOREIGN),
        part="disk",
    ),
    Fault(
        "power-cut-at-restore",
        "power cut mid-restore",
        "the power goes while a backup takes the place of the site",
        (
            Sight("the old site or the backup's, as a whole", 5.0, _old_or_new, alone=True),
            Sight("no session is lost or doubled", 30.0, _sessions_known, kept=True, alone=True),
            Sight("every station is verified", 30.0, lambda stage: stage.house.all_verified(), alone=True),
            Sight("nobody rises before", 30.0, _no_early_raise, kept=True, alone=True),
            same_sessions(30.0),
        ),
        _cut_mid_restore,
        variants=(DECIDED, UNDECIDED),
        part="disk, process",
    ),
)
"""What goes wrong with backups."""
