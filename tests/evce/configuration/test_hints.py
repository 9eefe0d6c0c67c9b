"""What is allowed in a document but rarely meant."""

from collections.abc import Callable
from typing import Any

import pytest

from evce.configuration.document import SiteDocument
from evce.configuration.hints import hints
from tests.evce.configuration.sites import small_site

Site = dict[str, Any]


def roomy(site: Site) -> None:
    site["zones"].append({"id": "lane", "name": "Lane", "parent": "street", "maximum_a": 32})
    site["stations"][1]["zone"] = "lane"


def fast_charger(site: Site) -> None:
    site["zones"].append({"id": "shop", "name": "Shop", "maximum_a": 63})
    site["stations"].append(
        {
            "box_identity": "DC",
            "name": "DC",
            "family": "dc_24",
            "zone": "shop",
            "connectors": [{"wiring": "TRI123"}],
        }
    )


CASES: list[tuple[Callable[[Site], object], list[str]]] = [
    (lambda _site: None, []),
    (
        roomy,
        ["zones[street].maximum_a: its sub-zones add up to 32 A of 63 A: the rest can't be used"],
    ),
    (
        lambda site: site["zones"].append({"id": "x", "name": "X", "maximum_a": 9}),
        ["zones[x]: holds neither"],
    ),
    (
        lambda site: site["zones"][2].update(maximum_a=13),
        [
            "zones[street]: a station that loses its link falls to 0 A: "
            "the floors below street add up to 14 A, it has 13 A for them",
            "stations[CP-02].zone: its rating of 32 A is above the 13 A of its zone",
        ],
    ),
    (
        lambda site: site["zones"][0].update(degraded_setpoint_a=0),
        ["zones[garage]: a station that loses its link"],
    ),
    (
        lambda site: site["stations"][0].update(zone=None),
        ["zones[garage]", "without a zone the station gets 0 A"],
    ),
    (fast_charger, ["stations[DC].family: has no degraded mode"]),
    (
        lambda site: site["meters"].append(
            {"id": "m", "name": "m", "role": "zone", "model": "mtz", "host": "10.0.0.9"}
        ),
        ["meters[m].role: no dynamic zone names this meter"],
    ),
    (
        lambda site: site["inputs"]["channels"][0].update(enabled=False),
        ["inputs.channels: the inputs are enabled"],
    ),
    (
        lambda site: site.update(
            cpo={"enabled": True, "url": "ws://operator/"},
            webservices={"enabled": True, "time_synchronisation": True},
        ),
        ["webservices.time_synchronisation: better left off where an operator is connected"],
    ),
]


@pytest.mark.parametrize(("patch", "expected"), CASES)
def test_hints_name_what_deserves_a_second_look(patch: Callable[[Site], object], expected: list[str]) -> None:
    """EL-2, EL-6, EL-8, DG-1, DG-5, API-4: hints, no refusals."""
    site = small_site()
    site["zones"][0]["degraded_setpoint_a"] = 40
    patch(site)
    told = [str(hint) for hint in hints(SiteDocument.parse(site))]
    assert len(told) == len(expected), told
    assert all(text in line for text, line in zip(expected, told, strict=True)), told
