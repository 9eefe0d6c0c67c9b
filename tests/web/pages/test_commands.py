"""Tests of what people can order from the screen."""

import pytest
from flask.testing import FlaskClient

from actors.messages import RequestAction
from evce.units import BoxIdentity
from tests.web.fake_site import FakeSite


def orders(site: FakeSite) -> list[tuple[str, object]]:
    return [(name, message) for name, message in site.told if isinstance(message, RequestAction)]


def stop(station: str, connector: int, *, forced: bool = False) -> tuple[str, RequestAction]:
    given = {"connector": connector, "forced": forced}
    return f"station/{station}", RequestAction(BoxIdentity(station), "stop", given, "ursula")


def test_several_sessions_are_stopped_together(user: FlaskClient, site: FakeSite) -> None:
    """UI-1: each station is told once, with who asked."""
    answer = user.post("/sessions/stop", data={"connector": ["CP-01/1", "CP-02/2", "CP-01/1"]})
    assert answer.status_code == 200
    assert "Stop requested for 2 sessions" in answer.text
    assert orders(site) == [
        stop("CP-01", 1),
        stop("CP-02", 2),
    ]


def test_a_forced_stop_reaches_a_station_that_is_gone(user: FlaskClient, site: FakeSite) -> None:
    """OC-3: closes the session of a lost station."""
    soft = user.post("/sessions/stop", data={"connector": "CP-10/1"})
    assert soft.status_code == 409
    assert "only a forced stop" in soft.text
    assert orders(site) == []
    assert user.post("/sessions/stop", data={"connector": "CP-10/1", "forced": "1"}).status_code == 200
    assert orders(site) == [stop("CP-10", 1, forced=True)]


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
    assert orders(site) == []


def test_part_of_a_wish_is_done_and_the_rest_is_named(user: FlaskClient, site: FakeSite) -> None:
    """OC-3: also a station actor that is just restarting."""
    site.gone.add("station/CP-02")
    answer = user.post("/sessions/stop", data={"connector": ["CP-01/1", "CP-02/1", "CP-08/1"]})
    assert answer.status_code == 200
    assert "one session" in answer.text
    assert "Garage 2: its control is restarting" in answer.text
    assert "CP-08/1: no session" in answer.text
