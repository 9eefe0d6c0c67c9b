"""Tests of the messages of remote energy management."""

from dataclasses import FrozenInstanceError

import pytest

from actors.messages import REMOTE, RemoteLimitsFound, SetRemoteLimit
from actors.messages.base import Lane
from evce.units import ZoneId


def test_a_wish_keeps_its_place_and_can_not_change_on_its_way() -> None:
    """API-3: a later wish never overtakes or replaces an earlier one: each has its answer."""
    wish = SetRemoteLimit("abc", ZoneId("main"), None, "service")
    assert (wish.lane, wish.coalesce_key, REMOTE) == (Lane.EVENT, None, "remote")
    with pytest.raises(FrozenInstanceError):
        wish.amps = 16.0  # type: ignore[misc]
    assert RemoteLimitsFound().limits == {}
