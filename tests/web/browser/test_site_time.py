"""The site's time in a real browser: its own clock beside the site's, and taken over after a question."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from evce.site_time import TimeSource
from tests.web.browser.conftest import Open, Served

pytestmark = pytest.mark.browser


def test_the_time_is_set_from_the_browser(open_page: Open, here: Served) -> None:
    """CPO-4: the button works in the browser alone, and what it sends is this moment."""
    here.site.time.ahead = 7200.0
    page = open_page("/configuration/section/cpo")
    expect(page.locator("[data-browser-off]")).to_contain_text("behind the site by")
    page.get_by_role("link", name="Set from browser").click()
    page.get_by_role("button", name="Set from browser").click()
    expect(page.get_by_text("The time of the site was moved by")).to_be_visible()
    expect(page.locator("[data-browser-off]")).to_have_text("as the site")
    view = here.site.time.view()
    assert (view.source, view.by) == (TimeSource.PERSON, "olivia")
    assert abs((view.site - datetime.now(UTC)).total_seconds()) < 60.0
