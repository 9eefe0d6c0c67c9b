"""Tests of the OCPP console of a station."""

import html
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from actors.messages import RequestAction
from evce.station_control.action_kinds import BEHIND_THE_PLEDGES, ONLY_ASKS
from evce.validation import CENTRAL_ACTIONS
from tests.web.conftest import Clock
from tests.web.fake_site import FakeSite, key, link_lost
from tests.web.fake_sources import FakeSources, some_frames
from web.pages.console import COSTS
from web.watching import LONGEST, MOST_WATCHES

HERE = "/stations/CP-01/console"


def asked(site: FakeSite) -> list[RequestAction]:
    return [message for _, message in site.told if isinstance(message, RequestAction)]


def written(text: str) -> str:
    """What stands in the field of the content."""
    found = re.search(r"<textarea[^>]*>(.*?)</textarea>", text, re.DOTALL)
    assert found is not None
    return html.unescape(found[1])


def test_whoever_opens_it_sees_what_is_said_from_then_on(admin: FlaskClient, watched: FakeSources) -> None:
    """OC-3, AC-4: both directions, payload, answer or CALLERROR, and how long it took."""
    assert "Waiting for a message" in admin.get(HERE).text
    assert watched.frames[0].subject == ("CP-01",)
    watched.frames[0].coming = some_frames()
    answer = admin.get(f"{HERE}/frames")
    assert answer.status_code == 200
    waits, odd, refused, beat = answer.text.split('<tr id="')[1:]
    for line, words in (
        (beat, ("18:59:58.250", ">station<", "<b>Heartbeat</b>", "currentTime", "40 ms")),
        (
            refused,
            (">EVCE<", "<b>TriggerMessage</b>", "requestedMessage", "NotImplemented", "no such message"),
        ),
        (odd, ("unreadable", "4 elements", "FormationViolation")),
        (waits, ("<b>GetConfiguration</b>", "HeartbeatInterval", "none yet")),
    ):
        for word in words:
            assert word in line
    only = admin.get(f"{HERE}/frames?action=Heartbeat").text
    assert only.count('<tr id="') == 1
    assert "Nothing of Reset was heard yet" in admin.get(f"{HERE}/frames?action=Reset").text
    admin.get(HERE)
    assert len(watched.frames) == 1  # a reload goes on with it


def test_it_is_paused_stopped_and_begun_anew(admin: FlaskClient, watched: FakeSources, clock: Clock) -> None:
    """AC-4: and it ends by itself."""
    admin.get(HERE)
    paused = admin.post(f"{HERE}/frames", data={"deed": "pause"}).text
    assert "Paused" in paused
    assert "every 1s" not in paused
    assert not watched.frames[0].running
    admin.get(HERE)
    assert len(watched.frames) == 1  # also after a reload
    assert "every 1s" in admin.post(f"{HERE}/frames", data={"deed": "resume"}).text
    assert "Stopped." in admin.post(f"{HERE}/frames", data={"deed": "stop"}).text
    assert admin.get(f"{HERE}/frames").status_code == 286
    assert "every 1s" in admin.post(f"{HERE}/frames", data={"deed": "start"}).text
    for _ in range(int(LONGEST.total_seconds() // 300)):
        clock.advance(300)
        answer = admin.get(f"{HERE}/frames")
    assert answer.status_code == 286
    assert "ended by itself" in answer.text
    assert not watched.frames[2].running
    wrong = admin.post(f"{HERE}/frames", data={"deed": "jump"})
    assert (wrong.status_code, "deed=jump: use start" in wrong.text) == (422, True)


def test_too_many_are_told_so(admin: FlaskClient, watched: FakeSources, site: FakeSite) -> None:
    """AC-4: bounded over all stations."""
    names = list(site.snapshot.stations)[: MOST_WATCHES + 1]
    pages = [admin.get(f"/stations/{name}/console").text for name in names]
    assert len(watched.frames) == min(len(names), MOST_WATCHES)
    assert ("Too many people are listening already" in pages[-1]) is (len(names) > MOST_WATCHES)


def test_each_message_has_a_form_that_fits_it(admin: FlaskClient, site: FakeSite) -> None:
    """OC-3: what the template begins with is sent as it is; what costs something is asked about first."""
    for call in sorted(CENTRAL_ACTIONS - set(BEHIND_THE_PLEDGES)):
        form = admin.get(f"{HERE}/form?call={call}").text
        assert f'<option value="{call}" translate="no" selected>' in form
        sent = {"call": call, "payload": written(form)}
        answer = admin.post(HERE, data=sent)
        assert answer.status_code == 200
        if call not in ONLY_ASKS:
            assert asked(site) == []
            assert f"Send {call} to Garage 1?" in answer.text
            assert COSTS[call] in html.unescape(answer.text)
            assert written(answer.text) == written(form)
            answer = admin.post(HERE, data={**sent, "confirmed": call})
        assert "Asked." in answer.text
        assert answer.headers["HX-Trigger"] == "evce-asked"
        (order,) = asked(site)
        assert (order.station, order.action, order.requested_by) == ("CP-01", "call", "olivia")
        assert order.given["call"] == call
        site.told.clear()


def test_what_was_asked_about_is_sent_by_a_yes_to_it_alone(admin: FlaskClient, site: FakeSite) -> None:
    """OC-3: a yes to another message doesn't count, and a no leads back to what was written."""
    reset = {"call": "Reset", "payload": '{"type": "Hard"}'}
    assert "Yes, send Reset" in admin.post(HERE, data={**reset, "confirmed": "ClearCache"}).text
    back = admin.post(HERE, data={**reset, "deed": "back"}).text
    assert "Yes, send" not in back
    assert written(back) == reset["payload"]
    assert asked(site) == []


@pytest.mark.parametrize(
    ("call", "payload", "words"),
    [
        ("Reset", '{"type": "Cold"}', "type must be one of ['Hard', 'Soft'] (it is 'Cold')"),
        ("Reset", "{}", "must contain ['type'] properties"),
        ("Reset", '{"type": "Soft", "when": 1}', "must not contain {'when'} properties"),
        ("GetConfiguration", '{"key": 3}', "key must be array (it is 3)"),
        ("GetConfiguration", '{"key": ', "a JSON object (Expecting value"),
        ("GetConfiguration", "[]", "'[]' won't do: a JSON object"),
        ("GetConfiguration", "[" * 20_000, "nested too deeply"),
        ("SetChargingProfile", "{}", "could raise a current behind EVCE's back"),
        ("Heartbeat", "{}", "'Heartbeat' won't do: one of CancelReservation"),
    ],
)
def test_what_does_not_fit_the_schema_is_not_sent(
    admin: FlaskClient, site: FakeSite, call: str, payload: str, words: str
) -> None:
    """OC-3, RELIABILITY 3: field and value are named, what was typed stays."""
    answer = admin.post(HERE, data={"call": call, "payload": payload, "confirmed": call})
    assert answer.status_code == 422
    assert words in html.unescape(answer.text)
    assert written(answer.text) == payload
    assert asked(site) == []


def test_programs_and_the_form_of_actions_have_the_same_check(admin: FlaskClient, site: FakeSite) -> None:
    """OC-3: there is one way to send."""
    form = {"action": "call", "call": "Reset", "payload": '{"type": "Cold"}', "confirmed": "1"}
    answer = admin.post("/stations/CP-01/actions", data=form)
    assert answer.status_code == 422
    assert "it is &#39;Cold&#39;" in answer.text
    assert asked(site) == []


def test_a_station_that_is_away_is_listened_to_but_told_nothing(
    admin: FlaskClient, site: FakeSite, watched: FakeSources
) -> None:
    site.set_station(link_lost(site.snapshot.stations[key("CP-01/1").station]))
    assert "once it is back" in admin.get(HERE).text
    answer = admin.post(HERE, data={"call": "GetConfiguration", "payload": "{}"})
    assert (answer.status_code, "The station is disconnected" in answer.text) == (422, True)
    assert asked(site) == []
    assert admin.get("/stations/nobody/console").status_code == 404


def test_where_the_stations_are_elsewhere_the_page_says_so(app: Flask, admin: FlaskClient) -> None:
    app.extensions["evce_sources"] = None
    assert "the stations are connected elsewhere" in admin.get(HERE).text


def test_it_is_for_administrators_and_reached_from_the_station(user: FlaskClient, admin: FlaskClient) -> None:
    """US-2."""
    assert user.get(HERE).status_code == 403
    assert user.post(HERE, data={"call": "ClearCache", "payload": "{}"}).status_code == 403
    assert f'href="{HERE}"' in admin.get("/stations/CP-01").text
    assert f'href="{HERE}"' not in user.get("/stations/CP-01").text


def test_every_message_that_may_cost_something_says_what() -> None:
    """OC-3: none is forgotten."""
    assert set(COSTS) == CENTRAL_ACTIONS - set(BEHIND_THE_PLEDGES) - set(ONLY_ASKS)
