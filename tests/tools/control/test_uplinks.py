"""What the command line has a running daemon do about the uplinks."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from actors.messages import ClearGivenUp, GetSnapshot, ListJournal, RecordEvent, StorageState
from actors.runtime import VirtualClock
from evce.records import JournalRecord
from evce.units import BoxIdentity, TransactionId
from evce.views import SiteSnapshot, UplinkView
from tools.control.uplinks import uplink_deeds

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BOX = BoxIdentity("CP-1")
ENTRY = JournalRecord(3, BOX, "StartTransaction", TransactionId(7), {"idTag": "A"}, NOW, attempts=2)


@dataclass
class Runtime:
    """Answers from memory; keeps what it was told."""

    journal: Any = field(default_factory=lambda: [ENTRY])
    clock: VirtualClock = field(default_factory=lambda: VirtualClock(NOW))
    told: list[Any] = field(default_factory=list)
    asked: list[Any] = field(default_factory=list)

    def ask(self, name: str, question: Any, timeout: float) -> Any:
        self.asked.append(question)
        if isinstance(question, GetSnapshot):
            return SiteSnapshot(1, "Yard", "UTC", NOW, uplinks={BOX: UplinkView(BOX, "online", waiting=1)})
        return self.journal

    def tell(self, name: str, message: Any) -> bool:
        self.told.append(message)
        return True


def deeds(runtime: Runtime) -> Any:
    return uplink_deeds(runtime)  # type: ignore[arg-type]


def test_uplinks_and_their_journal_are_told() -> None:
    """CPO-3: the queue is seen; cards are nobody's business here."""
    runtime = Runtime()
    assert deeds(runtime)["uplinks"]({})["uplinks"] == [
        {"station": "CP-1", "state": "online", "waiting": 1, "given_up": 0, "failure": ""}
    ]
    (entry,) = deeds(runtime)["journal"]({"station": "CP-1", "given_up": True, "limit": 5})["journal"]
    assert (entry["entry"], entry["transaction"], entry["attempts"]) == (3, 7, 2)
    assert "payload" not in entry
    assert runtime.asked[-1] == ListJournal(BOX, True, 5)


def test_a_database_that_can_t_be_read_is_said() -> None:
    with pytest.raises(OSError, match="disk full"):
        deeds(Runtime(journal=StorageState(False, "disk full")))["journal"]({})


def test_forgetting_is_audited() -> None:
    """RELIABILITY invariant 20: every admin change is audited."""
    runtime = Runtime()
    assert deeds(runtime)["forget_given_up"]({"station": "CP-1", "author": "ann"}) == {"forgotten": 1}
    cleared, line = runtime.told
    assert cleared == ClearGivenUp("cpo/CP-1", BOX)
    assert isinstance(line, RecordEvent)
    assert (line.type, line.author) == ("audit", "ann")
