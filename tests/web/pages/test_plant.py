"""Tests of the pages of meters, actors and alarms."""

from dataclasses import replace

from flask.testing import FlaskClient

from evce.views import ActorView
from tests.web.fake_site import FakeSite
from web.pages.plant import actor_tree


def test_the_meter_table_has_everything(user: FlaskClient) -> None:
    """MT-8: state, name, badge, model, connection, A per phase, kWh, kW; production apart."""
    text = user.get("/meters").text
    power, production = text.split("Local production", 1)
    line = power.split('id="main-meter"')[1].split("</tr>")[0]
    for words in (
        "connected",
        "Main meter",
        "PM5320",
        "TCP 192.168.0.40:502#255",
        "118.2 A",
        "80.50",
        "1\u202f204\u202f778",
    ):
        assert words in line
    assert "reporting" in power
    assert 'id="solar"' not in power
    assert 'id="solar"' in production


def test_a_meter_that_is_lost_shows_no_old_figure(user: FlaskClient) -> None:
    """MT-7: a dash, and since when."""
    line = user.get("/meters").text.split('id="kiosk"')[1].split("</tr>")[0]
    assert "not connected" in line
    assert "31 min ago" in line
    assert " A<" not in line


def test_restarts_can_be_seen(admin: FlaskClient, site: FakeSite) -> None:
    """AC-2: name, state, restarts, last failure, since."""
    text = admin.get("/system").text
    line = text.split("station/CP-18")[1].split("</tr>")[0]
    for words in ("running", "<b>2</b>", "KeyError: &#39;connectorId&#39;", "2 min ago"):
        assert words in line
    assert "backing off" in text
    dead = replace(
        site.snapshot.actors["view"], state="given up", restarts=9, last_failure="RuntimeError: gone"
    )
    site.change(actors={**site.snapshot.actors, "view": dead})
    assert "RuntimeError: gone" in admin.get("/system").text


def test_the_tree_shows_each_actor_below_its_supervisor_and_forgets_none(site: FakeSite) -> None:
    """AC-1: also an orphan and a circle."""
    lines = actor_tree(site.snapshot)
    assert (lines[0].actor.name, lines[0].depth) == ("supervisor", 0)
    depths = {line.actor.name: line.depth for line in lines}
    assert (depths["view"], depths["supervisor/zones"], depths["zone/main"]) == (1, 1, 2)
    strange = {
        "orphan": ActorView("orphan", "nobody", "running"),
        "a": ActorView("a", "b", "running"),
        "b": ActorView("b", "a", "running"),
    }
    site.change(actors={**site.snapshot.actors, **strange})
    names = [line.actor.name for line in actor_tree(site.snapshot)]
    assert sorted(names) == sorted(site.snapshot.actors)
