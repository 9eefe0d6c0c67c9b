"""The question of an allocation: defaults and immutability."""

from dataclasses import FrozenInstanceError

import pytest

from evce.allocation import Claim, Priority, Problem
from evce.units import ZoneId
from tests.evce.builders import key


def test_energy_is_the_default_priority() -> None:
    """LM-4: by energy unless the page says otherwise."""
    assert Problem(zones=(), claims=(), now=0.0).priority is Priority.ENERGY
    assert [priority.value for priority in Priority] == ["energy", "duration", "departure"]


def test_a_claim_cannot_be_changed_on_its_way() -> None:
    """AC-1: what travels between zones is a value."""
    claim = Claim(key("A"), ZoneId("z"), (True, False, False), 6.0, 32.0)
    with pytest.raises(FrozenInstanceError):
        claim.cap = 99.0  # type: ignore[misc]


def test_a_turn_is_shorter_than_a_review_and_longer_than_a_pause() -> None:
    """LM-4: otherwise a review of 15 min could never move anybody."""
    rules = Problem(zones=(), claims=(), now=0.0).rules
    assert rules.minimum_pause < rules.minimum_grant < 900.0
    assert rules.patience >= 1
