"""How long a login lasts, and when guessing locks one: what the configuration in force says (US-3)."""

from dataclasses import dataclass

from evce.configuration.sections import WebSettings
from evce.units import Seconds

__all__ = ["LoginRules"]


@dataclass(slots=True)
class LoginRules:
    """One for all who ask; a new revision counts at once, also for logins and locks that stand.

    `idle` ends a session, `attempts` that failed lock a login, for `lock` at first. Factory values otherwise.
    """

    idle: Seconds = 600.0
    attempts: int = 6
    lock: Seconds = 60.0

    def follow(self, settings: WebSettings) -> None:
        """Take over what a revision says."""
        self.idle = float(settings.session_timeout_s)
        self.attempts = settings.login_attempts
        self.lock = float(settings.login_lock_s)
