"""A program that calls the web services of the invented site."""

from base64 import b64encode

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from evce.configuration.document import SiteDocument
from evce.configuration.revisions import next_revision, parse_json
from evce.remote_limits import RemoteSettings
from tests.web.conftest import PASSWORD
from tests.web.fake_remote import FakeRemote
from tests.web.fake_site import FakeSite

__all__ = ["basic", "calling", "pointers", "switch"]


def switch(site: FakeSite, **services: object) -> None:
    """Put these settings of the web services in force; `wanda` is the login that may limit zones."""
    before = site.revisions[0]
    plain = parse_json(before.document).plain()
    plain["webservices"] = {"enabled": True, "remote_login": "wanda", **services}
    document = SiteDocument.parse(plain)
    record = next_revision(
        before, document, author="olivia", comment="", now=site.now(), accept_unproven=True
    )
    site.apply(record)
    on = document.webservices.enabled and document.webservices.remote_energy_management
    maxima = {zone.id: zone.maximum for zone in site.snapshot.zones.values()}
    site.remote = FakeRemote(RemoteSettings(enabled=True, login="wanda", maxima=maxima)) if on else None


def basic(login: str, password: str = PASSWORD) -> dict[str, str]:
    """The header of HTTP Basic."""
    return {"Authorization": f"Basic {b64encode(f'{login}:{password}'.encode()).decode()}"}


def calling(app: Flask, login: str = "wanda", password: str = PASSWORD) -> FlaskClient:
    """A client that sends its login along, as programs do."""
    client = app.test_client()
    client.environ_base["wsgi.url_scheme"] = "https"
    client.environ_base["HTTP_AUTHORIZATION"] = basic(login, password)["Authorization"]
    return client


def pointers(answer: TestResponse) -> list[str]:
    """Where a body is wrong, by the answer that refuses it."""
    assert answer.mimetype == "application/problem+json"
    return [one["pointer"] for one in answer.get_json()["errors"]]
