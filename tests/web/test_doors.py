"""Tests of the addresses that stations need."""

from dataclasses import replace
from ipaddress import ip_address

import pytest
from flask import Flask

from web import doors
from web.settings import WebSettings


@pytest.fixture
def opened(app: Flask, settings: WebSettings) -> Flask:
    app.extensions["evce_settings"] = replace(settings, ocpp_port=8887, ocpps_port=8889)
    return app


@pytest.mark.parametrize(
    ("host", "shown"),
    [("10.1.2.3:8443", "10.1.2.3"), ("evce.local", "evce.local"), ("[fd00::1]:8443", "[fd00::1]")],
)
def test_a_station_reaches_evce_as_the_browser_does(opened: Flask, host: str, shown: str) -> None:
    """UI-6: every open door, with its port."""
    with opened.test_request_context("/", headers={"Host": host}):
        urls = [door.url for door in doors.doors()]
    assert urls == [f"ws://{shown}:8887/ocpp/", f"wss://{shown}:8889/ocpp/"]


@pytest.mark.parametrize(
    ("own", "url", "here_only"),
    [("10.9.8.7", "ws://10.9.8.7:8887/ocpp/", False), ("", "ws://localhost:8887/ocpp/", True)],
)
def test_localhost_is_no_address_for_a_station(
    opened: Flask, monkeypatch: pytest.MonkeyPatch, own: str, url: str, here_only: bool
) -> None:
    """UI-6: this computer's own address instead; where it has none, that is said."""
    monkeypatch.setattr(doors, "own_address", lambda: own)
    with opened.test_request_context("/", headers={"Host": "localhost:8443"}):
        door = doors.doors()[0]
    assert (door.url, door.here_only) == (url, here_only)


def test_this_computer_has_an_address_or_none() -> None:
    """UI-6: nothing is sent to find it."""
    found = doors.own_address()
    assert found == "" or ip_address(found)
