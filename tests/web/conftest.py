"""The invented site behind the application, with cheap password hashes and a clock that tests move."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient

from actors.messages import UserRecord
from tests.web.fake_site import FakeSite
from tests.web.fake_sources import FakeSources
from web.accounts import Role
from web.app import create_app
from web.passwords import Passwords
from web.settings import WebSettings

PASSWORD = "Harbour-car-park-1"


class Clock:
    """A wall clock that stands until it is moved."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def passwords() -> Passwords:
    return Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


@pytest.fixture
def site(clock: Clock, passwords: Passwords) -> FakeSite:
    made = FakeSite(now=clock)
    for login, role in (("olivia", Role.ADMIN), ("ursula", Role.USER), ("wanda", Role.WEBSERVICES)):
        made.users[login] = UserRecord(login, role, passwords.hash(PASSWORD), clock())
    return made


@pytest.fixture
def settings(clock: Clock) -> WebSettings:
    return WebSettings(version="1.0", secret_key=b"k" * 32, now=clock)


@pytest.fixture
def watched() -> FakeSources:
    """What engineers follow."""
    return FakeSources()


@pytest.fixture
def app(site: FakeSite, settings: WebSettings, passwords: Passwords, watched: FakeSources) -> Flask:
    made = create_app(site.ask, site.tell, settings, passwords=passwords, sources=watched.sources)
    made.config["WTF_CSRF_ENABLED"] = False  # its own test switches it on
    return made


@pytest.fixture
def strict_app(site: FakeSite, settings: WebSettings, passwords: Passwords) -> Flask:
    """The application as it is served, form tokens included."""
    return create_app(site.ask, site.tell, replace(settings), passwords=passwords)


Enter = Callable[[str | None], FlaskClient]


@pytest.fixture
def enter(app: Flask) -> Enter:
    """A browser on which somebody is logged in; None: nobody."""

    def make(login: str | None) -> FlaskClient:
        client = app.test_client()
        client.environ_base["wsgi.url_scheme"] = "https"
        if login is not None:
            token = app.extensions["evce_sessions"].begin(login)
            client.set_cookie("__Host-evce-session", token, secure=True, domain="localhost")
        return client

    return make


@pytest.fixture
def admin(enter: Enter) -> FlaskClient:
    return enter("olivia")


@pytest.fixture
def user(enter: Enter) -> FlaskClient:
    return enter("ursula")


@pytest.fixture
def nobody(enter: Enter) -> FlaskClient:
    return enter(None)
