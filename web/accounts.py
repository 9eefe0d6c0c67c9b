"""Users and their roles: the admin of the first start, and who may log in."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from threading import Event, Lock
from time import monotonic

from actors.messages import DeleteUser, FindUser, RecordEvent, SaveUser, UserRecord
from evce.units import Seconds
from web.languages import gettext
from web.passwords import Passwords, generate_password, password_faults
from web.site import Ask, NoAnswerError, Site, Tell

__all__ = ["Accounts", "Credentials", "Role", "ensure_admin", "has_admin", "login_faults"]

_FORBIDDEN_LOGIN = "admin"
_CACHED: Seconds = 5.0
_CACHED_WITHOUT_RECORDER: Seconds = 600.0


class Role(StrEnum):
    """US-1. Admin may everything; User sees the dashboard and operates sessions."""

    ADMIN = "admin"
    USER = "user"
    WEBSERVICES = "webservices"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A login and its password in clear, to be shown once and kept nowhere."""

    login: str
    password: str


def has_admin(ask: Ask) -> bool:
    """Whether anybody can log in as an administrator. Raises what `ask` raises."""
    users = ask("recorder", FindUser(None), 10.0)
    return isinstance(users, list | tuple) and any(
        isinstance(user, UserRecord) and user.role == Role.ADMIN for user in users
    )


def ensure_admin(
    ask: Ask, tell: Tell, login: str, password: str | None = None, *, passwords: Passwords | None = None
) -> Credentials | None:
    """Make sure that somebody can log in: create an admin unless there is one.

    Returns the credentials to show once when an admin was created, None when there was one already.
    Without a password a strong random one is made. ValueError when login or password won't do;
    RuntimeError when the recorder did not keep the new user.
    """
    site = Site(ask, tell, 10.0)
    if has_admin(lambda name, question, _: site.ask(name, question)):
        return None
    faults = login_faults(login) + ([] if password is None else password_faults(password))
    if faults:
        raise ValueError(" ".join(faults))
    chosen = generate_password() if password is None else password
    now = datetime.now(UTC)
    record = UserRecord(login, Role.ADMIN, (passwords or Passwords()).hash(chosen), now)
    tell("recorder", SaveUser(record))
    tell("recorder", RecordEvent(now, "evce", "audit", f"Administrator {login} was created", "first start"))
    pause = Event()
    for _ in range(50):  # the recorder commits in its own time
        if isinstance(site.ask("recorder", FindUser(login)), UserRecord):
            return Credentials(login, chosen)
        pause.wait(0.1)
    raise RuntimeError(f"the recorder did not keep the new user {login}")


def login_faults(login: str) -> list[str]:
    """What is wrong with a login name, in words."""
    faults = []
    if not login.strip() or login != login.strip() or len(login) > 50 or not login.isprintable():
        faults.append(gettext("The login needs 1 to 50 printable characters without blanks at its ends."))
    if login.casefold() == _FORBIDDEN_LOGIN:
        faults.append(gettext("The login may not be “admin”: it is the first that an attacker tries."))
    return faults


class Accounts:
    """Finds users and checks passwords.

    Found users are remembered for a few seconds; while the recorder is being restarted the people who
    are logged in keep what they see (their record is remembered up to the idle time-out).
    """

    def __init__(self, site: Site, passwords: Passwords) -> None:
        self._site = site
        self._passwords = passwords
        self._known: dict[str, tuple[float, UserRecord]] = {}
        self._admin_there = False
        self._lock = Lock()

    def find(self, login: str) -> UserRecord | None:
        """The user with this login; NoAnswerError when the recorder is silent and nothing is remembered."""
        with self._lock:
            known = self._known.get(login)
        age = monotonic() - known[0] if known is not None else float("inf")
        if known is not None and age < _CACHED:
            return known[1]
        try:
            user = self._site.ask("recorder", FindUser(login))
        except NoAnswerError:
            if known is not None and age < _CACHED_WITHOUT_RECORDER:
                return known[1]
            raise
        with self._lock:
            if isinstance(user, UserRecord):
                self._known[login] = (monotonic(), user)
            else:
                self._known.pop(login, None)
        return user if isinstance(user, UserRecord) else None

    def has_admin(self) -> bool:
        """Whether an administrator exists; once there is one, one always is (US-2)."""
        self._admin_there = self._admin_there or has_admin(lambda name, what, _: self._site.ask(name, what))
        return self._admin_there

    def check(
        self, login: str, password: str, now: datetime, *, roles: Collection[str] = (Role.ADMIN, Role.USER)
    ) -> UserRecord | None:
        """The user of one of these roles when login and password fit; notes the access.

        Takes the same time when they don't.
        """
        found = self._site.ask("recorder", FindUser(login))
        user = found if isinstance(found, UserRecord) else None
        if not self._passwords.verify(user.password_hash if user is not None else None, password):
            return None
        if user is None or user.role not in roles:
            return None
        user = replace(user, last_access_at=now)
        self.save(user)
        return user

    def everybody(self) -> list[UserRecord]:
        """All users by login."""
        users = self._site.ask("recorder", FindUser(None))
        if not isinstance(users, list | tuple):
            raise NoAnswerError("recorder")
        return sorted((u for u in users if isinstance(u, UserRecord)), key=lambda user: user.login.casefold())

    def save(self, user: UserRecord) -> None:
        """Add or change a user; counts at once."""
        self._admin_there = self._admin_there or user.role == Role.ADMIN
        with self._lock:
            self._known[user.login] = (monotonic(), user)
        self._site.tell("recorder", SaveUser(user))

    def delete(self, login: str) -> None:
        """Remove a user; counts at once."""
        with self._lock:
            self._known.pop(login, None)
        self._site.tell("recorder", DeleteUser(login))

    def hash(self, password: str) -> str:
        """The encoded hash of a new password."""
        return self._passwords.hash(password)
