"""Tests of a decision: an empty one asks for nothing."""

from dataclasses import FrozenInstanceError, fields

import pytest

from evce.planning.decision import Decision


def test_a_decision_about_nothing_asks_for_nothing_and_stays_as_it_is() -> None:
    """LM-1: what has been decided is passed on by many, and changed by none."""
    decision = Decision()
    named = {field.name: getattr(decision, field.name) for field in fields(decision)}
    assert not any(value for name, value in named.items() if name != "restarts")
    assert (decision.restarts.ended, decision.restarts.begun) == ((), ())
    with pytest.raises(FrozenInstanceError):
        decision.lowered = {}  # type: ignore[misc]
