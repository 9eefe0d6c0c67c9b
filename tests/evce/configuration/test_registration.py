"""What a detected station is registered as."""

from dataclasses import replace

import pytest

from evce.configuration.document import SiteDocument
from evce.configuration.registration import detected, family_of, proposed
from evce.electrical import Family
from evce.facts import Link
from evce.units import BoxIdentity
from evce.views import StationView


def view(identity: str, **told: str) -> StationView:
    plain = StationView(
        BoxIdentity(identity),
        identity,
        "generic",
        None,
        vip=False,
        link=Link.NEVER_SEEN,
        verified=False,
        registered=False,
    )
    return replace(plain, **told)


def site() -> SiteDocument:
    outlet = {"wiring": "TRI123"}
    station = {"box_identity": "CP-1", "name": "Gate", "address": "192.168.0.9", "connectors": [outlet]}
    return SiteDocument.parse({"site": {"name": "Yard"}, "stations": [station]})


@pytest.mark.parametrize(
    ("vendor", "model", "family"),
    [
        ("Schneider Electric", "EVlink Parking", Family.PARKING),
        ("Schneider Electric", "EVF2S22P44", Family.PARKING),
        ("Schneider Electric", "EVlink City", Family.CITY),
        ("Schneider Electric", "SMART_WALLBOX", Family.SMART_WALLBOX),
        ("Schneider Electric", "EVB1A22P4ERI", Family.SMART_WALLBOX),
        ("EVlink", "EVB3S07N4A", Family.PRO_AC),
        ("EVlink", "Pro AC Metal", Family.PRO_AC_METAL),
        ("Schneider Electric", "EVlink DC 24kW", Family.DC_24),
        ("Schneider Electric", "Velocity", Family.GENERIC),
        ("Nordic Charge", "Parking 22", Family.GENERIC),
        ("", "", Family.GENERIC),
    ],
)
def test_the_family_is_guessed_of_evlink_stations_alone(vendor: str, model: str, family: Family) -> None:
    """EL-5, OC-2: a wrong guess would promise a degraded mode that isn't there."""
    assert family_of(vendor, model) is family


def test_what_a_station_said_is_taken_over_where_it_is_valid_and_nobody_elses() -> None:
    """OC-2, OC-4: so that every proposal can be put in force as it is."""
    views = [
        view("A", vendor="EVlink", model="City", serial_number="S-1", address="192.168.0.7"),
        view("Gate", address="192.168.0.9", serial_number=" " * 3),
        view("C", address="10.0.0.1"),
        view("D", address="10.0.0.1"),
        view("E", address="127.0.0.1"),
        view("F", address="192.168.0.255"),
        view("cp-1"),
    ]
    waiting = detected(site(), views)
    assert [one.box_identity for one in waiting] == ["A", "C", "D", "E", "F", "Gate"]
    made = proposed(site(), waiting)
    first = made[BoxIdentity("A")]
    assert (first["name"], first["family"]) == ("A", "city")
    assert (first["serial_number"], first["address"]) == ("S-1", "192.168.0.7")
    assert first["connectors"][0]["sockets"] == ["T2", "TE"]
    for identity in ("C", "D", "E", "F", "Gate"):
        assert "address" not in made[BoxIdentity(identity)], identity
    assert "name" not in made[BoxIdentity("Gate")]
    named = [{"name": "Second gate", **station} for station in made.values()]
    plain = site().plain()
    plain["stations"] += named
    assert len(SiteDocument.parse(plain).stations) == 7
