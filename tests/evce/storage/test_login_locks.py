"""The locks against guessing in the database."""

from dataclasses import replace

from evce.records import LoginLockRecord
from evce.storage import Store
from tests.evce.storage.builders import NOW, later

OLIVIA = LoginLockRecord("olivia", "10.0.0.9", 0, 1, NOW, later(60))
URSULA = LoginLockRecord("ursula", "10.0.0.9", 5, 0, later(10))


def test_each_login_has_one_lock_for_a_source(store: Store) -> None:
    """US-3: per account and source."""
    elsewhere = replace(OLIVIA, source="10.0.0.10", last=later(5))
    for record in (OLIVIA, elsewhere, URSULA, again := replace(OLIVIA, failures=3, last=later(20))):
        store.keep_login_lock(record)
    assert store.login_locks(later(30)) == [elsewhere, URSULA, again]


def test_what_is_forgiven_goes(store: Store) -> None:
    """US-3: after an hour, so that nobody fills the disk with failures."""
    store.keep_login_lock(OLIVIA)
    store.keep_login_lock(URSULA)
    assert store.login_locks(later(3_601)) == [URSULA]
    store.keep_login_lock(late := replace(URSULA, login="ann", last=later(3_605)))
    assert store.login_locks(NOW) == [URSULA, late]


def test_a_success_forgets(store: Store) -> None:
    """US-3"""
    store.keep_login_lock(OLIVIA)
    store.forget_login_lock("olivia", "10.0.0.9")
    store.forget_login_lock("nobody", "10.0.0.9")
    assert store.login_locks(NOW) == []
