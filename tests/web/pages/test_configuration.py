"""Tests of the pages of the configuration and of the way of a change."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from actors.messages import ApplyRevision, RevisionRecord
from evce.configuration.document import SiteDocument
from evce.configuration.reference import section_at
from evce.configuration.revisions import canonical_json
from evce.configuration.toml_source import parse_toml
from evce.views import InputView
from tests.web.fake_site import FakeSite
from web.forms import as_form
from web.labels import SECTIONS
from web.pages.configuration import configuration_nav
from web.revisions import document_of
from web.things import THINGS


def in_force(site: FakeSite) -> SiteDocument:
    return document_of(site.revisions[0].document)


def section_form(site: FakeSite, section: str, **changes: str) -> MultiDict[str, str]:
    model = section_at(SiteDocument, (section,))
    assert model is not None
    form = as_form(model, in_force(site).plain()[section])
    form.update({"based_on": str(site.revisions[0].number)})
    for name, value in changes.items():
        form[name] = value
    return form


def thing_form(site: FakeSite, kind: str, thing: str, /, **changes: str) -> MultiDict[str, str]:
    things = THINGS[kind]
    form = as_form(things.model, things.find(in_force(site).plain(), thing))
    form["based_on"] = str(site.revisions[0].number)
    for key, value in changes.items():
        form[key.replace("__", ".")] = value
    return form


def hidden(page: TestResponse) -> MultiDict[str, str]:
    """What the form of a review sends with its next step."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text.split("<main")[1])
    return MultiDict(found)


def applied(site: FakeSite) -> list[ApplyRevision]:
    return [message for _, message in site.told if isinstance(message, ApplyRevision)]


PAGES = [
    "/configuration",
    "/configuration/zones",
    "/configuration/stations",
    "/configuration/meters",
    "/configuration/zones/edit",
    "/configuration/zones/edit?name=main",
    "/configuration/stations/edit?name=CP-01",
    "/configuration/stations/edit?box_identity=NEW-1",
    "/configuration/meters/edit?name=solar",
    "/configuration/periods/edit?name=Night",
    *(f"/configuration/section/{name}" for name in SECTIONS if name not in THINGS),
]


@pytest.mark.parametrize("address", PAGES)
def test_every_part_has_its_page(admin: FlaskClient, address: str) -> None:
    """UI-10: with its place in the navigation."""
    answer = admin.get(address)
    assert answer.status_code == 200
    assert 'class="subnav"' in answer.text
    assert re.search(r'<a href="[^"]+" class="here" aria-current="page">[^<]+</a>', answer.text)


@pytest.mark.parametrize(
    "address",
    [
        "/configuration/nothing",
        "/configuration/periods",
        "/configuration/section/zones",
        "/configuration/section/nothing",
        "/configuration/zones/edit?name=nowhere",
        "/configuration/nothing/edit",
    ],
)
def test_what_is_not_there_is_said_so(admin: FlaskClient, address: str) -> None:
    """RELIABILITY 3: 404, not 500."""
    assert admin.get(address).status_code == 404


def test_the_navigation_leads_to_every_part_of_the_document(admin: FlaskClient) -> None:
    """UI-10: also to one that is new."""
    with admin.application.test_request_context():
        names = {name for name, _, _ in configuration_nav()}
        addresses = [address for _, address, _ in configuration_nav()]
    assert set(SiteDocument.model_fields) <= names
    assert all(admin.get(address).status_code == 200 for address in addresses)


def test_a_change_is_shown_before_it_is_put_in_force(admin: FlaskClient, site: FakeSite) -> None:
    """CF-1: difference, effect, who and when."""
    review = admin.post(
        "/configuration/zones/edit?name=garage", data=thing_form(site, "zones", "garage", maximum_a="80")
    )
    assert review.status_code == 200
    assert "zones[garage].maximum_a" in review.text
    assert "reduced to 80 A at once" in review.text
    assert applied(site) == []
    confirmed = admin.post(
        "/configuration/zones/edit?name=garage",
        data=MultiDict([*hidden(review).items(multi=True), ("confirmed", "1"), ("comment", "summer")]),
    )
    assert confirmed.status_code == 303
    assert confirmed.location == "/configuration/zones"
    (order,) = applied(site)
    assert (order.revision.number, order.revision.author, order.revision.comment) == (8, "olivia", "summer")
    assert in_force(site).zones[1].maximum_a == 80
    assert "Revision 8 is in force." in admin.get("/configuration/zones").text


@pytest.mark.parametrize(
    ("kind", "name", "changes", "fault", "kept"),
    [
        (
            "zones",
            "garage",
            {"maximum_a": "900"},
            "Must be at most 250, the maximum of its parent",
            'value="900"',
        ),
        ("zones", "garage", {"maximum_a": "a lot"}, "Must be a number above 0", 'value="a lot"'),
        ("zones", "garage", {"name": "Quay street"}, "Must be unique", 'value="Quay street"'),
        ("stations", "CP-01", {"connectors__1__rating_a": "3"}, "Must be at least 6, the floor", 'value="3"'),
        ("meters", "kiosk", {"host": "192.168.0.255"}, "doesn&#39;t end in .0", 'value="192.168.0.255"'),
        ("periods", "Night", {"slots": "22-6"}, "time slots such as 22:00-06:00", 'value="22-6"'),
    ],
)
def test_a_fault_stands_at_its_field_and_the_input_is_kept(
    admin: FlaskClient, site: FakeSite, kind: str, name: str, changes: dict[str, str], fault: str, kept: str
) -> None:
    """RELIABILITY 3: 422, nothing in force."""
    answer = admin.post(
        f"/configuration/{kind}/edit?name={name}", data=thing_form(site, kind, name, **changes)
    )
    assert answer.status_code == 422
    assert fault in answer.text
    assert kept in answer.text
    assert 'role="alert"' in answer.text
    assert applied(site) == []


def test_a_plain_part_is_changed_by_its_form(admin: FlaskClient, site: FakeSite) -> None:
    """CF-1: the parts with pages of their own stay as they are."""
    form = section_form(site, "tariff")
    del form["enabled"]
    review = admin.post("/configuration/section/tariff", data=form)
    assert review.text.count("<code>tariff") == 1
    admin.post(
        "/configuration/section/tariff",
        data=MultiDict([*hidden(review).items(multi=True), ("confirmed", "1")]),
    )
    assert not in_force(site).tariff.enabled
    assert len(in_force(site).tariff.periods) == 3


def test_nothing_changed_is_no_revision(admin: FlaskClient, site: FakeSite) -> None:
    """CF-1: the history holds changes only."""
    answer = admin.post("/configuration/section/advanced", data=section_form(site, "advanced"))
    assert answer.status_code == 303
    assert "Nothing differs" in admin.get("/configuration").text
    assert applied(site) == []


def test_a_new_thing_is_added(admin: FlaskClient, site: FakeSite) -> None:
    """EL-8: a sub-zone with its parent."""
    form = {
        "id": "attic",
        "name": "Attic",
        "parent": "main",
        "maximum_a": "16",
        "mode": "static",
        "based_on": "7",
    }
    review = admin.post("/configuration/zones/edit", data=form)
    assert "holds neither sub-zones nor stations" in review.text
    admin.post("/configuration/zones/edit", data={**form, "confirmed": "1"})
    assert in_force(site).zones[-1].name == "Attic"


def test_a_thing_is_deleted_after_its_effect_was_seen(admin: FlaskClient, site: FakeSite) -> None:
    """TOU-1: deleting a period asks first."""
    form = {"name": "Weekend", "based_on": "7"}
    review = admin.post("/configuration/periods/delete", data=form)
    assert "NoPeriod" in review.text
    assert len(in_force(site).tariff.periods) == 3
    admin.post("/configuration/periods/delete", data={**hidden(review).to_dict(), "confirmed": "1"})
    assert [p.name for p in in_force(site).tariff.periods] == ["Evening peak", "Night"]
    assert (
        admin.post("/configuration/periods/delete", data={"name": "Weekend", "based_on": "8"}).status_code
        == 404
    )


def test_a_zone_is_moved_below_another_and_to_the_top(admin: FlaskClient, site: FakeSite) -> None:
    """UI-6: after its effect was seen; a zone that isn't there feeds nobody."""
    for parent, based_on in (("main", "7"), ("", "8")):
        form = {"name": "deck-north", "parent": parent, "based_on": based_on}
        review = admin.post("/configuration/zones/move", data=form)
        assert "zones[deck-north].parent" in review.text
        agreed = {**hidden(review).to_dict(), "confirmed": "1"}
        admin.post("/configuration/zones/move", data=agreed)
        assert {z.id: z.parent for z in in_force(site).zones}["deck-north"] == (parent or None)
    for name, parent in (("deck-north", "nowhere"), ("nowhere", "")):
        form = {"name": name, "parent": parent, "based_on": "9"}
        assert admin.post("/configuration/zones/move", data=form).status_code == 404


def test_what_others_need_can_not_be_deleted(admin: FlaskClient, site: FakeSite) -> None:
    """EL-1: with the reason."""
    answer = admin.post("/configuration/zones/delete", data={"name": "deck", "based_on": "7"})
    assert answer.status_code == 422
    assert "“deck-north”, Fed by" in answer.text


def test_two_people_see_both_versions(admin: FlaskClient, site: FakeSite) -> None:
    """CF-1, RELIABILITY 2: 409, and mine can go on top of theirs; nobody's change is undone unseen."""
    mine = thing_form(site, "zones", "garage", maximum_a="80")
    theirs = thing_form(site, "zones", "street", maximum_a="100")
    admin.post(
        "/configuration/zones/edit?name=street",
        data=MultiDict([*theirs.items(multi=True), ("confirmed", "1")]),
    )
    conflict = admin.post(
        "/configuration/zones/edit?name=garage", data=MultiDict([*mine.items(multi=True), ("confirmed", "1")])
    )
    assert conflict.status_code == 409
    for words in ("zones[street].maximum_a", "zones[garage].maximum_a", "Revision 8 by olivia"):
        assert words in conflict.text
    assert len(applied(site)) == 1
    review = admin.post("/configuration/zones/edit?name=garage", data=hidden(conflict))
    assert review.status_code == 200
    assert "zones[street]" not in review.text.split("<main")[1]
    admin.post(
        "/configuration/zones/edit?name=garage",
        data=MultiDict([*hidden(review).items(multi=True), ("confirmed", "1")]),
    )
    assert [zone.maximum_a for zone in in_force(site).zones if zone.id in ("garage", "street")] == [80, 100]


def test_what_both_changed_is_marked(admin: FlaskClient, site: FakeSite) -> None:
    """CF-1: 409 says so at the setting."""
    mine = thing_form(site, "zones", "garage", maximum_a="80")
    site.apply(RevisionRecord(8, site.revisions[1].document, "bob", "", site.now()))
    conflict = admin.post("/configuration/zones/edit?name=garage", data=mine)
    assert conflict.status_code == 409
    assert "changed by both" in conflict.text


def test_a_fuse_that_need_not_hold_wants_a_name(admin: FlaskClient, site: FakeSite) -> None:
    """DG-5: refused until somebody accepts it; the history says so."""
    form = thing_form(site, "zones", "main", degraded_setpoint_a="40")
    review = admin.post("/configuration/zones/edit?name=main", data=form)
    assert "A fuse need not hold" in review.text
    sent = [*hidden(review).items(multi=True), ("confirmed", "1")]
    refused = admin.post("/configuration/zones/edit?name=main", data=MultiDict(sent))
    assert refused.status_code == 422
    assert "Tick that you accept it" in refused.text
    assert applied(site) == []
    admin.post("/configuration/zones/edit?name=main", data=MultiDict([*sent, ("accept_unproven", "1")]))
    assert "accepted unproven: main" in site.revisions[0].comment


def test_one_goes_back_to_the_form_as_it_was(admin: FlaskClient, site: FakeSite) -> None:
    """RELIABILITY 3: nothing is typed twice."""
    form = thing_form(site, "zones", "garage", maximum_a="80")
    answer = admin.post(
        "/configuration/zones/edit?name=garage", data=MultiDict([*form.items(multi=True), ("edit", "1")])
    )
    assert answer.status_code == 200
    assert 'value="80"' in answer.text
    assert "Review the change" in answer.text


@pytest.mark.parametrize("based_on", ["", "x", "-1", "9" * 12, "99"])
def test_a_form_without_its_revision_is_refused(admin: FlaskClient, site: FakeSite, based_on: str) -> None:
    """CF-1: no change without what it is based on."""
    form = section_form(site, "site", name="Other")
    form["based_on"] = based_on
    assert admin.post("/configuration/section/site", data=form).status_code in (400, 409)
    assert applied(site) == []


def test_the_site_file_can_be_had(admin: FlaskClient, site: FakeSite) -> None:
    """CF-1: what `evce config show` prints."""
    answer = admin.get("/configuration/site.toml")
    assert parse_toml(answer.data) == in_force(site)
    assert "site-7.toml" in answer.headers["Content-Disposition"]


def test_the_tariff_page_has_its_week_and_its_table(admin: FlaskClient) -> None:
    """TOU-1, TOU-4: percentages as amperes, nominal marked."""
    text = admin.get("/configuration/section/tariff").text
    assert text.count('class="week-block') == 5 + 14 + 2
    row = re.split(r'<td class="main"[^>]*>Parking deck</td>', text)[1].split("</tr>")[0]
    assert [cell.strip() for cell in re.findall(r">([\d.]+)(?:</b>)? A", row)] == ["125", "75", "125", "125"]
    assert row.count("nominal</span>") == 1


def test_the_inputs_page_has_live_states(admin: FlaskClient, site: FakeSite) -> None:
    """DI-1: they follow the site without touching the form."""
    assert 'hx-get="/configuration/inputs/states"' in admin.get("/configuration/section/inputs").text
    assert "not active" in admin.get("/configuration/inputs/states").text
    site.change(inputs=(InputView("Grid operator", enabled=True, active=True, percent=50),))
    assert ">active<" in admin.get("/configuration/inputs/states").text
    site.change(inputs=())
    assert "No input is configured" in admin.get("/configuration/inputs/states").text


def test_the_load_shedding_page_shows_the_degraded_currents(admin: FlaskClient, site: FakeSite) -> None:
    """LM-12: those in force; a DC station has none."""
    text = admin.get("/configuration/section/load_shedding").text
    assert "its last setpoint" in text
    assert re.search(r"Quay street 1 / 1</td>.*?<b>[\d.]+</b> A", text, re.DOTALL)


def test_a_detected_station_can_be_registered(admin: FlaskClient) -> None:
    """OC-2: its identity is filled in."""
    text = admin.get("/configuration/stations").text
    link = re.search(r'href="(/configuration/stations/register\?station=[^"]+)"', text)
    assert link
    assert 'value="00-1E-C0-9A-41-7F"' in admin.get(link[1]).text


def test_an_empty_site_says_how_to_begin(admin: FlaskClient, site: FakeSite) -> None:
    """UI-6: no empty place without words."""
    bare = SiteDocument.parse({"site": {"name": "Bare"}})
    site.apply(RevisionRecord(8, canonical_json(bare), "bob", "", site.now()))
    site.change(stations={})
    for address, words in (
        ("/configuration", "Nothing to prove yet"),
        ("/configuration/zones", "Begin with the main switchboard"),
        ("/configuration/stations", "No station."),
        ("/configuration/meters", "every zone is static"),
        ("/configuration/section/tariff", "No period yet"),
        ("/configuration/section/load_shedding", "No station is configured"),
        ("/configuration/assignment", "no zone that could hold stations"),
    ):
        assert words in admin.get(address).text, address


def test_a_silent_site_is_said_so(admin: FlaskClient, site: FakeSite) -> None:
    """UI-11: 503, and the dashboard goes on."""
    site.silent.add("site")
    assert admin.get("/configuration").status_code == 503
    assert admin.get("/").status_code == 200


def test_names_from_outside_are_escaped(admin: FlaskClient, site: FakeSite) -> None:
    """RELIABILITY 4.21: in forms and in reviews."""
    evil = '"><script>alert(1)</script>'
    review = admin.post("/configuration/section/site", data=section_form(site, "site", name=evil))
    assert "<script>alert" not in review.text
    form: dict[str, Any] = {"based_on": "7", "id": evil, "name": evil, "maximum_a": evil}
    assert "<script>alert" not in admin.post("/configuration/zones/edit", data=form).text
