"""Tests of who doesn't take a reduction."""

from dataclasses import replace

import pytest

from evce.facts import Acknowledged, ConnectorFacts
from evce.planning.unheeded import MAKES_UP_AFTER, Unheeded
from evce.units import BoxIdentity, ConnectorKey

KEY = ConnectorKey(BoxIdentity("A"), 1)
HELD = ConnectorFacts(KEY, acknowledged=(Acknowledged(28.0, 0.0),))


def at(amps: float) -> ConnectorFacts:
    """The facts once this much has been accepted."""
    return replace(HELD, acknowledged=(Acknowledged(amps, 0.0),))


def test_a_reduction_that_nobody_accepts_is_found() -> None:
    """LM-1: RELIABILITY §2: Rejected, NotSupported, no answer: the others make up for it."""
    unheeded = Unheeded()
    assert unheeded.look({KEY: 12.0}, [HELD], 10.0) == ()
    assert unheeded.look({KEY: 11.9}, [HELD], 10.0 + MAKES_UP_AFTER - 0.1) == ()
    assert unheeded.look({KEY: 12.1}, [HELD], 10.0 + MAKES_UP_AFTER) == (KEY,)
    assert unheeded.look({KEY: 12.0}, [at(12.0)], 13.0) == ()


@pytest.mark.parametrize("target", [28.0, 32.0])
def test_who_may_have_what_he_has_is_none(target: float) -> None:
    unheeded = Unheeded()
    assert unheeded.look({KEY: target}, [HELD], 0.0) == ()
    assert unheeded.look({KEY: target}, [HELD], 60.0) == ()


def test_one_reduction_after_the_other_each_accepted_in_time_is_none() -> None:
    """LM-8: a building that draws a little more each half second."""
    unheeded = Unheeded()
    for step in range(40):
        accepted = at(28.0 - 0.1 * step)
        assert unheeded.look({KEY: 28.0 - 0.1 * (step + 1)}, [accepted], 0.5 * step) == ()


def test_without_a_target_or_a_setpoint_there_is_nothing_to_heed() -> None:
    unheeded = Unheeded()
    for now in (0.0, 60.0):
        assert unheeded.look({}, [HELD], now) == ()
        assert unheeded.look({KEY: 0.0}, [ConnectorFacts(KEY)], now) == ()
