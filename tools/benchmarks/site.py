"""The site that is measured: N equal stations in sub-zones of 20 below one dynamic root zone."""

from evce.configuration.document import SiteDocument

__all__ = ["HEADROOM", "METER", "MOST_STATIONS", "POLL_MS", "RATING", "bench_site", "identities"]

RATING = 32.0
"""A per phase of every station, on three phases."""

HEADROOM = 5.0
"""A above what all stations take together: with nothing else on, nobody is limited."""

MOST_STATIONS = 312
"""With more, the root zone would be above what a zone may have (10 kA)."""

POLL_MS = 500

METER = "main-meter"

_PER_ZONE = 20


def identities(count: int) -> list[str]:
    """Return the box identities of that many stations."""
    return [f"CP-{number:04}" for number in range(1, count + 1)]


def bench_site(stations: int, meter_port: int) -> SiteDocument:
    """Describe the site; its meter answers on this port of 127.0.0.1.

    The zone's limit rises as fast as the document allows, so that the way back up takes little time.
    """
    if not 1 <= stations <= MOST_STATIONS:
        raise ValueError(f"stations={stations}: 1 to {MOST_STATIONS}")
    names = identities(stations)
    groups = [names[begin : begin + _PER_ZONE] for begin in range(0, stations, _PER_ZONE)]
    return SiteDocument.parse(
        {
            "site": {"name": f"{stations} stations"},
            "ocpp": {"profile_memory": "ram"},
            "zones": [
                {
                    "id": "main",
                    "name": "Main switchboard",
                    "maximum_a": stations * RATING + HEADROOM,
                    "mode": "dynamic",
                    "meter": METER,
                },
                *(
                    {
                        "id": f"row-{number}",
                        "name": f"Row {number}",
                        "parent": "main",
                        "maximum_a": len(group) * RATING,
                    }
                    for number, group in enumerate(groups, start=1)
                ),
            ],
            "stations": [
                {
                    "box_identity": name,
                    "name": f"Station {name}",
                    "zone": f"row-{number}",
                    "connectors": [{"wiring": "TRI123", "rating_a": RATING, "sockets": ["T2"]}],
                }
                for number, group in enumerate(groups, start=1)
                for name in group
            ],
            "meters": [
                {
                    "id": METER,
                    "name": "Main meter",
                    "role": "zone",
                    "model": "pm5320",
                    "host": "127.0.0.1",
                    "port": meter_port,
                    "poll_ms": POLL_MS,
                }
            ],
            "authentication": {"mode": "all_cards"},
            "advanced": {"ramp_a_per_s": 100.0},
        }
    )
