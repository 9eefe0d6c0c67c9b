"""Tests of the files by which wished network settings and what became of them are told."""

from datetime import UTC, datetime

import pytest

from evce.configuration.network import NetworkSettings
from evce.network.course import NetworkState, Stage, Wish, read_confirmed

SETTINGS = NetworkSettings.model_validate({"mode": "fixed"})


def test_a_wish_and_a_state_come_back_as_they_were_told() -> None:
    """NW-1."""
    wish = Wish(3, SETTINGS)
    for one in (wish, Wish(4, SETTINGS, at_once=True)):
        assert Wish.read(one.text()) == one
    for state in (
        NetworkState(3, Stage.WAITING, datetime(2026, 5, 1, 12, tzinfo=UTC)),
        NetworkState(4, Stage.FAILED, text="no such interface"),
    ):
        assert NetworkState.read(state.told()) == state
    assert read_confirmed('{"mark": 3}') == 3


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{",
        '{"mark": "x"}',
        '{"mark": null, "stage": "lost"}',
        "[" * 9000,
        '{"a": 1}' * 2000,
    ],
)
def test_what_is_no_such_file_is_none(text: str) -> None:
    """NW-1, RELIABILITY 3: torn, empty, foreign, or far too long."""
    assert Wish.read(text) is None
    assert NetworkState.read(text) is None
    assert read_confirmed(text) is None


def test_a_wish_that_the_settings_forbid_is_none() -> None:
    """NW-1: who applies it as root trusts no text that he hasn't checked himself."""
    assert Wish.read('{"mark": 1, "settings": {"mode": "fixed", "interface": "eth0\\nName=*"}}') is None
