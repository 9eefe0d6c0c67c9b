"""Tests of the facts about a connector."""

from dataclasses import replace

import pytest

from evce.facts import Acknowledged, ConnectorFacts, ConnectorStatus
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


def test_a_new_measurement_alone_is_told_from_a_new_setpoint() -> None:
    before = charging("A", 16.0, draw=(5.0, 5.0, 5.0))
    measured = replace(before, draw=(6.0, 6.0, 6.0), draw_at=3.0, energy=10.0)
    assert measured.differs_only_in_draw(before)
    assert not replace(measured, acknowledged=(Acknowledged(10.0, 3.0),)).differs_only_in_draw(before)
    assert not before.differs_only_in_draw(None)
