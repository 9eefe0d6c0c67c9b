"""Connector numbers toward the operator: as the station has them, or by plug, 11 for T2 and 12 for TE."""

from evce.electrical import Connector, Socket, Station

__all__ = ["PlugNumbers"]

_PLUG: dict[Socket, int] = {Socket.T2: 1, Socket.T2S: 1, Socket.TE: 2}


class PlugNumbers:
    """CPO-5. With plug numbering connector 1 is 11 by its T2 socket and 12 by its TE socket, 2 is 21 and 22.

    Which plug of an outlet with both is in use, no OCPP message tells: its transactions go by the T2 number,
    its states by both. Outlets without such a socket (DC) keep their number.
    """

    def __init__(self, station: Station, *, enabled: bool) -> None:
        self._outward = {
            connector.key.number: _numbers(connector) if enabled else (connector.key.number,)
            for connector in station.connectors
        }
        self._inward = {
            number: connector for connector, numbers in self._outward.items() for number in numbers
        }

    @property
    def count(self) -> int:
        """How many connectors the operator sees."""
        return len(self._inward)

    def outward(self, connector: int) -> int:
        """The operator's number of a connector; 0, the station as a whole, stays 0."""
        return self.all_outward(connector)[0]

    def all_outward(self, connector: int) -> tuple[int, ...]:
        """Every number that the operator knows a connector by; one that isn't ours keeps its own."""
        return self._outward.get(connector, (connector,))

    def inward(self, number: int) -> int | None:
        """The connector behind an operator's number; None where there is none."""
        return 0 if number == 0 else self._inward.get(number)


def _numbers(connector: Connector) -> tuple[int, ...]:
    number = connector.key.number
    plugs = sorted({_PLUG[socket] for socket in connector.sockets if socket in _PLUG})
    return tuple(10 * number + plug for plug in plugs) or (number,)
