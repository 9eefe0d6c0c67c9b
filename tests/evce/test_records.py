"""Records are values: equal by content, and nobody can change one that was handed out."""

from dataclasses import FrozenInstanceError, fields, is_dataclass
from datetime import UTC, datetime

import pytest

from evce import records
from evce.records import CardRecord, OrphanStopRecord, SessionRecord
from evce.units import BoxIdentity, ConnectorKey, TransactionId

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("name", [name for name in records.__all__ if not name.isupper()])
def test_every_record_is_a_frozen_dataclass(name: str) -> None:
    kind = getattr(records, name)
    assert is_dataclass(kind)
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert not any(field.type in ("list", "dict", "set") for field in fields(kind))


def test_a_record_can_t_be_changed() -> None:
    card = CardRecord("A", authorised=False)
    with pytest.raises(FrozenInstanceError):
        card.authorised = True  # type: ignore[misc]
    assert card == CardRecord("A", authorised=False)


def test_a_session_runs_until_it_has_stopped() -> None:
    """OC-6"""
    key = ConnectorKey(BoxIdentity("CP-01"), 1)
    session = SessionRecord(TransactionId(1), key, "Garage 1", "A", False, NOW, 0.0)
    assert session.stopped_at is None
    assert session.energy == 0.0
    orphan = OrphanStopRecord(BoxIdentity("CP-01"), -1, NOW, 0.0, None, None, (), NOW)
    assert orphan.transaction == -1
