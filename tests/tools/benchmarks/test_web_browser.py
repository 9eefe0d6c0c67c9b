"""The browser without a screen: what it understands of the wire, and that it follows the real pages."""

import asyncio
import ssl
from pathlib import Path

import pytest
from flask import Flask

from actors.messages import UserRecord
from tests.web.conftest import PASSWORD
from tests.web.fake_site import FakeSite
from tests.web.serving import served
from tools.benchmarks.web_browser import EventParser, LightBrowser, log_in, parse_head
from web.accounts import Role
from web.app import create_app
from web.passwords import Passwords
from web.settings import WebSettings

STREAM = (
    b'retry: 1000\n\nevent: changed\ndata: {"version": 7}\n\nevent: alive\r\ndata: {}\r\n\r\n'
    b": note\n\ndata: a\n\n"
)
EVENTS = [("changed", '{"version": 7}'), ("alive", "{}"), ("message", "a")]


@pytest.mark.parametrize("size", [1, 2, 7, len(STREAM)])
def test_events_are_understood_however_they_arrive(size: int) -> None:
    """UI-4."""
    parser = EventParser()
    found = []
    for begin in range(0, len(STREAM), size):
        found += list(parser.feed(STREAM[begin : begin + size]))
    assert found == EVENTS


def test_the_head_of_an_answer_has_status_headers_and_cookies() -> None:
    head = b"HTTP/1.1 302 Found\r\nLocation: /\r\nSet-Cookie: one=a=b; Path=/\r\nset-cookie: two=c\r\nEmpty:"
    assert parse_head(head) == (302, {"location": "/", "empty": ""}, {"one": "a=b", "two": "c"})


@pytest.mark.parametrize("head", [b"", b"SSH-2.0-x", b"HTTP/1.1 abc", b"HTTP/2 200"])
def test_what_is_no_answer_is_refused(head: bytes) -> None:
    with pytest.raises(ConnectionError, match=r"no HTTP/1\.1"):
        parse_head(head)


@pytest.fixture
def site(passwords: Passwords) -> FakeSite:
    made = FakeSite()
    made.users["olivia"] = UserRecord("olivia", Role.ADMIN, passwords.hash(PASSWORD), made.now())
    return made


@pytest.fixture(scope="module")
def passwords() -> Passwords:
    return Passwords()


@pytest.fixture
def app(site: FakeSite, passwords: Passwords) -> Flask:
    return create_app(site.ask, site.tell, WebSettings(version="1.0"), passwords=passwords)


def test_it_logs_in_listens_and_sees_each_change(site: FakeSite, app: Flask, tmp_path: Path) -> None:
    """UI-4: a real stream over HTTPS from the real pages; a wrong password is said."""

    async def watch(port: int) -> None:
        trust = ssl.create_default_context(cafile=str(tmp_path / "certificate.pem"))
        with pytest.raises(ConnectionError, match="401"):
            await log_in(port, trust, "olivia", "wrong")
        cookies = await log_in(port, trust, "olivia", PASSWORD)
        browser = LightBrowser(port, trust, cookies, "/stations/CP-01")
        await browser.open()
        try:
            async with asyncio.timeout(20.0):
                while browser.newest is None:
                    await asyncio.sleep(0.01)
                site.change(site_name="Another name")
                while "Another name" not in browser.newest.text:
                    await asyncio.sleep(0.01)
            assert browser.heard >= 2
            assert browser.newest.told < browser.newest.shown
            assert await browser.visit("/sessions") > 0.0
            assert browser.refused == []
            await browser.visit("/nowhere")
            assert browser.refused == [404]
            browser.check()
        finally:
            await browser.close()

    with served(app, tmp_path) as port:
        asyncio.run(watch(port))


def test_a_page_that_is_not_there_opens_no_window(app: Flask, tmp_path: Path) -> None:
    async def look(port: int) -> None:
        trust = ssl.create_default_context(cafile=str(tmp_path / "certificate.pem"))
        browser = LightBrowser(port, trust, {}, "/")
        with pytest.raises(ConnectionError, match="302"):
            await browser.open()

    with served(app, tmp_path) as port:
        asyncio.run(look(port))
