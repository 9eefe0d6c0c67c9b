"""Tests of the states that people see."""

from dataclasses import replace

import pytest

from evce.facts import ConnectorStatus, Link
from evce.views import ConnectorView, MeterView, StationView
from tests.web.fake_site import FakeSite, key
from web.states import OutletState, State, connector_state, outlet_state, station_state, tally

S = ConnectorStatus


def parts(site: FakeSite, name: str = "CP-01/1") -> tuple[StationView, ConnectorView]:
    station = site.snapshot.stations[key(name).station]
    return station, station.connectors[key(name).number - 1]


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (S.AVAILABLE, State.AVAILABLE),
        (S.PREPARING, State.OCCUPIED),
        (S.CHARGING, State.CHARGING),
        (S.SUSPENDED_EV, State.SUSPENDED_EV),
        (S.SUSPENDED_EVSE, State.SUSPENDED_SYSTEM),
        (S.FINISHING, State.OCCUPIED),
        (S.RESERVED, State.OCCUPIED),
        (S.UNAVAILABLE, State.UNAVAILABLE),
        (S.FAULTED, State.FAULTED),
        (S.UNKNOWN, State.UNAVAILABLE),
    ],
)
def test_each_ocpp_status_has_its_word(site: FakeSite, status: ConnectorStatus, state: State) -> None:
    """LM-11: every status of OCPP 1.6 is shown as one of the states."""
    station, connector = parts(site)
    assert connector_state(station, replace(connector, status=status)) is state


@pytest.mark.parametrize("link", [Link.LOST, Link.NEVER_SEEN])
def test_without_a_link_a_connector_is_disconnected(site: FakeSite, link: Link) -> None:
    """LM-11: whatever it said last."""
    station, connector = parts(site)
    assert connector_state(replace(station, link=link), connector) is State.DISCONNECTED
    assert station_state(replace(station, link=link)) is State.DISCONNECTED


def test_a_station_that_says_charging_at_zero_amps_is_suspended_by_the_system(site: FakeSite) -> None:
    """LM-11: some stations never say SuspendedEVSE; what they draw tells."""
    station, connector = parts(site)
    held = replace(connector, setpoint=0.0, measured=(0.0, 0.0, 0.0))
    assert connector_state(station, held) is State.SUSPENDED_SYSTEM
    disobedient = replace(held, measured=(9.0, 9.0, 9.0))
    assert connector_state(station, disobedient) is State.CHARGING


def test_a_station_shows_its_most_telling_connector(site: FakeSite) -> None:
    """UI-1: stations are counted apart from charge points."""
    station, connector = parts(site)
    faulted = replace(connector, status=S.FAULTED)
    free = replace(connector, status=S.AVAILABLE)
    assert station_state(replace(station, connectors=(free, connector))) is State.CHARGING
    assert station_state(replace(station, connectors=(connector, faulted))) is State.FAULTED
    assert station_state(replace(station, connectors=())) is State.UNAVAILABLE


@pytest.mark.parametrize(
    ("state", "amps", "shown"),
    [
        ("connected", (0.0, 0.1, 0.0), OutletState.AVAILABLE),
        ("connected", None, OutletState.AVAILABLE),
        ("connected", (0.0, 3.0, 0.0), OutletState.CONSUMING),
        ("not connected", (0.0, 3.0, 0.0), OutletState.DISCONNECTED),
        ("suspect", (0.0, 3.0, 0.0), OutletState.DISCONNECTED),
    ],
)
def test_an_outlet_is_available_consuming_or_disconnected(
    site: FakeSite, state: str, amps: tuple[float, float, float] | None, shown: OutletState
) -> None:
    """MT-4: from its meter."""
    meter: MeterView = next(iter(site.snapshot.meters.values()))
    assert outlet_state(replace(meter, state=state, amps=amps)) is shown


def test_a_tally_names_every_state(app: object) -> None:
    """UI-1: a state that nobody is in stands there with 0."""
    counted = tally([State.CHARGING, State.CHARGING])
    assert counted[State.CHARGING] == 2
    assert set(counted) == set(State)
    assert sum(counted.values()) == 2


def test_every_state_has_words(app: object) -> None:
    """UI-1: a colour never stands alone."""
    with app.test_request_context():  # type: ignore[attr-defined]
        assert all(state.word and state.short_word for state in State)
        assert all(state.word for state in OutletState)
