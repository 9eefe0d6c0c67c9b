"""The section for the web services."""

from typing import Any

import pytest

from evce.configuration.document import SiteDocument
from evce.errors import ConfigurationError

SITE = {"site": {"name": "Yard"}}


def test_nothing_is_open_by_default() -> None:
    """API-1, API-3: both switches off; login service, 60 s, 600 s."""
    services = SiteDocument.parse(SITE).webservices
    assert (
        services.model_dump().items()
        >= {
            "enabled": False,
            "remote_energy_management": False,
            "remote_login": "service",
            "setpoint_period_s": 60,
            "heartbeat_period_s": 600,
        }.items()
    )


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("enabled", "yes"),
        ("remote_login", ""),
        ("setpoint_period_s", 0),
        ("heartbeat_period_s", 9),
        ("heartbeat_period_s", float("nan")),
        ("port", 80),
    ],
)
def test_what_is_wrong_is_named(setting: str, value: Any) -> None:
    """API-1, API-3: setting and value."""
    with pytest.raises(ConfigurationError) as refused:
        SiteDocument.parse({**SITE, "webservices": {setting: value}})
    assert f"webservices.{setting}" in str(refused.value)
