"""The sections of a site document."""

from typing import Any

import pytest
from pydantic import ValidationError

from evce.configuration.sections import (
    AdvancedSettings,
    AuthenticationSettings,
    ChannelSettings,
    ConnectorSettings,
    InputSettings,
    LoadSheddingSettings,
    MeterSettings,
    OcppSettings,
    Section,
    StationSettings,
    WebSettings,
    ZoneSettings,
)

METER = {"id": "m", "name": "m", "role": "reporting", "model": "mtz", "host": "10.0.0.1"}
OUTLET = {"wiring": "TRI123", "rating_a": 32, "sockets": ["T2"]}


@pytest.mark.parametrize(
    ("section", "given", "expected"),
    [
        (OcppSettings, {}, {"port": 8887, "heartbeat_s": 60, "meter_interval_s": 5}),
        (WebSettings, {}, {"port": 8443}),
        (
            ZoneSettings,
            {"id": "z", "name": "z", "maximum_a": 1},
            {
                "mode": "static",
                "degraded_setpoint_a": 0.0,
                "building_maximum_a": None,
                "parent": None,
                "authentication": "inherit",
            },
        ),
        (MeterSettings, METER, {"port": 502, "unit": 255, "poll_ms": 500}),
        (InputSettings, {}, {"enabled": False, "safe_percent": 0, "channels": ()}),
        (ChannelSettings, {"name": "a", "percent": 0, "pin": 17}, {"enabled": False}),
        (
            LoadSheddingSettings,
            {},
            {"floor_standard": "iec61851", "priority": "energy", "review_minutes": 15},
        ),
        (AuthenticationSettings, {}, {"mode": "known_cards", "offline": "reject"}),
        (
            AdvancedSettings,
            {},
            {
                "lease_dynamic_s": 120,
                "lease_static_s": 600,
                "ramp_a_per_s": 2.0,
                "consumption_optimisation": False,
            },
        ),
    ],
)
def test_what_is_left_out_has_its_factory_value(
    section: type[Section], given: dict[str, Any], expected: dict[str, Any]
) -> None:
    """EL-8, MT-1, DI-1, LM-4, LM-12, AU-1, AU-2: the defaults."""
    made = section.model_validate(given)
    assert {name: getattr(made, name) for name in expected} == expected


@pytest.mark.parametrize("count", [0, 3])
def test_a_station_has_one_or_two_connectors(count: int) -> None:
    """EL-3: one or two connectors."""
    with pytest.raises(ValidationError):
        StationSettings.model_validate({"box_identity": "a", "name": "a", "connectors": [OUTLET] * count})


def test_a_station_is_completed_by_its_family() -> None:
    """EL-5: a family sets defaults."""
    station = StationSettings.model_validate(
        {"box_identity": "a", "name": "a", "family": "dc_24", "connectors": [{"wiring": "TRI123"}]}
    )
    assert (station.connectors[0].rating_a, station.connectors[0].sockets) == (40.0, ("CCS", "CHAdeMO"))


@pytest.mark.parametrize(
    ("section", "given"),
    [
        (ConnectorSettings, OUTLET | {"rating_a": 0}),
        (ConnectorSettings, OUTLET | {"rating_a": -1}),
        (ConnectorSettings, OUTLET | {"sockets": []}),
        (ZoneSettings, {"id": "z", "name": "z", "maximum_a": 0}),
        (ZoneSettings, {"id": "z", "name": "z", "maximum_a": 10_001}),
        (MeterSettings, METER | {"unit": 0}),
        (MeterSettings, METER | {"poll_ms": 99}),
        (MeterSettings, METER | {"port": 0}),
        (AdvancedSettings, {"ramp_a_per_s": 0}),
        (LoadSheddingSettings, {"review_minutes": 0}),
        (WebSettings, {"port": "443"}),
        (WebSettings, {"prot": 443}),
    ],
)
def test_what_is_out_of_bounds_or_unknown_is_refused(section: type[Section], given: dict[str, Any]) -> None:
    """MT-1, EL-4: RELIABILITY §3."""
    with pytest.raises(ValidationError):
        section.model_validate(given)
