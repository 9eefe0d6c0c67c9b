"""Connector numbers toward the operator."""

from dataclasses import replace

import pytest

from evce.cpo.numbering import PlugNumbers
from evce.electrical import Socket, Station
from tests.evce.station_control.bench import make_station


def station(*sockets: tuple[Socket, ...]) -> Station:
    made = make_station(connectors=len(sockets))
    connectors = tuple(replace(c, sockets=s) for c, s in zip(made.connectors, sockets, strict=True))
    return replace(made, connectors=connectors)


@pytest.mark.parametrize(
    ("sockets", "outward"),
    [
        (((Socket.T2,),), {1: (11,)}),
        (((Socket.T2, Socket.TE),), {1: (11, 12)}),
        (((Socket.TE,), (Socket.T2S,)), {1: (12,), 2: (21,)}),
        (((Socket.CCS,), (Socket.T2,)), {1: (1,), 2: (21,)}),
    ],
)
def test_plugs_are_numbered_by_their_socket(
    sockets: tuple[tuple[Socket, ...], ...], outward: dict[int, tuple[int, ...]]
) -> None:
    """CPO-5: 11 is T2, 12 is TE, and both ways fit together."""
    numbers = PlugNumbers(station(*sockets), enabled=True)
    assert {connector: numbers.all_outward(connector) for connector in outward} == outward
    for connector, known in outward.items():
        assert [numbers.inward(number) for number in known] == [connector] * len(known)
        assert numbers.outward(connector) == known[0]
    assert (numbers.inward(0), numbers.outward(0), numbers.inward(99)) == (0, 0, None)
    assert numbers.count == sum(len(known) for known in outward.values())


def test_without_the_switch_numbers_stay() -> None:
    """CPO-5: default off."""
    numbers = PlugNumbers(station((Socket.T2, Socket.TE)), enabled=False)
    assert (numbers.all_outward(1), numbers.inward(1), numbers.inward(11)) == ((1,), 1, None)
