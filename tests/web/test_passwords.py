"""Tests of password rules and hashing."""

import threading

import pytest

from web.passwords import Passwords, PasswordsBusyError, generate_password, password_faults


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("Abcdefgh-12", "12 to 128"),
        ("A" * 120 + "bcdefghi-1", "12 to 128"),
        ("ABCDEFGH-1234", "lower-case"),
        ("abcdefgh-1234", "upper-case"),
        ("Abcdefgh-ijkl", "digit"),
        ("Abcdefgh12345", "special"),
    ],
)
def test_each_missing_property_is_named(password: str, word: str) -> None:
    """US-1: upper, lower, digit, special; RELIABILITY 4.11: at least 12."""
    faults = password_faults(password)
    assert len(faults) == 1
    assert word in faults[0]


def test_generated_passwords_are_good_and_all_different() -> None:
    """US-1: no default password exists."""
    made = {generate_password() for _ in range(50)}
    assert len(made) == 50
    assert all(password_faults(one) == [] and len(one) == 20 for one in made)


def test_a_hash_fits_its_password_alone(passwords: Passwords) -> None:
    """RELIABILITY 4.11: Argon2id."""
    stored = passwords.hash("Harbour-car-park-1")
    assert stored.startswith("$argon2id$")
    assert passwords.verify(stored, "Harbour-car-park-1")
    assert not passwords.verify(stored, "Harbour-car-park-2")
    assert not passwords.verify(None, "Harbour-car-park-1")
    assert not passwords.verify("not a hash", "Harbour-car-park-1")


def test_more_logins_than_slots_are_told_to_wait() -> None:
    """RELIABILITY 4.19: 64 MiB a hash, so only so many at a time."""
    entered, leave = threading.Event(), threading.Event()

    class Slow:
        def hash(self, password: str) -> str:
            if password == "slow":
                entered.set()
                leave.wait(10)
            return "hash"

    busy = Passwords(Slow(), at_once=1, patience=0.01)  # type: ignore[arg-type]
    thread = threading.Thread(target=busy.hash, args=("slow",))
    thread.start()
    assert entered.wait(10)
    with pytest.raises(PasswordsBusyError):
        busy.hash("another")
    leave.set()
    thread.join(10)
    assert busy.hash("afterwards") == "hash"
