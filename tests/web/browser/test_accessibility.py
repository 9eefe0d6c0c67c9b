"""Each page by the rules of WCAG 2.2 AA, as axe-core checks them, in light and dark, on laptop and phone."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.web.browser.conftest import Open, Served
from tests.web.browser.test_pages import PAGES
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


@pytest.mark.parametrize(("size", "theme", "language"), [("laptop", "light", "en"), ("phone", "dark", "de")])
@pytest.mark.timeout(180)
def test_every_page_fits_its_screen_and_breaks_no_rule(
    open_page: Open, here: Served, size: str, theme: str, language: str
) -> None:
    """UI-1..3, UI-5: no grave violation, no horizontal scrolling, no complaint of the browser.

    The other theme changes colours only, so of it only the contrast is asked.
    """
    other = {"light": "dark", "dark": "light"}[theme]
    page = open_page("/login", size=size, theme=theme)
    page.context.add_cookies(
        [{"name": LANGUAGE_COOKIE, "value": language, "url": here.address, "secure": True}]
    )
    failures = {}
    for path in ("/login", *PAGES):
        page.goto(here.address + path)
        expect(page.locator("main")).to_be_visible()
        page.wait_for_load_state("load")
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, path
        assert page.evaluate("document.documentElement.dataset.bsTheme") == theme
        paint(page, theme)
        found = violations(page)
        paint(page, other)
        found += [f"{other}: {one}" for one in violations(page, ["color-contrast"])]
        if found:
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
