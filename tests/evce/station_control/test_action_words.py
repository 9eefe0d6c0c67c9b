"""Sentences about actions."""

import re

import pytest

from evce.station_control.action_words import Saying, Words


@pytest.mark.parametrize("saying", Saying)
def test_every_sentence_takes_named_values_and_ends(saying: Saying) -> None:
    """OC-3: what a page translates has its values by name."""
    names = re.findall(r"%\((\w+)\)s", saying.value)
    assert saying.value.count("%") == len(names)
    assert str(Words(saying, dict.fromkeys(names, "x"))).endswith(".")
