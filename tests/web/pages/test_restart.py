"""Tests of the page that starts EVCE anew."""

from flask.testing import FlaskClient

from actors.messages import Restart
from tests.web.fake_site import FakeSite

ADDRESS = "/configuration/restart"


def asked(site: FakeSite) -> list[tuple[str, Restart]]:
    return [(name, message) for name, message in site.told if isinstance(message, Restart)]


def test_it_says_what_happens_meanwhile_before(admin: FlaskClient, site: FakeSite) -> None:
    """SR-3: looking restarts nothing."""
    page = admin.get(ADDRESS)
    assert (page.status_code, "nothing is raised" in page.text) == (200, True)
    assert asked(site) == []


def test_the_site_is_told_and_the_page_comes_back_by_itself(admin: FlaskClient, site: FakeSite) -> None:
    """SR-3."""
    answer = admin.post(ADDRESS)
    assert (answer.status_code, 'content="15; url=/"' in answer.text) == (200, True)
    assert asked(site) == [("site", Restart("olivia"))]


def test_without_the_site_s_actor_it_says_so(admin: FlaskClient, site: FakeSite) -> None:
    """SR-3."""
    site.gone.add("site")
    answer = admin.post(ADDRESS)
    assert (answer.status_code, "Try again" in answer.text) == (503, True)
