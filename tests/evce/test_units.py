"""Tests of the units and names."""

from evce.units import BoxIdentity, ConnectorKey


def test_a_connector_reads_as_station_and_number() -> None:
    assert str(ConnectorKey(BoxIdentity("CP-01"), 2)) == "CP-01/2"


def test_connectors_sort_by_station_then_number() -> None:
    keys = [
        ConnectorKey(BoxIdentity("B"), 1),
        ConnectorKey(BoxIdentity("A"), 2),
        ConnectorKey(BoxIdentity("A"), 1),
    ]
    assert [str(k) for k in sorted(keys)] == ["A/1", "A/2", "B/1"]
