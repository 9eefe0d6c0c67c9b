"""Reasons: the sentence of each."""

import pytest

from evce.allocation import Reason, ReasonKind, sentence
from evce.units import ZoneId
from tests.evce.builders import key

GARAGE = ZoneId("garage")


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (Reason(ReasonKind.WANTS_NOTHING), "Gets 0 A: no car asks for current here."),
        (
            Reason(ReasonKind.CAP, amps=32.0, capped_by="its rating"),
            "Gets 32 A: its rating allows no more.",
        ),
        (
            Reason(ReasonKind.CAP_BELOW_FLOOR, floor=14.0, cap=10.0, capped_by="its rating"),
            "Gets 0 A: it needs at least 14 A and its rating allows 10 A.",
        ),
        (
            Reason(
                ReasonKind.ZONE_LIMIT, amps=12.5, zone=GARAGE, name="Garage", phase=1, limit=50.0, shared=4
            ),
            "Gets 12.5 A: zone Garage has 50 A on L2 for 4 cars.",
        ),
        (
            Reason(
                ReasonKind.ZONE_LIMIT,
                amps=33.0,
                vip=True,
                zone=GARAGE,
                limit=33.0,
                set_aside=18.0,
                bound_by="input 50 %",
                shared=1,
            ),
            "VIP: gets 33 A: zone garage has 33 A on L1 (input 50 %, after 18 A set aside for stations "
            "out of control) for 1 car.",
        ),
        (
            Reason(
                ReasonKind.FLOOR_DOES_NOT_FIT, zone=GARAGE, phase=2, limit=4.0, floor=6.0, bound_by="meter"
            ),
            "Suspended: it needs 6 A and zone garage has 4 A on L3 (meter).",
        ),
        (
            Reason(
                ReasonKind.PASSED_OVER,
                zone=GARAGE,
                limit=20.0,
                left=2.0,
                floor=6.0,
                shared=3,
                first=key("CP-02"),
                rule="less energy",
            ),
            "Suspended: it needs 6 A and zone garage has 2 A left of 20 A on L1; 3 cars came first, "
            "CP-02/1 the last of them (less energy).",
        ),
        (
            Reason(
                ReasonKind.PASSED_OVER, zone=GARAGE, limit=20.0, left=8.0, floor=14.0, shared=1, reserved=True
            ),
            "Suspended: it needs 14 A and zone garage has 8 A left of 20 A on L1; 1 car came first; "
            "the next place is kept for it.",
        ),
        (Reason(ReasonKind.PAUSED, wait=12.4), "Suspended a moment ago: may start again in 12 s."),
    ],
)
def test_a_reason_is_one_sentence_with_amounts(reason: Reason, expected: str) -> None:
    """UI-9: rule, limit, zone, phase and amounts."""
    assert sentence(reason) == expected


@pytest.mark.parametrize("kind", list(ReasonKind))
def test_every_kind_has_a_sentence(kind: ReasonKind) -> None:
    """UI-9: whatever stops a target can be told."""
    said = sentence(Reason(kind, zone=GARAGE, capped_by="its rating"))
    assert said.endswith(".")
    assert "None" not in said
