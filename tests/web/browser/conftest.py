"""Chromium on the invented site: nothing that the browser complains about passes."""

import logging
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from actors.messages import UserRecord
from evce.release.course import BASE, Course
from evce.release.shelf import ReleaseShelf
from evce.storage.migration import HEAD
from tests.evce.release.test_shelf import put
from tests.web.conftest import PASSWORD
from tests.web.fake_site import FakeSite
from tests.web.fake_sources import FakeSources, some_frames, some_messages
from tests.web.pages.test_firmware import hold, keeper_of
from tests.web.serving import served
from tests.web.test_report_maker import maker_of
from web.accounts import Role
from web.app import create_app
from web.backup_room import BackupRoom
from web.passwords import Passwords
from web.release_room import ReleaseRoom
from web.settings import WebSettings

SIZES = {"laptop": {"width": 1366, "height": 850}, "phone": {"width": 390, "height": 844}}

PICTURES = os.environ.get("EVCE_PICTURES")
"""A folder: the pictures of the documentation are taken anew into it."""


def picture(page: Page, name: str) -> None:
    """Take this picture of the documentation, if that is asked for: the page without what stands round it."""
    if not PICTURES:
        return
    size = page.viewport_size
    page.set_viewport_size({"width": 1180, "height": 860})
    box = page.locator("main").bounding_box()
    assert box is not None
    top = page.locator(".topbar").bounding_box()
    above = top["height"] if top is not None else 0.0
    height = min(box["y"] + box["height"], 860) - above
    clip = {"x": box["x"], "y": above, "width": box["width"], "height": height}
    # Hiding the caret adds a style, which the pages' policy forbids.
    page.screenshot(path=Path(PICTURES) / f"{name}.png", caret="initial", clip=clip)  # type: ignore[arg-type]
    if size is not None:
        page.set_viewport_size(size)


@dataclass
class Served:
    """The site and where its pages are."""

    site: FakeSite
    app: Flask
    address: str
    complaints: list[str] = field(default_factory=list)
    watched: FakeSources = field(default_factory=FakeSources)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for a module: playwright's event loop must be gone before other tests start theirs."""
    path = os.environ.get("EVCE_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.fail("no chromium found: install the system's chromium package, or name it in EVCE_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


def releases_of(site: FakeSite, folder: Path) -> ReleaseRoom:
    """One runs that was installed, and another is ready."""
    shelf = ReleaseShelf(folder)
    put(shelf, "1.1")
    shelf.change(lambda _: Course("1.0", BASE, site.now()))
    return ReleaseRoom(folder, (), folder / "evce.db", HEAD, site.now)


@pytest.fixture
def here(passwords: Passwords, tmp_path: Path) -> Iterator[Served]:
    """The interface, served on real time."""
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    site = FakeSite()
    for login, role in (("olivia", Role.ADMIN), ("ursula", Role.USER)):
        site.users[login] = UserRecord(login, role, passwords.hash(PASSWORD), site.now())
    watched = FakeSources()
    watched.first_messages, watched.first_frames = some_messages(), some_frames()
    app = create_app(
        site.ask,
        site.tell,
        WebSettings(version="1.0"),
        passwords=passwords,
        backups=BackupRoom(tmp_path, (), monotonic),
        sources=watched.sources,
        releases=releases_of(site, tmp_path),
    )
    hold(keeper_of(app, site, site.now, tmp_path))
    maker_of(app, site, site.now, tmp_path).make_all()
    with served(app, tmp_path) as port:
        yield Served(site, app, f"https://localhost:{port}", watched=watched)


Open = Callable[..., Page]


@pytest.fixture
def open_page(chromium: Browser, here: Served, patience: Callable[[float], float]) -> Iterator[Open]:
    """Opens a page, logged in unless told otherwise; the browser must have had no complaint at the end."""
    contexts: list[BrowserContext] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            here.complaints.append(message.text)

    def make(
        path: str = "/", *, size: str = "laptop", login: str | None = "olivia", theme: str = "light"
    ) -> Page:
        context = chromium.new_context(
            viewport=SIZES[size],  # type: ignore[arg-type]
            color_scheme=theme,  # type: ignore[arg-type]
            ignore_https_errors=True,
            has_touch=size == "phone",
        )
        context.set_default_timeout(patience(10) * 1000)
        contexts.append(context)
        if login is not None:
            token = here.app.extensions["evce_sessions"].begin(login)
            context.add_cookies(
                [
                    {
                        "name": "__Host-evce-session",
                        "value": token,
                        "url": here.address,
                        "secure": True,
                        "httpOnly": True,
                    }
                ]
            )
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: here.complaints.append(str(error)))
        page.goto(here.address + path)
        return page

    yield make
    for context in contexts:
        context.close()
    assert here.complaints == []
