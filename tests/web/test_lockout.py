"""Tests of the lock against guessing."""

import pytest

from tests.web.conftest import Clock
from tests.web.fake_site import FakeSite
from web.lockout import Lockout
from web.login_rules import LoginRules
from web.site import Site


@pytest.fixture
def lock(site: FakeSite, clock: Clock) -> Lockout:
    return made(site, clock)


def made(site: FakeSite, clock: Clock, failures: int = 6) -> Lockout:
    return Lockout(Site(site.ask, site.tell, 1.0), LoginRules(attempts=failures), clock)


def fail(lock: Lockout, times: int, login: str = "olivia", source: str = "10.0.0.9") -> list[bool]:
    return [lock.attempt(login, source) for _ in range(times)]


def test_the_sixth_failure_locks_for_a_minute(lock: Lockout, clock: Clock) -> None:
    """US-3: 6 failed logins lock for 60 s."""
    assert fail(lock, 5) == [False] * 5
    assert lock.locked_for("olivia", "10.0.0.9") == 0
    assert fail(lock, 1) == [True]
    assert lock.locked_for("olivia", "10.0.0.9") == 60
    clock.advance(60)
    assert lock.locked_for("olivia", "10.0.0.9") == 0


def test_other_rules_count_at_once(site: FakeSite, clock: Clock) -> None:
    """US-3: all three are configurable; a lock that stands keeps its end."""
    rules = LoginRules()
    lock = Lockout(Site(site.ask, site.tell, 1.0), rules, clock)
    fail(lock, 3)
    rules.attempts, rules.lock = 4, 300.0
    assert fail(lock, 1) == [True]
    rules.lock = 10.0
    assert lock.locked_for("olivia", "10.0.0.9") == 300


def test_the_lock_holds_for_that_login_from_that_source_only(lock: Lockout, clock: Clock) -> None:
    """US-3: nobody can lock others out; the case of a login is no way round."""
    fail(lock, 6)
    assert lock.locked_for("OLIVIA", "10.0.0.9") > 0
    assert lock.locked_for("olivia", "10.0.0.10") == 0
    assert lock.locked_for("ursula", "10.0.0.9") == 0


def test_a_success_forgets_the_failures(lock: Lockout, clock: Clock) -> None:
    """US-3: five slips, a success, five slips."""
    fail(lock, 5)
    lock.succeeded("olivia", "10.0.0.9")
    assert fail(lock, 5) == [False] * 5


def test_a_patient_guesser_stays_below_a_hundred_attempts_an_hour(lock: Lockout, clock: Clock) -> None:
    """RELIABILITY 4.10: each further lock is twice as long."""
    attempts = 0
    for _ in range(3600):
        if lock.locked_for("olivia", "10.0.0.9") == 0:
            lock.attempt("olivia", "10.0.0.9")
            attempts += 1
        clock.advance(1)
    assert 30 <= attempts <= 100


def test_an_hour_of_peace_forgives(lock: Lockout, clock: Clock) -> None:
    """US-3: the next lock is a minute again."""
    fail(lock, 6)
    clock.advance(3700)
    fail(lock, 6)
    assert lock.locked_for("olivia", "10.0.0.9") == 60


def test_its_memory_is_bounded(lock: Lockout, clock: Clock) -> None:
    """RELIABILITY 4.19: a flood of made-up logins can't fill the memory."""
    for number in range(12_000):
        lock.attempt(f"login-{number}", "10.0.0.9")
    assert len(lock._attempts) <= 10_000


def test_the_locks_that_stand_are_told(site: FakeSite, clock: Clock) -> None:
    """US-3: who, from where, for how long; none that is over."""
    lockout = made(site, clock, failures=2)
    for _ in range(2):
        lockout.attempt("Ann", "10.0.0.1")
    lockout.attempt("bob", "10.0.0.1")
    assert lockout.locked() == [("ann", "10.0.0.1", 60.0)]
    clock.advance(61)
    assert lockout.locked() == []


def test_a_restart_opens_no_lock(site: FakeSite, clock: Clock) -> None:
    """RELIABILITY 4.10: persistent; failures without a lock count on, too."""
    before = made(site, clock)
    fail(before, 6)
    fail(before, 5, login="Ursula")
    clock.advance(20)
    after = made(site, clock)
    assert after.locked_for("olivia", "10.0.0.9") == 40
    assert [(login, source) for login, source, _ in after.locked()] == [("olivia", "10.0.0.9")]
    assert fail(after, 1, login="ursula") == [True]


def test_a_success_is_remembered_as_well(site: FakeSite, clock: Clock) -> None:
    """US-3"""
    before = made(site, clock)
    fail(before, 5)
    before.succeeded("Olivia", "10.0.0.9")
    assert fail(made(site, clock), 5) == [False] * 5


def test_without_the_disk_memory_counts_and_the_disk_is_asked_again(site: FakeSite, clock: Clock) -> None:
    """US-3: what was kept counts once it can be read; what happened meanwhile is newer."""
    fail(made(site, clock), 6)
    kept = dict(site.login_locks)
    site.gone.add("recorder")
    site.silent.add("recorder")
    lock = made(site, clock)
    assert fail(lock, 3, login="ursula") == [False] * 3
    assert lock.locked_for("olivia", "10.0.0.9") == 0
    site.gone.clear()
    site.silent.clear()
    site.login_locks.update(kept)
    assert lock.locked_for("olivia", "10.0.0.9") == 60
    assert fail(lock, 3, login="ursula") == [False, False, True]
