"""Tests of the facts about a connector."""

from dataclasses import replace

import pytest

from evce.facts import Acknowledged, Change, ConnectorFacts, ConnectorStatus, Link
from tests.evce.builders import charging, key


@pytest.mark.parametrize(
    ("status", "plugged"),
    [
        (ConnectorStatus.AVAILABLE, False),
        (ConnectorStatus.PREPARING, True),
        (ConnectorStatus.CHARGING, True),
        (ConnectorStatus.SUSPENDED_EV, True),
        (ConnectorStatus.FINISHING, True),
        (ConnectorStatus.FAULTED, None),
        (ConnectorStatus.UNKNOWN, None),
    ],
)
def test_a_status_tells_whether_a_vehicle_is_connected(status: ConnectorStatus, plugged: bool | None) -> None:
    """LM-11: some states don't tell."""
    assert status.plugged is plugged


def test_nothing_accepted_is_no_setpoint() -> None:
    assert ConnectorFacts(key("A")).setpoint is None
    assert charging("A", 16.0).setpoint == 16.0


@pytest.mark.parametrize(
    ("changes", "change"),
    [
        ({"draw": (6.0, 6.0, 6.0), "draw_at": 3.0, "energy": 10.0}, Change.COURSE),
        ({"lease_ends_at": 300.0, "plan": 9}, Change.COURSE),
        ({"outstanding": (10.0,), "plan": 9}, Change.COURSE),
        ({"acknowledged": (Acknowledged(16.0, 0.0, 3.0), Acknowledged(10.0, 3.0))}, Change.COURSE),
        ({"acknowledged": (Acknowledged(10.0, 3.0),), "draw": (6.0, 6.0, 6.0)}, Change.ROOM),
        ({"acknowledged": ()}, Change.ROOM),
        ({"outstanding": (20.0,), "plan": 9}, Change.ROOM),
        ({"starts_at": 10.0}, Change.ROOM),
        ({"link": Link.LOST, "outstanding": (10.0,)}, Change.SITUATION),
        ({"verified": False}, Change.SITUATION),
        ({"transaction": None}, Change.SITUATION),
        ({"status": ConnectorStatus.SUSPENDED_EV}, Change.SITUATION),
        ({"wants": False}, Change.SITUATION),
        ({"plugged": False}, Change.SITUATION),
        ({"vip": True}, Change.SITUATION),
        ({"fallback": None}, Change.SITUATION),
        ({"incarnation": 2}, Change.SITUATION),
    ],
)
def test_the_weightiest_change_counts(changes: dict[str, object], change: Change) -> None:
    """LM-8: what is planned for at once is told from what may give room, from echoes and measurements."""
    before = charging("A", 16.0, draw=(5.0, 5.0, 5.0))
    assert replace(before, **changes).change_since(before) is change  # type: ignore[arg-type]


def test_a_first_report_is_a_new_situation() -> None:
    assert charging("A").change_since(None) is Change.SITUATION
