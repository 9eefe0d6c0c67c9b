"""Tests of what people can order from the screen."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from actors.messages import RequestRemoteStart, RequestRemoteStop
from tests.web.fake_site import FakeSite, key, link_lost


def orders(site: FakeSite, kind: type) -> list[tuple[str, object]]:
    return [(name, message) for name, message in site.told if isinstance(message, kind)]


def test_several_sessions_are_stopped_together(user: FlaskClient, site: FakeSite) -> None:
    """UI-1: each station is told once, with who asked."""
    answer = user.post("/sessions/stop", data={"connector": ["CP-01/1", "CP-02/2", "CP-01/1"]})
    assert answer.status_code == 200
    assert "Stop requested for 2 sessions" in answer.text
    assert orders(site, RequestRemoteStop) == [
        ("station/CP-01", RequestRemoteStop(key("CP-01/1"), "ursula", forced=False)),
        ("station/CP-02", RequestRemoteStop(key("CP-02/2"), "ursula", forced=False)),
    ]


def test_a_forced_stop_reaches_a_station_that_is_gone(user: FlaskClient, site: FakeSite) -> None:
    """OC-3: closes the session of a lost station."""
    soft = user.post("/sessions/stop", data={"connector": "CP-10/1"})
    assert soft.status_code == 409
    assert "only a forced stop" in soft.text
    assert orders(site, RequestRemoteStop) == []
    assert user.post("/sessions/stop", data={"connector": "CP-10/1", "forced": "1"}).status_code == 200
    assert orders(site, RequestRemoteStop) == [
        ("station/CP-10", RequestRemoteStop(key("CP-10/1"), "ursula", forced=True))
    ]


@pytest.mark.parametrize(
    ("connectors", "status", "words"),
    [
        ([], 422, "Select at least one"),
        (["CP-08/1"], 409, "no session is running"),
        (["CP-99/1"], 409, "no session is running"),
        (["<b>"], 409, "&lt;b&gt;"),
        ([f"CP-{n}/1" for n in range(501)], 422, "At most 500"),
    ],
)
def test_what_can_t_be_stopped_is_said(
    user: FlaskClient, site: FakeSite, connectors: list[str], status: int, words: str
) -> None:
    """RELIABILITY 3: a refusal names what and why."""
    answer = user.post("/sessions/stop", data={"connector": connectors})
    assert answer.status_code == status
    assert words in answer.text
    assert orders(site, RequestRemoteStop) == []


def test_part_of_a_wish_is_done_and_the_rest_is_named(user: FlaskClient, site: FakeSite) -> None:
    """OC-3: also a station actor that is just restarting."""
    site.gone.add("station/CP-02")
    answer = user.post("/sessions/stop", data={"connector": ["CP-01/1", "CP-02/1", "CP-08/1"]})
    assert answer.status_code == 200
    assert "one session" in answer.text
    assert "Garage 2: its control is restarting" in answer.text
    assert "CP-08/1: no session" in answer.text


def test_a_session_is_started_with_a_badge(user: FlaskClient, site: FakeSite) -> None:
    """OC-3: remote start."""
    answer = user.post("/stations/CP-01/start", data={"id_tag": " 04AB ", "connector": "2"})
    assert answer.status_code == 200
    assert "Start requested on CP-01/2" in answer.text
    assert orders(site, RequestRemoteStart) == [
        ("station/CP-01", RequestRemoteStart(key("CP-01/2"), "04AB", "ursula"))
    ]


@pytest.mark.parametrize(
    ("identity", "form", "words"),
    [
        ("CP-01", {"id_tag": "", "connector": "2"}, "1 to 20 plain characters"),
        ("CP-01", {"id_tag": "x" * 21, "connector": "2"}, "1 to 20 plain characters"),
        ("CP-01", {"id_tag": "é", "connector": "2"}, "1 to 20 plain characters"),
        ("CP-01", {"id_tag": "04AB", "connector": "7"}, "no such connector"),
        ("CP-01", {"id_tag": "04AB", "connector": "1"}, "not free"),
        ("CP-14", {"id_tag": "04AB", "connector": "1"}, "disconnected"),
    ],
)
def test_a_form_that_won_t_do_comes_back_as_it_was(
    user: FlaskClient, site: FakeSite, identity: str, form: dict[str, str], words: str
) -> None:
    """RELIABILITY 3: inline error, input preserved, nothing sent."""
    answer = user.post(f"/stations/{identity}/start", data=form)
    assert answer.status_code == 422
    assert words in answer.text
    assert f'value="{form["id_tag"]}"' in answer.text
    assert orders(site, RequestRemoteStart) == []


def test_a_station_lost_meanwhile_is_not_started(user: FlaskClient, site: FakeSite) -> None:
    """OC-3: what the page showed may be old."""
    site.set_station(link_lost(site.snapshot.stations[key("CP-08/1").station]))
    assert user.post("/stations/CP-08/start", data={"id_tag": "04AB", "connector": "1"}).status_code == 422
    station = site.snapshot.stations[key("CP-09/1").station]
    site.set_station(replace(station, connectors=()))
    assert user.post("/stations/CP-09/start", data={"id_tag": "04AB", "connector": "1"}).status_code == 422
    site.gone.add("station/CP-01")
    assert user.post("/stations/CP-01/start", data={"id_tag": "04AB", "connector": "2"}).status_code == 409
