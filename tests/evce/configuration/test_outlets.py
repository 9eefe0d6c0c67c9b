"""What an outlet can't be."""

from typing import Any

import pytest

from evce.configuration.outlets import check_outlets


@pytest.mark.parametrize(
    ("family", "outlet", "standard", "expected"),
    [
        ("parking", {"wiring": "TRI123", "rating_a": 32, "sockets": ["T2"]}, "iec61851", ""),
        ("parking", {"wiring": "TRI123", "rating_a": 63, "sockets": ["T2", "TE"]}, "iec61851", ""),
        ("parking", {"wiring": "MONO1", "rating_a": 70, "sockets": ["T2"]}, "iec61851", ""),
        (
            "parking",
            {"wiring": "TRI123", "rating_a": 63.1, "sockets": ["T2"]},
            "iec61851",
            "s.rating_a = 63.1: must be at most 63, what a type 2 connector carries on three phases",
        ),
        (
            "parking",
            {"wiring": "MONO1", "rating_a": 71, "sockets": ["T2S"]},
            "iec61851",
            "s.rating_a = 71: must be at most 70, what a type 2 connector carries on one phase",
        ),
        (
            "smart_wallbox",
            {"wiring": "MONO1", "rating_a": 20, "sockets": ["TE"]},
            "iec61851",
            "s.rating_a = 20: must be at most 16, what a domestic socket carries",
        ),
        (
            "parking",
            {"wiring": "TRI123", "rating_a": 5.9, "sockets": ["T2"]},
            "iec61851",
            "s.rating_a = 5.9: must be at least 6, the floor of this outlet under iec61851",
        ),
        (
            "city",
            {"wiring": "TRI123", "rating_a": 13, "sockets": ["T2"]},
            "iec61851",
            "s.rating_a = 13: must be at least 14, the floor of this outlet under iec61851",
        ),
        ("parking", {"wiring": "MONO1", "rating_a": 8, "sockets": ["T2"]}, "evze_ready", ""),
        (
            "parking",
            {"wiring": "TRI123", "rating_a": 8, "sockets": ["T2"]},
            "evze_ready",
            "s.rating_a = 8: must be at least 14, the floor of this outlet under evze_ready",
        ),
        (
            "parking",
            {"wiring": "TRI123", "rating_a": 32, "sockets": ["CCS"]},
            "iec61851",
            's.sockets = ["CCS"]: must be among T2, T2S, TE at the family parking',
        ),
        (
            "generic",
            {"wiring": "TRI123", "rating_a": 32, "sockets": ["T2", "CCS"]},
            "iec61851",
            's.sockets = ["T2", "CCS"]: must be all AC (T2, T2S, TE) or all DC (CCS, CHAdeMO)',
        ),
        (
            "generic",
            {"wiring": "TRI123", "rating_a": 32, "sockets": ["T2", "T2"]},
            "iec61851",
            's.sockets = ["T2", "T2"]: must name each socket once',
        ),
        (
            "dc_24",
            {"wiring": "MONO2", "rating_a": 40, "sockets": ["CCS"]},
            "iec61851",
            's.wiring = "MONO2": must be TRI123, TRI231 or TRI312 for a DC outlet',
        ),
        ("dc_24", {"wiring": "TRI312", "rating_a": 100, "sockets": ["CCS", "CHAdeMO"]}, "iec61851", ""),
        # What was refused for itself isn't told again.
        (None, {"wiring": "TRI123", "rating_a": 1, "sockets": ["T2"]}, "iec61851", ""),
        ("parking", {"wiring": "TRI", "rating_a": 500, "sockets": ["T2"]}, "iec61851", ""),
        ("parking", {"wiring": "TRI123", "rating_a": "much", "sockets": ["T2"]}, "iec61851", ""),
        ("parking", {"wiring": "TRI123", "rating_a": 500, "sockets": ["T9"]}, "iec61851", ""),
        ("parking", {"wiring": "TRI123", "rating_a": 500, "sockets": 3}, "iec61851", ""),
        ("parking", {"wiring": "TRI123", "rating_a": 3, "sockets": ["T2"]}, "iec", ""),
    ],
)
def test_an_outlet_fits_its_family_its_sockets_and_its_floor(
    family: str | None, outlet: dict[str, Any], standard: str, expected: str
) -> None:
    """EL-3, EL-4, EL-5, LM-2: RELIABILITY §3, minimum above rating."""
    station = {"family": family, "connectors": [outlet]}
    told = check_outlets({"s": outlet} | station, (), station, standard)
    assert "\n".join(str(refusal).replace("connectors[#1]", "s") for refusal in told) == expected
