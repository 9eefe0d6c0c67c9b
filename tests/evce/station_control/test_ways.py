"""Tests of learning how a station takes its limits."""

import pytest

from evce.profiles import CompositeSchedule, Limit, RateUnit
from evce.station_control.ways import Ways


@pytest.mark.parametrize(
    ("ways", "limit", "told", "taken", "tried", "then"),
    [
        (Ways(), Limit(13.7), True, True, "whole amperes", Ways(whole_amps=True, grain_known=True)),
        (Ways(whole_amps=True), Limit(13.0), True, False, None, Ways(whole_amps=True)),
        (Ways(), Limit(13.0), False, False, "a limit in W", Ways(in_watts=True)),
        (Ways(), Limit(13.0), True, False, None, Ways()),
        (Ways(), Limit(13.0), False, True, None, Ways()),
        (Ways(in_watts=True), Limit(13.0, RateUnit.WATTS), False, False, None, Ways()),
        (Ways(), Limit(13.7, RateUnit.WATTS), True, False, None, Ways()),
    ],
)
def test_what_is_tried_after_a_refusal(
    ways: Ways, limit: Limit, told: bool, taken: bool, tried: str | None, then: Ways
) -> None:
    """OC-1: no tenths first, then the other unit where none was told and nothing else was taken."""
    assert ways.after_refusal(limit, unit_told=told, taken=taken) == tried
    assert ways == then


@pytest.mark.parametrize(
    ("told", "means", "whole", "known"),
    [
        (13.7, 13.0, True, True),
        (13.7, 14.0, True, True),
        (13.7, 13.7, False, True),
        (13.0, 13.0, False, False),
        (13.7, 10.0, False, False),
        (13.7, 32.0, False, False),
    ],
)
def test_a_composite_schedule_shows_what_became_of_the_tenths(
    told: float, means: float, whole: bool, known: bool
) -> None:
    """LM-6: whole amperes and the remainder to others."""
    ways = Ways()
    assert ways.seen(Limit(told), CompositeSchedule(RateUnit.AMPS, ((0.0, means),))) is whole
    assert (ways.whole_amps, ways.grain_known) == (whole, known)
    assert not ways.seen(Limit(told), CompositeSchedule(RateUnit.WATTS, ((0.0, means),)))
