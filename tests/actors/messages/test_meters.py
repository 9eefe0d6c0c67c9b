"""Tests of the messages about trying meters."""

from dataclasses import FrozenInstanceError

import pytest

from actors.messages import TRIALS, GetTrial


def test_a_trial_is_asked_for_by_its_name() -> None:
    """MT-6: and a message can't change on its way."""
    question = GetTrial("abc")
    assert (question.request, TRIALS) == ("abc", "trials")
    with pytest.raises(FrozenInstanceError):
        question.request = "x"  # type: ignore[misc]
