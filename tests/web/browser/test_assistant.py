"""A newcomer walks the whole assistant, from an empty data folder to a charging car in a simulated site."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from evce.configuration.document import SiteDocument
from tests.integration.process import Process
from tests.web.browser.conftest import SIZES, picture
from tools.simulation.client import BackOff
from tools.simulation.site import SimulatedSite
from tools.simulation.world import WorldOptions
from web.languages import LANGUAGE_COOKIE

pytestmark = pytest.mark.browser

PASSWORD = "Harbour-car-park-1"

TRUTH = {
    "site": {"name": "Harbour"},
    "zones": [
        {"id": "main", "name": "Main", "maximum_a": 160, "mode": "dynamic", "meter": "m"},
        {"id": "garage", "name": "Garage", "parent": "main", "maximum_a": 63},
    ],
    "stations": [
        {
            "box_identity": f"CP-0{number}",
            "name": f"Garage {number}",
            "zone": "garage",
            "connectors": [{"wiring": wiring}],
        }
        for number, wiring in ((1, "TRI123"), (2, "TRI231"))
    ],
    "meters": [
        {"id": "m", "name": "Main meter", "role": "zone", "model": "pm5320", "host": "127.0.0.1", "unit": 17}
    ],
}
"""What is really there; nobody has told EVCE anything of it."""


@dataclass
class NewSite:
    """A daemon on an empty folder, and a site around it that it doesn't know."""

    daemon: Process
    code: str
    meter_port: int
    site: SimulatedSite
    complaints: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"https://127.0.0.1:{self.daemon.port('https')}"


@pytest.fixture
def new(tmp_path: Path) -> Iterator[NewSite]:
    daemon = Process(tmp_path).ready()
    site = SimulatedSite(
        SiteDocument.parse(TRUTH),
        WorldOptions(seed=3, arrivals_factor=0.0),
        free_ports=True,
        back_off=BackOff(0.2, 0.5),
    )
    try:
        ports = site.start_meters()
        assert daemon.process.stdout is not None
        found = re.search(r"code=(\S+)", daemon.process.stdout.readline())
        assert found is not None
        site.start(f"ws://127.0.0.1:{daemon.port('ws')}/ocpp")
        yield NewSite(daemon, found[1], ports["m"], site)
    finally:
        site.stop()
        daemon.kill()


@pytest.fixture
def enter(
    chromium: Browser, new: NewSite, patience: Callable[[float], float]
) -> Iterator[Callable[[str, str], Page]]:
    """A browser that has never been there, in this size and language; it must have had no complaint."""
    contexts = []

    def make(size: str, language: str) -> Page:
        context = chromium.new_context(viewport=SIZES[size], ignore_https_errors=True)  # type: ignore[arg-type]
        context.set_default_timeout(patience(15) * 1000)
        cookie = {"name": LANGUAGE_COOKIE, "value": language, "url": new.address, "secure": True}
        context.add_cookies([cookie])  # type: ignore[list-item]
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console", lambda m: new.complaints.append(m.text) if m.type in ("error", "warning") else None
        )
        page.on("pageerror", lambda error: new.complaints.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()
    assert new.complaints == []


def ahead(page: Page, path: str) -> None:
    """The one green way on at the foot of a step."""
    page.locator(".assistant-way .btn-primary").click()
    page.wait_for_url(f"**{path}")


def save(page: Page, path: str) -> None:
    page.locator("#settings button[type=submit]").click()
    page.wait_for_url(f"**{path}")


def fill(page: Page, **values: str) -> None:
    for name, value in values.items():
        there = page.locator(f"main [name='{name}']").first
        if there.evaluate("one => one.tagName") == "SELECT":
            there.select_option(value)
        else:
            there.fill(value)


@pytest.mark.parametrize(("size", "language"), [("laptop", "en"), ("phone", "de")])
@pytest.mark.timeout(240)
def test_from_an_empty_folder_to_a_charging_car(
    enter: Callable[[str, str], Page],
    new: NewSite,
    patience: Callable[[float], float],
    size: str,
    language: str,
) -> None:
    """UI-6, UI-7, US-1, OC-2, MT-6: nothing but what the screens say."""
    slow = patience(15) * 1000
    page = enter(size, language)
    page.goto(new.address)
    page.wait_for_url("**/assistant/credentials")
    fill(page, code=new.code, login="ida", password=PASSWORD, again=PASSWORD)
    page.locator("form.first-login button[type=submit]").click()
    page.wait_for_url("**/assistant")
    page.locator("form[action='/assistant'] button").click()

    page.wait_for_url("**/section/site")
    expect(page.locator("#door-1")).to_contain_text(re.compile(rf"^ws://.+:{new.daemon.port('ws')}/ocpp/$"))
    fill(page, name="Harbour", time_zone="Europe/Paris")
    if size == "laptop":
        picture(page, "assistant-network")
    ahead(page, "/configuration/stations")

    for identity, wiring in (("CP-01", "TRI123"), ("CP-02", "TRI231")):
        page.locator(f"#detected a[href*='{identity}']").click(timeout=slow)
        page.wait_for_url("**/stations/register**")
        fill(page, **{"row.0.name": f"Garage {identity[-1]}", "row.0.connectors.0.wiring": wiring})
        save(page, "/configuration/stations")
    expect(page.locator("#things .s-available")).to_have_count(2, timeout=slow)
    ahead(page, "/configuration/meters")

    page.locator(".head-actions a").click()
    fill(page, name="Main meter", role="zone", model="powertag", host="127.0.0.1", port=str(new.meter_port))
    fill(page, unit="17")
    page.locator("#trying button").click()
    expect(page.locator("#trial .t-danger")).to_contain_text("PM5320")
    fill(page, model="pm5320")
    page.locator("#trying button").click()
    expect(page.locator("#trial .t-success")).to_be_visible()
    expect(page.locator(".live-reading dd").first).to_contain_text(re.compile(r"\d A"))
    if size == "laptop":
        picture(page, "assistant-meter")
    save(page, "/configuration/meters")
    expect(page.locator("#things .s-available")).to_have_count(1, timeout=slow)
    ahead(page, "/configuration/zones")

    page.locator(".head-actions a").click()
    fill(page, name="Main", maximum_a="160", mode="dynamic", meter="main-meter", degraded_setpoint_a="300")
    expect(page.locator("#checked .t-danger")).to_contain_text("160")
    fill(page, degraded_setpoint_a="20", building_maximum_a="120")
    expect(page.locator("#checked .t-success")).to_be_visible()
    save(page, "/configuration/zones")
    page.locator("a[href*='parent=main']").click()
    fill(page, name="Garage", maximum_a="200")
    expect(page.locator("#checked .t-danger")).to_contain_text("160")
    if size == "laptop":
        picture(page, "assistant-zone")
    fill(page, maximum_a="63")
    expect(page.locator("#checked .t-danger")).to_have_count(0)
    save(page, "/configuration/zones")
    ahead(page, "/configuration/assignment")

    for station in ("CP-01", "CP-02"):
        page.locator(f"input[name=station][value={station}]").check()
    ahead(page, "/section/cpo")  # what was ticked is saved on the way
    ahead(page, "/section/load_shedding")
    expect(page.locator("#checked")).to_contain_text("Garage 1")
    ahead(page, "/section/authentication")
    ahead(page, "/cards")
    fill(page, id_tag="EV000000")
    page.locator("form[action='/cards/add'] button[type=submit]").click()
    page.wait_for_url("**/cards**")
    ahead(page, "/assistant/summary")

    expect(page.locator("#findings .t-danger, #findings .t-warning")).to_have_count(0, timeout=slow)
    assert "error" not in new.site.obey("plug CP-01/1 EV000000")
    expect(page.locator("#findings")).to_contain_text("CP-01/1", timeout=slow * 2)
    if size == "laptop":
        picture(page, "assistant-summary")
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    page.locator("form.assistant-way button").click()
    page.wait_for_url(f"{new.address}/")
    expect(page.locator(".assistant-bar")).to_have_count(0)
