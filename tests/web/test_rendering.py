"""Tests of whole pages and their live parts."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from threading import Event

import pytest
from flask import Flask, template_rendered
from flask.testing import FlaskClient

from tests.web.conftest import Enter
from tests.web.fake_site import FakeSite, key
from web.rendering import FragmentCache

LIVE = {"X-EVCE-Live": "1", "HX-Request": "true"}


@pytest.fixture
def rendered(app: Flask) -> Iterator[list[str]]:
    names: list[str] = []

    def note(sender: Flask, template: object, **rest: object) -> None:
        names.append(str(getattr(template, "name", "")))

    with template_rendered.connected_to(note, app):
        yield names


PAGES = ["/", "/zones/main", "/stations/CP-02", "/meters", "/system", "/alarms", "/frame?nav=sessions"]


@pytest.mark.parametrize("address", PAGES)
def test_the_live_part_is_a_part_and_refreshes_itself(admin: FlaskClient, address: str) -> None:
    """UI-4: no page within the page, no token and no name of the reader in what others share."""
    part = admin.get(address, headers=LIVE).text
    assert part.strip().startswith('<div id="live"')
    assert "<html" not in part
    assert "csrf" not in part.lower()
    assert "olivia" not in part
    assert 'hx-trigger="site-changed"' in part


def polled(browser: FlaskClient) -> None:
    """The change feed has asked for something newer, and told the browsers."""
    browser.application.extensions["evce_site"].snapshot()


def test_twenty_browsers_cost_one_rendering(enter: Enter, rendered: list[str], site: FakeSite) -> None:
    """UI-4: with 20 open browsers; the next change renders anew."""
    browsers = [enter("ursula") for _ in range(20)]
    texts = {browser.get("/", headers=LIVE).text for browser in browsers}
    assert len(texts) == 1
    assert rendered.count("overview.html") == 1
    site.change()
    polled(browsers[0])
    browsers[0].get("/", headers=LIVE)
    assert rendered.count("overview.html") == 2


def test_roles_don_t_share_a_part(enter: Enter) -> None:
    """US-2: the user's menu has no system page, whoever looked first."""
    assert "/system" in enter("olivia").get("/", headers=LIVE).text
    assert "/system" not in enter("ursula").get("/", headers=LIVE).text


def test_a_change_is_in_the_next_part(admin: FlaskClient, site: FakeSite) -> None:
    """UI-4: 14 sessions, then 13."""
    assert 'id="session-473"' in admin.get("/", headers=LIVE).text
    site.stop(key("CP-01/1"))
    polled(admin)
    assert 'id="session-473"' not in admin.get("/", headers=LIVE).text


def test_names_from_outside_are_escaped(admin: FlaskClient, site: FakeSite) -> None:
    """RELIABILITY 4.21: a station that calls itself a script."""
    station = site.snapshot.stations[key("CP-01/1").station]
    site.set_station(replace(station, name="<script>alert(1)</script>", model='"><img src=x>'))
    for address in ("/", "/zones/garage", "/stations/CP-01"):
        text = admin.get(address).text
        assert "<script>alert" not in text
        assert "<img src=x>" not in text
        assert "&lt;script&gt;alert" in text


def test_a_site_without_anything_has_words_everywhere(admin: FlaskClient, site: FakeSite) -> None:
    """UI-1: no empty place without words."""
    site.sessions, site.events = [], []
    site.change(zones={}, stations={}, meters={}, inputs=(), actors={}, alarms=())
    for address, words in (
        ("/", ["No session is running", "No zone is configured", "None is configured", "No meter reports"]),
        ("/meters", ["No power meter", "No local production"]),
        ("/system", ["No supervisor has reported"]),
        ("/alarms", ["No alarm stands"]),
        ("/sessions", ["No session matches"]),
        ("/events-log", ["No event matches"]),
    ):
        text = admin.get(address).text
        assert all(word in text for word in words), address


def test_a_live_part_is_rendered_once_for_all_who_ask_at_the_same_time() -> None:
    """UI-4: twenty browsers hear of a change together; whoever waits takes what the first has rendered."""
    cache = FragmentCache()
    entered, release, rendered = Event(), Event(), []

    def render() -> str:
        rendered.append(1)
        entered.set()
        assert release.wait(10.0)
        return "the part"

    with ThreadPoolExecutor(6) as threads:
        first = threads.submit(cache.once, ("/", 1), render)
        assert entered.wait(10.0)
        others = [threads.submit(cache.once, ("/", 1), render) for _ in range(5)]
        assert wait(others, timeout=0.05).done == set()
        release.set()
        assert {one.result(10.0) for one in (first, *others)} == {"the part"}
    assert len(rendered) == 1


def test_a_part_that_could_not_be_rendered_is_tried_by_the_next() -> None:
    """RELIABILITY 3: an error of one reader is nobody else's."""
    cache = FragmentCache()
    with pytest.raises(ZeroDivisionError):
        cache.once(("/", 1), lambda: str(1 // 0))
    assert cache.once(("/", 1), lambda: "the part") == "the part"
    assert cache.once(("/", 1), lambda: "another") == "the part"
