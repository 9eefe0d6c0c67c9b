"""The units and names that types carry, so that an ampere can't be taken for a watt."""

from typing import NamedTuple, NewType

__all__ = [
    "NOMINAL_VOLTAGE",
    "NO_AMPS",
    "Amps",
    "BoxIdentity",
    "ConnectorKey",
    "Hertz",
    "MeterId",
    "Monotonic",
    "PhaseAmps",
    "Seconds",
    "TransactionId",
    "Volts",
    "WattHours",
    "Watts",
    "ZoneId",
]

Amps = float
"""RMS current in ampere, per phase."""
Watts = float
WattHours = float
Volts = float
Hertz = float
Seconds = float
Monotonic = float
"""A reading of the monotonic clock in seconds; only differences mean anything."""

PhaseAmps = tuple[Amps, Amps, Amps]
"""Current on L1, L2, L3; on *grid* phases unless the name says otherwise."""

NO_AMPS: PhaseAmps = (0.0, 0.0, 0.0)

NOMINAL_VOLTAGE: Volts = 230.0
"""Phase to neutral, IEC 60038."""

BoxIdentity = NewType("BoxIdentity", str)
"""OCPP charge box identity, unique on the site."""
ZoneId = NewType("ZoneId", str)
MeterId = NewType("MeterId", str)
TransactionId = NewType("TransactionId", int)


class ConnectorKey(NamedTuple):
    """A connector of the site: box identity and OCPP connector number (1 or 2)."""

    station: BoxIdentity
    number: int

    def __str__(self) -> str:
        return f"{self.station}/{self.number}"
