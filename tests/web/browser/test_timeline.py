"""The timeline of a session in chromium: zoomed by hand and by keyboard, live, told in words."""

from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.web.browser.conftest import Open, Served

pytestmark = pytest.mark.browser


def span(page: Page) -> float:
    return float(page.evaluate("(({from, to}) => to - from)(document.getElementById('course').dataset)"))


def test_a_session_is_zoomed_into_by_hand_and_by_keyboard(open_page: Open, here: Served) -> None:
    """UI-8, UI-5: each button says what it does, and the whole is one press away."""
    page = open_page("/sessions")
    page.get_by_label("Timeline of session 473").click()
    expect(page.locator("#course canvas")).to_be_visible()
    expect(page.locator("#course .u-legend")).to_contain_text("Allowed per phase")
    whole = span(page)
    page.get_by_role("button", name="Zoom in").focus()
    page.keyboard.press("Enter")
    assert span(page) == pytest.approx(whole / 2)
    page.get_by_role("button", name="Earlier").click()
    assert span(page) == pytest.approx(whole / 2)
    page.get_by_role("button", name="Whole session").click()
    assert span(page) == pytest.approx(whole)
    plot = page.locator("#course .u-over").bounding_box()
    assert plot is not None
    y = plot["y"] + plot["height"] / 2
    page.mouse.move(plot["x"] + plot["width"] * 0.3, y)
    expect(page.locator("#course-why")).to_contain_text("16 A. Gets 6.5 A")
    page.mouse.down()
    page.mouse.move(plot["x"] + plot["width"] * 0.5, y, steps=4)
    page.mouse.up()
    assert span(page) == pytest.approx(whole * 0.2, rel=0.1)
    page.locator("tr", has_text="Suspended by system").get_by_label("Show on the plot").click()
    assert span(page) == pytest.approx(whole * 0.15 * 1.2, rel=0.1)


@pytest.mark.parametrize("size", ["laptop", "phone"])
def test_the_outlets_of_a_zone_lead_to_their_sessions(open_page: Open, size: str) -> None:
    """UI-2: by keyboard too."""
    page = open_page("/zones/garage", size=size)
    page.locator("#plot-actions").get_by_role("link", name="Timeline").click()
    expect(page.locator("h1")).to_have_text("Timeline")
    bar = page.locator('.outlet-row a[href="/sessions/473"]')
    bar.focus()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Session 473")


def test_a_session_that_ends_is_said_without_a_reload(open_page: Open, here: Served) -> None:
    """UI-4: the words beside the plot come anew, and stop once there is no news to come."""
    page = open_page("/alarms")
    page.clock.install()
    page.goto(here.address + "/sessions/473")
    page.evaluate("window.notReloaded = true")
    expect(page.locator("#timeline-body .pill.live")).to_have_text("running")
    here.site.sessions = [
        replace(s, stopped_at=here.site.now(), stop_reason="Remote") if s.transaction == 473 else s
        for s in here.site.sessions
    ]
    page.clock.run_for(11_000)
    expect(page.locator(".moments li").last).to_contain_text("Ended")
    expect(page.locator("#timeline-body .pill.live")).to_have_count(0)
    assert page.locator("#timeline-body").get_attribute("hx-get") is None
    assert page.evaluate("window.notReloaded") is True


def test_a_course_that_is_gone_is_said(open_page: Open, here: Served) -> None:
    """UI-8."""
    oldest = here.site.sessions[-1]
    assert oldest.started_at < here.site.now() - timedelta(days=7)
    page = open_page(f"/sessions/{oldest.transaction}")
    expect(page.locator("#course")).to_contain_text("Nothing is kept of the course of this session.")
