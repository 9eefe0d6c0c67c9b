"""Sites to test with: a small valid one as plain data, and any valid one from hypothesis."""

import copy
from typing import Any

from hypothesis import strategies as st

from evce.configuration.defaults import family_defaults
from evce.configuration.document import SiteDocument
from evce.electrical import Family, Wiring

__all__ = ["documents", "small_site"]

_SMALL: dict[str, Any] = {
    "site": {"name": "Harbour", "time_zone": "Europe/Paris"},
    "zones": [
        {"id": "main", "name": "Main", "maximum_a": 100, "mode": "dynamic", "meter": "main-meter"},
        {"id": "garage", "name": "Garage", "parent": "main", "maximum_a": 63},
        {"id": "street", "name": "Street", "maximum_a": 63},
    ],
    "stations": [
        {
            "box_identity": "CP-01",
            "name": "Garage 1",
            "family": "parking",
            "zone": "garage",
            "connectors": [{"wiring": "TRI123"}, {"wiring": "MONO2", "rating_a": 16}],
        },
        {
            "box_identity": "CP-02",
            "name": "Street 1",
            "family": "city",
            "zone": "street",
            "vip": True,
            "connectors": [{"wiring": "TRI231"}],
        },
    ],
    "meters": [
        {"id": "main-meter", "name": "Main meter", "role": "zone", "model": "pm5320", "host": "192.168.0.40"},
        {
            "id": "solar",
            "name": "Solar roof",
            "role": "production",
            "zone": "main",
            "model": "iem3x5x",
            "host": "192.168.0.41",
        },
    ],
    "inputs": {"enabled": True, "channels": [{"name": "Half", "percent": 50, "pin": 17, "enabled": True}]},
}


def small_site() -> dict[str, Any]:
    """A valid document as plain data, to change at will."""
    return copy.deepcopy(_SMALL)


_NAMES = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=50)


def _rating(family: Family) -> st.SearchStrategy[float]:
    """Above every floor, below what every socket carries."""
    highest = family_defaults(family).rating + 20
    return st.integers(min_value=140, max_value=int(highest * 10)).map(lambda tenths: tenths / 10)


@st.composite
def _station(draw: st.DrawFn, number: int, name: str, zones: list[str]) -> dict[str, Any]:
    family = draw(st.sampled_from(Family))
    three_phase = [wiring for wiring in Wiring if wiring.three_phase]
    wirings = st.sampled_from(three_phase if family is Family.DC_24 else list(Wiring)).map(str)
    connectors = [
        {"wiring": draw(wirings)} | ({"rating_a": draw(_rating(family))} if draw(st.booleans()) else {})
        for _ in range(draw(st.integers(1, 2)))
    ]
    return {
        "box_identity": f"CP-{number}",
        "name": name,
        "family": str(family),
        "zone": draw(st.sampled_from(zones)) if zones and draw(st.booleans()) else None,
        "vip": draw(st.booleans()),
        "authentication": draw(st.sampled_from(["inherit", "all_cards", "plug_and_charge"])),
        "connectors": connectors,
    }


@st.composite
def documents(draw: st.DrawFn) -> SiteDocument:
    """Any valid document of a few zones, stations and meters."""
    names = draw(st.lists(_NAMES, min_size=14, max_size=14, unique_by=str.casefold))
    zones: list[dict[str, Any]] = []
    meters: list[dict[str, Any]] = []
    for number in range(draw(st.integers(0, 4))):
        parent = draw(st.sampled_from([None, *zones])) if zones else None
        highest = parent["maximum_a"] if parent else 1000.0
        maximum = draw(st.floats(1, highest))
        zone: dict[str, Any] = {"id": f"zone-{number}", "name": names[number], "maximum_a": maximum}
        if parent:
            zone["parent"] = parent["id"]
        if draw(st.booleans()):
            meter = {
                "id": f"meter-{number}",
                "name": names[10 + number],
                "role": "zone",
                "model": draw(st.sampled_from(["pm5320", "mtz"])),
                "host": f"10.0.0.{number + 1}",
            }
            meters.append(meter)
            zone |= {
                "mode": "dynamic",
                "meter": meter["id"],
                "degraded_setpoint_a": draw(st.floats(0, maximum)),
                "building_maximum_a": None if parent else draw(st.none() | st.floats(0, maximum)),
            }
        zones.append(zone)
    parents = {zone.get("parent") for zone in zones}
    terminal = [zone["id"] for zone in zones if zone["id"] not in parents]
    stations = [
        draw(_station(number, names[4 + number], terminal)) for number in range(draw(st.integers(0, 4)))
    ]
    return SiteDocument.parse(
        {
            "site": {
                "name": names[9],
                "time_zone": draw(st.sampled_from(["UTC", "Europe/Paris", "Asia/Kolkata"])),
            },
            "ocpp": {"heartbeat_s": draw(st.integers(5, 86_400))},
            "zones": zones,
            "stations": stations,
            "meters": meters,
            "advanced": {"ramp_a_per_s": draw(st.floats(0.1, 100))},
        }
    )
