"""Tests of two people's changes to one document."""

from typing import Any

import pytest

from web.merging import merged

BASE: dict[str, Any] = {
    "site": {"name": "a", "zone": "b"},
    "zones": [{"id": "x", "amps": 1}, {"id": "y", "amps": 2}],
    "days": ["mon"],
}


@pytest.mark.parametrize(
    ("mine", "theirs", "expected"),
    [
        ({}, {"days": ["tue"]}, {"days": ["tue"]}),
        ({"days": ["tue"]}, {}, {"days": ["tue"]}),
        ({"days": ["tue"]}, {"days": ["wed"]}, {"days": ["tue"]}),
        (
            {"site": {"name": "mine", "zone": "b"}},
            {"site": {"name": "a", "zone": "theirs"}},
            {"site": {"name": "mine", "zone": "theirs"}},
        ),
        (
            {"zones": [{"id": "x", "amps": 10}, {"id": "y", "amps": 2}]},
            {"zones": [{"id": "y", "amps": 20}, {"id": "x", "amps": 1}, {"id": "z", "amps": 3}]},
            {"zones": [{"id": "y", "amps": 20}, {"id": "x", "amps": 10}, {"id": "z", "amps": 3}]},
        ),
        (
            {"zones": [{"id": "y", "amps": 2}]},
            {"zones": [{"id": "x", "amps": 1}, {"id": "y", "amps": 5}]},
            {"zones": [{"id": "y", "amps": 5}]},
        ),
        (
            {"zones": [{"id": "x", "amps": 1}, {"id": "y", "amps": 2}, {"id": "n", "amps": 9}]},
            {"zones": [{"id": "y", "amps": 2}]},
            {"zones": [{"id": "y", "amps": 2}, {"id": "n", "amps": 9}]},
        ),
        (
            {"zones": [{"id": "x", "amps": 7}, {"id": "y", "amps": 2}]},
            {"zones": [{"id": "y", "amps": 2}]},
            {"zones": [{"id": "y", "amps": 2}, {"id": "x", "amps": 7}]},
        ),
    ],
)
def test_what_each_left_alone_is_the_other_s(
    mine: dict[str, Any], theirs: dict[str, Any], expected: dict[str, Any]
) -> None:
    """CF-1: nobody undoes the other unseen; of what both changed mine counts."""
    assert merged(BASE, {**BASE, **mine}, {**BASE, **theirs}) == {**BASE, **expected}


def test_nothing_is_shared_with_the_base() -> None:
    """CF-1: the same in, the same out."""
    assert merged(BASE, BASE, BASE) == BASE
