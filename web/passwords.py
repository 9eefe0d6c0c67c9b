"""Passwords: what is asked of one, a strong random one, and Argon2id with bounded concurrency."""

import secrets
import string
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from evce.units import Seconds
from web.languages import gettext

__all__ = ["Passwords", "PasswordsBusyError", "generate_password", "generate_setup_code", "password_faults"]

MINIMUM_LENGTH = 12
"""ASVS; the guide asks for 8."""
MAXIMUM_LENGTH = 128
_SPECIAL = "!#%&*+-=?@_"
_CLASSES = (string.ascii_lowercase, string.ascii_uppercase, string.digits, _SPECIAL)


class PasswordsBusyError(RuntimeError):
    """Too many logins at once; each needs 64 MiB, so the next one has to wait."""


def password_faults(password: str) -> list[str]:
    """What is wrong with a new password, in words; empty when it will do (US-1)."""
    length = gettext(
        "The password needs %(least)d to %(most)d characters.", least=MINIMUM_LENGTH, most=MAXIMUM_LENGTH
    )
    checks = (
        (MINIMUM_LENGTH <= len(password) <= MAXIMUM_LENGTH, length),
        (any(c.islower() for c in password), gettext("The password needs a lower-case letter.")),
        (any(c.isupper() for c in password), gettext("The password needs an upper-case letter.")),
        (any(c.isdigit() for c in password), gettext("The password needs a digit.")),
        (any(not c.isalnum() for c in password), gettext("The password needs a special character.")),
    )
    return [fault for good, fault in checks if not good]


def generate_password(length: int = 20) -> str:
    """A random password that has every class of characters; about 6 bits a character."""
    everything = "".join(_CLASSES)
    while True:
        password = "".join(secrets.choice(everything) for _ in range(length))
        if all(any(c in wanted for c in password) for wanted in _CLASSES):
            return password


def generate_setup_code() -> str:
    """A random code that people read off one screen and type at another: 50 bits, no letter like a digit."""
    letters = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(2))


class Passwords:
    """Argon2id (RFC 9106, low-memory parameters). At most `at_once` hashes run, the others wait."""

    def __init__(
        self, hasher: PasswordHasher | None = None, at_once: int = 2, patience: Seconds = 5.0
    ) -> None:
        self._hasher = hasher or PasswordHasher()
        self._slots = BoundedSemaphore(at_once)
        self._patience = patience
        self._nobody = self._hasher.hash(secrets.token_urlsafe(16))

    def hash(self, password: str) -> str:
        """The encoded hash to store."""
        with self._slot():
            return self._hasher.hash(password)

    def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password fits. A missing user (None) takes as long as a wrong password."""
        with self._slot():
            try:
                self._hasher.verify(self._nobody if stored is None else stored, password)
            except (VerificationError, InvalidHashError):
                return False
        return stored is not None

    @contextmanager
    def _slot(self) -> Iterator[None]:
        if not self._slots.acquire(timeout=self._patience):
            raise PasswordsBusyError("too many logins at once")
        try:
            yield
        finally:
            self._slots.release()
