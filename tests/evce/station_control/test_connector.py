"""One connector: measurements, phases and what it tells."""

import pytest

from evce.electrical import Wiring
from evce.facts import Link
from evce.meter_values import Reading
from evce.station_control.connector import ConnectorControl, Session
from evce.units import TransactionId
from tests.evce.station_control.bench import EPOCH, make_station


def control(wiring: Wiring = Wiring.TRI123) -> ConnectorControl:
    return ConnectorControl(make_station(wiring=wiring).connectors[0])


def session() -> Session:
    return Session(TransactionId(1), "04A1", False, EPOCH, 1000.0, 0.0)


def test_an_unknown_split_counts_on_every_wired_phase() -> None:
    """EL-7."""
    for wiring, draw in [(Wiring.TRI312, (9.0, 9.0, 9.0)), (Wiring.MONO3, (0.0, 0.0, 9.0))]:
        connector = control(wiring)
        connector.measure(Reading(amps=(9.0, 9.0, 9.0), split_known=False), 1.0)
        assert connector.draw == draw


def test_a_power_that_no_single_phase_could_carry_counts_with_the_rating() -> None:
    """EL-7."""
    connector = control()
    connector.measure(Reading(amps=(48.0, 48.0, 48.0), power=11040.0), 1.0)
    assert connector.draw == (32.0, 32.0, 32.0)


@pytest.mark.parametrize(
    ("amps", "phases"), [((9.0, 0.0, 0.0), 1), ((9.0, 9.0, 0.2), 2), ((9.0, 9.0, 9.0), 3)]
)
def test_the_phases_that_a_car_loads_are_seen(amps: tuple[float, float, float], phases: int) -> None:
    """EL-7."""
    connector = control()
    connector.measure(Reading(amps=amps, split_known=True), 1.0)
    assert connector.phases_loaded == phases


def test_an_older_measurement_replaces_nothing() -> None:
    """OC-6."""
    connector = control()
    connector.measure(Reading(amps=(9.0, 0.0, 0.0), split_known=True), 10.0)
    connector.measure(Reading(amps=(1.0, 0.0, 0.0), split_known=True), 5.0)
    assert (connector.draw, connector.draw_at) == ((9.0, 0.0, 0.0), 10.0)


def test_a_register_that_goes_back_takes_nothing_away() -> None:
    """OC-6."""
    running = session()
    for register in (3000.0, 10.0, 2000.0):
        running.register(register)
    assert running.energy == 2000.0


def test_before_anything_is_known_the_facts_say_so() -> None:
    """LM-1."""
    facts = control().facts(0, Link.NEVER_SEEN, None, 0.0, vip=False)
    assert (facts.verified, facts.fallback, facts.starts_at, facts.lease_ends_at) == (False, None, None, None)
    assert facts.acknowledged == facts.outstanding == ()


def test_the_tx_profile_carries_the_setpoint_of_a_session() -> None:
    connector = control()
    assert connector.carrier is connector.default
    connector.start(session(), 0.0)
    assert connector.carrier is connector.tx
    assert [name for name, _ in connector.slots()] == ["fallback", "tx", "default"]
    connector.stop(1.0)
    assert connector.carrier is connector.default
