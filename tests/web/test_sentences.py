"""Tests of what the core says, told in the reader's language."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from evce.allocation import Reason, ReasonKind
from evce.allocation import sentence as sentence_of
from evce.units import BoxIdentity, ConnectorKey
from tests.web import pseudo
from tests.web.fake_site import FakeSite
from web import catalogues, languages, sentences
from web.revisions import document_of

REASON = Reason(
    kind=ReasonKind.PASSED_OVER,
    name="Garage",
    phase=1,
    limit=50.5,
    set_aside=18.0,
    bound_by="meter",
    shared=3,
    left=4.0,
    floor=6.0,
    first=ConnectorKey(BoxIdentity("CP-01"), 1),
    rule="its turn",
    reserved=True,
)


def in_language(app: Flask, locale: str, text: str) -> str:
    with app.test_request_context(headers={"Cookie": f"{languages.LANGUAGE_COOKIE}={locale}"}):
        return sentences.told(text)


def test_english_is_told_as_it_is(app: Flask) -> None:
    """UI-9: the core's own words."""
    assert in_language(app, "en", sentence_of(REASON)) == sentence_of(REASON)


def test_a_reason_is_told_with_its_values_in_words(app: Flask) -> None:
    """UI-5, UI-9: what stands at the places is told too, and figures have the reader's decimal sign."""
    told = in_language(app, "de", sentence_of(REASON))
    assert told == (
        "Ausgesetzt: Nötig sind 6 A, und Zone Garage hat noch 4 A von 50,5 A auf L2 (Zähler, nach 18 A für "
        "Ladestationen außer Kontrolle); 3 Autos kamen vorher, CP-01/1 zuletzt (an der Reihe); der nächste "
        "Platz ist dafür freigehalten."
    )


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("must be a whole number from 1 to 5", "valeur admise\xa0: un nombre entier de 1 à 5"),
        ('must be at most 250, the maximum of its parent "main"', "le maximum de son parent «\xa0main\xa0»"),
        ("the station is not connected", "la borne n\u2019est pas connectée"),
        (
            "Gets 6.5 A: its rating allows no more.",
            "6,5 A\xa0: son courant assigné ne permet pas plus.",
        ),
        ("input at 50 %", "entrée à 50 %"),
        ("what no catalogue knows", "what no catalogue knows"),
        ("x" * 5000, "x" * 5000),
    ],
)
def test_the_core_is_told_in_french(app: Flask, said: str, told: str) -> None:
    """UI-5: refusals, alarms, reasons; what is unknown or endless stays as it is."""
    assert told in in_language(app, "fr", said)


@pytest.fixture
def pseudo_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The pages in the language of brackets."""
    pseudo.write_catalogue(tmp_path)
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)
    monkeypatch.setitem(languages.LANGUAGES, pseudo.LOCALE, "English")
    catalogues.catalogue.cache_clear()
    sentences.clear()
    yield
    catalogues.catalogue.cache_clear()
    sentences.clear()


def page_addresses(app: Flask) -> list[str]:
    """Every page that answers a plain GET, with the invented site's names in its address."""
    names = {"zone_id": "main", "identity": "CP-02", "part": "inputs", "kind": "zones"}
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        if all(name in names for name in rule.arguments):
            with app.test_request_context():
                found.append(
                    str(app.url_for(rule.endpoint, **{name: names[name] for name in rule.arguments}))
                )
    return sorted(found)


ASKED = (
    "/zones/garage",
    "/stations/CP-10",
    "/sessions?from=x&page=0",
    "/cards?text=nobody",
    "/cards/row?id_tag=04A1B017C&edit=1",
    "/configuration/zones/edit?name=main",
    "/configuration/stations/edit?name=CP-01",
    "/configuration/meters/edit?name=main-meter",
    "/configuration/periods/edit",
    "/configuration/section/advanced",
    "/configuration/section/authentication",
    "/configuration/section/cpo",
    "/configuration/section/load_shedding",
    "/configuration/section/ocpp",
    "/configuration/section/tariff",
    "/configuration/section/web",
    "/configuration/history/difference?old=5&new=7",
    "/users/edit?login=ursula",
    "/no-such-page",
)


SENT: list[tuple[str, dict[str, str]]] = [
    ("/login", {"login": "olivia", "password": "wrong"}),
    ("/cards/add", {"id_tag": "", "comment": "x" * 60}),
    ("/cards/import", {"text": "IdTag"}),
    ("/cards/bulk", {"card": "04A1B017C", "set_vip": "yes"}),
    ("/cards/delete", {"card": "04A1B017C"}),
    ("/users/add", {"login": "admin", "password": "a", "again": "b"}),
    ("/users/delete?login=ursula", {}),
    ("/stations/CP-02/actions", {"action": "start", "card": ""}),
    ("/sessions/stop", {}),
    ("/sessions/stop", {"connector": "CP-10/1"}),
    ("/configuration/zones/edit", {"based_on": "7", "id": "?", "maximum_a": "much", "mode": "dynamic"}),
    ("/configuration/zones/edit?name=garage", {"based_on": "7", "id": "garage", "maximum_a": "900"}),
    ("/configuration/zones/delete", {"based_on": "7", "name": "main"}),
    ("/configuration/stations/delete", {"based_on": "7", "name": "CP-01"}),
    ("/configuration/section/advanced", {"based_on": "7", "lease_dynamic_s": "200", "ramp_a_per_s": "9"}),
    ("/configuration/section/advanced", {"based_on": "3", "lease_dynamic_s": "200"}),
]
"""Forms that are sent, most of them wrong, and a change that is under review."""


def test_no_page_says_a_word_that_is_not_translated(
    pseudo_language: None, app: Flask, admin: FlaskClient, site: FakeSite
) -> None:
    """UI-5: outside the strings of the catalogue there are only data and names."""
    admin.set_cookie(languages.LANGUAGE_COOKIE, pseudo.LOCALE, domain="localhost", secure=True)
    said = ("message", "advice", "reason", "reasons", "bound_by", "state", "type", "role", "severity")
    said += ("document", "family", "status", "link")
    data = [
        *pseudo.names_in([site.snapshot, site.sessions, site.users, site.cards, site.revisions], said),
        *(period.name for period in document_of(site.revisions[0].document).tariff.periods),
        *(text for event in site.events for text in (event.message, event.device, event.author)),
    ]
    failures = {}
    for address, form in [*((one, None) for one in dict.fromkeys([*page_addresses(app), *ASKED])), *SENT]:
        answer = admin.get(address) if form is None else admin.post(address, data=form)
        if answer.mimetype != "text/html" or answer.status_code in (301, 302, 303):
            continue
        if left := pseudo.leftovers(answer.get_data(as_text=True), data):
            failures[address] = left
    assert not failures, json.dumps(failures, indent=1, ensure_ascii=False)
