"""Each page by the rules of WCAG 2.2 AA, as axe-core checks them, in light and dark, on laptop and phone."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.web.browser.conftest import Open, Served, picture
from tests.web.browser.test_pages import PAGES
from tests.web.test_security import routes
from web.languages import LANGUAGE_COOKIE

pytestmark = pytest.mark.browser

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
GRAVE = ("serious", "critical")

RUN = """([tags, rules]) => axe.run(document, {
  runOnly: rules ? {type: "rule", values: rules} : {type: "tag", values: tags},
  resultTypes: ["violations"], elementRef: false})"""


def violations(page: Page, rules: list[str] | None = None) -> list[str]:
    """What is grave: the rule, how many places, and the first of them."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE)
    found: list[dict[str, Any]] = page.evaluate(RUN, [TAGS, rules])["violations"]
    return [
        f"{one['id']} ({one['impact']}), {len(one['nodes'])} places, as {one['nodes'][0]['html'][:150]}: "
        f"{one['nodes'][0]['failureSummary'][:200]}"
        for one in found
        if one["impact"] in GRAVE
    ]


def paint(page: Page, theme: str) -> None:
    """In this theme, with every transition of a colour at its end."""
    page.evaluate(
        """theme => { document.documentElement.dataset.bsTheme = theme;
        document.body.offsetWidth; document.getAnimations().forEach((one) => one.finish()); }""",
        theme,
    )


def looked_at(page: Page, theme: str, other: str) -> list[str]:
    """What is grave in this theme, and what of it is a matter of colours in the other."""
    paint(page, theme)
    found = violations(page)
    paint(page, other)
    return found + [f"{other}: {one}" for one in violations(page, ["color-contrast"])]


PICTURED = {
    "/sessions/timeline": "timeline",
    "/web-services": "web-services",
    "/configuration/time": "time",
    "/configuration/firmware": "firmware",
    "/reports/stations": "reports",
    "/configuration/licence": "licence",
    "/configuration/history/difference?old=5&new=7": "difference",
    "/configuration/backup": "backup",
    "/configuration/section/tariff": "times-of-use",
}
"""Pages of which the documentation has a picture, by its name; others are taken where they are used."""


def test_no_page_is_forgotten(here: Served) -> None:
    """UI-5: whatever the route table answers with a whole page is in the list of those that are looked at."""
    own = here.app.url_map.bind("localhost")
    listed = {own.match(path.partition("?")[0])[0] for path in ("/login", *PAGES)}
    client = here.app.test_client()
    client.environ_base["wsgi.url_scheme"] = "https"
    token = here.app.extensions["evce_sessions"].begin("olivia")
    client.set_cookie("__Host-evce-session", token, secure=True, domain="localhost")
    whole = {}
    for method, address, endpoint in routes(here.app):
        answer = client.get(address) if method == "GET" else None
        if answer is not None and answer.status_code == 200 and answer.text.startswith("<!doctype html>"):
            whole[endpoint] = address
    assert len(whole) >= 20
    del whole["dashboard.frame"]  # only ever asked for as the live part round a page of records
    assert {endpoint: address for endpoint, address in whole.items() if endpoint not in listed} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_first_login_breaks_no_rule_on_a_phone(open_page: Open, here: Served, theme: str) -> None:
    """UI-6, US-1: the page that is there once only."""
    here.site.users.clear()
    page = open_page("/assistant/credentials", size="phone", theme=theme, login=None)
    expect(page.locator("form.first-login")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    paint(page, theme)
    assert violations(page) == []


@pytest.mark.parametrize(
    ("size", "theme", "language", "in_assistant"),
    [("laptop", "light", "en", False), ("phone", "dark", "de", True)],
)
@pytest.mark.timeout(240)
def test_every_page_fits_its_screen_and_breaks_no_rule(
    open_page: Open, here: Served, size: str, theme: str, language: str, in_assistant: bool
) -> None:
    """UI-1..3, UI-5, UI-6: no grave violation, no horizontal scrolling, no complaint of the browser.

    The other theme changes colours only, so of it only the contrast is asked. In the assistant its frame
    stands round the pages that are its steps.
    """
    other = {"light": "dark", "dark": "light"}[theme]
    page = open_page("/login", size=size, theme=theme)
    page.context.add_cookies(
        [{"name": LANGUAGE_COOKIE, "value": language, "url": here.address, "secure": True}]
    )
    if in_assistant:
        page.goto(here.address + "/assistant")
        page.locator("form[action='/assistant'] button").click()
        expect(page.locator(".assistant-bar")).to_be_visible()
    failures = {}
    for path in ("/login", *PAGES):
        page.goto(here.address + path)
        expect(page.locator("main")).to_be_visible()
        page.wait_for_load_state("load")
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, path
        assert page.evaluate("document.documentElement.dataset.bsTheme") == theme
        if size == "laptop" and path in PICTURED:
            picture(page, PICTURED[path])
        if found := looked_at(page, theme, other):
            failures[path] = found
    assert not failures, "\n".join(f"{path}\n    " + "\n    ".join(told) for path, told in failures.items())


def test_everything_can_be_reached_by_the_keyboard(open_page: Open) -> None:
    """UI-5: the way past the navigation comes first, and what has the focus is seen."""
    page = open_page("/")
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    expect(skip).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('#content').contains(document.activeElement)")
