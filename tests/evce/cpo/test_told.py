"""What a station's actor tells its uplink."""

from tests.evce.cpo.bench import told


def test_connectors_are_found_by_number_and_transaction() -> None:
    picture = told("Charging", 7)
    (connector,) = picture.connectors
    assert (picture.connector(1), picture.connector_of(7)) == (connector, connector)
    assert (picture.connector(2), picture.connector_of(8)) == (None, None)
