"""Tests of the dashboard's pages."""

from dataclasses import replace
from datetime import timedelta

from flask.testing import FlaskClient

from actors.messages import RevisionRecord
from evce.configuration.document import SiteDocument
from evce.configuration.revisions import canonical_json
from evce.units import BoxIdentity, ZoneId
from evce.views import InputView, RemoteLimitView, RemoteView
from tests.web.fake_site import FakeSite, key
from web.revisions import document_of


def test_the_overview_shows_the_fleet_the_feeders_and_every_running_session(
    user: FlaskClient, site: FakeSite
) -> None:
    """UI-1: id, station, badge, status, phases, date, duration, energy, setpoint, current."""
    text = user.get("/").text
    assert text.count('id="session-') == 14
    for words in (
        "Station fleet",
        "Charge points",
        "Power outlets",
        "Main switchboard",
        "Quay street",
        "VIP",
    ):
        assert words in text
    line = text.split('id="session-473"')[1].split("</tr>")[0]
    for words in ("Garage 1", "04A1B037C", "Charging", "1 h 02 min", "kWh", "16 A", "15.8 A", "CP-01/1"):
        assert words in line
    assert "17:58" in line  # 16:58 UTC in the site's zone


def test_states_have_a_word_beside_their_colour_in_the_tree(user: FlaskClient) -> None:
    """UI-1: zones, stations and outlets."""
    tree = user.get("/").text.split('<aside id="tree">')[1].split("</aside>")[0]
    for words in ("limit reached", "offline", "faulted", "suspended", "occupied", "consuming", "detected"):
        assert words in tree
    assert tree.count("<details") == 6


def test_the_zone_page_shows_current_against_limit_per_phase(user: FlaskClient) -> None:
    """UI-2: setpoints, the lost stations' share, the meter, production, charges, what bounds it."""
    text = user.get("/zones/main").text
    for words in (
        "<b>141.1</b> / 189.4 A",
        "<b>118.2</b> / 250 A",
        "20.3 A per phase are set aside",
        "what the building leaves",
        "Roof solar",
        "12.7 kW",
        "Optimal",
        "Dynamic",
    ):
        assert words in text
    assert 'class="part p-lost"' in text
    assert text.count('id="line-') == 21


def test_every_connector_of_the_zone_tells_why(user: FlaskClient, site: FakeSite) -> None:
    """UI-9: the sentence of its setpoint, wiring and link."""
    text = user.get("/zones/garage").text
    line = text.split('id="line-CP-04-1"')[1].split("</tr>")[0]
    for words in ("Suspended by system", "TRI123", "Connected", "4.2 A left of 100 A on L1"):
        assert words in line


def test_a_lost_meter_is_a_banner(user: FlaskClient, site: FakeSite) -> None:
    """UI-2, DG-3: degraded operation is said in words."""
    zone = site.snapshot.zones[ZoneId("main")]
    site.set_zone(replace(zone, bound_by="meter lost", measured=None, limit=(20.0, 20.0, 20.0)))
    text = user.get("/zones/main").text
    assert "meter is lost: degraded operation" in text
    assert "at most the degraded setpoint of 20 A" in text
    assert "gives no reading now" in text


def test_inputs_are_banners(user: FlaskClient, site: FakeSite) -> None:
    """UI-2: active, at 0 %, and unreadable."""
    site.change(inputs=(InputView("Grid operator", enabled=True, active=True, percent=50),))
    assert "Every zone is held at 50 %" in user.get("/zones/main").text
    site.change(inputs=(InputView("Fire alarm", enabled=True, active=True, percent=0),))
    assert "All charging is suspended" in user.get("/").text
    site.change(inputs=(InputView("Fire alarm", enabled=False, active=True, percent=0),))
    assert "All charging is suspended" not in user.get("/").text
    site.change(inputs=(InputView("Fire alarm", enabled=True, active=False, percent=30, board_lost=True),))
    assert "digital inputs can" in user.get("/").text


def test_the_station_page_shows_identity_and_connectors(user: FlaskClient) -> None:
    """UI-3: name, box identity, firmware, VIP."""
    text = user.get("/stations/CP-03").text
    for words in (
        "Garage 3",
        "CP-03",
        "EVlink Parking",
        "3.4.0.16",
        "VIP",
        "Connector 2",
        "3N22050003",
        "TRI312",
    ):
        assert words in text


def test_the_station_page_leads_to_its_settings_and_its_own_web_page(
    admin: FlaskClient, user: FlaskClient, site: FakeSite
) -> None:
    """OC-3, UI-3: settings are the administrator's."""
    plain = document_of(site.revisions[0].document).plain()
    plain["stations"][2]["address"] = "192.168.0.23"
    text = canonical_json(SiteDocument.parse(plain))
    site.apply(RevisionRecord(8, text, "bob", "", site.now()))
    assert "/configuration/stations/edit?name=CP-03" in admin.get("/stations/CP-03").text
    page = user.get("/stations/CP-03").text
    assert 'href="http://192.168.0.23/" target="_blank" rel="noopener noreferrer"' in page
    assert "/configuration/stations/edit" not in page
    assert "/configuration/zones/edit?name=garage" in admin.get("/zones/garage").text


def test_a_detected_station_says_that_it_gets_no_energy(user: FlaskClient) -> None:
    """OC-2: not registered."""
    text = user.get("/stations/00-1E-C0-9A-41-7F").text
    assert "not registered" in text
    assert "station-actions" not in text


def test_a_station_without_zone_says_so(user: FlaskClient, site: FakeSite) -> None:
    """EL-8: 0 A, because no limit protects it."""
    site.set_station(replace(site.snapshot.stations[BoxIdentity("CP-08")], zone=None))
    assert "it gets 0 A" in user.get("/stations/CP-08").text


def test_the_station_s_history_is_its_own(user: FlaskClient, site: FakeSite) -> None:
    """UI-3: its sessions and its events, no other's."""
    text = user.get("/stations/CP-07/history").text
    own = [s for s in site.sessions if s.connector.station == "CP-07"]
    assert own
    assert text.count("/stations/CP-07") == min(len(own), 10)
    assert "Session 498 stopped" in text
    assert "Session 512" not in text


def test_a_session_of_a_disconnected_station_can_only_be_forced(user: FlaskClient, site: FakeSite) -> None:
    """OC-3: the page offers what will work."""
    line = user.get("/zones/deck-north").text.split('id="line-CP-10-1"')[1].split("</tr>")[0]
    assert 'data-stop="forced"' in line
    assert 'data-stop="soft"' not in line
    assert site.snapshot.stations[key("CP-10/1").station].connectors[0].transaction is not None


def test_the_zone_page_tells_of_a_limit_that_was_set_from_elsewhere(
    user: FlaskClient, site: FakeSite
) -> None:
    """API-3, UI-9: its amount, who set it, and that it is on its way up; other zones say nothing."""
    assert "Remote energy management" not in user.get("/zones/street").text
    street = ZoneId("street")
    heard, until = site.now() - timedelta(seconds=20), site.now() + timedelta(minutes=1)
    limit = RemoteLimitView(street, 16.0, until)
    remote = RemoteView("active", "service", heard, 60.0, 600.0, (limit,))
    zones = site.snapshot.zones | {street: replace(site.snapshot.zones[street], bound_by="remote at 16.0 A")}
    site.change(remote=remote, zones=zones)
    text = user.get("/zones/street").text
    for words in ("to 16 A per phase", "“service”", "20 s ago", "19:01", "remote energy management (16.0 A)"):
        assert words in text
    assert "“service”" not in user.get("/zones/main").text
    site.change(remote=replace(remote, state="silent", limits=(replace(limit, dropped=True),)))
    assert "no longer limits this zone" in user.get("/zones/street").text
