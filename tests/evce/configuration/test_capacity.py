"""Tests of what a licence lets a site have."""

from datetime import UTC, datetime
from typing import Any

import pytest

from evce import vendor
from evce.configuration.capacity import (
    beyond,
    check_capacity,
    levels_of,
    licence_of,
    reference_of,
    zones_left,
)
from evce.configuration.document import SiteDocument
from evce.configuration.revisions import next_revision, parse_json, rolled_back
from evce.errors import ConfigurationError
from evce.licence import OPEN, REFERENCES
from tests.evce.licence.signing import MAC, PUBLIC
from tests.evce.licence.signing import signed as licence

AT = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vendor, "PUBLIC_KEYS", (PUBLIC,))


def zone(name: str, parent: str | None = None, **changes: Any) -> dict[str, Any]:
    return {"id": name, "name": name, "parent": parent, "maximum_a": 100, **changes}


def station(number: int, **changes: Any) -> dict[str, Any]:
    outlet = {"wiring": "TRI123", "rating_a": 16}
    return {
        "box_identity": f"CP-{number}",
        "name": f"Station {number}",
        "family": "parking",
        "connectors": [outlet],
        **changes,
    }


def site(reference: str = "", *, stations: int = 0, **parts: Any) -> SiteDocument:
    text = licence(reference) if reference else ""
    return SiteDocument.parse(
        {
            "site": {"name": "Harbour", "licence": text},
            "stations": [station(number) for number in range(stations)],
            **parts,
        }
    )


METER = {"id": "m", "name": "m", "role": "zone", "model": "pm5320", "host": "10.0.0.7"}
DYNAMIC = {"zones": [zone("a", mode="dynamic", meter="m")], "meters": [METER]}
OTHER = {"zones": [zone("a")], "meters": [{**METER, "role": "reporting"}]}
DEEP = [zone("a"), zone("b", "a"), zone("c", "b")]
CHANNELS = {"enabled": True, "channels": [{"name": "in", "percent": 50, "pin": 17}]}
CASES: dict[str, tuple[str, dict[str, Any], dict[str, Any], str]] = {
    "stations": ("EDB", {"stations": 5}, {"stations": 6}, "stations = 6: at most 5 with the licence EDB"),
    "zones": (
        "EDS",
        {"zones": DEEP[:2]},
        {"zones": [*DEEP[:2], zone("d")]},
        "zones = 3: at most 2 with the licence EDS",
    ),
    "levels": (
        "EDM",
        {"zones": DEEP},
        {"zones": [*DEEP, zone("d", "c")]},
        "levels of zones = 4: at most 3 with the licence EDM",
    ),
    "dynamic": ("ESS", {"zones": [zone("a")]}, DYNAMIC, r"zones\[a\].mode = \"dynamic\": static with"),
    "loads": ("EDS", {"zones": [zone("a")]}, OTHER, r"meters\[m\].role = \"reporting\": not reporting with"),
    "vip": ("EDS", {}, {"stations": 0, "_vip": True}, r"stations\[CP-0\].vip = true: off with"),
    "tariff": ("EDB", {}, {"tariff": {"enabled": True}}, "tariff.enabled = true: off with the licence EDB"),
    "inputs": ("ESS", {}, {"inputs": CHANNELS}, "inputs.enabled = true: off with the licence ESS"),
}


def made(reference: str, parts: dict[str, Any]) -> SiteDocument:
    document = site(reference, **{key: value for key, value in parts.items() if key != "_vip"})
    if "_vip" not in parts:
        return document
    return SiteDocument.parse({**document.plain(), "stations": [station(0, vip=True)]})


@pytest.mark.parametrize("case", CASES)
def test_growth_beyond_the_licence_is_refused_with_field_value_and_reference(case: str) -> None:
    """LIC-1: whoever makes the revision; just as much as is allowed is not refused."""
    reference, fits, grows, words = CASES[case]
    before = next_revision(None, made(reference, fits), author="ada", comment="", now=AT)
    with pytest.raises(ConfigurationError, match=words):
        next_revision(before, made(reference, grows), author="ada", comment="", now=AT, accept_unproven=True)
    with pytest.raises(ConfigurationError, match=words):
        next_revision(None, made(reference, grows), author="ada", comment="", now=AT, accept_unproven=True)


@pytest.mark.parametrize("case", CASES)
def test_a_site_that_is_beyond_a_new_licence_goes_on_as_it_is(case: str) -> None:
    """LIC-1: the licence is taken, other changes too, and what is too much is told."""
    reference, _, large, _ = CASES[case]
    open_site = next_revision(None, made("", large), author="ada", comment="", now=AT, accept_unproven=True)
    document = made(reference, large)
    held = next_revision(
        open_site, document, author="ada", comment="", now=AT, accept_unproven=True, identifier=MAC
    )
    assert beyond(parse_json(held.document))
    assert not beyond(made("", large))
    renamed = SiteDocument.parse({**document.plain(), "site": {**document.plain()["site"], "name": "Other"}})
    assert next_revision(held, renamed, author="ada", comment="", now=AT, accept_unproven=True).number == 3


def test_a_way_back_to_a_larger_site_is_refused_as_well() -> None:
    """LIC-1: every way to a revision obeys."""
    large = next_revision(None, site("EDL", stations=9), author="ada", comment="", now=AT)
    small = next_revision(large, site("EDB", stations=3), author="ada", comment="", now=AT)
    # The old revision has its own licence with it, so that it is back as a whole.
    assert rolled_back([small, large], 1, author="ada", now=AT).number == 3
    grown = SiteDocument.parse({**site("EDB").plain(), "stations": [station(n) for n in range(6)]})
    with pytest.raises(ConfigurationError, match="at most 5"):
        next_revision(small, grown, author="ada", comment="", now=AT)


def test_a_licence_of_another_evce_or_of_nobody_is_not_taken() -> None:
    """LIC-1: bound to the identifier; nothing else changes."""
    with pytest.raises(
        ConfigurationError, match="it is for the EVCE 02:42:ac:11:00:02, and this one is 02:aa"
    ):
        check_capacity(site(), site("EDS"), "02:aa:bb:cc:dd:ee")
    check_capacity(site(), site("EDS"), MAC)
    check_capacity(site("EDS"), site("EDS"), "02:aa:bb:cc:dd:ee")  # a backup on another machine goes on
    forged = SiteDocument.parse({"site": {"name": "Harbour", "licence": "EVCE1.e30.AAAA"}})
    with pytest.raises(ConfigurationError, match=r"site.licence.*signature is not the vendor's"):
        next_revision(None, forged, author="ada", comment="", now=AT)
    assert (licence_of(forged), reference_of(forged)) == (None, OPEN)
    with pytest.raises(ConfigurationError, match=r"site.licence.*a licence as its vendor gave it out"):
        SiteDocument.parse({"site": {"name": "Harbour", "licence": "hello"}})


def test_the_capacity_that_is_left_is_known() -> None:
    """EL-8, LIC-1"""
    assert reference_of(site("EDM")) == REFERENCES["EDM"]
    assert zones_left(site("EDM", zones=DEEP)) == 7
    assert zones_left(site("ESS", zones=DEEP)) == 0
    assert zones_left(site(zones=DEEP)) is None
    assert (levels_of(site()), levels_of(site(zones=DEEP))) == (0, 3)
