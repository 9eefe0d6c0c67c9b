"""Two sites to tell apart, in data folders and in a backup of the first."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evce.backup import sealing
from evce.backup.manifest import Manifest
from evce.configuration.document import SiteDocument
from evce.configuration.revisions import next_revision, parse_json
from evce.records import CardRecord, UserRecord
from evce.units import BoxIdentity, ConnectorKey
from tools.backups.making import make_backup
from tools.commands.revision_database import RevisionDatabase
from tools.data_folder import DataFolder

__all__ = ["LATER", "NOW", "PHRASE", "back_up", "cheap_keys", "fill", "site_of"]

PHRASE = "correct horse battery"
NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=3)


def cheap_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys that cost a millisecond: they are tested where they are made."""
    monkeypatch.setattr(sealing.Sealer.__init__, "__defaults__", (10,))


def fill(folder: DataFolder, name: str, sessions: int = 3, now: datetime = NOW) -> DataFolder:
    """A site of this name: user, card, sessions, authority, snapshot, and a file for the operator."""
    with folder.hold(), folder.write(now) as store:
        document = SiteDocument.parse(
            {
                "site": {"name": name},
                "zones": [{"id": "main", "name": "Main", "maximum_a": 63}],
                "cpo": {"credentials_file": "operator.txt", "ca_file": "/etc/ssl/certs/ca.pem"},
            }
        )
        revisions = RevisionDatabase(store)
        revisions.append(
            next_revision(
                revisions.newest(), document, author=name, comment="", now=now, accept_unproven=True
            )
        )
        store.save_user(UserRecord(f"admin of {name}", "admin", f"hash of {name}", now))
        store.save_card(CardRecord(f"CARD-{name}"[:20], True), now)
        for number in range(sessions):
            store.record_start(
                ConnectorKey(BoxIdentity(f"CP-{number}"), 1),
                station_name=name,
                id_tag="A",
                started_at=now + timedelta(seconds=number),
                meter_start=0.0,
            )
            transaction = int(store.sessions(limit=1)[0].transaction)
            store.record_stop(
                BoxIdentity(f"CP-{number}"),
                transaction,
                stopped_at=now + timedelta(hours=1),
                meter_stop=100.0,
                now=now + timedelta(hours=1),
            )
        store.take_snapshot(now)
    (folder.path / "operator.txt").write_text(f"key of {name}")
    (folder.path / "authority").mkdir(exist_ok=True)
    (folder.path / "authority" / "root.pem").write_text(f"root of {name}")
    (folder.path / "authority" / f"{name}.pem").write_text("more")
    return folder


def back_up(folder: DataFolder, target: Path, now: datetime = NOW) -> Manifest:
    return make_backup(folder, target, PHRASE, now)


def site_of(folder: DataFolder) -> dict[str, object]:
    """All by which the two sites are told apart."""
    with folder.read(LATER) as store:
        revision = store.newest_revision()
        assert revision is not None
        return {
            "site": parse_json(revision.document).site.name,
            "users": [user.login for user in store.users()],
            "cards": [card.id_tag for card in store.list_cards()],
            "sessions": {session.station_name for session in store.sessions(limit=1000)},
            "operator": (folder.path / "operator.txt").read_text(),
            "authority": sorted(path.name for path in (folder.path / "authority").iterdir()),
            "root": (folder.path / "authority" / "root.pem").read_text(),
        }
