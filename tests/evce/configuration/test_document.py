"""The site document as a whole."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from pydantic import ValidationError

from evce.configuration.document import SiteDocument
from evce.electrical import Socket, Wiring
from evce.errors import ConfigurationError
from evce.units import BoxIdentity, ConnectorKey, MeterId, ZoneId
from tests.evce.configuration.sites import documents, small_site


def test_plain_data_becomes_the_electrical_model() -> None:
    """EL-1, EL-3, EL-4, LM-8, MT-5: zones, stations, outlets and meters arrive in the model."""
    plain = small_site()
    plain["zones"][0]["building_maximum_a"] = 60
    model = SiteDocument.parse(plain).model()
    main = model.zones[ZoneId("main")]
    assert (main.maximum, main.dynamic, main.meter, main.degraded_setpoint) == (
        100.0,
        True,
        "main-meter",
        0.0,
    )
    assert main.building_maximum == 60.0
    assert main.production_meters == (MeterId("solar"),)
    assert model.roots == (ZoneId("main"), ZoneId("street"))
    assert model.children[ZoneId("main")] == (ZoneId("garage"),)
    second = model.connectors[ConnectorKey(BoxIdentity("CP-01"), 2)]
    assert (second.wiring, second.rating, second.sockets) == (Wiring.MONO2, 16.0, (Socket.T2,))
    assert model.stations[BoxIdentity("CP-02")].vip


def test_a_document_can_not_be_changed() -> None:
    document = SiteDocument.parse(small_site())
    with pytest.raises(ValidationError):
        document.zones[0].maximum_a = 500.0


def test_a_document_that_contradicts_itself_can_not_be_built_by_hand_either() -> None:
    document = SiteDocument.parse(small_site())
    with pytest.raises(ValidationError, match="must be the id of a zone"):
        SiteDocument(site=document.site, stations=document.stations)


def test_fields_and_what_they_are_together_are_told_at_once() -> None:
    """RELIABILITY §3: everything that is wrong, in one go, and nothing that only follows."""
    site = small_site()
    site["zones"][0]["meter"] = "Main Meter"
    site["zones"][1] |= {"maximum_a": "many", "parent": "mian"}
    site["stations"][0]["connectors"][0]["wiring"] = "TRI"
    site["stations"][1]["zone"] = "streat"
    site["meters"][0]["host"] = "192.168.0.255"
    with pytest.raises(ConfigurationError) as caught:
        SiteDocument.parse(site)
    assert [refusal.field for refusal in caught.value.refusals] == [
        "zones[main].meter",
        "zones[garage].maximum_a",
        "stations[CP-01].connectors[#1].wiring",
        "meters[main-meter].host",
        "zones[garage].parent",
        "stations[CP-02].zone",
    ]


@pytest.mark.parametrize("nothing", [None, 3, "x", [], [1]])
def test_what_is_no_table_is_refused(nothing: object) -> None:
    with pytest.raises(ConfigurationError, match="must be a table of settings"):
        SiteDocument.parse(nothing)


@given(documents())
@settings(max_examples=60, deadline=None)
def test_plain_data_and_back_is_the_same_document(document: SiteDocument) -> None:
    """CF-1: what is stored is what was meant."""
    assert SiteDocument.parse(document.plain()) == document


@pytest.mark.parametrize(
    ("patches", "mode"),
    [
        ({}, "known_cards"),
        ({"installation": "all_cards"}, "all_cards"),
        ({"installation": "all_cards", "main": "plug_and_charge"}, "plug_and_charge"),
        ({"main": "plug_and_charge", "garage": "all_cards"}, "all_cards"),
        ({"main": "all_cards", "garage": "all_cards", "station": "known_cards"}, "known_cards"),
    ],
)
def test_the_nearest_own_mode_decides_who_may_charge(patches: dict[str, str], mode: str) -> None:
    """AU-1: a zone's mode is passed on; a station's own mode decides."""
    site = small_site()
    site["authentication"] = {"mode": patches.get("installation", "known_cards")}
    site["zones"][0]["authentication"] = patches.get("main", "inherit")
    site["zones"][1]["authentication"] = patches.get("garage", "inherit")
    site["stations"][0]["authentication"] = patches.get("station", "inherit")
    assert SiteDocument.parse(site).authentication_of(BoxIdentity("CP-01")) == mode


@pytest.mark.parametrize(
    ("mode", "installation", "own", "offline"),
    [
        ("known_cards", "reject", "inherit", "reject"),
        ("known_cards", "cache", "inherit", "cache"),
        ("known_cards", "cache", "accept", "accept"),
        ("all_cards", "reject", "reject", "accept"),
        ("plug_and_charge", "reject", "inherit", "accept"),
    ],
)
def test_the_offline_choice_belongs_to_known_cards(
    mode: str, installation: str, own: str, offline: str
) -> None:
    """AU-2: authorise all holds offline as it is."""
    site: dict[str, Any] = small_site()
    site["authentication"] = {"mode": mode, "offline": installation}
    site["stations"][0]["offline"] = own
    assert SiteDocument.parse(site).offline_of(BoxIdentity("CP-01")) == offline


def test_parts_are_found_by_their_ids() -> None:
    document = SiteDocument.parse(small_site())
    assert document.zone(ZoneId("garage")).maximum_a == 63
    assert document.meter(MeterId("solar")).role == "production"
    assert document.time_zone.key == "Europe/Paris"
    with pytest.raises(KeyError):
        document.station(BoxIdentity("CP-99"))


def test_the_times_of_use_follow_the_document() -> None:
    """TOU-1, TOU-2: periods with slots, days, percentage and the zones they apply to."""
    site = small_site()
    site["tariff"] = {
        "enabled": True,
        "periods": [
            {"name": "Peak", "percent": 80, "slots": ["08:00-12:00"], "days": ["mon"], "zones": ["street"]},
            {"name": "Night", "percent": 40, "slots": ["22:00-06:00"]},
        ],
    }
    tariff = SiteDocument.parse(site).times_of_use()
    monday = datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert [period.name for period in tariff.active(ZoneId("street"), monday)] == ["Peak"]
    assert tariff.active(ZoneId("garage"), monday) == ()
    assert [period.name for period in tariff.active(ZoneId("garage"), monday.replace(hour=23))] == ["Night"]
