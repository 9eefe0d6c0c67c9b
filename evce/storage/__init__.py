"""What EVCE keeps on disk: sessions, cards, pledges, events, history, configuration, users."""

from evce.storage.errors import CorruptDatabaseError, NewerSchemaError, StorageUnavailableError
from evce.storage.recovery import open_store
from evce.storage.snapshots import mark_restored
from evce.storage.store import Store
from evce.storage.transactions import StartOutcome, StopOutcome

__all__ = [
    "CorruptDatabaseError",
    "NewerSchemaError",
    "StartOutcome",
    "StopOutcome",
    "StorageUnavailableError",
    "Store",
    "mark_restored",
    "open_store",
]
