"""Where a Modbus meter is reached: at an address of the network, or on a serial line of this computer."""

from dataclasses import dataclass

__all__ = ["Endpoint", "SerialLine", "TcpEndpoint"]


@dataclass(frozen=True, slots=True)
class TcpEndpoint:
    """Modbus TCP: a meter, or a gateway with meters behind it."""

    host: str
    port: int = 502

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    def of_unit(self, unit: int) -> str:
        """As tables show the meter with this unit id (MT-8)."""
        return f"TCP {self}#{unit}"


@dataclass(frozen=True, slots=True)
class SerialLine:
    """Modbus RTU (MT-1). The factory settings of the iEM3x5x: 19200 baud, even parity, 1 stop bit.

    `parity` is E, O or N.
    """

    device: str
    baud: int = 19_200
    parity: str = "E"
    stop_bits: int = 1

    def __str__(self) -> str:
        return self.device

    def of_unit(self, unit: int) -> str:
        """As tables show the meter with this unit id (MT-8)."""
        return f"RTU {self}#{unit}"


Endpoint = TcpEndpoint | SerialLine
