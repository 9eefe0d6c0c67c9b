"""Tests of actions on a station, from its page and by programs."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from actors.messages import RequestAction
from evce.station_control.action_state import Action, ActionState
from evce.station_control.action_words import Saying, Words
from evce.units import BoxIdentity
from tests.web.fake_site import FakeSite, key, link_lost
from tests.web.program import pointers
from web.file_exchange import FileExchange


def asked(site: FakeSite) -> list[RequestAction]:
    return [message for _, message in site.told if isinstance(message, RequestAction)]


@pytest.fixture
def files(app: Flask, site: FakeSite, tmp_path: Path) -> FileExchange:
    exchange = FileExchange(tmp_path / "files", site.tell, lambda: 0.0)
    exchange.published("http", 8888)
    app.extensions["evce_files"] = exchange
    return exchange


def test_a_session_is_started_with_a_badge(user: FlaskClient, site: FakeSite) -> None:
    """OC-3: remote start."""
    answer = user.post(
        "/stations/CP-01/actions", data={"action": "start", "card": " 04AB ", "connector": "2"}
    )
    assert answer.status_code == 200
    assert "Asked." in answer.text
    assert answer.headers["HX-Trigger"] == "evce-asked"
    (order,) = asked(site)
    assert (order.station, order.action, order.requested_by) == ("CP-01", "start", "ursula")
    assert order.given == {"connector": 2, "card": "04AB"}
    assert order.request


@pytest.mark.parametrize(
    ("identity", "form", "words"),
    [
        ("CP-01", {"card": "", "connector": "2"}, "missing: 1 to 20 printable"),
        ("CP-01", {"card": "x" * 21, "connector": "2"}, "1 to 20 printable"),
        ("CP-01", {"card": "04AB", "connector": "7"}, "no such connector"),
        ("CP-01", {"card": "04AB", "connector": "1"}, "not free"),
        ("CP-14", {"card": "04AB", "connector": "1"}, "disconnected"),
        ("CP-01", {"action": "reset", "type": "Cold"}, "Soft, Hard"),
    ],
)
def test_a_form_that_won_t_do_comes_back_as_it_was(
    user: FlaskClient, site: FakeSite, identity: str, form: dict[str, str], words: str
) -> None:
    """RELIABILITY 3: inline error, input preserved, nothing sent."""
    answer = user.post(f"/stations/{identity}/actions", data={"action": "start", **form})
    assert answer.status_code == 422
    assert words in answer.text
    assert f'value="{form.get("card", "")}"' in answer.text or form.get("action")
    assert asked(site) == []


def test_a_station_lost_meanwhile_is_not_told(user: FlaskClient, site: FakeSite) -> None:
    """OC-3: what the page showed may be old."""
    site.set_station(link_lost(site.snapshot.stations[key("CP-08/1").station]))
    assert user.post("/stations/CP-08/actions", data={"action": "reset"}).status_code == 422
    site.gone.add("station/CP-01")
    answer = user.post("/stations/CP-01/actions", data={"action": "reset", "type": "Soft"})
    assert answer.status_code == 422
    assert "being restarted" in answer.text


def test_what_is_for_engineers_is_closed_to_others_and_asks_to_be_confirmed(
    user: FlaskClient, admin: FlaskClient, site: FakeSite
) -> None:
    """US-2, OC-3: the message console."""
    form = {"action": "call", "call": "GetLocalListVersion", "payload": "{}"}
    assert user.get("/stations/CP-01/actions/form?action=call").status_code == 403
    assert user.post("/stations/CP-01/actions", data={**form, "confirmed": "1"}).status_code == 403
    program = {"action": "call", "parameters": {"call": "GetLocalListVersion"}}
    assert user.post("/api/v1/stations/CP-01/actions", json=program).status_code == 403
    assert admin.post("/stations/CP-01/actions", data=form).status_code == 422
    assert asked(site) == []
    assert admin.post("/stations/CP-01/actions", data={**form, "confirmed": "1"}).status_code == 200
    assert asked(site)[0].given == {"call": "GetLocalListVersion", "payload": {}}


def test_each_action_has_a_form(admin: FlaskClient) -> None:
    """OC-3."""
    page = admin.get("/stations/CP-01")
    for name in ("start", "reset", "availability", "firmware", "get-keys", "call"):
        assert f"action={name}" in page.text
        form = admin.get(f"/stations/CP-01/actions/form?action={name}")
        assert f'name="action" value="{name}"' in form.text
    assert admin.get("/stations/CP-01/actions/form?action=fly").status_code == 404


def test_the_table_tells_how_far_each_action_is(user: FlaskClient, site: FakeSite) -> None:
    """OC-3: progress and outcome in words."""
    at = site.now()
    step = (at, Words(Saying.RESTARTING))
    site.actions = [
        Action(
            "b",
            "reset",
            {"type": "Hard"},
            "ada",
            at,
            ActionState.DONE,
            Words(Saying.RESTARTED, {"seconds": "22", "firmware": "3.4"}),
            (step, (at + timedelta(seconds=2), Words(Saying.DOWN))),
        ),
        Action(
            "a",
            "get-keys",
            {},
            "bob",
            at,
            ActionState.DONE,
            Words(Saying.KEYS_READ, {"count": 1, "unknown": 0}),
            result={
                "configurationKey": [
                    {"key": "Light", "readonly": True, "value": "<5>"},
                    {"key": "AuthorizationKey", "readonly": False, "value": "SECRET"},
                ]
            },
        ),
    ]
    text = user.get("/stations/CP-01/actions").text
    assert "Restarted after 22 s; firmware 3.4." in text
    assert "The station went down to restart." in text
    assert "&lt;5&gt;" in text
    answer = user.get("/api/v1/stations/CP-01/actions")
    assert "SECRET" not in text + answer.text  # RELIABILITY 4.22
    listed = answer.get_json()["actions"]
    assert [(a["id"], a["state"], a["ended"]) for a in listed] == [("b", "done", True), ("a", "done", True)]
    assert [a["id"] for a in user.get("/api/v1/stations/CP-01/actions?id=a").get_json()["actions"]] == ["a"]


@pytest.mark.parametrize(
    ("wish", "status", "field"),
    [
        ([], 400, "#"),
        ({"action": "reset", "parameters": []}, 400, "#"),
        ({"action": "fly"}, 422, "#/action"),
        ({"action": "unlock", "parameters": {"connector": 9}}, 422, "#/parameters/connector"),
        ({"action": "diagnostics"}, 422, "#/parameters/location"),
    ],
)
def test_a_program_is_told_which_field_is_wrong(
    user: FlaskClient, wish: object, status: int, field: str
) -> None:
    """RELIABILITY 3, API-2."""
    answer = user.post("/api/v1/stations/CP-01/actions", json=wish)
    assert answer.status_code == status
    assert field in pointers(answer)


def test_a_program_gets_the_id_of_its_action(user: FlaskClient, site: FakeSite) -> None:
    """OC-3."""
    answer = user.post(
        "/api/v1/stations/CP-01/actions", json={"action": "unlock", "parameters": {"connector": 1}}
    )
    assert answer.status_code == 202
    assert asked(site)[0].request == answer.get_json()["id"]


def test_diagnostics_without_an_address_come_to_evce(
    user: FlaskClient, site: FakeSite, files: FileExchange
) -> None:
    """OC-3: the upload is received by EVCE's own address."""
    assert user.post("/stations/CP-01/actions", data={"action": "diagnostics"}).status_code == 200
    (order,) = asked(site)
    assert order.awaits_file
    token = order.given["location"].removeprefix("http://127.0.0.1:8888/files/").rstrip("/")
    ticket = files.ticket(token, to_serve=False)
    assert ticket is not None
    with files.incoming(ticket, "d<1>.zip") as incoming:
        incoming.write(b"abc")
    files.arrived(ticket, incoming)
    (kept,) = files.kept(BoxIdentity("CP-01"))
    assert kept.name in user.get("/stations/CP-01/actions").text
    got = user.get(f"/stations/CP-01/files/{kept.name}")
    assert (got.data, got.mimetype) == (b"abc", "application/octet-stream")
    assert "attachment" in got.headers["Content-Disposition"]
    assert user.get("/stations/CP-02/files/" + kept.name).status_code == 404


def test_a_firmware_is_handed_over_with_the_form(
    app: Flask, admin: FlaskClient, user: FlaskClient, site: FakeSite, files: FileExchange
) -> None:
    """SR-4: also one above the limit of other forms, and of nobody else."""
    app.config["WTF_CSRF_ENABLED"] = True  # it reads the form before the page does
    large = {"action": "diagnostics", "location": "x" * (2 << 20)}
    assert user.post("/stations/CP-01/actions", data=large).status_code == 413
    assert admin.post("/stations/CP-01/actions", data=large).status_code == 400
    app.config["WTF_CSRF_ENABLED"] = False
    content = b"x" * (2 << 20)
    form = {"action": "firmware", "confirmed": "1", "file": (io.BytesIO(content), "../fw 3.5.bin")}
    assert admin.post("/stations/CP-01/actions", data=form).status_code == 200
    location = asked(site)[0].given["location"]
    assert location.endswith("/fw_3.5.bin")
    ticket = files.ticket(location.split("/")[-2], to_serve=True)
    assert ticket is not None
    assert ticket.source is not None
    assert ticket.source.read_bytes() == content
    empty = {"action": "firmware", "confirmed": "1"}
    answer = admin.post("/stations/CP-01/actions", data=empty)
    assert (answer.status_code, "missing: a file" in answer.text) == (422, True)


def test_a_signed_firmware_is_handed_over_with_its_certificate_and_signature(
    admin: FlaskClient, site: FakeSite, files: FileExchange
) -> None:
    """OC-3: what is wrong with one of them stands at its field, and nothing is asked."""
    pem = "-----BEGIN CERTIFICATE-----\r\nQUJD\r\n-----END CERTIFICATE-----\r\n"
    given = {"action": "signed-firmware", "confirmed": "1", "certificate": pem, "signature": "QUJD"}
    for field, value in (("certificate", "QUJD"), ("signature", "?"), ("signature", "")):
        form = {**given, field: value, "file": (io.BytesIO(b"image"), "fw.bin")}
        refused = admin.post("/stations/CP-01/actions", data=form)
        assert (refused.status_code, f'id="e-{field}"' in refused.text) == (422, True)
    assert not asked(site)
    form = {**given, "file": (io.BytesIO(b"image"), "fw.bin")}
    assert admin.post("/stations/CP-01/actions", data=form).status_code == 200
    (order,) = asked(site)
    assert order.given["certificate"] == pem.replace("\r\n", "\n").strip()
    ticket = files.ticket(order.given["location"].split("/")[-2], to_serve=True)
    assert ticket is not None
    assert ticket.source is not None
    assert ticket.source.read_bytes() == b"image"
