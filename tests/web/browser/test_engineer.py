"""What an engineer does, in chromium: follows messages and frames, pauses to read, sends one by keyboard."""

import re

import pytest
from playwright.sync_api import expect

from evce.tracing import Traced
from tests.web.browser.conftest import Open, Served, picture
from tests.web.browser.test_accessibility import violations
from tests.web.browser.test_pages import orders

pytestmark = pytest.mark.browser


def test_a_trace_is_followed_paused_and_read(open_page: Open, here: Served) -> None:
    """AC-4, UI-4: rows come by themselves, what was opened stays open, a pause asks nothing more."""
    page = open_page("/system/trace", size="phone")
    page.get_by_label("Actor").fill("nobody")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("alert")).to_contain_text("“nobody” is not the name of an actor")
    expect(page.get_by_label("Actor")).to_have_value("nobody")
    page.get_by_label("Actor").fill("zone/*")
    page.get_by_label("Actor").press("Enter")
    rows = page.locator("#trace-rows")
    expect(rows.locator("tbody tr")).to_have_count(3)
    rows.locator("summary", has_text="MeterValues").click()
    expect(rows.locator("details[open] pre")).to_be_visible()
    here.watched.messages[-1].coming = [
        Traced("2026-11-22T18:00:00.000+00:00", "view", "Settle", {}, 0, "zone/a")
    ]
    expect(rows.locator("tbody tr")).to_have_count(4)
    expect(rows.locator("details[open]")).to_have_count(1)
    picture(page, "trace")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    page.get_by_role("button", name="Pause").press("Enter")
    expect(page.get_by_role("status").filter(has_text="Paused")).to_be_visible()
    expect(page.get_by_role("button", name="Go on")).to_be_focused()
    assert not here.watched.messages[-1].running
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped.")).to_be_visible()
    here.complaints[:] = [c for c in here.complaints if "422" not in c]


def test_a_message_is_sent_by_keyboard_once_it_was_confirmed(open_page: Open, here: Served) -> None:
    """OC-3: the fields come with the choice, a mistake is told at the field, the frames go on beside it."""
    page = open_page("/stations/CP-02/console")
    expect(page.locator("#frame-rows tbody tr")).to_have_count(4)
    picture(page, "console")
    page.get_by_label("Message", exact=True).select_option("Heartbeat")
    expect(page.locator("#frame-rows tbody tr")).to_have_count(1)
    page.get_by_label("Message of OCPP 1.6").select_option("Reset")
    content = page.get_by_label("Content (JSON)")
    expect(content).to_have_value(re.compile('"type": "Soft"'))
    content.fill('{"type": "Cold"}')
    page.get_by_role("button", name="Send", exact=True).press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("it is 'Cold'")
    assert orders(here) == []
    content.fill('{"type": "Hard"}')
    page.get_by_role("button", name="Send", exact=True).press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Send Reset to")
    assert violations(page) == []
    assert orders(here) == []
    page.get_by_role("button", name="Yes, send Reset").press("Enter")
    expect(page.get_by_role("status").filter(has_text="Asked.")).to_be_visible()
    (order,) = orders(here)
    assert order.given == {"call": "Reset", "payload": {"type": "Hard"}}
    expect(page.locator("#frame-rows tbody tr")).to_have_count(1)  # the filter stays
    here.watched.frames[-1].running = False
    page.get_by_role("button", name="Start anew").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.get_by_label("Message", exact=True)).to_have_value("Heartbeat")
    here.complaints[:] = [c for c in here.complaints if "422" not in c]
