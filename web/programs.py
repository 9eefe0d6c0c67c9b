"""The door for programs: HTTP Basic with a login of the role Webservices, while that is switched on."""

import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from threading import Lock
from time import monotonic

from flask import request

from actors.messages import RecordEvent, UserRecord
from evce.configuration.web_services import WebServicesSettings
from evce.units import Seconds
from web.accounts import Accounts, Role
from web.lockout import Lockout
from web.problems import Problem
from web.security import Reader, challenge, from_elsewhere
from web.settings import WebSettings
from web.site import Site

__all__ = ["Programs", "switched_on"]

_REMEMBERED = 200
_BELIEVED: Seconds = 600.0
"""So long a password that fitted isn't worked out again: each time costs a tenth of a second and 64 MiB."""

Services = Callable[[], WebServicesSettings]
"""The section of the document in force; raises `NoAnswerError` while nobody can tell."""


def switched_on(services: WebServicesSettings) -> WebServicesSettings:
    """The settings, where the web services are enabled; else a `Problem`."""
    if not services.enabled:
        detail = "The web services are switched off; the setting is webservices.enabled."
        raise Problem(403, "Switched off", detail)
    return services


class Programs:
    """Checks who calls. Failed logins count in the lock of the login page (US-3). Safe from any thread."""

    def __init__(
        self, site: Site, accounts: Accounts, lockout: Lockout, settings: WebSettings, services: Services
    ) -> None:
        self._site = site
        self._accounts = accounts
        self._lockout = lockout
        self._settings = settings
        self._services = services
        self._key = secrets.token_bytes(32)
        self._believed: OrderedDict[bytes, float] = OrderedDict()
        self._turns: dict[bytes, Lock] = {}
        self._noted: set[tuple[str, str]] = set()
        self._lock = Lock()

    def reader(self) -> Reader:
        """Who calls, by the request's Authorization header. Raises `Problem` (401, 403, 429)."""
        switched_on(self._services())
        if from_elsewhere():
            raise Problem(403, "Not from a page of another site", "A browser sent this for another site.")
        given = request.authorization
        login, password = (None, None) if given is None else (given.username, given.password)
        if given is None or given.type != "basic" or not login or not password:
            raise _refused("HTTP Basic with login and password is asked for.")
        login, password = login[:64], password[:1024]
        user = self._accounts.find(login)
        if user is not None and user.role == Role.WEBSERVICES and self._is_believed(user, password):
            return Reader(user.login, user.role)
        with self._turn(login, password):  # calls that come together count as one attempt
            user = self._accounts.find(login)
            if user is None or user.role != Role.WEBSERVICES or not self._is_believed(user, password):
                user = self._checked(login, password)
        return Reader(user.login, user.role)

    def _checked(self, login: str, password: str) -> UserRecord:
        source = request.remote_addr or "unknown"
        if (seconds := self._lockout.locked_for(login, source)) > 0:
            raise _locked(seconds)
        now = self._settings.now()
        closed = self._lockout.attempt(login, source)
        user = self._accounts.check(login, password, now, roles=(Role.WEBSERVICES,))
        if user is None:
            self._audit(
                login, f"{'was locked out' if closed else 'failed to log in'} as a program from {source}"
            )
            if closed:
                raise _locked(self._lockout.locked_for(login, source))
            raise _refused("Login or password is wrong, or the login's role isn't Webservices.")
        self._lockout.succeeded(login, source)
        self._believe(user, password)
        if (login, source) not in self._noted and len(self._noted) < _REMEMBERED:
            self._noted.add((login, source))
            self._audit(login, f"logged in as a program from {source}")
        return user

    def _turn(self, login: str, password: str) -> Lock:
        key = self._digest(login, password, "")
        with self._lock:
            if len(self._turns) >= _REMEMBERED:
                self._turns = {known: turn for known, turn in self._turns.items() if turn.locked()}
            return self._turns.setdefault(key, Lock())

    def _is_believed(self, user: UserRecord, password: str) -> bool:
        key = self._digest(user.login, password, user.password_hash)
        with self._lock:
            since = self._believed.get(key)
        return since is not None and monotonic() - since < _BELIEVED

    def _believe(self, user: UserRecord, password: str) -> None:
        key = self._digest(user.login, password, user.password_hash)
        with self._lock:
            self._believed[key] = monotonic()
            self._believed.move_to_end(key)
            while len(self._believed) > _REMEMBERED:
                self._believed.popitem(last=False)

    def _digest(self, *parts: str) -> bytes:
        """Under a key that no disk sees. With the stored hash a new password ends the belief in the old."""
        text = "".join(f"{len(part)}:{part}" for part in parts)
        return hmac.new(self._key, text.encode(), sha256).digest()

    def _audit(self, login: str, what: str) -> None:
        printable = "".join(c if c.isprintable() else "?" for c in login)
        event = RecordEvent(self._settings.now(), "evce", "audit", f"“{printable}” {what}", printable)
        self._site.tell("recorder", event)


def _refused(detail: str) -> Problem:
    return Problem(401, "A login is needed", detail, headers=challenge())


def _locked(seconds: Seconds) -> Problem:
    wait = int(seconds) + 1
    return Problem(
        429, "Too many failed logins", f"Try again in {wait} s.", headers={"Retry-After": str(wait)}
    )
