"""Tests of the drawing of payloads."""

import copy
import json
import random

import pytest

from evce.validation import STATION_ACTIONS, check_request
from tools.endurance.payloads import damaged, drawn


@pytest.mark.parametrize("action", sorted(STATION_ACTIONS))
def test_what_is_drawn_is_valid_and_what_is_damaged_mostly_not(action: str) -> None:
    """Otherwise nothing would get beyond the gate of the schemas, or nothing would try it."""
    chance = random.Random(1)
    good = [drawn(action, chance, {}) for _ in range(50)]
    assert [check_request(action, payload) for payload in good] == [None] * 50
    bad = [damaged(payload, chance) for payload in good]
    refused = [not isinstance(payload, dict) or check_request(action, payload) for payload in bad]
    assert sum(map(bool, refused)) > 20


def test_the_same_chance_draws_the_same_and_the_original_stays() -> None:
    def some() -> list[object]:
        chance = random.Random(3)
        return [damaged(drawn("MeterValues", chance, {}), chance) for _ in range(20)]

    assert json.dumps(some()) == json.dumps(some())
    payload = drawn("MeterValues", random.Random(1), {})
    before = copy.deepcopy(payload)
    for seed in range(50):
        damaged(payload, random.Random(seed))
    assert payload == before


def test_known_fields_come_from_who_knows_them() -> None:
    assert drawn("Authorize", random.Random(1), {"idTag": lambda: "BADGE"}) == {"idTag": "BADGE"}
