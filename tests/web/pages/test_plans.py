"""Tests of what programs read and state of running sessions."""

import pytest
from flask.testing import FlaskClient

from actors.messages import RecordStatement
from tests.web.fake_site import FakeSite
from tests.web.program import pointers

PLAN = "/api/v1/sessions/running/{}/plan"


@pytest.fixture
def place(site: FakeSite) -> str:
    """A running session's connector."""
    return next(str(session.connector) for session in site.sessions if session.stopped_at is None)


def test_a_program_states_when_a_car_leaves_and_what_it_needs(user: FlaskClient, place: str) -> None:
    """LM-4: and reads it again; what isn't stated anew stays."""
    answer = user.post(PLAN.format(place), json={"energy_kwh": 20})
    assert answer.status_code == 200
    assert answer.get_json()["session"]["energy_stated_kwh"] == 20.0
    again = user.post(PLAN.format(place), json={"departure": "17:30"})
    assert again.get_json()["session"]["energy_stated_kwh"] == 20.0
    running = user.get("/api/v1/sessions/running").get_json()["sessions"]
    (told,) = [session for session in running if session["connector"] == place]
    assert told["departure"].endswith("+00:00")
    taken_back = user.post(PLAN.format(place), json={"forget": True}).get_json()["session"]
    assert (taken_back["departure"], taken_back["energy_stated_kwh"]) == (None, None)


@pytest.mark.parametrize(
    ("wish", "status", "field"),
    [
        (["17:30"], 400, ""),
        ({"leaves": "17:30"}, 400, ""),
        ({"departure": "soon"}, 422, "departure"),
        ({"departure": "2020-01-01T10:00"}, 422, "departure"),
        ({"energy_kwh": "much"}, 422, "energy_kwh"),
        ({"energy_kwh": -1}, 422, "energy_kwh"),
        ({"departure": None}, 422, ""),
    ],
)
def test_a_plan_that_cannot_be_meant_is_refused_with_its_field(
    user: FlaskClient, site: FakeSite, place: str, wish: object, status: int, field: str
) -> None:
    """LM-4: nothing of it is kept."""
    answer = user.post(PLAN.format(place), json=wish)
    assert answer.status_code == status
    assert pointers(answer) == [f"#/{field}" if field else "#"]
    assert [message for _, message in site.told if isinstance(message, RecordStatement)] == []


def test_where_no_session_runs_nothing_is_planned(user: FlaskClient, place: str) -> None:
    """LM-4."""
    assert place != "CP-99/1"
    answer = user.post(PLAN.format("CP-99/1"), json={"energy_kwh": 5})
    assert answer.status_code == 404
    assert "no session runs there" in answer.get_json()["detail"]
