"""What a station family brings along."""

from typing import Any

import pytest

from evce.configuration.defaults import DC_SOCKETS, complete_station, family_defaults
from evce.electrical import Family, Socket


@pytest.mark.parametrize("family", Family)
def test_each_family_can_have_its_usual_sockets(family: Family) -> None:
    """EL-5: a family sets defaults."""
    defaults = family_defaults(family)
    assert defaults.possible.issuperset(defaults.sockets)
    assert defaults.rating >= 32


def test_only_the_fast_charger_is_direct_current_by_default() -> None:
    """EL-4: CCS and CHAdeMO for DC."""
    assert [family for family in Family if DC_SOCKETS.issuperset(family_defaults(family).sockets)] == [
        Family.DC_24
    ]


@pytest.mark.parametrize(
    ("station", "connectors"),
    [
        (
            {"family": "pro_ac_metal", "connectors": [{"wiring": "TRI123"}]},
            [{"wiring": "TRI123", "rating_a": 32.0, "sockets": ["T2S"]}],
        ),
        (
            {"family": "parking", "connectors": [{"rating_a": 16}, {"sockets": ["TE"]}]},
            [{"rating_a": 16, "sockets": ["T2"]}, {"rating_a": 32.0, "sockets": ["TE"]}],
        ),
        ({"connectors": [{}]}, [{"rating_a": 32.0, "sockets": ["T2"]}]),
        ({"family": "parkin", "connectors": [{}, None]}, [{"rating_a": 32.0, "sockets": ["T2"]}, None]),
        ({"family": [], "connectors": 7}, 7),
    ],
)
def test_what_is_left_out_is_filled_in_and_what_is_given_stays(
    station: dict[str, Any], connectors: Any
) -> None:
    assert complete_station(station)["connectors"] == connectors


def test_filling_in_leaves_the_original_alone() -> None:
    station = {"family": "city", "connectors": [{"wiring": "TRI123"}]}
    assert complete_station(station)["connectors"][0]["sockets"] == [Socket.T2, Socket.TE]
    assert station == {"family": "city", "connectors": [{"wiring": "TRI123"}]}
