"""The lock against guessing: too many failed logins close a login for one source for a while."""

import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from actors.messages import ForgetLoginLock, KeepLoginLock, ListLoginLocks, LoginLockRecord
from evce.units import Seconds
from web.login_rules import LoginRules
from web.site import NoAnswerError, Site

__all__ = ["Lockout"]

_REMEMBERED = 10_000
_FORGIVEN_AFTER = timedelta(hours=1)
_LONGEST = timedelta(hours=1)

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Attempts:
    failures: int = 0
    locks: int = 0
    last: datetime | None = None
    locked_until: datetime | None = None


class Lockout:
    """Per login and source (US-3), so that nobody can lock others out. Safe to use from any thread.

    Kept on disk as well, so that a restart opens nothing; while the disk is away memory alone counts.
    As the rules stand, six failures lock for 60 s; each further lock within the hour is twice as long, which
    keeps a patient guesser below 100 attempts an hour (ASVS 2.2.1).
    """

    def __init__(self, site: Site, rules: LoginRules, now: Callable[[], datetime]) -> None:
        self._site = site
        self._rules = rules
        self._now = now
        self._attempts: OrderedDict[tuple[str, str], _Attempts] = OrderedDict()
        self._guard = Lock()
        self._recalled = False

    def locked_for(self, login: str, source: str) -> Seconds:
        """Seconds until this login may be tried again from this source; 0 when it may be tried now."""
        self._recall()
        with self._guard:
            attempts = self._attempts.get(_key(login, source))
            if attempts is None or attempts.locked_until is None:
                return 0.0
            return max(0.0, (attempts.locked_until - self._now()).total_seconds())

    def locked(self) -> list[tuple[str, str, Seconds]]:
        """Login, source and remaining seconds of every lock that stands, as people see them."""
        self._recall()
        now = self._now()
        with self._guard:
            return [
                (login, source, (attempts.locked_until - now).total_seconds())
                for (login, source), attempts in self._attempts.items()
                if attempts.locked_until is not None and attempts.locked_until > now
            ]

    def attempt(self, login: str, source: str) -> bool:
        """Count an attempt as failed before its password is checked, so that parallel ones count too.

        True when it closed the lock; `succeeded` opens it again.
        """
        self._recall()
        now = self._now()
        with self._guard:
            attempts = self._attempts.setdefault(_key(login, source), _Attempts())
            self._attempts.move_to_end(_key(login, source))
            if attempts.last is not None and now - attempts.last > _FORGIVEN_AFTER:
                attempts.failures = attempts.locks = 0
            attempts.last = now
            attempts.failures += 1
            while len(self._attempts) > _REMEMBERED:
                self._attempts.popitem(last=False)
            closes = attempts.failures >= self._rules.attempts
            if closes:
                attempts.failures = 0
                lock = timedelta(seconds=self._rules.lock) * 2**attempts.locks
                attempts.locked_until = now + min(_LONGEST, lock)
                attempts.locks += 1
            record = LoginLockRecord(
                *_key(login, source), attempts.failures, attempts.locks, now, attempts.locked_until
            )
        self._site.tell("recorder", KeepLoginLock(record))
        return closes

    def succeeded(self, login: str, source: str) -> None:
        """The attempt was good: forget the failures."""
        with self._guard:
            known = self._attempts.pop(_key(login, source), None)
        if known is not None:
            self._site.tell("recorder", ForgetLoginLock(*_key(login, source)))

    def _recall(self) -> None:
        """Once: what was kept by the process before; what has happened meanwhile is newer."""
        if self._recalled:
            return
        try:
            kept = self._site.ask("recorder", ListLoginLocks())
        except NoAnswerError:
            log.warning("the locks against guessing can't be read yet: those before the restart don't count")
            return
        with self._guard:
            self._recalled = True
            for record in kept if isinstance(kept, list) else ():
                key = (record.login, record.source)
                if key not in self._attempts:
                    self._attempts[key] = _Attempts(
                        record.failures, record.locks, record.last, record.locked_until
                    )


def _key(login: str, source: str) -> tuple[str, str]:
    return (login.casefold()[:64], source)
