"""Tests of the alarms page."""

from dataclasses import replace

from flask.testing import FlaskClient

from actors.messages import AcknowledgeAlarm
from tests.web.fake_site import FakeSite
from tests.web.program import pointers


def acknowledged(site: FakeSite) -> list[tuple[str, object]]:
    return [(name, message) for name, message in site.told if isinstance(message, AcknowledgeAlarm)]


def see(site: FakeSite, login: str = "erika") -> None:
    """Somebody has seen all of them."""
    now = site.snapshot.taken_at
    site.change(
        alarms=tuple(
            replace(alarm, acknowledged_by=login, acknowledged_at=now) for alarm in site.snapshot.alarms
        )
    )


def test_alarms_say_what_to_do(user: FlaskClient) -> None:
    """UI-2: message, advice, source, since."""
    text = user.get("/alarms").text
    for words in (
        "no answer until the next poll",
        "the connection to 192.168.0.43:502",
        "kiosk",
        "31 min ago",
        "12 min ago",
    ):
        assert words in text


def test_an_alarm_is_acknowledged_by_whoever_has_seen_it(user: FlaskClient, site: FakeSite) -> None:
    """UI-2."""
    answer = user.post("/alarms/acknowledge", data={"code": "meter-lost", "source": "kiosk"})
    assert answer.status_code == 200
    assert "Alarm acknowledged" in answer.text
    assert acknowledged(site) == [("view", AcknowledgeAlarm("meter-lost", "kiosk", "ursula"))]


def test_all_are_acknowledged_at_once_and_never_twice(user: FlaskClient, site: FakeSite) -> None:
    """UI-2."""
    assert "2 alarms acknowledged" in user.post("/alarms/acknowledge", data={"all": "1"}).text
    see(site)
    assert "Nothing to acknowledge" in user.post("/alarms/acknowledge", data={"all": "1"}).text
    assert len(acknowledged(site)) == 2


def test_what_has_been_seen_leaves_the_dashboard_and_stays_on_its_page(
    user: FlaskClient, site: FakeSite
) -> None:
    """UI-2: with who has seen it, and the bell is quiet."""
    assert "no answer until the next poll" in user.get("/").text
    assert "ringing" in user.get("/").text
    see(site)
    text = user.get("/").text
    assert "no answer until the next poll" not in text
    assert "ringing" not in text
    assert "Seen by erika" in user.get("/alarms").text


def test_programs_read_and_acknowledge_alarms(user: FlaskClient, site: FakeSite) -> None:
    """UI-2: over REST, with what is wrong named."""
    alarms = user.get("/api/v1/alarms").get_json()["alarms"]
    assert [alarm["code"] for alarm in alarms] == ["meter-lost", "station-disconnected"]
    wish = {"code": "meter-lost", "source": "kiosk"}
    assert user.post("/api/v1/alarms/acknowledge", json=wish).status_code == 202
    assert len(acknowledged(site)) == 1
    unknown = user.post("/api/v1/alarms/acknowledge", json={"code": "flood", "source": "kiosk"})
    assert unknown.status_code == 404
    assert pointers(unknown) == ["#/code"]
    assert "'flood'" in unknown.get_json()["detail"]
    assert user.post("/api/v1/alarms/acknowledge", json=["flood"]).status_code == 400
