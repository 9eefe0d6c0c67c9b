"""What a person sees and does, in chromium: pages, live changes, stopping, plots, a lost connection."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from actors.messages import RequestAction
from evce.units import BoxIdentity, ZoneId
from tests.web.browser.conftest import Open, Served
from tests.web.conftest import PASSWORD
from tests.web.fake_site import key
from tests.web.serving import served
from web.app import create_app
from web.certificate import ensure_certificate
from web.settings import WebSettings

pytestmark = pytest.mark.browser

PAGES = [
    "/",
    "/zones/main",
    "/stations/CP-02",
    "/sessions",
    "/sessions/473",
    "/sessions/timeline",
    "/energy",
    "/cards",
    "/events-log",
    "/manual",
    "/manual/configuration",
    "/audit",
    "/meters",
    "/system",
    "/system/trace",
    "/stations/CP-02/console",
    "/alarms",
    "/configuration",
    "/configuration/zones",
    "/configuration/zones/edit?name=main",
    "/configuration/stations",
    "/configuration/stations/edit?name=CP-01",
    "/configuration/stations/register",
    "/configuration/stations/scan",
    "/configuration/assignment",
    "/configuration/meters",
    "/configuration/meters/edit?name=main-meter",
    "/configuration/meter_models/edit",
    "/configuration/section/site",
    "/configuration/section/tariff",
    "/configuration/section/inputs",
    "/configuration/section/load_shedding",
    "/configuration/section/authentication",
    "/configuration/section/cpo",
    "/configuration/section/network",
    "/configuration/release",
    "/configuration/section/webservices",
    "/web-services",
    "/configuration/section/ocpp",
    "/configuration/time",
    "/configuration/firmware",
    "/reports/evce",
    "/reports/stations",
    "/configuration/licence",
    "/configuration/history",
    "/configuration/history/difference?old=5&new=7",
    "/configuration/backup",
    "/configuration/restart",
    "/configuration/factory-reset",
    "/users",
    "/users/edit?login=ursula",
    "/assistant",
    "/assistant/summary",
]


def orders(here: Served) -> list[RequestAction]:
    return [m for _, m in list(here.site.told) if isinstance(m, RequestAction)]


def test_logging_in_leads_to_the_page_that_was_asked_for_and_out_again(open_page: Open, here: Served) -> None:
    """US-1, UI-5: a wrong password first."""
    page = open_page("/zones/garage", login=None)
    page.get_by_label("Login", exact=True).fill("olivia")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("Login or password is wrong")
    expect(page.get_by_label("Login", exact=True)).to_have_value("olivia")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("h1")).to_have_text("Garage")
    page.get_by_label("Your account").click()
    expect(page.get_by_text("Administrator")).to_be_visible()
    page.get_by_role("button", name="Log out").click()
    expect(page.locator("h1")).to_have_text("Log in")
    page.goto(here.address + "/")
    expect(page.locator("h1")).to_have_text("Log in")
    here.complaints[:] = [
        c for c in here.complaints if "401" not in c
    ]  # the browser's own note of the refusal


def test_a_change_is_on_the_screen_within_two_seconds(
    open_page: Open, here: Served, patience: Callable[[float], float]
) -> None:
    """UI-4: without a reload, at every open browser."""
    pages = [open_page("/", size=size) for size in ("laptop", "laptop", "phone")]
    for page in pages:
        expect(page.locator("#session-473")).to_contain_text("Charging")
        page.evaluate("window.notReloaded = true")
    station = here.site.snapshot.stations[key("CP-01/1").station]
    here.site.set_station(replace(station, name="Garage one"))
    for page in pages:
        expect(page.locator("#session-473")).to_contain_text("Garage one", timeout=patience(2) * 1000)
        assert page.evaluate("window.notReloaded") is True


def test_nothing_jumps_when_the_page_refreshes(open_page: Open, here: Served) -> None:
    """UI-4: ticked sessions, closed branches and the place on the page stay as the reader left them."""
    page = open_page("/")
    page.locator("#session-473 [data-pick]").check()
    page.locator("#zone-deck > summary .twist").click()
    page.evaluate("window.scrollTo(0, 400)")
    place = page.evaluate("window.scrollY")
    here.site.set_connector(key("CP-02/1"), setpoint=11.5)
    expect(page.locator("#session-475")).to_contain_text("11.5 A")
    expect(page.locator("#session-473 [data-pick]")).to_be_checked()
    expect(page.locator("[data-selected]")).to_contain_text("1 selected")
    expect(page.locator("#zone-deck")).not_to_have_attribute("open", re.compile(".*"))
    assert page.evaluate("window.scrollY") == place
    assert place > 0


def test_sessions_are_stopped_after_a_question(open_page: Open, here: Served) -> None:
    """UI-1: several at once; cancelling does nothing; the outcome is said and seen."""
    page = open_page("/", login="ursula")
    stop = page.locator("#running").get_by_role("button", name="Stop", exact=True)
    expect(stop).to_be_disabled()
    page.locator("#session-473 [data-pick]").check()
    page.locator("#session-475 [data-pick]").check()
    stop.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Stop these sessions?")
    expect(dialog.locator("li")).to_have_text(["Garage 1, connector 1", "Garage 2, connector 1"])
    dialog.get_by_role("button", name="Keep charging").click()
    expect(dialog).to_be_hidden()
    assert orders(here) == []
    stop.click()
    dialog.get_by_role("button", name="Stop", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("Stop requested for 2 sessions")
    expect(page.locator("#session-473")).to_have_count(0)
    assert [(order.station, order.given["connector"]) for order in orders(here)] == [
        ("CP-01", 1),
        ("CP-02", 1),
    ]
    expect(stop).to_be_disabled()


def test_one_session_is_stopped_from_its_zone_and_from_a_phone(open_page: Open, here: Served) -> None:
    """UI-2: the station's own button; a lost station is forced, with a warning."""
    page = open_page("/zones/deck-north", size="phone")
    page.locator("#line-CP-10-1 [data-stop]").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("a car may still be charging")
    dialog.get_by_role("button", name="Force stop").click()
    expect(page.locator("#toasts")).to_contain_text("Stop requested for one session")
    assert orders(here) == [
        RequestAction(BoxIdentity("CP-10"), "stop", {"connector": 1, "forced": True}, "olivia")
    ]


def test_the_bars_follow_the_site(open_page: Open, here: Served) -> None:
    """UI-2: setpoints against the limit, live."""
    page = open_page("/zones/garage")
    bar = page.locator(".phase-bar").first
    expect(bar).to_have_attribute("aria-label", "Sharing L1: 80.2 A / 100 A")
    zone = here.site.snapshot.zones[ZoneId("garage")]
    here.site.set_zone(replace(zone, setpoints=(40.0, 40.0, 40.0), pledged=(40.0, 40.0, 40.0)))
    expect(bar).to_have_attribute("aria-label", "Sharing L1: 40 A / 100 A")
    expect(bar.locator(".p-granted")).to_have_attribute("width", "40.0%")


def test_the_plot_follows_the_site_and_changes_its_range(open_page: Open, here: Served) -> None:
    """UI-8: the last hour grows, a day and a week are there."""
    page = open_page("/zones/main")
    expect(page.locator("#plot canvas")).to_be_visible()
    expect(page.locator("#plot .u-legend")).to_contain_text("Maximum")
    expect(page.locator("#plot .u-legend")).to_contain_text("250.0 A")
    page.wait_for_function(
        "() => { window.before = document.getElementById('plot').dataset.newest; return true; }"
    )
    with page.expect_response(lambda r: "since=" in r.url):
        here.site.breathe()
    page.wait_for_function("() => document.getElementById('plot').dataset.newest !== window.before")
    for span in ("24 h", "7 d"):
        with page.expect_response(lambda r: "history.json" in r.url and "since" not in r.url) as answered:
            page.get_by_role("button", name=span).click()
        assert answered.value.ok
        expect(page.locator("#plot canvas")).to_be_visible()
    page.get_by_role("button", name="Granted").click()
    expect(page.locator("#plot .u-legend")).to_contain_text("Limit for vehicles")


def test_a_form_with_a_fault_comes_back_with_it(open_page: Open, here: Served) -> None:
    """RELIABILITY 3: inline, input preserved, and a live change does not wipe it."""
    page = open_page("/stations/CP-01")
    page.get_by_label("Badge").fill("x" * 30)
    page.locator("select[name=connector]").select_option("2")
    with page.expect_request(lambda asked: asked.method == "POST") as sent:
        page.locator(".action-fields button[type=submit]").click()
    assert "x-evce-live" not in sent.value.headers  # what a person does counts as use of the session
    expect(page.get_by_role("alert").filter(has_text="1 to 20 printable characters")).to_be_visible()
    with page.expect_request("**/stations/CP-01") as refreshed:
        here.site.set_connector(key("CP-01/1"), setpoint=11.5)
    assert refreshed.value.headers["x-evce-live"] == "1"
    expect(page.locator(".gauges").first).to_contain_text("11.5")
    expect(page.get_by_label("Badge")).to_have_value("x" * 30)
    expect(page.locator("select[name=connector]")).to_have_value("2")
    here.complaints[:] = [c for c in here.complaints if "422" not in c]


def test_a_silent_site_is_said_and_comes_back_by_itself(open_page: Open, here: Served) -> None:
    """UI-11: the bar, then life again, without a reload."""
    page = open_page("/")
    page.evaluate("window.notReloaded = true")
    expect(page.locator("#lost")).to_be_hidden()
    here.site.silent.add("view")
    expect(page.locator("#lost")).to_be_visible()
    here.site.silent.clear()
    expect(page.locator("#lost")).to_be_hidden()
    assert page.evaluate("window.notReloaded") is True


def test_a_restarted_server_is_found_again(open_page: Open, here: Served, tmp_path: Path) -> None:
    """UI-11: the connection is lost, the bar says so, the page comes back by itself with new figures."""
    files = ensure_certificate(tmp_path)
    folder = files.key.parent
    page: Page
    with served(_again(here), folder) as port:
        here.address = f"https://localhost:{port}"
        page = open_page("/")
        page.evaluate("window.notReloaded = true")
        expect(page.locator("#lost")).to_be_hidden()
    expect(page.locator("#lost")).to_be_visible()
    here.site.set_connector(key("CP-02/1"), setpoint=11.5)
    with served(_again(here), folder, port):
        expect(page.locator("#lost")).to_be_hidden(timeout=20_000)
        expect(page.locator("#session-475")).to_contain_text("11.5 A")
        assert page.evaluate("window.notReloaded") is True
        page.close()
    here.complaints[:] = [c for c in here.complaints if "ERR_" not in c]


def _again(here: Served) -> Flask:
    here.app = create_app(here.site.ask, here.site.tell, WebSettings(version="1.0", secret_key=b"k" * 32))
    return here.app


def test_an_ended_session_leads_to_the_login_by_itself(open_page: Open, here: Served) -> None:
    """US-3: a page left open shows nothing any more."""
    page = open_page("/zones/main")
    expect(page.locator("h1")).to_have_text("Main switchboard")
    here.app.extensions["evce_sessions"].revoke_login("olivia")
    here.site.change()
    expect(page.locator("h1")).to_have_text("Log in")
    assert "next=/zones/main" in page.url
    here.complaints[:] = [c for c in here.complaints if "401" not in c]


def test_the_tree_opens_on_a_phone_and_leads_to_a_station(open_page: Open, here: Served) -> None:
    """UI-1: zones and outlets on a small screen."""
    page = open_page("/", size="phone")
    expect(page.locator("#tree")).to_be_hidden()
    page.get_by_role("button", name="Zones and outlets").click()
    here.site.change()
    page.locator("#tree").get_by_text("Quay street 2").click()
    expect(page.locator("h1")).to_have_text("Quay street 2")


def test_light_and_dark_are_the_reader_s_choice(open_page: Open) -> None:
    """UI-1: and it is kept."""
    page = open_page("/")
    page.get_by_label("Light or dark").click()
    page.reload()
    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"


def test_the_size_of_the_chosen_reports_runs_along(open_page: Open) -> None:
    """LG-3: with the number of each station; too much is said before anybody asks for it."""
    page = open_page("/reports/stations")
    group = page.locator("[data-reports-of='CP-01']")
    expect(group.locator("[data-chosen-count]")).to_have_text("0")
    group.locator("[data-choose-all]").check()
    expect(group.locator("[data-chosen-count]")).to_have_text("1")
    fault = page.locator("#e-reports")
    expect(fault).to_be_hidden()
    page.evaluate(
        "document.querySelector('[data-reports-of=\"CP-02\"] [name=report]').dataset.size = '20000000'"
    )
    page.locator("[data-reports-of='CP-02'] [name=report]").check()
    expect(page.locator("[data-chosen-size]")).to_have_text("20.0")
    expect(fault).to_have_text("Too much for one zip: choose fewer.")
    group.locator("[data-choose-all]").uncheck()
    expect(group.locator("[data-chosen-count]")).to_have_text("0")
    expect(fault).to_be_hidden()
