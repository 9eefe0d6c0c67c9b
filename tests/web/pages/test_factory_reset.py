"""Tests of the page that sets EVCE back to factory settings."""

from flask.testing import FlaskClient

from actors.messages import ResetToFactory
from tests.web.fake_site import FakeSite

ADDRESS = "/configuration/factory-reset"


def asked(site: FakeSite) -> list[tuple[str, ResetToFactory]]:
    return [(name, message) for name, message in site.told if isinstance(message, ResetToFactory)]


def test_it_asks_for_the_name_of_the_site_before(admin: FlaskClient, site: FakeSite) -> None:
    """SR-3: what is deleted, what can be saved first; nothing happens without the name."""
    page = admin.get(ADDRESS)
    assert page.status_code == 200
    assert all(word in page.text for word in ("sessions", "Harbour car park", "/cards/export.csv"))
    for name in ("", "harbour car park", "x"):
        refused = admin.post(ADDRESS, data={"site_name": name})
        assert (refused.status_code, "Harbour car park" in refused.text) == (422, True)
    assert asked(site) == []


def test_whoever_writes_the_name_means_it(admin: FlaskClient, site: FakeSite) -> None:
    """SR-3: and is led to the assistant."""
    answer = admin.post(ADDRESS, data={"site_name": " Harbour car park "})
    assert (answer.status_code, "/assistant/credentials" in answer.text) == (200, True)
    assert [name for name, _ in asked(site)] == ["site"]


def test_while_the_site_restarts_it_says_so(admin: FlaskClient, site: FakeSite) -> None:
    """SR-3."""
    site.gone.add("site")
    assert admin.post(ADDRESS, data={"site_name": "Harbour car park"}).status_code == 503
