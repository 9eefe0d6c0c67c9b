"""Tests of the lock against guessing."""

from tests.web.conftest import Clock
from web.lockout import Lockout


def fail(lock: Lockout, times: int, login: str = "olivia", source: str = "10.0.0.9") -> list[bool]:
    return [lock.attempt(login, source) for _ in range(times)]


def test_the_sixth_failure_locks_for_a_minute(clock: Clock) -> None:
    """US-3: 6 failed logins lock for 60 s."""
    lock = Lockout(6, 60, clock)
    assert fail(lock, 5) == [False] * 5
    assert lock.locked_for("olivia", "10.0.0.9") == 0
    assert fail(lock, 1) == [True]
    assert lock.locked_for("olivia", "10.0.0.9") == 60
    clock.advance(60)
    assert lock.locked_for("olivia", "10.0.0.9") == 0


def test_the_lock_holds_for_that_login_from_that_source_only(clock: Clock) -> None:
    """US-3: nobody can lock others out; the case of a login is no way round."""
    lock = Lockout(6, 60, clock)
    fail(lock, 6)
    assert lock.locked_for("OLIVIA", "10.0.0.9") > 0
    assert lock.locked_for("olivia", "10.0.0.10") == 0
    assert lock.locked_for("ursula", "10.0.0.9") == 0


def test_a_success_forgets_the_failures(clock: Clock) -> None:
    """US-3: five slips, a success, five slips."""
    lock = Lockout(6, 60, clock)
    fail(lock, 5)
    lock.succeeded("olivia", "10.0.0.9")
    assert fail(lock, 5) == [False] * 5


def test_a_patient_guesser_stays_below_a_hundred_attempts_an_hour(clock: Clock) -> None:
    """RELIABILITY 4.10: each further lock is twice as long."""
    lock = Lockout(6, 60, clock)
    attempts = 0
    for _ in range(3600):
        if lock.locked_for("olivia", "10.0.0.9") == 0:
            lock.attempt("olivia", "10.0.0.9")
            attempts += 1
        clock.advance(1)
    assert 30 <= attempts <= 100


def test_an_hour_of_peace_forgives(clock: Clock) -> None:
    """US-3: the next lock is a minute again."""
    lock = Lockout(6, 60, clock)
    fail(lock, 6)
    clock.advance(3700)
    fail(lock, 6)
    assert lock.locked_for("olivia", "10.0.0.9") == 60


def test_its_memory_is_bounded(clock: Clock) -> None:
    """RELIABILITY 4.19: a flood of made-up logins can't fill the memory."""
    lock = Lockout(6, 60, clock)
    for number in range(12_000):
        lock.attempt(f"login-{number}", "10.0.0.9")
    assert len(lock._attempts) <= 10_000


def test_the_locks_that_stand_are_told(clock: Clock) -> None:
    """US-3: who, from where, for how long; none that is over."""
    lockout = Lockout(2, 60.0, clock)
    for _ in range(2):
        lockout.attempt("Ann", "10.0.0.1")
    lockout.attempt("bob", "10.0.0.1")
    assert lockout.locked() == [("ann", "10.0.0.1", 60.0)]
    clock.advance(61)
    assert lockout.locked() == []
