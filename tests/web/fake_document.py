"""The configuration document of the invented site, made from what its pages show, and its history."""

from datetime import datetime, timedelta
from typing import Any

from actors.messages import RevisionRecord
from evce.configuration.document import SiteDocument
from evce.configuration.revisions import canonical_json
from evce.views import MeterView
from tests.web.fake_parts import meter_views
from tests.web.fake_plant import station_views, zone_views

__all__ = ["fake_document", "revision_history"]

_NUMBER = 7


def fake_document(now: datetime, **changes: Any) -> SiteDocument:
    """The document under which the invented site runs; `changes` replace whole parts."""
    plain: dict[str, Any] = {
        "site": {"name": "Harbour car park", "time_zone": "Europe/Paris"},
        "zones": [
            {
                "id": zone.id,
                "name": zone.name,
                "parent": zone.parent,
                "maximum_a": zone.maximum,
                **(
                    {"mode": "dynamic", "meter": zone.meter, "building_maximum_a": 240}
                    if zone.dynamic
                    else {}
                ),
            }
            for zone in zone_views().values()
        ],
        "stations": [
            {
                "box_identity": station.box_identity,
                "name": station.name,
                "family": station.family,
                "zone": station.zone,
                "vip": station.vip,
                "connectors": [
                    {"wiring": connector.wiring, "rating_a": 32, "sockets": ["T2"]}
                    if station.family != "dc_24"
                    else {"wiring": connector.wiring, "rating_a": 32}
                    for connector in station.connectors
                ],
            }
            for station in station_views(now).values()
            if station.registered
        ],
        "meters": [_meter(meter) for meter in meter_views(now).values()],
        "inputs": {
            "enabled": True,
            "channels": [
                {"name": "Grid operator", "percent": 50, "pin": 17, "enabled": True},
                {"name": "Fire alarm", "percent": 0, "pin": 27, "enabled": True},
            ],
        },
        "tariff": {
            "enabled": True,
            "periods": [
                {"name": "Evening peak", "percent": 60, "slots": ["18:30-21:00"], "days": _WORKDAYS},
                {"name": "Night", "percent": 90, "slots": ["22:00-06:00"], "zones": ["garage", "street"]},
                {"name": "Weekend", "percent": 100, "slots": ["00:00-00:00"], "days": ["sat", "sun"]},
            ],
        },
    }
    return SiteDocument.parse({**plain, **changes})


_WORKDAYS = ["mon", "tue", "wed", "thu", "fri"]


def _meter(meter: MeterView) -> dict[str, Any]:
    host, _, rest = meter.connection.removeprefix("TCP ").partition(":")
    port, _, unit = rest.partition("#")
    return {
        "id": meter.id,
        "name": meter.name,
        "role": meter.role,
        "zone": meter.zone if meter.role == "production" else None,
        "model": meter.model,
        "host": host,
        "port": int(port),
        "unit": int(unit),
    }


def revision_history(now: datetime) -> list[RevisionRecord]:
    """Seven revisions, newest first; in each the garage got a little more."""
    records = []
    for number in range(1, _NUMBER + 1):
        document = fake_document(now)
        plain = document.plain()
        plain["zones"][1]["maximum_a"] = 100.0 - 4.0 * (_NUMBER - number)
        records.append(
            RevisionRecord(
                number,
                canonical_json(SiteDocument.parse(plain)),
                ("site file", "olivia", "otto")[number % 3],
                "" if number == 3 else f"garage, step {number}",
                now - timedelta(days=10 * (_NUMBER - number) + 1),
            )
        )
    return records[::-1]
